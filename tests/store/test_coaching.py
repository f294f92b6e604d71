"""Flags and match keys as both databases keep them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from syncsvc.errors import NotFound
from syncsvc.store import coaching, matchkeys, projects, records
from syncsvc.store.coaching import Decision, NewFlag
from syncsvc.store.models import CoachingFlag
from tests.factories import NOW, make_organisation, make_record

A, B, C = "BSP-0137-E", "BSP-0138-C", "NEU-0001-X"


@pytest.fixture
def homes(database) -> tuple[int, int]:
    """The ids of two projects; A and B are the first one's records, C the other's."""
    with database.write() as session:
        house = make_organisation(session)
        for key, prefix, refs in (("bsp", "BSP", (A, B)), ("neu", "NEU", (C,))):
            projects.upsert(session, key, prefix=prefix, name=key, organisation_id=house)
            records.create(session, projects.get(session, key).id, [make_record(ref) for ref in refs], NOW)
        return projects.get(session, "bsp").id, projects.get(session, "neu").id


def flag(refs, where, grade="certain", **document):
    return NewFlag(
        refs=refs, projects=where, grade=grade, weight="clarify", document={"first": "2026-03-01"} | document
    )


def test_flags_come_back_whole_and_by_what_is_asked_for(database, homes):
    one, two = homes
    with database.write() as session:
        new = [flag((A, A), (one, one)), flag((A, C), (one, two), grade="possible")]
        raised = coaching.add(session, new, state="open", now=NOW)
        coaching.change(session, raised[0], state="mistake", since=NOW + timedelta(hours=1))
    with database.read() as session:
        assert coaching.get(session, raised[1].id) == raised[1]
        assert [f.id for f in coaching.of_records(session, [C])] == [raised[1].id]
        assert [f.id for f in coaching.of_records(session, [A])] == [f.id for f in raised]
        assert [f.id for f in coaching.latest(session)] == [f.id for f in raised]
        assert [f.id for f in coaching.latest(session, grade="possible")] == [raised[1].id]
        assert [f.id for f in coaching.latest(session, states=["mistake"])] == [raised[0].id]
        assert [f.id for f in coaching.standing(session, one, ["open"])] == [raised[1].id]
        assert coaching.counts(session) == {("certain", "mistake", True): 1, ("possible", "open", True): 1}


def test_a_project_finds_only_flags_that_concern_it(database, homes):
    one, two = homes
    with database.write() as session:
        own, _ = coaching.add(session, [flag((A, B), (one, one)), flag((A, C), (one, two))], state="open", now=NOW)
    with database.read() as session:
        assert len(coaching.latest(session, projects=[two])) == 1
        assert coaching.counts(session, [two]) == {("certain", "open", True): 1}
        with pytest.raises(NotFound):
            coaching.get(session, own.id, [two])


def test_nothing_of_a_flags_content_stands_in_clear(database, homes):
    with database.write() as session:
        coaching.add(session, [flag((A, A), (homes[0],) * 2, reasons=["Kowalenko"])], state="open", now=NOW)
        stored = session.scalars(sa.select(CoachingFlag.document)).one()
    assert b"Kowalenko" not in stored


def test_the_history_of_a_flag_grows_and_never_changes(database, homes):
    with database.write() as session:
        [raised] = coaching.add(session, [flag((A, A), (homes[0],) * 2)], state="open", now=NOW)
        coaching.note(session, raised.id, Decision(NOW, "frau-berger", "discussed", "her"))
    with database.read() as session:
        assert coaching.history(session, raised.id) == [
            Decision(NOW, "", "open"),
            Decision(NOW, "frau-berger", "discussed", "her"),
        ]
        assert coaching.months(session) == {"2026-03": {"open": 1, "discussed": 1}}
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(sa.text("UPDATE coaching_decisions SET event = 'mistake'"))


def test_match_keys_are_replaced_and_the_change_is_counted(database, homes):
    x, y, z = b"x" * 16, b"y" * 16, b"z" * 16
    with database.write() as session:
        assert matchkeys.replace(session, {A: [x, y], C: [y]}) == {x: 1, y: 2}
        found = matchkeys.holders(session, [x, y, z])
        assert {digest: sorted(refs) for digest, refs in found.items()} == {x: [A], y: [A, C]}
        assert matchkeys.replace(session, {A: [y, z], C: [y]}) == {x: -1, z: 1}
        assert matchkeys.replace(session, {A: [], C: [y]}) == {y: -1, z: -1}
        assert matchkeys.holders(session, [x, y, z]) == {y: [C]}


def test_match_keys_are_other_digests_than_blind_indexes(database):
    """Whoever gets one table learns nothing for the other."""
    with database.read() as session:
        vault = session.info["vault"]
        assert vault.match_key("number_given", "1")[:16] != vault.index("number_given", "1")[:16]
