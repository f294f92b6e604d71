"""The inbox by keyboard: move, answer, undo, help; the focus stays where the work goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect, sync_playwright

from syncsvc.services import users
from syncsvc.services.sync import sync_table
from tests.example import Example
from tests.serving import serving
from tests.web.browser import NOTICE
from tests.web.test_in_chromium import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
]


PATIENCE_MS = 20_000
"""A busy machine takes long to answer."""


@pytest.fixture
def tab(example: Example, app: Flask) -> Iterator[Tab]:
    """The inbox with three cards: three unreadable days, each another."""
    book = example.books["beispielstadt"]
    for row in (2, 3, 4):
        book.set(row, 2, f"Demir, Leyl{'abc'[row - 2]}")
        book.set(row, 3, f"{row}. Woche")
    sync_table(example.runtime, "bsp-beispielstadt")
    with serving(app) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_context(locale="de-DE").new_page()
        expect.set_options(timeout=PATIENCE_MS)
        tab.goto(users.login_link(example.runtime, "frau-berger", base_url=address))
        tab.get_by_role("button", name="Anmelden").click()
        tab.get_by_role("button", name=NOTICE).click()
        tab.goto(f"{address}/klaerungen?art=unreadable")
        yield tab
        browser.close()


def focused(tab: Tab) -> str:
    return str(tab.evaluate("document.activeElement.querySelector('h2')?.innerText ?? document.activeElement.tagName"))


def test_the_inbox_is_worked_through_by_keys(tab: Tab) -> None:
    titles = tab.locator("article h2").all_inner_texts()
    assert len(titles) == 3

    for key in "jjjjk":  # beyond the last it stays there
        tab.keyboard.press(key)
    assert focused(tab) == titles[1]
    tab.keyboard.press("4")  # there is no fourth answer
    assert tab.locator("article").count() == 3

    tab.keyboard.press("1")
    expect(tab.locator("article")).to_have_count(2)
    expect(tab.locator("[data-announce]")).to_contain_text("Gemerkt.")
    assert focused(tab) == titles[2]  # it took the answered one's place
    assert tab.url.endswith("/klaerungen?art=unreadable")

    tab.keyboard.press("u")
    expect(tab.locator("article")).to_have_count(3)
    expect(tab.locator("[data-announce]")).to_contain_text("Zurückgenommen")

    tab.locator("#tn").focus()
    tab.keyboard.type("1j")
    assert tab.locator("#tn").input_value() == "1j"
    assert tab.locator("article").count() == 3

    tab.locator("article").first.focus()
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Mit der Tastatur")).to_be_visible()
    tab.keyboard.press("1")  # answers nothing while the help is open
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    assert tab.locator("article").count() == 3
