"""A key can be changed while everything goes on: nothing is unreadable meanwhile, nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from syncsvc.core.model import BaseRow
from syncsvc.errors import Actor, ConfigurationError, KeyMissing
from syncsvc.ports.clock import SystemClock
from syncsvc.providers.registry import Registry
from syncsvc.services import rotation as service
from syncsvc.services.rotation import Rotation, rotate
from syncsvc.services.runtime import Runtime
from syncsvc.store import (
    bases,
    changes,
    coaching,
    contacts,
    drafts,
    intents,
    matchkeys,
    notices,
    projects,
    questions,
    records,
    rotation,
    tables,
    users,
)
from syncsvc.store.changes import Change, Where
from syncsvc.store.coaching import NewFlag
from syncsvc.store.database import Database
from syncsvc.store.models import Model
from syncsvc.store.questions import NewQuestion
from syncsvc.store.records import Lookup
from syncsvc.store.vault import vault_of
from tests.factories import KEY, NOW, make_contact, make_record, make_run, make_table, make_vault

NEW_KEY = b"n" * 32
BOTH = (NEW_KEY, KEY)
MANY = 600
"""Rows: more than one transaction of a rotation."""

NAMED = {"participant_name": {"family": "Kowalenko", "given": "Olena"}, "customer_no": "123A000002"}
NOT_SEALED = {
    "meta.value": "says which keys are in use: changed when they change",
    "record_indexes.digest": "made anew in the transaction that changes the key",
    "coaching_keys.digest": "made anew in the transaction that changes the key",
    "login_links.digest": "a digest of a random secret",
    "api_tokens.digest": "a digest of a random secret",
    "api_creations.key": "a digest of what the software calls its request",
    "api_creations.content": "a digest made with a key that stands nowhere",
}


@pytest.fixture
def full(url: str) -> str:
    """A database with something in every sealed column, sealed with ``KEY``."""
    with opened(url, KEY) as database, database.write() as session:
        fill(session)
    return url


@contextmanager
def opened(url: str, *keys: bytes) -> Iterator[Database]:
    """A database with these keys, closed at the end."""
    database = Database(url, make_vault(*keys))
    try:
        yield database
    finally:
        database.dispose()


def runtime(database: Database) -> Runtime:
    return Runtime(database, Registry(Path()), SystemClock(), {}, "test:1:1")


def rotate_with(url: str, *keys: bytes) -> Rotation:
    with opened(url, *keys) as database:
        return rotate(runtime(database), lambda *_: None)


def ref(number: int) -> str:
    return f"BSP-{number:04d}-X"


def fill(session: Session, count: int = 3) -> None:
    table_id = make_table(session)
    project_id, run_id = tables.by_id(session, table_id).project_id, make_run(session, table_id)
    contacts.upsert(session, make_contact())
    people = [make_record(ref(number), customer_no=f"123A{number:06d}") for number in range(count)]
    records.create(session, project_id, people, NOW)
    bases.save(session, table_id, ["customer_no"], [BaseRow(one.ref, ("x",), ("x",)) for one in people])
    intents.add(session, table_id, run_id, [intents.Intent("t", ref(1), "customer_no", "v1", {"old": "a"})], NOW)
    asked = [NewQuestion(kind="conflict", digest=f"d{number}", document={"sheet": number}) for number in range(2)]
    questions.open_many(session, table_id, asked, run_id=run_id, now=NOW)
    [first, _] = questions.open_for(session, table_id)
    questions.close(session, [first.id], run_id=run_id, now=NOW)
    log = [Change(NOW, one.ref, "customer_no", Where.RECORD, "web", "lead", None, one.values) for one in people]
    changes.append(session, log)
    for mailbox in ("demir@traeger.example", ""):
        notices.add(session, audience=Actor.TABLE, code="digest", text="x", now=NOW, recipient=mailbox)
    where = (project_id, project_id)
    drafts.put(session, "connect-1", users.add(session, "frau-berger", now=NOW).id, {"header": "Name"}, NOW)
    flag = NewFlag(refs=(ref(0), ref(1)), projects=where, grade="certain", weight="clarify", document={"first": "x"})
    coaching.add(session, [flag], state="open", now=NOW)
    twin = make_record(ref(0), **NAMED)
    matchkeys.replace(session, {ref(2): matchkeys.digests(session, twin)})
    records.save(session, project_id, [replace(twin, ref=ref(2))], NOW)


def everything(session: Session) -> list[object]:
    """All that is sealed, opened."""
    [table] = tables.all_tables(session)
    return [
        records.of_project(session, projects.get(session, "bsp").id),
        [records.find(session, Lookup.CUSTOMER_NO, f"123a{number:06d}") for number in range(3)],
        contacts.directory(session),
        bases.load(session, table.id, ["customer_no"]).rows,
        intents.open_for(session, table.id),
        [(question.digest, question.document) for question in questions.latest(session)],
        [changes.of_record(session, ref(number)) for number in range(3)],
        [waiting.recipient for waiting in notices.waiting(session)],
        coaching.latest(session),
        drafts.get(session, "connect-1", users.get(session, "frau-berger").id),
        list(matchkeys.holders(session, matchkeys.digests(session, make_record(ref(0), **NAMED))).values()),
    ]


def seen_with(url: str, *keys: bytes) -> list[object]:
    with opened(url, *keys) as database, database.read() as session:
        return everything(session)


def test_every_sealed_column_is_rotated():
    """A new column of bytes has to be sealed anew too, or to be named here with the reason why not."""
    columns = {
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary)
    }
    assert columns - NOT_SEALED.keys() == {f"{model.__tablename__}.document" for model in rotation.SEALED}


def test_afterwards_the_new_key_alone_reads_and_finds_everything(full):
    before = seen_with(full, KEY)
    result = rotate_with(full, *BOTH)
    assert result.switched
    assert result.freed == 1
    assert seen_with(full, NEW_KEY) == before
    with pytest.raises(KeyMissing):
        seen_with(full, KEY)


def test_in_the_middle_both_keys_read_and_find_everything(full):
    before = seen_with(full, KEY)
    with opened(full, *BOTH) as rotating, opened(full, KEY, NEW_KEY) as bystander:
        with bystander.read() as session:
            assert everything(session) == before
        with rotating.write() as session:
            rotation.put_in_force(session)
        with bystander.read() as session:
            assert everything(session) == before
        with bystander.write() as session:
            rotation.reseal(session, "records", ())
        with rotating.read() as session:
            assert everything(session) == before


def test_a_running_process_never_looks_up_with_the_former_key(full):
    """It would find nobody, and the person and the question would be there twice."""
    with opened(full, KEY, NEW_KEY) as running, opened(full, *BOTH) as rotating:
        with running.read() as session:
            assert records.find(session, Lookup.CUSTOMER_NO, "123a000001") == [ref(1)]
        with rotating.write() as session:
            rotation.put_in_force(session)
        with running.read() as session:
            assert records.find(session, Lookup.CUSTOMER_NO, "123a000001") == [ref(1)]
        with running.write() as session:
            [table] = tables.all_tables(session)
            [question] = questions.open_for(session, table.id)
            questions.update(session, table.id, {question.id: question})
        again = NewQuestion(kind="conflict", digest=question.digest, document={})
        with pytest.raises(IntegrityError), running.write() as session:
            questions.open_many(session, table.id, [again], run_id=None, now=NOW)


def test_what_is_written_meanwhile_is_sealed_with_the_new_key(full):
    with opened(full, *BOTH) as rotating, opened(full, KEY, NEW_KEY) as running:
        with rotating.write() as session:
            rotation.put_in_force(session)
            project_id = projects.get(session, "bsp").id
        with running.write() as session:
            records.create(session, project_id, [make_record("BSP-0900-X", customer_no="9")], NOW)
        rotate(runtime(rotating), lambda *_: None)
    with opened(full, NEW_KEY) as database, database.read() as session:
        assert records.find(session, Lookup.CUSTOMER_NO, "9") == ["BSP-0900-X"]
        assert records.get(session, "BSP-0900-X").values == {"customer_no": "9"}


def test_a_second_rotation_has_nothing_to_do(full):
    rotate_with(full, *BOTH)
    again = rotate_with(full, *BOTH)
    assert (again.switched, again.resealed, again.freed) == (False, {}, 0)


def test_a_process_that_goes_on_with_the_former_key_keeps_it_from_being_taken_out(full, monkeypatch):
    """One of an older version of the program, which seals with the key it was started with."""
    sleep = service.time.sleep

    def meddle(seconds: float) -> None:
        sleep(seconds)
        with opened(full, *BOTH) as database, database.write() as session:
            session.info["vault"] = vault_of(session).using(make_vault().key_id)
            change = Change(NOW, "BSP-0001-X", "note", Where.RECORD, "web", "lead", None, "late")
            changes.append(session, [change])

    monkeypatch.setattr(service.time, "sleep", meddle)
    with pytest.raises(ConfigurationError, match="älteren Fassung"):
        rotate_with(full, *BOTH)
    with pytest.raises(KeyMissing, match="früherer Schlüssel"):
        seen_with(full, NEW_KEY)
    monkeypatch.undo()
    assert rotate_with(full, *BOTH).freed == 1
    seen_with(full, NEW_KEY)


@pytest.mark.parametrize(
    ("marked", "change"),
    [
        (False, "actor = 'nobody'"),
        (False, "document = :blob"),
        (True, "actor = 'nobody'"),
        (True, "document = :blob, actor = 'nobody'"),
        (True, "document = document"),
    ],
)
def test_the_change_log_can_only_be_sealed_anew_never_rewritten(full, marked, change):
    mark, statement = sa.text("INSERT INTO meta VALUES ('resealing', :blob)"), sa.text(f"UPDATE changes SET {change}")
    values = {"blob": b"other key"}
    with opened(full, KEY) as database, database.write() as session:
        if marked:
            session.execute(mark, values)
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(statement, values if ":blob" in change else {})
        session.rollback()


def rotate_aloud(url: str) -> None:
    """Rotate, and say so after each transaction."""
    service.time.sleep = lambda _: None  # type: ignore[assignment]  # the test waits for words, not for time
    with opened(url, *BOTH) as database:
        rotate(runtime(database), lambda done, total: print(done, total, flush=True))  # noqa: T201  # for the test


@pytest.mark.parametrize("transactions", [pytest.param(1, marks=pytest.mark.soak), 3])
def test_killed_anywhere_it_goes_on_where_it_was(url, transactions):
    with opened(url, KEY) as database, database.write() as session:
        fill(session, MANY)
    before = seen_with(url, KEY)
    code = "import sys; from tests.services.test_rotation import rotate_aloud as go; go(sys.argv[1])"
    with subprocess.Popen(
        [sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        for _ in range(transactions):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    assert seen_with(url, *BOTH) == before
    result = rotate_with(url, *BOTH)
    assert not result.switched
    assert result.freed == 1
    assert seen_with(url, NEW_KEY) == before
