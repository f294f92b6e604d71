"""People at the window: they type, sort, insert, rename and share as staff do, at any moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from tests.fakes.google import a1, cells, locales, tabs
from tests.fakes.google.a1 import Block, Box
from tests.fakes.google.changes import new_id
from tests.fakes.google.computed import Values
from tests.fakes.google.drive import LINK, File
from tests.fakes.google.formulas import Formula, Wrong
from tests.fakes.google.grid import (
    EMPTY,
    Cell,
    Dimension,
    Filter,
    Protection,
    Row,
    Sheet,
    Spreadsheet,
    new_columns,
    new_rows,
    new_uid,
)
from tests.fakes.google.service import Service

Value = str | float | bool | date | datetime | Formula | None
"""A cell's content as tests write it: texts stay texts, days and moments become real dates."""


@dataclass
class Person:
    """Somebody with the spreadsheet open at one tab, who may edit everything. Rows count from 1, cells are ``B3``."""

    service: Service
    file: File
    who: str
    tab: int
    """The id of the tab, which stays when the tab is renamed."""

    @contextmanager
    def _edits(self) -> Iterator[tuple[Spreadsheet, Sheet]]:
        with self.service.changing(self.file, self.who, human=True) as document:
            yield document, document.sheet(self.tab)

    # Cells

    def type(self, cell: str, text: str) -> None:
        """Type a text; the spreadsheet makes of it what its locale says. An empty text empties the cell."""
        self.paste(cell, [[text]])

    def paste(self, cell: str, rows: Sequence[Sequence[str]]) -> None:
        """Paste plain texts, each taken as if typed; the grid grows."""
        start = _box(cell)
        with self._edits() as (document, sheet):
            width = max(map(len, rows), default=0)
            _grow(document, sheet, start.top + len(rows), start.left + width)
            for r, row in enumerate(rows):
                for c, text in enumerate(row):
                    place = start.top + r, start.left + c
                    typed = cells.typed_into(document, sheet.cell(*place), text, self.service.clock.today())
                    sheet.put(*place, typed)

    def put(self, cell: str, value: Value) -> None:
        """Give a cell exactly this content, as choosing from a list or a calendar does."""
        start = _box(cell)
        with self._edits() as (document, sheet):
            _grow(document, sheet, start.top + 1, start.left + 1)
            sheet.put(start.top, start.left, content(sheet.cell(start.top, start.left), value))

    def clear(self, area: str) -> None:
        """Empty cells (Delete key): formats stay."""
        with self._edits() as (_, sheet):
            for row, column in sheet.places(_area(area)):
                if sheet.cell(row, column).entered is not None:
                    sheet.change(row, column, entered=None)

    def note(self, cell: str, text: str) -> None:
        start = _box(cell)
        with self._edits() as (_, sheet):
            sheet.change(start.top, start.left, note=text)

    def format(self, area: str, type_: str, pattern: str = "") -> None:
        """Set the number format (TEXT, DATE, NUMBER …) of cells."""
        number_format = {"type": type_} | ({"pattern": pattern} if pattern else {})
        with self._edits() as (_, sheet):
            for row, column in sheet.places(_area(area)):
                look = sheet.cell(row, column).format | {"numberFormat": number_format}
                sheet.change(row, column, format=look)

    def offer(self, area: str, *options: str, colours: Sequence[str] = ()) -> None:
        """Put a drop-down list on cells, perhaps with coloured chips."""
        values = [{"userEnteredValue": option} for option in options]
        rule = {"condition": {"type": "ONE_OF_LIST", "values": values}, "showCustomUi": True, "strict": True}
        with self._edits() as (_, sheet):
            for row, column in sheet.places(_area(area)):
                sheet.change(row, column, validation=rule, chips=tuple(colours))

    # Rows and columns

    def sort(self, column: str, *, header: int = 1, descending: bool = False) -> None:
        """Sort everything below ``header`` rows by a column; 0 sorts the header along with the rest."""
        with self._edits() as (document, sheet):
            area = Box(header, max(sheet.last_row(), header + 1), 0, len(sheet.columns))
            cells.order(document, sheet, area, [(a1.number(column), descending)])

    def sort_range(self, area: str, column: str, *, descending: bool = False) -> None:
        """Sort only these cells, leaving what stands beside them."""
        with self._edits() as (document, sheet):
            cells.order(document, sheet, _area(area), [(a1.number(column), descending)])

    def insert_row(self, at: int, *values: Value) -> None:
        """A new row before row ``at``, looking like the one above."""
        self._insert("ROWS", at - 1, values)

    def insert_column(self, at: str, *values: Value) -> None:
        """A new column before column ``at``."""
        self._insert("COLUMNS", a1.number(at), values)

    def _insert(self, dimension: Dimension, at: int, values: Sequence[Value]) -> None:
        with self._edits() as (document, sheet):
            document.insert(sheet, dimension, at, 1, like=at - 1 if at else None)
            for along, value in enumerate(values):
                row, column = (at, along) if dimension == "ROWS" else (along, at)
                _grow(document, sheet, row + 1, column + 1)
                sheet.put(row, column, content(sheet.cell(row, column), value))

    def delete_rows(self, first: int, last: int | None = None) -> None:
        with self._edits() as (document, sheet):
            document.delete(sheet, "ROWS", first - 1, last or first)

    def delete_column(self, column: str) -> None:
        with self._edits() as (document, sheet):
            at = a1.number(column)
            document.delete(sheet, "COLUMNS", at, at + 1)

    def move_row(self, row: int, before: int) -> None:
        """Drag a row to before another."""
        with self._edits() as (document, sheet):
            document.move(sheet, "ROWS", row - 1, row, before - 1)

    def move_column(self, column: str, before: str) -> None:
        with self._edits() as (document, sheet):
            at = a1.number(column)
            document.move(sheet, "COLUMNS", at, at + 1, a1.number(before))

    def copy_row(self, row: int, before: int) -> None:
        """Insert a copy of a row, its reference included, before another."""
        with self._edits() as (document, sheet):
            source = sheet.rows[row - 1]
            copies = tuple(replace(cell, uid=new_uid()) if cell.uid else cell for cell in source.cells)
            twin = replace(source, uid=new_uid(), cells=copies)
            document.arrange(sheet, "ROWS", [*sheet.rows[: before - 1], twin, *sheet.rows[before - 1 :]])

    def cut_row(self, row: int, onto: int) -> None:
        """Cut the cells of a row and paste them over another; the rows themselves, and their metadata, stay."""
        with self._edits() as (_, sheet):
            source, target = sheet.rows[row - 1], sheet.rows[onto - 1]
            sheet.rows[onto - 1] = replace(target, cells=source.cells)
            sheet.rows[row - 1] = replace(source, cells=())

    def hide_row(self, row: int) -> None:
        with self._edits() as (_, sheet):
            sheet.rows[row - 1] = replace(sheet.rows[row - 1], hidden=True)

    def hide_column(self, column: str) -> None:
        with self._edits() as (_, sheet):
            at = a1.number(column)
            sheet.columns[at] = replace(sheet.columns[at], hidden=True)

    def filter(self, area: str, **hidden: Sequence[str]) -> None:
        """Filter a range, its first row being the header: per column letter the shown texts to hide."""
        criteria = tuple((a1.number(column), frozenset(values)) for column, values in hidden.items())
        with self._edits() as (_, sheet):
            sheet.filter = Filter(_area(area), criteria)

    def merge(self, area: str) -> None:
        """Merge cells: what stood in all but the first is gone."""
        with self._edits() as (_, sheet):
            cells.join(sheet, [_area(area)])

    def unmerge(self, area: str) -> None:
        with self._edits() as (_, sheet):
            sheet.merges = [each for each in sheet.merges if not each.touches(_area(area))]

    def protect(self, area: str, *editors: str, warning_only: bool = False) -> None:
        """Protect cells (``A:A``, ``B2:C9``; empty for the whole tab) from everybody but the owner and ``editors``."""
        with self._edits() as (_, sheet):
            box = _area(area) if area else Box()
            sheet.protections.append(Protection(new_id(), box, (self.who, *editors), warning_only))

    def unprotect(self) -> None:
        with self._edits() as (_, sheet):
            sheet.protections = []

    # Tabs and the file

    def rename_tab(self, title: str) -> None:
        with self._edits() as (document, sheet):
            tabs.rename(document, sheet, title)

    def add_tab(self, title: str) -> int:
        """A new empty tab behind the others; its id."""
        with self._edits() as (document, _):
            tabs.check_title(document, title)
            document.sheets.append(Sheet(new_id(), title))
            return document.sheets[-1].id

    def duplicate_tab(self, title: str) -> int:
        with self._edits() as (document, sheet):
            document.sheets.append(tabs.duplicated(document, sheet, new_id(), title))
            return document.sheets[-1].id

    def delete_tab(self) -> None:
        with self._edits() as (document, sheet):
            tabs.remove(document, sheet)

    def clear_tab(self) -> None:
        """Select everything and press Delete."""
        with self._edits() as (_, sheet):
            for row, column, _cell in list(sheet.filled()):
                sheet.change(row, column, entered=None)

    def rename_file(self, title: str) -> None:
        with self._edits() as (document, _):
            document.title = title

    def set_locale(self, locale: str) -> None:
        with self._edits() as (document, _):
            document.locale = locale

    def share(self, email: str, role: str = "writer") -> None:
        """Share with an account as writer, commenter or reader."""
        self._share(email, role)

    def share_with_anyone(self, role: str = "reader") -> None:
        """Anyone with the link."""
        self._share(LINK, role)

    def withdraw(self, email: str = LINK) -> None:
        """Take the share of an account, or of the link, away."""
        self._share(email, None)

    def _share(self, grantee: str, role: str | None) -> None:
        with self.service.lock:
            self.file.share(grantee, role)
            self.service.changes.record(self.file, self.who)

    def trash(self) -> None:
        with self.service.lock:
            self.file.trashed = True
            self.service.changes.record(self.file, self.who)

    def delete_file(self) -> None:
        """Delete the file for good."""
        with self.service.lock:
            self.file.deleted = True
            self.service.changes.record(self.file, self.who)

    def state(self) -> int:
        """The number of the present version, for ``restore``."""
        return len(self.file.states)

    def restore(self, state: int) -> None:
        """Bring an earlier version of the whole file back."""
        if state < len(self.file.states):
            self._take_back(self.file.states[state].document)

    def undo(self) -> None:
        """Take one's own last act back: as a whole if nothing came after it, else cell by cell, as the window does."""
        with self.service.lock:
            own = next(state for state in reversed(self.file.states) if state.who == self.who)
            if own is self.file.states[-1]:
                self._take_back(own.document)
                return
            old = {edit.cell: edit.old for edit in self.service.journal.edits if edit.act == own.act}
            with self._edits() as (document, _):
                for sheet in document.sheets:
                    for row, column, uid in [(r, c, cell.uid) for r, c, cell in sheet.all_cells()]:
                        if uid in old:
                            sheet.change(row, column, entered=old[uid])

    def _take_back(self, old: Spreadsheet) -> None:
        with self._edits() as (document, _):
            state = old.copy()
            for name in ("title", "locale", "time_zone", "sheets", "names", "metadata"):
                setattr(document, name, getattr(state, name))

    # Looking

    def rows(self) -> list[list[Value]]:
        """The tab's values, without blank cells and rows at the end; dates as dates, errors as they are shown."""
        with self.service.lock:
            document = self.file.document
            sheet, values = document.sheet(self.tab), Values(document)
            result = [[_seen(values, sheet, r, c) for c in range(len(row.cells))] for r, row in enumerate(sheet.rows)]
        for row in result:
            while row and row[-1] is None:
                row.pop()
        while result and not result[-1]:
            result.pop()
        return result

    def shown(self, cell: str) -> str:
        """The text in a cell, as the window shows it."""
        start = _box(cell)
        with self.service.lock:
            document = self.file.document
            return Values(document).shown(document.sheet(self.tab), start.top, start.left)

    def cell(self, cell: str) -> Cell:
        """A cell as it is, with format, note, validation and identity."""
        start = _box(cell)
        with self.service.lock:
            return self.file.document.sheet(self.tab).cell(start.top, start.left)


def content(cell: Cell, value: Value) -> Cell:
    """The cell with exactly this content; dates bring their format."""
    if isinstance(value, datetime):
        day = locales.serial(value.date())
        number = day + (value - datetime.combine(value.date(), datetime.min.time())).total_seconds() / 86400
        return replace(cell, entered=number, format=cell.format | {"numberFormat": {"type": "DATE_TIME"}})
    if isinstance(value, date):
        look = cell.format | {"numberFormat": {"type": "DATE"}}
        return replace(cell, entered=locales.serial(value), format=look)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return replace(cell, entered=float(value))
    return replace(cell, entered=value or None if isinstance(value, str) else value)


def new_sheet(sheet_id: int, title: str, rows: Sequence[Sequence[Value]], size: tuple[int, int]) -> Sheet:
    """A tab with these contents on a grid of this size at least."""
    height, width = max(size[0], len(rows)), max(size[1], *map(len, rows), 1)
    sheet = Sheet(sheet_id, title, rows=new_rows(height), columns=new_columns(width))
    for at, values in enumerate(rows):
        made = tuple(EMPTY if value is None else content(Cell(), value) for value in values)
        sheet.rows[at] = Row(size=21, cells=made)
    return sheet


def _seen(values: Values, sheet: Sheet, row: int, column: int) -> Value:
    value = values.effective(sheet, row, column)
    if isinstance(value, Wrong):
        return value.shown
    if isinstance(value, float) and not isinstance(value, bool):
        kind = values.number_format(sheet, row, column).get("type")
        if kind == "DATE":
            return locales.moment(value).date()
        if kind == "DATE_TIME":
            return locales.moment(value)
    return value


def _grow(document: Spreadsheet, sheet: Sheet, rows: int, columns: int) -> None:
    if rows > len(sheet.rows):
        document.insert(sheet, "ROWS", len(sheet.rows), rows - len(sheet.rows))
    if columns > len(sheet.columns):
        document.insert(sheet, "COLUMNS", len(sheet.columns), columns - len(sheet.columns))


def _area(text: str) -> Box:
    box = a1.box(text)
    assert box is not None, f"{text} is no range"
    return box


def _box(cell: str) -> Block:
    """The place of one cell."""
    return _area(cell).clipped(10**7, 10**5)
