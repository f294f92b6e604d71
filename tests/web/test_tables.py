from __future__ import annotations

from syncsvc.errors import PlatformThrottled
from syncsvc.services.sync import sync_table
from syncsvc.store import tables
from tests.example import Example, hold
from tests.jobs.engine import tick, with_one_account
from tests.web.browser import Page

TABLE = "/tabellen/bsp-beispielstadt"


def test_the_preview_says_what_a_run_would_do_and_writes_nothing(example: Example, browser: Page) -> None:
    """Names and days as people write them, and where each value would go."""
    before = [list(row) for row in example.books["beispielstadt"].rows]

    browser.open(TABLE).follow("Vorschau und Abgleich")

    assert "Diese Vorschau hat nichts verändert." in browser.text
    rows = browser.rows()
    assert [
        "BSP-0001-9 Zeile 2",
        "Name",
        "leer",
        "Demir, Leyla",
        "in den Datensatz",
        "neue Zeile in der Tabelle",
    ] in rows
    assert [
        "BSP-0001-9 Zeile 2",
        "Eintritt",
        "leer",
        "01.09.2024",
        "in den Datensatz",
        "neue Zeile in der Tabelle",
    ] in rows
    assert [
        "ohne TN-Nr. Zeile 2",
        "TN-Nr.",
        "leer",
        "BSP-0001-9",
        "in die Tabelle",
        "die Zeile bekommt ihre TN-Nr.",
    ] in rows
    assert example.books["beispielstadt"].rows == before
    assert "Noch kein Abgleich." in browser.open(TABLE).text


def test_a_run_from_the_preview_shows_a_receipt_that_adds_up(example: Example, browser: Page) -> None:
    """Two women with name and day of entry are four values, all taken over into the records."""
    browser.open(TABLE).follow("Vorschau und Abgleich").press("Jetzt abgleichen")

    assert example.books["beispielstadt"].get(2, 1) == "BSP-0001-9"
    assert browser.rows() == [
        ["Auf beiden Seiten gleich", "0"],
        ["Auf die andere Seite übernommen", "4"],
        ["In einer offenen Klärung", "0"],
        ["Ersetzt, im Verlauf aufbewahrt", "0"],
        ["Verloren", "0"],
    ]
    assert "Vorher vorhanden 4" in browser.text
    assert "veranlasst von: frau-berger" in browser.text
    assert ["BSP-0001-9", "Eintritt", "Datensatz", "leer", "01.09.2024"] in browser.rows(1)


def test_a_run_does_only_what_its_preview_showed(example: Example, browser: Page) -> None:
    """Somebody types between preview and button: nothing is done, and the new preview says so."""
    browser.open(TABLE).follow("Vorschau und Abgleich")
    example.books["beispielstadt"].set(3, 4, "kommt donnerstags")

    browser.press("Jetzt abgleichen")

    assert browser.status == 409
    assert "Seit Ihrer Vorschau hat sich etwas geändert" in browser.text
    assert "kommt donnerstags" in browser.text
    assert example.books["beispielstadt"].get(2, 1) is None

    browser.press("Jetzt abgleichen")

    assert browser.status == 200
    assert example.books["beispielstadt"].get(2, 1) == "BSP-0001-9"


def test_nothing_to_do_is_said_and_offers_no_run(example: Example, browser: Page) -> None:
    sync_table(example.runtime, "bsp-beispielstadt")

    browser.open(TABLE).follow("Vorschau und Abgleich")

    assert "Nichts: Tabelle und Datensätze sind sich einig." in browser.text
    assert browser.buttons == []


def test_a_table_that_is_gone_shows_why_instead_of_a_preview(example: Example, browser: Page) -> None:
    example.books["beispielstadt"].gone = True

    browser.open(TABLE).follow("Vorschau und Abgleich")

    assert browser.status == 200
    assert "Die Datei oder das Blatt der Tabelle ist nicht da." in browser.text
    assert browser.buttons == []


def test_a_held_table_is_released_from_its_preview(example: Example, browser: Page) -> None:
    """The six missing rows are no deletion: after the release each of them becomes a question."""
    hold(example)

    browser.open(TABLE).follow("Vorschau ansehen und freigeben")
    assert "Jetzt abgleichen" not in browser.buttons
    browser.press("Freigeben")

    assert "Freigegeben" in browser.text
    assert browser.open("/klaerungen").text.count("Zeile fehlt") == 6


def test_the_table_page_lists_its_runs_with_what_happened(example: Example, browser: Page) -> None:
    sync_table(example.runtime, "bsp-beispielstadt", actor="schedule")
    example.clock.pass_by(minutes=3)

    assert browser.open(TABLE).rows() == [
        ["Nr. 1", "vor 3 Minuten", "abgeglichen", "2 Datensätze angelegt, 2 Zellen geschrieben", "Zeitplan"]
    ]


def test_now_asks_for_a_run_and_says_how_it_goes_on(example: Example, browser: Page) -> None:
    """The person's name stands at the request; the page needs no JavaScript to follow it."""
    browser.open(TABLE).press("Jetzt abgleichen")
    assert "Der Abgleich ist angefordert, gerade eben. Er beginnt in wenigen Sekunden." in browser.text
    assert "Jetzt abgleichen" not in browser.buttons
    with example.runtime.database.read() as session:
        assert tables.get(session, "bsp-beispielstadt").requested_by == "frau-berger"

    seen = []

    def look() -> None:
        example.books["beispielstadt"].before_write = lambda: None
        seen.append(browser.follow("Seite aktualisieren").text)

    example.books["beispielstadt"].before_write = look
    tick(example)

    assert "Der Abgleich läuft seit 02.03.2026, 09:00 Uhr." in seen[0]
    assert "Jetzt abgleichen" in browser.follow("Seite aktualisieren").buttons
    assert browser.rows()[0][2:] == ["abgeglichen", "2 Datensätze angelegt, 2 Zellen geschrieben", "frau-berger"]


def test_a_request_while_the_platform_throttles_the_account_says_until_when_it_waits(
    example: Example, browser: Page
) -> None:
    """Two minutes from 09:00 on."""

    def throttle() -> None:
        raise PlatformThrottled(retry_after=120)

    runtime = with_one_account(example).runtime
    example.books["musterkreis"].before_read = throttle
    sync_table(runtime, "bsp-musterkreis")
    browser.client.application.extensions["syncsvc"] = runtime
    browser.open(TABLE).press("Jetzt abgleichen")

    assert "der Abgleich geht um 09:02 Uhr von selbst weiter" in browser.text
    assert "beginnt in wenigen Sekunden" not in browser.text


def test_pausing_and_going_on(example: Example, browser: Page) -> None:
    browser.open(TABLE).press("Abgleich pausieren")
    assert "Nächster Abgleich keiner, der Abgleich ist pausiert" in browser.text
    assert browser.buttons == ["Abgleich fortsetzen"]
    assert tick(example) == ["bsp-musterkreis"]

    browser.press("Abgleich fortsetzen")

    assert tick(example) == ["bsp-beispielstadt"]


def test_the_page_says_when_the_table_is_synced_by_itself(example: Example, browser: Page) -> None:
    """It is Monday, 2 March 2026, 09:00 in Berlin."""
    with example.runtime.database.write() as session:
        table = tables.get(session, "bsp-beispielstadt")
        table.schedule, table.quiet_hours, table.land = "0 7 * * mon-fri", "19:30-06:00", "BE"
    tick(example)

    browser.open(TABLE)

    assert "Zeitplan 0 7 * * mon-fri, Ruhezeit 19:30-06:00, Feiertage BE" in browser.text
    assert "Nächster Abgleich 03.03.2026, 07:00 Uhr" in browser.text
