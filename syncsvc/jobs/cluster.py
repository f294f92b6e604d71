"""Jobs in any number of processes on any machine, driven by Procrastinate on PostgreSQL: the only file that knows it.

The queue holds nothing that our tables do not say as well: whatever becomes of a job, the table stays due until a run
of it has ended, and the next tick submits it again. So nothing is retried here, and no job outlives its end.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

from syncsvc.errors import DatabaseOutdated
from syncsvc.jobs import tasks
from syncsvc.jobs.dispatch import dispatch
from syncsvc.logs import failure
from syncsvc.services.runtime import Runtime
from syncsvc.store.database import Database
from syncsvc.store.outages import plain_errors

_LOG = logging.getLogger(__name__)

TICK_SECONDS = 3
HEARTBEAT_SECONDS, STALLED_SECONDS = 3.0, 12.0
"""How often a worker gives a sign of life, and after what silence its jobs are given up."""
STOP_SECONDS = 4.0
PAUSE_SECONDS = 2.0
_SCHEMA = "syncsvc_jobs"
_URGENT, _ENGINE = 1, 2
"""Priorities above that of a table that is merely due."""


def build(rt: Runtime) -> App:
    """The engine with its jobs; opens nothing.

    A process that stops in the middle of one of the engine's own transactions must not hold up the others.
    """
    address = rt.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = f"-c search_path={_SCHEMA} -c idle_in_transaction_session_timeout=10000"
    app = App(connector=PsycopgConnector(conninfo=address, kwargs={"options": options}, min_size=1, timeout=10))

    @app.task(name="sync")
    def sync(key: str) -> None:
        tasks.sync(rt, key)

    def submit(key: str, urgent: bool) -> None:  # noqa: FBT001  # the shape every engine offers dispatch
        job = sync.configure(lock=key, queueing_lock=key, priority=_URGENT if urgent else 0)
        try:
            job.defer(key=key)
        except AlreadyEnqueued:
            for waiting in app.job_manager.list_jobs(queueing_lock=key, status=Status.TODO.value) if urgent else ():
                if waiting.priority < _URGENT and app.job_manager.cancel_job_by_id(waiting.id or 0, delete_job=True):
                    job.defer(key=key)

    # These have no lock: one that was killed must not keep the next one waiting.
    @app.periodic(cron=f"* * * * * */{TICK_SECONDS}")  # the sixth field is the seconds
    @app.task(name="tick", queueing_lock="tick", priority=_ENGINE)
    def tick(timestamp: int) -> None:  # noqa: ARG001  # every periodic job is handed its time
        dispatch(rt, submit)

    @app.periodic(cron=f"* * * * * */{TICK_SECONDS}")
    @app.task(name="recover", queueing_lock="recover", priority=_ENGINE)
    async def recover(timestamp: int) -> None:  # noqa: ARG001  # as above
        """Finish the jobs of dead workers: their locks would keep the tables waiting for good."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)

    @app.task(name="recur")
    def recur(timestamp: int, name: str) -> None:  # noqa: ARG001  # as above
        tasks.recur(rt, name)

    for name in tasks.PERIODIC:
        app.periodic(cron="* * * * *", periodic_id=name, task_kwargs={"name": name}, lock=name, queueing_lock=name)(
            recur
        )
    return app


class Worker:
    """Works off what is due, ``slots`` tables at a time, until ``stop``. Any number of them share the work."""

    def __init__(self, rt: Runtime, *, slots: int) -> None:
        self._rt, self._slots = rt, slots
        self._runner = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)  # psycopg's choice on Windows
        self._stopping = asyncio.Event()

    def run(self) -> None:
        """Return after ``stop``, once the running syncs have ended. A database that is away is waited for.

        Raises ``DatabaseOutdated`` where the queue has no tables yet, ``DatabaseUnreachable`` only at the start.
        """
        if not is_prepared(self._rt.database):
            raise DatabaseOutdated("Die Tabellen der Warteschlange fehlen oder sind veraltet.")
        with self._runner:
            self._runner.run(self._work())

    def stop(self) -> None:
        """Begin nothing new; may be called by a signal handler and from any thread."""
        self._runner.get_loop().call_soon_threadsafe(self._stopping.set)

    async def _work(self) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(self._slots + 1))
        stopping = asyncio.create_task(self._stopping.wait())
        while not stopping.done():
            working = asyncio.create_task(self._work_until_it_breaks())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            working.cancel()
            await asyncio.wait({working})
            await asyncio.wait({stopping}, timeout=PAUSE_SECONDS)

    async def _work_until_it_breaks(self) -> None:
        """The engine gives up when it loses the database; what ran then is completed by the tables' next runs."""
        app = build(self._rt)
        try:
            async with app.open_async():
                await app.run_worker_async(
                    concurrency=self._slots,
                    delete_jobs="always",
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=STOP_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                )
        except Exception as error:  # noqa: BLE001  # mostly the database is away: begin anew
            _LOG.error("worker begins anew", extra=failure(error))


def prepare(database: Database) -> bool:
    """Give the queue the tables this version of Procrastinate needs, in a schema of their own; False if it had them.

    Other tables are replaced, with the jobs in them: all of them are submitted again. Safe in several processes.
    """
    with plain_errors(), database.engine.execution_options(role="write").begin() as connection:
        if _found(connection) == _wanted():
            return False
        for statement in (f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE", f"CREATE SCHEMA {_SCHEMA}",
                          f"SET LOCAL search_path = {_SCHEMA}"):  # fmt: skip
            connection.exec_driver_sql(statement)
        connection.connection.cursor().execute(SchemaManager.get_schema())  # many statements: only a bare cursor may
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {_SCHEMA} IS '{_wanted()}'")
    return True


def is_prepared(database: Database) -> bool:
    """Whether the queue has the tables this version of Procrastinate needs."""
    with plain_errors(), database.engine.execution_options(role="read").begin() as connection:
        return _found(connection) == _wanted()


def _wanted() -> str:
    return sha256(SchemaManager.get_schema().encode()).hexdigest()[:16]


def _found(connection: Connection) -> str | None:
    query = f"SELECT obj_description(to_regnamespace('{_SCHEMA}'), 'pg_namespace')"
    found: str | None = connection.exec_driver_sql(query).scalar()
    return found
