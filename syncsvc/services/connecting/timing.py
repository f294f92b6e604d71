"""When the table will be synced by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from syncsvc.core.programme import TableSchema
from syncsvc.core.schedules import Schedule, next_run
from syncsvc.services.connecting.draft import Connection

PARTS = ("schedule", "quiet_hours", "land")

SHOWN = 3
"""How many of the next times are shown."""


def problems(typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with these parts of a table's description, in German, by the rules of programme files."""
    found = TableSchema(only=PARTS).validate(dict(typed))
    return {part: str(found[part][0]) for part in PARTS if part in found}


def upcoming(connection: Connection, now: datetime) -> list[datetime]:
    """The next times of its schedule, in UTC; none where it is looked at all the time."""
    if not connection.schedule:
        return []
    schedule = Schedule(connection.schedule, connection.zone, connection.quiet_hours, connection.land)
    times = [now]
    for _ in range(SHOWN):
        times.append(next_run(schedule, times[-1]))
    return times[1:]
