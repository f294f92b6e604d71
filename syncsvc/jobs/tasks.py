"""The work itself: plain functions of keys, whatever engine calls them; and the list of what recurs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

from syncsvc.errors import NotFound
from syncsvc.logs import failure
from syncsvc.services import retention
from syncsvc.services.coaching import checking
from syncsvc.services.contacts import confirmation, daily, digest
from syncsvc.services.notices import deliver
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store import heartbeats

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something that recurs ``every`` so often, beside the tick."""

    every: timedelta
    run: Callable[[Runtime], None]


def tidy(rt: Runtime) -> None:
    """Remove what is past its term, and say in one line how much that was."""
    _LOG.info("tidied", extra={"job": "tidy", "counts": asdict(retention.tidy(rt))})


def check_coachings(rt: Runtime) -> None:
    """Look through the whole programme for double coachings, and say in one line what that found."""
    found = checking.check(rt)
    _LOG.info("coachings checked", extra={"job": "coaching", "counts": asdict(found)})


PERIODIC: Mapping[str, Job] = {
    daily.NAME: Job(timedelta(hours=1), daily.new_day),
    "deliver": Job(timedelta(seconds=30), deliver),
    "digest": Job(timedelta(minutes=10), digest.post),
    "remind": Job(timedelta(hours=6), confirmation.remind),
    heartbeats.TIDY: Job(timedelta(days=1), tidy),
    heartbeats.COACHING: Job(timedelta(days=1), check_coachings),
}
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
        _LOG.error("job failed", extra={"job": name, **failure(error)})


def sync(rt: Runtime, key: str) -> None:
    """Sync one table if it is still due. Never raises: one table must not stop the others."""
    try:
        sync_table(rt, key, actor="schedule", wait=0, if_due=True)
    except NotFound:
        return  # taken out of the programme since the tick
    except Exception as error:  # noqa: BLE001  # whatever it is, the other tables go on
        _LOG.error("sync failed", extra={"table": key, **failure(error)})
