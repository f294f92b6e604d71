"""The pages as a real browser shows them: readable for everyone, in both themes, on wide and narrow screens.

With ``SYNCSVC_SCREENSHOTS=FOLDER`` each state is photographed in both themes and widths, for people to look at.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, ViewportSize, sync_playwright
from playwright.sync_api import Page as Tab

from syncsvc.core.access import Role
from syncsvc.services import users
from syncsvc.store.database import Database
from syncsvc.web import create_app
from syncsvc.web.rights import PUBLIC, RIGHTS
from tests.example import Example, make_example
from tests.factories import make_vault
from tests.serving import serving
from tests.web import pages

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

SCREENSHOTS = os.environ.get("SYNCSVC_SCREENSHOTS")

WIDE, NARROW = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=800)

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

WIDTH = "document.documentElement.scrollWidth"

AXE = """() => axe.run({resultTypes: ["violations"]}).then(
    found => found.violations.map(one => `${one.id}: ${one.nodes[0].html}`))"""

GERMAN = r"""() => {
    const said = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.data.trim();
        const german = /\b(nicht|wird|werden|bitte|noch|keine?|oder|eine[nr]?|ist|sind|wurden?|bis|seit|dem|zum?)\b/i;
        const others = walker.currentNode.parentElement.closest("code, script, .value, [lang=de]");
        if (german.test(text) && !others) said.push(text);
    }
    return said.map(text => `German on an English page: ${text}`);
}"""
"""Small words give a language away; ``value``: what stands in a cell; names of columns say that they are German."""

WATCH_FOCUS = """() => {
    const still = new CSSStyleSheet();
    still.replaceSync("* { transition: none !important; animation: none !important }");
    document.adoptedStyleSheets.push(still);
    document.activeElement?.blur();
    const look = one => {
        const shown = [one, one.parentElement, one.nextElementSibling].filter(Boolean).map(e => getComputedStyle(e));
        return shown.map(s => [s.outline, s.boxShadow, s.border, s.background, s.textDecoration].join()).join();
    };
    const controls = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
    )].filter(one => one.checkVisibility() && !one.disabled && one.tabIndex >= 0);
    window.controls = new Map(controls.map(one => [one, {before: look(one), reached: false, shown: false}]));
    document.addEventListener("focusin", event => {
        const known = window.controls.get(event.target);
        if (known) Object.assign(known, {reached: true, shown: look(event.target) !== known.before});
    });
    return controls.length + 2 + 3 * controls.filter(one => one.type === "date").length;
}"""
"""How often to press Tab; a day has three parts and a calendar."""

UNFOCUSED = """() => [...window.controls].filter(([one, seen]) => {
    const alike = ([other]) => one.type === "radio" && other.name === one.name;
    const group = [[one, seen], ...[...window.controls].filter(alike)];
    return !group.some(([, other]) => other.reached && other.shown);
}).map(([one, seen]) => `${seen.reached ? "focus not shown" : "not reached"}: ${one.outerHTML.slice(0, 200)}`)"""

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


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Example, str]]:
    """The furnished programme and its pages' address, for all states: looking at them changes nothing."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copy(sqlite_template, folder / "syncsvc.db")
    database = Database(f"sqlite:///{folder / 'syncsvc.db'}", make_vault())
    example = make_example(database, folder)
    users.add_user(example.runtime, "frau-berger")
    users.add_user(example.runtime, "herr-kaya", Role.AUDITOR)
    pages.furnish(example)
    app = create_app(example.runtime, secret_key="not secret")
    pages.begin_connecting(example, app)
    with serving(app) as address:
        yield example, address
    database.dispose()


@pytest.fixture(scope="module")
def desk(chromium: Browser, world: tuple[Example, str]) -> Iterator[Tab]:
    """Where somebody reads German, by day."""
    with tab_of(chromium, world, locale="de-DE", viewport=WIDE, color_scheme="light") as tab:
        log_in(tab, *world)
        yield tab


@pytest.fixture(scope="module")
def telephone(chromium: Browser, world: tuple[Example, str]) -> Iterator[Tab]:
    """Where somebody reads English, at night."""
    with tab_of(chromium, world, locale="en-GB", viewport=NARROW, color_scheme="dark") as tab:
        log_in(tab, *world)
        yield tab


@pytest.fixture(scope="module")
def audit(chromium: Browser, world: tuple[Example, str]) -> Iterator[Tab]:
    """Where somebody works who may not see people."""
    with tab_of(chromium, world, locale="de-DE", viewport=WIDE, color_scheme="light") as tab:
        log_in(tab, *world, "herr-kaya")
        yield tab


@pytest.fixture(scope="module")
def outside(chromium: Browser, world: tuple[Example, str]) -> Iterator[Tab]:
    """Before somebody has come in."""
    with tab_of(chromium, world, locale="de-DE", viewport=WIDE, color_scheme="light") as tab:
        yield tab


@pytest.fixture
def address(example: Example, app: Flask) -> Iterator[str]:
    """The same, for tests that change something."""
    pages.furnish(example)
    with serving(app) as address:
        yield address


@pytest.mark.parametrize("name", pages.STATES)
def test_a_page_is_for_everyone_at_a_desk(desk: Tab, name: str) -> None:
    """By day axe finds nothing, Tab reaches every control and each shows that it was reached, the browser has nothing
    to complain about, and German words fit a telephone.
    """
    assert look(desk, name, pages.STATES[name]) == []


@pytest.mark.parametrize("name", pages.STATES)
def test_a_page_is_for_everyone_on_a_telephone(telephone: Tab, name: str) -> None:
    """At night axe finds nothing, the page is no wider than the screen, and says all of its own in English."""
    assert look(telephone, name, pages.STATES[name]) == []


@pytest.mark.parametrize("name", pages.AUDITOR)
def test_a_page_without_people_is_for_everyone(audit: Tab, name: str) -> None:
    assert look(audit, name, pages.AUDITOR[name]) == []


@pytest.mark.parametrize("name", pages.STRANGER)
def test_a_page_is_for_strangers_too(outside: Tab, name: str) -> None:
    assert look(outside, name, pages.STRANGER[name]) == []


def test_every_page_is_looked_at(app: Flask) -> None:
    """Whoever adds a page adds how to get there to ``pages.STATES``."""
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods and "GET" in rule.methods}
    looked_at = {name.partition(":")[0] for name in (*pages.STATES, *pages.STRANGER)}

    assert gets & {*RIGHTS, *PUBLIC} - pages.NO_PAGES - looked_at == set()


def look(tab: Tab, name: str, way: pages.Way) -> list[str]:
    """What somebody who needs the page to be right would complain about."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        own_answer = message.location.get("url") == tab.url and "status of 4" in message.text
        if message.type == "error" and not own_answer:
            complaints.append(message.text)

    tab.on("console", hear)
    if isinstance(way, str):
        tab.goto(way)
    else:
        way(tab)
    complaints += tab.evaluate(AXE)
    photograph(tab, name)
    if tab.viewport_size == WIDE:
        complaints += look_closer(tab, name)
    else:
        complaints += tab.evaluate(GERMAN)
        if tab.evaluate(WIDTH) > NARROW["width"]:
            complaints.append("wider than a telephone")
    tab.remove_listener("console", hear)
    return complaints


def look_closer(tab: Tab, name: str) -> list[str]:
    """With the keyboard, and in German on a telephone."""
    for _ in range(tab.evaluate(WATCH_FOCUS)):
        tab.keyboard.press("Tab")
    complaints: list[str] = tab.evaluate(UNFOCUSED)
    tab.set_viewport_size(NARROW)
    if tab.evaluate(WIDTH) > NARROW["width"]:
        complaints.append("wider than a telephone in German")
    tab.set_viewport_size(WIDE)
    return complaints


def photograph(tab: Tab, name: str) -> None:
    """In both themes."""
    width = tab.viewport_size["width"] if tab.viewport_size else 0
    for theme in THEMES if SCREENSHOTS else ():
        tab.emulate_media(color_scheme=theme)
        file = f"{re.sub(r'[^a-z_.]+', '-', name)}.{width}.{theme}.png"
        tab.screenshot(path=Path(str(SCREENSHOTS)) / file, full_page=True)
    tab.emulate_media(color_scheme="light" if width == WIDE["width"] else "dark")


@contextmanager
def tab_of(chromium: Browser, world: tuple[Example, str], **options: Any) -> Iterator[Tab]:
    with chromium.new_context(base_url=world[1], **options) as context:
        context.add_init_script(Axe().axe_script)
        yield context.new_page()


def test_a_review_prints_each_table_on_one_page(chromium: Browser, example: Example, address: str) -> None:
    """Two tables, two pages of paper; what is only for the screen stays away."""
    with chromium.new_context(locale="de-DE") as context:
        tab = context.new_page()
        log_in(tab, example, address)
        tab.goto(address + "/monatsabgleich/projekt/bsp")
        tab.emulate_media(media="print")
        assert not tab.get_by_role("button").filter(visible=True).count()
        assert tab.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 2


def test_everything_can_be_done_by_keyboard_without_scripts(chromium: Browser, example: Example, address: str) -> None:
    """From the overview to the answer of a question with Tab and Enter only."""
    with chromium.new_context(java_script_enabled=False, locale="de-DE") as context:
        tab = context.new_page()
        log_in(tab, example, address)
        focus(tab, "2 Klärungen")
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/klaerungen?tabelle=bsp-musterkreis")
        focus(tab, "Der Wert der Tabelle gilt: „kommt donnerstags“")
        tab.keyboard.press("Enter")
        tab.get_by_role("status").filter(visible=True).first.wait_for()

    assert example.books["musterkreis"].get(2, 4) == "kommt donnerstags"


def log_in(tab: Tab, example: Example, address: str, name: str = "frau-berger") -> None:
    tab.goto(users.login_link(example.runtime, name, base_url=address))
    tab.locator("main button").click()
    tab.wait_for_load_state()
    if tab.url.endswith("/vertraulichkeit"):
        tab.locator("main button").click()
    tab.wait_for_url(address + "/")


def focus(tab: Tab, label: str) -> None:
    """Press Tab until the link or button with this text has the focus."""
    for _ in range(60):
        tab.keyboard.press("Tab")
        focused = tab.locator(":focus")
        if focused.count() and focused.inner_text().strip() == label:
            return
    raise AssertionError(f"{label!r} cannot be reached with Tab")
