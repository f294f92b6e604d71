"""The inbox: what waits is shown with both values, one answer settles many, and everything can be taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from syncsvc.core.access import Role
from syncsvc.services import users
from syncsvc.services.records import set_values
from syncsvc.services.sync import sync_table
from syncsvc.store import projects, tables
from syncsvc.store.admission import Reading
from tests.example import EIGHT, Example, hold
from tests.web.browser import Page, words
from tests.web.people import come_in

ONE, SECOND = "bsp-beispielstadt", "bsp-musterkreis"
REF = "BSP-0001-9"
LAST_FIVE = ["3", "4", "5", "6", "7"]
"""The questions about the last five of seven."""
RECORD = "In die Zellen schreiben, was in den Datensätzen steht"


@pytest.fixture
def conflict(example: Example) -> Example:
    """Both sides changed the note of the first woman, each in another way."""
    book = example.books["beispielstadt"]
    book.set(2, 4, "kommt montags")
    sync_table(example.runtime, ONE)
    book.set(2, 4, "kommt donnerstags")
    set_values(example.runtime, REF, {"custom.note": "kommt freitags"}, actor="frau-berger")
    sync_table(example.runtime, ONE)
    return example


@pytest.fixture
def seven(example: Example) -> Example:
    """Seven of eight women have the same unreadable day of entry."""
    book = example.books["beispielstadt"]
    book.rows[1:] = [[None, name, f"{day:02d}.09.2024", None, None] for day, name in enumerate(EIGHT, start=1)]
    sync_table(example.runtime, ONE)
    for row in range(2, 9):
        book.set(row, 3, "nächste Woche")
    sync_table(example.runtime, ONE)
    return example


Enter = Callable[..., Page]


@pytest.fixture
def enter(example: Example, app: Flask) -> Enter:
    """Somebody with this role, for the whole programme, a project or a job centre, has signed in."""

    def enter(role: Role, *, project: str | None = None, jobcentre: str | None = None, name: str = "otto") -> Page:
        return come_in(example, app, name, role, project=project, jobcentre=jobcentre)

    return enter


def cards(page: Page) -> list[str]:
    return [words(card.find(".//h2")) for card in page.tree.iter("article")]


def test_a_conflict_shows_both_values_with_who_and_when_and_what_was_agreed(conflict: Example, browser: Page) -> None:
    conflict.clock.pass_by(minutes=12)

    text = browser.open("/klaerungen").text

    assert cards(browser) == [f"Zwei verschiedene Änderungen: Notiz · {REF}"]
    assert "In der Tabelle kommt donnerstags gelesen vor 12 Minuten, Abgleich 2" in text
    assert "dort tippt: Projekt und Jobcenter" in text
    assert "Im Datensatz kommt freitags vom Projekt eingetragen, frau-berger, vor 12 Minuten" in text
    assert "Zuletzt vereinbart kommt montags" in text
    assert "Spalte von: beiden Seiten" in text
    assert "Der nächste Abgleich überschreibt die Zelle; der jetzige Inhalt bleibt im Verlauf." in text


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
    sync_table(conflict.runtime, ONE)
    assert conflict.books["beispielstadt"].get(2, 4) == stands
    assert f"Antwort: {answer} frau-berger, gerade eben" in browser.open("/klaerungen?stand=beantwortet").text


def test_an_answer_can_be_undone_right_away(conflict: Example, browser: Page) -> None:
    browser.open("/klaerungen").press("Der Wert der Tabelle gilt: „kommt donnerstags“")

    browser.press("Rückgängig")

    assert "Zurückgenommen: Die Klärung ist wieder offen" in browser.text
    assert cards(browser) == [f"Zwei verschiedene Änderungen: Notiz · {REF}"]
    assert "Rückgängig" not in browser.buttons
    assert "Noch keine Klärung beantwortet." in browser.open("/klaerungen?stand=beantwortet").text


def test_an_answer_can_be_taken_back_from_the_answered_list(conflict: Example, browser: Page) -> None:
    browser.open("/klaerungen").press("Der Wert der Tabelle gilt: „kommt donnerstags“")

    browser.open("/klaerungen?stand=beantwortet").press("Antwort zurücknehmen")

    assert cards(browser.open("/klaerungen")) == [f"Zwei verschiedene Änderungen: Notiz · {REF}"]


def test_what_moved_since_is_not_taken_back_and_said(conflict: Example, browser: Page) -> None:
    browser.open("/klaerungen").press("Der Wert der Tabelle gilt: „kommt donnerstags“")
    set_values(conflict.runtime, REF, {"custom.note": "kommt nie"}, actor="test")

    browser.press("Rückgängig")

    assert browser.status == 409
    assert "Seit der Antwort hat sich etwas geändert." in browser.text


def test_a_question_answered_meanwhile_is_refused(conflict: Example, browser: Page, enter: Enter) -> None:
    """Two admins have the same list open; the second answer changes nothing, and is told so above her list."""
    other = enter(Role.PROGRAMME).open("/klaerungen")
    browser.open("/klaerungen").press("Der Wert der Tabelle gilt: „kommt donnerstags“")

    other.press("Der Wert des Datensatzes gilt: „kommt freitags“")

    assert other.status == 409
    assert "Diese Klärung ist nicht mehr offen." in other.text
    assert "Nichts zu klären." in other.text


def test_pressing_undo_twice_says_that_it_is_done(conflict: Example, browser: Page) -> None:
    browser.open("/klaerungen").press("Der Wert der Tabelle gilt: „kommt donnerstags“")
    [again] = [form for form in browser.tree.iter("form") if form.get("action", "").endswith("/zuruecknehmen")]
    browser.press("Rückgängig")

    token = browser.tree.xpath("//input[@name='csrf_token']/@value")[0]
    response = browser.client.post(again.get("action"), data={"csrf_token": token})

    assert response.status_code == 409
    assert "Diese Klärung ist schon wieder offen." in response.text


# -- groups


def test_the_same_in_many_rows_is_one_card_with_its_rows_folded(seven: Example, browser: Page) -> None:
    browser.open("/klaerungen")

    assert cards(browser) == ["Nicht lesbar: Eintritt · 7 Zeilen"]
    assert "7 offene Klärungen, mit 1 Antwort zu erledigen." in browser.text
    assert "Spalte Eintritt, 7 Zeilen (BSP-0001-9, BSP-0002-7" in browser.text
    assert "Alle 7 beantworten" in browser.text
    [card] = browser.tree.iter("article")
    assert len(card.findall(".//form/ul/li")) == 5
    assert words(card.find(".//summary")) == "2 weitere Zeilen"


def test_one_answer_settles_all_and_one_undo_brings_them_back(seven: Example, browser: Page) -> None:
    browser.open("/klaerungen").press(RECORD, {"choice": "record"})

    assert "7 Klärungen beantwortet." in browser.text
    assert "Nichts zu klären." in browser.text
    browser.press("Rückgängig")
    assert cards(browser) == ["Nicht lesbar: Eintritt · 7 Zeilen"]

    browser.press(RECORD, {"choice": "record"})
    sync_table(seven.runtime, ONE)
    assert [str(seven.books["beispielstadt"].get(row, 3)) for row in (2, 8)] == ["2024-09-01", "2024-09-07"]


def test_rows_that_are_not_ticked_stay_open(seven: Example, browser: Page) -> None:
    browser.open("/klaerungen").press(RECORD, {"choice": "record", "ids": LAST_FIVE})

    assert "5 Klärungen beantwortet." in browser.text
    assert cards(browser) == ["Nicht lesbar: Eintritt · 2 Zeilen"]


def test_a_group_answer_says_what_could_not_be_answered_any_more(seven: Example, browser: Page, enter: Enter) -> None:
    other = enter(Role.PROGRAMME).open("/klaerungen")
    browser.open("/klaerungen/1").press("In die Zelle schreiben, was im Datensatz steht: „01.09.2024“")

    other.press(RECORD, {"choice": "record"})

    assert "6 Klärungen beantwortet." in other.text
    assert "1 Klärung blieb, wie sie ist: Diese Klärung ist nicht mehr offen." in other.text


def test_nothing_ticked_answers_nothing(seven: Example, browser: Page) -> None:
    browser.open("/klaerungen").press(RECORD, {"choice": "record", "ids": []})

    assert "nichts ist beantwortet" in browser.text
    assert cards(browser) == ["Nicht lesbar: Eintritt · 7 Zeilen"]


def test_one_row_of_a_group_is_answered_on_its_own_page(seven: Example, browser: Page) -> None:
    browser.open("/klaerungen").follow("einzeln ansehen BSP-0001-9")

    browser.press("In die Zelle schreiben, was im Datensatz steht: „01.09.2024“")

    assert browser.response.request.path == "/klaerungen/1"
    assert "Antwort: In die Zelle schreiben" in browser.text
    assert cards(browser.open("/klaerungen")) == ["Nicht lesbar: Eintritt · 6 Zeilen"]


# -- filters and pages


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("tabelle=bsp-beispielstadt", True),
        ("tabelle=bsp-musterkreis", False),
        ("projekt=bsp", True),
        ("projekt=anderes", False),
        ("art=conflict", True),
        ("art=deletion", False),
        ("wer=project", True),
        ("wer=jobcentre", False),
        ("tn=BSP-0001-9", True),
        ("tn=bsp-0001-9", True),
        ("tn=BSP-0002-7", False),
        ("seit=7", False),
        ("stand=erledigt", False),
        ("art=gibt-es-nicht&seite=99", True),
    ],
)
def test_filters_stand_in_the_address(conflict: Example, browser: Page, filter_: str, found: bool) -> None:
    browser.open(f"/klaerungen?{filter_}")

    assert bool(cards(browser)) is found
    if not found and "stand" not in filter_:
        assert "Nichts zu klären mit diesem Filter." in browser.text
        assert cards(browser.follow("Filter löschen")) == [f"Zwei verschiedene Änderungen: Notiz · {REF}"]


def test_an_answer_keeps_the_filter(seven: Example, browser: Page) -> None:
    sync_table(seven.runtime, SECOND)
    browser.open("/klaerungen?tabelle=bsp-beispielstadt&art=unreadable")

    browser.press(RECORD, {"choice": "record", "ids": LAST_FIVE})

    assert browser.response.request.query_string == b"tabelle=bsp-beispielstadt&art=unreadable"


def test_old_questions_are_found_by_their_age(conflict: Example, browser: Page) -> None:
    conflict.clock.pass_by(days=8)
    browser.come_in(conflict.runtime)
    assert cards(browser.open("/klaerungen?seit=7"))
    assert not cards(browser.open("/klaerungen?seit=30"))


def test_more_than_a_page_is_turned(example: Example, browser: Page) -> None:
    """Thirty women, each with another unreadable day: thirty cards on two pages."""
    book = example.books["beispielstadt"]
    names = [f"Muster{chr(97 + n // 26)}{chr(97 + n % 26)}, Eva" for n in range(30)]
    book.rows[1:] = [[None, name, f"Woche {week}", None, None] for week, name in enumerate(names)]
    sync_table(example.runtime, ONE)

    first = set(cards(browser.open("/klaerungen")))
    assert len(first) == 25
    assert "Seite 1 von 2" in browser.text
    browser.follow("Weiter")
    assert len(cards(browser)) == 5
    assert not first & set(cards(browser))
    assert browser.response.request.query_string == b"seite=2"
    assert len(cards(browser.open("/klaerungen?seite=7"))) == 5


def test_an_unreadable_day_shows_what_was_typed(example: Example, browser: Page) -> None:
    sync_table(example.runtime, ONE)
    example.books["beispielstadt"].set(2, 3, "31.02.2026")
    sync_table(example.runtime, ONE)

    text = browser.open("/klaerungen").text

    assert "In der Tabelle 31.02.2026" in text
    assert f"Im Datensatz 01.09.2024 aus der Tabelle {ONE}" in text


def test_a_held_table_is_released_only_from_its_preview(example: Example, browser: Page) -> None:
    hold(example)

    browser.open(f"/klaerungen?tabelle={ONE}")

    assert [label for label in browser.buttons if "reigeben" in label] == []
    assert "Freigeben" in browser.follow("Vorschau ansehen und freigeben").buttons


# -- rights


def test_a_job_centre_reads_the_questions_of_its_own_tables_and_answers_none(
    conflict: Example, browser: Page, enter: Enter
) -> None:
    reader = enter(Role.JOBCENTRE, jobcentre="jc-beispielstadt")
    stranger = enter(Role.JOBCENTRE, jobcentre="jc-musterkreis", name="frau-fern")

    assert cards(reader.open("/klaerungen")) == [f"Zwei verschiedene Änderungen: Notiz · {REF}"]
    assert "kommt donnerstags" in reader.text  # stands in its table
    assert "ier und beim Projekt verschieden geändert" in reader.text  # says its row
    assert "freitags" not in reader.text  # stands in the record only
    assert "frau-berger" not in reader.text
    assert not [label for label in reader.buttons if "gilt" in label]
    assert cards(stranger.open("/klaerungen")) == []
    assert stranger.open("/klaerungen/1").status == 404
    token = reader.open("/klaerungen").tree.xpath("//input[@name='csrf_token']/@value")[0]
    for address in ("/klaerungen/1", "/klaerungen/zusammen", "/klaerungen/1/zuruecknehmen"):
        data = {"csrf_token": token, "choice": "sheet", "ids": "1"}
        assert reader.client.post(address, data=data).status_code == 403
    browser.open("/klaerungen").press("Der Wert des Datensatzes gilt: „kommt freitags“")
    assert "freitags" not in reader.open("/klaerungen?stand=beantwortet").text
    assert "Beantwortet, gerade eben" in reader.text


def test_a_job_centre_is_asked_nothing_about_a_column_its_table_does_not_show(conflict: Example, enter: Enter) -> None:
    """The level was lowered after the question was asked."""
    reader = enter(Role.JOBCENTRE, jobcentre="jc-beispielstadt")
    with conflict.runtime.database.write() as session:
        question = "UPDATE questions SET field = 'custom.internal'"
        session.execute(sa.text(question))

    assert cards(reader.open("/klaerungen")) == []
    assert reader.open("/klaerungen/1").status == 404


def test_an_auditor_sees_how_many_and_of_whom_nothing(conflict: Example, enter: Enter) -> None:
    auditor = enter(Role.AUDITOR)

    auditor.open("/klaerungen")

    assert auditor.rows() == [[ONE, "Zwei verschiedene Änderungen", "1"]]
    assert REF not in auditor.text
    assert auditor.open("/klaerungen?tn=BSP-0001-9").rows() == [[ONE, "Zwei verschiedene Änderungen", "1"]]
    assert auditor.open("/klaerungen/1").status == 403


def test_an_auditor_who_also_leads_a_project_reads_only_its_questions(conflict: Example, enter: Enter) -> None:
    with conflict.runtime.database.write() as session:
        projects.upsert(session, "andere", prefix="AND", name="Anderes Projekt")
    both = enter(Role.PROJECT, project="andere")
    users.grant(conflict.runtime, users.find_user(conflict.runtime, "otto").id, Role.AUDITOR, actor="frau-berger")

    assert cards(both.open("/klaerungen")) == []
    assert both.open("/klaerungen/1").status == 404


def test_what_was_shown_is_noted_in_the_access_log(conflict: Example, browser: Page) -> None:
    browser.open("/klaerungen")

    with conflict.runtime.database.read() as session:
        readings = session.scalars(sa.select(Reading)).all()
    assert [(one.actor, one.page, one.ref) for one in readings] == [("frau-berger", "questions.show", REF)]


def test_a_group_is_answered_only_by_whoever_may_answer_each_of_it(
    conflict: Example, browser: Page, enter: Enter
) -> None:
    """An id of another project's question among the chosen ones: nothing is answered."""
    sync_table(conflict.runtime, SECOND)
    book = conflict.books["musterkreis"]
    for row in (2, 3):
        book.set(row, 3, "nächste Woche")
    sync_table(conflict.runtime, SECOND)
    with conflict.runtime.database.write() as session:
        projects.upsert(session, "andere", prefix="AND", name="Anderes Projekt")
        tables.get(session, SECOND).project_id = projects.get(session, "andere").id
    lead = enter(Role.PROJECT, project="bsp")
    token = lead.open("/klaerungen").tree.xpath("//input[@name='csrf_token']/@value")[0]

    response = lead.client.post(
        "/klaerungen/zusammen", data={"csrf_token": token, "choice": "record", "ids": ["1", "2", "3"]}
    )

    assert response.status_code == 409
    assert "3 offene Klärungen" in browser.open("/klaerungen").text
