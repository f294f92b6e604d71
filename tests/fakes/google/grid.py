"""A spreadsheet as values: cells, rows, sheets, and everything that hangs on them and follows them.

Cells and rows are frozen, so that a copy of a whole spreadsheet is cheap: every request and every act of a person works
on a copy, which replaces the original only when it went well. A cell keeps its ``uid`` when it moves or is typed into,
so authorship can be told through sorts; a row or column keeps its own, which is what developer metadata holds on to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Literal

from tests.fakes.google import formulas, refusals
from tests.fakes.google.a1 import Block, Box
from tests.fakes.google.formulas import Formula

Entered = str | float | bool | Formula | None
"""What stands in a cell as entered; None is empty."""

Dimension = Literal["ROWS", "COLUMNS"]

MAX_CELLS = 10_000_000
MAX_COLUMNS = 18_278
MAX_TEXT = 50_000
_uids = count(1)


def new_uid() -> int:
    return next(_uids)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. Format and validation are as in the API and never changed in place."""

    uid: int = field(default_factory=new_uid)
    entered: Entered = None
    format: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    validation: dict[str, Any] | None = None
    chips: tuple[str, ...] = ()
    """Colours a person gave the options of a drop-down; the API neither reads nor keeps them."""

    @property
    def plain(self) -> bool:
        """Nothing at all in it, not even a format."""
        return self.entered is None and not self.format and not self.note and self.validation is None

    @property
    def number_format(self) -> dict[str, Any]:
        return self.format.get("numberFormat") or {}


EMPTY = Cell(uid=0)
"""What stands where nobody ever typed; writing makes a cell with a uid of its own out of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A column, or what a row shares with one."""

    uid: int = field(default_factory=new_uid)
    size: int = 0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Row(Line):
    cells: tuple[Cell, ...] = ()

    def at(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else EMPTY


def new_rows(number: int) -> list[Row]:
    return [Row(size=21) for _ in range(number)]


def new_columns(number: int) -> list[Line]:
    return [Line(size=100) for _ in range(number)]


@dataclass
class Protection:
    """A protected range. ``editors`` may be empty: the owner of the file can always edit."""

    id: int
    box: Box
    editors: tuple[str, ...] = ()
    warning_only: bool = False
    description: str = ""
    unprotected: tuple[Box, ...] = ()


@dataclass(frozen=True)
class Filter:
    """A basic filter: its range, and per column of the sheet the values it hides."""

    box: Box
    hidden: tuple[tuple[int, frozenset[str]], ...] = ()
    sorting: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Rule:
    """A conditional format rule: where it holds, and the rule as in the API without its ranges."""

    boxes: tuple[Box, ...]
    content: dict[str, Any]


@dataclass
class Sheet:
    """One tab."""

    id: int
    title: str
    rows: list[Row] = field(default_factory=lambda: new_rows(1000))
    columns: list[Line] = field(default_factory=lambda: new_columns(26))
    frozen_rows: int = 0
    frozen_columns: int = 0
    hidden: bool = False
    extras: dict[str, Any] = field(default_factory=dict)
    """Further properties as in the API: colour of the tab, direction of writing."""
    merges: list[Box] = field(default_factory=list)
    protections: list[Protection] = field(default_factory=list)
    filter: Filter | None = None
    rules: list[Rule] = field(default_factory=list)

    def copy(self) -> Sheet:
        return replace(
            self,
            rows=list(self.rows),
            columns=list(self.columns),
            merges=list(self.merges),
            protections=[replace(each) for each in self.protections],
            rules=list(self.rules),
        )

    def cell(self, row: int, column: int) -> Cell:
        return self.rows[row].at(column)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Set a cell; one that stood in for nothing gets a uid of its own."""
        line = self.rows[row]
        if column >= len(line.cells):
            if cell.plain:
                return
            missing = column + 1 - len(line.cells)
            line = replace(line, cells=line.cells + tuple(EMPTY for _ in range(missing)))
        if cell.uid == 0:
            if cell.plain:
                return
            cell = replace(cell, uid=new_uid())
        self.rows[row] = replace(line, cells=(*line.cells[:column], cell, *line.cells[column + 1 :]))

    def change(self, row: int, column: int, **changes: Any) -> None:
        self.put(row, column, replace(self.cell(row, column), **changes))

    def clip(self, area: Box) -> Block:
        return area.clipped(len(self.rows), len(self.columns))

    def places(self, area: Box) -> Iterator[tuple[int, int]]:
        block = self.clip(area)
        for row in range(block.top, block.bottom):
            for column in range(block.left, block.right):
                yield row, column

    def all_cells(self) -> Iterator[tuple[int, int, Cell]]:
        """Every cell anybody ever touched, with its place."""
        for r, row in enumerate(self.rows):
            for c, cell in enumerate(row.cells):
                if cell.uid:
                    yield r, c, cell

    def filled(self) -> Iterator[tuple[int, int, Cell]]:
        """Every cell with something entered, with its place."""
        return ((r, c, cell) for r, c, cell in self.all_cells() if cell.entered is not None)

    def last_row(self) -> int:
        """How many rows it takes to the last one with something entered."""
        return max((r + 1 for r, _, _ in self.filled()), default=0)

    def covered(self, row: int, column: int) -> bool:
        """Whether a merge hides this cell behind its corner."""
        return any(box.holds(row, column) and (box.top, box.left) != (row, column) for box in self.merges)


@dataclass(frozen=True)
class Metadata:
    """Developer metadata. ``line`` is the uid of a row or column; without one it sits on the sheet or spreadsheet."""

    id: int
    key: str
    value: str
    visibility: str
    project: str
    sheet: int | None = None
    dimension: Dimension | None = None
    line: int = 0

    @property
    def location(self) -> str:
        if self.sheet is None:
            return "SPREADSHEET"
        return {None: "SHEET", "ROWS": "ROW", "COLUMNS": "COLUMN"}[self.dimension]


@dataclass(frozen=True)
class NamedRange:
    id: str
    name: str
    sheet: int
    box: Box


@dataclass
class Spreadsheet:
    """One document: what the Sheets API knows of a file."""

    id: str
    title: str
    locale: str = "de_DE"
    time_zone: str = "Europe/Berlin"
    sheets: list[Sheet] = field(default_factory=list)
    names: list[NamedRange] = field(default_factory=list)
    metadata: list[Metadata] = field(default_factory=list)

    def copy(self) -> Spreadsheet:
        sheets = [sheet.copy() for sheet in self.sheets]
        return replace(self, sheets=sheets, names=list(self.names), metadata=list(self.metadata))

    def sheet(self, sheet_id: int) -> Sheet:
        for sheet in self.sheets:
            if sheet.id == sheet_id:
                return sheet
        raise refusals.invalid(f"No grid with id: {sheet_id}")

    def titled(self, title: str) -> Sheet | None:
        """The sheet of this title; case does not matter, as it does not for new titles."""
        return next((sheet for sheet in self.sheets if sheet.title.casefold() == title.casefold()), None)

    def lines(self, sheet: Sheet, dimension: Dimension) -> Sequence[Line]:
        return sheet.rows if dimension == "ROWS" else sheet.columns

    def size(self) -> int:
        """Cells of the grids, which is what the limit counts."""
        return sum(len(sheet.rows) * len(sheet.columns) for sheet in self.sheets)

    def check_size(self, more: int = 0) -> None:
        """Refuse a grid of too many cells or columns, with ``more`` cells to come."""
        if self.size() + more > MAX_CELLS:
            raise refusals.invalid(
                "This action would increase the number of cells in the workbook above the limit of 10000000 cells."
            )
        if any(len(sheet.columns) > MAX_COLUMNS for sheet in self.sheets):
            raise refusals.invalid(f"This action would increase the number of columns above {MAX_COLUMNS}.")

    def insert(self, sheet: Sheet, dimension: Dimension, at: int, number: int, *, like: int | None = None) -> None:
        """New rows or columns before ``at``, with formats and validation of the line ``like``."""
        if dimension == "ROWS":
            model = sheet.rows[like] if like is not None else Row(size=21)
            looks = [replace(model, uid=new_uid(), hidden=False, cells=_looks(model.cells)) for _ in range(number)]
            self.arrange(sheet, dimension, [*sheet.rows[:at], *looks, *sheet.rows[at:]])
            return
        fresh = new_columns(number)
        if like is not None:
            fresh = [replace(sheet.columns[like], uid=new_uid(), hidden=False) for _ in range(number)]
        self.arrange(sheet, dimension, [*sheet.columns[:at], *fresh, *sheet.columns[at:]])
        if like is not None:
            beside = like if like < at else like + number
            for r, row in enumerate(sheet.rows):
                look = replace(row.at(beside), uid=0, entered=None, note="")
                for column in range(at, at + number):
                    sheet.put(r, column, look)

    def delete(self, sheet: Sheet, dimension: Dimension, start: int, end: int) -> None:
        lines = self.lines(sheet, dimension)
        self.arrange(sheet, dimension, [*lines[:start], *lines[end:]])

    def move(self, sheet: Sheet, dimension: Dimension, start: int, end: int, to: int) -> None:
        """Rows or columns to before ``to``, counted as before the move."""
        lines = self.lines(sheet, dimension)
        moved = lines[start:end]
        rest = [*lines[:start], *lines[end:]]
        target = to if to <= start else to - (end - start)
        arranged = [*rest[:target], *moved, *rest[target:]]
        self.arrange(sheet, dimension, arranged, moved={line.uid for line in moved})

    def arrange(
        self,
        sheet: Sheet,
        dimension: Dimension,
        lines: Sequence[Any],
        *,
        moved: frozenset[int] | set[int] = frozenset(),
    ) -> None:
        """Give ``sheet`` these rows or columns; whatever hangs on the old ones follows, or goes with them."""
        old = [line.uid for line in self.lines(sheet, dimension)]
        new = {line.uid: position for position, line in enumerate(lines)}
        follow = _Follow(dimension, old, new, frozenset(moved))
        if dimension == "ROWS":
            sheet.rows = list(lines)
            sheet.frozen_rows = follow.frozen(sheet.frozen_rows)
        else:
            before = {uid: position for position, uid in enumerate(old)}
            sources = [before.get(line.uid) for line in lines]
            sheet.rows = [_rearranged(row, sources) for row in sheet.rows]
            sheet.columns = list(lines)
            sheet.frozen_columns = follow.frozen(sheet.frozen_columns)
        self._attached(sheet, follow)
        self._formulas(sheet, follow)

    def _attached(self, sheet: Sheet, follow: _Follow) -> None:
        sheet.merges = [box for each in sheet.merges if (box := follow.box(each))]
        sheet.protections = [replace(each, box=box) for each in sheet.protections if (box := follow.box(each.box))]
        if sheet.filter:
            box = follow.box(sheet.filter.box)
            hidden = tuple((at, values) for column, values in sheet.filter.hidden if (at := follow.column(column)) >= 0)
            sheet.filter = replace(sheet.filter, box=box, hidden=hidden) if box else None
        kept = [replace(rule, boxes=tuple(box for b in rule.boxes if (box := follow.box(b)))) for rule in sheet.rules]
        sheet.rules = [rule for rule in kept if rule.boxes]
        self.names = [
            replace(each, box=box) if each.sheet == sheet.id else each
            for each in self.names
            if (box := follow.box(each.box) if each.sheet == sheet.id else each.box)
        ]
        self.metadata = [
            each
            for each in self.metadata
            if (each.sheet, each.dimension) != (sheet.id, follow.dimension) or each.line in follow.new
        ]

    def _formulas(self, sheet: Sheet, follow: _Follow) -> None:
        for each in self.sheets:
            for row, column, cell in list(each.filled()):
                if isinstance(cell.entered, Formula):
                    text = formulas.follow(cell.entered.text, each is sheet, sheet.title, follow.place)
                    if text != cell.entered.text:
                        each.change(row, column, entered=Formula(text))


@dataclass(frozen=True)
class _Follow:
    """Where rows or columns went: the uids in their old order, and the new position of those that are left."""

    dimension: Dimension
    old: list[int]
    new: dict[int, int]
    moved: frozenset[int]

    def box(self, box: Box) -> Box | None:
        """The box around the same lines; None when none is left. Lines moved out of it do not stretch it."""
        rows = self.dimension == "ROWS"
        start, end = (box.top, box.bottom) if rows else (box.left, box.right)
        if start is None and end is None:
            return box
        members = self.old[start or 0 : end]
        positions = sorted(self.new[uid] for uid in members if uid in self.new)
        if positions and positions[-1] - positions[0] >= len(positions) and self.moved:
            positions = sorted(self.new[uid] for uid in members if uid in self.new and uid not in self.moved)
        if not positions:
            return None
        bounds = (positions[0] if start is not None else None), (positions[-1] + 1 if end is not None else None)
        return replace(box, top=bounds[0], bottom=bounds[1]) if rows else replace(box, left=bounds[0], right=bounds[1])

    def frozen(self, number: int) -> int:
        """Frozen lines stay frozen until they are deleted; what is inserted among them freezes too."""
        positions = [self.new[uid] for uid in self.old[:number] if uid in self.new and uid not in self.moved]
        return max(positions) + 1 if positions else 0

    def column(self, column: int) -> int:
        """The new position of a column; -1 when it is gone."""
        return self.new.get(self.old[column], -1) if self.dimension == "COLUMNS" else column

    def place(self, row: int, column: int) -> tuple[int, int] | None:
        """The new place of a cell, for references in formulas."""
        position = row if self.dimension == "ROWS" else column
        if position >= len(self.old):
            return row, column
        new = self.new.get(self.old[position])
        if new is None:
            return None
        return (new, column) if self.dimension == "ROWS" else (row, new)


def _rearranged(row: Row, sources: list[int | None]) -> Row:
    if not row.cells:
        return row
    cells = [EMPTY if source is None else row.at(source) for source in sources]
    while cells and cells[-1] is EMPTY:
        cells.pop()
    return replace(row, cells=tuple(cells))


def _looks(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Formats and validation of these cells, without their contents."""
    looks = (replace(cell, entered=None, note="") for cell in cells)
    return tuple(EMPTY if look.plain else replace(look, uid=new_uid()) for look in looks)
