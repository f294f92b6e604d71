"""What cells come to: entered values, formulas computed, and how answers show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.google import formulas, locales
from tests.fakes.google.formulas import Formula, Value, Wrong
from tests.fakes.google.grid import Cell, Sheet, Spreadsheet

_MOMENTS = {"DATE", "TIME", "DATE_TIME"}
_MESSAGES = {
    "ERROR": "Formula parse error.",
    "DIVIDE_BY_ZERO": "Function DIVIDE parameter 2 cannot be zero.",
    "REF": "Reference does not exist.",
    "NAME": "Unknown range name or function.",
}


@dataclass
class Values:
    """The values of one state of a spreadsheet; formulas are computed once."""

    document: Spreadsheet
    _computed: dict[tuple[int, int, int], Value] = field(default_factory=dict)
    _open: set[tuple[int, int, int]] = field(default_factory=set)

    def effective(self, sheet: Sheet, row: int, column: int) -> Value:
        """The value of a cell; None when it is empty."""
        if row >= len(sheet.rows) or column >= len(sheet.columns):
            return Wrong("REF")
        entered = sheet.cell(row, column).entered
        return self._formula(sheet, row, column, entered) if isinstance(entered, Formula) else entered

    def _formula(self, sheet: Sheet, row: int, column: int, formula: Formula) -> Value:
        place = (sheet.id, row, column)
        if place in self._open:
            return Wrong("REF")  # it refers to itself
        if place not in self._computed:
            self._open.add(place)
            comma = locales.language(self.document.locale) == "en"
            self._computed[place] = formulas.evaluate(formula.text, self._look(sheet), comma_separates=comma)
            self._open.discard(place)
        return self._computed[place]

    def _look(self, own: Sheet) -> formulas.Look:
        def look(title: str | None, row: int, column: int) -> Value:
            sheet = own if title is None else self.document.titled(title)
            return Wrong("REF") if sheet is None else self.effective(sheet, row, column)

        return look

    def number_format(self, sheet: Sheet, row: int, column: int) -> dict[str, Any]:
        """The number format in effect: a formula without one takes that of the cell it starts from."""
        cell = sheet.cell(row, column)
        if cell.number_format or not isinstance(cell.entered, Formula):
            return cell.number_format
        if not (reference := formulas.first_reference(cell.entered.text)):
            return {}
        title, source_row, source_column = reference
        source = sheet if title is None else self.document.titled(title)
        if source is None or source_row >= len(source.rows):
            return {}
        return source.cell(source_row, source_column).number_format

    def shown(self, sheet: Sheet, row: int, column: int) -> str:
        value = self.effective(sheet, row, column)
        return locales.shown(value, self.number_format(sheet, row, column), self.document.locale)

    def rendered(self, sheet: Sheet, row: int, column: int, option: str, dates: str) -> str | float | bool:
        """The cell as ``values.get`` answers it; ``""`` when empty."""
        cell = sheet.cell(row, column)
        if cell.entered is None:
            return ""
        if option == "FORMATTED_VALUE":
            return self.shown(sheet, row, column)
        if option == "FORMULA" and isinstance(cell.entered, Formula):
            return cell.entered.text
        value = self.effective(sheet, row, column)
        if isinstance(value, Wrong):
            return value.shown
        if dates == "FORMATTED_STRING" and self.number_format(sheet, row, column).get("type") in _MOMENTS:
            return self.shown(sheet, row, column)
        return "" if value is None else plain(value)

    def order(self, sheet: Sheet, cell: Cell) -> tuple[int, float, str]:
        """Where a cell sorts: numbers, texts without regard to case, truth values, errors."""
        value: Value = cell.entered if not isinstance(cell.entered, Formula) else self._anywhere(sheet, cell)
        if isinstance(value, bool):
            return 2, float(value), ""
        if isinstance(value, float):
            return 0, value, ""
        return (3, 0.0, value.type) if isinstance(value, Wrong) else (1, 0.0, (value or "").casefold())

    def _anywhere(self, sheet: Sheet, cell: Cell) -> Value:
        for row, column, each in sheet.filled():
            if each.uid == cell.uid:
                return self.effective(sheet, row, column)
        return None


def plain(value: str | float | bool) -> str | float | bool:
    """The value as JSON writes it: whole numbers without a fraction."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def extended(value: Value | Formula) -> dict[str, Any]:
    """The value as the API's ExtendedValue."""
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    if isinstance(value, Wrong):
        message = _MESSAGES.get(value.type)
        return {"errorValue": {"type": value.type} | ({"message": message} if message else {})}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, float):
        return {"numberValue": plain(value)}
    return {"stringValue": value or ""}
