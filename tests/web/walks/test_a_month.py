"""An ordinary month: both sides type, questions are answered by keyboard, an answer and a run are taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.web.walks.conftest import Office, Row, cells, edit, sync_now

pytestmark = pytest.mark.browser

ROWS: list[Row] = [
    ["Arslan, Elif", "Müller, Anna", "01.09.2024", "kommt donnerstags"],
    ["Weber, Eva", "Müller, Anna", "15.10.2024", None],
    ["Koch, Mia", "Müller, Anna", "02.12.2024", None],
    ["Klein, Ada", "Schulz, Peter", "09.12.2024", None],
]
ENTRY, NOTE = "D", "E"


def references(file: Path) -> list[str]:
    return [str(row[0]) for row in cells(file)]


def test_answers_by_keyboard_reach_the_file_and_can_be_taken_back(tab: Tab, office: Office) -> None:
    file = office.write_book("MON Beispielstadt.xlsx", ROWS)
    office.add_table("mon", file, edited_by="jobcentre")
    elif_ = references(file)[0]
    office.log_in(tab)

    tab.goto(f"{office.url}/teilnehmerin/{elif_}")
    tab.get_by_text("Ändern: Notiz").click()
    tab.get_by_role("textbox", name="Notiz").fill("kommt montags")
    tab.get_by_role("button", name=re.compile("Speichern.*Notiz")).click()
    expect(tab.get_by_text("kommt montags").first).to_be_visible()

    def type_in(sheet: Worksheet) -> None:
        sheet[f"{NOTE}3"] = "kommt freitags"  # while the record says Monday: a conflict
        sheet[f"{ENTRY}4"] = "01.11.2024"  # the project's column: a proposal
        sheet[f"{ENTRY}5"] = "bald"
        sheet[f"{NOTE}6"] = "nur vormittags"

    edit(file, type_in)
    sync_now(tab, office, "mon")
    tab.get_by_role("link", name="3 Klärungen beantworten").click()

    unreadable = tab.get_by_role("article", name="Nicht lesbar")
    proposal = tab.get_by_role("article", name="Vorschlag")
    conflict = tab.get_by_role("article", name="Zwei verschiedene Änderungen")
    expect(conflict).to_be_visible()
    tab.keyboard.press("j")
    expect(unreadable).to_be_focused()
    tab.keyboard.press("j")
    expect(proposal).to_be_focused()
    tab.keyboard.press("2")
    expect(tab.get_by_text("2 offene Klärungen")).to_be_visible()
    tab.keyboard.press("u")
    expect(tab.get_by_text("3 offene Klärungen")).to_be_visible()
    expect(proposal).to_be_focused()  # it stands again where it stood
    tab.keyboard.press("1")
    expect(conflict).to_be_focused()
    tab.keyboard.press("2")
    expect(unreadable).to_be_focused()
    tab.keyboard.press("1")
    expect(tab.get_by_text("Nichts zu klären")).to_be_visible()
    sync_now(tab, office, "mon")

    assert [row[1:] for row in cells(file)] == [
        ["Arslan, Elif", "Müller, Anna", "01.09.2024", "kommt montags", None],
        ["Weber, Eva", "Müller, Anna", "01.11.2024", None, None],
        ["Koch, Mia", "Müller, Anna", "02.12.2024", None, None],
        ["Klein, Ada", "Schulz, Peter", "09.12.2024", "nur vormittags", None],
    ]


def test_a_run_is_taken_back_but_for_what_was_edited_since(tab: Tab, office: Office) -> None:
    file = office.write_book("RUE Beispielstadt.xlsx", ROWS)
    office.add_table("rue", file)
    first, second = references(file)[:2]
    office.log_in(tab)

    def type_in(sheet: Worksheet) -> None:
        sheet[f"{NOTE}3"] = "kommt freitags"
        sheet[f"{ENTRY}4"] = "01.11.2024"

    edit(file, type_in)
    sync_now(tab, office, "rue")
    edit(file, lambda sheet: sheet.cell(3, 5, "kommt samstags"))
    sync_now(tab, office, "rue")

    tab.get_by_role("row", name="2 Datensätze geändert").get_by_role("link").first.click()
    tab.get_by_role("link", name="Abgleich zurücknehmen").click()
    expect(tab.get_by_text("1 Stelle zurück, 1 bleibt.")).to_be_visible()
    expect(tab.get_by_role("row", name=f"{second} Eintritt 01.11.2024 15.10.2024")).to_be_visible()
    expect(tab.get_by_role("listitem").filter(has_text=f"{first}: Notiz")).to_be_visible()
    tab.get_by_role("button", name="Jetzt zurücknehmen").click()
    expect(tab.get_by_text("Dieser Abgleich nahm")).to_be_visible()

    office.synced("rue")
    assert [row[3:5] for row in cells(file)][:2] == [["01.09.2024", "kommt samstags"], ["15.10.2024", None]]
