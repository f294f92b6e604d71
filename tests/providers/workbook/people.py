"""People who edit a .xlsx file, played by openpyxl."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as FileCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from syncsvc.core.model import BLANK, Cell, Covered, ErrorValue, Formula, Logical
from syncsvc.ports.tables import Table
from syncsvc.providers.workbook.strings import encode
from syncsvc.providers.workbook.table import WorkbookTable
from tests.providers.conformance import Rows

WORKSHEET = "Teilnehmerinnen"


def cell_of(cell: FileCell | MergedCell) -> Cell:
    """What openpyxl read, in the words of the model; formulas without their value."""
    if isinstance(cell, MergedCell):
        return Covered()
    value = cell.value
    if cell.data_type == "f":
        return Formula(str(value), None)
    if cell.data_type == "e":
        return ErrorValue(str(value))
    if isinstance(value, bool):
        return Logical.TRUE if value else Logical.FALSE
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, datetime):
        return value.date() if value.time() == time() else value
    if value is None or isinstance(value, time):
        return value
    return unescape(str(value)) or BLANK


def type_into(cell: FileCell, value: Cell) -> None:
    """Type a value; text stays text, and a day brings its format along."""
    if isinstance(value, Formula):
        cell.value = value.text
    elif isinstance(value, str):
        cell.value = encode(value)
        cell.data_type = "s"
    elif isinstance(value, Logical):
        cell.value = value is Logical.TRUE
    else:
        cell.value = value  # type: ignore[assignment]  # the other members of Cell are never typed
        if isinstance(value, date):
            cell.number_format = "dd.mm.yyyy hh:mm" if isinstance(value, datetime) else "dd.mm.yyyy"


class WorkbookBench:
    """A file with one table; each edit opens, changes and saves it, as a person would."""

    conditional = True
    knows_landed = True
    digits = 17

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self, rows: Rows) -> None:
        book = Workbook()
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        sheet.title = WORKSHEET
        _fill(sheet, rows)
        book.save(self.path)

    def open(self) -> Table:
        return WorkbookTable(self.path, worksheet=WORKSHEET, data_dir=self.path.parent / "var")

    def cells(self) -> Rows:
        return _rows(load_workbook(self.path)[WORKSHEET])

    def set(self, row: int, column: int, value: Cell) -> None:
        def edit(sheet: Worksheet) -> None:
            type_into(sheet.cell(row, column), value)  # type: ignore[arg-type]  # no merged cells here

        self._edit(edit)

    def insert_row(self, at: int, *cells: Cell) -> None:
        self._rewrite(lambda rows: rows.insert(at - 1, list(cells)))

    def delete_row(self, at: int) -> None:
        self._rewrite(lambda rows: rows.pop(at - 1))

    def copy_row(self, source: int, at: int) -> None:
        self._rewrite(lambda rows: rows.insert(at - 1, list(rows[source - 1])))

    def insert_column(self, at: int, *cells: Cell) -> None:
        def insert(rows: Rows) -> None:
            for number, row in enumerate(rows):
                row.insert(at - 1, cells[number] if number < len(cells) else BLANK)

        self._rewrite(insert)

    def sort(self, column: int) -> None:
        def sort(rows: Rows) -> None:
            rows[1:] = sorted(rows[1:], key=lambda row: str(row[column - 1]))

        self._rewrite(sort)

    def remove(self) -> None:
        self.path.unlink()

    def _edit(self, change: Callable[[Worksheet], object]) -> None:
        book = load_workbook(self.path)
        change(book[WORKSHEET])
        book.save(self.path)

    def _rewrite(self, change: Callable[[Rows], object]) -> None:
        def rewrite(sheet: Worksheet) -> None:
            rows = _rows(sheet)
            change(rows)
            sheet.delete_rows(1, sheet.max_row)
            _fill(sheet, rows)

        self._edit(rewrite)


def _rows(sheet: Worksheet) -> Rows:
    rows = [[cell_of(cell) for cell in row] for row in sheet.iter_rows()]
    for row in rows:
        while row and row[-1] is BLANK:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _fill(sheet: Worksheet, rows: Rows) -> None:
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            type_into(sheet.cell(number, column), value)  # type: ignore[arg-type]  # no merged cells here
