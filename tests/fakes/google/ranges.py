"""Which cells a request means: A1 notation, grid ranges, and data filters resolved at the moment of execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.google import a1, metadata, refusals
from tests.fakes.google.a1 import Block, Box
from tests.fakes.google.grid import Dimension, Sheet, Spreadsheet


@dataclass(frozen=True)
class Area:
    """A box on a sheet; ``asked`` is how the request put it."""

    sheet: Sheet
    box: Box
    asked: str = ""

    @property
    def clipped(self) -> Block:
        return self.sheet.clip(self.box)

    @property
    def name(self) -> str:
        """``Title!A1:C3``, normalised and clipped to the grid."""
        return a1.named(self.sheet.title, self.box, len(self.sheet.rows), len(self.sheet.columns))

    def within_grid(self) -> Area:
        """This area; refused when it starts beyond the grid."""
        rows, columns = len(self.sheet.rows), len(self.sheet.columns)
        if (self.box.top or 0) >= rows or (self.box.left or 0) >= columns:
            asked = self.asked.rpartition("!")[2]
            raise refusals.invalid(
                f"Range ({a1.quoted(self.sheet.title)}!{asked}) exceeds grid limits. "
                f"Max rows: {rows}, max columns: {columns}"
            )
        return self


def parse(document: Spreadsheet, text: str) -> Area:
    """The area ``text`` names; a bare title is the whole sheet, a bare range is on the first."""
    unreadable = refusals.invalid(f"Unable to parse range: {text}")
    title, cells = a1.split(text)
    if title is None:
        assert cells is not None
        if box := a1.box(cells):
            return Area(document.sheets[0], box, text)
        title, cells = cells, None
    name = next((each for each in document.names if each.name == (cells or title)), None)
    if name and (cells is None or not a1.box(cells)):
        return Area(document.sheet(name.sheet), name.box, text)
    sheet = document.titled(title)
    if sheet is None:
        raise unreadable
    if cells is None:
        return Area(sheet, Box(), text)
    box = a1.box(cells)
    if box is None:
        raise unreadable
    return Area(sheet, box, text)


def grid_range(document: Spreadsheet, given: dict[str, Any]) -> Area:
    """The area of a GridRange; a missing sheetId is 0, missing bounds are open."""
    sheet = document.sheet(given.get("sheetId", 0))
    for dimension, size in (("Row", len(sheet.rows)), ("Column", len(sheet.columns))):
        start, end = given.get(f"start{dimension}Index"), given.get(f"end{dimension}Index")
        for name, index in ((f"start{dimension}Index", start), (f"end{dimension}Index", end)):
            if index is not None and index > size:
                line = dimension.lower()
                raise refusals.invalid(f"range.{name}[{index}] is after last {line} in grid[{size}]")
            if index is not None and index < 0:
                raise refusals.invalid(f"range.{name}[{index}] is negative")
        if start is not None and end is not None and start >= end:
            raise refusals.invalid(
                f"range.end{dimension}Index[{end}] must be after range.start{dimension}Index[{start}]"
            )
    top, bottom = given.get("startRowIndex"), given.get("endRowIndex")
    left, right = given.get("startColumnIndex"), given.get("endColumnIndex")
    return Area(sheet, Box(top, bottom, left, right))


def dimension_range(
    document: Spreadsheet, given: dict[str, Any], *, bounded: bool
) -> tuple[Sheet, Dimension, int, int]:
    """Sheet, dimension, start and end of a DimensionRange. Only behind a ``bounded`` one nothing need stand."""
    sheet = document.sheet(given.get("sheetId", 0))
    dimension = given.get("dimension")
    if dimension not in ("ROWS", "COLUMNS"):
        raise refusals.invalid("No dimension specified.")
    size = len(document.lines(sheet, dimension))
    if bounded and ("startIndex" not in given or "endIndex" not in given):
        raise refusals.invalid("range must have bounded start and end index")
    start, end = given.get("startIndex", 0), given.get("endIndex", size)
    if start < 0 or start >= end:
        raise refusals.invalid(f"range.endIndex[{end}] must be after range.startIndex[{start}]")
    if start > size or (not bounded and end > size):
        raise refusals.invalid(f"range.endIndex[{end}] is after last {dimension.lower()[:-1]} in grid[{size}]")
    return sheet, dimension, start, end


def span(dimension: Dimension, start: int, end: int) -> Box:
    """Whole rows or columns."""
    return Box(top=start, bottom=end) if dimension == "ROWS" else Box(left=start, right=end)


def given(area: Area) -> dict[str, Any]:
    """The area as a GridRange of an answer: sheet 0 is left out."""
    return grid(area.sheet.id, area.box)


def grid(sheet_id: int, box: Box) -> dict[str, Any]:
    bounds = {
        "sheetId": sheet_id or None,
        "startRowIndex": box.top,
        "endRowIndex": box.bottom,
        "startColumnIndex": box.left,
        "endColumnIndex": box.right,
    }
    return {name: value for name, value in bounds.items() if value is not None}


def filtered(document: Spreadsheet, data_filter: dict[str, Any], project: str) -> list[Area]:
    """The areas one DataFilter means now; a metadata lookup may match none."""
    if "a1Range" in data_filter:
        return [parse(document, data_filter["a1Range"])]
    if "gridRange" in data_filter:
        return [grid_range(document, data_filter["gridRange"])]
    if "developerMetadataLookup" not in data_filter:
        raise refusals.invalid("Must specify a data filter.")
    found = metadata.matching(document, data_filter["developerMetadataLookup"], project)
    areas = []
    for entry in found:
        if entry.sheet is None:
            areas += [Area(sheet, Box()) for sheet in document.sheets]
            continue
        sheet = document.sheet(entry.sheet)
        box = Box()
        if entry.dimension:
            position = metadata.position(document, entry)
            box = span(entry.dimension, position, position + 1)
        areas.append(Area(sheet, box))
    return areas
