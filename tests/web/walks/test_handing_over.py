"""A colleague leaves: her participants are handed over in the browser, the table follows, and it is taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.web.walks.conftest import Office, cells, sync_now

pytestmark = pytest.mark.browser

STAFF = """
contacts:
  - {key: c-vogel, organisation: jc-beispielstadt, family: Vogel, given: Ina, role: integration,
     phone: 030 23125-111}
  - {key: c-lang, organisation: jc-beispielstadt, family: Lang, given: Uta, role: integration,
     phone: 030 23125-112}
"""


def test_a_contact_hands_over_and_takes_back(tab: Tab, office: Office) -> None:
    office.apply(STAFF)
    file = office.write_book(
        "UEB Beispielstadt.xlsx",
        [
            ["Bauer, Olena", "Vogel, Ina", "01.09.2024", None],
            ["Lang, Iva", "Vogel, Ina", "15.10.2024", None],
            ["Roth, Lea", "Lang, Uta", "02.12.2024", None],
        ],
    )
    office.add_table("ueb", file)
    before = cells(file)
    office.log_in(tab)

    tab.get_by_role("link", name="Ansprechpersonen").click()
    tab.get_by_role("link", name="Vogel, Ina").click()
    expect(tab.get_by_role("heading", name="Zuständig für 2 Teilnehmerinnen")).to_be_visible()
    tab.get_by_role("combobox", name="Alle Teilnehmerinnen an").select_option("c-lang")
    tab.get_by_role("button", name="Vorschau der Übergabe").click()
    expect(tab.get_by_text(str(before[0][0]))).to_be_visible()
    sync_now(tab.context.new_page(), office, "ueb")
    assert cells(file) == before  # a preview does nothing
    tab.get_by_role("button", name="Jetzt übergeben").click()
    back = tab.get_by_role("button", name="Zurücknehmen")
    expect(back).to_be_visible()

    sync_now(tab.context.new_page(), office, "ueb")
    assert [row[2] for row in cells(file)] == ["Lang, Uta"] * 3

    back.click()
    expect(tab.get_by_text("Die Übergabe ist zurückgenommen: 2 Teilnehmerinnen.")).to_be_visible()
    sync_now(tab, office, "ueb")
    assert cells(file) == before
