"""Requests of a batch that write cells."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes.google import locales, masks, ranges, refusals
from tests.fakes.google.a1 import Block, Box
from tests.fakes.google.changes import mask, needed
from tests.fakes.google.computed import Values
from tests.fakes.google.formulas import Formula
from tests.fakes.google.grid import MAX_TEXT, Cell, Entered, Sheet, Spreadsheet
from tests.fakes.google.masks import Tree
from tests.fakes.google.sorting import sort
from tests.fakes.google.visit import Visit

WRITABLE = {"userEnteredValue", "userEnteredFormat", "note", "dataValidation"}
_LISTS = {"ONE_OF_LIST", "ONE_OF_RANGE"}


def update(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """``updateCells``: with a range, what the rows do not cover is cleared of the masked fields."""
    tree, rows = _cell_mask(given), given.get("rows", [])
    height, width = len(rows), max((len(row.get("values", [])) for row in rows), default=0)
    if "start" in given:
        start = given["start"]
        sheet = visit.document.sheet(start.get("sheetId", 0))
        top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        block = Block(top, top + height, left, left + width)
        limit = Block(0, len(sheet.rows), 0, len(sheet.columns))
    else:
        area = ranges.grid_range(visit.document, needed(given, "range"))
        sheet, block = area.sheet, area.clipped
        limit = block
    for name, last, end in (
        ("row", block.top + height, limit.bottom),
        ("column", block.left + width, limit.right),
    ):
        if last > end:
            raise refusals.invalid(
                f"Attempting to write {name}: {last - 1}, beyond the last requested {name} of: {end - 1}"
            )
    visit.guard(sheet, block)
    _write(visit, sheet, block, rows, tree, clears="range" in given)
    return {}


def append(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """``appendCells``: behind the last row with data of the whole sheet; the grid grows."""
    tree, rows = _cell_mask(given), given.get("rows", [])
    sheet = visit.document.sheet(given.get("sheetId", 0))
    top, width = sheet.last_row(), max((len(row.get("values", [])) for row in rows), default=0)
    for dimension, missing in (
        ("ROWS", top + len(rows) - len(sheet.rows)),
        ("COLUMNS", width - len(sheet.columns)),
    ):
        if missing > 0:
            visit.document.insert(sheet, dimension, len(visit.document.lines(sheet, dimension)), missing)  # type: ignore[arg-type]  # one of the two
    visit.document.check_size()
    block = Block(top, top + len(rows), 0, width)
    visit.guard(sheet, block)
    _write(visit, sheet, block, rows, tree, clears=False)
    return {}


def repeat(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    tree, area = _cell_mask(given), ranges.grid_range(visit.document, needed(given, "range"))
    visit.guard(area.sheet, area.clipped)
    for row, column in area.sheet.places(area.box):
        _put(visit, area.sheet, row, column, given.get("cell", {}), tree)
    return {}


def _write(visit: Visit, sheet: Sheet, block: Block, rows: list[Any], tree: Tree, *, clears: bool) -> None:
    for at in range(block.height):
        values = rows[at].get("values", []) if at < len(rows) else []
        for column in range(block.width if clears else len(values)):
            content = values[column] if column < len(values) else {}
            _put(visit, sheet, block.top + at, block.left + column, content, tree)


def _put(visit: Visit, sheet: Sheet, row: int, column: int, content: dict[str, Any], tree: Tree) -> None:
    cell = sheet.cell(row, column)
    if (below := masks.within(tree, "userEnteredFormat")) is not None:
        look = masks.write(cell.format, content.get("userEnteredFormat", {}), below)
        if "numberFormat" in look and "type" not in look["numberFormat"]:
            raise refusals.invalid("numberFormat.type must be set.")
        cell = replace(cell, format=look)
    if masks.within(tree, "note") is not None:
        cell = replace(cell, note=content.get("note", ""))
    if masks.within(tree, "dataValidation") is not None:
        cell = replace(cell, validation=_validation(content.get("dataValidation")), chips=())
    # What is written behind the corner of a merge is not kept. Unclear at Google; nobody could see it there.
    if masks.within(tree, "userEnteredValue") is not None and not sheet.covered(row, column):
        cell = replace(cell, entered=_entered(content.get("userEnteredValue", {})))
    sheet.put(row, column, cell)


def _entered(value: dict[str, Any]) -> Entered:
    """Literal values stay as they are: only ``formulaValue`` makes a formula."""
    if "errorValue" in value:
        raise refusals.invalid("errorValue is read-only.")
    if "formulaValue" in value:
        if not value["formulaValue"].startswith("="):
            raise refusals.invalid("formulaValue must start with '='.")
        return Formula(value["formulaValue"])
    if "numberValue" in value:
        return float(value["numberValue"])
    if "boolValue" in value:
        return bool(value["boolValue"])
    text: str = value.get("stringValue", "")
    if len(text) > MAX_TEXT:
        raise refusals.invalid(f"Your input contains more than the maximum of {MAX_TEXT} characters in a single cell.")
    return text or None


def _cell_mask(given: dict[str, Any]) -> Tree:
    """The mask over CellData; what answers compute cannot be written."""
    tree = mask(given, "CellData")
    if refused := [name for name in tree if name not in WRITABLE]:
        raise refusals.invalid(f"Field {refused[0]} cannot be written here.")
    return tree


def set_data_validation(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """Put a rule on cells, which wipes the colours of chips, also when the rule is the same as before."""
    area = ranges.grid_range(visit.document, needed(given, "range"))
    visit.guard(area.sheet, area.clipped)
    rule = _validation(given.get("rule"))
    for row, column in area.sheet.places(area.box):
        area.sheet.change(row, column, validation=rule, chips=())
    return {}


def _validation(rule: dict[str, Any] | None) -> dict[str, Any] | None:
    if not rule:
        return None
    condition = rule.get("condition", {})
    if condition.get("type", "CONDITION_TYPE_UNSPECIFIED") == "CONDITION_TYPE_UNSPECIFIED":
        raise refusals.invalid("Must specify a condition type.")
    if condition["type"] in _LISTS and not condition.get("values"):
        raise refusals.invalid(f"ConditionType '{condition['type']}' requires at least one ConditionValue.")
    return rule


def merge(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    area = ranges.grid_range(visit.document, needed(given, "range"))
    block, kind = area.clipped, needed(given, "mergeType")
    visit.guard(area.sheet, block)
    boxes: list[Box] = [Box(block.top, block.bottom, block.left, block.right)]
    if kind == "MERGE_ROWS":
        boxes = [Box(row, row + 1, block.left, block.right) for row in range(block.top, block.bottom)]
    if kind == "MERGE_COLUMNS":
        boxes = [Box(block.top, block.bottom, column, column + 1) for column in range(block.left, block.right)]
    join(area.sheet, boxes)
    return {}


def join(sheet: Sheet, boxes: list[Box]) -> None:
    """Merge these boxes: merges inside them go, values behind the corners are lost."""
    for box in boxes:
        for each in sheet.merges:
            if each.touches(box) and not _inside(sheet.clip(each), sheet.clip(box)):
                raise refusals.invalid("You must select all cells in a merged range to merge or unmerge them.")
        sheet.merges = [each for each in sheet.merges if not each.touches(box)] + [box]
        for row, column in sheet.places(box):
            if sheet.covered(row, column) and sheet.cell(row, column).entered is not None:
                sheet.change(row, column, entered=None)


def unmerge(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    area = ranges.grid_range(visit.document, needed(given, "range"))
    visit.guard(area.sheet, area.clipped)
    area.sheet.merges = [each for each in area.sheet.merges if not each.touches(area.box)]
    return {}


def _inside(inner: Block, outer: Block) -> bool:
    rows = outer.top <= inner.top and inner.bottom <= outer.bottom
    return rows and outer.left <= inner.left and inner.right <= outer.right


def sort_range(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """It knows neither headers nor frozen rows: what is in the range is sorted."""
    area = ranges.grid_range(visit.document, needed(given, "range"))
    visit.guard(area.sheet, area.clipped)
    keys = []
    for spec in given.get("sortSpecs", []):
        column = spec.get("dimensionIndex", 0)
        if not area.clipped.left <= column < area.clipped.right:
            raise refusals.invalid(f"sortSpecs.dimensionIndex[{column}] is outside of the range.")
        keys.append((column, spec.get("sortOrder") == "DESCENDING"))
    order(visit.document, area.sheet, area.box, keys)
    return {}


def order(document: Spreadsheet, sheet: Sheet, box: Box, keys: list[tuple[int, bool]]) -> None:
    """Sort by columns (position, descending) as the window and the API do."""
    values = Values(document)

    def rank(cell: Cell) -> tuple[Any, ...]:
        return values.order(sheet, cell)

    sort(sheet, box, keys, rank)


def typed_into(document: Spreadsheet, cell: Cell, text: str, today: Any) -> Cell:
    """The cell after a person typed ``text`` into it."""
    entered, brought = locales.typed(text, document.locale, cell.number_format, today)
    look = cell.format | {"numberFormat": brought} if brought and not cell.number_format else cell.format
    return replace(cell, entered=entered, format=look)
