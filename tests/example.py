"""A small programme in memory: one project, tables people edit as ``MemoryBook``, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store.database import Database
from tests.factories import NOW

MAPPING = """
key: standard
title: Teilnehmerinnenliste
privacy_level: 3
columns:
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Name, field: participant_name, owner: project, required: true}
  - {header: Eintritt, field: entry_date, owner: project}
  - {header: Notiz, field: custom.note, type: text, owner: both}
  - {header: Hinweis, field: service_note, owner: service}
"""

PROGRAMME = """
organisations:
  - {key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}
  - {key: jc-musterkreis, kind: jobcentre, name: Jobcenter Musterkreis}
projects: [{key: bsp, prefix: BSP, name: Beispielprojekt}]
tables:
  - key: bsp-beispielstadt
    project: bsp
    jobcentre: jc-beispielstadt
    mapping: standard
    location: {provider: memory, name: beispielstadt}
  - key: bsp-musterkreis
    project: bsp
    jobcentre: jc-musterkreis
    mapping: standard
    location: {provider: memory, name: musterkreis}
"""

HEADER = ["TN-Nr.", "Name", "Eintritt", "Notiz", "Hinweis"]


@dataclass
class FakeClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, **span: float) -> None:
        """Let time pass: ``pass_by(minutes=12)``."""
        self.moment += timedelta(**span)


@dataclass
class Example:
    """``books`` by the name in their table's location."""

    runtime: Runtime
    clock: FakeClock
    books: dict[str, MemoryBook] = field(default_factory=dict)


def make_example(database: Database, folder: Path) -> Example:
    """Apply the programme; each table holds two women without references, as people began it."""
    example = open_example(database, folder)
    for name in ("mapping", "programme"):
        (folder / f"{name}.yaml").write_text(globals()[name.upper()], "utf-8")
    apply_files(example.runtime, [folder / "mapping.yaml", folder / "programme.yaml"])
    return example


def open_example(database: Database, folder: Path) -> Example:
    """The same over a database that the programme was applied to before."""
    providers, clock = Registry(folder), FakeClock()
    runtime = Runtime(database, providers, clock, vocabularies.load(), "test")
    providers.books["beispielstadt"] = MemoryBook(
        [
            list(HEADER),
            [None, "Demir, Leyla", "01.09.2024", None, None],
            [None, "Roth, Sabine", "15.10.2024", None, None],
        ]
    )
    providers.books["musterkreis"] = MemoryBook(
        [list(HEADER), [None, "Weiß, Tom", "01.09.2024", None, None], [None, "Bauer, Ina", "15.10.2024", None, None]]
    )
    return Example(runtime, clock, providers.books)


EIGHT = [
    "Demir, Leyla",
    "Roth, Sabine",
    "Kaya, Derya",
    "Lang, Ina",
    "Arslan, Elif",
    "Weber, Eva",
    "Koch, Mia",
    "Nowak, Ewa",
]


def hold(example: Example) -> None:
    """Sync eight women, then let six rows vanish: more than max(5, 10 %), so that the next run holds the table."""
    book = example.books["beispielstadt"]
    book.rows[1:] = [[None, name, "01.09.2024", None, None] for name in EIGHT]
    sync_table(example.runtime, "bsp-beispielstadt")
    for _ in range(6):
        book.delete_row(2)
    sync_table(example.runtime, "bsp-beispielstadt")
