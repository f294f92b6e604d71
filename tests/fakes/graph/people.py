"""People at their Excel, in the browser or on the desktop: they type, sort, insert and rename as staff do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from tests.fakes.google import a1
from tests.fakes.google.a1 import Block
from tests.fakes.google.formulas import Formula, Wrong
from tests.fakes.google.grid import EMPTY, Cell, Dimension, Filter
from tests.fakes.graph import columns, display, entry, ranges, refusals, serials, sorting, xlsx
from tests.fakes.graph.book import (
    Book,
    Tab,
    Table,
    Values,
    formatted,
    new_tab,
    number_format,
    places,
    twin,
)
from tests.fakes.graph.keepers import Keeper, add_table, block_of
from tests.fakes.graph.ranges import Range
from tests.fakes.graph.visit import Visit

Value = str | float | bool | date | datetime | Formula | Cell | None
"""A cell's content as tests write it: texts stay texts, days and moments become real dates."""


class Person(Keeper):
    """Somebody with the workbook open at one tab, who may edit everything. Rows count from 1, cells are ``B3``."""

    # Cells

    def type(self, cell: str, text: str) -> None:
        """Type a text, as a German Excel reads it. An empty text empties the cell. Below a table it extends it."""
        self.paste(cell, [[text]])

    def paste(self, cell: str, rows: Sequence[Sequence[str]]) -> None:
        """Paste plain texts, each taken as if typed."""
        start = block_of(cell)
        with self._edits() as (book, tab):
            for r, row in enumerate(rows):
                for c, text in enumerate(row):
                    place = start.top + r, start.left + c
                    _may_change(tab, *place)
                    _extend(book, tab, *place, text)
                    before = tab.cell(*place)
                    typed = entry.typed(text, number_format(before), entry.GERMAN, self.service.clock.today())
                    tab.put(*place, ranges.taken(before, typed))

    def put(self, cell: str, value: Value) -> None:
        """Give a cell exactly this content, as choosing from a list does; its format stays unless it has none."""
        start = block_of(cell)
        with self._edits() as (_, tab):
            _may_change(tab, start.top, start.left)
            before = tab.cell(start.top, start.left)
            new = value if isinstance(value, Cell) else xlsx.made(value)
            look = before.format or new.format
            tab.put(start.top, start.left, replace(before, entered=new.entered, format=look))

    def clear(self, area: str) -> None:
        """Empty cells (Delete key): formats stay."""
        with self._edits() as (_, tab):
            for row, column in places(_clipped(tab, area)):
                _may_change(tab, row, column)
                if tab.cell(row, column).entered is not None:
                    tab.change(row, column, entered=None)

    def clear_tab(self) -> None:
        """Select everything and press Delete."""
        with self._edits() as (_, tab):
            for row, column, _cell in list(tab.filled()):
                tab.change(row, column, entered=None)

    def format(self, area: str, code: str) -> None:
        """Set the number format of cells: ``@``, ``dd.mm.yyyy``, ``0.00``."""
        with self._edits() as (_, tab):
            for row, column in places(block_of(area)):
                tab.put(row, column, formatted(tab.cell(row, column), code))

    def note(self, cell: str, text: str) -> None:
        """Write a comment on a cell."""
        start = block_of(cell)
        with self._edits() as (_, tab):
            tab.change(start.top, start.left, note=text)

    # Rows and columns

    def sort(self, column: str, *, descending: bool = False) -> None:
        """Sort the table, or what is used of the tab below its first row, by a column."""
        with self._edits() as (book, tab):
            _may_arrange(tab, "allowSort")
            sorting.sort(book, tab, _data(book, tab), [(a1.number(column), descending)])

    def sort_range(self, area: str, column: str, *, descending: bool = False) -> None:
        """Sort only these cells, leaving what stands beside them."""
        with self._edits() as (book, tab):
            sorting.sort(book, tab, block_of(area), [(a1.number(column), descending)])

    def filter(self, column: str, *hidden: str) -> None:
        """Filter the table, or the used range, by a column: rows that show one of these texts disappear."""
        with self._edits() as (book, tab):
            at, table = a1.number(column), _table(book, tab)
            visit = Visit(book, self.service.clock.today(), self.service.quirks)
            values, data = visit.values, _data(book, tab)
            if not data.left <= at < data.right:
                raise refusals.invalid_argument()
            texts = {_shown(values, tab, row, at) for row in range(data.top, data.bottom)}
            if table:
                book.settle()
                columns.hide(visit, _table(book, tab) or table, at, shown=texts - set(hidden))
                return
            tab.filter = Filter(replace(data, top=data.top - 1), ((at, frozenset(hidden)),))
            for row in range(data.top, data.bottom):
                tab.hide_row(row, hidden=_shown(values, tab, row, at) in hidden)

    def unfilter(self) -> None:
        """Show all rows again."""
        with self._edits() as (book, tab):
            if table := _table(book, tab):
                columns.show_all(book, table)
            tab.filter = None
            for row in range(len(tab.rows)):
                tab.hide_row(row, hidden=False)

    def insert_row(self, at: int, *values: Value) -> None:
        """A new row before row ``at``, looking like the one above."""
        self._insert("ROWS", at - 1, values)

    def insert_column(self, at: str, *values: Value) -> None:
        """A new column before column ``at``."""
        self._insert("COLUMNS", a1.number(at), values)

    def _insert(self, dimension: Dimension, at: int, values: Sequence[Value]) -> None:
        with self._edits() as (book, tab):
            _may_arrange(tab, f"allowInsert{dimension.title()}")
            book.insert(tab, dimension, at, 1, like=at - 1 if at else None)
            for along, value in enumerate(values):
                row, column = (at, along) if dimension == "ROWS" else (along, at)
                new = value if isinstance(value, Cell) else xlsx.made(value)
                cell = tab.cell(row, column)
                tab.put(row, column, replace(cell, entered=new.entered, format=cell.format or new.format))

    def delete_rows(self, first: int, last: int | None = None) -> None:
        with self._edits() as (book, tab):
            _may_arrange(tab, "allowDeleteRows")
            book.delete(tab, "ROWS", first - 1, last or first)

    def delete_column(self, column: str) -> None:
        with self._edits() as (book, tab):
            at = a1.number(column)
            book.delete(tab, "COLUMNS", at, at + 1)

    def move_row(self, row: int, before: int) -> None:
        """Cut a row and insert it before another."""
        with self._edits() as (book, tab):
            book.move(tab, "ROWS", row - 1, row, before - 1)

    def move_column(self, column: str, before: str) -> None:
        with self._edits() as (book, tab):
            at = a1.number(column)
            book.move(tab, "COLUMNS", at, at + 1, a1.number(before))

    def copy_row(self, row: int, before: int) -> None:
        """Insert a copy of a row, its reference and hidden columns included, before another."""
        with self._edits() as (book, tab):
            cells = [twin(cell) for cell in tab.rows[row - 1].cells]
            book.insert(tab, "ROWS", before - 1, 1)
            for column, cell in enumerate(cells):
                tab.put(before - 1, column, ranges.copied_down(cell, before - row))
            _grow_over(book, tab, before - 1)

    def cut_row(self, row: int, onto: int) -> None:
        """Cut the cells of a row and paste them over another; the row they came from is left empty."""
        with self._edits() as (_, tab):
            tab.grow(max(row, onto), 0)
            tab.rows[onto - 1] = replace(tab.rows[onto - 1], cells=tab.rows[row - 1].cells)
            tab.rows[row - 1] = replace(tab.rows[row - 1], cells=())

    def hide_row(self, row: int) -> None:
        with self._edits() as (_, tab):
            tab.hide_row(row - 1, hidden=True)

    def hide_column(self, column: str) -> None:
        with self._edits() as (_, tab):
            tab.hide_column(a1.number(column), hidden=True)

    def merge(self, area: str) -> None:
        """Merge cells: what stood in all but the first is gone."""
        with self._edits() as (_, tab):
            sorting.merge(tab, block_of(area))

    def unmerge(self, area: str) -> None:
        with self._edits() as (_, tab):
            tab.merges = [each for each in tab.merges if not each.touches(block_of(area))]

    def protect(self, *unlocked: str) -> None:
        """Protect the tab; only these areas can still be changed."""
        with self._edits() as (_, tab):
            for area in unlocked:
                for row, column in places(block_of(area)):
                    cell = tab.cell(row, column)
                    tab.put(row, column, replace(cell, format=cell.format | {"unlocked": True}))
            tab.protected = True

    def unprotect(self) -> None:
        with self._edits() as (_, tab):
            tab.protected = False

    # Looking

    def rows(self) -> list[list[Value]]:
        """The tab's values, without blank cells and rows at the end; dates as dates, errors as they are shown."""
        with self.service.lock:
            book = self.file.document
            tab, values = book.sheet(self.tab), Values(book)
            result = [[_seen(values, tab, r, c) for c in range(len(row.cells))] for r, row in enumerate(tab.rows)]
        for row in result:
            while row and row[-1] is None:
                row.pop()
        while result and not result[-1]:
            result.pop()
        return result

    def shown(self, cell: str) -> str:
        """The text in a cell, in English as the API shows it."""
        start = block_of(cell)
        with self.service.lock:
            book = self.file.document
            return _shown(Values(book), book.sheet(self.tab), start.top, start.left)

    def cell(self, cell: str) -> Cell:
        """A cell as it is, with format, note and identity."""
        start = block_of(cell)
        with self.service.lock:
            return self.file.document.sheet(self.tab).cell(start.top, start.left)

    def table(self) -> str:
        """The area of the tab's first table, as ``A1:C9``; "" if there is none."""
        with self.service.lock:
            book = self.file.document
            tab = book.sheet(self.tab)
            found = _table(book, tab)
            return Range(tab, found.box).cells if found else ""


def filled(book: Book, title: str, rows: Sequence[Sequence[Value]], table: str = "") -> None:
    """Give a new book one tab with these contents, as a table if that has a name."""
    tab = new_tab(0, title)
    book.sheets.append(tab)
    for r, row in enumerate(rows):
        made = (value if isinstance(value, Cell) else xlsx.made(value) for value in row)
        tab.put_line(r, 0, [EMPTY if cell.plain else cell for cell in made])
    if table:
        add_table(book, tab, Block(0, max(2, len(rows)), 0, max(map(len, rows), default=1)), table)
    book.settle("Spalte")


def _may_change(tab: Tab, row: int, column: int) -> None:
    """Protection binds people as it binds the API: a locked cell takes nothing."""
    assert not tab.protected or tab.cell(row, column).format.get("unlocked"), "this cell is locked"


def _may_arrange(tab: Tab, option: str) -> None:
    assert not tab.protected or option in tab.allowed, f"protected without {option}"


def _extend(book: Book, tab: Tab, row: int, column: int, text: str) -> None:
    """Typing directly below a table, or beside it in its rows, makes it larger; the API does not do that."""
    for table in book.tables:
        box = table.box
        if table.tab != tab.id or not text or table.totals:
            continue
        if row == box.bottom and box.left <= column < box.right:
            book.replace_table(table, box=replace(box, bottom=box.bottom + 1))
            for each in range(box.left, box.right):
                look = replace(tab.cell(row - 1, each), uid=0, entered=None, note="")
                if tab.cell(row, each).plain:
                    tab.put(row, each, look)
            return
        if column == box.right and box.top <= row < box.bottom:
            book.replace_table(table, box=replace(box, right=box.right + 1))
            return


def _grow_over(book: Book, tab: Tab, row: int) -> None:
    """A row copied to directly below a table belongs to it."""
    for table in book.tables:
        if table.tab == tab.id and table.box.bottom == row and not table.totals:
            book.replace_table(table, box=replace(table.box, bottom=row + 1))


def _table(book: Book, tab: Tab) -> Table | None:
    return next((each for each in book.tables if each.tab == tab.id), None)


def _data(book: Book, tab: Tab) -> Block:
    """The body of the tab's table, or what is used below the first used row."""
    if table := _table(book, tab):
        return table.body
    used = tab.used(values_only=True) or Block(0, 1, 0, 1)
    return replace(used, top=used.top + 1)


def _shown(values: Values, tab: Tab, row: int, column: int) -> str:
    return display.text(values.effective(tab, row, column), number_format(tab.cell(row, column)))


def _seen(values: Values, tab: Tab, row: int, column: int) -> Value:
    value = values.effective(tab, row, column)
    if isinstance(value, Wrong):
        return value.shown
    if (
        isinstance(value, float)
        and not isinstance(value, bool)
        and display.is_date(number_format(tab.cell(row, column)))
    ):
        moment = serials.moment(value)
        return moment if moment.time() != datetime.min.time() else moment.date()
    return value


def _clipped(tab: Tab, area: str) -> Block:
    block = block_of(area)
    return replace(block, bottom=min(block.bottom, len(tab.rows)), right=min(block.right, len(tab.columns)))
