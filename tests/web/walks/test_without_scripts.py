"""The same with forms and links alone: a file is connected, a question answered, the answer and a run taken back."""

from __future__ import annotations

import re

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.web.walks.conftest import Office, cells, edit, press

pytestmark = pytest.mark.browser


@pytest.fixture
def scripts() -> bool:
    return False


def test_a_table_is_connected_and_kept_without_scripts(tab: Tab, office: Office) -> None:
    office.add_project("ohn")
    file = office.write_book(
        "OHN Beispielstadt.xlsx",
        [["Nowak, Olena", "Müller, Anna", "01.09.2024", None], ["Koch, Lea", "Schulz, Peter", "demnächst", None]],
    )
    office.log_in(tab)

    tab.get_by_role("link", name="Tabelle verbinden").first.click()
    files = tab.get_by_role("region", name="Excel-Datei (.xlsx)")
    files.get_by_role("combobox", name="Datei").select_option("OHN Beispielstadt.xlsx")
    files.get_by_role("button", name="Weiter mit Excel-Datei (.xlsx)").click()
    tab.get_by_role("link", name="Weiter").click()
    tab.get_by_role("combobox", name="Projekt").select_option("Projekt OHN")
    tab.get_by_role("combobox", name="Jobcenter").select_option("Jobcenter Beispielstadt")
    tab.get_by_role("button", name="Blatt lesen und weiter").click()
    tab.get_by_role("button", name="Weiter", exact=True).click()
    tab.get_by_role("radio", name="Eine neue, aus den Überschriften und Werten vorgeschlagen").check()
    tab.get_by_role("button", name="Weiter", exact=True).click()
    tab.get_by_role("combobox", name="Datenschutz: Was darf in die Tabelle?").select_option("3")
    tab.get_by_role("button", name="Vorschau aktualisieren").click()
    expect(tab.get_by_role("cell", name="Nowak, Olena")).to_be_visible()
    tab.get_by_role("button", name="Weiter", exact=True).click()
    tab.get_by_role("radio", name="montags um 6 Uhr").check()
    tab.get_by_role("button", name="Nächste Termine zeigen").click()
    expect(tab.get_by_role("status")).to_contain_text("6:00 Uhr")
    tab.get_by_role("textbox", name="Ruhezeit von").fill("00:00")  # or the next tick carries the answer out
    tab.get_by_role("textbox", name="bis", exact=True).fill("23:59")
    tab.get_by_role("button", name="Weiter zum Probelauf").click()
    tab.get_by_role("button", name="Einschalten").click()
    expect(tab.get_by_text("Die Tabelle ist verbunden.")).to_be_visible()
    follow(tab, office)
    assert [str(row[0])[:8] for row in cells(file)] == ["OHN-0001", "OHN-0002"]

    def type_in(sheet: Worksheet) -> None:
        sheet["D3"], sheet["E3"] = "bald", "kommt freitags"

    edit(file, type_in)
    press(tab, "Jetzt abgleichen")
    follow(tab, office)
    tab.get_by_role("link", name="2 Klärungen beantworten").click()
    answer = tab.get_by_role("button", name="In die Zelle schreiben, was im Datensatz steht: „01.09.2024“")
    answer.click()
    tab.get_by_role("button", name="Rückgängig").click()
    expect(tab.get_by_text("2 offene Klärungen")).to_be_visible()
    answer.click()
    expect(tab.get_by_text("1 offene Klärung")).to_be_visible()

    tab.goto(f"{office.url}/tabellen/ohn-beispielstadt")
    press(tab, "Jetzt abgleichen")
    follow(tab, office)
    assert [row[3:5] for row in cells(file)] == [["01.09.2024", "kommt freitags"], ["demnächst", None]]

    tab.get_by_role("row", name="1 Datensatz geändert").get_by_role("link").first.click()
    tab.get_by_role("link", name="Abgleich zurücknehmen").click()
    expect(tab.get_by_role("row", name=re.compile("Notiz kommt freitags leer"))).to_be_visible()
    tab.get_by_role("button", name="Jetzt zurücknehmen").click()
    expect(tab.get_by_text("Dieser Abgleich nahm")).to_be_visible()
    office.synced("ohn-beispielstadt")
    assert [row[3:5] for row in cells(file)] == [["01.09.2024", None], ["demnächst", None]]


def follow(tab: Tab, office: Office) -> None:
    """Load the table's page anew until its sync is done, as the page itself would."""
    office.synced(tab.url.rsplit("/", 1)[1])
    tab.reload()
    expect(tab.get_by_role("button", name="Jetzt abgleichen")).to_be_visible()
