"""Jobs in this process, driven by APScheduler: the only file that knows the engine."""

from __future__ import annotations

import logging
import threading
import time

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from syncsvc.jobs import tasks
from syncsvc.jobs.dispatch import dispatch
from syncsvc.services.runtime import Runtime

_LOG = logging.getLogger(__name__)

TICK_SECONDS = 10.0
WORKERS = 4
STOP_SECONDS = 8.0


class LocalScheduler:
    """Syncs what is due every ``tick`` seconds, several tables at a time, one table never twice at once.

    All state is in our database: a process that dies forgets nothing but its running syncs, which the next run of
    the table completes.
    """

    def __init__(self, runtime: Runtime, *, tick: float = TICK_SECONDS) -> None:
        self._runtime = runtime
        self._tick_seconds = tick
        self._submitted: set[str] = set()
        self._running = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._engine = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1), "tables": ThreadPoolExecutor(WORKERS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        """Start ticking, the first time at once. Returns immediately."""
        self._engine.add_job(self._tick, "interval", seconds=self._tick_seconds)
        self._engine.add_job(self._tick)
        self._engine.start()

    def stop(self, within: float = STOP_SECONDS) -> bool:
        """Begin nothing new and wait for running syncs; False if some were still at work after ``within`` seconds.

        Ending the process then is safe: the next run of the table completes the work.
        """
        deadline = time.monotonic() + within
        with self._changed:
            self._stopping = True
        self._engine.remove_all_jobs()  # or its thread may submit one more tick to a pool that is shut down
        self._engine.shutdown(wait=False)
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, max(0.0, deadline - time.monotonic()))

    def _tick(self) -> None:
        try:
            dispatch(self._runtime, self._submit)
        except Exception as error:  # noqa: BLE001  # mostly the database is busy or away: the next tick tries again
            _LOG.error("tick skipped: %s", type(error).__name__)

    def _submit(self, key: str, urgent: bool) -> None:  # noqa: FBT001  # the shape every engine offers dispatch
        with self._changed:
            if self._stopping or key in self._submitted:
                return
            self._submitted.add(key)
        self._engine.add_job(self._sync, args=[key], executor="tables")

    def _sync(self, key: str) -> None:
        with self._changed:
            if self._stopping:
                return
            self._running += 1
        try:
            tasks.sync(self._runtime, key)
        finally:
            with self._changed:
                self._submitted.discard(key)
                self._running -= 1
                self._changed.notify_all()
