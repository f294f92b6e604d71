"""A programme of .xlsx tables to measure with, and people who change cells in them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook
from sqlalchemy import select, update

from syncsvc.ports.clock import SystemClock
from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.runtime import Runtime
from syncsvc.store import mappings, projects, tables
from syncsvc.store.database import Database, upgrade
from syncsvc.store.models import Table
from syncsvc.store.vault import Vault

WORKSHEET = "Teilnehmerinnen"
KEY = b"k" * 32
NEVER = "0 0 29 2 *"
"""A schedule that leaves it to the benchmark when a table is due."""


@dataclass(frozen=True)
class Programme:
    """The service, the folder of its tables, and the headers of the columns people fill."""

    rt: Runtime
    folder: Path
    headers: tuple[str, ...]
    source: random.Random


def make_programme(folder: Path, *, columns: int, url: str | None = None) -> Programme:
    """A service with one mapping of this many columns, reference and note included, and no table yet.

    ``url``: an empty PostgreSQL database; without it an embedded one is made.
    """
    database = Database(url or f"sqlite:///{folder / 'syncsvc.db'}", Vault((KEY,)))
    upgrade(database)
    headers = tuple(f"Spalte {number}" for number in range(1, columns - 1))
    described = [{"header": "TN-Nr.", "field": "participant_ref", "owner": "service"}]
    described += [
        {"header": header, "field": f"custom.c{number}", "type": "text", "owner": "both"}
        for number, header in enumerate(headers)
    ]
    described.append({"header": "Hinweis", "field": "service_note", "owner": "service"})
    rt = Runtime(database, Registry(folder / "var"), SystemClock(), vocabularies.load(), "bench:1:1")
    with database.write() as session:
        body = {"key": "bench", "title": "Messung", "columns": described}
        mappings.add_revision(session, "bench", title="Messung", body=body, source="bench", now=rt.clock.now())
    return Programme(rt, folder, headers, random.Random(1))


def add_table(programme: Programme, key: str, *, rows: int) -> None:
    """A filled table with a project of its own, in a file made by openpyxl. It is never due by itself."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(WORKSHEET)
    sheet.append(["TN-Nr.", *programme.headers, "Hinweis"])
    for row in range(rows):
        sheet.append([None, *(f"Eintrag {row} {header}" for header in programme.headers), None])
    book.save(path_of(programme, key))
    _describe(programme, key)


def _describe(programme: Programme, key: str) -> None:
    with programme.rt.database.write() as session:
        projects.upsert(session, key, prefix=key.upper(), name=key)
        tables.upsert(
            session,
            key,
            project_id=projects.get(session, key).id,
            mapping_id=mappings.get(session, "bench").id,
            location={"provider": "workbook", "path": str(path_of(programme, key)), "worksheet": WORKSHEET},
            schedule=NEVER,
        )
        tables.get(session, key).next_due_at = programme.rt.clock.now() + timedelta(days=365)


def add_copies(programme: Programme, keys: Sequence[str], of: str) -> None:
    """Tables with the file of a synced one, which the service takes for synced as well."""
    for key in keys:
        shutil.copy(path_of(programme, of), path_of(programme, key))
        _describe(programme, key)
    with programme.rt.database.write() as session:
        seen = select(Table.seen_version, Table.approved_revision).where(Table.key == of)
        version, approved = session.execute(seen).one()
        values = {"seen_version": version, "seen_revision": 0, "approved_revision": approved}
        session.execute(update(Table).where(Table.key.in_(keys)).values(values))


def change(programme: Programme, key: str, *, cells: int) -> None:
    """Somebody types new text into this many cells and saves the file."""
    book = load_workbook(path_of(programme, key))
    sheet = book[WORKSHEET]
    for _ in range(cells):
        row, column = programme.source.randint(2, sheet.max_row), programme.source.randint(2, len(programme.headers))
        sheet.cell(row, column, f"geändert {programme.source.random()}")
    book.save(path_of(programme, key))


def path_of(programme: Programme, key: str) -> Path:
    return programme.folder / f"{key}.xlsx"
