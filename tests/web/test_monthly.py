"""The monthly meeting's page: what changed since the last one, what is open, who has nobody, who confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncsvc.services.sync import sync_table
from tests.example import Example
from tests.web.browser import Page
from tests.web.staff import CONFIRMED, CONTACT, DAY, staff

TABLE = "/monatsabgleich/bsp-beispielstadt"


@pytest.fixture
def meeting(example: Example, browser: Page, tmp_path: Path) -> Example:
    """Both sides confirmed on 2 March; a day has passed since."""
    staff(example, tmp_path)
    browser.open(TABLE)
    browser.press("Für das Projekt bestätigen")
    browser.press("Für das Jobcenter bestätigen")
    example.clock.pass_by(days=1)
    browser.come_in(example.runtime)
    return example


def edit(example: Example, row: int, column: int, text: str | None) -> None:
    example.books["beispielstadt"].set(row, column, text)
    sync_table(example.runtime, "bsp-beispielstadt")


def section(page: Page, title: str) -> str:
    """The words below a heading that begins so."""
    for part in page.tree.iter("section"):
        heading = part.find("h2")
        if heading is not None and heading.text_content().startswith(title):
            return " ".join(part.text_content().split()).removeprefix(title).strip()
    raise AssertionError(title)


def test_a_project_lists_its_tables_with_what_both_sides_said(example: Example, browser: Page, tmp_path: Path) -> None:
    """Before anybody said anything, and after one click for each side."""
    staff(example, tmp_path)
    assert browser.open("/").follow("Monatsabgleich").rows()[0][1:] == [
        "noch nie bestätigt",
        "noch nie bestätigt",
        "keine",
    ]

    browser.follow("Jobcenter Beispielstadt").press("Für das Jobcenter bestätigen")
    assert "Das Jobcenter bestätigt den Stand 03/2026" in browser.text

    assert browser.open("/monatsabgleich").rows()[0][1:] == [
        "noch nie bestätigt",
        "03/2026, bestätigt von frau-berger am 02.03.2026, 09:00 Uhr",
        "keine",
    ]


def test_what_was_typed_in_the_table_is_told_as_such(meeting: Example, browser: Page) -> None:
    """The job centre typed April into every row."""
    meeting.clock.pass_by(days=30)
    for row in range(2, 6):
        meeting.books["beispielstadt"].set(row, CONFIRMED, "04/2026")
    sync_table(meeting.runtime, "bsp-beispielstadt")
    browser.come_in(meeting.runtime)

    assert "04/2026, in der Tabelle eingetragen am 02.04.2026" in section(browser.open(TABLE), "Stand bestätigt")


def test_changes_are_told_by_participant_from_old_to_new(meeting: Example, browser: Page) -> None:
    """As people read them, the whole way since the confirmation, and nothing that went back."""
    edit(meeting, 2, DAY, "05.10.2024")
    edit(meeting, 2, DAY, "06.10.2024")
    edit(meeting, 3, DAY, "05.10.2024")
    edit(meeting, 3, DAY, "02.09.2024")

    told = section(browser.open(TABLE), "Was sich geändert hat")

    assert told == "(1 Teilnehmerin) BSP-0001-9 Eintritt: 01.09.2024 → danach 06.10.2024"


def test_the_same_change_in_many_rows_is_told_once(meeting: Example, browser: Page) -> None:
    """A hand-over is one line with three references."""
    for row in (2, 3, 4):
        meeting.books["beispielstadt"].set(row, CONTACT, "Schulz, Peter")
    sync_table(meeting.runtime, "bsp-beispielstadt")

    told = section(browser.open(TABLE), "Was sich geändert hat")

    assert "3 Teilnehmerinnen" in told
    assert told.count("Ansprechperson JC: Müller, Anna → danach Schulz, Peter") == 1
    assert "BSP-0001-9, BSP-0002-7, BSP-0003-5" in told


def test_who_came_meanwhile_is_new(meeting: Example, browser: Page) -> None:
    """With what is known of her."""
    meeting.books["beispielstadt"].rows.append([None, "Demir, Leyla", "Müller, Anna", "01.03.2026", None, None])
    sync_table(meeting.runtime, "bsp-beispielstadt")

    told = section(browser.open(TABLE), "Was sich geändert hat")

    assert "neu:" in told
    assert "Eintritt: 01.03.2026" in told


def test_the_day_to_look_back_to_can_be_chosen(meeting: Example, browser: Page) -> None:
    """Nothing happened since the confirmation; on 1 March there was nobody yet."""
    assert section(browser.open(TABLE), "Was sich geändert hat") == "Nichts."
    assert "neu:" in section(browser.open(f"{TABLE}?seit=2026-03-01"), "Was sich geändert hat")
    assert browser.open(f"{TABLE}?seit=gestern").status == 200, "no day: the last confirmation"


def test_before_any_confirmation_the_first_takeover_is_no_news(example: Example, browser: Page, tmp_path: Path) -> None:
    """Only what came after the table's first sync."""
    staff(example, tmp_path)
    assert section(browser.open(TABLE), "Was sich geändert hat") == "Nichts."
    example.clock.pass_by(days=1)
    edit(example, 2, DAY, "05.10.2024")
    browser.come_in(example.runtime)
    assert "(1 Teilnehmerin)" in section(browser.open(TABLE), "Was sich geändert hat")


def test_one_sides_confirmation_hides_nothing_from_the_side_that_never_confirmed(
    example: Example, browser: Page, tmp_path: Path
) -> None:
    """A change before the job centre's click is still news to the project, for up to 35 days before it."""
    staff(example, tmp_path)
    example.clock.pass_by(days=1)
    edit(example, 2, DAY, "05.10.2024")
    example.clock.pass_by(days=40)
    edit(example, 3, DAY, "05.10.2024")
    example.clock.pass_by(days=1)
    browser.come_in(example.runtime).open(TABLE).press("Für das Jobcenter bestätigen")
    told = section(browser.open(TABLE), "Was sich geändert hat")
    assert "BSP-0002-7" in told
    assert "BSP-0001-9" not in told, "41 days before the confirmation"


def test_who_has_nobody_and_what_is_open_stands_beside(meeting: Example, browser: Page) -> None:
    """An unreadable day is a question; the fourth woman has no contact."""
    edit(meeting, 3, DAY, "31.02.2026")
    browser.open(TABLE)

    assert "BSP-0004-3 Ansprechperson fehlt" in section(browser, "Ohne gültige Ansprechperson (1)")
    assert "BSP-0002-7" in section(browser, "Offene Klärungen (1)")


def test_a_project_is_printed_table_by_table(meeting: Example, browser: Page) -> None:
    """All tables in a row; the browser's print command gives each a page."""
    browser.open("/monatsabgleich/projekt/bsp")
    headings = [" ".join(h.text_content().split()) for h in browser.tree.iter("h1")]
    assert headings == ["Jobcenter Beispielstadt", "Jobcenter Musterkreis"]


def test_a_month_that_has_not_begun_is_refused_with_a_sentence(meeting: Example, browser: Page) -> None:
    """And nothing changes."""
    token = browser.tree.find(".//input[@name='csrf_token']").get("value")
    fields = {"csrf_token": token, "seite": "project", "monat": "12/2030"}
    answer = browser.client.post(f"{TABLE}/bestaetigen", data=fields, follow_redirects=True)
    assert "Dieser Monat hat noch nicht begonnen." in answer.text


def test_an_unknown_table_is_not_found(browser: Page) -> None:
    """Neither is a project's list empty."""
    assert browser.open("/monatsabgleich/gibt-es-nicht").status == 404
    assert browser.open("/monatsabgleich/projekt/gibt-es-nicht").status == 404
