"""A table at Google that nobody shared with the service: what is missing is said and mended, and it is connected."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.fakes.sheets_server import OWNER, SheetsServer
from tests.web.walks.conftest import HEADER, Office

pytestmark = pytest.mark.browser


def test_a_missing_share_is_named_and_mended(tab: Tab, office: Office, google: SheetsServer, robot: str) -> None:
    office.add_project("goo")
    file = google.spreadsheet(
        [HEADER, ["", "Demir, Leyla", "Müller, Anna", "01.09.2024", "kommt donnerstags", ""]], tab="Liste"
    )
    lena = google.person(OWNER, file)
    office.log_in(tab)

    tab.get_by_role("link", name="Tabelle verbinden").first.click()
    place = tab.get_by_role("region", name="Google Sheets")
    place.get_by_role("textbox", name="Adresse der Tabelle").fill(
        f"https://docs.google.com/spreadsheets/d/{file.document.id}/edit#gid=0"
    )
    place.get_by_role("button", name="Weiter mit Google Sheets").click()

    expect(tab.get_by_role("heading", name="Hier fehlt noch etwas")).to_be_visible()
    expect(tab.get_by_role("main")).to_contain_text(robot)
    lena.share(robot)
    tab.get_by_role("button", name="Noch einmal prüfen").click()
    expect(tab.get_by_role("heading", name="Der Zugriff klappt")).to_be_visible()
    tab.get_by_role("link", name="Weiter").click()

    tab.get_by_role("radio", name="Liste").check()
    tab.get_by_role("combobox", name="Projekt").select_option("Projekt GOO")
    tab.get_by_role("button", name="Blatt lesen und weiter").click()
    tab.get_by_role("button", name="Weiter", exact=True).click()
    tab.get_by_role("radio", name="Eine neue, aus den Überschriften und Werten vorgeschlagen").check()
    tab.get_by_role("button", name="Weiter", exact=True).click()
    tab.get_by_role("button", name="Weiter", exact=True).click()
    tab.get_by_role("button", name="Weiter zum Probelauf").click()
    tab.get_by_role("button", name="Einschalten").click()
    expect(tab.get_by_text("Zuletzt abgeglichen")).to_be_visible()

    row = [lena.shown(f"{column}2") for column in "ABCDE"]
    assert str(row[0]).startswith("GOO-0001")
    assert row[1:3] == ["Demir, Leyla", "Müller, Anna"]
    assert row[4] == "kommt donnerstags"
    assert not google.overwritten_by_service()
