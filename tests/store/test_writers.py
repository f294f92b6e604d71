"""Whose turn it is to write to a file that several tables live in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from syncsvc.store import writers
from syncsvc.store.leases import LEASE
from syncsvc.store.models import Writer


def now() -> datetime:
    return datetime.now(UTC)


def begin(database, holder: str, name: str = "mappe") -> bool:
    with database.write() as session:
        return writers.take(session, name, holder, now())


def move(database, later: timedelta) -> None:
    """Put the turn's end somewhere else, as time or a clock would."""
    with database.write() as session:
        session.execute(sa.update(Writer).values(until=now() + later))


def test_one_writer_at_a_time(database):
    assert begin(database, "a")
    assert not begin(database, "b")
    assert begin(database, "b", "andere mappe")


def test_a_writer_is_not_its_own_successor(database):
    """Two threads of one process name themselves differently, but nobody takes a turn twice."""
    assert begin(database, "a")
    assert not begin(database, "a")


def test_a_turn_that_ended_makes_place(database):
    begin(database, "a")
    with database.write() as session:
        writers.end(session, "mappe", "a")

    assert begin(database, "b")


def test_a_dead_writers_turn_ends_by_itself(database):
    begin(database, "a")
    move(database, timedelta(seconds=-1))

    assert begin(database, "b")
    with database.write() as session:
        assert not writers.prolong(session, "mappe", "a", now())
        writers.end(session, "mappe", "a")  # not his any more
    assert not begin(database, "c")


def test_a_clock_that_was_set_back_blocks_nobody(database):
    begin(database, "a")
    move(database, LEASE + timedelta(hours=1))

    assert begin(database, "b")


def test_a_turn_goes_on_while_its_writer_says_so(database):
    begin(database, "a")
    move(database, timedelta(seconds=1))
    with database.write() as session:
        assert writers.prolong(session, "mappe", "a", now())
    with database.read() as session:
        until = session.scalars(sa.select(Writer.until)).one()
    assert until > now() + LEASE - timedelta(seconds=10)
