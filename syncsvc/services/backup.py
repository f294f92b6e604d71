"""A consistent copy of the database while everything else goes on, and the way back from one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from syncsvc.errors import AlreadyRunning, DatabaseUnreachable, InvalidFile, SyncsvcError, UsageError
from syncsvc.services.runtime import Runtime
from syncsvc.store import heartbeats
from syncsvc.store.database import Database, upgrade
from syncsvc.store.vault import Vault

WAIT_SECONDS = 5
"""How long a restore waits for commands that have the database open."""


def backup(rt: Runtime, folder: Path) -> Path:
    """Copy the database into ``folder`` and return the copy's path, named by the moment (UTC).

    The embedded database becomes a ``.db``, PostgreSQL a ``.dump`` of ``pg_dump``. The copy is checked before it
    gets its name, so a file of that name is whole. It is sealed with the same keys as the database and worth nothing
    without them. Raises ``UsageError`` when there is no ``pg_dump``, ``DatabaseUnreachable`` when the copy cannot be
    made or written.
    """
    url = rt.database.engine.url
    embedded = url.get_backend_name() == "sqlite"
    tools = None if embedded else _postgres_tools()
    with rt.database.read():
        pass  # what does not open with our keys is not worth a backup
    target = folder / f"syncsvc-{rt.clock.now():%Y%m%dT%H%M%S%f}Z.{'dump' if tools else 'db'}"
    draft = target.with_suffix(".tmp")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        if tools:
            _dump(*tools, url, draft)
        else:
            _copy(Path(str(url.database)), draft)
        draft.rename(target)
    except subprocess.CalledProcessError as error:
        outdated = b"version mismatch" in error.stderr
        hint = "Es ist älter als der Server: ein neueres installieren." if outdated else "Platz und Rechte prüfen."
        raise DatabaseUnreachable("pg_dump konnte die Datenbank nicht sichern.", hint=hint) from error
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnreachable("Die Sicherung ist nicht gelungen.", hint="Platz und Rechte prüfen.") from error
    finally:
        with suppress(OSError):
            draft.unlink()
    with suppress(SyncsvcError), rt.database.write() as session:  # the copy is whole even if nobody can note it
        heartbeats.beat(session, heartbeats.BACKUP, rt.holder, rt.clock.now())
    return target


def restore(file: Path, target: Path, vault: Vault, now: datetime) -> Path | None:
    """Put this backup of an embedded database in the place of ``target``, and bring it up to date.

    Nothing is touched before the backup proved whole and opened with the vault's keys. What was there stays beside
    it; returns its new path, None if there was nothing. Raises ``InvalidFile`` for a file that is no whole backup,
    ``KeyMissing`` when it is sealed with other keys, ``DatabaseOutdated`` when it comes from a newer version,
    ``AlreadyRunning`` while a process has the database open, ``DatabaseUnreachable`` when the disk does not do it.
    """
    draft = target.with_name(f"{target.name}.restore")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        try:
            _copy(file, draft)
        except sqlite3.Error as error:
            raise InvalidFile(f"{file.name} ist keine vollständige Sicherung der eingebauten Datenbank.") from error
        database = Database(f"sqlite:///{draft}", vault)
        try:
            upgrade(database)
        finally:
            database.dispose()
        aside = _set_aside(target, target.with_name(f"{target.stem}-ersetzt-{now:%Y%m%dT%H%M%S}Z.db"))
        draft.replace(target)
    except OSError as error:
        raise DatabaseUnreachable("Das Zurückspielen ist nicht gelungen.", hint="Platz und Rechte prüfen.") from error
    finally:
        for part in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{draft}{part}").unlink()
    return aside


def _copy(source: Path, target: Path) -> None:
    # "rw": a source that is not there is an error, not an empty database
    address = f"{source.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, that can be read from a disk closed to writers too
        (verdict,) = new.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def _postgres_tools() -> tuple[str, str]:
    dump, check = shutil.which("pg_dump"), shutil.which("pg_restore")
    if dump and check:
        return dump, check
    raise UsageError(
        "PostgreSQL sichert pg_dump, und das ist hier nicht installiert.",
        hint="Das Paket postgresql-client installieren oder den Server selbst sichern lassen.",
    )


def _dump(dump: str, check: str, url: URL, target: Path) -> None:
    # Whoever lists the processes of this machine sees their arguments, so the password goes another way.
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    open_part = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    address = open_part.render_as_string()
    subprocess.run(  # noqa: S603  # found on the PATH, arguments from the settings, no shell
        [dump, "--format=custom", "--no-password", f"--file={target}", f"--dbname={address}"],
        env={**os.environ, "LC_ALL": "C", **secret},
        check=True,
        capture_output=True,
    )
    subprocess.run([check, "--list", str(target)], check=True, capture_output=True)  # noqa: S603  # as above


def _set_aside(target: Path, aside: Path) -> Path | None:
    """Keep a second name for the database that is about to be replaced. There is never a moment without one."""
    if not target.exists():
        return None
    try:
        with closing(sqlite3.connect(target, timeout=WAIT_SECONDS, isolation_level=None)) as old:
            # Only who has the file alone may leave WAL mode; and then all of it is in the one file.
            old.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise AlreadyRunning("Die Datenbank ist noch geöffnet.", hint="Erst den Dienst beenden.") from error
    except sqlite3.DatabaseError:
        pass  # damaged: that is why it is replaced
    for part in ("-wal", "-shm"):  # there only if the database was damaged; they must not meet the restored one
        with suppress(FileNotFoundError):
            Path(f"{target}{part}").rename(f"{aside}{part}")
    try:
        aside.hardlink_to(target)
    except OSError:  # a file system without second names
        shutil.copy2(target, aside)
    return aside
