"""A small programme in which women are coached twice: four projects, one of them of two providers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from syncsvc.core.model import Cell, Json, Record, RecordState
from syncsvc.core.references import make_reference, usable
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.coaching import flags
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.store import changes, coaching, projects, records
from syncsvc.store.changes import Change, Where
from syncsvc.store.coaching import Flag
from syncsvc.store.database import Database
from tests.factories import NOW

HEADER = ["TN-Nr.", "Name", "Geburtsdatum", "Kundennummer", "PLZ", "Einwilligung", "Eintritt", "Austritt", "Status",
          "Maßnahme JC", "von – bis", "Hinweis"]  # fmt: skip
MAPPING = """
key: {key}
title: Liste
privacy_level: 3
matching: {matching}
columns:
  - {{header: TN-Nr., field: participant_ref}}
  - {{header: Name, field: participant_name}}
  - {{header: Geburtsdatum, field: birth_date}}
  - {{header: Kundennummer, field: customer_no}}
  - {{header: PLZ, field: postcode}}
  - {{header: Einwilligung, field: consent}}
  - {{header: Eintritt, field: entry_date, required: true}}
  - {{header: Austritt, field: exit_date}}
  - {{header: Status, field: status}}
  - {{header: Maßnahme JC, field: measure}}
  - {{header: von – bis, field: measure_period}}
  - {{header: Hinweis, field: service_note}}
"""
PROGRAMME = """
organisations:
  - {key: jc, kind: jobcentre, name: Jobcenter Beispielstadt}
  - {key: traeger-a, kind: provider, name: Träger Anker e. V.}
  - {key: traeger-b, kind: provider, name: Bildungswerk Neudorf}
contacts:
  - {organisation: jc, key: c-jc, family: Öztürk, given: Elif, role: liaison, phone: 030 23125-110, email: e@jc.example}
  - {organisation: traeger-a, key: c-a, family: Demir, given: Leyla, role: coach}
  - {organisation: traeger-b, key: c-b, family: Roth, given: Sabine, role: liaison, phone: 030 23125-120}
projects:
  - {key: anker, prefix: ANK, name: Anker, organisation: traeger-a}
  - {key: bilden, prefix: BIL, name: Bilden, organisation: traeger-b}
  - {key: verbund, prefix: VER, name: Verbund}
  - {key: still, prefix: STI, name: Still, organisation: traeger-b}
tables:
  - {key: anker, project: anker, jobcentre: jc, mapping: offen, location: {provider: memory, name: anker}}
  - {key: bilden, project: bilden, jobcentre: jc, mapping: offen, location: {provider: memory, name: bilden}}
  - {key: verbund, project: verbund, jobcentre: jc, mapping: zu, location: {provider: memory, name: verbund}}
  - {key: still, project: still, jobcentre: jc, mapping: zu, location: {provider: memory, name: still}}
"""
OLENA: dict[str, Any] = {
    "participant_name": {"family": "Kowalenko", "given": "Olena"},
    "birth_date": "1988-03-14",
    "customer_no": "123A000001",
    "postcode": "01067",
    "jobcenter": "jc",
    "entry_date": "2025-09-01",
    "status": "active",
}
"""A woman whom every comparison knows again."""

AVGS: dict[str, Any] = {
    "measure": {"measure": "sgb3_45_mat_single", "coaching": "hard"},
    "measure_period": {"from": "2025-10-01", "to": "2026-06-30"},
}


@dataclass
class Clock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Town:
    """``books`` are the tables of the four projects, by their key; ``still`` permits no comparison with others."""

    rt: Runtime
    clock: Clock
    books: dict[str, MemoryBook]

    def ref(self, project: str, number: int = 1) -> str:
        """The reference of a project's number-th record."""
        prefix = {"anker": "ANK", "bilden": "BIL", "verbund": "VER", "still": "STI"}[project]
        usables = [one for one in range(1, 400) if usable(prefix, one)]
        return make_reference(prefix, usables[number - 1])

    def has(self, project: str, *, number: int = 1, void: bool = False, **values: Json) -> str:
        """The project knows this woman, with these values and no others, from now on; its reference."""
        ref = self.ref(project, number)
        record = Record(ref, values, state=RecordState.VOID if void else RecordState.ACTIVE)
        with self.rt.database.write() as session:
            project_id = projects.get(session, project).id
            now, before = self.clock.now(), records.some(session, [ref]).get(ref)
            store = records.save if before else records.create
            store(session, project_id, [record], now)
            old = before.values if before else {}
            log = [
                Change(now, ref, name, Where.RECORD, "web", "lead", old.get(name), values.get(name))
                for name in sorted({*old, *values})
                if old.get(name) != values.get(name)
            ]
            changes.append(session, log)
            flags.follow(session, project_id, [ref], today=self.rt.today(), now=now)
        return ref

    def flags(self) -> list[Flag]:
        """The present flags, the oldest first."""
        with self.rt.database.read() as session:
            return sorted(coaching.latest(session, present=True), key=lambda flag: flag.id)

    def flag(self) -> Flag:
        [flag] = self.flags()
        return flag

    def note(self, table: str, ref: str) -> Cell:
        """What a row's Hinweis says."""
        [row] = [row for row in self.books[table].rows if row[0] == ref]
        return row[HEADER.index("Hinweis")]

    def type(self, table: str, **cells: Cell) -> None:
        """Somebody adds a row: ``Name="Kowalenko, Olena"``; ``von_bis`` and ``Massnahme`` stand for their headers."""
        named = {"von_bis": "von – bis", "Massnahme": "Maßnahme JC"}
        row: list[Cell] = [None] * len(HEADER)
        for name, cell in cells.items():
            row[HEADER.index(named.get(name, name))] = cell
        self.books[table].rows.append(row)
        self.books[table].revision += 1


def make_town(database: Database, folder: Path) -> Town:
    """Four projects, each with an empty table."""
    registry, clock = Registry(folder), Clock()
    rt = Runtime(database, registry, clock, vocabularies.load(), "town:1:1")
    for key, matching in (("offen", "true"), ("zu", "false")):
        (folder / f"{key}.yaml").write_text(MAPPING.format(key=key, matching=matching), "utf-8")
    (folder / "programm.yaml").write_text(PROGRAMME, "utf-8")
    apply_files(rt, [folder / "offen.yaml", folder / "zu.yaml", folder / "programm.yaml"])
    for key in ("anker", "bilden", "verbund", "still"):
        registry.books[key] = MemoryBook([list(HEADER)])
    return Town(rt, clock, registry.books)
