"""One tab of a spreadsheet as one answer of Google shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncsvc.core.model import BLANK, Cell, Covered, SheetRow
from syncsvc.providers.google.cells import kind_of, read_cell
from syncsvc.providers.google.marks import Marks
from syncsvc.providers.google.ranges import Area

COLUMN_KEY = "syncsvc.column"
"""Key of the developer metadata that ties a column to its field, whatever its header says."""

PROPERTIES = "sheets.properties(sheetId,title,index,sheetType,gridProperties)"

FIELDS = (
    "properties(locale),"
    "sheets(properties(sheetId,title,sheetType,gridProperties),merges,"
    "protectedRanges(range,unprotectedRanges,requestingUserCanEdit,warningOnly),"
    "developerMetadata(metadataId,metadataKey,metadataValue),"
    "data(startRow,startColumn,columnMetadata(developerMetadata(metadataKey,metadataValue)),"
    "rowData(values(userEnteredValue,effectiveValue,userEnteredFormat(numberFormat(type)),"
    "effectiveFormat(numberFormat(type))))))"
)
"""What a read asks for: of each cell its content and the type of its number format, nothing of its looks."""

MARK_FIELDS = "sheets(properties(sheetId,title),developerMetadata(metadataId,metadataKey,metadataValue))"


@dataclass(frozen=True, slots=True)
class Protection:
    """A protected range the service may not edit."""

    area: Area
    open: tuple[Area, ...]

    def __contains__(self, cell: tuple[int, int]) -> bool:
        return cell in self.area and not any(cell in area for area in self.open)


@dataclass(frozen=True, slots=True)
class Sheet:
    """``cells`` has one entry for each row up to the last with content, each ``width`` wide; ``kinds`` are the types of
    the number formats, as far down and right as there are any.
    """

    sheet_id: int
    title: str
    locale: str
    row_count: int
    column_count: int
    width: int
    cells: tuple[tuple[Cell, ...], ...]
    kinds: tuple[tuple[str, ...], ...]
    anchors: Mapping[int, str]
    protections: tuple[Protection, ...]
    marks: Marks

    @property
    def rows(self) -> tuple[SheetRow, ...]:
        return tuple(SheetRow(number, cells) for number, cells in enumerate(self.cells, 1))

    def cell(self, row: int, column: int) -> Cell:
        """The cell; blank beyond the content."""
        return self.cells[row - 1][column - 1] if row <= len(self.cells) and column <= self.width else BLANK

    def kind(self, row: int, column: int) -> str:
        """The type of the cell's number format; empty where it has none."""
        kinds = self.kinds[row - 1] if row <= len(self.kinds) else ()
        return kinds[column - 1] if column <= len(kinds) else ""

    def is_locked(self, row: int, column: int) -> bool:
        """Whether the cell is protected against the service."""
        return any((row, column) in protection for protection in self.protections)

    @property
    def locked(self) -> frozenset[tuple[int, int]]:
        """The cells protected against the service, down to the row below the last one with content."""
        rows, columns = len(self.cells) + 1, max(self.width, 1)
        return frozenset(
            cell
            for protection in self.protections
            for cell in protection.area.cells(rows, columns)
            if cell in protection
        )


def read_sheet(spreadsheet: str, answer: Mapping[str, Any], sheet: Mapping[str, Any]) -> Sheet:
    """The tab from Google's answer to ``FIELDS``; ``sheet`` is its entry there."""
    properties = sheet["properties"]
    sheet_id, grid = properties.get("sheetId", 0), properties.get("gridProperties", {})
    cells: list[list[Cell]] = []
    kinds: list[list[str]] = []
    anchors: dict[int, str] = {}
    for part in sheet.get("data", ()):
        _fill(cells, kinds, part)
        anchors |= _anchors(part)
    for merge in sheet.get("merges", ()):
        area = Area.of(merge)
        if area.top <= len(cells) < area.bottom < grid.get("rowCount", 0):  # new rows belong below it, not into it
            cells += [[] for _ in range(area.bottom - len(cells))]
        _cover(cells, area, len(cells))
    last = max((number for number, row in enumerate(cells, 1) if any(cell is not BLANK for cell in row)), default=0)
    width = max((_width(row) for row in cells[:last]), default=0)
    return Sheet(
        sheet_id=sheet_id,
        title=properties.get("title", ""),
        locale=answer.get("properties", {}).get("locale", ""),
        row_count=grid.get("rowCount", 0),
        column_count=grid.get("columnCount", 0),
        width=width,
        cells=tuple(tuple((row + [BLANK] * width)[:width]) for row in cells[:last]),
        kinds=tuple(tuple(row) for row in kinds),
        anchors=anchors,
        protections=tuple(_protections(sheet.get("protectedRanges", ()))),
        marks=Marks.of(spreadsheet, sheet_id, sheet.get("developerMetadata", ())),
    )


def _fill(cells: list[list[Cell]], kinds: list[list[str]], part: Mapping[str, Any]) -> None:
    top, left = part.get("startRow", 0), part.get("startColumn", 0)
    for number, row in enumerate(part.get("rowData", ()), top):
        while len(cells) <= number:
            cells.append([])
            kinds.append([])
        values = row.get("values", ())
        found = [kind_of(data) if data else "" for data in values]
        cells[number] = [BLANK] * left + [
            read_cell(data, kind) if data else BLANK for data, kind in zip(values, found, strict=True)
        ]
        kinds[number] = [""] * left + found


def _cover(cells: list[list[Cell]], area: Area, rows: int) -> None:
    """All but the corner of a merge are unknown, down to the last row of the answer."""
    right = min(area.right, max((len(row) for row in cells), default=0) if area.right > 18_278 else area.right)
    for row, column in Area(area.top, area.bottom, area.left, right).cells(rows, right):
        if (row, column) != (area.top, area.left):
            line = cells[row - 1]
            line.extend([BLANK] * (column - len(line)))
            line[column - 1] = Covered()


def _width(row: Sequence[Cell]) -> int:
    return max((number for number, cell in enumerate(row, 1) if cell is not BLANK), default=0)


def _anchors(part: Mapping[str, Any]) -> dict[int, str]:
    left = part.get("startColumn", 0)
    return {
        number: item["metadataValue"]
        for number, column in enumerate(part.get("columnMetadata", ()), left + 1)
        for item in column.get("developerMetadata", ())
        if item.get("metadataKey") == COLUMN_KEY
    }


def _protections(ranges: Sequence[Mapping[str, Any]]) -> list[Protection]:
    return [
        Protection(Area.of(item.get("range", {})), tuple(Area.of(area) for area in item.get("unprotectedRanges", ())))
        for item in ranges
        if not item.get("requestingUserCanEdit") and not item.get("warningOnly")
    ]
