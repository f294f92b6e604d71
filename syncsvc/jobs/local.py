"""Jobs in this process, driven by APScheduler: the only file that knows the engine."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from syncsvc.jobs import tasks
from syncsvc.jobs.dispatch import dispatch, other_leader
from syncsvc.logs import failure
from syncsvc.services.runtime import Runtime

_LOG = logging.getLogger(__name__)

TICK_SECONDS = 2.0
RECUR_SECONDS = 60.0
WORKERS = 4
STOP_SECONDS = 4.0
"""With the five that open requests get, a process is gone ten seconds after SIGTERM."""


class LocalScheduler:
    """Syncs what is due every ``tick`` seconds, several tables at a time, one table never twice at once.

    All state is in our database: a process that dies forgets nothing but its running syncs, which the next run of
    the table completes. While another process ticks on the same database this one does nothing, and goes on as soon
    as the other one has been silent for a while.
    """

    def __init__(self, runtime: Runtime, *, tick: float = TICK_SECONDS) -> None:
        self._runtime = runtime
        self._tick_seconds = tick
        self._waiting: dict[str, bool] = {}
        self._running: set[str] = set()
        self._working = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._leader: str | None = None
        self._engine = BackgroundScheduler(
            executors={
                "default": ThreadPoolExecutor(1),
                "periodic": ThreadPoolExecutor(1),
                "tables": ThreadPoolExecutor(WORKERS),
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        """Start ticking, the first time at once. Returns immediately."""
        self._engine.add_job(self._tick, "interval", seconds=self._tick_seconds)
        self._engine.add_job(self._tick)
        self._engine.add_job(self._recur, "interval", seconds=RECUR_SECONDS, executor="periodic")
        self._engine.start()

    def stop(self, within: float = STOP_SECONDS) -> bool:
        """Begin nothing new and wait for running work; False if some was still going on after ``within`` seconds.

        Ending the process then is safe: the next run of the table completes the work.
        """
        deadline = time.monotonic() + within
        with self._changed:
            self._stopping = True
        self._engine.remove_all_jobs()  # or its thread may submit one more tick to a pool that is shut down
        self._engine.shutdown(wait=False)
        with self._changed:
            return self._changed.wait_for(lambda: self._working == 0, max(0.0, deadline - time.monotonic()))

    def _tick(self) -> None:
        try:
            if self._leads():
                dispatch(self._runtime, self._submit)
        except Exception as error:  # noqa: BLE001  # mostly the database is busy or away: the next tick tries again
            _LOG.error("tick skipped", extra=failure(error))

    def _recur(self) -> None:
        for name in tasks.PERIODIC:
            with self._changed:
                if self._stopping or self._leader:
                    return
                self._working += 1
            with self._work_ends():
                tasks.recur(self._runtime, name)

    def _leads(self) -> bool:
        leader = other_leader(self._runtime)
        if leader != self._leader:
            event = "waiting: another process ticks" if leader else "at work: the other process is silent"
            _LOG.warning(event, extra={"holder": leader or self._leader})
            self._leader = leader
        return leader is None

    def _submit(self, key: str, urgent: bool) -> None:  # noqa: FBT001  # the shape every engine offers dispatch
        with self._changed:
            if self._stopping or key in self._running:
                return
            queued = key in self._waiting
            self._waiting[key] = urgent
        if not queued:
            self._engine.add_job(self._sync_next, executor="tables")

    def _sync_next(self) -> None:
        """Sync one of the waiting tables; as many calls of this are queued as tables wait."""
        with self._changed:
            if self._stopping:
                return
            key = next((key for key, urgent in self._waiting.items() if urgent), next(iter(self._waiting)))
            del self._waiting[key]
            self._running.add(key)
            self._working += 1
        with self._work_ends():
            try:
                tasks.sync(self._runtime, key)
            finally:
                with self._changed:
                    self._running.discard(key)

    @contextmanager
    def _work_ends(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()
