"""What a failing database means, as our errors: busy, out of reach, full, closed to writers, or damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from syncsvc.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseUnreachable,
    SyncsvcError,
)

_SQLITE: dict[int, type[SyncsvcError]] = {
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_READONLY: DatabaseReadOnly,
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
}
_POSTGRES: dict[str, type[SyncsvcError]] = {
    "40001": DatabaseBusy,  # serialization failure
    "40P01": DatabaseBusy,  # deadlock
    "55P03": DatabaseBusy,  # lock not available
    "25006": DatabaseReadOnly,  # a standby, or a server that its operator closed to writers
    "53100": DatabaseFull,
    "XX001": DatabaseDamaged,  # data corrupted
    "XX002": DatabaseDamaged,  # index corrupted
}
_AWAY = ("08", "53", "57P", "58")
"""PostgreSQL's classes for: connection lost, resources exhausted, shutting or starting up, failing disk."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Raise what the database reports as ours. What says that our own statement was wrong passes as it is.

    The database's own text goes no further than the cause: it may quote an address or a value.
    """
    try:
        yield
    except PoolTimeout as error:  # every connection of this process is at work
        raise DatabaseBusy from error
    except DBAPIError as error:
        ours = _meaning(error)
        if ours is None:
            raise
        raise ours from error


def _meaning(error: DBAPIError) -> type[SyncsvcError] | None:
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest a detail
    state = getattr(error.orig, "sqlstate", None) or ""
    if found := _SQLITE.get(code) or _POSTGRES.get(state):
        return found
    away = error.connection_invalidated or state.startswith(_AWAY)
    plain = type(error) in (OperationalError, InterfaceError, DatabaseError)
    return DatabaseUnreachable if away or plain else None
