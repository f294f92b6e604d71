"""The database: where transactions begin and end, and how its schema and its keys are kept in order."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event, insert, make_url, select
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from syncsvc.errors import DatabaseOutdated, DatabaseUnreachable, KeyMissing
from syncsvc.store.models import Meta
from syncsvc.store.outages import plain_errors
from syncsvc.store.scope import Scope, narrow
from syncsvc.store.vault import Vault

BUSY_SECONDS = 10
"""How long a writer waits for another one before it gives up with ``DatabaseBusy``."""

STOPPED_SECONDS = 30
"""After how long without a statement PostgreSQL ends a writing transaction: its process is paused, and all others wait.
"""

_WRITER_LOCK = 0x73796E63
"""The PostgreSQL advisory lock every writing transaction holds ("sync" in ASCII)."""

_POSTGRES_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""A server that vanished without a word is noticed after a minute, not after the system's two hours."""


class Database:
    """One database and the vault that seals what is personal in it. Opens nothing until the first session.

    Readers see one moment throughout their session. There is one writer at a time, on SQLite (``BEGIN IMMEDIATE``)
    and on PostgreSQL (an advisory lock) alike: what a write session reads is still true when it commits. So keep
    write sessions short, and never wait for a platform inside one.
    """

    def __init__(self, url: str, vault: Vault) -> None:
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            # hide_parameters: an error's text must not carry what was about to be stored
            self.engine = create_engine(address, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
            if address.database and not address.database.startswith("file:"):
                self._watch(Path(address.database))
        else:
            self.engine = create_engine(
                address.set(drivername="postgresql+psycopg"),
                hide_parameters=True,
                pool_pre_ping=True,  # a connection that died while it rested is replaced, not handed out
                connect_args={name: value for name, value in _POSTGRES_PATIENCE.items() if name not in address.query},
            )
            event.listen(self.engine, "begin", _begin_postgres)
        self.vault = vault
        self._scope: Scope | None = None
        self._seen: tuple[Mapping[str, bytes], Vault] | None = None
        self._checked = False

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one writing transaction: committed at the end, rolled back on any exception.

        Raises ``DatabaseBusy``, ``DatabaseUnreachable``, ``DatabaseDamaged``, ``DatabaseOutdated``, or ``KeyMissing``
        before anything is written.
        """
        if self._scope is not None:
            raise LookupError("what somebody sees is for reading: say first what entitles her to write")
        with self._session("write") as session:
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the database and cannot write. Raises as ``write`` does."""
        with self._session("read") as session:
            yield session

    def seen_by(self, scope: Scope) -> Database:
        """The same database as somebody with this scope sees it: such sessions find nothing else and cannot write."""
        seen = copy(self)
        seen._scope = scope
        return seen

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _session(self, role: str) -> Iterator[Session]:
        with plain_errors():
            if not self._checked:
                if not is_current(self):
                    raise DatabaseOutdated
                self._checked = True
            engine = self.engine.execution_options(role=role)
            with Session(engine, expire_on_commit=False) as session:
                # A writer takes its place here: whatever is read from now on stays true.
                session.info["vault"] = self._vault_in_force(session.connection())
                if self._scope is not None:
                    narrow(session, self._scope)
                yield session

    def _vault_in_force(self, connection: Connection) -> Vault:
        """The vault as the database wants it in this transaction: another process may just have rotated the keys."""
        noted, seen = _noted_keys(connection), self._seen
        if seen is None or seen[0] != noted:
            seen = self._seen = noted, _vault_for(noted, self.vault)
        return seen[1]  # not self._seen: a thread that looks at another moment may have replaced it

    def _watch(self, file: Path) -> None:
        """Never write into a file that somebody moved away or replaced while we had it open."""

        def there() -> tuple[int, int] | None:
            try:
                found = file.stat()
            except OSError:
                return None
            return found.st_dev, found.st_ino

        def connecting(*_: Any) -> None:
            if self._checked and not file.exists():  # SQLite would make an empty one
                raise DatabaseUnreachable("Die Datei der Datenbank ist nicht mehr da.")

        def connected(_: Any, record: ConnectionPoolEntry) -> None:
            record.info["file"] = there()

        def checked_out(_: Any, record: ConnectionPoolEntry, __: Any) -> None:
            if os.name == "posix" and record.info["file"] != there():  # Windows lets nobody move an open file
                raise DisconnectionError

        event.listen(self.engine, "do_connect", connecting)
        event.listen(self.engine, "connect", connected)
        event.listen(self.engine, "checkout", checked_out)


def upgrade(database: Database) -> None:
    """Bring the schema up to date, from an empty database too. Does nothing when it is; safe in several processes.

    Raises ``KeyMissing`` before anything is changed when the database is sealed with other keys, and
    ``DatabaseOutdated`` when it was made by a newer version of this program.
    """
    with plain_errors(), database.engine.execution_options(role="migrate").begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() is not None:
            _note_key(connection, database.vault)
        try:
            command.upgrade(_alembic(connection), "head")
        except CommandError as error:
            raise DatabaseOutdated(
                "Die Datenbank wurde mit einer neueren Fassung des Programms angelegt.",
                hint="Die neuere Fassung verwenden.",
            ) from error
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise DatabaseUnreachable("Die Datenbank enthält Verweise ins Leere; sie wurde nicht verändert.")
        _note_key(connection, database.vault)
    database.dispose()  # SQLite: the connection that migrated does not check foreign keys


def is_current(database: Database) -> bool:
    """Whether the schema is the one this program needs."""
    with plain_errors(), database.engine.execution_options(role="read").begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "syncsvc.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def keys_note(vault: Vault) -> dict[str, bytes]:
    """What ``meta`` holds for the vault's key in force: something it sealed, and its mark as the one in force."""
    return {vault.key_id: vault.seal("in use", f"meta.value:{vault.key_id}"), "index": vault.index("meta", "index")}


def _noted_keys(connection: Connection) -> dict[str, bytes]:
    return {row.name: row.value for row in connection.execute(select(Meta.name, Meta.value))}


def _vault_for(noted: Mapping[str, bytes], vault: Vault) -> Vault:
    """The vault with the key in force that the database notes. Raises ``KeyMissing`` if a key in use is not in it."""
    candidates = (vault.using(key_id) for key_id in vault.key_ids)
    in_force = next((one for one in candidates if one.index("meta", "index") == noted.get("index")), None)
    used = noted.keys() - {"index"}
    if in_force is None and used & set(vault.key_ids):
        raise KeyMissing("Die Datenbank ist schon auf einen neueren Schlüssel umgestellt, der hier fehlt.")
    if in_force is None:
        raise KeyMissing
    if not used <= set(vault.key_ids):
        raise KeyMissing(
            "Ein früherer Schlüssel fehlt, mit dem noch Einträge verschlüsselt sind.",
            hint="Ihn wieder angeben und `syncsvc db rotate-keys` zu Ende laufen lassen.",
        )
    for name in used:
        vault.open(noted[name], f"meta.value:{name}")
    return in_force


def _note_key(connection: Connection, vault: Vault) -> None:
    """Put the vault's first key in force in a new database. Raises ``KeyMissing`` as every session would."""
    if noted := _noted_keys(connection):
        _vault_for(noted, vault)
    else:
        connection.execute(insert(Meta), [{"name": name, "value": value} for name, value in keys_note(vault).items()])


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing: _begin_sqlite does
    if connection.execute("PRAGMA page_count").fetchone() == (0,):  # counts for a new file only, and takes a write lock
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:  # a new file that two processes open at once: SQLite does not wait
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    role = connection.get_execution_options()["role"]
    if role == "migrate":
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # rebuilding a table must not touch its referrers
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if role == 'read' else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if role == "read" else "BEGIN IMMEDIATE")


def _begin_postgres(connection: Connection) -> None:
    if connection.get_execution_options()["role"] == "read":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    else:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
        connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{STOPPED_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")
