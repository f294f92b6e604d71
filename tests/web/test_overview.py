from __future__ import annotations

from contextlib import suppress

import pytest

from syncsvc.errors import PlatformBusy, TableForbidden, TableLocked
from syncsvc.services.sync import sync_table
from syncsvc.store import tables
from tests.example import Example, hold
from tests.web.browser import Page

BEISPIELSTADT = "Jobcenter Beispielstadt Beispielprojekt bsp-beispielstadt"
MUSTERKREIS = "Jobcenter Musterkreis Beispielprojekt bsp-musterkreis"


def sync(example: Example, *keys: str) -> None:
    for key in keys:
        sync_table(example.runtime, key)


def test_before_the_first_sync_every_table_says_so(browser: Page) -> None:
    browser.open("/")

    assert "2 Tabellen: 2 noch nie abgeglichen. Keine offene Klärung." in browser.text
    assert browser.rows() == [
        [BEISPIELSTADT, "noch nie abgeglichen", "noch keine", "niemand"],
        [MUSTERKREIS, "noch nie abgeglichen", "noch keine", "niemand"],
    ]


def test_a_healthy_table_says_when_it_was_last_looked_at_and_last_agreed(example: Example, browser: Page) -> None:
    """08:00 UTC on 2 March is 09:00 in Berlin."""
    sync(example, "bsp-beispielstadt")
    example.clock.pass_by(hours=2)
    sync(example, "bsp-beispielstadt")
    example.clock.pass_by(minutes=12)

    browser.open("/")

    assert [
        BEISPIELSTADT,
        "aktuell zuletzt abgeglichen vor 12 Minuten",
        "02.03.2026, 09:00 Uhr",
        "niemand",
    ] in browser.rows()


def test_a_failing_table_comes_first_and_says_why_and_since_when(example: Example, browser: Page) -> None:
    sync(example, "bsp-beispielstadt")
    example.books["musterkreis"].gone = True
    sync(example, "bsp-musterkreis")

    table, state, _, who = browser.open("/").rows()[0]

    assert table == MUSTERKREIS
    assert state.startswith("gestört Die Datei oder das Blatt der Tabelle ist nicht da.")
    assert state.endswith("Seit 02.03.2026, 09:00 Uhr. Nächster Versuch: 02.03.2026, 09:01 Uhr.")
    assert who == "Ihre Tabelle: wer sie pflegt"


@pytest.mark.parametrize(
    ("error", "who"),
    [
        (TableLocked(), "Ihre Tabelle: wer sie pflegt"),
        (TableForbidden(), "Ihr Zugang: wer die Freigaben erteilt"),
        (PlatformBusy(), "Die Plattform: niemand muss etwas tun"),
        (ValueError("Demir, Leyla"), "Der Dienst: wer ihn betreibt"),
    ],
)
def test_a_failing_table_says_whose_turn_it_is(example: Example, browser: Page, error: Exception, who: str) -> None:
    def fail() -> None:
        raise error

    example.books["musterkreis"].before_read = fail
    with suppress(ValueError):
        sync(example, "bsp-musterkreis")

    assert browser.open("/").rows()[0][3] == who
    assert f"Wer ist dran: {who}." in browser.open("/tabellen/bsp-musterkreis").text


def test_a_table_that_was_given_up_says_that_it_is_tried_daily(example: Example, browser: Page) -> None:
    example.books["musterkreis"].gone = True
    for _ in range(8):
        sync(example, "bsp-musterkreis")

    state = browser.open("/").rows()[0][1]

    assert state.startswith("pausiert, täglicher Versuch Die Datei")
    assert state.endswith("Nächster Versuch: 03.03.2026, 09:00 Uhr.")


def test_open_questions_send_the_admin_to_their_list(example: Example, browser: Page) -> None:
    sync(example, "bsp-beispielstadt")
    example.books["beispielstadt"].set(2, 3, "31.02.2026")
    sync(example, "bsp-beispielstadt")

    browser.open("/")

    assert "1 offene Klärung" in browser.text
    assert "31.02.2026" in browser.follow("Sie: 1 Klärung beantworten").text


def test_a_held_table_asks_for_a_release(example: Example, browser: Page) -> None:
    hold(example)

    _, state, _, who = browser.open("/").rows()[0]

    assert state.startswith("angehalten")
    assert who == "Sie: Vorschau ansehen und freigeben"


def test_a_table_switched_off_says_so(example: Example, browser: Page) -> None:
    with example.runtime.database.write() as session:
        tables.get(session, "bsp-musterkreis").enabled = False

    assert browser.open("/").rows()[1][1] == "pausiert"


def test_without_tables_it_says_how_to_begin(example: Example, browser: Page) -> None:
    with example.runtime.database.write() as session:
        for table in tables.all_tables(session):
            session.delete(table)

    assert "Noch keine Tabelle." in browser.open("/").text
    assert "syncsvc apply" in browser.text
