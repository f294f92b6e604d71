"""A column is added to a mapping in use: its effect is shown first, then the table is released and follows."""

from __future__ import annotations

import re

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.web.walks.conftest import Office, cells, edit, sync_now

pytestmark = pytest.mark.browser


def test_a_new_column_shows_its_effect_before_the_table_follows(tab: Tab, office: Office) -> None:
    file = office.write_book(
        "ZUO Beispielstadt.xlsx",
        [["Demir, Ayla", "Müller, Anna", "01.09.2024", None], ["Kaya, Sofie", "Müller, Anna", "15.10.2024", None]],
    )
    office.add_table("zuo", file)
    ref = str(cells(file)[0][0])

    def add_column(sheet: Worksheet) -> None:
        sheet["G2"], sheet["G3"] = "Raum", "B 12"

    edit(file, add_column)
    office.log_in(tab)

    tab.get_by_role("group").filter(has_text="Mehr").first.click()
    tab.get_by_role("link", name="Zuordnungen").click()
    tab.get_by_role("link", name="Liste ZUO").click()
    tab.get_by_role("button", name="Bearbeiten").click()
    tab.get_by_role("combobox", name="Zeilen aus").select_option("zuo")
    tab.get_by_role("button", name=re.compile("Zeilen .*lesen")).click()
    tab.get_by_role("combobox", name="Feld für „Raum“").select_option("custom")
    rows = tab.get_by_role("table", name="Die ersten Zeilen der Tabelle, wie sie gelesen werden")
    expect(rows.get_by_text("B 12")).to_be_visible()  # the preview follows by itself
    tab.get_by_role("button", name="Weiter: Wirkung ansehen").click()

    effect = tab.get_by_role("row", name="zuo")
    expect(effect).to_contain_text("1 Datensatz geändert")
    tab.get_by_role("textbox", name="Warum?").fill("Der Raum wird gebraucht.")
    tab.get_by_role("button", name="Speichern und Tabellen freigeben").click()
    expect(tab.get_by_text("Fassung 2").first).to_be_visible()
    sync_now(tab, office, "zuo")

    tab.goto(f"{office.url}/teilnehmerin/{ref}")
    tab.get_by_text("Ändern: Raum").click()
    room = tab.get_by_role("textbox", name="Raum")
    expect(room).to_have_value("B 12")
    room.fill("C 3")
    tab.get_by_role("button", name=re.compile("Speichern.*Raum")).click()
    expect(tab.get_by_text("C 3").first).to_be_visible()
    sync_now(tab, office, "zuo")
    assert [row[-1] for row in cells(file, 7)] == ["C 3", None]
