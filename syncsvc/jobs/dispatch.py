"""What is due: one tick hands every table whose time has come to the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from syncsvc.services.runtime import Runtime
from syncsvc.store import tables

Submit: TypeAlias = Callable[[str, bool], None]
"""Hands a table's key to the engine; ``urgent`` when a person is waiting for it.

The engine drops a key that is already waiting, and starts an urgent one before the others.
"""


def due(rt: Runtime) -> list[str]:
    """The keys of the enabled tables that are not waiting for a later moment, longest waiting first."""
    now = rt.clock.now()
    with rt.database.read() as session:
        ready = [
            table
            for table in tables.all_tables(session)
            if table.enabled and (table.next_due_at is None or table.next_due_at <= now)
        ]
        return [
            table.key for table in sorted(ready, key=lambda table: (table.checked_at is not None, table.checked_at))
        ]


def dispatch(rt: Runtime, submit: Submit) -> None:
    """Submit the key of every table that is due; the engine drops a key that is still at work."""
    for key in due(rt):
        submit(key, False)  # noqa: FBT003  # the shape every engine offers dispatch
