"""Changing the key of the database while everything else goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from syncsvc.errors import ConfigurationError
from syncsvc.services.runtime import Runtime
from syncsvc.store import rotation

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did.

    ``switched``: whether it brought a new key into force. ``resealed``: how many rows of each table it sealed anew.
    ``freed``: how many former keys nothing needs any more.
    """

    switched: bool
    resealed: Mapping[str, int]
    freed: int
    seconds: float


def rotate(rt: Runtime, tell: Callable[[int, int], None]) -> Rotation:
    """Put the first key of the list in force and seal everything anew that another key sealed.

    Everything stays readable throughout, for every process that has both keys. Killed anywhere and called again it
    goes on where it was; called twice at once the two share the work. ``tell`` hears after each transaction how many
    rows are done, of how many. Raises ``ConfigurationError`` while a process of an older version of the program goes
    on sealing with a former key, and database errors.
    """
    started = time.monotonic()
    with rt.database.write() as session:
        switched = rotation.put_in_force(session)
    done: dict[str, int] = {}
    for _ in range(ROUNDS):
        with rt.database.read() as session:
            key_id, waiting = rotation.key_in_force(session), rotation.waiting(session)
        if not waiting:
            break
        total = sum(waiting.values()) + sum(done.values())
        for table in waiting:
            _reseal(rt, table, done, lambda: tell(sum(done.values()), total))  # noqa: B023  # called in this round
    else:
        raise ConfigurationError(
            "Ein Prozess einer älteren Fassung schreibt noch mit einem früheren Schlüssel.",
            hint="Alle Prozesse des Dienstes neu starten und den Befehl wiederholen.",
        )
    with rt.database.write() as session:
        freed = rotation.retire(session, key_id)
    return Rotation(switched, done, freed, time.monotonic() - started)


def _reseal(rt: Runtime, table: str, done: dict[str, int], tell: Callable[[], None]) -> None:
    after: rotation.Place | None = ()
    while after is not None:
        started = time.monotonic()
        with rt.database.write() as session:
            after, count = rotation.reseal(session, table, after)
        done[table] = done.get(table, 0) + count
        tell()
        time.sleep(time.monotonic() - started)  # at least half of the time belongs to other writers
