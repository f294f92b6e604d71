"""Questions among many: what one answer settles is one group, and every filter holds on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.store import inbox, questions
from syncsvc.store.inbox import Filter
from syncsvc.store.models import QuestionState
from syncsvc.store.questions import NewQuestion
from tests.factories import NOW, make_table

OLENA, ANA, ADA = "BSP-0137-E", "BSP-0138-C", "BSP-0139-A"


def proposal(digest, said, ref=OLENA, field="contact_jc"):
    document = {"sheet": said, "record": "Müller", "proposal": said, "base": None, "raw": said}
    return NewQuestion(kind="proposal", code="proposal_sheet", digest=digest, document=document, ref=ref, field=field)


def gone(ref):
    return NewQuestion(kind="deletion", code="row_gone", digest=ref, document={"header": ""}, ref=ref)


def other(kind, digest="x"):
    return NewQuestion(kind=kind, digest=digest, document={"text": "angehalten", "candidates": []}, ref=OLENA)


@pytest.fixture
def two(database):
    """Two tables."""
    with database.write() as session:
        return make_table(session), make_table(session, "other")


def ask(database, table, *new, at=NOW):
    with database.write() as session:
        return questions.open_many(session, table, new, run_id=None, now=at)


def find(database, limit=25, offset=0, members=100, **wanted):
    with database.read() as session:
        return inbox.open_groups(session, Filter(**wanted), limit=limit, offset=offset, members=members)


def groups(database, **wanted):
    return [group.ids for group in find(database, **wanted).groups]


def test_the_same_matter_of_one_table_is_one_group(database, two):
    first = ask(database, two[0], proposal("a", "Mueller"), proposal("b", "Mueller", ANA), proposal("c", "Mayer", ADA))
    second = ask(database, two[1], proposal("a", "Mueller"), gone(OLENA), gone(ANA), gone(ADA))
    alone = ask(database, two[1], other("identity", "one"), other("identity", "two"))

    assert sorted(groups(database)) == sorted(
        [tuple(first[:2]), (first[2],), (second[0],), tuple(second[1:]), (alone[0],), (alone[1],)]
    )
    found = find(database)
    assert (found.group_count, found.question_count) == (6, 9)


def test_another_column_is_another_group(database, two):
    ids = ask(database, two[0], proposal("a", "Mueller"), proposal("b", "Mueller", field="coach"))
    assert sorted(groups(database)) == [(ids[0],), (ids[1],)]


def test_what_holds_a_table_comes_first_then_the_newest(database, two):
    held, old = ask(database, two[0], other("held"), gone(OLENA))
    [new] = ask(database, two[1], gone(ANA))
    assert groups(database) == [(held,), (new,), (old,)]


def test_pages_have_every_group_once_and_know_how_many_there_are(database, two):
    ids = ask(database, two[0], *(proposal(f"d{n}", f"Name {n}") for n in range(7)))
    pages = [find(database, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [group.ids[0] for page in pages for group in page.groups] == ids[::-1]
    assert {(page.group_count, page.question_count) for page in pages} == {(7, 7)}
    assert find(database, limit=3, offset=9).groups == ()


def test_of_a_large_group_the_first_are_named_and_all_counted(database, two):
    ids = ask(database, two[0], *(proposal(f"d{n}", "Mueller") for n in range(5)))
    [group] = find(database, members=2).groups
    assert (group.ids, group.count) == (tuple(ids[:2]), 5)


def test_filters_hold_together(database, two):
    """``about``, ``beside`` and ``within`` speak of columns; what is about no column is the project's."""
    note, coach = ask(database, two[0], proposal("a", "x", field="custom.note"), proposal("b", "x", field="coach"))
    [row] = ask(database, two[1], gone(OLENA), at=NOW - timedelta(days=8))
    [tableless] = ask(database, None, other("coaching"))
    theirs = [([two[0]], ["coach"])]

    def ids(**wanted):
        return {number for group in groups(database, **wanted) for number in group}

    assert ids() == {note, coach, row, tableless}
    assert ids(tables=[two[1]]) == {row}
    assert ids(kind="proposal") == {note, coach}
    assert ids(kind="proposal", tables=[two[1]]) == set()
    assert ids(before=NOW - timedelta(days=7)) == {row}
    assert ids(ids=[row, coach]) == {row, coach}
    assert ids(about=theirs) == {coach}
    assert ids(about=[]) == set()
    assert ids(beside=theirs) == {note, row, tableless}
    assert ids(within=theirs) == {coach, row, tableless}
    assert ids(within=[]) == {row, tableless}


def test_answered_and_settled_ones_come_by_their_time(database, two):
    ids = ask(database, two[0], *(proposal(f"d{n}", "Mueller") for n in range(4)))
    with database.write() as session:
        for minutes, number in enumerate((ids[2], ids[0], ids[1])):
            questions.answer(session, number, "accept", by="lead", now=NOW + timedelta(minutes=minutes))
        questions.close(session, ids, run_id=None, now=NOW)
    with database.read() as session:
        answered = Filter(state=QuestionState.ANSWERED)
        assert inbox.closed(session, answered, limit=2, offset=0) == [ids[1], ids[0]]
        assert inbox.closed(session, answered, limit=2, offset=2) == [ids[2]]
        assert inbox.closed(session, Filter(state=QuestionState.OBSOLETE), limit=9, offset=0) == [ids[3]]


def test_counts_by_kind_forget_the_kind_asked_for(database, two):
    ask(database, two[0], proposal("a", "x"), gone(ANA), gone(OLENA))
    ask(database, two[1], gone(OLENA))
    with database.read() as session:
        assert inbox.counts_by_kind(session, Filter(kind="proposal")) == {"proposal": 1, "deletion": 3}
        assert inbox.counts_by_table(session, Filter()) == {
            (two[0], "proposal"): 1,
            (two[0], "deletion"): 2,
            (two[1], "deletion"): 1,
        }
