"""One writer at a time for a file that several tables live in, over all processes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from syncsvc.errors import DatabaseBusy, DatabaseUnreachable, PlatformBusy
from syncsvc.ports.clock import Clock
from syncsvc.store import writers
from syncsvc.store.database import Database

POLL_SECONDS = 0.2

WAIT_SECONDS = 65.0
"""How long to wait for another writer; longer than one that died can be in the way."""

PROLONG_SECONDS = 20.0
"""How long a turn goes on before the database is told again."""

_BUSY = "In dieselbe Mappe schreibt gerade ein anderer Abgleich."


class Writers:
    """Keeps the writes of our own processes to one file apart, because its platform takes one at a time.

    A courtesy, not a fence: two writers at once are refused by the platform, and then wait. So a turn that was lost to
    a process that slept is noticed at the next write, and nothing worse happens.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    @contextmanager
    def __call__(self, name: str) -> Iterator[Callable[[], None]]:
        """A turn at the file ``name``. Yields what to call before each write: it prolongs the turn.

        Raises ``PlatformBusy`` when another writer goes on for too long, or took over; database errors pass.
        """
        holder, deadline = secrets.token_hex(8), time.monotonic() + WAIT_SECONDS
        while not self._take(name, holder):
            if time.monotonic() >= deadline:
                raise PlatformBusy(_BUSY)
            time.sleep(POLL_SECONDS)
        told = time.monotonic()

        def still() -> None:
            nonlocal told
            if time.monotonic() - told < PROLONG_SECONDS:
                return
            with self._database.write() as session:
                if not writers.prolong(session, name, holder, self._clock.now()):
                    raise PlatformBusy(_BUSY)
            told = time.monotonic()

        try:
            yield still
        finally:
            with suppress(DatabaseBusy, DatabaseUnreachable), self._database.write() as session:  # else it ends itself
                writers.end(session, name, holder)

    def _take(self, name: str, holder: str) -> bool:
        with self._database.write() as session:
            return writers.take(session, name, holder, self._clock.now())
