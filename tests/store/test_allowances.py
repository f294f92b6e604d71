"""Counting tries, on both databases, also from many sides at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from syncsvc.store import allowances
from syncsvc.store.database import Database
from tests.factories import NOW, make_vault


def count(database, *, name="a", now=NOW, seconds=60):
    with database.write() as session:
        return allowances.count(session, name, amount=1, seconds=seconds, now=now)


def test_tries_are_counted_from_the_first_one_until_its_seconds_are_over(database):
    assert [count(database, now=NOW + timedelta(seconds=at)) for at in (0, 30, 59)] == [1, 2, 3]
    assert count(database, now=NOW + timedelta(seconds=60)) == 1, "a new minute"
    assert count(database, name="b") == 1, "somebody else's are counted by themselves"


def test_what_stands_is_known_until_it_is_over(database):
    count(database)
    with database.read() as session:
        assert allowances.standing(session, "a", NOW) == (1, NOW + timedelta(seconds=60))
        assert allowances.standing(session, "a", NOW + timedelta(seconds=60))[0] == 0
        assert allowances.standing(session, "b", NOW)[0] == 0


def test_many_at_once_are_each_counted(database, url):
    """As several processes would: every thread has connections of its own."""

    def try_often(_: int) -> list[int]:
        other = Database(url, make_vault())
        found = [count(other) for _ in range(10)]
        other.dispose()
        return found

    with ThreadPoolExecutor(4) as pool:
        seen = [number for found in pool.map(try_often, range(4)) for number in found]

    assert sorted(seen) == list(range(1, 41))


def test_what_is_over_is_deleted_and_nothing_else(database):
    count(database, name="over", seconds=10)
    count(database, name="stands", seconds=20)
    with database.write() as session:
        assert allowances.forget_expired(session, NOW + timedelta(seconds=10)) == 1
        allowances.forget(session, "nobody")
    with database.read() as session:
        assert allowances.standing(session, "stands", NOW)[0] == 1
