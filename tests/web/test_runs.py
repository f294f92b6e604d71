from __future__ import annotations

import pytest

from syncsvc.services.sync import sync_table
from tests.example import Example
from tests.web.browser import Page


@pytest.fixture
def edited(example: Example) -> Example:
    """Run 2 took two notes from the table; since then somebody changed the second one."""
    book = example.books["beispielstadt"]
    sync_table(example.runtime, "bsp-beispielstadt")
    book.set(2, 4, "kommt donnerstags")
    book.set(3, 4, "spricht Dari")
    sync_table(example.runtime, "bsp-beispielstadt")
    book.set(3, 4, "spricht Dari und Urdu")
    return example


def test_a_run_lists_every_cell_it_changed(edited: Example, browser: Page) -> None:
    assert browser.open("/abgleiche/2").rows(1) == [
        ["BSP-0001-9", "Notiz", "Datensatz", "leer", "kommt donnerstags"],
        ["BSP-0002-7", "Notiz", "Datensatz", "leer", "spricht Dari"],
    ]


def test_the_undo_shows_what_it_takes_back_and_what_it_leaves_alone(edited: Example, browser: Page) -> None:
    browser.open("/abgleiche/2").follow("Abgleich zurücknehmen")

    assert "1 Stelle zurück, 1 bleibt." in browser.text
    assert browser.rows() == [["BSP-0001-9", "Notiz", "kommt donnerstags", "leer"]]
    assert "Das bleibt, wie es ist 1 Stelle: Seitdem geändert. BSP-0002-7: Notiz" in browser.text
    assert edited.books["beispielstadt"].get(2, 4) == "kommt donnerstags"


def test_an_undo_is_a_run_of_its_own_and_both_say_so(edited: Example, browser: Page) -> None:
    browser.open("/abgleiche/2").follow("Abgleich zurücknehmen").press("Jetzt zurücknehmen")

    assert "Dieser Abgleich nahm Nr. 2 zurück." in browser.text
    assert edited.books["beispielstadt"].get(2, 4) is None
    assert edited.books["beispielstadt"].get(3, 4) == "spricht Dari und Urdu"

    browser.follow("Nr. 2")

    assert "Zurückgenommen durch Nr. 3." in browser.text
    assert "Abgleich zurücknehmen" not in browser.text


def test_an_undo_does_only_what_its_preview_showed(edited: Example, browser: Page) -> None:
    """Somebody changes the first note as well between preview and button: nothing is done, and the page says so."""
    browser.open("/abgleiche/2/ruecknahme")
    edited.books["beispielstadt"].set(2, 4, "kommt freitags")

    browser.press("Jetzt zurücknehmen")

    assert browser.status == 409
    assert "Seit Ihrer Vorschau hat sich etwas geändert; es wurde nichts zurückgenommen." in browser.text
    assert "Nichts zurück, 2 bleiben." in browser.text
    assert edited.books["beispielstadt"].get(2, 4) == "kommt freitags"


def test_many_changed_cells_come_page_by_page(example: Example, browser: Page) -> None:
    """150 women with name and day of entry: 300 places, 200 to a page."""
    book = example.books["beispielstadt"]
    book.rows[1:] = [
        [None, f"Kaya, Ay{first}{second}", "01.09.2024", None, None]
        for first in "abcdefghij"
        for second in "abcdefghijklmno"
    ]
    sync_table(example.runtime, "bsp-beispielstadt")

    sizes = [len(browser.open(f"/abgleiche/1?seite={page}").rows(1)) for page in (1, 2)]

    assert sizes == [200, 100]
    assert "300 Stellen, nach TN-Nr. geordnet." in browser.text


def test_an_unknown_run_is_not_found(browser: Page) -> None:
    assert browser.open("/abgleiche/77").status == 404
