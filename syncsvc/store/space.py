"""The embedded database's room on disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from syncsvc.errors import DatabaseBusy
from syncsvc.store.database import Database

_PAGES = 500
"""How many free pages go back in one transaction: 2 MB, some milliseconds."""


def give_back(database: Database) -> None:
    """Return free pages and the write-ahead log's room to the system, and renew what the query planner knows.

    In short steps between which others write. Does nothing on PostgreSQL, which sees to that by itself. Raises
    ``DatabaseBusy``; what was given back until then stays so.
    """
    if database.engine.dialect.name != "sqlite":
        return
    with closing(database.engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        try:
            connection.execute("PRAGMA query_only=OFF")
            connection.execute("PRAGMA analysis_limit=400")
            connection.execute("PRAGMA optimize")
            free = _free_pages(connection)
            while free:
                connection.executescript(f"PRAGMA incremental_vacuum({_PAGES})")  # execute() would stop after one page
                before, free = free, _free_pages(connection)
                if free >= before:  # a file made before this was kept: its free pages are used again instead
                    break
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            raise DatabaseBusy from error


def _free_pages(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(pages)
