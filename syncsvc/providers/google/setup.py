"""What ``tables setup`` adds to a Google tab: only what nobody has set yet, so that a second call adds nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from syncsvc.core.layout import Layout, LayoutColumn, Shape
from syncsvc.core.model import BLANK, Side
from syncsvc.providers.google.cells import PATTERNS
from syncsvc.providers.google.patcher import Request
from syncsvc.providers.google.ranges import EDGE, Area, grid_range
from syncsvc.providers.google.sheet import COLUMN_KEY, Sheet

FIELDS = (
    "sheets(properties(sheetId,title,gridProperties),protectedRanges(range),"
    "data(startRow,startColumn,columnMetadata(pixelSize),rowData(values(dataValidation(condition(type))))))"
)
"""What setting up has to know beyond a usual read: what people have made."""

_NAMED = 6
"""So many columns are named one by one; of more only the number is told."""

_UNTOUCHED_WIDTH = 100
"""Pixels of a column nobody has changed."""

_FORMATS: Final = {Shape.TEXT: "TEXT", Shape.DAY: "DATE", Shape.MOMENT: "DATE_TIME"}

_SetUp: TypeAlias = Callable[[LayoutColumn], Request | None]

_KEEPERS: Final = {
    Side.PROJECT: "Diese Spalte führt das Projekt; bitte nur dort ändern.",
    Side.JOBCENTRE: "Diese Spalte führt das Jobcenter; bitte nur dort ändern.",
    Side.SERVICE: "Diese Spalte füllt der Abgleich; bitte nichts eintragen.",
}


class Setup:
    """The requests for one tab, and in words what they do and leave; ``made`` is the tab's answer to ``FIELDS``."""

    def __init__(self, sheet: Sheet, made: Mapping[str, Any], layout: Layout) -> None:
        self.requests: list[Request] = []
        self.done: list[str] = []
        self.left: list[str] = []
        self._sheet, self._layout = sheet, layout
        self._validated, self._widths = _validated(made, layout.header_row), _widths(made)
        self._protected = [Area.of(item.get("range", {})) for item in made.get("protectedRanges", ())]
        self._frozen = made["properties"].get("gridProperties", {}).get("frozenRowCount", 0)
        self._last = max(sheet.row_count, layout.header_row + 1)
        if self._last > sheet.row_count:  # there has to be a row to set up
            grown = {"sheetId": sheet.sheet_id, "dimension": "ROWS", "length": self._last - sheet.row_count}
            self.requests.append({"appendDimension": grown})
        self._freeze()
        self._for_each("Auswahllisten", self._choose, [c for c in layout.columns if c.choices])
        self._for_each("Zellformate", self._format, [c for c in layout.columns if c.shape in _FORMATS])
        self._for_each("Warnungen vor Änderungen", self._protect, [c for c in layout.columns if c.keeper])
        self._for_each("Spaltenbreiten", self._widen, [c for c in layout.columns if c.width != _UNTOUCHED_WIDTH])
        self._for_each("Merkmale, an denen umbenannte Spalten erkannt werden,", self._anchor, list(layout.columns))

    def _for_each(self, what: str, set_up: _SetUp, columns: list[LayoutColumn]) -> None:
        """Set up what is free; say which columns got it and which stay as they are."""
        asked = {column.header: set_up(column) for column in columns}
        self.requests += filter(None, asked.values())
        new, old = [[name for name in asked if (asked[name] is None) is left] for left in (False, True)]
        if new:
            self.done.append(f"{what} eingerichtet: {_listed(new)}.")
        if old:
            self.left.append(f"{what} bleiben, wie sie sind: {_listed(old)}.")

    def _freeze(self) -> None:
        if not self._frozen:
            properties = {
                "sheetId": self._sheet.sheet_id,
                "gridProperties": {"frozenRowCount": self._layout.header_row},
            }
            fields = "gridProperties.frozenRowCount"
            self.requests.append({"updateSheetProperties": {"properties": properties, "fields": fields}})
            self.done.append("Die Kopfzeile bleibt beim Blättern stehen.")

    def _choose(self, column: LayoutColumn) -> Request | None:
        if column.number in self._validated:
            return None
        values = [{"userEnteredValue": choice} for choice in column.choices]
        rule = {
            "condition": {"type": "ONE_OF_LIST", "values": values},
            "showCustomUi": True,
            # Not strict: other spellings are understood as well, and the note in the row helps with the rest.
            "strict": False,
        }
        return {"setDataValidation": {"range": self._below_header(column), "rule": rule}}

    def _format(self, column: LayoutColumn) -> Request | None:
        """Only where the column has no number format and no value that would look different under it."""
        kind = _FORMATS[column.shape]
        rows = range(self._layout.header_row + 1, max(len(self._sheet.kinds), len(self._sheet.cells)) + 1)
        if any(self._sheet.kind(row, column.number) for row in rows):
            return None
        cells = (self._sheet.cell(row, column.number) for row in rows)
        if any(cell is not BLANK and not isinstance(cell, str) for cell in cells):
            return None
        form = {"type": kind, "pattern": PATTERNS[kind]} if kind in PATTERNS else {"type": kind}
        return {
            "repeatCell": {
                "range": self._below_header(column),
                "cell": {"userEnteredFormat": {"numberFormat": form}},
                "fields": "userEnteredFormat.numberFormat",
            }
        }

    def _protect(self, column: LayoutColumn) -> Request | None:
        if column.keeper is None or any(
            area.left <= column.number <= area.right and area.bottom > self._layout.header_row
            for area in self._protected
        ):
            return None
        protected = {
            "range": self._below_header(column, EDGE),
            "description": _KEEPERS[column.keeper],
            "warningOnly": True,
        }
        return {"addProtectedRange": {"protectedRange": protected}}

    def _widen(self, column: LayoutColumn) -> Request | None:
        if self._widths.get(column.number, _UNTOUCHED_WIDTH) != _UNTOUCHED_WIDTH:
            return None
        return {
            "updateDimensionProperties": {
                "range": self._column_range(column),
                "properties": {"pixelSize": column.width},
                "fields": "pixelSize",
            }
        }

    def _anchor(self, column: LayoutColumn) -> Request | None:
        anchors = self._sheet.anchors
        if column.number in anchors or column.field in anchors.values():
            return None
        metadata = {
            "metadataKey": COLUMN_KEY,
            "metadataValue": column.field,
            "location": {"dimensionRange": self._column_range(column)},
            "visibility": "DOCUMENT",
        }
        return {"createDeveloperMetadata": {"developerMetadata": metadata}}

    def _below_header(self, column: LayoutColumn, last: int | None = None) -> dict[str, int]:
        area = Area(self._layout.header_row + 1, last or self._last, column.number, column.number)
        return grid_range(self._sheet.sheet_id, area)

    def _column_range(self, column: LayoutColumn) -> dict[str, Any]:
        return {
            "sheetId": self._sheet.sheet_id,
            "dimension": "COLUMNS",
            "startIndex": column.number - 1,
            "endIndex": column.number,
        }


def _listed(headers: list[str]) -> str:
    return ", ".join(headers) if len(headers) <= _NAMED else f"{len(headers)} Spalten"


def _validated(made: Mapping[str, Any], header_row: int) -> set[int]:
    """The columns in which somebody has set a rule."""
    return {
        number
        for part in made.get("data", ())
        for row_number, row in enumerate(part.get("rowData", ()), part.get("startRow", 0) + 1)
        if row_number > header_row
        for number, data in enumerate(row.get("values", ()), part.get("startColumn", 0) + 1)
        if data.get("dataValidation")
    }


def _widths(made: Mapping[str, Any]) -> dict[int, int]:
    return {
        number: column["pixelSize"]
        for part in made.get("data", ())
        for number, column in enumerate(part.get("columnMetadata", ()), part.get("startColumn", 0) + 1)
        if "pixelSize" in column
    }
