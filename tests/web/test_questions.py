from __future__ import annotations

import pytest

from syncsvc.services.records import set_values
from syncsvc.services.sync import sync_table
from tests.example import Example, hold
from tests.web.browser import Page


@pytest.fixture
def conflict(example: Example) -> Example:
    """Both sides changed the note of the first woman, each in another way."""
    book = example.books["beispielstadt"]
    book.set(2, 4, "kommt montags")
    sync_table(example.runtime, "bsp-beispielstadt")
    book.set(2, 4, "kommt donnerstags")
    set_values(example.runtime, "BSP-0001-9", {"custom.note": "kommt freitags"}, actor="test")
    sync_table(example.runtime, "bsp-beispielstadt")
    return example


def test_a_conflict_shows_both_values_and_what_was_agreed(conflict: Example, browser: Page) -> None:
    browser.open("/klaerungen")

    assert "Zwei verschiedene Änderungen: Notiz · BSP-0001-9" in browser.text
    assert (
        "In der Tabelle kommt donnerstags Im Datensatz kommt freitags Zuletzt vereinbart kommt montags" in browser.text
    )


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        ("Der Wert der Tabelle gilt: „kommt donnerstags“", "kommt donnerstags"),
        ("Der Wert des Datensatzes gilt: „kommt freitags“", "kommt freitags"),
    ],
)
def test_an_answer_decides_and_is_remembered(conflict: Example, browser: Page, answer: str, stands: str) -> None:
    browser.open("/klaerungen").press(answer)

    assert "Nichts zu klären." in browser.text
    sync_table(conflict.runtime, "bsp-beispielstadt")
    assert conflict.books["beispielstadt"].get(2, 4) == stands
    assert f"Antwort: {answer}" in browser.open("/klaerungen?stand=beantwortet").text


def test_a_question_answered_meanwhile_is_refused(conflict: Example, browser: Page) -> None:
    """Two admins have the same list open; the second answer changes nothing."""
    browser.open("/klaerungen").press("Der Wert der Tabelle gilt: „kommt donnerstags“")
    address = "/klaerungen/1"
    token = browser.open("/").tree.xpath("//input[@name='csrf_token']/@value")[0]

    response = browser.client.post(address, data={"csrf_token": token, "choice": "record"})

    assert response.status_code == 409
    assert "Diese Klärung ist nicht mehr offen." in response.text


def test_questions_can_be_narrowed_to_one_table(conflict: Example, browser: Page) -> None:
    assert "BSP-0001-9" in browser.open("/klaerungen?tabelle=bsp-beispielstadt").text
    assert "Nichts zu klären." in browser.open("/klaerungen?tabelle=bsp-musterkreis").text


def test_an_unreadable_day_shows_what_was_typed(example: Example, browser: Page) -> None:
    sync_table(example.runtime, "bsp-beispielstadt")
    example.books["beispielstadt"].set(2, 3, "31.02.2026")
    sync_table(example.runtime, "bsp-beispielstadt")

    assert "In der Tabelle 31.02.2026 Im Datensatz 01.09.2024" in browser.open("/klaerungen").text


def test_a_held_table_is_released_only_from_its_preview(example: Example, browser: Page) -> None:
    hold(example)

    browser.open("/klaerungen?tabelle=bsp-beispielstadt")

    assert browser.buttons == ["Anzeigen"]
    assert "Freigeben" in browser.follow("Vorschau ansehen und freigeben").buttons
