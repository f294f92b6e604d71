from __future__ import annotations

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
    assert state.endswith("Seit 02.03.2026, 09:00 Uhr.")
    assert who == "Wer die Tabelle oder den Dienst betreut"


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

    assert browser.open("/").rows()[1][1] == "ausgeschaltet"


def test_without_tables_it_says_how_to_begin(example: Example, browser: Page) -> None:
    with example.runtime.database.write() as session:
        for table in tables.all_tables(session):
            session.delete(table)

    assert "Noch keine Tabelle." in browser.open("/").text
    assert "syncsvc apply" in browser.text
