"""A workbook as values: the grid of the local Google with Excel's own furniture, tables and protection above all.

Tabs have no edge: rows and columns exist as far as anybody came. Texts of formulas are English, as in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.google import a1, formulas
from tests.fakes.google.a1 import Block
from tests.fakes.google.computed import Values as _Values
from tests.fakes.google.formulas import Formula, Value, Wrong
from tests.fakes.google.grid import EMPTY, Cell, Dimension, Row, Sheet, Spreadsheet, new_columns, new_uid
from tests.fakes.graph import refusals

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
_FAR = 5_000
"""References beyond do not follow."""


@dataclass
class Tab(Sheet):
    """One worksheet. ``guid`` survives a rename."""

    rows: list[Row] = field(default_factory=list)
    columns: list[Any] = field(default_factory=list)
    guid: str = ""
    protected: bool = False
    allowed: frozenset[str] = frozenset()
    """What protection lets everybody do all the same: ``allowSort``, ``allowInsertRows`` and so on."""

    def cell(self, row: int, column: int) -> Cell:
        return self.rows[row].at(column) if row < len(self.rows) else EMPTY

    def put(self, row: int, column: int, cell: Cell) -> None:
        if cell.plain and self.cell(row, column) is EMPTY:
            return
        self.grow(row + 1, column + 1)
        super().put(row, column, cell)

    def put_line(self, row: int, left: int, cells: Sequence[Cell]) -> None:
        """Set a stretch of one row at once, identities as given."""
        self.grow(row + 1, left + len(cells))
        line = self.rows[row]
        whole = [line.at(column) for column in range(max(len(line.cells), left + len(cells)))]
        whole[left : left + len(cells)] = cells
        self.rows[row] = replace(line, cells=tuple(whole))

    def remove(self, row: int, column: int) -> None:
        """Let nothing stand there, not even a format."""
        if row < len(self.rows) and column < len(self.rows[row].cells):
            line = self.rows[row]
            self.rows[row] = replace(line, cells=(*line.cells[:column], EMPTY, *line.cells[column + 1 :]))

    def grow(self, rows: int, columns: int) -> None:
        """Let the grid reach this far at least."""
        if rows > MAX_ROWS or columns > MAX_COLUMNS:
            raise refusals.invalid_argument()
        if rows > len(self.rows):
            self.rows += [Row() for _ in range(rows - len(self.rows))]
        if columns > len(self.columns):
            self.columns += new_columns(columns - len(self.columns))

    def row_hidden(self, row: int) -> bool:
        return row < len(self.rows) and self.rows[row].hidden

    def column_hidden(self, column: int) -> bool:
        return column < len(self.columns) and bool(self.columns[column].hidden)

    def hide_row(self, row: int, *, hidden: bool) -> None:
        self.grow(row + 1, 0)
        self.rows[row] = replace(self.rows[row], hidden=hidden)

    def hide_column(self, column: int, *, hidden: bool) -> None:
        self.grow(0, column + 1)
        self.columns[column] = replace(self.columns[column], hidden=hidden)

    def used(self, *, values_only: bool) -> Block | None:
        """The block from the first used cell to the last; formats count as use unless ``values_only``."""
        places = [
            (r, c) for r, c, cell in self.all_cells() if cell.entered is not None or not (values_only or cell.plain)
        ]
        if not places:
            return None
        rows, columns = [r for r, _ in places], [c for _, c in places]
        return Block(min(rows), max(rows) + 1, min(columns), max(columns) + 1)


@dataclass(frozen=True)
class Table:
    """A ListObject. ``box`` includes headers and totals; ``ids`` gives columns their ids by the uid of their line."""

    id: int
    name: str
    tab: int
    box: Block
    totals: bool = False
    style: str = "TableStyleMedium2"
    ids: tuple[tuple[int, int], ...] = ()
    filters: tuple[tuple[int, frozenset[str]], ...] = ()
    """Per column id the shown texts that a filter hides."""

    @property
    def guid(self) -> str:
        return f"{{00000000-000C-0000-FFFF-FFFF{self.id - 1:02X}000000}}"

    @property
    def body(self) -> Block:
        return replace(self.box, top=self.box.top + 1, bottom=self.box.bottom - self.totals)

    @property
    def header(self) -> Block:
        return replace(self.box, bottom=self.box.top + 1)


@dataclass
class Book(Spreadsheet):
    """One workbook; ``names`` of the base class stay unused, ``defined`` has the file's defined names."""

    locale: str = "en_US"
    tables: list[Table] = field(default_factory=list)
    defined: dict[str, str] = field(default_factory=dict)

    def copy(self) -> Book:
        copied = super().copy()
        assert isinstance(copied, Book)
        copied.tables, copied.defined = list(self.tables), dict(self.defined)
        return copied

    def sheet(self, sheet_id: int) -> Tab:
        return _tab(super().sheet(sheet_id))

    def titled(self, title: str) -> Tab | None:
        found = super().titled(title)
        return None if found is None else _tab(found)

    @property
    def tabs(self) -> list[Tab]:
        return [_tab(each) for each in self.sheets]

    def insert(self, sheet: Sheet, dimension: Dimension, at: int, number: int, *, like: int | None = None) -> None:
        tab = _tab(sheet)
        self._reach(tab)
        tab.grow(*((max(at, (like or 0) + 1), 0) if dimension == "ROWS" else (0, max(at, (like or 0) + 1))))
        super().insert(sheet, dimension, at, number, like=like)

    def delete(self, sheet: Sheet, dimension: Dimension, start: int, end: int) -> None:
        self._reach(_tab(sheet))
        super().delete(sheet, dimension, start, end)

    def move(self, sheet: Sheet, dimension: Dimension, start: int, end: int, to: int) -> None:
        self._reach(_tab(sheet))
        _tab(sheet).grow(*((max(end, to), 0) if dimension == "ROWS" else (0, max(end, to))))
        super().move(sheet, dimension, start, end, to)

    def _reach(self, tab: Tab) -> None:
        """Let the grid have every line that something hangs on or a formula names, so that it can follow."""
        boxes = [*tab.merges, *([tab.filter.box] if tab.filter else []), *(each.box for each in self.tables)]
        for box in boxes:
            tab.grow(min(box.bottom or 0, MAX_ROWS), min(box.right or 0, MAX_COLUMNS))
        for each in self.tabs:
            for _, _, cell in each.filled():
                if isinstance(cell.entered, Formula):
                    for found in formulas.REFERENCE.finditer(cell.entered.text):
                        tab.grow(min(int(found[5]), _FAR), min(a1.number(found[3]) + 1, _FAR))

    def _attached(self, sheet: Sheet, follow: Any) -> None:
        super()._attached(sheet, follow)
        kept: list[Table] = []
        for table in self.tables:
            if table.tab != sheet.id:
                kept.append(table)
                continue
            box = follow.box(table.box)
            if box is None:
                continue
            lines = {line.uid for line in sheet.columns}
            table = replace(table, box=box, ids=tuple(pair for pair in table.ids if pair[0] in lines))
            if box.height < 2 + table.totals:  # Excel keeps one empty row under the headers
                table = replace(table, box=replace(box, bottom=box.top + 2 + table.totals))
            kept.append(table)
        self.tables = kept

    def settle(self, word: str = "Column") -> None:
        """Give tables what Excel gives them after any change: headers as unique texts, ids for new columns."""
        for at, table in enumerate(self.tables):
            tab = self.sheet(table.tab)
            tab.grow(table.box.bottom, table.box.right)
            ids, seen = dict(table.ids), set[str]()
            for column in range(table.box.left, table.box.right):
                uid = tab.columns[column].uid
                if uid not in ids:
                    ids[uid] = max(ids.values(), default=0) + 1
                _settle_header(tab, table.box.top, column, seen, f"{word}{column - table.box.left + 1}")
            self.tables[at] = replace(table, ids=tuple(ids.items()))

    def table_at(self, tab: Tab, row: int, column: int) -> Table | None:
        return next((each for each in self.tables if each.tab == tab.id and each.box.holds(row, column)), None)

    def replace_table(self, old: Table, **changes: Any) -> Table:
        new = replace(old, **changes)
        self.tables[self.tables.index(old)] = new
        return new

    def shift(self, tab: Tab, block: Block, rows: int, columns: int) -> None:
        """Move the cells of ``block`` so many rows down and columns right; what they land on is gone."""
        cells = [
            (row, column, tab.cell(row, column))
            for row in range(block.top, min(block.bottom, len(tab.rows)))
            for column in range(block.left, min(block.right, len(tab.columns)))
        ]
        for row, column, _ in cells:
            tab.remove(row, column)
        for row, column, cell in cells:
            tab.remove(row + rows, column + columns)
            if not cell.plain:
                tab.put(row + rows, column + columns, cell)

        def place(row: int, column: int) -> tuple[int, int] | None:
            return (row + rows, column + columns) if block.holds(row, column) else (row, column)

        self.follow(tab, place)
        self.tables = [
            replace(each, box=_moved(each.box, rows, columns))
            if each.tab == tab.id and block.holds(each.box.top, each.box.left)
            else each
            for each in self.tables
        ]

    def follow(self, tab: Tab, place: Callable[[int, int], tuple[int, int] | None]) -> None:
        """Let every formula follow cells of ``tab`` that went elsewhere."""
        for each in self.tabs:
            for row, column, cell in list(each.filled()):
                if isinstance(cell.entered, Formula):
                    text = formulas.follow(cell.entered.text, each is tab, tab.title, place)
                    if text != cell.entered.text:
                        each.change(row, column, entered=Formula(text))


class Values(_Values):
    """What the cells of a book come to: blank beyond the last one, error values as they were entered."""

    def effective(self, sheet: Sheet, row: int, column: int) -> Value:
        entered = sheet.cell(row, column).entered
        if not isinstance(entered, Formula):
            return entered
        if not entered.text.startswith("="):
            kind = next((type_ for type_, shown in formulas.SHOWN.items() if shown == entered.text), "NAME_")
            return Wrong(kind if kind in formulas.SHOWN else "NAME")
        return self._formula(sheet, row, column, entered)


def number_format(cell: Cell) -> str:
    """The cell's number format code."""
    return str(cell.format.get("numberFormat", "General"))


def formatted(cell: Cell, code: str) -> Cell:
    """The cell with this number format; blank is General."""
    look = {name: value for name, value in cell.format.items() if name != "numberFormat"}
    return replace(cell, format=look if code in {"", "General"} else look | {"numberFormat": code})


def new_tab(number: int, title: str) -> Tab:
    return Tab(number, title, guid=f"{{00000000-0001-0000-{number:02X}00-000000000000}}")


def new_cells(tab: Tab, top: int, rows: Sequence[Sequence[Cell | None]]) -> None:
    """Put cells into a fresh tab."""
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell is not None:
                tab.put(top + r, c, cell)


def places(block: Block) -> Iterator[tuple[int, int]]:
    for row in range(block.top, block.bottom):
        for column in range(block.left, block.right):
            yield row, column


def twin(cell: Cell) -> Cell:
    """The same content as another cell, with an identity of its own."""
    return replace(cell, uid=new_uid()) if cell.uid else cell


def _tab(sheet: Sheet) -> Tab:
    assert isinstance(sheet, Tab)
    return sheet


def _moved(box: Block, rows: int, columns: int) -> Block:
    return Block(box.top + rows, box.bottom + rows, box.left + columns, box.right + columns)


def _settle_header(tab: Tab, row: int, column: int, seen: set[str], default: str) -> None:
    cell = tab.cell(row, column)
    text = cell.entered if isinstance(cell.entered, str) else _as_text(cell.entered)
    name, number = text or default, 2
    while name.casefold() in seen:
        name, number = f"{text or default}{number}", number + 1
    seen.add(name.casefold())
    if cell.entered != name:
        tab.put(row, column, replace(cell, entered=name))


def _as_text(entered: object) -> str:
    if entered is None:
        return ""
    if isinstance(entered, float):
        return f"{entered:.15g}"
    return entered.text if isinstance(entered, Formula) else str(entered).upper()
