"""The pages as a real browser shows them: readable for everyone, in both themes, on wide and narrow screens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

from syncsvc.core.model import Json
from syncsvc.core.references import make_reference
from syncsvc.errors import Actor
from syncsvc.services import users
from syncsvc.services.coaching import flags
from syncsvc.services.records import set_values
from syncsvc.services.sync import sync_table
from syncsvc.store import contacts, notices, records
from tests.example import Example, hold
from tests.factories import NOW, make_contact
from tests.serving import serving

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PAGES = [
    "/",
    "/klaerungen",
    "/klaerungen?stand=beantwortet",
    "/tabellen/bsp-beispielstadt",
    "/tabellen/bsp-beispielstadt/vorschau",
    "/tabellen/bsp-musterkreis/vorschau",
    "/doppelbetreuung",
    "/doppelbetreuung?stand=mistake",
    "/doppelbetreuung/1",
    "/doppelbetreuung/1?projekt=bsp",
    "/abgleiche/1",
    "/abgleiche/1/ruecknahme",
    "/ansprechpersonen",
    "/ansprechpersonen/neu",
    "/ansprechpersonen/ohne",
    "/ansprechpersonen/c-1",
    f"/teilnehmerin/{make_reference('BSP', 1)}",
    "/monatsabgleich",
    "/monatsabgleich/projekt/bsp",
    "/gibt-es-nicht",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(example: Example, app: Flask) -> Iterator[str]:
    """The pages on a real port: one table held, one with a conflict, an unreadable day and a row to come; a notice."""
    hold(example)
    with example.runtime.database.write() as session:
        text = "Tabelle „bsp-beispielstadt“: Die Datei ist nicht da."
        notices.add(session, audience=Actor.TABLE, code="x", text=text, now=example.clock.now(), table_id=1)
        contacts.upsert(session, make_contact())
    book = example.books["musterkreis"]
    sync_table(example.runtime, "bsp-musterkreis")
    book.set(2, 4, "kommt donnerstags")
    book.set(3, 3, "31.02.2026")
    set_values(example.runtime, str(book.get(2, 1)), {"custom.note": "kommt freitags"}, actor="test")
    sync_table(example.runtime, "bsp-musterkreis")
    book.set(4, 2, "Kaya, Derya")
    coach_twice(example, str(book.get(2, 1)))
    with serving(app) as address:
        yield address


def coach_twice(example: Example, ref: str) -> None:
    """The job centre assigned this woman to a coaching of its own."""
    with example.runtime.database.write() as session:
        record, project = records.get(session, ref), records.project_of(session, ref)
        measure: Json = {"measure": "sgb3_45_mat_single", "coaching": "hard"}
        records.save(session, project, [replace(record, values={**record.values, "measure": measure})], NOW)
        flags.follow(session, project, [ref], today=example.runtime.today(), now=NOW)


def log_in(tab: Tab, example: Example, address: str) -> None:
    tab.goto(users.login_link(example.runtime, "frau-berger", base_url=address))
    tab.get_by_role("button", name="Anmelden").click()
    tab.wait_for_url(address + "/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_the_policy_refuses_nothing(
    chromium: Browser, example: Example, address: str, theme: Literal["light", "dark"]
) -> None:
    complaints: list[str] = []
    with chromium.new_context(color_scheme=theme, viewport={"width": 1280, "height": 800}) as context:
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
        tab.goto(address + "/anmelden")
        complaints += found(tab)
        log_in(tab, example, address)
        for page in PAGES:
            tab.goto(address + page)
            complaints += found(tab)

    assert complaints == []


def found(tab: Tab) -> list[str]:
    violations = Axe().run(tab).response["violations"]
    return [f"{tab.url}: {violation['id']} {violation['nodes'][0]['html']}" for violation in violations]


def test_no_page_is_wider_than_a_telephone(chromium: Browser, example: Example, address: str) -> None:
    with chromium.new_context(viewport={"width": 390, "height": 800}) as context:
        tab = context.new_page()
        log_in(tab, example, address)
        for page in PAGES:
            tab.goto(address + page)
            assert tab.evaluate("document.documentElement.scrollWidth") <= 390, page


def test_a_review_prints_each_table_on_one_page(chromium: Browser, example: Example, address: str) -> None:
    """Two tables, two pages of paper; what is only for the screen stays away."""
    with chromium.new_context() as context:
        tab = context.new_page()
        log_in(tab, example, address)
        tab.goto(address + "/monatsabgleich/projekt/bsp")
        tab.emulate_media(media="print")
        assert not tab.get_by_role("button").filter(visible=True).count()
        assert tab.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 2


def test_everything_can_be_done_by_keyboard_without_scripts(chromium: Browser, example: Example, address: str) -> None:
    """From the overview to the answer of a question with Tab and Enter only."""
    with chromium.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        log_in(tab, example, address)
        focus(tab, "Sie: 2 Klärungen beantworten")
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/klaerungen?tabelle=bsp-musterkreis")
        focus(tab, "Der Wert der Tabelle gilt: „kommt donnerstags“")
        tab.keyboard.press("Enter")
        tab.get_by_role("status").wait_for()

    assert example.books["musterkreis"].get(2, 4) == "kommt donnerstags"


def focus(tab: Tab, label: str) -> None:
    """Press Tab until the link or button with this text has the focus."""
    for _ in range(60):
        tab.keyboard.press("Tab")
        focused = tab.locator(":focus")
        if focused.count() and focused.inner_text().strip() == label:
            return
    raise AssertionError(f"{label!r} cannot be reached with Tab")
