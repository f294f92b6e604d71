"""What is wrong with a database is said in a sentence, and once it is mended everything goes on without a restart."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError, ProgrammingError

from syncsvc.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseReadOnly,
    DatabaseUnreachable,
    SyncsvcError,
)
from syncsvc.store import projects
from syncsvc.store.database import Database
from syncsvc.store.outages import plain_errors
from tests.factories import make_project, make_vault

MANY = 600
CANARY = "Canary 123A456789"


def raised(kind: type[DBAPIError], original: BaseException, *, cut: bool = False) -> DBAPIError:
    return kind("UPDATE records", {"document": CANARY}, original, hide_parameters=True, connection_invalidated=cut)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (raised(OperationalError, pg.AdminShutdown(CANARY)), DatabaseUnreachable),
        (raised(OperationalError, pg.CannotConnectNow(CANARY)), DatabaseUnreachable),
        (raised(OperationalError, pg.TooManyConnections(CANARY)), DatabaseUnreachable),
        (raised(OperationalError, psycopg.OperationalError(CANARY)), DatabaseUnreachable),
        (raised(InterfaceError, psycopg.InterfaceError(CANARY)), DatabaseUnreachable),
        (raised(InternalError, pg.IdleInTransactionSessionTimeout(CANARY), cut=True), DatabaseUnreachable),
        (raised(OperationalError, pg.DiskFull(CANARY)), DatabaseFull),
        (raised(InternalError, pg.ReadOnlySqlTransaction(CANARY)), DatabaseReadOnly),
        (raised(OperationalError, pg.LockNotAvailable(CANARY)), DatabaseBusy),
        (raised(OperationalError, pg.DeadlockDetected(CANARY)), DatabaseBusy),
        (raised(InternalError, pg.DataCorrupted(CANARY)), DatabaseDamaged),
    ],
)
def test_what_the_driver_reports_is_classed_and_quotes_nothing(error, expected):
    with pytest.raises(SyncsvcError) as caught, plain_errors():
        raise error
    assert type(caught.value) is expected
    assert "Canary" not in f"{caught.value}{caught.value.hint}"
    assert caught.value.hint


@pytest.mark.parametrize(
    "error",
    [raised(IntegrityError, pg.UniqueViolation("x")), raised(ProgrammingError, pg.UndefinedColumn("x"))],
)
def test_what_our_own_statement_did_wrong_is_not_blamed_on_the_database(error):
    with pytest.raises(type(error)), plain_errors():
        raise error


def keys_of(database: Database) -> list[str]:
    with database.read() as session:
        return [project.key for project in projects.all_projects(session)]


def add_many(database: Database) -> None:
    with database.write() as session:
        for number in range(MANY):
            make_project(session, f"p{number}", prefix=f"P{number}")


class TestEmbedded:
    @pytest.fixture
    def url(self, tmp_path: Path, sqlite_template: Path) -> str:
        (tmp_path / "syncsvc.db").write_bytes(sqlite_template.read_bytes())
        return f"sqlite:///{tmp_path / 'syncsvc.db'}"

    def test_a_full_disk(self, database):
        limit = [1]

        def bound(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={limit[0]}")

        event.listen(database.engine, "checkout", bound)
        with pytest.raises(DatabaseFull, match="kein Platz"):
            add_many(database)
        assert keys_of(database) == []
        limit[0] = 1_000_000  # somebody made room
        add_many(database)
        assert len(keys_of(database)) == MANY

    def test_a_disk_that_refuses_to_write(self, database, tmp_path):
        """The system itself refuses, in the middle of a transaction."""
        with database.write() as session:
            make_project(session)
        size = (tmp_path / "syncsvc.db-wal").stat().st_size + 20_000
        with largest_file(size), pytest.raises(DatabaseUnreachable):
            add_many(database)
        assert keys_of(database) == ["bsp"]
        add_many(database)
        assert len(keys_of(database)) == MANY + 1

    def test_a_file_closed_to_writers(self, url, tmp_path):
        database = Database(f"sqlite:///file:{tmp_path / 'syncsvc.db'}?mode=ro&uri=true", make_vault())
        assert keys_of(database) == []
        with pytest.raises(DatabaseReadOnly, match="schreibgeschützt"), database.write() as session:
            make_project(session)
        database.dispose()

    def test_a_file_that_is_gone_for_a_while(self, database, tmp_path):
        """As when a drive is not mounted: nothing empty is made in its place."""
        with database.write() as session:
            make_project(session)
        database.dispose()  # the last connection gone, everything is in the one file
        (tmp_path / "syncsvc.db").rename(tmp_path / "away.db")
        for attempt in (database.write, database.read):
            with pytest.raises(DatabaseUnreachable, match="nicht mehr da"), attempt():
                pytest.fail("the session must not begin")
        assert not (tmp_path / "syncsvc.db").exists()
        (tmp_path / "away.db").rename(tmp_path / "syncsvc.db")
        assert keys_of(database) == ["bsp"]

    def test_a_damaged_file(self, tmp_path):
        (tmp_path / "syncsvc.db").write_bytes(b"no database" * 1000)
        database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
        with pytest.raises(DatabaseDamaged, match="beschädigt"), database.read():
            pytest.fail("the session must not begin")
        database.dispose()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.postgres
class TestPostgres:
    @pytest.fixture
    def url(self, postgres, postgres_template: str) -> Iterator[str]:
        with postgres.database(postgres_template) as address:
            yield address

    @staticmethod
    def server(url: str, statement: str) -> None:
        """As the server's operator, from another database."""
        name = make_url(url).database
        address = make_url(url).set(database="postgres", drivername="postgresql")
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as admin:
            admin.execute(statement.format(name=name))  # type: ignore[arg-type]  # the test's own words

    CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"

    def test_connections_that_died_while_they_rested_are_replaced_unnoticed(self, database, url):
        with database.read(), database.write() as session:  # two connections
            make_project(session)
        self.server(url, self.CUT)
        assert keys_of(database) == ["bsp"]

    def test_a_connection_cut_in_a_transaction_takes_it_back_and_the_next_one_works(self, database, url):
        def lose() -> None:
            with database.write() as session:
                make_project(session)
                session.flush()
                self.server(url, self.CUT)

        with pytest.raises(DatabaseUnreachable, match="nicht erreichbar"):
            lose()
        assert keys_of(database) == []

    def test_a_server_that_is_away_for_a_while(self, database, url):
        with database.write() as session:
            make_project(session)
        self.server(url, 'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        self.server(url, self.CUT)
        for attempt in (database.write, database.read):
            with pytest.raises(DatabaseUnreachable, match="nicht erreichbar"), attempt():
                pytest.fail("the session must not begin")
        self.server(url, 'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert keys_of(database) == ["bsp"]

    def test_a_server_closed_to_writers(self, database, url):
        self.server(url, 'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        with pytest.raises(DatabaseReadOnly), database.write() as session:
            make_project(session)
        assert keys_of(database) == []
        self.server(url, 'ALTER DATABASE "{name}" SET default_transaction_read_only = off')
        database.dispose()
        with database.write() as session:
            session.execute(text("SELECT 1"))
            make_project(session)
        assert keys_of(database) == ["bsp"]
