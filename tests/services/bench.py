"""A bench for hostile tables: plain-text tables in, one sync, plain-text tables out.

A test reads like a story: *given* a table and records, *people* do something, a *sync* runs, and then table, records
and questions *are* so. Tables are drawn with bars, the first line holds the headers:

    | TN-Nr.     | Eintritt   | Durchwahl     | Notiz      |
    | BSP-0137-E | 01.09.2024 | 030 23125-101 | 'ruft an   |

A cell says what a person would type into a German Excel:

    (nothing)           a blank cell                    '01.09.2024    text, although it looks like something else
    01.09.2024          a real date                     =1+1 → 2       a formula and what it shows
    1067  or  12,5      a number                        #NV  #REF!     an error value
    WAHR  FALSCH        a truth value                   (verbunden)    hidden beneath a merged cell
    anything else       text                            ␣              a blank at the edge of a text

In an expectation, "…" stands for any text. After *every* sync the bench itself checks what no run may ever break:
the preview said what the sync did, the receipt adds up with nothing lost, no value vanished from the world, no cell
was written but those announced, and a second run changes nothing.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from syncsvc.core.cells import decode
from syncsvc.core.fields import Context, Field, field_for
from syncsvc.core.fields.base import as_text
from syncsvc.core.fields.contract import DirectoryContact
from syncsvc.core.mapping import OWN_FIELDS, Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Json, Logical, Record, RecordState, Side
from syncsvc.core.references import Reference, read_reference
from syncsvc.core.schema import mapping_from
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from syncsvc.services import situations, vocabularies
from syncsvc.services.outcomes import Outcome
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import preview_table, sync_table
from syncsvc.store import changes, contacts, mappings, organisations, projects, questions, records, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.database import Database
from syncsvc.store.models import Table
from syncsvc.store.questions import Question
from tests.factories import NOW, make_contact, make_organisation, make_project, make_vault

TABLE = "bsp-beispielstadt"
JOBCENTRE = "jc-beispielstadt"
NOTE = "Hinweis"

COLUMNS: Mapping[str, dict[str, Any]] = {
    "TN-Nr.": {"field": "participant_ref", "owner": "service"},
    "Name": {"field": "participant_name", "owner": "project"},
    "Geburtsdatum": {"field": "birth_date", "owner": "project"},
    "Kundennummer": {"field": "customer_no", "owner": "both"},
    "PLZ": {"field": "postcode", "owner": "project"},
    "Eintritt": {"field": "entry_date", "owner": "project", "required": True},
    "Austritt": {"field": "exit_date", "owner": "project"},
    "Status": {"field": "status", "owner": "project"},
    "Jobcenter": {"field": "jobcenter", "owner": "project"},
    "Stunden": {"field": "weekly_hours", "owner": "project"},
    "Fahrtkosten": {"field": "travel_costs", "owner": "project"},
    "Ansprechperson JC": {"field": "contact_jc", "owner": "jobcentre", "aliases": ["IFK"]},
    "Rolle": {"field": "contact_jc_role", "owner": "jobcentre"},
    "Durchwahl": {"field": "contact_jc_phone", "owner": "jobcentre"},
    "E-Mail JC": {"field": "contact_jc_email", "owner": "jobcentre"},
    "Vertretung": {"field": "contact_jc_deputy", "owner": "jobcentre"},
    "Maßnahme JC": {"field": "measure", "owner": "jobcentre"},
    "Notiz": {"field": "custom.note", "type": "text", "owner": "both"},
    NOTE: {"field": "service_note", "owner": "service"},
}
"""The columns a story may use; the mapping has those that stand in its first table."""

_DAY = re.compile(r"\d\d\.\d\d\.\d{4}")
_NUMBER = re.compile(r"-?\d+(,\d+)?")


def cell_from(text: str) -> Cell:
    """The cell a person gets who types this into a German Excel."""
    text = text.strip().replace("␣", " ")
    if text.startswith("'"):
        return text[1:]
    if text.startswith("=") and "→" in text:
        formula, shown = text.split("→")
        value = cell_from(shown)
        assert not isinstance(value, Formula | Covered)
        return Formula(formula.strip(), value)
    if _DAY.fullmatch(text):
        with suppress(ValueError):  # 31.02.2026 stays text in Excel too
            return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007  # a day has no zone
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    if text in ("WAHR", "FALSCH"):
        return Logical.TRUE if text == "WAHR" else Logical.FALSE
    if text.startswith("#"):
        return ErrorValue(text)
    return Covered() if text == "(verbunden)" else text or None


def text_from(cell: Cell) -> str:
    """A cell in the notation of the stories."""
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        return f"{cell.text} → {text_from(cell.value)}"
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, float):
        return f"{cell:g}".replace(".", ",")
    if isinstance(cell, Logical):
        return "WAHR" if cell is Logical.TRUE else "FALSCH"
    if isinstance(cell, ErrorValue):
        return cell.code
    if isinstance(cell, Covered):
        return "(verbunden)"
    text = str(cell)
    edged = re.sub(r"^ +| +$", lambda blanks: "␣" * len(blanks[0]), text)
    return text if cell_from(edged) == text and edged == text else edged if cell_from(edged) == text else f"'{edged}"


def grid(text: str) -> list[list[Cell]]:
    """The rows of a drawn table."""
    return [[cell_from(cell) for cell in line.split("|")[1:-1]] for line in _lines(text)]


def draw(rows: list[list[str]]) -> str:
    """Rows as a drawn table with even columns."""
    width = max((len(row) for row in rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(width)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _like(expected: str, found: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, found, re.DOTALL) is not None


def assert_same(expected: list[list[str]], found: list[list[str]]) -> None:
    """Compare two drawn tables, "…" being any text."""
    shown = [
        [
            want if want != have and "…" in want and _like(want, have) else have
            for have, want in zip(row, wanted, strict=True)
        ]
        if len(row) == len(wanted)
        else row
        for row, wanted in zip(found, expected, strict=False)
    ] + found[len(expected) :]
    assert draw(shown) == draw(expected)


class Killed(BaseException):
    """The process dies here. Not an Exception: nothing may catch it."""


@dataclass
class StoppedClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


class MortalDatabase(Database):
    """A database whose process can be killed before, inside and after each writing transaction."""

    def __init__(self, url: str) -> None:
        super().__init__(url, make_vault())
        self.boundary: Callable[[], None] = lambda: None

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.boundary()
        with super().write() as session:
            yield session
            self.boundary()
        self.boundary()


@dataclass
class Census:
    """Gathers values by field, so that two spellings of one value count as one."""

    columns: Mapping[str, Column]
    context: Context
    found: set[tuple[str, object]] = field(default_factory=set)

    def value(self, name: str | None, value: Json) -> None:
        if name in self.columns and value is not None:
            self.found.add((name, field_for(self.columns[name]).key(value)))

    def cell(self, name: str | None, cell: Cell) -> None:
        if name not in self.columns or isinstance(cell, Covered):
            return
        reading = field_for(self.columns[name]).parse(cell, self.context)
        if reading.accepted:
            self.value(name, reading.value)
        else:
            self.found.add((name, text_from(cell)))

    def change(self, change: Change) -> None:
        for item in (change.old, change.new):
            if change.side is Where.RECORD:
                self.value(change.field, item)
            else:
                self.cell(change.field, decode(item))


@dataclass
class Bench:
    """One table of a project, in memory, with its database."""

    folder: Path
    database: MortalDatabase
    clock: StoppedClock = field(default_factory=StoppedClock)
    book: MemoryBook = field(default_factory=MemoryBook)
    edited_by: tuple[Side, ...] = (Side.PROJECT, Side.JOBCENTRE)
    columns: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    # -- given -------------------------------------------------------------------------------------------------

    def __post_init__(self) -> None:
        self.registry = Registry(self.folder)
        self.registry.books[TABLE] = self.book
        self.rt = Runtime(self.database, self.registry, self.clock, vocabularies.load(), "bench:1:1")

    def given(
        self,
        table: str,
        *,
        records: str = "",
        edited_by: str = "project jobcentre",
        change: Mapping[str, dict[str, Any]] | None = None,
        **options: Any,
    ) -> None:
        """A table that was never synced, and the project's records. ``change`` changes columns of the mapping by
        header, ``options`` the mapping itself (privacy_level, guards, new_rows)."""
        self.people_change_it_to(table)
        shown = {name for row in self.book.rows for name in row if name in COLUMNS}
        shown |= set(_cells(_lines(records)[0])) if records else set()
        self.columns = [
            {"header": name, **COLUMNS[name], **(change or {}).get(name, {})} for name in COLUMNS if name in shown
        ]
        self.edited_by = tuple(Side(side) for side in edited_by.split())
        with self.database.write() as session:
            make_organisation(session)
            make_project(session)
            for contact in CONTACTS:
                contacts.upsert(session, contact)
        self.map(**options)
        if records:
            self.project_has(records)

    def map(self, **options: Any) -> None:
        """Put a mapping of ``columns`` in force: the first one, or a new revision of it."""
        self.options |= options
        body = {
            "key": "standard",
            "title": "Teilnehmerinnenliste",
            "privacy_level": 3,
            **self.options,
            "columns": self.columns,
        }
        assert isinstance(mapping_from(body), TableMapping), mapping_from(body)
        with self.database.write() as session:
            mappings.add_revision(session, "standard", title="Teilnehmerinnenliste", body=body, source="test", now=NOW)
            tables.upsert(
                session,
                TABLE,
                project_id=projects.get(session, "bsp").id,
                jobcentre_id=organisations.get(session, JOBCENTRE).id,
                mapping_id=mappings.get(session, "standard").id,
                location={"provider": "memory", "name": TABLE},
                edited_by=self.edited_by,
            )

    def project_has(self, text: str) -> None:
        """Records that the project enters by itself."""
        header, *rows = [_cells(line) for line in _lines(text)]
        new = []
        for row in rows:
            values = {self._column(name).field: self._read(name, cell) for name, cell in zip(header, row, strict=True)}
            ref = str(values.pop("participant_ref"))
            values = {"jobcenter": JOBCENTRE, **{name: value for name, value in values.items() if value is not None}}
            new.append(Record(ref, values))
        with self.database.write() as session:
            project = projects.get(session, "bsp")
            records.create(session, project.id, new, NOW)
            for record in new:
                reference = read_reference(record.ref, "BSP")
                assert isinstance(reference, Reference), record.ref
                projects.skip_numbers(session, project.id, reference.number)

    # -- what people do ----------------------------------------------------------------------------------------

    def people_change_it_to(self, table: str) -> None:
        """The sheet now holds exactly this."""
        self.book.rows[:] = grid(table)
        self.book.revision += 1

    def people_type(self, ref: str, header: str, text: str) -> None:
        """Somebody types into the cell of a participant's row."""
        self.book.set(self.row_of(ref), self.column_of(header), cell_from(text))

    def people_add(self, text: str) -> None:
        """Somebody types rows below the table; the first line names the columns."""
        header, *rows = grid(text)
        for row in rows:
            number = len(self.book.rows) + 1
            for name, cell in zip(header, row, strict=True):
                if cell is not None:
                    self.book.set(number, self.column_of(str(name)), cell)

    def people_sort_by(self, header: str, *, reverse: bool = False) -> None:
        self.book.sort(self.column_of(header), header_row=self.header_row(), reverse=reverse)

    def people_delete(self, *refs: str) -> None:
        for ref in refs:
            self.book.delete_row(self.row_of(ref))

    def project_sets(self, ref: str, header: str, text: str) -> None:
        """The project changes a value of a record on its own side."""
        column = self._column(header)
        with self.database.write() as session:
            record = records.get(session, ref)
            values = {name: value for name, value in record.values.items() if name != column.field}
            value = self._read(header, text)
            values |= {} if value is None else {column.field: value}
            by = {name: side for name, side in record.by.items() if name != column.field}
            records.save(session, projects.get(session, "bsp").id, [replace(record, values=values, by=by)], NOW)
            old = record.values.get(column.field)
            changes.append(session, [Change(NOW, ref, column.field, Where.RECORD, "web", "test", old, value)])

    def approve(self, *codes: str) -> None:
        """An admin looked at the preview and releases the held table, to the extent it shows now."""
        from syncsvc.services.tables import release_table

        release_table(self.rt, TABLE, actor="admin")

    def answer(self, ref: str | None, header: str, choice: str) -> str:
        """Somebody answers the one open question about this row and column."""
        from syncsvc.services.questions import answer_question

        name = self._column(header).field if header else None
        (question,) = [q for q in self.open_questions() if q.ref == ref and (name is None or q.field == name)]
        return answer_question(self.rt, question.id, choice, actor="admin")

    # -- when --------------------------------------------------------------------------------------------------

    def sync(self, state: str = "ok") -> Outcome:
        """Preview, sync and sync again, and check the promises that hold for every run."""
        world, before, sheet = self._world(), self._everything(), self._sheet()
        preview = preview_table(self.rt, TABLE)
        assert (self._world(), self._sheet()) == (world, sheet), "a preview wrote something"
        outcome = sync_table(self.rt, TABLE)
        self._check_receipt(outcome)
        assert before <= self._everything(), f"vanished: {sorted(map(str, before - self._everything()))}"
        assert (outcome.state, outcome.message) == (state, outcome.message)
        same = ("rows", "cells_written", "rows_added", "records_changed", "records_created", "questions_opened",
                "questions_closed", "receipt")  # fmt: skip
        if outcome.state != "unchanged":
            assert {name: getattr(preview, name) for name in same} == {name: getattr(outcome, name) for name in same}
        if outcome.state in ("ok", "unchanged"):
            assert outcome.cells_written == _differences(sheet, self._sheet()), "cells written and cells that differ"
            self._check_actions(preview)
            self.check_second_run()
        else:
            assert self._sheet() == sheet, "a held run wrote into the table"
        return outcome

    def sync_as_it_is(self) -> Outcome:
        """One sync while people interfere: only what holds even then is checked."""
        before = self._everything()
        outcome = sync_table(self.rt, TABLE)
        self._check_receipt(outcome)
        assert before <= self._everything(), f"vanished: {sorted(map(str, before - self._everything()))}"
        return outcome

    def check_second_run(self) -> None:
        """Somebody saves the file without an edit; the next run reads everything and changes nothing."""
        self.book.revision += 1
        sheet, known, asked = self._sheet(), self.records(), [q.id for q in self.open_questions()]
        outcome = sync_table(self.rt, TABLE)
        self._check_receipt(outcome)
        done = (
            outcome.state,
            outcome.cells_written,
            outcome.rows_added,
            outcome.records_changed,
            outcome.records_created,
        )
        assert done == ("ok", 0, 0, 0, 0)  # a second run of an unchanged table does nothing
        assert (self._sheet(), self.records(), [q.id for q in self.open_questions()]) == (sheet, known, asked)

    def remember(self) -> Callable[[], None]:
        """A function that brings table and database back to this moment, as often as it is called."""
        self.database.dispose()
        stored = {path: path.read_bytes() for path in self.folder.glob("syncsvc.db*")}
        rows, revision, tokens = self._sheet(), self.book.revision, set(self.book.tokens)

        def rewind() -> None:
            self.database.dispose()
            for path in self.folder.glob("syncsvc.db*"):
                path.unlink()
            for path, content in stored.items():
                path.write_bytes(content)
            self.book.rows[:] = [list(row) for row in rows]
            self.book.revision, self.book.tokens = revision, set(tokens)

        return rewind

    def restart(self) -> None:
        """A new process, after the lease of the dead one has ended."""
        self.database.boundary = lambda: None
        self.clock.moment += timedelta(minutes=2)
        self.rt = replace(self.rt, holder=f"bench:{self.clock.moment:%H%M}:1")

    # -- then --------------------------------------------------------------------------------------------------

    def table_is(self, text: str) -> None:
        """The sheet shows these rows in this order, as far as these columns go."""
        expected = [_cells(line) for line in _lines(text)]
        numbers = [self.column_of(name) for name in expected[0]]
        below = range(self.header_row(), len(self.book.rows) + 1)
        found = [[text_from(self.book.get(row, column)) for column in numbers] for row in below]
        while found and not any(found[-1]):
            found.pop()
        assert_same([[_plain(cell) for cell in row] for row in expected], found)

    def sheet_is(self, text: str) -> None:
        """The sheet holds exactly this from row 1 on, cell by cell."""
        width = max(map(len, self.book.rows), default=0)
        found = [
            [text_from(self.book.get(row, column + 1)) for column in range(width)]
            for row in range(1, len(self.book.rows) + 1)
        ]
        expected = [[_plain(cell) for cell in _cells(line)] for line in _lines(text)]
        width = max(width, *map(len, expected))
        pad = [[*row, *[""] * (width - len(row))] for row in found]
        assert_same([[*row, *[""] * (width - len(row))] for row in expected], pad)

    def records_are(self, text: str) -> None:
        """The project has exactly these records, as far as these columns go."""
        expected = [_cells(line) for line in _lines(text)]
        header = expected[0]
        found = [header]
        for ref, record in self.records().items():
            values = [
                self._show(self._column(name), record.values.get(self._column(name).field)) for name in header[1:]
            ]
            found.append([ref, *values])
        assert_same(expected, found)

    def questions_are(self, text: str) -> None:
        """Exactly these questions are open. Columns: Art, Grund, TN-Nr., Spalte, Tabelle, Datensatz, Vorschlag."""
        expected = [_cells(line) for line in _lines(text)] or [["Art"]]
        header = expected[0]
        found = sorted([self._question(question)[name] for name in header] for question in self.open_questions())
        assert_same([header, *sorted(expected[1:])], [header, *found])

    def nothing_is_asked(self) -> None:
        self.questions_are("")

    def note_of(self, ref: str) -> str:
        """What the row says to the people who keep the table."""
        return text_from(self.book.get(self.row_of(ref), self.column_of(NOTE)))

    def history_of(self, ref: str, header: str) -> list[str]:
        """The values that syncs replaced in this column, oldest first, as people would read them."""
        column = self._column(header)
        with self.database.read() as session:
            log = changes.of_record(session, ref)
        return [
            self._show(column, change.old) if change.side is Where.RECORD else text_from(decode(change.old))
            for change in log
            if change.field == column.field and change.old is not None and change.source != "web"
        ]

    def records(self) -> dict[str, Record]:
        with self.database.read() as session:
            known = records.of_project(session, projects.get(session, "bsp").id)
        return {ref: record for ref, record in sorted(known.items()) if record.state is RecordState.ACTIVE}

    def open_questions(self) -> list[Question]:
        with self.database.read() as session:
            return questions.open_for(session, tables.get(session, TABLE).id)

    def row_of(self, ref: str) -> int:
        """The number of the one row with this reference."""
        column = self.column_of("TN-Nr.")
        (number,) = [n for n in range(1, len(self.book.rows) + 1) if self.book.get(n, column) == ref]
        return number

    def column_of(self, header: str) -> int:
        return self.book.rows[self.header_row() - 1].index(header) + 1

    # -- the promises ------------------------------------------------------------------------------------------

    def _check_receipt(self, outcome: Outcome) -> None:
        receipt = dict(outcome.receipt)
        assert receipt["lost"] == 0
        before = receipt.pop("before")
        assert before == sum(receipt.values()), "the receipt does not add up"

    def _check_actions(self, preview: Outcome) -> None:
        """Every announced change of a record or of a mapped cell has come true."""
        known = self.records()
        for action in preview.actions or ():
            ref, name = action["ref"], str(action["field"])
            if action["direction"] == "to_record":
                assert known[str(ref)].values.get(name) == action["to"]
            elif action["direction"] == "to_table" and ref is not None and name not in OWN_FIELDS:
                row, place = self.row_of(str(ref)), self.column_of(str(action["column"]))
                column = next(c for c in self._mapping().columns if c.field == name)
                shown = self._field(column).parse(self.book.get(row, place), self._context())
                assert self._field(column).key(shown.value) == self._field(column).key(action["to"])

    def _everything(self) -> set[tuple[str, object]]:
        """Every value that stands anywhere: in the table, a record, the history or an open question."""
        census = Census({c.field: c for c in self._mapping().columns if c.field not in OWN_FIELDS}, self._context())
        header = self.header_row(default=0)
        names = {column["header"]: column["field"] for column in self.columns}
        for row in self.book.rows[header:] if header else []:
            for title, cell in zip(self.book.rows[header - 1], row, strict=False):
                census.cell(names.get(str(title)), cell)
        with self.database.read() as session:
            for ref, record in records.of_project(session, projects.get(session, "bsp").id).items():
                for name, value in record.values.items():
                    census.value(name, value)
                for change in changes.of_record(session, ref):
                    census.change(change)
        for question in self.open_questions():
            census.cell(question.field, decode(question.document.get("raw")))
            census.value(question.field, question.document.get("record"))
            census.value(question.field, question.document.get("proposal"))
        return census.found

    def _world(self) -> list[str]:
        """The whole database, as text."""
        with closing(sqlite3.connect(self.folder / "syncsvc.db")) as connection:
            return list(connection.iterdump())

    def _sheet(self) -> list[list[Cell]]:
        return [list(row) for row in self.book.rows]

    # -- reading and showing -----------------------------------------------------------------------------------

    def _mapping(self) -> TableMapping:
        mapping = mapping_from({"key": "x", "title": "x", "privacy_level": 3, **self.options, "columns": self.columns})
        assert isinstance(mapping, TableMapping)
        return mapping

    def _column(self, header: str) -> Column:
        return next(column for column in self._mapping().columns if column.header == header)

    def _field(self, column: Column) -> Field:
        return field_for(column)

    def _context(self) -> Context:
        with self.database.read() as session:
            return situations.table_context(self.rt, session, projects.get(session, "bsp"), JOBCENTRE)

    def _read(self, header: str, text: str) -> Json:
        reading = self._field(self._column(header)).parse(cell_from(text), self._context())
        assert reading.accepted, f"{header}: {text} is {reading}"
        return reading.value

    def _show(self, column: Column, value: Json) -> str:
        return self._field(column).display(value, self._context())

    def _question(self, question: Question) -> dict[str, str]:
        column = next((c for c in self._mapping().columns if c.field == question.field), None)

        def shown(part: str) -> str:
            value = question.document.get(part)
            return self._show(column, value) if column else as_text(value)

        return {
            "Art": question.kind,
            "Grund": question.code,
            "TN-Nr.": question.ref or "",
            "Spalte": column.header if column else "",
            "Tabelle": shown("sheet"),
            "Datensatz": shown("record"),
            "Vorschlag": shown("proposal"),
        }

    def header_row(self, default: int | None = None) -> int:
        names = {column["header"] for column in self.columns} or set(COLUMNS)
        scores = [len(names & {cell for cell in row if isinstance(cell, str)}) for row in self.book.rows]
        best = max(scores, default=0)
        if best < 2 and default is not None:
            return default
        return scores.index(best) + 1


CONTACTS: tuple[DirectoryContact, ...] = (
    make_contact("c-1"),
    make_contact(
        "c-2",
        family="Schulz",
        given="Peter",
        phone="030 23125-102",
        email="peter.schulz@jobcenter-beispielstadt.example",
    ),
    make_contact(
        "c-3",
        family="Öztürk",
        given="Elif",
        role="bca",
        phone="030 23125-110",
        email="elif.oeztuerk@jobcenter-beispielstadt.example",
    ),
)


def release_to(bench: Bench, **approved: float) -> None:
    """Approve guards to an extent, as ``tables release`` stores it."""
    with bench.database.write() as session:
        session.execute(update(Table).where(Table.key == TABLE).values(release={"approved": approved}))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def _plain(text: str) -> str:
    """An expected cell in the spelling ``text_from`` gives the same cell."""
    return text if "…" in text else text_from(cell_from(text))


def _differences(before: list[list[Cell]], after: list[list[Cell]]) -> int:
    """How many cells differ; rows only ever grow at the end."""
    height = max(len(before), len(after))
    width = max(map(len, [*before, *after]), default=0)

    def at(rows: list[list[Cell]], row: int, column: int) -> Cell:
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else None

    return sum(at(before, r, c) != at(after, r, c) for r in range(height) for c in range(width))
