"""The Spreadsheet resource: what ``spreadsheets.get`` shows of a document to one account."""

from __future__ import annotations

from typing import Any

from tests.fakes.google import metadata, ranges
from tests.fakes.google.a1 import Block, Box
from tests.fakes.google.computed import Values, extended
from tests.fakes.google.grid import Cell, Filter, Line, Protection, Rule, Sheet
from tests.fakes.google.masks import Tree, apply, within
from tests.fakes.google.protection import may_edit
from tests.fakes.google.ranges import Area
from tests.fakes.google.visit import Visit

DEFAULT_FORMAT = {
    "backgroundColor": {"red": 1, "green": 1, "blue": 1},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {"fontFamily": "arial,sans,sans-serif", "fontSize": 10, "bold": False, "italic": False},
}
_VALUES = {"userEnteredValue", "effectiveValue", "formattedValue"}


class Viewer:
    """Renders the document of one visit."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.document = visit.document
        self._values = Values(visit.document)

    def resource(self, areas: list[Area] | None, *, mask: Tree, grid: bool) -> dict[str, Any]:
        """The whole resource as far as ``mask`` wants it; of the sheets only those ``areas`` lie on, if given."""
        document = self.document
        sheets = document.sheets
        if areas is not None:
            sheets = [sheet for sheet in sheets if any(area.sheet is sheet for area in areas)]
        result: dict[str, Any] = {
            "spreadsheetId": document.id,
            "properties": {
                "title": document.title,
                "locale": document.locale,
                "autoRecalc": "ON_CHANGE",
                "timeZone": document.time_zone,
                "defaultFormat": DEFAULT_FORMAT,
            },
        }
        below = within(mask, "sheets")
        if below is not None:
            result["sheets"] = [self._sheet(sheet, areas, below, grid=grid) for sheet in sheets]
        if document.names:
            result["namedRanges"] = [
                {"namedRangeId": each.id, "name": each.name, "range": ranges.grid(each.sheet, each.box)}
                for each in document.names
            ]
        result["spreadsheetUrl"] = f"https://docs.google.com/spreadsheets/d/{document.id}/edit"
        if entries := self._metadata(None):
            result["developerMetadata"] = entries
        answer: dict[str, Any] = apply(result, mask)
        return answer

    def _sheet(self, sheet: Sheet, areas: list[Area] | None, mask: Tree, *, grid: bool) -> dict[str, Any]:
        result: dict[str, Any] = {"properties": properties(sheet, self.document.sheets.index(sheet))}
        below = within(mask, "data")
        if grid and below is not None:
            boxes = [area.box for area in areas if area.sheet is sheet] if areas is not None else [Box()]
            with_metadata = areas is not None  # entries of rows and columns surface only with ranges
            result["data"] = [self._grid(sheet, box, below, with_metadata=with_metadata) for box in boxes]
        if sheet.merges:
            result["merges"] = [ranges.grid(sheet.id, box) for box in sheet.merges]
        if sheet.rules:
            result["conditionalFormats"] = [rule_shown(sheet, rule) for rule in sheet.rules]
        if sheet.protections:
            result["protectedRanges"] = [protection_shown(sheet, each, self.visit) for each in sheet.protections]
        if sheet.filter:
            result["basicFilter"] = filter_shown(sheet, sheet.filter)
        if entries := self._metadata(sheet.id):
            result["developerMetadata"] = entries
        return result

    def _metadata(self, sheet: int | None, dimension: str | None = None, line: int = 0) -> list[dict[str, Any]]:
        return [
            metadata.shown(self.document, entry)
            for entry in metadata.visible(self.document, self.visit.project)
            if (entry.sheet, entry.dimension, entry.line) == (sheet, dimension, line)
        ]

    def _grid(self, sheet: Sheet, box: Box, mask: Tree, *, with_metadata: bool) -> dict[str, Any]:
        area = sheet.clip(box)
        result: dict[str, Any] = {}
        if area.top:
            result["startRow"] = area.top
        if area.left:
            result["startColumn"] = area.left
        if (below := within(mask, "rowData")) is not None:
            wanted = within(below, "values")
            rows = [self._row(sheet, row, area, wanted) for row in range(area.top, area.bottom)]
            while rows and not rows[-1]:
                rows.pop()
            if rows:
                result["rowData"] = rows
        hidden = filtered_rows(sheet, self._values)
        if within(mask, "rowMetadata") is not None:
            lines = range(area.top, area.bottom)
            result["rowMetadata"] = [
                self._line(sheet, "ROWS", sheet.rows[at], filtered=at in hidden, with_metadata=with_metadata)
                for at in lines
            ]
        if within(mask, "columnMetadata") is not None:
            result["columnMetadata"] = [
                self._line(sheet, "COLUMNS", line, filtered=False, with_metadata=with_metadata)
                for line in sheet.columns[area.left : area.right]
            ]
        return result

    def _line(self, sheet: Sheet, dimension: str, line: Line, *, filtered: bool, with_metadata: bool) -> dict[str, Any]:
        result: dict[str, Any] = {"pixelSize": line.size}
        if line.hidden:
            result["hiddenByUser"] = True
        if filtered:
            result["hiddenByFilter"] = True
        if with_metadata and (entries := self._metadata(sheet.id, dimension, line.uid)):
            result["developerMetadata"] = entries
        return result

    def _row(self, sheet: Sheet, row: int, area: Block, wanted: Tree | None) -> dict[str, Any]:
        """One RowData; blank cells at its end are left out, and so is the list when all are blank."""
        line = sheet.rows[row]
        end = min(len(line.cells), area.right)
        while end > area.left and line.cells[end - 1].plain:
            end -= 1
        if wanted is not None and (not wanted or wanted.keys() & _VALUES):
            self.visit.shown.update(cell.uid for cell in line.cells[area.left : area.right])
        if end <= area.left:
            return {}
        if wanted is None:
            return {"values": []}
        return {"values": [self._cell(sheet, row, column, wanted) for column in range(area.left, end)]}

    def _cell(self, sheet: Sheet, row: int, column: int, wanted: Tree) -> dict[str, Any]:
        cell = sheet.cell(row, column)
        result: dict[str, Any] = {}
        if cell.entered is not None:
            if within(wanted, "userEnteredValue") is not None:
                result["userEnteredValue"] = extended(cell.entered)
            if within(wanted, "effectiveValue") is not None:
                result["effectiveValue"] = extended(self._values.effective(sheet, row, column))
            if within(wanted, "formattedValue") is not None:
                result["formattedValue"] = self._values.shown(sheet, row, column)
        if cell.format:
            result["userEnteredFormat"] = cell.format
        if within(wanted, "effectiveFormat") is not None and (effective := self._effective(sheet, row, column, cell)):
            result["effectiveFormat"] = effective
        if cell.note:
            result["note"] = cell.note
        if cell.validation is not None:
            result["dataValidation"] = cell.validation
        return result

    def _effective(self, sheet: Sheet, row: int, column: int, cell: Cell) -> dict[str, Any]:
        """Left out while it equals the default format."""
        number_format = self._values.number_format(sheet, row, column)
        if not cell.format and not number_format:
            return {}
        return DEFAULT_FORMAT | cell.format | ({"numberFormat": number_format} if number_format else {})


def properties(sheet: Sheet, index: int) -> dict[str, Any]:
    grid: dict[str, Any] = {"rowCount": len(sheet.rows), "columnCount": len(sheet.columns)}
    if sheet.frozen_rows:
        grid["frozenRowCount"] = sheet.frozen_rows
    if sheet.frozen_columns:
        grid["frozenColumnCount"] = sheet.frozen_columns
    result = {"sheetId": sheet.id, "title": sheet.title, "index": index, "sheetType": "GRID", "gridProperties": grid}
    return result | ({"hidden": True} if sheet.hidden else {}) | sheet.extras


def protection_shown(sheet: Sheet, protection: Protection, visit: Visit) -> dict[str, Any]:
    """The ProtectedRange as this account sees it: editors only if it is one of them."""
    editable = may_edit(protection, visit.email, visit.owner)
    result: dict[str, Any] = {
        "protectedRangeId": protection.id,
        "range": ranges.grid(sheet.id, protection.box),
        "requestingUserCanEdit": editable,
    }
    if protection.description:
        result["description"] = protection.description
    if protection.warning_only:
        result["warningOnly"] = True
    elif editable:
        result["editors"] = {"users": sorted({visit.owner, *protection.editors})}
    if protection.unprotected:
        result["unprotectedRanges"] = [ranges.grid(sheet.id, box) for box in protection.unprotected]
    return result


def filter_shown(sheet: Sheet, given: Filter) -> dict[str, Any]:
    """The BasicFilter, in its old and its new form."""
    result: dict[str, Any] = {"range": ranges.grid(sheet.id, given.box)}
    if given.sorting:
        result["sortSpecs"] = list(given.sorting)
    if given.hidden:
        criteria = {column: {"hiddenValues": sorted(values)} for column, values in given.hidden}
        result["criteria"] = {str(column): criterion for column, criterion in criteria.items()}
        result["filterSpecs"] = [
            {"columnIndex": column, "filterCriteria": criterion} for column, criterion in criteria.items()
        ]
    return result


def rule_shown(sheet: Sheet, rule: Rule) -> dict[str, Any]:
    return {"ranges": [ranges.grid(sheet.id, box) for box in rule.boxes]} | rule.content


def filtered_rows(sheet: Sheet, values: Values) -> set[int]:
    """The rows a basic filter hides; the first row of its range is the header."""
    if not sheet.filter:
        return set()
    area = sheet.clip(sheet.filter.box)
    return {
        row
        for row in range(area.top + 1, area.bottom)
        if any(values.shown(sheet, row, column) in hidden for column, hidden in sheet.filter.hidden)
    }
