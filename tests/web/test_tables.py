from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from syncsvc.core.access import Role
from syncsvc.errors import PlatformThrottled
from syncsvc.services.questions import list_questions
from syncsvc.services.sync import sync_table
from syncsvc.store import mappings, runs, tables
from syncsvc.store.admission import Reading
from syncsvc.store.models import RunState
from tests.example import Example, hold
from tests.jobs.engine import tick, with_one_account
from tests.web.browser import Page
from tests.web.people import come_in

TABLE = "/tabellen/bsp-beispielstadt"


def test_the_preview_says_what_a_run_would_do_and_writes_nothing(example: Example, browser: Page) -> None:
    """Names and days as people write them, grouped by where each value would go."""
    before = [list(row) for row in example.books["beispielstadt"].rows]

    browser.open(TABLE).follow("Vorschau und Abgleich")

    assert "6 Stellen. Diese Vorschau hat nichts verändert." in browser.text
    assert browser.rows(0)[:2] == [
        ["BSP-0001-9 Zeile 2", "Name", "leer", "Demir, Leyla", "neue Zeile in der Tabelle"],
        ["BSP-0001-9 Zeile 2", "Eintritt", "leer", "01.09.2024", "neue Zeile in der Tabelle"],
    ]
    assert browser.rows(1)[0] == [
        "ohne TN-Nr. Zeile 2", "TN-Nr.", "leer", "BSP-0001-9", "die Zeile bekommt ihre TN-Nr.",
    ]  # fmt: skip
    assert example.books["beispielstadt"].rows == before
    assert "Noch kein Abgleich." in browser.open(TABLE).text


def test_a_part_of_the_preview_still_carries_out_the_whole_plan(example: Example, browser: Page) -> None:
    browser.open(TABLE).follow("Vorschau und Abgleich").follow("Neue Datensätze (4)")

    assert "TN-Nr. und Hinweise in der Tabelle 2" not in browser.text
    assert len(browser.rows()) == 4
    browser.press("Jetzt abgleichen")
    assert example.books["beispielstadt"].get(3, 1) == "BSP-0002-7"


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
    assert len(list_questions(example.runtime, table="bsp-beispielstadt")) == 6


def test_the_table_page_lists_its_runs_with_what_happened(example: Example, browser: Page) -> None:
    sync_table(example.runtime, "bsp-beispielstadt", actor="schedule")
    example.clock.pass_by(minutes=3)

    assert browser.open(TABLE).rows(1) == [
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

    assert "Der Abgleich läuft. Gelesen und verglichen ist schon; jetzt schreibt und prüft er" in seen[0]
    assert "Jetzt abgleichen" in browser.follow("Seite aktualisieren").buttons
    assert browser.rows(1)[0][2:] == ["abgeglichen", "2 Datensätze angelegt, 2 Zellen geschrieben", "frau-berger"]


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


def test_the_fragment_tells_the_phase_and_calls_for_the_whole_page_at_the_end(example: Example, browser: Page) -> None:
    """A script asks for it; while the table is read no run has begun yet."""
    assert browser.client.get(f"{TABLE}/stand").headers.get("HX-Refresh") == "true"
    browser.open(TABLE).press("Jetzt abgleichen")
    waiting = browser.client.get(f"{TABLE}/stand")
    assert "HX-Refresh" not in waiting.headers
    assert 'hx-trigger="every 2s"' in waiting.text
    seen = []

    def look() -> None:
        example.books["beispielstadt"].before_read = lambda: None
        seen.append(browser.client.get(f"{TABLE}/stand").text)

    example.books["beispielstadt"].before_read = look
    tick(example)

    assert "Er liest die Tabelle und vergleicht." in seen[0]
    assert browser.client.get(f"{TABLE}/stand").headers.get("HX-Refresh") == "true"


def test_pausing_says_why_and_going_on(example: Example, browser: Page) -> None:
    browser.open(TABLE).press("Pausieren", {"grund": "Die Datei zieht um"})
    assert "Nächster Abgleich keiner, der Abgleich ist pausiert" in browser.text
    assert "veranlasst von: frau-berger. Grund: Die Datei zieht um" in browser.text
    assert browser.buttons == ["Abgleich fortsetzen"]
    assert tick(example) == ["bsp-musterkreis"]

    browser.press("Abgleich fortsetzen")

    assert tick(example) == ["bsp-beispielstadt"]


def test_the_state_says_when_it_last_agreed_and_who_has_questions(example: Example, browser: Page) -> None:
    """Two days nobody can read, one of them in a column that the job centre owns by now."""
    book = example.books["beispielstadt"]
    sync_table(example.runtime, "bsp-beispielstadt")
    book.set(2, 3, "31.02.2026")
    book.set(3, 3, "30.02.2026")
    sync_table(example.runtime, "bsp-beispielstadt")
    example.clock.pass_by(minutes=12)
    assert "aktuell Zuletzt abgeglichen vor 12 Minuten. 2 Klärungen." in browser.open(TABLE).text

    with example.runtime.database.write() as session:
        found = mappings.current(session, mappings.get(session, "standard").id).body
        columns = [{**column, "owner": "jobcentre"} if column["field"] == "entry_date" else column
                   for column in found["columns"]]  # fmt: skip
        body = {**found, "columns": columns}
        mappings.add_revision(session, "standard", title="x", body=body, source="test", now=example.clock.now())
    assert "2 Klärungen, 2 davon beim Jobcenter." in browser.open(TABLE).text

    book.gone = True
    example.clock.pass_by(hours=3)
    sync_table(example.runtime, "bsp-beispielstadt")
    assert "gestört Zuletzt abgeglichen vor 3 Stunden." in browser.open(TABLE).text


def test_runs_are_listed_page_by_page_and_by_their_result(example: Example, browser: Page) -> None:
    """25 runs that went well, then one that failed."""
    sync_table(example.runtime, "bsp-beispielstadt")
    with example.runtime.database.write() as session:
        table = tables.get(session, "bsp-beispielstadt")
        for number in range(24):
            example.clock.pass_by(hours=1)
            run = runs.start(session, table.id, kind="sync", actor="schedule", now=example.clock.now())
            runs.finish(session, run.id, RunState.OK, example.clock.now(), counts={"cells_written": number})
    example.books["beispielstadt"].gone = True
    sync_table(example.runtime, "bsp-beispielstadt")

    browser.come_in(example.runtime).open(TABLE)
    first = {row[0] for row in browser.rows(1)}
    second = {row[0] for row in browser.follow("Ältere Abgleiche").rows(1)}
    assert len(first) == 20
    assert first.isdisjoint(second)
    assert "Nr. 1" in second
    assert "Nr. 1" not in {row[0] for row in browser.follow("Zu den neuesten").rows(1)}
    assert "Kein Abgleich mit diesem Ergebnis." in browser.follow("unterbrochen").text


def test_eight_weeks_are_drawn_and_stand_as_numbers_too(example: Example, browser: Page) -> None:
    """Monday: two references written, two records made. Tuesday: a day nobody can read. Wednesday it is mended."""
    book = example.books["beispielstadt"]
    sync_table(example.runtime, "bsp-beispielstadt")
    example.clock.pass_by(days=1)
    book.set(2, 3, "31.02.2026")
    sync_table(example.runtime, "bsp-beispielstadt")
    example.clock.pass_by(days=1)
    book.set(2, 3, "28.02.2026")
    sync_table(example.runtime, "bsp-beispielstadt")

    days = {row[0]: row[1:] for row in browser.come_in(example.runtime).open(TABLE).rows(0)}

    assert len(days) == 56
    assert days["02.03.2026"] == ["4", "0"]
    assert days["03.03.2026"][1] == "1"
    assert days["04.03.2026"][1] == "0"
    assert days["01.03.2026"] == ["0", "0"]
    assert len(browser.tree.findall(".//svg//rect")) == sum(changes != "0" for changes, _ in days.values())


def test_columns_stand_at_a_glance(example: Example, browser: Page) -> None:
    sync_table(example.runtime, "bsp-beispielstadt")

    assert browser.open(TABLE).rows(2)[:2] == [
        ["TN-Nr. (A)", "TN-Nr.", "Abgleich (nur lesen)"],
        ["Name * (B)", "Name", "Projekt"],
    ]


def test_an_auditor_sees_the_structure_but_no_cell_no_name_and_no_button(example: Example, app: Flask) -> None:
    sync_table(example.runtime, "bsp-beispielstadt", actor="frau-berger")
    page = come_in(example, app, "revision", Role.AUDITOR)

    page.open(TABLE)

    assert "2 Datensätze angelegt, 2 Zellen geschrieben eine Person" in page.text
    assert ["Name * (B)", "Name", "Projekt"] in page.rows(2)
    assert page.buttons == []
    assert page.open("/abgleiche/1").status == 200
    assert "Vorher vorhanden 4" in page.text
    for secret in ("Demir", "BSP-0001", "berger"):
        assert secret not in page.response.text
    assert page.open(f"{TABLE}/vorschau").status == 403
    assert page.open(f"{TABLE}/einstellungen").status == 403


def test_a_job_centre_reads_its_table_and_changes_nothing(example: Example, app: Flask) -> None:
    """The preview and what a run changed; no button, no name of the project's people; the other table is not there."""
    sync_table(example.runtime, "bsp-beispielstadt", actor="frau-berger")
    example.books["beispielstadt"].set(2, 4, "kommt donnerstags")
    page = come_in(example, app, "leserin", Role.JOBCENTRE, jobcentre="jc-beispielstadt")

    assert page.open(TABLE).buttons == []
    assert "berger" not in page.text
    assert "kommt donnerstags" in page.follow("Vorschau").text
    assert page.buttons == []
    assert "Demir, Leyla" in page.open("/abgleiche/1").text
    assert "Abgleich zurücknehmen" not in page.text
    assert page.open("/abgleiche/1/ruecknahme").status == 403
    assert page.open("/tabellen/bsp-musterkreis").status == 404
    assert page.open("/tabellen/bsp-musterkreis/stand").status == 404


def test_what_is_shown_about_participants_is_noted(example: Example, browser: Page) -> None:
    sync_table(example.runtime, "bsp-beispielstadt")
    example.books["beispielstadt"].set(2, 4, "kommt donnerstags")

    browser.open(f"{TABLE}/vorschau")
    browser.open("/abgleiche/1")

    with example.runtime.database.read() as session:
        read = {(one.page, one.ref) for one in session.scalars(sa.select(Reading))}
    assert read == {
        ("tables.preview", "BSP-0001-9"), ("runs.show", "BSP-0001-9"), ("runs.show", "BSP-0002-7"),
    }  # fmt: skip


def test_the_page_says_when_the_table_is_synced_by_itself(example: Example, browser: Page) -> None:
    """It is Monday, 2 March 2026, 09:00 in Berlin."""
    with example.runtime.database.write() as session:
        table = tables.get(session, "bsp-beispielstadt")
        table.schedule, table.quiet_hours, table.land = "0 7 * * mon-fri", "19:30-06:00", "BE"
    tick(example)

    browser.open(TABLE)

    assert "Zeitplan 0 7 * * mon-fri, Ruhezeit 19:30-06:00, Feiertage BE" in browser.text
    assert "Nächster Abgleich 03.03.2026, 07:00 Uhr" in browser.text
