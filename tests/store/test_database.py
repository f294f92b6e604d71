"""The database: one writer at a time, readers that see one moment, and no start with the wrong key."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from syncsvc.core.model import BaseRow, Flip, Json
from syncsvc.errors import DatabaseBusy, DatabaseOutdated, DatabaseUnreachable, KeyMissing
from syncsvc.store import bases, changes, contacts, intents, projects, questions, records, rotation, tables, users
from syncsvc.store import database as database_module
from syncsvc.store.database import Database, is_current, upgrade
from syncsvc.store.models import Meta, Model
from tests.factories import KEY, NOW, make_contact, make_project, make_record, make_run, make_table, make_vault

NEW_KEY, WRONG_KEY = b"n" * 32, b"w" * 32


def in_processes(function: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What the function returns in each of two processes that run it at the same time."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        return [future.result() for future in [pool.submit(function, *arguments) for _ in range(2)]]


def make_project_and_fail(database: Database) -> None:
    with database.write() as session:
        make_project(session)
        raise ZeroDivisionError


class TestTransactions:
    def test_what_a_write_session_did_is_there_afterwards(self, database):
        with database.write() as session:
            make_project(session)
        with database.read() as session:
            assert projects.get(session, "bsp").prefix == "BSP"

    def test_an_exception_takes_back_everything(self, database):
        with pytest.raises(ZeroDivisionError):
            make_project_and_fail(database)
        with database.read() as session:
            assert projects.all_projects(session) == []

    def test_a_read_session_cannot_write(self, database):
        """What it wrote would be rolled back without a word."""
        with pytest.raises((DBAPIError, DatabaseUnreachable)), database.read() as session:
            make_project(session)

    def test_a_reader_sees_one_moment(self, database):
        with database.read() as reader:
            assert projects.all_projects(reader) == []
            with database.write() as writer:
                make_project(writer)
            assert projects.all_projects(reader) == []

    def test_a_writer_finds_its_place_taken(self, database, monkeypatch):
        monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
        impatient = Database(database.engine.url.render_as_string(hide_password=False), make_vault())
        with database.read() as session:
            session.connection()  # readers hinder nobody
            with database.write(), pytest.raises(DatabaseBusy, match="belegt"), impatient.write():
                pass
        impatient.dispose()

    def test_a_reader_never_waits_for_a_writer(self, database, url):
        """Not even in its first session, which also checks the schema and the keys."""
        latecomer = Database(url, make_vault())
        with database.write() as session:
            make_project(session)
            with latecomer.read() as reader:
                assert projects.all_projects(reader) == []
        latecomer.dispose()

    def test_a_database_out_of_reach_is_a_sentence(self, tmp_path):
        database = Database(f"sqlite:///{tmp_path / 'missing' / 'syncsvc.db'}", make_vault())
        with pytest.raises(DatabaseUnreachable, match="nicht erreichbar"), database.read():
            pass

    def test_errors_do_not_repeat_what_was_to_be_stored(self, database):
        with pytest.raises(StatementError) as caught, database.write() as session:
            users.add(session, "canary", now=NOW.replace(tzinfo=None))
        assert "canary" not in str(caught.value)

    def test_foreign_keys_are_checked(self, database):
        with pytest.raises(IntegrityError), database.write() as session:
            bases.save(session, 999, [], [BaseRow("BSP-0137-E", (), ())])


class TestTimes:
    def test_a_time_comes_back_in_utc(self, database):
        local = datetime(2026, 7, 1, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
        with database.write() as session:
            records.create(session, make_project(session), [make_record()], local)
        with database.read() as session:
            [stored] = session.execute(sa.text("SELECT changed_at FROM records")).scalars()
            [read] = session.scalars(sa.select(Model.metadata.tables["records"].c.changed_at))
        assert "08:30:00.123456" in str(stored.astimezone(UTC) if isinstance(stored, datetime) else stored)
        assert read == local
        assert read.utcoffset() == timedelta(0)

    def test_a_time_without_a_zone_is_refused(self, database):
        with pytest.raises(StatementError, match="time zone"), database.write() as session:
            records.create(session, make_project(session), [make_record()], NOW.replace(tzinfo=None))


def work(url: str, times: int) -> list[int]:
    """Read a revision and write it back one higher, as careless code would, and take two numbers; many times."""
    database = Database(url, make_vault())
    taken: list[int] = []
    for _ in range(times):
        with database.write() as session:
            project = projects.get(session, "bsp")
            project.revision = project.revision + 1
            session.flush()
            taken += projects.take_numbers(session, project.id, 2)
    database.dispose()
    return taken


def test_two_processes_lose_no_update_and_share_no_number(database, url):
    with database.write() as session:
        make_project(session)
    first, second = in_processes(work, url, 100)
    with database.read() as session:
        assert projects.get(session, "bsp").revision == 200
    assert sorted(first + second) == list(range(1, 401))


class TestKeys:
    def test_a_wrong_key_is_refused_before_anything_is_written(self, database, url):
        with database.write() as session:
            make_project(session)
            before = session.execute(sa.select(Meta.name, Meta.value)).all()
        stranger = Database(url, make_vault(WRONG_KEY))
        for attempt in (stranger.write, stranger.read):
            with pytest.raises(KeyMissing, match="Schlüssel"), attempt():
                pytest.fail("the session must not begin")
        with pytest.raises(KeyMissing):
            upgrade(stranger)
        stranger.dispose()
        with database.read() as session:
            assert session.execute(sa.select(Meta.name, Meta.value)).all() == before

    @pytest.mark.parametrize("keys", [[NEW_KEY, KEY], [KEY, NEW_KEY]], ids=["in front", "behind"])
    def test_a_key_that_is_only_known_changes_nothing(self, database, url, keys):
        """So a rolling restart never meets a row that a process not yet restarted cannot read."""
        with database.write() as session:
            records.create(session, make_project(session), [make_record(customer_no="123A456789")], NOW)
        restarted = Database(url, make_vault(*keys))
        with restarted.write() as session:
            assert records.find(session, records.Lookup.CUSTOMER_NO, "123a456789") == ["BSP-0137-E"]
            project_id = projects.get(session, "bsp").id
            records.create(session, project_id, [make_record("BSP-0138-C", customer_no="1")], NOW)
        restarted.dispose()
        with database.read() as session:
            assert records.get(session, "BSP-0138-C").values == {"customer_no": "1"}
            assert records.find(session, records.Lookup.CUSTOMER_NO, "1") == ["BSP-0138-C"]

    @pytest.mark.parametrize(
        ("keys", "sentence"),
        [
            pytest.param([KEY], "neueren Schlüssel umgestellt", id="the new one is missing"),
            pytest.param([NEW_KEY], "früherer Schlüssel", id="the old one is gone too early"),
            pytest.param([WRONG_KEY], "verschlüsselt ist, fehlt", id="both are missing"),
        ],
    )
    def test_a_key_in_use_cannot_be_left_out(self, database, url, keys, sentence):
        rotating = Database(url, make_vault(NEW_KEY, KEY))
        with rotating.write() as session:
            rotation.put_in_force(session)
        rotating.dispose()
        careless = Database(url, make_vault(*keys))
        for attempt in (careless.write, careless.read):
            with pytest.raises(KeyMissing, match=sentence), attempt():
                pytest.fail("the session must not begin")
        careless.dispose()

    def test_a_running_process_without_the_new_key_writes_nothing_more(self, database, url):
        with database.write() as session:
            make_project(session)
        rotating = Database(url, make_vault(NEW_KEY, KEY))
        with rotating.write() as session:
            rotation.put_in_force(session)
        rotating.dispose()
        with pytest.raises(KeyMissing, match="neueren Schlüssel"), database.write():
            pytest.fail("the session must not begin")


def write_canaries(session: Session) -> None:
    """Put the word "canary" into every place where something personal may stand."""
    table_id = make_table(session)
    project_id, run_id = tables.by_id(session, table_id).project_id, make_run(session, table_id)
    canary = {"family": "Canary", "given": "canary", "role": "canary", "team": "canary", "email": "a@canary.example"}
    contacts.upsert(session, make_contact(contacts.new_key(), **canary))
    name: Json = {"family": "Canary", "given": "Canary"}
    record = make_record(participant_name=name, birth_date="canary", customer_no="canary")
    records.create(session, project_id, [record], NOW)
    row = BaseRow("BSP-0137-E", ("Canary", "canary"), (name, "canary"), flips={"customer_no": Flip("canary", 1)})
    bases.save(session, table_id, ["participant_name", "customer_no"], [row])
    intent = intents.Intent("token", "BSP-0137-E", "customer_no", "v1", {"old": "canary", "new": "Canary"})
    intents.add(session, table_id, run_id, [intent], NOW)
    question = questions.NewQuestion(kind="conflict", digest="d", document={"sheet": "canary", "record": "Canary"})
    questions.open_many(session, table_id, [question], run_id=run_id, now=NOW)
    where = changes.Where.RECORD
    changes.append(session, [changes.Change(NOW, "BSP-0137-E", "name", where, "web", "lead", "canary", "Canary")])


def test_the_file_holds_no_clear_text(tmp_path):
    """Names, numbers and values are nowhere in the SQLite file or its journal, in no table."""
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    upgrade(database)
    with database.write() as session:
        write_canaries(session)
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir()).lower()
    assert b"bsp-0137-e" in content  # a clear text would be found
    assert b"canary" not in content
    with database.read() as session:
        assert records.get(session, "BSP-0137-E").values["customer_no"] == "canary"
    database.dispose()


def bring_up(url: str) -> bool:
    database = Database(url, make_vault())
    upgrade(database)
    with database.write() as session:
        session.connection()
    database.dispose()
    return True


class TestUpgrade:
    def test_an_empty_database_becomes_what_the_models_say(self, empty_url):
        database = Database(empty_url, make_vault())
        assert not is_current(database)
        upgrade(database)
        assert is_current(database)
        with database.engine.execution_options(role="read").connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), Model.metadata) == []
        database.dispose()

    def test_upgrading_again_changes_nothing(self, database):
        with database.write() as session:
            make_project(session)
        upgrade(database)
        with database.read() as session:
            assert [project.key for project in projects.all_projects(session)] == ["bsp"]

    def test_a_database_not_upgraded_says_what_to_do(self, empty_url):
        database = Database(empty_url, make_vault())
        with pytest.raises(DatabaseOutdated) as caught, database.write():
            pass
        assert "db upgrade" in caught.value.hint
        database.dispose()

    def test_a_database_of_a_newer_program_is_left_alone(self, database):
        with database.engine.execution_options(role="write").begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(DatabaseOutdated, match="neueren"):
            upgrade(database)

    def test_two_processes_may_upgrade_at_once(self, empty_url):
        assert in_processes(bring_up, empty_url) == [True, True]

    def test_foreign_keys_are_checked_again_after_an_upgrade(self, empty_url):
        database = Database(empty_url, make_vault())
        upgrade(database)
        with pytest.raises(IntegrityError), database.write() as session:
            bases.save(session, 999, [], [BaseRow("BSP-0137-E", (), ())])
        database.dispose()
