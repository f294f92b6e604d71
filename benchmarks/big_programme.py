"""A whole programme as it is after a year: 65 projects, 150 tables, 30,000 participants, 50,000 questions answered.

People and offices are invented. Everything comes from real syncs of tables in memory but the history, whose questions
and runs are copies of real ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from ruamel.yaml import YAML

from syncsvc.core.access import Role
from syncsvc.core.model import Cell
from syncsvc.ports.clock import SystemClock
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from syncsvc.services import users, vocabularies
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store import projects
from syncsvc.store import users as stored
from syncsvc.store.database import Database, upgrade
from syncsvc.store.models import Question, QuestionState, Run, RunState, Table
from syncsvc.store.vault import Vault

PROJECTS, JOBCENTRES, TABLES, ROWS, STAFF = 65, 100, 150, 200, 12
OPEN_EACH, ANSWERED, RUNS = 14, 50_000, 10_000
KEY = b"k" * 32
LEAD, PROJECT_LEAD = "programm", "projekt"
"""Who may see everything, and who leads the first project."""

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


def make_big_programme(folder: Path, url: str | None = None, *, tables: int = TABLES, rows: int = ROWS) -> Runtime:
    """The programme in a new database: ``url`` of an empty PostgreSQL one, else an embedded one in ``folder``."""
    database = Database(url or f"sqlite:///{folder / 'syncsvc.db'}", Vault((KEY,)))
    upgrade(database)
    registry = Registry(folder / "var")
    rt = Runtime(database, registry, SystemClock(), vocabularies.load(), "bench:1:1")
    described = folder / "programme.yaml"
    for part in (MAPPING, _programme(tables)):
        with described.open("w", encoding="utf-8") as file:
            YAML().dump(part, file)
        apply_files(rt, [described])
    source = random.Random(1)
    for number in range(tables):
        key, office = f"t{number:03d}", number % JOBCENTRES
        book = registry.books[key] = MemoryBook([list(HEADER), *_women(source, office, number % PROJECTS, rows)])
        assert sync_table(rt, key).state == "ok"
        for row in range(2, 2 + OPEN_EACH):
            book.set(row, ENTRY, "demnächst")
        book.set(rows, NOTE, "neu besprochen")
        assert sync_table(rt, key).state == "ok"
    _age(rt)
    _let_in(rt)
    return rt


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


def _women(source: random.Random, office: int, project: int, rows: int) -> Iterator[list[Cell]]:
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


def _age(rt: Runtime) -> None:
    """Copy what there is until the history is as long as after a year."""
    with rt.database.write() as session:
        for model, wanted, fixed in (
            (Question, ANSWERED, {"state": QuestionState.ANSWERED.value, "choice": "sheet", "answered_by": LEAD}),
            (Run, RUNS, {"state": RunState.OK.value}),
        ):
            columns = [column for column in model.__table__.columns if column.name != "id"]
            chosen = [sa.literal(fixed[one.name]).label(one.name) if one.name in fixed else one for one in columns]
            there = session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
            for _ in range(0, max(wanted, there), there):
                names = [column.name for column in columns]
                session.connection().execute(
                    sa.insert(model.__table__).from_select(names, sa.select(*chosen).where(model.id <= there))
                )
        answered = sa.update(Question).where(Question.state == QuestionState.ANSWERED)
        session.execute(answered.values(closed_at=rt.clock.now()))


def _let_in(rt: Runtime) -> None:
    users.add_user(rt, LEAD)
    with rt.database.write() as session:
        lead = stored.add(session, PROJECT_LEAD, now=rt.clock.now())
        stored.grant(session, lead.id, Role.PROJECT, project_id=projects.get(session, "p0").id)
        session.execute(sa.update(Table).values(next_due_at=rt.clock.now() + timedelta(days=365)))
