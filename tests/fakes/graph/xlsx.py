"""Workbooks as real .xlsx files: what comes in and goes out is read and written by openpyxl."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell as _Cell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Protection
from openpyxl.utils import range_boundaries
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table as _Table
from openpyxl.worksheet.table import TableStyleInfo

from tests.fakes.google import a1
from tests.fakes.google.a1 import Block, Box
from tests.fakes.google.formulas import Formula, Wrong
from tests.fakes.google.grid import Cell, Entered, Filter
from tests.fakes.graph.book import Book, Tab, Table, formatted, new_tab, number_format
from tests.fakes.graph.serials import serial


def load(content: bytes, book_id: str, title: str) -> Book:
    """A workbook as it stands in a file; ``ValueError`` if it is none."""
    try:
        source = openpyxl.load_workbook(io.BytesIO(content))
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise ValueError("not a workbook") from error
    book = Book(book_id, title)
    for number, sheet in enumerate(source.worksheets):
        tab = new_tab(number, sheet.title)
        _load_cells(sheet, tab)
        tab.hidden = sheet.sheet_state != "visible"
        tab.protected = bool(sheet.protection.sheet)
        tab.merges = [_block(str(each)) for each in sheet.merged_cells.ranges]
        if sheet.auto_filter.ref:
            tab.filter = Filter(_block(sheet.auto_filter.ref))
        for row, dimension in sheet.row_dimensions.items():
            if dimension.hidden:
                tab.hide_row(row - 1, hidden=True)
        for letters, width in sheet.column_dimensions.items():
            if width.hidden:
                tab.hide_column(a1.number(letters), hidden=True)
        book.sheets.append(tab)
        for each in sheet.tables.values():
            style = each.tableStyleInfo.name if each.tableStyleInfo else ""
            number = len(book.tables) + 1
            book.tables.append(
                Table(number, each.displayName, tab.id, _block(each.ref), bool(each.totalsRowCount), style)
            )
    book.defined = {name: defined.attr_text for name, defined in source.defined_names.items()}
    book.settle()
    return book


def _load_cells(sheet: Any, tab: Tab) -> None:
    for line in sheet.iter_rows():
        for cell in line:
            if isinstance(cell, MergedCell) or (cell.value is None and not cell.has_style):
                continue
            look: dict[str, Any] = {}
            if cell.number_format != "General":
                look["numberFormat"] = cell.number_format
            if cell.quotePrefix:
                look["quotePrefix"] = True
            if not cell.protection.locked:
                look["unlocked"] = True
            note = cell.comment.text if cell.comment else ""
            tab.put(cell.row - 1, cell.column - 1, Cell(entered=_entered(cell), format=look, note=note))


def _entered(cell: Any) -> Entered:
    value = cell.value
    if isinstance(value, ArrayFormula):
        return Formula(str(value.text))
    if cell.data_type == "f" or cell.data_type == "e":
        return Formula(str(value))
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    if isinstance(value, date):
        return serial(value)
    return float(value) if isinstance(value, int | float) else str(value)


def save(book: Book) -> bytes:
    """The file for this workbook, with the results of its formulas left out, as openpyxl writes it."""
    target = openpyxl.Workbook()
    target.remove(target.worksheets[0])
    for tab in book.tabs:
        sheet = target.create_sheet(tab.title)
        _save_tab(sheet, tab)
        for table in book.tables:
            if table.tab == tab.id:
                _save_table(sheet, tab, table)
    for name, text in book.defined.items():
        target.defined_names[name] = DefinedName(name, attr_text=text)
    content = io.BytesIO()
    target.save(content)
    return content.getvalue()


def _save_tab(sheet: Any, tab: Tab) -> None:
    sheet.sheet_state = "hidden" if tab.hidden else "visible"
    sheet.protection.sheet = tab.protected
    for row, column, cell in tab.all_cells():
        if not cell.plain and not tab.covered(row, column):
            _save_cell(sheet.cell(row + 1, column + 1), cell)
    for merge in tab.merges:
        sheet.merge_cells(_reference(tab, merge))
    if tab.filter:
        sheet.auto_filter.ref = _reference(tab, tab.filter.box)
    for at, line in enumerate(tab.rows, start=1):
        if line.hidden:
            sheet.row_dimensions[at].hidden = True
    for at, line in enumerate(tab.columns):
        if line.hidden:
            sheet.column_dimensions[a1.letters(at)].hidden = True


def _save_cell(target: _Cell, cell: Cell) -> None:
    entered = cell.entered
    if isinstance(entered, Formula):
        target.value = entered.text
        target.data_type = "f" if entered.text.startswith("=") else "e"
    elif isinstance(entered, str):
        target.value = entered
        target.data_type = "s"
    elif entered is not None:
        target.value = entered
    if "numberFormat" in cell.format:
        target.number_format = number_format(cell)
    if cell.format.get("quotePrefix"):
        target.number_format = number_format(cell)  # only a cell with some style has a place for it
        target._style.quotePrefix = 1  # type: ignore[attr-defined]  # openpyxl has no setter for it
    if cell.format.get("unlocked"):
        target.protection = Protection(locked=False)


def _save_table(sheet: Any, tab: Tab, table: Table) -> None:
    saved = _Table(displayName=table.name, ref=_reference(tab, table.box))
    saved.tableStyleInfo = TableStyleInfo(name=table.style, showRowStripes=True)
    if table.totals:
        saved.totalsRowCount = 1
    sheet.add_table(saved)


def _block(reference: str) -> Block:
    left, top, right, bottom = range_boundaries(reference)
    assert left
    assert top
    assert right
    assert bottom
    return Block(top - 1, bottom, left - 1, right)


def _reference(tab: Tab, box: Box) -> str:
    return a1.named(tab.title, box, 1_048_576, 16_384).rpartition("!")[2]


def made(value: Any, code: str = "General") -> Cell:
    """A cell with exactly this content; dates bring a format unless one is given."""
    if isinstance(value, str) and value and code == "General":
        return Cell(entered=value)
    if isinstance(value, datetime):
        return formatted(Cell(entered=serial(value)), "m/d/yyyy h:mm" if code == "General" else code)
    if isinstance(value, date):
        return formatted(Cell(entered=serial(value)), "m/d/yyyy" if code == "General" else code)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = float(value)
    if isinstance(value, Wrong):
        value = Formula(value.shown)
    return formatted(Cell(entered=None if value == "" else value), code)
