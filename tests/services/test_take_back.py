"""An answer taken back leaves everything as it was, or says why it cannot; the history tells of both."""

from __future__ import annotations

from typing import Any

import pytest

from syncsvc.core.references import make_reference
from syncsvc.errors import InvalidAnswer
from syncsvc.services.questions import answer_question, answer_together, get_question, take_back, take_back_together
from syncsvc.services.sync import sync_table
from syncsvc.store import bases, changes, records, responsibilities, tables
from syncsvc.store.admission import AuditEntry
from syncsvc.store.questions import Question
from tests.services.bench import TABLE, Bench, Killed
from tests.services.hostile.tables import THREE

OLENA, ANA, ADA = "BSP-0137-E", "BSP-0138-C", "BSP-0139-A"


def conflict(bench: Bench) -> None:
    bench.people_type(OLENA, "Notiz", "aus der Tabelle")
    bench.project_sets(OLENA, "Notiz", "vom Projekt")


def unreadable(bench: Bench) -> None:
    bench.people_type(OLENA, "Eintritt", "31.02.2026")


def project_proposes(bench: Bench) -> None:
    bench.project_sets(OLENA, "Ansprechperson JC", "Schulz, Peter")


def row_vanishes(bench: Bench) -> None:
    bench.people_delete(OLENA)


def row_is_copied(bench: Bench) -> None:
    number, end = bench.row_of(OLENA), len(bench.book.rows) + 1
    for column, cell in enumerate(bench.book.rows[number - 1], start=1):
        bench.book.set(end, column, cell)


def column_is_renamed(bench: Bench) -> None:
    bench.book.set(bench.header_row(), bench.column_of("Notiz"), "Bemerkung")


def somebody_unknown(bench: Bench) -> None:
    bench.people_type(OLENA, "Ansprechperson JC", "Schultz, Peter")


def successor(bench: Bench) -> None:
    bench.people_type(OLENA, "Ansprechperson JC", "ab 01.02.2027: Schulz, Peter")


STORIES = [
    (conflict, "sheet"),
    (conflict, "record"),
    (unreadable, "record"),
    (project_proposes, "accept"),
    (project_proposes, "decline"),
    (row_vanishes, "restore"),
    (row_vanishes, "ended"),
    (row_vanishes, "mistake"),
    (row_is_copied, "new"),
    (row_is_copied, "same"),
    (column_is_renamed, "yes"),
    (somebody_unknown, "record"),
    (somebody_unknown, "proposal"),
    (successor, "planned"),
    (successor, "second"),
]


def asked(bench: Bench, story: Any) -> Question:
    bench.given(THREE)
    sync_table(bench.rt, TABLE)
    story(bench)
    sync_table(bench.rt, TABLE)
    [question] = bench.open_questions()
    return question


def standing(bench: Bench) -> dict[str, Any]:
    """Everything an answer may change, but the memory of earlier rows."""
    with bench.database.read() as session:
        table = tables.get(session, TABLE)
        known = records.of_project(session, table.project_id)
        rows = bases.contents(session, table.id, list(known))
        held = responsibilities.open_of(session, list(known), bench.rt.today())
        planned = responsibilities.planned_of(session, list(known))
        return {
            "records": {ref: (dict(one.values), dict(one.by), one.state) for ref, one in known.items()},
            "rows": {ref: {name: part for name, part in row.items() if name != "older"} for ref, row in rows.items()},
            "binding": dict(table.binding),
            "responsible": {place: row.contact_key for place, row in held.items()},
            "planned": [(row.ref, row.contact_key) for row in planned],
            "open": [(question.id, question.document, question.code) for question in bench.open_questions()],
        }


@pytest.mark.parametrize(("story", "choice"), STORIES, ids=lambda part: getattr(part, "__name__", part))
def test_an_answer_taken_back_leaves_everything_as_it_was(bench: Bench, story: Any, choice: str) -> None:
    question = asked(bench, story)
    before, rows = standing(bench), [list(row) for row in bench.book.rows]

    answer_question(bench.rt, question.id, choice, actor="lead")
    take_back(bench.rt, question.id, actor="office")

    assert standing(bench) == before
    outcome = sync_table(bench.rt, TABLE)
    assert (outcome.cells_written, outcome.questions_opened, outcome.questions_closed) == (0, 0, 0)
    assert [question.id for question in bench.open_questions()] == [question.id]
    assert bench.book.rows == rows


@pytest.mark.parametrize(("story", "choice"), STORIES, ids=lambda part: getattr(part, "__name__", part))
def test_after_a_run_an_answer_is_taken_back_wholly_or_not_at_all(bench: Bench, story: Any, choice: str) -> None:
    """Where the run carried something out, its reason is said and nothing changes."""
    question = asked(bench, story)
    before = standing(bench)
    answer_question(bench.rt, question.id, choice, actor="lead")
    sync_table(bench.rt, TABLE)
    after = standing(bench)

    try:
        take_back(bench.rt, question.id, actor="office")
    except InvalidAnswer:
        assert standing(bench) == after
        assert bench.open_questions() == [] or question.id not in {one.id for one in bench.open_questions()}
    else:
        sync_table(bench.rt, TABLE)  # the row asks again in its note
        assert standing(bench) == before


def test_the_history_tells_of_the_answer_and_of_taking_it_back(bench: Bench) -> None:
    question = asked(bench, conflict)
    answer_question(bench.rt, question.id, "sheet", actor="lead")
    take_back(bench.rt, question.id, actor="office")

    with bench.database.read() as session:
        log = [one for one in changes.of_record(session, OLENA) if one.source == "answer"]
        [noted] = session.query(AuditEntry).filter_by(action="question.reopened").all()
    assert [(one.actor, one.old, one.new) for one in log] == [
        ("lead", "vom Projekt", "aus der Tabelle"),
        ("office", "aus der Tabelle", "vom Projekt"),
    ]
    assert (noted.actor, noted.target, noted.details["answered_by"]) == ("office", str(question.id), "lead")
    assert "vom Projekt" not in str(noted.details)


@pytest.mark.parametrize("boundary", [4, 5, 6])
def test_a_process_that_dies_takes_an_answer_back_wholly_or_not_at_all(bench: Bench, boundary: int) -> None:
    """Before, inside and after the transaction; what is not taken back is carried out by the next run."""
    question = asked(bench, conflict)
    before = standing(bench)
    answer_question(bench.rt, question.id, "record", actor="lead")
    passed = 0

    def die() -> None:
        nonlocal passed
        passed += 1
        if passed >= boundary:
            raise Killed

    bench.database.boundary = die
    with pytest.raises(Killed):
        take_back(bench.rt, question.id, actor="office")
    bench.restart()

    open_again = get_question(bench.rt, question.id).state == "open"
    assert open_again == (boundary == 6)
    if open_again:
        assert standing(bench) == before
    sync_table(bench.rt, TABLE)
    note = bench.book.get(bench.row_of(OLENA), bench.column_of("Notiz"))
    assert note == ("aus der Tabelle" if open_again else "vom Projekt")
    bench.check_second_run()


def test_taking_back_twice_changes_nothing_and_says_so(bench: Bench) -> None:
    question = asked(bench, conflict)
    answer_question(bench.rt, question.id, "sheet", actor="lead")
    take_back(bench.rt, question.id, actor="lead")
    before = standing(bench)

    with pytest.raises(InvalidAnswer, match="schon wieder offen"):
        take_back(bench.rt, question.id, actor="lead")

    assert standing(bench) == before


def test_a_record_edited_since_is_left_alone(bench: Bench) -> None:
    question = asked(bench, conflict)
    answer_question(bench.rt, question.id, "sheet", actor="lead")
    bench.project_sets(OLENA, "Notiz", "ganz neu")

    with pytest.raises(InvalidAnswer, match="Seit der Antwort"):
        take_back(bench.rt, question.id, actor="lead")

    assert bench.records()[OLENA].values["custom.note"] == "ganz neu"
    assert get_question(bench.rt, question.id).state == "answered"


def test_an_edit_beside_the_answered_cell_stays(bench: Bench) -> None:
    question = asked(bench, conflict)
    answer_question(bench.rt, question.id, "sheet", actor="lead")
    bench.people_type(OLENA, "Eintritt", "02.09.2024")
    sync_table(bench.rt, TABLE)

    take_back(bench.rt, question.id, actor="lead")

    values = bench.records()[OLENA].values
    assert (values["custom.note"], values["entry_date"]) == ("vom Projekt", "2024-09-02")
    sync_table(bench.rt, TABLE)
    assert bench.records()[OLENA].values["entry_date"] == "2024-09-02"


def test_a_question_asked_anew_is_not_asked_twice(bench: Bench) -> None:
    question = asked(bench, conflict)
    answer_question(bench.rt, question.id, "record", actor="lead")
    bench.people_type(OLENA, "Notiz", "noch etwas anderes")
    sync_table(bench.rt, TABLE)
    [anew] = bench.open_questions()

    with pytest.raises(InvalidAnswer):
        take_back(bench.rt, question.id, actor="lead")

    assert [one.id for one in bench.open_questions()] == [anew.id]


def test_what_settled_by_itself_has_no_answer_to_take_back(bench: Bench) -> None:
    question = asked(bench, unreadable)
    bench.people_type(OLENA, "Eintritt", "01.09.2024")
    sync_table(bench.rt, TABLE)

    with pytest.raises(InvalidAnswer, match="niemand beantwortet"):
        take_back(bench.rt, question.id, actor="lead")


def test_what_the_directory_learned_is_changed_there(bench: Bench) -> None:
    question = asked(bench, lambda bench: bench.people_type(OLENA, "Ansprechperson JC", "Yilmaz, Elif"))
    answer_question(bench.rt, question.id, "new", actor="lead")

    with pytest.raises(InvalidAnswer, match="Verzeichnis"):
        take_back(bench.rt, question.id, actor="lead")


def test_a_new_row_is_asked_about_again_until_a_run_made_it_a_record(bench: Bench) -> None:
    bench.given(THREE, new_rows="ask")
    sync_table(bench.rt, TABLE)
    bench.people_add("| Name | Eintritt |\n| Nowak, Ewa | 18.06.2024 |")
    sync_table(bench.rt, TABLE)
    [question] = bench.open_questions()
    answer_question(bench.rt, question.id, "new", actor="lead")
    take_back(bench.rt, question.id, actor="lead")
    sync_table(bench.rt, TABLE)
    assert [one.id for one in bench.open_questions()] == [question.id]
    assert len(bench.records()) == 3

    answer_question(bench.rt, question.id, "new", actor="lead")
    sync_table(bench.rt, TABLE)
    with pytest.raises(InvalidAnswer, match="schon ausgeführt"):
        take_back(bench.rt, question.id, actor="lead")
    assert len(bench.records()) == 4


# -- many at once


def three_gone(bench: Bench) -> list[int]:
    bench.given(THREE)
    sync_table(bench.rt, TABLE)
    bench.people_delete(OLENA, ANA, ADA)
    bench.people_add(f"| TN-Nr. | Name | Eintritt |\n| {make_reference('BSP', 151)} | Nowak, Ewa | 18.06.2024 |")
    sync_table(bench.rt, TABLE)
    bench.approve()
    sync_table(bench.rt, TABLE)
    return [question.id for question in bench.open_questions()]


def test_one_answer_settles_many_and_is_taken_back_for_all(bench: Bench) -> None:
    ids = three_gone(bench)
    before = standing(bench)
    handled = answer_together(bench.rt, ids, "mistake", actor="lead")
    assert (handled.done, handled.refused) == (tuple(ids), ())
    assert not bench.open_questions()

    back = take_back_together(bench.rt, ids[1], actor="lead")

    assert (back.done, back.refused) == (tuple(ids), ())
    assert standing(bench) == before


def test_what_somebody_else_answered_meanwhile_is_said_and_the_rest_is_done(bench: Bench) -> None:
    ids = three_gone(bench)
    answer_question(bench.rt, ids[0], "ended", actor="office")

    handled = answer_together(bench.rt, ids, "restore", actor="lead")

    assert handled.done == tuple(ids[1:])
    assert handled.refused == ((ids[0], "Diese Klärung ist nicht mehr offen."),)
    assert get_question(bench.rt, ids[0]).choice == "ended"
    assert {get_question(bench.rt, number).answered_by for number in ids[1:]} == {"lead"}


def test_different_matters_are_not_answered_together(bench: Bench) -> None:
    bench.given(THREE)
    sync_table(bench.rt, TABLE)
    conflict(bench)
    bench.people_type(ADA, "Eintritt", "31.02.2026")
    sync_table(bench.rt, TABLE)
    ids = [question.id for question in bench.open_questions()]

    with pytest.raises(InvalidAnswer, match="nicht zusammen"):
        answer_together(bench.rt, ids, "record", actor="lead")

    assert len(bench.open_questions()) == 2
