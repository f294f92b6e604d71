"""Questions: opened once, answered once, closed when nothing is left to do, and never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from syncsvc.errors import InvalidAnswer, NotFound
from syncsvc.store import questions
from syncsvc.store.models import QuestionState
from syncsvc.store.questions import NewQuestion
from tests.factories import NOW, make_run, make_table

LATER = NOW + timedelta(hours=1)


def make_question(digest="d1", **different):
    ordinary = {"kind": "conflict", "document": {"sheet": "B1", "record": "B2", "base": None}, "ref": "BSP-0137-E"}
    return NewQuestion(digest=digest, **(ordinary | different))


@pytest.fixture
def table(database) -> int:
    with database.write() as session:
        return make_table(session)


def ask(database, table, *new):
    """Open questions and return their ids."""
    with database.write() as session:
        questions.open_many(session, table, new, run_id=None, now=NOW)
        return [question.id for question in questions.open_for(session, table)]


def test_an_open_question_comes_back_whole(database, table):
    new = make_question(code="", field="language_level", row=7)
    with database.write() as session:
        run = make_run(session, table)
        questions.open_many(session, table, [new], run_id=run, now=NOW)
    with database.read() as session:
        [stored] = questions.open_for(session, table)
    assert (stored.kind, stored.digest, stored.ref, stored.row, stored.field) == (
        "conflict",
        "d1",
        "BSP-0137-E",
        7,
        "language_level",
    )
    assert stored.document == {"sheet": "B1", "record": "B2", "base": None}
    assert (stored.state, stored.opened_by, stored.opened_at) == (QuestionState.OPEN, run, NOW)
    assert (stored.choice, stored.answered_at, stored.closed_at) == (None, None, None)


@pytest.mark.parametrize("tableless", [False, True])
def test_the_same_question_is_not_open_twice(database, table, tableless):
    number = None if tableless else table
    ask(database, number, make_question("d1"))
    with pytest.raises(IntegrityError):
        ask(database, number, make_question("d1"))


def test_another_table_may_ask_the_same(database, table):
    with database.write() as session:
        other = make_table(session, "other")
    ask(database, table, make_question("d1"))
    assert len(ask(database, other, make_question("d1"))) == 1
    assert len(ask(database, None, make_question("d1"))) == 1


def test_a_closed_question_may_be_asked_again(database, table):
    [number] = ask(database, table, make_question("d1"))
    with database.write() as session:
        questions.close(session, [number], run_id=None, now=LATER)
    assert ask(database, table, make_question("d1")) != [number]


def test_an_answer_waits_for_the_run_that_carries_it_out(database, table):
    [number] = ask(database, table, make_question())
    with database.write() as session:
        questions.answer(session, number, "sheet", by="lead", now=LATER)
    with database.read() as session:
        assert questions.open_for(session, table) == []
        [answered] = questions.answered_for(session, table)
        assert (answered.choice, answered.answered_by, answered.answered_at) == ("sheet", "lead", LATER)
    with database.write() as session:
        run = make_run(session, table)
        questions.close(session, [number], run_id=run, now=LATER)
    with database.read() as session:
        assert questions.answered_for(session, table) == []
        done = questions.get(session, number)
        assert (done.state, done.closed_by, done.closed_at) == (QuestionState.ANSWERED, run, LATER)


def test_only_the_first_answer_counts(database, table):
    """Two people answer at the same time: the second is told, instead of overruling the first."""
    [number] = ask(database, table, make_question())
    with database.write() as session:
        questions.answer(session, number, "sheet", by="lead", now=NOW)
    with database.write() as session, pytest.raises(InvalidAnswer, match="nicht mehr offen"):
        questions.answer(session, number, "record", by="office", now=LATER)
    with database.read() as session:
        assert questions.get(session, number).choice == "sheet"


def test_an_open_question_that_is_closed_became_obsolete(database, table):
    [number] = ask(database, table, make_question())
    with database.write() as session:
        questions.close(session, [number], run_id=None, now=LATER)
        with pytest.raises(InvalidAnswer):
            questions.answer(session, number, "sheet", by="lead", now=LATER)
    with database.read() as session:
        assert questions.get(session, number).state is QuestionState.OBSOLETE


def test_closing_twice_keeps_the_first_time(database, table):
    [number] = ask(database, table, make_question())
    for now in (NOW, LATER):
        with database.write() as session:
            questions.close(session, [number], run_id=None, now=now)
    with database.read() as session:
        assert questions.get(session, number).closed_at == NOW


def test_an_open_question_follows_what_it_is_about(database, table):
    first, second = ask(database, table, make_question("d1", row=7), make_question("d2", row=8))
    with database.write() as session:
        changed = {
            first: make_question("d1", row=9, document={"sheet": "C1"}, code="stronger"),
            second: make_question("d2", row=3, document={"sheet": None}),
        }
        questions.update(session, table, changed)
    with database.read() as session:
        rows = {q.id: (q.row, q.code, q.document) for q in questions.open_for(session, table)}
        assert rows == {first: (9, "stronger", {"sheet": "C1"}), second: (3, "", {"sheet": None})}


@pytest.mark.parametrize("wrong", ["digest", "table", "answered"])
def test_only_the_same_open_question_can_be_updated(database, table, wrong):
    [number] = ask(database, table, make_question("d1"))
    with database.write() as session:
        other = make_table(session, "other")
        if wrong == "answered":
            questions.answer(session, number, "sheet", by="lead", now=NOW)
    changed = {number: make_question("d2" if wrong == "digest" else "d1", document={})}
    with pytest.raises(NotFound), database.write() as session:
        questions.update(session, other if wrong == "table" else table, changed)
    with database.read() as session:
        assert questions.get(session, number).document == make_question().document


def test_listing_filters_and_pages_newest_first(database, table):
    ids = ask(database, table, make_question("d1"), make_question("d2", kind="held", ref=None), make_question("d3"))
    with database.write() as session:
        questions.close(session, ids[2:], run_id=None, now=LATER)
    with database.read() as session:

        def listed(**filters):
            return [ids.index(question.id) for question in questions.latest(session, **filters)]

        assert listed() == [2, 1, 0]
        assert listed(state=QuestionState.OPEN) == [1, 0]
        assert listed(kind="conflict", table_id=table) == [2, 0]
        assert listed(ref="BSP-0137-E", state=QuestionState.OBSOLETE) == [2]
        assert listed(limit=1, before=ids[2]) == [1]


def test_an_unknown_question_is_named(database):
    with database.write() as session, pytest.raises(NotFound, match="17"):
        questions.answer(session, 17, "sheet", by="lead", now=NOW)


def proposal(digest, said, **different):
    document = {"sheet": said, "record": "Müller", "proposal": said, "base": None, "raw": said}
    return make_question(
        digest, kind="proposal", code="proposal_sheet", field="contact_jc", document=document, **different
    )


def topics(database, table):
    with database.read() as session:
        return [question.topic for question in questions.open_for(session, table)]


def test_the_same_proposal_in_many_rows_has_one_topic_that_tells_nothing(database, table):
    ask(database, table, proposal("d1", "Mueller"), proposal("d2", "Mueller"), proposal("d3", "Mayer"))
    one, two, three = topics(database, table)
    assert one == two != three
    assert "Mueller" not in one
    with database.write() as session:
        questions.update(session, table, {1: proposal("d1", "Mayer")})
    assert topics(database, table)[0] == three


@pytest.mark.parametrize("kind", ["identity", "doubled_row", "held", "contact", "handover", "coaching"])
def test_whose_row_it_is_and_what_is_asked_for_many_rows_stands_alone(database, table, kind):
    ask(database, table, make_question(kind=kind))
    assert topics(database, table) == [None]


def test_what_an_answer_replaced_is_kept_until_the_question_is_open_again(database, table):
    [number] = ask(database, table, make_question())
    with database.write() as session:
        questions.answer(session, number, "sheet", by="lead", now=LATER)
        questions.remember(session, number, {"records": {"BSP-0137-E": ["B2", "B1"]}})
        questions.close(session, [number], run_id=None, now=LATER)
    with database.read() as session:
        answered = questions.get(session, number)
    assert answered.replaced == {"records": {"BSP-0137-E": ["B2", "B1"]}}
    assert answered.document == make_question().document
    with database.write() as session:
        questions.reopen(session, number)
    with database.read() as session:
        [again] = questions.open_for(session, table)
    assert (again.id, again.replaced, again.document) == (number, None, make_question().document)
    assert (again.choice, again.answered_at, again.answered_by, again.closed_at) == (None, None, None, None)


def test_a_question_that_is_asked_anew_is_not_opened_twice(database, table):
    [number] = ask(database, table, make_question())
    with database.write() as session:
        questions.answer(session, number, "sheet", by="lead", now=LATER)
        questions.close(session, [number], run_id=None, now=LATER)
    ask(database, table, make_question())
    with database.write() as session, pytest.raises(InvalidAnswer, match="schon eine neue"):
        questions.reopen(session, number)


def test_only_what_was_answered_is_opened_again(database, table):
    [number] = ask(database, table, make_question())
    with database.write() as session, pytest.raises(InvalidAnswer):
        questions.reopen(session, number)
    with database.write() as session:
        questions.close(session, [number], run_id=None, now=LATER)
        with pytest.raises(InvalidAnswer):
            questions.reopen(session, number)


def test_answers_given_in_one_go_are_found_together(database, table):
    first, second, other, later = ask(
        database, table, *(proposal(f"d{n}", said) for n, said in enumerate(["Mueller", "Mueller", "Mayer", "Mueller"]))
    )
    with database.write() as session:
        for number, moment in ((first, NOW), (second, NOW), (other, NOW), (later, LATER)):
            questions.answer(session, number, "accept", by="lead", now=moment)
    with database.read() as session:
        assert questions.together(session, questions.get(session, first)) == [first, second]
        assert questions.together(session, questions.get(session, later)) == [later]


def test_a_thinned_question_keeps_no_topic(database, table):
    [number] = ask(database, table, proposal("d1", "Mueller"))
    with database.write() as session:
        questions.close(session, [number], run_id=None, now=NOW)
        questions.thin(session, [number])
    with database.read() as session:
        assert questions.get(session, number).topic is None
