"""The overview: how many tables are current, and for the others who has to act, why and what next."""

from __future__ import annotations

from contextlib import suppress

import pytest
from flask import Flask

from syncsvc.core.access import Role
from syncsvc.errors import PlatformBusy, TableForbidden, TableLocked
from syncsvc.services import schedules
from syncsvc.services.sync import sync_table
from syncsvc.store import tables
from tests.example import Example, hold
from tests.web.browser import Page, words
from tests.web.people import come_in

ONE, OTHER = "bsp-beispielstadt", "bsp-musterkreis"


def sync(example: Example, *keys: str) -> None:
    for key in keys:
        sync_table(example.runtime, key)


def standings(page: Page) -> list[tuple[str, str]]:
    """Each table that is not current: whose turn it is, and all that is said about it."""
    lists = [one for one in page.tree.find(".//main").iter("ul") if one.get("class") == "standings"]
    return [(words(one.getparent().find("h2")), words(item)) for one in lists for item in one]


def test_before_the_first_sync_every_table_says_so(browser: Page) -> None:
    browser.open("/")

    assert "0 von 2 Tabellen aktuell, 2 vor dem ersten Abgleich." in browser.text
    assert [turn for turn, _ in standings(browser)] == ["Niemand: der erste Abgleich kommt von selbst 2 Tabellen"] * 2


def test_all_current_says_so_and_when_each_was_last_looked_at(example: Example, browser: Page) -> None:
    sync(example, ONE, OTHER)
    example.clock.pass_by(hours=2)
    sync(example, ONE, OTHER)
    example.clock.pass_by(minutes=12)

    browser.open("/")

    assert "Alle 2 Tabellen sind aktuell." in browser.text
    assert browser.rows() == [
        ["Jobcenter Beispielstadt", f"Beispielprojekt · {ONE}", "vor 12 Minuten", "keine"],
        ["Jobcenter Musterkreis", f"Beispielprojekt · {OTHER}", "vor 12 Minuten", "keine"],
    ]


def test_a_failing_table_says_why_since_when_when_it_last_agreed_and_when_it_is_tried_again(
    example: Example, browser: Page
) -> None:
    """Agreed at 09:00 in Berlin, gone two hours later, and tried in vain ever since."""
    sync(example, ONE, OTHER)
    example.clock.pass_by(hours=2)
    example.books["musterkreis"].gone = True
    sync(example, OTHER)
    example.clock.pass_by(hours=1)
    sync(example, OTHER)

    ((turn, said),) = standings(browser.open("/"))

    assert "1 von 2 Tabellen aktuell, 1 beim Projekt." in browser.text
    assert turn == "Projekt: wer die Tabelle pflegt 1 Tabelle"
    assert "gestört Die Datei oder das Blatt der Tabelle ist nicht da." in said
    assert "Seit 02.03.2026, 11:00 Uhr. Zuletzt abgeglichen vor 3 Stunden." in said
    assert "Nächster Versuch: 02.03.2026, 12:05 Uhr." in said
    assert "In der Tabelle in Ordnung bringen; der Abgleich geht danach von selbst weiter." in said


@pytest.mark.parametrize(
    ("error", "who"),
    [
        (TableLocked(), "Projekt: wer die Tabelle pflegt"),
        (TableForbidden(), "Wer die Freigaben erteilt"),
        (PlatformBusy(), "Plattform: niemand muss etwas tun"),
        (ValueError("Demir, Leyla"), "Betrieb: wer den Dienst betreibt"),
    ],
)
def test_a_failing_table_says_whose_turn_it_is(example: Example, browser: Page, error: Exception, who: str) -> None:
    def fail() -> None:
        raise error

    sync(example, ONE)
    example.books["musterkreis"].before_read = fail
    with suppress(ValueError):
        sync(example, OTHER)

    assert [turn for turn, _ in standings(browser.open("/"))] == [f"{who} 1 Tabelle"]
    assert "Demir" not in browser.text
    assert f"Wer ist dran {who} Nächster Schritt" in browser.open(f"/tabellen/{OTHER}").text


def test_a_table_only_the_job_centre_fills_is_the_job_centres_to_mend(example: Example, browser: Page) -> None:
    with example.runtime.database.write() as session:
        tables.get(session, OTHER).edited_by = ["jobcentre"]
    example.books["musterkreis"].gone = True
    sync(example, ONE, OTHER)

    assert [turn for turn, _ in standings(browser.open("/"))] == ["Jobcenter: wer die Tabelle pflegt 1 Tabelle"]


def test_a_table_that_was_given_up_says_that_it_is_tried_daily(example: Example, browser: Page) -> None:
    example.books["musterkreis"].gone = True
    for _ in range(8):
        sync(example, OTHER)

    said = dict(standings(browser.open("/")))["Projekt: wer die Tabelle pflegt 1 Tabelle"]

    assert "pausiert, täglicher Versuch Die Datei" in said
    assert "Nächster Versuch: 03.03.2026, 09:00 Uhr." in said


def test_whoever_can_act_comes_first_and_the_oldest_before_the_others(example: Example, browser: Page) -> None:
    example.books["musterkreis"].gone = True
    sync(example, OTHER)
    example.clock.pass_by(hours=1)
    hold(example)

    turns = [turn for turn, _ in standings(browser.open("/"))]

    assert turns == ["Sie 1 Tabelle", "Projekt: wer die Tabelle pflegt 1 Tabelle"]
    assert "Freigeben" in browser.follow("Vorschau ansehen und freigeben").buttons


def test_open_questions_send_the_admin_to_their_list(example: Example, browser: Page) -> None:
    sync(example, ONE, OTHER)
    example.books["beispielstadt"].set(2, 3, "31.02.2026")
    sync(example, ONE)

    browser.open("/")

    assert "1 offene Klärung in Tabellen" in browser.text
    assert browser.rows()[0][3] == "1 Klärung"
    assert "31.02.2026" in browser.follow("1 Klärung").text


def test_filters_stand_in_the_address_and_count_what_they_show(example: Example, browser: Page) -> None:
    sync(example, ONE)

    assert [row[0] for row in browser.open("/?stand=aktuell").rows()] == ["Jobcenter Beispielstadt"]
    assert "1 Tabelle ist aktuell." in browser.text
    assert len(standings(browser.open("/?stand=nicht-aktuell"))) == 1
    assert "0 von 1 Tabellen aktuell" in browser.open("/?suche=muster").text
    assert "0 von 1 Tabellen aktuell" in browser.open("/?jobcenter=jc-musterkreis").text
    assert "Keine Tabelle mit diesem Filter." in browser.open("/?suche=muster&stand=aktuell").text
    assert "1 von 2 Tabellen aktuell" in browser.follow("Filter löschen").text


def test_a_whole_project_pauses_with_a_reason_and_goes_on_together(example: Example, browser: Page) -> None:
    """What somebody had paused alone before stays paused."""
    schedules.pause(example.runtime, OTHER, actor="herr-winter", reason="Datei zieht um")
    example.clock.pass_by(minutes=1)
    browser.open("/")
    assert browser.press("Alle pausieren", {"projekt": "bsp"}).status == 400
    assert "Bitte geben Sie einen Grund an." in browser.text

    browser.open("/").press("Alle pausieren", {"projekt": "bsp", "grund": "Wartung am Server"})

    assert "1 Tabelle ist pausiert." in browser.text
    assert [said for _, said in standings(browser)] == [
        "Seit 02.03.2026, 09:00 Uhr ; veranlasst von: herr-winter. Datei zieht um Jobcenter Musterkreis.",
        "Seit 02.03.2026, 09:01 Uhr ; veranlasst von: frau-berger. Wartung am Server Jobcenter Beispielstadt.",
    ]
    with example.runtime.database.read() as session:
        at = tables.get(session, ONE).paused_at
    assert at is not None
    schedules.resume(example.runtime, OTHER, actor="x")
    schedules.resume(example.runtime, ONE, actor="x")
    assert schedules.pause_all(example.runtime, None, actor="frau-berger", reason="Umzug") == 2

    browser.open("/").press("Alle 2 fortsetzen")

    assert "2 Tabellen laufen wieder." in browser.text
    with example.runtime.database.read() as session:
        assert all(tables.get(session, key).enabled for key in (ONE, OTHER))


def test_without_tables_it_says_how_to_begin(example: Example, browser: Page) -> None:
    with example.runtime.database.write() as session:
        for table in tables.all_tables(session):
            session.delete(table)

    assert "Noch keine Tabelle." in browser.open("/").text


def test_an_auditor_sees_states_and_counts_but_no_name_and_no_button(example: Example, app: Flask) -> None:
    sync(example, ONE)
    schedules.pause(example.runtime, OTHER, actor="frau-berger", reason="Frau Demir ist umgezogen")
    page = come_in(example, app, "revision", Role.AUDITOR)

    page.open("/")

    assert "1 von 2 Tabellen aktuell, 1 pausiert." in page.text
    assert "veranlasst von: eine Person" in page.text
    assert "berger" not in page.text
    assert "Demir" not in page.text
    assert page.buttons == ["Anzeigen"]


def test_a_job_centre_sees_its_own_table_only(example: Example, app: Flask) -> None:
    sync(example, ONE, OTHER)

    page = come_in(example, app, "leserin", Role.JOBCENTRE, jobcentre="jc-musterkreis")

    assert [row[0] for row in page.open("/").rows()] == ["Jobcenter Musterkreis"]
    assert page.buttons == ["Anzeigen"]
