"""An account that is asked for rest is left alone by every process at once."""

from __future__ import annotations

from datetime import timedelta

from syncsvc.services.rests import rests_of
from syncsvc.store import pauses
from syncsvc.store.database import Database
from tests.factories import NOW


class Clock:
    def __init__(self) -> None:
        self.moment = NOW

    def now(self):
        return self.moment


def standing(database: Database, after: float = 0):
    with database.read() as session:
        return dict(pauses.standing(session, NOW + timedelta(seconds=after)))


def test_a_rest_stands_for_all_processes_until_it_ends(database: Database) -> None:
    rests_of(database, Clock())("konto", 30)

    assert standing(database) == {"konto": NOW + timedelta(seconds=30)}
    assert standing(database, 30) == {}


def test_a_longer_rest_counts_and_a_shorter_one_does_not(database: Database) -> None:
    """Nor does it count as another throttling in a row: attempts do that when they end."""
    note = rests_of(database, Clock())
    for seconds in (30, 60, 10):
        note("konto", seconds)

    assert standing(database) == {"konto": NOW + timedelta(seconds=60)}
    with database.read() as session:
        pause = pauses.get(session, "konto")
        assert pause is not None
        assert (pause.since, pause.strikes) == (NOW, 1)
