"""A shared table and a project's records, as the state machine plays with them: people, service, and what goes wrong.

Every row carries, in a column the mapping does not know, the mark of the woman it belongs to. The service never sees
that column, so the marks say after any sort, copy or repair whose row is whose.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from syncsvc.core.model import Cell, Json, Patch, Record, Side, Snapshot
from syncsvc.ports.tables import Check, Landed, Requests, Table
from syncsvc.providers.memory import MemoryBook, MemoryTable
from syncsvc.providers.workbook.table import WorkbookTable
from syncsvc.services import vocabularies
from syncsvc.services.records import set_values
from syncsvc.services.runtime import Runtime
from syncsvc.store import changes, mappings, projects, questions, records, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.database import Database, upgrade
from syncsvc.store.questions import Question
from tests.factories import NOW, make_organisation, make_project, make_vault
from tests.providers.workbook.people import WORKSHEET, WorkbookBench
from tests.services.bench import MortalDatabase, StoppedClock

Rows: TypeAlias = list[list[Cell]]
KEY, JOBCENTRE = "bsp-beispielstadt", "jc-beispielstadt"
REFERENCE, NOTE, MARK = "TN-Nr.", "Hinweis", "Merker"


@dataclass(frozen=True, slots=True)
class Kept:
    """A column both sides keep: its field, its type and its owner."""

    header: str
    field: str
    type: str
    owner: str
    required: bool = False


COLUMNS = (
    Kept("Eintritt", "entry_date", "date", "project", required=True),
    Kept("Planung", "custom.plan", "text", "project"),
    Kept("Notiz", "custom.note", "text", "both"),
    Kept("Stand JC", "custom.stage", "text", "jobcentre"),
    Kept("Stunden", "custom.hours", "number", "project"),
)
FIELDS = {column.field: column for column in COLUMNS}


class Killed(BaseException):
    """The process died here."""


@dataclass(frozen=True, slots=True)
class RowPicture:
    """A data row as a person sees it; ``who`` is the woman's mark, empty in a row the service appended."""

    number: int
    who: str
    ref: Cell
    cells: Mapping[str, Cell]
    note: Cell


@dataclass(frozen=True, slots=True)
class Picture:
    """Both sides and the open questions at one moment."""

    grid: Rows
    rows: tuple[RowPicture, ...]
    records: Mapping[str, Record]
    questions: tuple[Question, ...]

    def row(self, who: str) -> RowPicture | None:
        return next((row for row in self.rows if row.who == who), None)

    def asked(self, ref: str | None, field: str | None) -> list[Question]:
        """The open questions about one cell, those apart that stay until a person answers."""
        return [
            question
            for question in self.questions
            if question.ref == ref and question.field == field and question.code != "proposal_kept"
        ]


class Place(Protocol):
    """Where the table lies: whole grids in and out, as a person sees and saves them.

    ``blind``: a write goes by position, whatever stands there by then. ``telling``: later it can be known whether a
    write landed. ``computes``: formulas show values.
    """

    blind: bool
    telling: bool
    computes: bool

    def load(self) -> Rows: ...

    def save(self, rows: Rows) -> None: ...

    def open(self, location: Mapping[str, str]) -> Table:
        """The table as the service opens it; ``location`` carries the ids it remembered."""
        ...

    def close(self) -> None: ...


class MemoryPlace:
    computes = True

    def __init__(self, *, blind: bool, telling: bool) -> None:
        self.blind = blind
        self.telling = telling and not blind  # what arrived blindly may have hit rows that had moved
        self.book = MemoryBook(conditional=not blind, knows_landed=telling)

    def load(self) -> Rows:
        return copy.deepcopy(self.book.rows)

    def save(self, rows: Rows) -> None:
        self.book.rows = rows
        self.book.revision += 1

    def open(self, location: Mapping[str, str]) -> Table:
        return MemoryTable(self.book)

    def close(self) -> None:
        """Nothing is left behind."""


class WorkbookPlace:
    blind, telling, computes = False, True, False

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / "table.xlsx"
        self._bench = WorkbookBench(self._path)

    def load(self) -> Rows:
        return self._bench.cells()

    def save(self, rows: Rows) -> None:
        self._bench.make(rows)

    def open(self, location: Mapping[str, str]) -> Table:
        return WorkbookTable(self._path, worksheet=WORKSHEET, data_dir=self._folder)

    def close(self) -> None:
        """The folder goes with the example."""


class Sheet:
    """A grid by its headers, wherever they stand."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.header = next((index for index, row in enumerate(rows) if REFERENCE in row), None)
        names = rows[self.header] if self.header is not None else []
        self.column = {name: index for index, name in enumerate(names) if isinstance(name, str)}

    def get(self, index: int, header: str) -> Cell:
        row, column = self.rows[index], self.column.get(header)
        return row[column] if column is not None and column < len(row) else None

    def set(self, index: int, header: str, cell: Cell) -> None:
        if header not in self.column:  # the service rebuilt the sheet: it knows nothing of our column
            assert self.header is not None
            self.column[header] = len(self.rows[self.header])
            self.rows[self.header].append(header)
        row, column = self.rows[index], self.column[header]
        row.extend([None] * (column + 1 - len(row)))
        row[column] = cell

    @property
    def data(self) -> list[int]:
        """The indexes of the rows below the header that hold anything."""
        if self.header is None:
            return []
        return [i for i in range(self.header + 1, len(self.rows)) if any(cell is not None for cell in self.rows[i])]

    def picture(self, index: int) -> RowPicture:
        return RowPicture(
            index + 1,
            str(self.get(index, MARK) or ""),
            self.get(index, REFERENCE),
            {column.field: self.get(index, column.header) for column in COLUMNS},
            self.get(index, NOTE),
        )


class FlakyTable:
    """A table whose writes can be disturbed just before and just after they land."""

    def __init__(self, inner: Table, world: World) -> None:
        self._inner, self._world = inner, world
        self.credential, self.place, self.interval = inner.credential, inner.place, inner.interval
        self.address = inner.address

    @property
    def requests(self) -> Requests:
        return self._inner.requests

    @property
    def lags(self) -> bool:
        return self._inner.lags

    def version(self) -> str:
        return self._inner.version()

    def read(self) -> Snapshot:
        return self._inner.read()

    def write(self, patch: Patch, permit: Callable[[], None] = lambda: None) -> None:
        self._world.fire("before")
        self._inner.write(patch, permit)
        self._world.fire("after")

    def landed(self, token: str) -> Landed:
        return self._inner.landed(token)

    def settle(self, token: str) -> None:
        self._inner.settle(token)

    def check(self) -> list[Check]:
        return self._inner.check()


class World:
    """Project, table and service, fresh; ``hooks`` are what happens once, before or after the next write lands."""

    def __init__(self, folder: Path, place: Place, *, edited_by: tuple[str, ...]) -> None:
        shutil.copy(_template(edited_by), folder / "syncsvc.db")
        self.database = MortalDatabase(f"sqlite:///{folder / 'syncsvc.db'}")
        self.clock = StoppedClock()
        self.hooks: dict[str, Callable[[], None]] = {}
        self.place = place
        self.rt = Runtime(self.database, self, self.clock, vocabularies.load(), "machine:1:1")

    def open(self, location: Mapping[str, str]) -> Table:
        """The table, with the disturbances of the moment."""
        return FlakyTable(self.place.open(location), self)

    def close(self) -> None:
        self.database.dispose()
        self.place.close()

    def fire(self, moment: str) -> None:
        hook = self.hooks.pop(moment, None)
        if hook is not None:
            hook()

    def kill_at(self, boundary: int) -> None:
        """Die at this boundary of a transaction (three per transaction), and stay dead."""
        left = boundary

        def count() -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                raise Killed

        self.database.boundary = count

    def die(self) -> None:
        """From now on nothing is stored any more, and whoever asks is dead."""
        self.kill_at(0)
        raise Killed

    def revive(self) -> None:
        """A new process, after the dead one's lease ended."""
        self.database.boundary = lambda: None
        self.hooks.clear()
        if isinstance(self.place, MemoryPlace):
            self.place.book.during = lambda: None
        self.clock.moment += timedelta(minutes=5)

    # -- what people see and do --------------------------------------------------------------------------------

    def picture(self) -> Picture:
        sheet = Sheet(self.place.load())
        with self.database.read() as session:
            project = projects.get(session, "bsp")
            table = tables.get(session, KEY)
            known = records.of_project(session, project.id)
            open_ = questions.open_for(session, table.id)
        return Picture(sheet.rows, tuple(sheet.picture(index) for index in sheet.data), known, tuple(open_))

    def history(self, ref: str) -> list[Change]:
        with self.database.read() as session:
            return changes.of_record(session, ref)

    def next_reference(self) -> int:
        with self.database.read() as session:
            return projects.get(session, "bsp").next_number

    def create(self, ref: str, values: Mapping[str, Json], number: int) -> None:
        """The project adds a participant of this job centre."""
        with self.database.write() as session:
            project = projects.get(session, "bsp").id
            projects.skip_numbers(session, project, number)
            record = Record(ref, {**values, "jobcenter": JOBCENTRE})
            records.create(session, project, [record], self.clock.now())
            changes.append(session, [self._change(ref, name, None, value) for name, value in values.items()])

    def set(self, ref: str, field: str, text: str) -> None:
        """The project types a value into a record."""
        set_values(self.rt, ref, {field: text}, actor="lead")

    def _change(self, ref: str, field: str, old: Json, new: Json) -> Change:
        return Change(self.clock.now(), ref, field, Where.RECORD, "web", "lead", old, new)


@lru_cache
def _template(edited_by: tuple[str, ...]) -> Path:
    """A database with the project, its mapping and its table, made once."""
    path = Path(tempfile.mkdtemp(prefix="syncsvc-machine-")) / "template.db"
    database = Database(f"sqlite:///{path}", make_vault())
    upgrade(database)
    columns: list[dict[str, Any]] = [{"header": REFERENCE, "field": "participant_ref", "owner": "service"}]
    columns += [
        {"header": c.header, "field": c.field, "owner": c.owner, "required": c.required}
        | ({"type": c.type} if c.field.startswith("custom.") else {})
        for c in COLUMNS
    ]
    columns.append({"header": NOTE, "field": "service_note", "owner": "service"})
    body = {"key": "standard", "title": "Teilnehmerinnenliste", "privacy_level": 3, "columns": columns}
    with database.write() as session:
        project, jobcentre = make_project(session), make_organisation(session, JOBCENTRE)
        mappings.add_revision(session, "standard", title="Teilnehmerinnenliste", body=body, source="test", now=NOW)
        tables.upsert(
            session,
            KEY,
            project_id=project,
            jobcentre_id=jobcentre,
            mapping_id=mappings.get(session, "standard").id,
            location={"provider": "memory", "name": KEY},  # the place opens it, whatever it is
            edited_by=[Side(side) for side in edited_by],
        )
    database.dispose()
    return path
