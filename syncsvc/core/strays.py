"""What a write by position hit outside the columns it was meant for, because people moved columns meanwhile.

``core/verify.py`` puts mapped columns right, woman by woman; this is for everything beside them: a column people just
inserted, one that is none of ours, and whole rows of ours that were added by columns that stand elsewhere now.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from syncsvc.core.model import Cell, CellWrite, RowAppend, SheetRow, Snapshot

_EPOCH = date(1899, 12, 30)
_LAST_DAY = 2_958_465


def forms(cell: Cell) -> frozenset[Cell]:
    """As what a cell may come back that landed in a cell formatted otherwise: a day as a number, a number as a day,
    either as a text.
    """
    if isinstance(cell, date) and not isinstance(cell, datetime):
        days = (cell - _EPOCH).days
        return frozenset({cell, float(days), str(days)})
    if isinstance(cell, float) and cell.is_integer() and 0 < cell <= _LAST_DAY:
        return frozenset({cell, _EPOCH + timedelta(days=int(cell)), f"{cell:.0f}"})
    if isinstance(cell, float):
        return frozenset({cell, f"{cell:.15g}"})
    return frozenset({cell})


@dataclass(frozen=True, slots=True)
class Look:
    """A snapshot with the 1-based positions of its header row and its reference column."""

    snapshot: Snapshot
    header_row: int
    ref_column: int

    def row(self, number: int) -> SheetRow | None:
        return self.snapshot.rows[number - 1] if 0 < number <= len(self.snapshot.rows) else None

    def cell(self, row: SheetRow | None, column: int | None) -> Cell:
        return row.cells[column - 1] if row and column and column <= self.snapshot.width else None

    @property
    def header(self) -> list[Cell]:
        row = self.row(self.header_row)
        return list(row.cells) if row else []

    @property
    def by_ref(self) -> dict[Cell, SheetRow]:
        return {self.cell(row, self.ref_column): row for row in self.snapshot.rows if row.number > self.header_row}


def stray_cells(
    before: Look, after: Look, put: Sequence[tuple[Look, CellWrite]], mapped: Container[int]
) -> tuple[CellWrite, ...]:
    """What puts back the cells of columns not ``mapped`` that were hit although another column had been meant.

    ``put`` are the cells written, each with the look it was planned from. What stood there is known from ``before``;
    which column it was is told by its header, and one that was not there before is blanked.
    """
    came_from = _sources(before.header, after.header)
    meant = {id(look): _sources(look.header, after.header) for look, _ in put}
    rows = before.by_ref
    back = {}
    for look, cell in put:
        row, column = after.row(cell.row), cell.column
        now = after.cell(row, column)
        if column in mapped or meant[id(look)].get(column, column) == column or now is None:
            continue
        if row is not None and now in forms(cell.new) and column in came_from:
            ref = after.cell(row, after.ref_column)
            was = before.cell(rows.get(ref) if ref is not None else before.row(cell.row), came_from[column])
            if was != now:
                back[cell.row, column] = CellWrite(None, cell.row, column, now, was)
    return tuple(back.values())


def stray_rows(after: Look, appends: Iterable[RowAppend], columns: Mapping[int, int]) -> tuple[CellWrite, ...]:
    """What puts added rows right whose cells stand in other columns: a reference that is new in this very run tells
    them wherever it stands. ``columns``: from those the rows were planned with to the ones of now.
    """
    by_ref: dict[Cell, RowAppend] = {append.ref: append for append in appends}
    found = []
    for row in after.snapshot.rows if by_ref else ():
        append = next((by_ref[cell] for cell in row.cells if isinstance(cell, str) and cell in by_ref), None)
        if append is None:
            continue
        ours = frozenset[Cell]({None}).union(*map(forms, append.cells.values()))
        wanted = {columns[column]: cell for column, cell in append.cells.items() if column in columns}
        moved = any(after.cell(row, column) != cell for column, cell in wanted.items())
        if moved and all(cell in ours for cell in row.cells):  # else somebody is at work there already
            found += [
                CellWrite(None, row.number, column, cell, wanted.get(column))
                for column, cell in enumerate(row.cells, start=1)
                if cell != wanted.get(column)
            ]
    return tuple(found)


def overrun_rows(
    before: Look, after: Look, appends: Sequence[RowAppend], columns: Mapping[int, int]
) -> tuple[CellWrite, ...]:
    """What gives a row back to whom it belongs, that people moved down to where a new one of ours went.

    New rows go directly behind the last one. Where one stands there, its neighbours above stand lower than before, and
    whoever would be in its place with them is gone, it went over hers. ``columns``: as for ``stray_rows``.
    """
    if not appends:
        return ()
    here, ours = after.by_ref, {append.ref for append in appends}
    found = []
    for place, append in enumerate(appends, start=len(before.snapshot.rows) + 1):
        row = here.get(append.ref)
        if row is None or row.number != place:
            continue
        was = before.row(place - _shift(before, after, place, ours))
        if was is None or was.number <= before.header_row or before.cell(was, before.ref_column) in (None, *here):
            continue
        found += [
            CellWrite(None, place, now, after.cell(row, now), before.cell(was, then))
            for then, now in columns.items()
            if after.cell(row, now) != before.cell(was, then)
        ]
    return tuple(found)


def _shift(before: Look, after: Look, place: int, ours: Container[Cell]) -> int:
    """How much lower the next row above ``place`` stands than before that is known by its reference.

    0 if none is, or if their order changed: then that row says nothing about its neighbours.
    """
    known = {ref: row.number for ref, row in before.by_ref.items() if ref is not None and ref not in ours}
    refs = ((number, after.cell(after.row(number), after.ref_column)) for number in range(after.header_row + 1, place))
    stand = [(number, known[ref]) for number, ref in refs if ref in known]
    were = [was for _, was in stand]
    return stand[-1][0] - were[-1] if were and were == sorted(were) else 0


def _sources(before: list[Cell], after: list[Cell]) -> dict[int, int | None]:
    """By column now the one it was before, None if it was not there; columns whose header is not unique are left out.

    One without a header goes with its neighbour to the left, if there was none there either.
    """
    found: dict[int, int | None] = {}
    shift = 0
    for column, text in enumerate(after, start=1):
        if text is None:
            was = column - shift
            beyond = was > len(before)
            found[column] = was if beyond or (was > 0 and before[was - 1] is None) else None
        elif before.count(text) == after.count(text) == 1:
            source = before.index(text) + 1
            found[column] = source
            shift = column - source
    return found
