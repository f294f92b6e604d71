"""A lock that PostgreSQL gives back by itself when the process that holds it is gone."""

from __future__ import annotations

from typing import Any

from syncsvc.errors import DatabaseUnreachable
from syncsvc.store.database import Database

_KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 3}
"""After 20 seconds of silence client and server take the other one for gone."""

_PATIENCE = {"connect_timeout": 10, "tcp_user_timeout": 20_000}


def are_kept(database: Database) -> bool:
    """Whether the database has such locks. The embedded one has not: all its processes are on one machine."""
    return database.engine.dialect.name == "postgresql"


class SessionLock:
    """An advisory lock of a connection of its own; both end with ``close``, or with the process.

    It needs a direct connection: behind a pooler that hands out a server session per transaction, nobody holds it.
    Every method raises ``DatabaseUnreachable`` when the connection is cut, and then the lock is lost.
    """

    def __init__(self, database: Database, space: int, number: int) -> None:
        dialect = database.engine.dialect
        driver: Any = dialect.dbapi  # psycopg, which need not be installed for the embedded database
        self._driver, self._place = driver, (space, number)
        words, options = dialect.create_connect_args(database.engine.url)
        options.update({**_PATIENCE, **_KEEPALIVE, "autocommit": True})
        try:
            self._connection = driver.connect(*words, **options)
        except driver.Error as error:
            raise DatabaseUnreachable from error
        for name, value in _KEEPALIVE.items():  # the server's half: it has to notice that a machine lost its power
            self._ask(f"SELECT set_config('tcp_{name}', '{value}', false)")

    def take(self) -> bool:
        """Take the lock if nobody else holds it."""
        (taken,) = self._ask("SELECT pg_try_advisory_lock(%s, %s)", *self._place)
        return bool(taken)

    def check(self) -> None:
        """Return if the lock, once taken, is still held at this moment."""
        self._ask("SELECT 1")

    def end_silent_holder(self, seconds: int) -> None:
        """Cut the connection that holds the lock if nothing was heard on it for so long.

        When its process goes on, the lock is lost to it. The accounts of both processes have to be the same.
        """
        self._ask(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = %s AND objid = %s"
            " AND datname = current_database() AND state_change < clock_timestamp() - make_interval(secs => %s)",
            *self._place,
            seconds,
        )

    def close(self) -> None:
        """Give the lock back."""
        self._connection.close()

    def _ask(self, query: str, *values: int) -> Any:
        try:
            return self._connection.execute(query, values).fetchone()
        except self._driver.Error as error:
            raise DatabaseUnreachable from error
