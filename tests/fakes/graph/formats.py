"""The look of a range, as far as a client may set it: fonts, fills, widths, and which cells protection locks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes.google.grid import Cell
from tests.fakes.graph import odata, refusals
from tests.fakes.graph.book import places
from tests.fakes.graph.odata import Segment
from tests.fakes.graph.ranges import Range
from tests.fakes.graph.requests import Json, Request, Result

_FIELDS = {
    "": {"columnWidth", "horizontalAlignment", "rowHeight", "verticalAlignment", "wrapText"},
    "font": {"bold", "color", "italic", "name", "size", "underline"},
    "fill": {"color"},
    "protection": {"formulaHidden", "locked"},
}
_TYPES = {"": "RangeFormat", "font": "RangeFont", "fill": "RangeFill", "protection": "FormatProtection"}


def answer(request: Request, area: Range, rest: list[Segment]) -> Result:
    """``/format``, ``/format/font``, ``/format/fill``, ``/format/protection``; mixed properties read as null."""
    part = rest[0].name.casefold() if rest else ""
    if len(rest) > 1 or part not in _FIELDS:
        if part in {"autofitcolumns", "autofitrows"}:
            request.allow("POST")
            return Result(200)
        raise refusals.unknown_segment(rest[-1].text)
    request.allow("GET", "PATCH")
    if request.verb == "PATCH":
        odata.properties(request.body, _FIELDS[part], f"workbook{_TYPES[part]}")
        _write(area, part, request.body)
    return request.one({name: _read(area, part, name) for name in sorted(_FIELDS[part])}, _TYPES[part])


def _write(area: Range, part: str, body: Json) -> None:
    if area.tab.protected and (part == "protection" or "allowFormatCells" not in area.tab.allowed):
        raise refusals.locked_cells()
    if part == "protection":
        if not isinstance(body.get("locked", True), bool):
            raise refusals.invalid_argument()
        if "locked" in body:
            _lock(area, locked=body["locked"])
        return
    for row, column in places(_finite(area).block):
        cell = area.tab.cell(row, column)
        style = cell.format.get("style", {}) | {f"{part}.{name}": value for name, value in body.items()}
        area.tab.put(row, column, replace(cell, format=cell.format | {"style": style}))


def _lock(area: Range, *, locked: bool) -> None:
    """Unlocking whole columns reaches as far as the sheet is used, and a thousand rows more."""
    for row, column in places(_finite(area).block):
        cell = area.tab.cell(row, column)
        look = {name: value for name, value in cell.format.items() if name != "unlocked"}
        area.tab.put(row, column, replace(cell, format=look if locked else look | {"unlocked": True}))


def _finite(area: Range) -> Range:
    block, tab = area.block, area.tab
    bottom = min(block.bottom, len(tab.rows) + 1000) if area.whole else block.bottom
    right = min(block.right, len(tab.columns) + 10) if area.whole else block.right
    return replace(area, block=replace(block, bottom=bottom, right=right))


def _read(area: Range, part: str, name: str) -> Any:
    found = {_one(area.tab.cell(row, column), part, name) for row, column in places(_finite(area).block)}
    return found.pop() if len(found) == 1 else None


def _one(cell: Cell, part: str, name: str) -> Any:
    if name == "locked":
        return not cell.format.get("unlocked")
    return cell.format.get("style", {}).get(f"{part}.{name}")
