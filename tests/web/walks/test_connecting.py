"""From nothing: somebody comes in, connects the .xlsx file of a project, and its first sync happens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.web.walks.conftest import Office, cells

pytestmark = pytest.mark.browser

UNREADABLE = "Spalte Eintritt: bitte ein genaues Datum TT.MM.JJJJ, z. B. 01.09.2024."


def test_a_file_is_connected_step_by_step_and_synced(tab: Tab, office: Office) -> None:
    office.add_project("neu")
    file = office.write_book(
        "NEU Beispielstadt.xlsx",
        [
            ["Demir, Leyla", "Müller, Anna", "01.09.2024", "kommt donnerstags"],
            ["Roth, Sabine", "Müller, Anna", "15.10.2024", None],
            ["Kaya, Derya", "Müller, Anna", "demnächst", None],
            ["Nowak, Ewa", "Schulz, Peter", "02.12.2024", None],
        ],
    )
    before = file.read_bytes()
    office.log_in(tab)

    tab.get_by_role("link", name="Tabelle verbinden").first.click()
    files = tab.get_by_role("region", name="Excel-Datei (.xlsx)")
    files.get_by_role("combobox", name="Datei").select_option("NEU Beispielstadt.xlsx")
    files.get_by_role("button", name="Weiter mit Excel-Datei (.xlsx)").click()

    expect(tab.get_by_role("heading", name="Der Zugriff klappt")).to_be_visible()
    tab.get_by_role("link", name="Weiter").click()

    tab.get_by_role("radio", name="Teilnehmerinnen").check()
    tab.get_by_role("combobox", name="Projekt").select_option("Projekt NEU")
    tab.get_by_role("combobox", name="Jobcenter").select_option("Jobcenter Beispielstadt")
    tab.get_by_role("button", name="Blatt lesen und weiter").click()

    expect(tab.get_by_role("radio", name=re.compile("Zeile 2 TN-Nr"))).to_be_checked()
    tab.get_by_role("button", name="Weiter", exact=True).click()

    tab.get_by_role("radio", name="Eine neue, aus den Überschriften und Werten vorgeschlagen").check()
    tab.get_by_role("button", name="Weiter", exact=True).click()

    rows = tab.get_by_role("table", name="Die ersten Zeilen der Tabelle, wie sie gelesen werden")
    expect(tab.get_by_role("combobox", name="Feld für „Eintritt“")).to_have_value("entry_date")
    expect(rows.get_by_role("row", name="5 Müller, Anna demnächst")).to_contain_text(UNREADABLE)
    expect(rows.get_by_text("Demir, Leyla")).to_have_count(0)  # names ask for level 3
    tab.get_by_role("combobox", name="Datenschutz: Was darf in die Tabelle?").select_option("3")
    expect(rows.get_by_text("Demir, Leyla")).to_be_visible()  # without anything being pressed
    expect(tab.get_by_text("3 von 4 Zeilen können abgeglichen werden.")).to_be_visible()
    tab.get_by_role("button", name="Weiter", exact=True).click()

    tab.get_by_role("radio", name="werktags um 7, 12 und 16 Uhr").check()
    expect(tab.get_by_role("status")).to_contain_text(re.compile("(0?7:00|12:00|16:00) Uhr"))
    tab.get_by_role("textbox", name="Fehlende Zeilen, in Prozent").fill("20")
    tab.get_by_role("button", name="Weiter zum Probelauf").click()

    written = tab.get_by_role("table", name="In die Tabelle")
    expect(written.get_by_role("row", name=re.compile("Zeile 5 TN-Nr. leer NEU-0003"))).to_be_visible()
    expect(written.get_by_role("row", name=re.compile(f"Hinweis leer {re.escape(UNREADABLE)}"))).to_be_visible()
    asked = tab.get_by_role("table", name="Zu klären")
    expect(asked.get_by_role("row", name=re.compile("NEU-0003.* Eintritt demnächst"))).to_be_visible()
    assert file.read_bytes() == before  # until here nothing has happened
    tab.get_by_role("button", name="Einschalten").click()

    expect(tab.get_by_text("Die Tabelle ist verbunden.")).to_be_visible()
    expect(tab.get_by_text("Zuletzt abgeglichen")).to_be_visible()  # the page follows by itself
    expect(tab.get_by_text("1 Klärung.")).to_be_visible()
    tab.get_by_role("link", name="Übersicht").first.click()
    row = tab.get_by_role("row", name="Jobcenter Beispielstadt Projekt NEU")
    expect(row).to_contain_text("1 Klärung")

    found = cells(file)
    assert [row[1:] for row in found] == [
        ["Demir, Leyla", "Müller, Anna", "01.09.2024", "kommt donnerstags", None],
        ["Roth, Sabine", "Müller, Anna", "15.10.2024", None, None],
        ["Kaya, Derya", "Müller, Anna", "demnächst", None, UNREADABLE],
        ["Nowak, Ewa", "Schulz, Peter", "02.12.2024", None, None],
    ]
    assert [str(row[0])[:8] for row in found] == ["NEU-0001", "NEU-0002", "NEU-0003", "NEU-0004"]
