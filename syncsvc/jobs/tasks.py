"""The work itself: plain functions of keys, whatever engine calls them; and the list of what recurs."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncsvc.errors import NotFound
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.services.tables import get_table
from syncsvc.store import heartbeats, tables
from syncsvc.store.models import TableState

_LOG = logging.getLogger(__name__)

HELD_PAUSE = timedelta(seconds=20)
"""A file is closed: the next run shall notice within half a minute."""

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)
"""Also the pause of a table that awaits its release, which ends the pause: only a person moves it on."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something that recurs ``every`` so often, beside the tick."""

    every: timedelta
    run: Callable[[Runtime], None]


PERIODIC: Mapping[str, Job] = {}
"""By name. Every engine calls ``recur(rt, name)`` for each of them at least once a minute."""


def recur(rt: Runtime, name: str) -> None:
    """Run a periodic job if its time has come. Never raises: the next call tries again."""
    job = PERIODIC[name]
    try:
        with rt.database.read() as session:
            last = heartbeats.last(session, name)
        now = rt.clock.now()
        if last is not None and last.at <= now < last.at + job.every:  # a clock set back must not put it to sleep
            return
        job.run(rt)
        with rt.database.write() as session:
            heartbeats.beat(session, name, rt.holder, now)
    except Exception as error:  # noqa: BLE001  # whatever it is, the other jobs go on
        _LOG.error("job %s: %s", name, type(error).__name__)


def sync(rt: Runtime, key: str) -> None:
    """Sync one table and say when to look at it again. Never raises: one table must not stop the others."""
    try:
        outcome = sync_table(rt, key, actor="schedule", wait=0)
        _plan_next(rt, key, outcome.state)
    except NotFound:
        return  # taken out of the programme since the tick
    except Exception as error:  # noqa: BLE001  # whatever it is, the other tables go on
        _stumble(rt, key, error)


def _plan_next(rt: Runtime, key: str, state: str) -> None:
    """A table that went well is looked at on every tick: unchanged it costs one hash of its file."""
    now, awaits_release = rt.clock.now(), get_table(rt, key).awaits_release
    with rt.database.write() as session:
        table = tables.get(session, key)
        match state:
            case "held":
                table.next_due_at = now + (LONGEST_PAUSE if awaits_release else HELD_PAUSE)
            case "failed":
                table.next_due_at = _after_failures(table.failures, now)
            case _:
                table.next_due_at = None


def _stumble(rt: Runtime, key: str, error: Exception) -> None:
    # The message of an unexpected error may quote a value, so only its type and place are kept.
    kind, place = type(error).__name__, traceback.extract_tb(error.__traceback__)[-1]
    _LOG.error("table %s: %s in %s, line %s", key, kind, place.name, place.lineno)
    now = rt.clock.now()
    try:
        with rt.database.write() as session:
            table = tables.get(session, key)
            table.failures += 1
            table.next_due_at = _after_failures(table.failures, now)
            tables.set_state(session, table.id, TableState.FAILED, f"Unerwarteter Fehler im Dienst ({kind}).", now)
    except Exception as second:  # noqa: BLE001  # the database itself is away: the next tick tries again
        _LOG.error("table %s: its state could not be noted (%s)", key, type(second).__name__)


def _after_failures(failures: int, now: datetime) -> datetime:
    """Twice the pause with each failure in a row, up to the longest."""
    return now + min(FIRST_PAUSE * (1 << min(failures, 10)), LONGEST_PAUSE)
