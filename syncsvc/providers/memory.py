"""Tables that live in memory: the provider of tests and of training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from syncsvc.core.layout import Layout
from syncsvc.core.model import BLANK, Cell, Covered, Formula, Logical, Patch, SheetRow, Snapshot
from syncsvc.errors import TableError, TableMoved, TableNotFound, TableReadOnly
from syncsvc.ports.tables import Check, Landed, Requests

INTERVAL = timedelta(seconds=10)
Hook = Callable[[], None]


def _nothing() -> None:
    """The hook that nobody set."""


@dataclass
class MemoryBook:
    """A shared sheet that people edit while the service reads and writes it. Rows and columns count from 1.

    ``conditional``: a write onto a moved version raises ``TableMoved``, and a formula is never written over, like a
    file; without it writes go by position, whatever stands there meanwhile, like Google. ``knows_landed``: the sheet
    can tell that a write did not arrive, and a conditional one that it did. The hooks run where their names say
    (``during`` after each cell of a write) and play the people who edit meanwhile, or the fault when they raise: out of
    ``before_write`` nothing landed, out of ``after_write`` everything did. ``shown`` is the version that a lagging
    sheet shows, whatever happened since; empty: it does not lag. ``gone`` plays the deleted file,
    ``locked`` cells (row, column) that only others may write: one of them in a write, and nothing is written.
    """

    rows: list[list[Cell]] = field(default_factory=list)
    conditional: bool = True
    knows_landed: bool = True
    gone: bool = False
    shown: str = ""
    locked: frozenset[tuple[int, int]] = frozenset()
    before_read: Hook = _nothing
    before_write: Hook = _nothing
    during: Hook = _nothing
    after_write: Hook = _nothing
    revision: int = 0
    tokens: set[str] = field(default_factory=set)

    def get(self, row: int, column: int) -> Cell:
        """The cell; blank beyond the used range."""
        if row > len(self.rows) or column > len(self.rows[row - 1]):
            return BLANK
        return self.rows[row - 1][column - 1]

    def set(self, row: int, column: int, value: Cell) -> None:
        """Type a value; the sheet grows as needed."""
        self.rows.extend([] for _ in range(row - len(self.rows)))
        cells = self.rows[row - 1]
        cells.extend(BLANK for _ in range(column - len(cells)))
        cells[column - 1] = BLANK if value == "" else value
        self.revision += 1

    def insert_row(self, at: int, *cells: Cell) -> None:
        """Insert a row so that it becomes row ``at``."""
        self.rows.insert(at - 1, list(cells))
        self.revision += 1

    def delete_row(self, at: int) -> None:
        del self.rows[at - 1]
        self.revision += 1

    def copy_row(self, source: int, at: int) -> None:
        """Insert a copy of a row so that the copy becomes row ``at``."""
        self.insert_row(at, *self.rows[source - 1])

    def insert_column(self, at: int, *cells: Cell) -> None:
        """Insert a column so that it becomes column ``at``, with these cells from row 1 on."""
        values = list(cells) + [BLANK] * (len(self.rows) - len(cells))
        for row, value in zip(self.rows, values, strict=True):
            row.extend(BLANK for _ in range(at - 1 - len(row)))
            row.insert(at - 1, value)
        self.revision += 1

    def delete_column(self, at: int) -> None:
        for row in self.rows:
            del row[at - 1 : at]
        self.revision += 1

    def sort(self, column: int, *, header_row: int = 1, reverse: bool = False) -> None:
        """Sort the rows below the header by a column."""

        def order(cells: list[Cell]) -> str:
            return str(cells[column - 1]) if len(cells) >= column else ""

        self.rows[header_row:] = sorted(self.rows[header_row:], key=order, reverse=reverse)
        self.revision += 1

    def merge(self, row: int, column: int, *, rows: int = 1, columns: int = 1) -> None:
        """Merge a block; all but its first cell are covered and lose what they held, as in Excel."""
        for r in range(row, row + rows):
            for c in range(column, column + columns):
                if (r, c) != (row, column):
                    self.set(r, c, Covered())

    def lock(self, *cells: tuple[int, int]) -> None:
        """Protect exactly these cells (row, column) from the service."""
        self.locked = frozenset(cells)
        self.revision += 1

    def clear(self) -> None:
        """Empty the whole sheet."""
        self.rows.clear()
        self.revision += 1


class MemoryTable:
    """A ``MemoryBook`` seen through the port."""

    def __init__(self, book: MemoryBook) -> None:
        self.requests = Requests()
        self.credential = self.place = self.address = ""
        self.interval = INTERVAL
        self.lags = bool(book.shown)
        self._book = book

    def version(self) -> str:
        self.requests.meta += 1
        return self._version()

    def read(self) -> Snapshot:
        self.requests.read += 1
        self._book.before_read()
        version = self._version()
        rows = [[_as_read(cell) for cell in row] for row in self._book.rows]
        last = max((number for number, row in enumerate(rows, 1) if _filled(row)), default=0)
        width = max((_filled(row) for row in rows), default=0)
        padded = (tuple((row + [BLANK] * width)[:width]) for row in rows[:last])
        found = tuple(SheetRow(number, cells) for number, cells in enumerate(padded, 1))
        return Snapshot(version, width, found, locked=self._book.locked)

    def write(self, patch: Patch, permit: Callable[[], None] = lambda: None) -> None:
        self.requests.write += 1
        book = self._book
        book.before_write()
        if self._version() != patch.version and book.conditional:
            raise TableMoved
        below = max((n for n, row in enumerate(book.rows, 1) if _filled(row)), default=0) + 1
        touched = {(write.row, write.column) for write in patch.writes}
        touched |= {(below, column) for append in patch.appends for column in append.cells}
        if touched & book.locked:
            raise TableReadOnly("Eine der Zellen ist geschützt.")
        for write in patch.writes:
            if book.conditional and isinstance(book.get(write.row, write.column), (Formula, Covered)):
                raise TableError("Über eine Formel oder verbundene Zelle schreibt der Dienst nicht.")
        permit()
        for write in patch.writes:
            book.set(write.row, write.column, write.new)
            book.during()
        for append in patch.appends:
            number = 1 + max((n for n, row in enumerate(book.rows, 1) if _filled(row)), default=0)
            number = max(number, patch.header_row + 1)
            for column, cell in append.cells.items():
                book.set(number, column, cell)
            book.during()
        book.tokens.add(patch.token)
        book.after_write()

    def landed(self, token: str) -> Landed:
        if not self._book.knows_landed:
            return Landed.UNKNOWN
        if token not in self._book.tokens:
            return Landed.NO
        return Landed.YES if self._book.conditional else Landed.UNKNOWN

    def settle(self, token: str) -> None:
        self._book.tokens.discard(token)

    def prepare(self, layout: Layout, permit: Callable[[], None] = _nothing) -> list[str]:
        return []

    def check(self) -> list[Check]:
        if self._book.gone:
            return [Check(ok=False, text=TableNotFound().message, hint=TableNotFound.hint)]
        return [Check(ok=True, text="Die Tabelle liegt im Arbeitsspeicher.")]

    def _version(self) -> str:
        if self._book.gone:
            raise TableNotFound
        return self._book.shown or str(self._book.revision)


def _filled(row: list[Cell]) -> int:
    """The number of the last column with content."""
    return max((number for number, cell in enumerate(row, 1) if cell is not BLANK), default=0)


def _as_read(cell: Cell) -> Cell:
    """The cell as the model wants it, from what a test may have typed: no int, no bool, no day with midnight."""
    if isinstance(cell, bool):
        return Logical.TRUE if cell else Logical.FALSE
    if isinstance(cell, int):
        return float(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date()
    return BLANK if cell == "" else cell
