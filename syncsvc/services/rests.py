"""An account whose platform asks to be left alone rests at once, in all processes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from syncsvc.errors import DatabaseBusy, DatabaseUnreachable
from syncsvc.ports.clock import Clock
from syncsvc.store import pauses
from syncsvc.store.database import Database


def rests_of(database: Database, clock: Clock) -> Callable[[str, float], None]:
    """What a provider calls with the credential and the seconds asked for: no run begins with that account meanwhile.

    Runs that are under way wait by themselves. Whether it was one throttling or many is counted where runs end.
    """

    def note(credential: str, seconds: float) -> None:
        with suppress(DatabaseBusy, DatabaseUnreachable), database.write() as session:  # else its next run is told
            now, last = clock.now(), pauses.get(session, credential)
            until = now + timedelta(seconds=seconds)
            if last is None or last.until < until:
                since, strikes = (last.since, last.strikes) if last else (now, 1)
                pauses.put(session, credential, since=since, until=until, strikes=strikes)

    return note
