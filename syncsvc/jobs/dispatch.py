"""What is due: one tick hands every table whose time has come to the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from syncsvc.services.leases import is_dead
from syncsvc.services.runtime import Runtime
from syncsvc.services.schedules import due
from syncsvc.store import heartbeats
from syncsvc.store.tables import CLOCK_SLACK

Submit: TypeAlias = Callable[[str, bool], None]
"""Hands a table's key to the engine; ``urgent`` when a person is waiting for it.

The engine drops a key that is already waiting, and starts an urgent one before the others.
"""


SILENCE = timedelta(seconds=30)
"""How long nobody may have ticked before another process takes over; many ticks, so that one slow tick is none."""


def dispatch(rt: Runtime, submit: Submit) -> None:
    """One tick: submit the key of every table that is due, those that a person waits for first."""
    for key, urgent in due(rt):
        submit(key, urgent)
    with rt.database.write() as session:
        heartbeats.beat(session, heartbeats.TICK, rt.holder, rt.clock.now())


def other_leader(rt: Runtime) -> str | None:
    """The other process that ticks on this database, None if there is none: then this one may.

    A sign of life from further ahead than clocks differ was given before a clock was set back, and proves nothing.
    Two that begin at the same moment may both tick once; the leases see to it that no table runs twice.
    """
    with rt.database.read() as session:
        last = heartbeats.last(session, heartbeats.TICK)
    if last is None or last.holder == rt.holder or is_dead(last.holder):
        return None
    return last.holder if -CLOCK_SLACK <= rt.clock.now() - last.at < SILENCE else None
