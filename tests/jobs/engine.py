"""An engine for tests: it works off at once what dispatch submits, in its order, and remembers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta

from syncsvc.jobs import tasks
from syncsvc.jobs.dispatch import dispatch
from syncsvc.ports.tables import Kind, Swept, Table, Tables
from syncsvc.providers.memory import MemoryBook
from syncsvc.services.runtime import Runtime
from syncsvc.store import tables
from syncsvc.store.models import Notice
from syncsvc.store.models import Table as Row
from tests.example import HEADER, Example


def tick(example: Example) -> list[str]:
    """One tick; the keys that were due, in their order, an urgent one with an exclamation mark."""
    worked: list[str] = []

    def submit(key: str, urgent: bool) -> None:
        worked.append(f"{key}!" if urgent else key)
        tasks.sync(example.runtime, key)

    dispatch(example.runtime, submit)
    return worked


def wait_for(example: Example, key: str) -> float:
    """Let time pass until the table is due, and tick then; how many seconds that took. A second earlier it was not."""
    began = example.clock.now()
    planned = row(example.runtime, key).next_due_at
    assert planned is not None
    example.clock.moment = planned - timedelta(seconds=1)
    assert key not in tick(example)
    example.clock.moment = planned
    assert key in tick(example)
    return (planned - began).total_seconds()


def row(runtime: Runtime, key: str = "bsp-beispielstadt") -> Row:
    with runtime.database.read() as session:
        return tables.get(session, key)


def change(runtime: Runtime, key: str = "bsp-beispielstadt", **values: object) -> None:
    """Set columns of a table's row."""
    with runtime.database.write() as session:
        for name, value in values.items():
            setattr(tables.get(session, key), name, value)


def told(runtime: Runtime) -> list[tuple[str, str]]:
    """Who was told what, in its order: (audience, code)."""
    with runtime.database.read() as session:
        return [(notice.audience, notice.code) for notice in session.query(Notice).order_by(Notice.id)]


def add_table(example: Example, key: str) -> None:
    """One more table of the project, empty but for its header."""
    example.books[key] = MemoryBook([list(HEADER)])
    with example.runtime.database.write() as session:
        sister = tables.get(session, "bsp-beispielstadt")
        location = {"provider": "memory", "name": key}
        tables.upsert(session, key, project_id=sister.project_id, mapping_id=sister.mapping_id, location=location)


@dataclass
class OneAccount:
    """The tables of another ``Tables``, all opened with one account."""

    inner: Tables
    account: str = "konto"

    def open(self, location: Mapping[str, str]) -> Table:
        table = self.inner.open(location)
        table.credential = self.account
        return table

    def kinds(self, projects: Set[str] | None = None) -> Sequence[Kind]:
        return self.inner.kinds(projects)

    def sweep(self, *args: object) -> Swept:
        raise NotImplementedError


def with_one_account(example: Example) -> Example:
    return replace(example, runtime=replace(example.runtime, tables=OneAccount(example.runtime.tables)))
