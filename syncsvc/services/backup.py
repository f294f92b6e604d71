"""A consistent copy of the embedded database while everything else goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from syncsvc.errors import DatabaseUnreachable, UsageError
from syncsvc.services.runtime import Runtime


def backup(rt: Runtime, folder: Path) -> Path:
    """Copy the database into ``folder`` and return the copy's path, named by the moment (UTC).

    The copy is checked before it gets its name, so a file of that name is whole. It is sealed with the same keys as
    the database and worth nothing without them. Raises ``UsageError`` on PostgreSQL, ``DatabaseUnreachable`` when
    the copy cannot be written.
    """
    source = rt.database.engine.url
    if source.get_backend_name() != "sqlite" or not source.database:
        raise UsageError(
            "Diese Datenbank ist PostgreSQL; sie sichert pg_dump.", hint="pg_dump --format=custom --file=syncsvc.dump …"
        )
    target = folder / f"syncsvc-{rt.clock.now():%Y%m%dT%H%M%S%f}Z.db"
    draft = target.with_suffix(".tmp")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy(Path(source.database), draft)
        draft.rename(target)
    except (OSError, sqlite3.Error) as error:
        draft.unlink(missing_ok=True)
        raise DatabaseUnreachable("Die Sicherung ist nicht gelungen.", hint="Platz und Rechte prüfen.") from error
    return target


def _copy(source: Path, target: Path) -> None:
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        (verdict,) = new.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
