"""What a mapping would make of the rows of a table, before anything is stored or written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from syncsvc.core.actions import Situation, TableFacts
from syncsvc.core.binding import Binding, bind, column_letter
from syncsvc.core.fields import Context, Kind
from syncsvc.core.fields.base import typed_text
from syncsvc.core.fields.sensitive import sensitive_code
from syncsvc.core.identity import RowView
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Base, Cell, Covered, ErrorValue, Formula, SheetRow, Side, Snapshot
from syncsvc.core.plan import column_sentence, header_sentence
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid
from syncsvc.core.rows.pen import Pen
from syncsvc.core.rows.reader import RowReader, RowReading
from syncsvc.core.suggest import find_header
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import table_context
from syncsvc.store import projects

EXAMPLES = 3
"""Values of a column that are shown beside its header."""

LOOKED_AT = 200
"""Rows in which examples are looked for."""

MISSING = "missing"
"""The level of a blank cell in a column that has to be filled."""


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """A column with a header. ``number`` counts from 1; ``field`` is what the mapping reads it as, None: not at all.

    ``examples`` are up to three different values as people see them, without what must not be repeated. ``rests``: the
    mapping's privacy level does not let the field out.
    """

    number: int
    letter: str
    header: str
    examples: tuple[str, ...]
    field: str | None = None
    rests: bool = False


@dataclass(frozen=True, slots=True)
class SampleCell:
    """One cell: ``text`` as typed, ``shown`` as it is understood, ``problem`` what the row would say about it.

    ``level`` is ok, normalise, ask, reject (as ``core/fields`` reads it) or ``MISSING``. Both texts are empty where the
    cell must not be repeated.
    """

    field: str
    header: str
    text: str
    shown: str
    level: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One row with its cells in the table's order.

    ``problem`` is about the row as a whole: a run says only that until it is settled.
    """

    number: int
    ref: str
    cells: tuple[SampleCell, ...]
    problem: str = ""

    @property
    def ready(self) -> bool:
        """Whether it can be synced without anybody being asked."""
        return not self.problem and not any(cell.problem for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to look at: ``field`` is empty where it is the row as a whole."""

    row: int
    field: str
    header: str
    problem: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """``stops`` says why no run would begin, in German; ``held`` what is wrong with single columns.

    ``header_row`` is None without a header. ``columns`` are all that have a header, mapped or not. Where only the
    reference column is missing or unclear, ``rows`` are read as if an empty one stood behind the others.
    """

    header_row: int | None
    columns: tuple[SampleColumn, ...]
    rows: tuple[SampleRow, ...] = ()
    stops: str = ""
    held: tuple[str, ...] = ()

    @property
    def ready(self) -> int:
        """How many of the rows shown can be synced without anybody being asked."""
        return sum(row.ready for row in self.rows)

    @property
    def spots(self) -> tuple[Spot, ...]:
        """The places to look at, from top to bottom."""
        return tuple(spot for row in self.rows for spot in _spots(row))


def rehearse(
    rt: Runtime, snapshot: Snapshot, mapping: TableMapping, *, project: str, jobcentre: str | None, rows: int = 10
) -> Rehearsal:
    """How a first run would read the first ``rows`` data rows of a table. Reads the database, writes nothing.

    ``project`` and ``jobcentre`` are keys. Raises ``NotFound`` for an unknown project.
    """
    with rt.database.read() as session:
        row = projects.get(session, project)
        context = table_context(rt, session, row, jobcentre)
        facts = TableFacts("", row.prefix, jobcentre, frozenset({Side.PROJECT, Side.JOBCENTRE}), row.next_number)
    return _rehearse(snapshot, mapping, facts, context, rows)


def columns_of(snapshot: Snapshot, context: Context) -> tuple[SampleColumn, ...]:
    """The columns of a table that nobody has mapped yet; none without a header row."""
    header = find_header(snapshot, context)
    return _columns(snapshot, header, {}, context) if header is not None else ()


def _rehearse(snapshot: Snapshot, mapping: TableMapping, facts: TableFacts, context: Context, rows: int) -> Rehearsal:
    base = Base((), {})
    binding = bind(mapping, snapshot, {}, base)
    if binding is None:
        header = find_header(snapshot, context)
        columns = _columns(snapshot, header, {}, context) if header is not None else ()
        return Rehearsal(None, columns, stops=header_sentence(snapshot))
    header = next(row for row in snapshot.rows if row.number == binding.header_row)
    fields = {number: (name, name not in mapping.shown) for name, number in binding.columns.items()}
    columns = _columns(snapshot, header, fields, context)
    stops = next((column_sentence(held) for held in binding.held if held.field == REFERENCE_FIELD), "")
    if stops:
        snapshot, binding = _with_references(snapshot, binding)
    situation = Situation(mapping, facts, snapshot, {}, base, {}, context)
    grid = Grid(situation, binding)
    held = tuple(column_sentence(held) for held in binding.held if held.field != REFERENCE_FIELD)
    return Rehearsal(binding.header_row, columns, tuple(_Rows(grid).first(rows)), stops, held)


def _with_references(snapshot: Snapshot, binding: Binding) -> tuple[Snapshot, Binding]:
    """The table as if it had an empty reference column behind the others."""
    rows = tuple(replace(row, cells=(*row.cells, None)) for row in snapshot.rows)
    columns = {**binding.columns, REFERENCE_FIELD: snapshot.width + 1}
    return replace(snapshot, width=snapshot.width + 1, rows=rows), replace(binding, columns=columns)


class _Rows:
    """The rows of one bound table as its first run would read them."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.context = grid, grid.s.context
        self.reader, self.pen = RowReader(grid), Pen(grid, Draft())
        self.names = sorted((REFERENCE_FIELD, *grid.data), key=lambda name: grid.binding.columns[name])

    def first(self, count: int) -> Iterator[SampleRow]:
        views = self.reader.views()
        doubtful = {item.row.number: item.code for item in self.reader.identities(views).doubtful}
        data = [view for view in views if view.ref or view.typed or not self.reader.is_label(view)]
        for view in data[:count]:
            code = doubtful.get(view.number)
            problem = self.pen.sentence(code, REFERENCE_FIELD) if code else ""
            read = self.reader.read(view)
            yield SampleRow(view.number, view.ref or "", tuple(self._cell(n, view, read) for n in self.names), problem)

    def _cell(self, name: str, view: RowView, read: RowReading) -> SampleCell:
        cell, header = self.grid.cell(view, name), self.grid.column[name].header
        if name == REFERENCE_FIELD:
            return SampleCell(name, header, seen(cell), view.ref or "", Kind.REJECT if view.typed else Kind.OK)
        reading = read.readings[name]
        if reading.sensitive:
            return SampleCell(name, header, "", "", reading.kind, self.pen.fault(name, reading))
        if not reading.accepted:
            return SampleCell(name, header, seen(cell), "", reading.kind, self.pen.fault(name, reading))
        if name in read.missing:
            return SampleCell(name, header, seen(cell), "", MISSING, self.pen.sentence("required_missing", name))
        shown = self.grid.field[name].display(reading.value, self.context)
        return SampleCell(name, header, seen(cell), shown, reading.kind)


def _spots(row: SampleRow) -> Iterator[Spot]:
    if row.problem:
        yield Spot(row.number, "", "", row.problem)
    for cell in row.cells:
        if cell.problem:
            yield Spot(row.number, cell.field, cell.header, cell.problem)


def _columns(
    snapshot: Snapshot, header: SheetRow, fields: Mapping[int, tuple[str, bool]], context: Context
) -> tuple[SampleColumn, ...]:
    below = [row for row in snapshot.rows if row.number > header.number][:LOOKED_AT]
    ours = {number for number, (name, _) in fields.items() if name == NOTE_FIELD}
    return tuple(
        SampleColumn(
            number,
            column_letter(number),
            seen(cell),
            () if number in ours else _examples(below, number, context),
            *fields.get(number, (None, False)),
        )
        for number, cell in enumerate(header.cells, start=1)
        if seen(cell)
    )


def _examples(rows: list[SheetRow], number: int, context: Context) -> tuple[str, ...]:
    texts = (seen(row.cells[number - 1]) for row in rows)
    different = dict.fromkeys(text for text in texts if text and not sensitive_code(text, context))
    return tuple(different)[:EXAMPLES]


def seen(cell: Cell) -> str:
    """A cell as a person sees it in a German spreadsheet, on one line; ``""`` for a blank."""
    if isinstance(cell, Formula):
        cell = cell.value
    if cell is None or isinstance(cell, Covered):
        return ""
    if isinstance(cell, ErrorValue):
        return cell.code
    return " ".join((cell if isinstance(cell, str) else typed_text(cell)).split())
