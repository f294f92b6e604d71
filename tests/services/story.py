"""One morning at a platform where people work while we do: a table, work both ways, and how it has to end.

Every row carries a mark in a column the mapping does not know, so that whose row is whose never depends on the service.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

from syncsvc.core.binding import column_letter
from syncsvc.core.cells import decode
from syncsvc.core.model import Cell, Json
from syncsvc.core.references import make_reference, usable
from syncsvc.services.outcomes import Outcome
from syncsvc.services.sync import sync_table
from syncsvc.store import bases, tables
from tests.services.witness import Token, token
from tests.services.world import (
    COLUMNS,
    FIELDS,
    KEY,
    MARK,
    NOTE,
    REFERENCE,
    Killed,
    Picture,
    Place,
    RowPicture,
    Sheet,
    World,
)

TITLE = "Liste der Teilnehmerinnen"
HEADER: list[Cell] = [REFERENCE, MARK, *(column.header for column in COLUMNS), NOTE]
ROWS = ("w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8")
"""The women whose rows are agreed when the morning begins. w2 and w5 to w7 have work for the table."""

PLAN, REMARK, STAGE, HOURS, ENTRY = "custom.plan", "custom.note", "custom.stage", "custom.hours", "entry_date"
Spot = tuple[str, str]
"""A woman and a field."""


def values(who: str) -> dict[str, Cell]:
    """What stands with a woman at first, unlike what stands with any other."""
    number = int(who[1:])
    texts: dict[str, Cell] = {name: f"{FIELDS[name].header} {who}" for name in (PLAN, REMARK, STAGE)}
    return {ENTRY: date(2025, 1, number), **texts, HOURS: float(10 + number)}


class Served(Place, Protocol):
    """A place at a local platform: its server, and the one file there."""

    server: Any
    """``SheetsServer`` or ``GraphServer``: what they are asked for here they have in common."""
    file: Any


@dataclass
class Story:
    """What people do while the service works is noted: ``typed`` by woman and field, ``gone`` whose row they deleted,
    ``twins`` the copies, ``newcomers`` the new rows they made, ``lost`` the columns they deleted; ``in_doubt``: they
    brought back what stood there before, or nobody can tell whether a write landed; then people may have to be asked.
    """

    folder: Path
    typed: dict[Spot, list[Token]] = field(default_factory=lambda: defaultdict(list))
    gone: set[str] = field(default_factory=set)
    twins: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    newcomers: set[str] = field(default_factory=set)
    in_doubt: bool = False
    costs: ClassVar[Mapping[str, tuple[int, int]]]
    """The most reads and writes that a run takes, and a repair."""
    who: ClassVar[str]
    """The person at the window."""

    def make_place(self) -> Served:
        """The platform, with an empty file."""
        raise NotImplementedError

    def sort(self, column: str, *, below: int, descending: bool) -> None:
        """Let a person sort what stands below this row (0: everything) by a column."""
        raise NotImplementedError

    def sign_in(self) -> None:
        """Get a new token: the server's clock may have passed the old one's end."""
        raise NotImplementedError

    def __post_init__(self) -> None:
        self.place = self.make_place()
        self.server, self.file = self.place.server, self.place.file
        self.world = World(self.folder, self.place, edited_by=("project",))
        self.anna = self.server.person(self.who, self.file)
        self.place.save([HEADER, *self._rows(*ROWS)])
        self.sync()
        self.refs = {row.who: str(row.ref) for row in self.world.picture().rows}
        self.sync()
        self.agreed = len(self.file.states)  # the number of the version that both sides agreed on
        self._work()
        self.rewind = self._remember()

    def _rows(self, *women: str) -> list[list[Cell]]:
        return [[None, who, *values(who).values()] for who in women]

    def _work(self) -> None:
        """An edit each way and more, a new row, a new record, a proposal, a wiped reference."""
        self.type("w1", REMARK, "Notiz neu w1")
        self.type("w3", STAGE, "Stand neu w3")  # the job centre's column, where the project types: a proposal
        self.anna.clear(self.cell("w4", REFERENCE))
        self.anna.insert_row(len(ROWS) + 1, *self._rows("w9")[0])
        self.typed.clear()
        self.world.set(self.refs["w2"], PLAN, "Planung neu w2")
        self.world.set(self.refs["w5"], ENTRY, "15.03.2025")
        self.world.set(self.refs["w6"], HOURS, "77")
        self.world.set(self.refs["w7"], PLAN, "")
        number = self.world.next_reference()
        while not usable("BSP", number):
            number += 1
        self.refs["w10"] = make_reference("BSP", number)
        known: dict[str, Json] = {name: token(name, value) for name, value in values("w10").items()}
        self.world.create(self.refs["w10"], known, number)
        self.expected: dict[Spot, Token] = {
            (who, name): token(name, value)
            for who in (*ROWS, "w9", "w10", "w11")
            for name, value in values(who).items()
        }
        self.expected |= {("w1", REMARK): "Notiz neu w1", ("w2", PLAN): "Planung neu w2", ("w5", ENTRY): "2025-03-15",
                          ("w6", HOURS): 77, ("w7", PLAN): None}  # fmt: skip

    def _remember(self) -> Callable[[], None]:
        """A function that brings table, server and database back to this moment."""
        path = self.folder / "syncsvc.db"
        self.world.database.dispose()
        stored, moment = path.read_bytes(), self.world.clock.moment
        file, journal = _kept(vars(self.file)), _kept(vars(self.server.service.journal))

        def rewind() -> None:
            self.world.database.dispose()
            for old in self.folder.glob("syncsvc.db*"):
                old.unlink()
            path.write_bytes(stored)
            self.world.database.boundary = lambda: None
            self.world.clock.moment = moment
            vars(self.file).update(_kept(file))
            vars(self.server.service.journal).update(_kept(journal))
            self.server.calm()
            self.server.forget()
            self.sign_in()
            self.in_doubt = False
            for each in (self.typed, self.gone, self.twins, self.lost, self.newcomers):
                each.clear()

        return rewind

    def close(self) -> None:
        self.world.close()

    # -- people ------------------------------------------------------------------------------------------------

    def sheet(self) -> Sheet:
        return Sheet(self.place.load())

    def row(self, who: str) -> int | None:
        """The number of a woman's row; None where she has none."""
        sheet = self.sheet()
        return next((index + 1 for index in sheet.data if sheet.get(index, MARK) == who), None)

    def letter(self, header: str) -> str | None:
        column = self.sheet().column.get(header)
        return None if column is None else column_letter(column + 1)

    def cell(self, who: str, header: str) -> str:
        """A cell as people name it; empty where it is gone."""
        row, letter = self.row(who), self.letter(header)
        return f"{letter}{row}" if row and letter else ""

    def type(self, who: str, name: str, text: str) -> None:
        if cell := self.cell(who, FIELDS[name].header):
            self.anna.put(cell, text)
            self.typed[who, name].append(text)

    def tokens(self) -> set[Token]:
        return {value for found in self.typed.values() for value in found}

    # -- the service -------------------------------------------------------------------------------------------

    def wait(self, minutes: float) -> None:
        self.world.clock.moment += timedelta(minutes=minutes)
        self.server.clock.advance(60 * minutes)

    def sync(self) -> Outcome | None:
        """One run; None when it was killed."""
        self.wait(1)
        try:
            return sync_table(self.world.rt, KEY, wait=0)
        except Killed:
            return None

    def sync_until_quiet(self) -> None:
        """Undisturbed runs until one finds nothing to do; then one that looks at everything and does nothing."""
        self.server.calm()
        self.wait(15)  # the account may have to rest
        for _ in range(4):
            outcome = self.sync()
            assert outcome is not None
            assert outcome.receipt["lost"] == 0
            if outcome.state == "unchanged":
                break
        self.wait(31)
        picture, before = self.world.picture(), self.place.load()
        self.server.forget()
        outcome = self.sync()
        assert outcome is not None
        assert outcome.cells_written == 0
        assert outcome.state in ("ok", "unchanged") or self.in_doubt, outcome.message
        after = self.world.picture()
        assert (self.place.load(), after.records) == (before, picture.records), "a second run did something"
        assert [q.id for q in after.questions] == [q.id for q in picture.questions], "a second run asked again"
        assert self.server.counts()["write"] == 0

    # -- judgement ---------------------------------------------------------------------------------------------

    def judge(self) -> None:
        """Everybody has her own values in her own row and record, once, and the work is done."""
        picture = self.world.picture()
        self._judge_furniture()
        refs = self._judge_rows(picture)
        if self.in_doubt:
            assert set(refs.values()) <= set(picture.records)
            assert len(picture.records) <= len(ROWS) + 2, "somebody has two records"
        else:
            assert sorted(picture.records) == sorted(refs.values()), "somebody has two records, or none"
        self._judge_questions(picture, refs)
        self._judge_base(picture, refs)
        for place, typed in self.typed.items():  # what she typed before, she typed over
            if typed:
                assert typed[-1] in self._standing(picture, refs[place[0]], place), f"{typed[-1]} is lost"

    def _judge_furniture(self) -> None:
        """Header, titles and the cells beside the table are as people left them; Excel names new columns by itself."""
        sheet = self.sheet()
        assert sheet.header is not None
        shown = {cell for cell in sheet.rows[sheet.header] if cell is not None and not str(cell).startswith("Spalte")}
        assert shown == set(HEADER) - {FIELDS[name].header for name in self.lost}
        width = {column: name for name, column in sheet.column.items()}
        for index, row in enumerate(sheet.rows):
            for column, cell in enumerate(row):
                if cell is not None and index != sheet.header:
                    title = index < sheet.header and cell == TITLE
                    assert title or (index > sheet.header and column in width), f"a stray cell: {cell!r}"

    def _judge_rows(self, picture: Picture) -> dict[str, str]:
        """The women's references, those given to new rows included."""
        refs = dict(self.refs)
        rows: dict[str, RowPicture] = {}
        for row in picture.rows:
            who = row.who or next((w for w, ref in refs.items() if ref == row.ref), "")
            if self.in_doubt and not who and all(cell is None for cell in row.cells.values()):
                assert row.ref in picture.records  # she took back the new row she typed: only what we added is left
                continue
            assert who, f"row {row.number} is nobody's"
            assert who not in rows, f"{who} has two rows"
            rows[who] = row
        women = {*ROWS, "w9", "w10", *self.newcomers, *self.twins}
        assert rows.keys() <= women if self.in_doubt else rows.keys() == women - self.gone - (self.gone & rows.keys())
        for who, row in rows.items():
            if who in refs:
                assert row.ref == refs[who] or (self.in_doubt and row.ref is None), f"{who} has {row.ref}"
            elif (who not in self.twins and not self.in_doubt) or row.ref is not None:
                assert row.ref in picture.records, f"{who} has {row.ref}, which is no record"
                assert row.ref not in refs.values(), f"{who} has somebody else's {row.ref}"
                refs[who] = str(row.ref)
        for who, row in rows.items():
            for name, cell in row.cells.items():
                if name not in self.lost:
                    self._judge_value((who, name), token(name, cell), "the table")
        for who, ref in refs.items():
            for name in FIELDS:
                self._judge_value((who, name), token(name, picture.records[ref].values.get(name)), "her record")
        return refs

    def _judge_value(self, place: Spot, found: Token, where: str) -> None:
        who, name = place
        origin = self.twins & {who} and ("w2", name)
        expected = self.expected[origin or place]
        allowed = {expected, *self.typed[place]}
        if origin or who in self.twins_of or who in self.gone or self.lost or self.in_doubt:
            # A write may have to be asked about, or was taken back.
            allowed |= {token(name, values((origin or place)[0])[name])}
        if name in self.lost:
            allowed.add(None)
        if place == ("w3", STAGE):
            allowed = {"Stand neu w3"} if where == "the table" else {"Stand JC w3"}
            allowed |= {"Stand JC w3"} if STAGE in self.lost or "w3" in self.gone or self.in_doubt else set()
        assert found in allowed, f"{found} stands with {who} in {name} of {where}, instead of {expected}"

    @property
    def twins_of(self) -> set[str]:
        return {"w2"} if self.twins else set()

    def _judge_questions(self, picture: Picture, refs: Mapping[str, str]) -> None:
        """Nothing is asked but the proposal, and what the deed gives reason to ask."""
        who_has = {ref: who for who, ref in refs.items()}
        for question in picture.questions:
            who = who_has.get(question.ref or "", "")
            reason = (
                (who, question.field) == ("w3", STAGE)
                or self.typed.get((who, question.field or ""))
                or (question.kind == "deletion" and who in self.gone)
                or (question.kind == "column" and question.field in self.lost)
                or (question.code == "interrupted" and self.lost)
                or self.twins
                or self.in_doubt
            )
            assert reason, f"asked about {who} {question.field}: {question.kind} {question.code}"
        asked = {who_has.get(q.ref or "") for q in picture.questions if q.kind == "deletion"}
        assert asked == self.gone or self.in_doubt

    def _judge_base(self, picture: Picture, refs: Mapping[str, str]) -> None:
        """What counts as agreed is what both sides show, or was shown before a question arose."""
        fields = tuple(FIELDS)
        with self.world.database.read() as session:
            base = bases.load(session, tables.get(session, KEY).id, fields)
        for row in picture.rows:
            if row.ref is None:  # a restored file may show the row as it was before it had one
                continue
            ref = str(row.ref)
            for index, name in enumerate(fields):
                sheet, record = token(name, row.cells[name]), token(name, picture.records[ref].values.get(name))
                if ref in base.rows and sheet == record and name not in self.lost and not self.twins:
                    agreed = base.rows[ref].agreed[index]
                    assert token(name, agreed) == record, f"{agreed} counts as agreed for {ref} {name}"

    def _standing(self, picture: Picture, ref: str, place: Spot) -> set[Token]:
        """Every value of a woman's field that stands anywhere, or was overwritten where nobody could know."""
        name = place[1]
        found = {token(name, row.cells[name]) for row in picture.rows if row.ref == ref}
        found.add(token(name, picture.records[ref].values.get(name)))
        for change in self.world.history(ref):
            if change.field == name:
                found |= {token(name, _plain(value)) for value in (change.old, change.new)}
        for question in picture.questions:
            if (question.ref, question.field) == (ref, name):
                found |= {token(name, _plain(value)) for value in question.document.values()}
        return found | {each.human.new for each in self.server.overwritten_by_service()}  # type: ignore[return-value]  # texts


def _kept(state: Mapping[str, Any]) -> dict[str, Any]:
    """An object's state, its collections as they are now."""
    return {name: copy(value) if isinstance(value, list | dict | set) else value for name, value in state.items()}


def _plain(value: Json) -> Cell:
    """A value of history or question, cells of the table unpacked."""
    try:
        return decode(value)
    except ValueError:
        return value  # type: ignore[return-value]  # a record's value
