"""Requests of a batch that concern rows and columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes.google import ranges, refusals
from tests.fakes.google.changes import mask, needed
from tests.fakes.google.grid import Line, Sheet
from tests.fakes.google.visit import Visit


def append(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    document, sheet = visit.document, visit.document.sheet(given.get("sheetId", 0))
    dimension, length = needed(given, "dimension"), given.get("length", 0)
    if dimension not in ("ROWS", "COLUMNS"):
        raise refusals.invalid("No dimension specified.")
    if length < 1:
        raise refusals.invalid("Length must be greater than 0.")
    visit.guard_whole(sheet)
    _check_growth(visit, sheet, dimension, length)
    document.insert(sheet, dimension, len(document.lines(sheet, dimension)), length)
    return {}


def insert(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """New lines look like the one before them (``inheritFromBefore``) or the one behind."""
    document = visit.document
    sheet, dimension, start, end = ranges.dimension_range(document, needed(given, "range"), bounded=True)
    size, before = len(document.lines(sheet, dimension)), given.get("inheritFromBefore", False)
    if start > size or (start == size and not before):
        raise refusals.invalid(f"range.startIndex[{start}] is after last {dimension.lower()[:-1]} in grid[{size}]")
    if before and start == 0:
        raise refusals.invalid("inheritFromBefore cannot be true at index 0.")
    if 0 < start < size:
        above, below = (ranges.span(dimension, at, at + 1) for at in (start - 1, start))
        visit.guard_insert(sheet, above, below)
    _check_growth(visit, sheet, dimension, end - start)
    document.insert(sheet, dimension, start, end - start, like=start - 1 if before else start)
    return {}


def _check_growth(visit: Visit, sheet: Sheet, dimension: str, number: int) -> None:
    """Refuse before anything is built: ten million cells take their time."""
    visit.document.check_size(number * len(sheet.columns if dimension == "ROWS" else sheet.rows))


def delete(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    document = visit.document
    sheet, dimension, start, end = ranges.dimension_range(document, needed(given, "range"), bounded=False)
    visit.guard(sheet, ranges.span(dimension, start, end))
    size = len(document.lines(sheet, dimension))
    frozen = sheet.frozen_rows if dimension == "ROWS" else sheet.frozen_columns
    name = dimension.lower()
    if end - start >= size:
        raise refusals.invalid(f"You can't delete all the {name} on the sheet.")
    if frozen and start <= frozen and end >= size:
        raise refusals.invalid(f"You can't delete all the non-frozen {name}.")
    document.delete(sheet, dimension, start, end)
    return {}


def move(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    document = visit.document
    sheet, dimension, start, end = ranges.dimension_range(document, needed(given, "source"), bounded=False)
    target, size = given.get("destinationIndex", 0), len(document.lines(sheet, dimension))
    if not 0 <= target <= size:
        raise refusals.invalid(f"destinationIndex[{target}] is after last {dimension.lower()[:-1]} in grid[{size}]")
    visit.guard(sheet, ranges.span(dimension, start, end))
    document.move(sheet, dimension, start, end, target)
    return {}


def update_properties(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    tree, properties = mask(given, "DimensionProperties"), given.get("properties", {})
    sheet, dimension, start, end = ranges.dimension_range(visit.document, needed(given, "range"), bounded=False)
    changes: dict[str, Any] = {}
    if not tree or "pixelSize" in tree:
        changes["size"] = properties.get("pixelSize", 21 if dimension == "ROWS" else 100)
    if not tree or "hiddenByUser" in tree:
        changes["hidden"] = properties.get("hiddenByUser", False)
    if refused := [name for name in tree if name not in {"pixelSize", "hiddenByUser"}]:
        raise refusals.invalid(f"Field {refused[0]} cannot be written here.")
    _change(sheet.rows if dimension == "ROWS" else sheet.columns, start, end, changes)
    return {}


def _change(lines: list[Any], start: int, end: int, changes: dict[str, Any]) -> None:
    lines[start:end] = [replace(line, **changes) for line in lines[start:end]]


def auto_resize(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """As wide as the longest text, seven pixels a character."""
    sheet, dimension, start, end = ranges.dimension_range(visit.document, needed(given, "dimensions"), bounded=False)
    if dimension == "COLUMNS":
        for column in range(start, end):
            longest = max((len(str(cell.entered)) for _, at, cell in sheet.filled() if at == column), default=0)
            line: Line = sheet.columns[column]
            sheet.columns[column] = replace(line, size=max(21, 7 * longest)) if longest else line
    return {}
