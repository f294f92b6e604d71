"""The database: where transactions begin and end, and how its schema and its keys are kept in order."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine, event, insert, make_url, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from syncsvc.errors import DatabaseBusy, DatabaseOutdated, DatabaseUnreachable, KeyMissing
from syncsvc.store.models import Meta
from syncsvc.store.vault import Vault

BUSY_SECONDS = 10
"""How long a writer waits for another one before it gives up with ``DatabaseBusy``."""

_WRITER_LOCK = 0x73796E63
"""The PostgreSQL advisory lock every writing transaction holds ("sync" in ASCII)."""

_BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_BUSY_STATES = {"55P03", "40P01", "40001"}  # lock not available, deadlock, serialization failure


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
        else:
            self.engine = create_engine(address.set(drivername="postgresql+psycopg"), hide_parameters=True)
            event.listen(self.engine, "begin", _begin_postgres)
        self.vault = vault
        self._checked = False

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one writing transaction: committed at the end, rolled back on any exception.

        Raises ``DatabaseBusy``, ``DatabaseUnreachable``, ``DatabaseOutdated``, or ``KeyMissing`` before anything is
        written.
        """
        with self._session("write") as session, session.begin():
            session.connection()  # takes the writer's place now: whatever is read from here on stays true
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the database and cannot write. Raises as ``write`` does."""
        with self._session("read") as session:
            yield session

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def _session(self, role: str) -> Iterator[Session]:
        with _plain_errors():
            if not self._checked:
                self._check()
            engine = self.engine.execution_options(role=role)
            with Session(engine, expire_on_commit=False, info={"vault": self.vault}) as session:
                yield session

    def _check(self) -> None:
        if not is_current(self):
            raise DatabaseOutdated
        with self.engine.execution_options(role="read").begin() as connection:
            admitted = _keys_admitted(connection, self.vault)
        if not admitted:  # once in a key's life; otherwise a reader would have to wait for a writer
            with self.engine.execution_options(role="write").begin() as connection:
                _admit_keys(connection, self.vault)
        self._checked = True


def upgrade(database: Database) -> None:
    """Bring the schema up to date, from an empty database too. Does nothing when it is; safe in several processes.

    Raises ``KeyMissing`` before anything is changed when the database is sealed with other keys, and
    ``DatabaseOutdated`` when it was made by a newer version of this program.
    """
    with _plain_errors(), database.engine.execution_options(role="migrate").begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() is not None:
            _admit_keys(connection, database.vault)
        try:
            command.upgrade(_alembic(connection), "head")
        except CommandError as error:
            raise DatabaseOutdated(
                "Die Datenbank wurde mit einer neueren Fassung des Programms angelegt.",
                hint="Die neuere Fassung verwenden.",
            ) from error
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise DatabaseUnreachable("Die Datenbank enthält Verweise ins Leere; sie wurde nicht verändert.")
        _admit_keys(connection, database.vault)
    database.dispose()  # SQLite: the connection that migrated does not check foreign keys


def is_current(database: Database) -> bool:
    """Whether the schema is the one this program needs."""
    with _plain_errors(), database.engine.execution_options(role="read").begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "syncsvc.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _keys_admitted(connection: Connection, vault: Vault) -> bool:
    """Whether the vault's newest key is noted as one in use.

    Raises ``KeyMissing`` if one of the keys ever used is not in the vault, or the blind indexes were made with
    another oldest key.
    """
    known = {row.name: row.value for row in connection.execute(select(Meta.name, Meta.value))}
    index = known.pop("index", None)
    if index is None:
        return False
    if index != vault.index("meta", "index"):
        raise KeyMissing("Der älteste Schlüssel der Datenbank fehlt oder steht nicht an letzter Stelle.")
    for name, value in known.items():
        vault.open(value, f"meta.value:{name}")
    return vault.key_id in known


def _admit_keys(connection: Connection, vault: Vault) -> None:
    """Note the vault's newest key, and in a new database what blind indexes are made with.

    Raises ``KeyMissing`` as ``_keys_admitted`` does. The transaction has to be a writing one.
    """
    if _keys_admitted(connection, vault):
        return
    rows = [{"name": vault.key_id, "value": vault.seal("in use", f"meta.value:{vault.key_id}")}]
    if connection.scalar(select(Meta.name).where(Meta.name == "index")) is None:
        rows.append({"name": "index", "value": vault.index("meta", "index")})
    connection.execute(insert(Meta), rows)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing: _begin_sqlite does
    connection.execute("PRAGMA journal_mode=WAL")
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
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest a detail
        if code in _BUSY_CODES or getattr(error.orig, "sqlstate", None) in _BUSY_STATES:
            raise DatabaseBusy from error
        raise DatabaseUnreachable from error
