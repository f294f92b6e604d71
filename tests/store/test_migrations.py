"""A migration runs while the old version serves: it neither fails it nor loses what it writes."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext

from syncsvc.store import database as module
from syncsvc.store import tables
from syncsvc.store.database import Database, is_current, upgrade
from tests.factories import make_vault

FIRST_RELEASE = "0001"

ORGANISATION = "INSERT INTO organisations (id, key, kind, name, aliases, trunk, mail_domains) VALUES (1, 'jc', 'jobcentre', 'JC', '[]', '', '[]')"  # noqa: E501  # the old version's statements, as they were
PROJECT = "INSERT INTO projects (id, key, prefix, name, next_number, revision) VALUES (1, 'bsp', 'BSP', 'Beispielprojekt', 1, 0)"  # noqa: E501  # as above
MAPPING = "INSERT INTO mappings (id, key, title) VALUES (1, 'standard', 'Liste')"
TABLE = (
    "INSERT INTO tables (key, project_id, jobcentre_id, mapping_id, location, edited_by, schedule, enabled, identity,"
    " binding, positions, state, message, failures, fence)"
    " VALUES (:key, 1, 1, 1, :location, '[]', '', :yes, '{}', '{}',"
    " '{}', 'new', '', 0, 0)"
)
READ = "SELECT key, schedule, enabled, failures, next_due_at FROM tables ORDER BY key"
CHANGE = (
    "INSERT INTO changes (at, ref, field, side, source, actor, document)"
    " VALUES (:at, 'BSP-0137-E', 'f', 'record', 'web', 'lead', :document)"
)


@pytest.fixture
def old(empty_url: str) -> Database:
    """A database as the first release made it, opened by a process of that release."""
    database = Database(empty_url, make_vault())
    with database.engine.execution_options(role="migrate").begin() as connection:
        command.upgrade(module._alembic(connection), FIRST_RELEASE)
        module._note_key(connection, database.vault)
        for statement in (ORGANISATION, PROJECT, MAPPING):
            connection.execute(sa.text(statement))
    yield database
    database.dispose()


class OldVersion(threading.Thread):
    """Writes and reads with the first release's statements until told to stop."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database, self.stop, self.busy = database, threading.Event(), threading.Event()
        self.written = 0
        self.problem: Exception | None = None

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.once()
        except Exception as error:  # noqa: BLE001  # whatever it is, the test fails with it
            self.problem = error
        self.busy.set()

    def once(self) -> None:
        write, read = (self.database.engine.execution_options(role=role) for role in ("write", "read"))
        key = f"t{self.written:05d}"
        table = {"key": key, "location": json.dumps({"provider": "memory", "name": key}), "yes": True}
        with write.begin() as connection:
            connection.execute(sa.text(TABLE), table)
            values = {"at": datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None), "document": b"blob"}
            connection.execute(sa.text(CHANGE), values)
            connection.execute(sa.text("UPDATE tables SET failures = failures + 1, message = 'x' WHERE key = 't00000'"))
        self.written += 1
        with read.begin() as connection:
            assert len(connection.execute(sa.text(READ)).all()) == self.written
        if self.written > 5:
            self.busy.set()


def test_the_old_version_goes_on_during_and_after_an_upgrade(old, empty_url):
    worker = OldVersion(old)
    worker.start()
    assert worker.busy.wait(20)
    new = Database(empty_url, make_vault())
    upgrade(new)
    before = worker.written
    worker.stop.set()
    worker.join()
    worker.once()
    assert worker.problem is None
    assert worker.written > before
    assert is_current(new)
    with new.read() as session:
        found = tables.all_tables(session)
        assert len(found) == worker.written
        assert {table.zone for table in found} == {"Europe/Berlin"}
        assert next(table for table in found if table.key == "t00000").failures == worker.written
    new.dispose()


def test_an_upgrade_that_fails_leaves_the_old_state(old, empty_url, monkeypatch):
    """Migration and revision are one transaction, on both databases."""
    monkeypatch.setattr(module, "_note_key", lambda *_: (_ for _ in ()).throw(ZeroDivisionError))
    new = Database(empty_url, make_vault())
    with pytest.raises(ZeroDivisionError):
        upgrade(new)
    with new.engine.execution_options(role="read").connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == FIRST_RELEASE
        assert "zone" not in {column["name"] for column in sa.inspect(connection).get_columns("tables")}
    new.dispose()
