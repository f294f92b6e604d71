"""From the cells of a patch to the bodies of as few requests as it takes.

Graph leaves a cell alone whose entry is ``null``, so one request carries cells that lie apart, and all of them arrive
or none: number formats first, then all values at once. Three things force a split: five megabytes; rows that a filter
hides, because Excel puts the lines of a block into the rows that show (office-js #224); and locked cells, because one
in the block refuses it all.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from syncsvc.core.model import Cell, Covered, Formula
from syncsvc.errors import TableError, TableLocked
from syncsvc.providers.a1 import Range
from syncsvc.providers.sharepoint.cells import Raw, needed_format, new_format, written
from syncsvc.providers.sharepoint.sheet import Sheet

What = Literal["numberFormat", "values"]
Place = tuple[int, int]

LARGEST = 3_500_000
"""Bytes of a request; Graph takes five million."""

MOST = 40
"""Requests for one write under a filter. More would take minutes, in which people go on."""

_NULL = len("null,")


@dataclass(frozen=True, slots=True)
class Put:
    """One cell to put: what to send, and the number format it needs before (None: as it is)."""

    row: int
    column: int
    value: Raw
    format: str | None


@dataclass(frozen=True, slots=True)
class Box:
    """One request: a block of cells, ``null`` for those that stay."""

    area: Range
    body: Mapping[str, list[list[Raw | None]]]
    puts: Sequence[Put]


def put(sheet: Sheet, row: int, column: int, cell: Cell) -> Put:
    """A cell that was read. Raises ``TableError`` for what must not or cannot be written."""
    if isinstance(sheet.cell(row, column), Formula | Covered):
        raise TableError("Über eine Formel oder verbundene Zelle schreibt der Dienst nicht.")
    return Put(row, column, written(cell), needed_format(cell, sheet.format(row, column)))


def put_new(sheet: Sheet, row: int, cells: Mapping[int, Cell], above: int) -> list[Put]:
    """The cells of a new row; ``above`` is the last row of people's, whose formats it takes over."""
    return [
        Put(row, column, written(cell), new_format(cell, sheet.format(above, column)))
        for column, cell in sorted(cells.items())
        if cell is not None
    ]


def boxes(puts: Sequence[Put], what: What, *, hidden: bool, locked: Collection[Place]) -> list[Box]:
    """The requests that put these cells. ``hidden``: a filter may hide any of their rows.

    Raises ``TableLocked`` where a filter would take more requests than people should wait for.
    """
    if what == "numberFormat":
        puts = [each for each in puts if each.format is not None]
    groups: Iterable[list[Put]]
    if locked:
        groups = _by_column(puts, locked, hidden=hidden)
    elif hidden:
        groups = _by_row(puts)
    else:
        groups = _by_size(puts)
    found = [_box(group, what) for group in groups]
    if hidden and len(found) > MOST:
        raise TableLocked(
            "Im Blatt sind Zeilen ausgeblendet, und es ist viel einzutragen; der Abgleich wartet.",
            hint="Den Filter aufheben oder die Zeilen einblenden.",
        )
    return found


def _by_size(puts: Sequence[Put]) -> Iterator[list[Put]]:
    """A row stays in one request: its reference must not come without its values."""
    group: list[Put] = []
    bytes_, left, right = 0, 0, 0
    for row in _by_row(puts):
        new = sum(len(json.dumps(each.value)) + len(each.format or "") for each in row)
        columns = [each.column for each in row] + ([left, right] if group else [])
        cells = (row[0].row - (group or row)[0].row + 1) * (max(columns) - min(columns) + 1)
        if group and bytes_ + new + _NULL * cells > LARGEST:
            yield group
            group, bytes_, columns = [], 0, [each.column for each in row]
        group += row
        bytes_, left, right = bytes_ + new, min(columns), max(columns)
    if group:
        yield group


def _by_row(puts: Sequence[Put]) -> Iterator[list[Put]]:
    rows: dict[int, list[Put]] = defaultdict(list)
    for each in puts:
        rows[each.row].append(each)
    yield from (rows[row] for row in sorted(rows))


def _by_column(puts: Sequence[Put], locked: Collection[Place], *, hidden: bool) -> Iterator[list[Put]]:
    columns: dict[int, list[Put]] = defaultdict(list)
    for each in sorted(puts, key=lambda each: each.row):
        group = columns[each.column]
        between = group and any((row, each.column) in locked for row in range(group[-1].row, each.row))
        if group and (hidden or between):
            yield group
            columns[each.column] = group = []
        group.append(each)
    yield from columns.values()


def _box(puts: Sequence[Put], what: What) -> Box:
    rows, columns = [each.row for each in puts], [each.column for each in puts]
    area = Range(min(rows), min(columns), max(rows), max(columns))
    lines: list[list[Any]] = [[None] * (area.right - area.left + 1) for _ in range(area.top, area.bottom + 1)]
    for each in puts:
        lines[each.row - area.top][each.column - area.left] = each.value if what == "values" else each.format
    return Box(area, {what: lines}, puts)
