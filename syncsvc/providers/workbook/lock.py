"""One writer at a time for one file, across processes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from syncsvc.errors import TableLocked

_PATIENCE = 30.0
"""Seconds; a write of 20,000 rows takes a few."""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock named by this path; it ends with the process that held it.

    An empty SQLite database is the lock: its file locks work on every system the service runs on, and the standard
    library has no other that does. Raises ``TableLocked`` when another process keeps it too long.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            raise TableLocked("Ein anderer Vorgang schreibt gerade in dieselbe Datei.") from None
        yield
