"""Whether the service can work, in a sentence that tells a stranger nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from syncsvc.errors import DatabaseOutdated, KeyMissing, SyncsvcError
from syncsvc.services.runtime import Runtime
from syncsvc.store import heartbeats
from syncsvc.store.database import is_current

TICK_LIMIT = timedelta(minutes=5)
"""Ticks come every few seconds; after so long without one somebody has to look."""

AWAY = "Die Datenbank ist nicht erreichbar."
OUTDATED = "Die Datenbank passt nicht zu dieser Fassung des Programms."
LOCKED = "Der Schlüssel der Datenbank fehlt."


@dataclass(frozen=True, slots=True)
class Health:
    """``reason`` is a German sentence, empty if all is well; ``tick_age`` None as long as nothing ever ticked."""

    reason: str
    tick_age: timedelta | None = None

    @property
    def ready(self) -> bool:
        return not self.reason


def look(rt: Runtime) -> Health:
    """Database, its schema and keys, and the tick's age. Raises nothing of ours.

    A service that never ticked is ready: pages can be served before the first scheduler or worker starts. Once there
    was a tick, one older than ``TICK_LIMIT`` means that no table is synced, which nobody would notice otherwise.
    """
    try:
        if not is_current(rt.database):
            return Health(OUTDATED)
        with rt.database.read() as session:
            tick = heartbeats.last(session, heartbeats.TICK)
    except DatabaseOutdated:
        return Health(OUTDATED)
    except KeyMissing:
        return Health(LOCKED)
    except SyncsvcError:
        return Health(AWAY)
    if tick is None:
        return Health("")
    age = max(rt.clock.now() - tick.at, timedelta(0))
    if age <= TICK_LIMIT:
        return Health("", age)
    return Health(f"Der regelmäßige Abgleich hat sich seit {age // timedelta(minutes=1)} Minuten nicht gemeldet.", age)
