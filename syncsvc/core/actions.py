"""What a plan is made of: the situation it is drawn from, and every action of one run, as frozen values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from syncsvc.core.binding import Place
from syncsvc.core.contact_remarks import ContactRemarks
from syncsvc.core.fields import Context
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Base, Cell, CellWrite, Flip, Json, Record, RowAppend, RowState, Side, Snapshot


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What the plan must know of the table and its project. ``next_number`` is the project's next free counter."""

    key: str
    prefix: str
    organisation: str | None
    edited_by: frozenset[Side]
    next_number: int


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a plan depends on.

    ``records`` are all of the project's, by reference. ``decided`` maps row fingerprints to a person's answer about
    whose row it is (None: a new participant). ``contested`` are cells that a lost write of ours may have touched,
    ``suspects`` what it wrote, by field: in another row it may be ours, gone astray. ``asked`` are the raw cells about
    which a question is open already. ``standing`` are questions that stay open until answered although no state shows
    them: (code, field) by reference. ``remarks`` are, by reference, the German sentences that her row says beside what
    the plan finds itself. ``lately`` is, by reference and field, the contact who was responsible until a run or two
    ago, ``of_contacts`` what rows say of the contacts they have after the run. ``approved`` maps guard codes to the
    extent a person has approved. ``rebuild``: a person asked to write header and rows into an emptied table.
    """

    mapping: TableMapping
    table: TableFacts
    snapshot: Snapshot
    places: Mapping[str, Place]
    base: Base
    records: Mapping[str, Record]
    context: Context
    decided: Mapping[str, str | None] = field(default_factory=dict)
    contested: frozenset[tuple[str, str]] = frozenset()
    suspects: Mapping[str, frozenset[Cell]] = field(default_factory=dict)
    asked: Mapping[tuple[str, str], Cell] = field(default_factory=dict)
    standing: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lately: Mapping[tuple[str, str], str] = field(default_factory=dict)
    of_contacts: ContactRemarks = field(default_factory=ContactRemarks)
    approved: Mapping[str, float] = field(default_factory=dict)
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """An open point: something only a person can decide.

    ``kind`` is a question kind of the design, ``code`` the reason. ``raw`` is the cell as it stood, ``sheet`` its
    meaning or text, both None when it must not be repeated (``sensitive``). ``candidates`` are references a row may
    belong to, ``fingerprint`` names a row that has none. ``detail`` is a whole sentence where no code says enough.
    ``meaning`` is what a cell about a contact was read as (``core/contact_questions.py``): points with the same one are
    one question. ``beside`` are the cells, by field, that wait with it.
    """

    kind: str
    code: str
    ref: str | None = None
    row: int | None = None
    field: str | None = None
    header: str = ""
    raw: Cell = None
    sheet: Json = None
    record: Json = None
    base: Json = None
    proposal: Json = None
    candidates: tuple[str, ...] = ()
    fingerprint: str = ""
    sensitive: bool = False
    detail: str = ""
    meaning: Json = None
    beside: tuple[tuple[str, Cell], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One field of one record moves from ``old`` to ``new``; ``side`` is whose edit it counts as.

    ``row`` None: she has no row yet. ``source`` is where the value came from, ``""``: from the table.
    """

    ref: str
    field: str
    old: Json
    new: Json
    side: Side
    row: int | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A participant to create from a row; ``adopted``: the row brought its own free reference."""

    ref: str
    row: int
    values: Mapping[str, Json]
    by: Mapping[str, Side]
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A cell both sides agree on: the base moves together with the records, without any write to the table."""

    ref: str
    field: str
    raw: Cell
    value: Json
    flip: Flip | None = None


@dataclass(frozen=True, slots=True)
class TableWrite:
    """A cell to write for a field: ``value`` is the agreed value once it stands there, ``before`` what stood there."""

    ref: str
    field: str
    cell: CellWrite
    value: Json
    before: Json


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to append for a record: its cells, and the values they show by field."""

    append: RowAppend
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Hold:
    """A reason to stop before writing. ``extent`` grows with the damage; ``text`` is one German sentence."""

    code: str
    extent: float
    text: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run would do.

    ``references`` and ``notes`` are the service's own cells. ``states`` are rows whose state changes (gone, back
    again), ``forget`` base rows that need no memory any more. ``seen`` maps every reference found to its row number,
    ``touched`` names the rows whose cells were looked at; the ``untouched`` rest hold ``untouched_values`` values.
    ``partial``: the plan looked at some cells only, so what it does not name stays as it is, questions too.
    ``waiting_values`` stand in rows that belong to no record yet, ``waiting`` are the fingerprints of those of them
    that a person has decided about.
    """

    version: str
    header_row: int = 0
    ref_column: int = 0
    fields: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    new_records: tuple[NewRecord, ...] = ()
    record_changes: tuple[RecordChange, ...] = ()
    settled: tuple[Settled, ...] = ()
    writes: tuple[TableWrite, ...] = ()
    notes: tuple[CellWrite, ...] = ()
    references: tuple[CellWrite, ...] = ()
    header: tuple[CellWrite, ...] = ()
    new_rows: tuple[NewRow, ...] = ()
    points: tuple[Point, ...] = ()
    states: Mapping[str, RowState] = field(default_factory=dict)
    forget: frozenset[str] = frozenset()
    seen: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    rows: int = 0
    touched: frozenset[str] = frozenset()
    untouched: int = 0
    untouched_values: int = 0
    waiting_values: int = 0
    waiting: frozenset[str] = frozenset()
    next_number: int = 0
    partial: bool = False

    @property
    def cells(self) -> tuple[CellWrite, ...]:
        """Every single cell the run would write, appended rows aside."""
        return (*self.header, *(write.cell for write in self.writes), *self.references, *self.notes)

    @property
    def fingerprint(self) -> str:
        """Equal for two plans exactly when they would do the same to the same content."""
        acts = (
            self.version, self.holds, self.new_records, self.record_changes, self.settled, self.writes, self.notes,
            self.references, self.header, self.new_rows, self.points, sorted(self.states.items()), sorted(self.forget),
        )  # fmt: skip
        return hashlib.sha256(repr(acts).encode()).hexdigest()
