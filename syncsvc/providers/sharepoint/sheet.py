"""One tab of a workbook as Graph's answers show it.

Merged cells cannot be told from blank ones: Graph v1.0 lists no merges (docs/decisions.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncsvc.core.model import BLANK, Cell, SheetRow
from syncsvc.errors import PlatformBusy
from syncsvc.providers.a1 import Range
from syncsvc.providers.formats import GENERAL
from syncsvc.providers.sharepoint.cells import read_cell

PLACE = ("address", "rowIndex", "columnIndex", "rowCount", "columnCount")
CONTENT = ("values", "formulas", "numberFormat")


@dataclass(frozen=True, slots=True)
class Grid:
    """What an answer shows of a block of cells: entries of ``formulas``, and whether any of its rows is hidden.

    ``formulas`` has the constants of cells that hold no formula, so it alone tells whether anything changed.
    """

    area: Range
    formulas: Sequence[Sequence[Any]]
    hidden: bool = False

    def raw(self, row: int, column: int) -> Any:
        """The entry of a cell; blank beyond the block."""
        if (row, column) not in self.area:
            return ""
        return self.formulas[row - self.area.top][column - self.area.left]


@dataclass(frozen=True, slots=True)
class Sheet:
    """``cells`` has one entry for each row from row 1 to the last with content, each ``width`` wide."""

    grid: Grid
    formats: Sequence[Sequence[Any]]
    width: int
    cells: tuple[tuple[Cell, ...], ...]

    @property
    def rows(self) -> tuple[SheetRow, ...]:
        return tuple(SheetRow(number, cells) for number, cells in enumerate(self.cells, 1))

    def cell(self, row: int, column: int) -> Cell:
        """The cell; blank beyond the content."""
        return self.cells[row - 1][column - 1] if row <= len(self.cells) and column <= self.width else BLANK

    def raw(self, row: int, column: int) -> Any:
        return self.grid.raw(row, column)

    def format(self, row: int, column: int) -> str:
        """The cell's number format; outside of the used range there is none that we know of."""
        area = self.grid.area
        return str(self.formats[row - area.top][column - area.left]) if (row, column) in area else GENERAL


def area_of(answer: Mapping[str, Any]) -> Range:
    """The block of cells that an answer is about."""
    try:
        top, left, rows, columns = (int(answer[name]) for name in PLACE[1:])
    except (KeyError, TypeError, ValueError):
        area = Range.parse(str(answer.get("address")).rpartition("!")[2].replace("$", ""))
        if area is None:
            raise incomplete() from None
        return area
    return Range(top + 1, left + 1, top + rows, left + columns)


def tab_of(answer: Mapping[str, Any]) -> str:
    """The name of the tab that an answer is about, by its address: ``'Anna''s Liste'!A1:C9``."""
    name = str(answer.get("address", "")).rpartition("!")[0]
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def arrays(answer: Mapping[str, Any], area: Range, names: Sequence[str]) -> list[list[list[Any]]]:
    """The answer's arrays, each of the area's shape. Raises ``PlatformBusy`` for anything less: never a part."""
    found = []
    for name in names:
        lines = answer.get(name)
        if not isinstance(lines, list) or len(lines) != area.bottom - area.top + 1:
            raise incomplete()
        if any(not isinstance(line, list) or len(line) != area.right - area.left + 1 for line in lines):
            raise incomplete()
        found.append(lines)
    return found


def incomplete() -> PlatformBusy:
    return PlatformBusy("Microsoft hat unvollständig geantwortet.")


def read_sheet(area: Range, values: list[list[Any]], formulas: list[list[Any]], formats: list[list[Any]]) -> Sheet:
    """The tab from the arrays of its used range."""
    before: tuple[Cell, ...] = (BLANK,) * (area.left - 1)
    formats = [[code or GENERAL for code in line] for line in formats]
    found = [
        (*before, *map(read_cell, *line)) for line in zip(values, formulas, formats, strict=True)
    ]  # fmt: skip
    last = max((number for number, row in enumerate(found, 1) if any(cell is not BLANK for cell in row)), default=0)
    width = max((_width(row) for row in found[:last]), default=0)
    above: list[tuple[Cell, ...]] = [(BLANK,) * width] * (area.top - 1 if last else 0)
    return Sheet(Grid(area, formulas), formats, width, (*above, *(row[:width] for row in found[:last])))


def _width(row: Sequence[Cell]) -> int:
    return next((number for number in range(len(row), 0, -1) if row[number - 1] is not BLANK), 0)
