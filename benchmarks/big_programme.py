"""A whole programme as it is after a year: 65 projects, 150 tables, 30,000 participants, 50,000 questions answered.

People and offices are invented. The rows come from real syncs of tables in memory, all else from ``big_year.py``.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from ruamel.yaml import YAML

from benchmarks.big_year import pass_a_year
from syncsvc.core.model import Cell
from syncsvc.ports.clock import SystemClock
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store.database import Database, upgrade
from syncsvc.store.models import Model
from syncsvc.store.vault import Vault

PROJECTS, JOBCENTRES, TABLES, ROWS, STAFF, OPEN_EACH = 65, 100, 150, 200, 12, 14
KEY = b"k" * 32

MAPPING = {
    "key": "standard",
    "title": "Teilnehmerinnenliste",
    "privacy_level": 3,
    "columns": [
        {"header": "TN-Nr.", "field": "participant_ref", "owner": "service"},
        {"header": "Name", "field": "participant_name", "owner": "project", "required": True},
        {"header": "Coach", "field": "coach", "owner": "project"},
        {"header": "Ansprechperson JC", "field": "contact_jc", "owner": "jobcentre"},
        {"header": "Eintritt", "field": "entry_date", "owner": "project"},
        {"header": "Status", "field": "status", "owner": "project"},
        {"header": "Notiz", "field": "custom.note", "type": "text", "owner": "both"},
        {"header": "Hinweis", "field": "service_note", "owner": "service"},
    ],
}
HEADER: list[Cell] = [str(column["header"]) for column in MAPPING["columns"]]  # type: ignore[attr-defined]  # a list
FAMILIES = ("Demir", "Kaya", "Roth", "Arslan", "Haddad", "Nowak", "Petrova", "Tesfay", "Ahmadi", "Okafor", "Lang")
GIVEN = ("Leyla", "Derya", "Sabine", "Elif", "Rania", "Ewa", "Olga", "Selam", "Zahra", "Ngozi", "Ina", "Amal")
ENTRY, NOTE = 5, 7


def big_programme(folder: Path, url: str | None = None) -> Runtime:
    """The programme in ``folder``, made there the first time; or a copy of it in ``url``, an empty PostgreSQL database.

    Making it takes some minutes. Its tables are in memory, as the last sync left them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rt, books = _runtime(folder, f"sqlite:///{folder / 'syncsvc.db'}"), folder / "books.json"
    if not books.exists():
        _make(rt, folder)
        pass_a_year(rt)
        books.write_text(json.dumps({key: book.rows for key, book in books_of(rt).items()}), "utf-8")
    if url is not None:
        there = _runtime(folder, url)
        _copy(rt.database, there.database)
        rt.database.dispose()
        rt = there
    books_of(rt).update({key: MemoryBook(rows) for key, rows in json.loads(books.read_text("utf-8")).items()})
    return rt


def books_of(rt: Runtime) -> dict[str, MemoryBook]:
    """The programme's tables."""
    assert isinstance(rt.tables, Registry)
    return rt.tables.books


def _runtime(folder: Path, url: str) -> Runtime:
    database = Database(url, Vault((KEY,)))
    upgrade(database)
    return Runtime(database, Registry(folder / "var"), SystemClock(), vocabularies.load(), "bench:1:1")


def _make(rt: Runtime, folder: Path) -> None:
    described = folder / "programme.yaml"
    for part in (MAPPING, _programme(TABLES)):
        with described.open("w", encoding="utf-8") as file:
            YAML().dump(part, file)
        apply_files(rt, [described])
    source = random.Random(1)
    for number in range(TABLES):
        key, office = f"t{number:03d}", number % JOBCENTRES
        book = books_of(rt)[key] = MemoryBook([list(HEADER), *women(source, office, number % PROJECTS, ROWS)])
        assert sync_table(rt, key).state == "ok"
        for row in range(2, 2 + OPEN_EACH):
            book.set(row, ENTRY, "demnächst")
        book.set(ROWS, NOTE, "neu besprochen")
        assert sync_table(rt, key).state == "ok"


def _copy(source: Database, target: Database) -> None:
    """All rows, with the numbers they have."""
    tables = Model.metadata.sorted_tables
    with (
        source.engine.execution_options(role="read").begin() as here,
        target.engine.execution_options(role="write").begin() as there,
    ):
        for table in tables:
            there.execute(sa.delete(table))
            for some in here.execute(sa.select(table)).mappings().partitions(5_000):
                there.execute(sa.insert(table), [dict(row) for row in some])
            if isinstance(table.c.get("id", sa.column("none")).type, sa.Integer):
                last = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 1)).scalar_subquery()
                there.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), last)))
        there.execute(sa.text("ANALYZE"))


def women(source: random.Random, office: int, project: int, rows: int) -> Iterator[list[Cell]]:
    """New rows of a table."""
    for _ in range(rows):
        entry = date(2025, 1, 1) + timedelta(days=source.randrange(600))
        colleague, coach = source.randrange(STAFF), source.randrange(STAFF)
        yield [
            None,
            f"{source.choice(FAMILIES)}-{source.choice(FAMILIES)}, {source.choice(GIVEN)}",
            f"{FAMILIES[coach % 11]}, {GIVEN[coach]}",
            f"{FAMILIES[colleague % 11]}, {GIVEN[colleague]}",
            f"{entry:%d.%m.%Y}",
            "aktiv",
            f"besprochen am {entry:%d.%m.} im Kreis {office} von Projekt {project}",
            None,
        ]


def _programme(tables: int) -> dict[str, object]:
    offices = [{"key": f"jc{n}", "kind": "jobcentre", "name": f"Jobcenter Kreis {n}"} for n in range(JOBCENTRES)]
    carriers = [{"key": f"tr{n}", "kind": "provider", "name": f"Träger {n}"} for n in range(PROJECTS)]
    staff = [
        {"key": f"{house['key']}-{n}", "organisation": house["key"], "family": f"{FAMILIES[n % 11]}", "given": given,
         "role": "coach" if house["kind"] == "provider" else "integration", "phone": f"030 23125-{n:03d}"}
        for house in (*offices, *carriers) for n, given in enumerate(GIVEN[:STAFF])
    ]  # fmt: skip
    return {
        "organisations": [*offices, *carriers],
        "projects": [
            {"key": f"p{n}", "prefix": f"P{_letters(n)}", "name": f"Projekt {n}", "organisation": f"tr{n}"}
            for n in range(PROJECTS)
        ],
        "contacts": staff,
        "tables": [
            {"key": f"t{n:03d}", "project": f"p{n % PROJECTS}", "jobcentre": f"jc{n % JOBCENTRES}",
             "mapping": "standard", "location": {"provider": "memory", "name": f"t{n:03d}"}}
            for n in range(tables)
        ],
    }  # fmt: skip


def _letters(number: int) -> str:
    return chr(65 + number // 26) + chr(65 + number % 26)
