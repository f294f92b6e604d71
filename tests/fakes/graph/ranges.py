"""The range resource: reading a block of cells, and writing into it as the pages about Range and excel.md say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.fakes.google import a1, formulas
from tests.fakes.google.a1 import Block
from tests.fakes.google.formulas import Formula, Value, Wrong
from tests.fakes.google.grid import Cell
from tests.fakes.graph import display, entry, odata, refusals
from tests.fakes.graph.book import MAX_COLUMNS, MAX_ROWS, Tab, formatted, number_format, places
from tests.fakes.graph.visit import MAX_CELLS, Visit

GRIDS = ("values", "text", "formulas", "formulasLocal", "formulasR1C1", "numberFormat", "valueTypes")
WRITABLE = {"values", "formulas", "formulasLocal", "numberFormat", "columnHidden", "rowHidden"}
_READ_ONLY = {"address", "addressLocal", "cellCount", "columnCount", "columnIndex", "hidden", "rowCount", "rowIndex",
              "text", "valueTypes"}  # fmt: skip  # two lines
Json = dict[str, Any]


@dataclass(frozen=True)
class Range:
    """A block of cells on a tab; ``whole`` is "rows" or "columns" for an unbounded one."""

    tab: Tab
    block: Block
    whole: str = ""

    @property
    def cells(self) -> str:
        block = self.block
        if self.whole == "columns":
            return f"{a1.letters(block.left)}:{a1.letters(block.right - 1)}"
        if self.whole == "rows":
            return f"{block.top + 1}:{block.bottom}"
        first, last = _cell(block.top, block.left), _cell(block.bottom - 1, block.right - 1)
        return first if first == last else f"{first}:{last}"

    @property
    def address(self) -> str:
        return f"{quoted(self.tab.title)}!{self.cells}"

    @property
    def size(self) -> int:
        return self.block.height * self.block.width


def quoted(title: str) -> str:
    """A tab's name as addresses write it: in quotes when it has blanks or signs, or looks like a cell."""
    plain = re.fullmatch(r"[^\W\d]\w*", title) and not re.fullmatch(r"[A-Za-z]{1,3}\d+|[RrCc]\d*", title)
    return title if plain else "'" + title.replace("'", "''") + "'"


def parse(visit: Visit, tab: Tab, address: str) -> Range:
    """``B2``, ``A1:C3``, ``Tab!A1``, ``A:C``, ``2:5`` or a defined name."""
    title, cells = a1.split(address)
    if title is not None and title.casefold() != tab.title.casefold():
        raise refusals.invalid_argument()
    box = a1.box(cells or "")
    if box is None:
        text = visit.book.defined.get(address)
        if text is None:
            raise refusals.invalid_argument()
        return parse(visit, tab, text.replace("$", ""))
    block = box.clipped(MAX_ROWS, MAX_COLUMNS)
    if block.height < 1 or block.width < 1 or (box.bottom or 0) > MAX_ROWS or (box.right or 0) > MAX_COLUMNS:
        raise refusals.invalid_argument()
    if box.top is None:
        return Range(tab, block, "columns")
    if box.left is None:
        return Range(tab, block, "rows")
    if box.bottom is None or box.right is None:
        raise refusals.invalid_argument()
    return Range(tab, block)


def resource(visit: Visit, area: Range, query: odata.Query) -> Json:
    """The range with its selected properties; only those are computed."""
    block, tab = area.block, area.tab
    columns_hidden = _all_or_none([tab.column_hidden(each) for each in range(block.left, block.right)])
    rows_hidden = _all_or_none(
        [tab.row_hidden(each) for each in range(block.top, min(block.bottom, block.top + 100_000))]
    )
    found: Json = {
        "@odata.context": f"{visit.context}#workbookRange",
        "@odata.type": "#microsoft.graph.workbookRange",
        "address": area.address,
        "addressLocal": area.address,
        "columnCount": block.width,
        "cellCount": area.size if area.size <= 2_147_483_647 else -1,
        "columnHidden": columns_hidden,
        "rowHidden": rows_hidden,
        "hidden": columns_hidden is True or rows_hidden is True,
        "rowCount": block.height,
        "columnIndex": block.left,
        "rowIndex": block.top,
    }
    wanted = set(query.select) if query.select is not None else set(GRIDS)
    unknown = area.whole or area.size > visit.quirks.null_above
    if not unknown and area.size > MAX_CELLS and wanted & set(GRIDS):
        raise refusals.range_too_large()
    for name in GRIDS:
        found[name] = None if unknown or name not in wanted else _grid(visit, area, _READERS[name])
    if not unknown and wanted & {"values", "text", "formulas", "formulasLocal", "formulasR1C1"}:
        visit.shown |= {cell.uid for cell in _cells(area) if cell.uid}
    return query.shown(found, type_="workbookRange")


def _grid(visit: Visit, area: Range, read: Callable[[Visit, Tab, int, int], Any]) -> list[list[Any]]:
    block = area.block
    return [
        [read(visit, area.tab, row, column) for column in range(block.left, block.right)]
        for row in range(block.top, block.bottom)
    ]


def _cells(area: Range) -> list[Cell]:
    return [area.tab.cell(row, column) for row, column in places(area.block)]


def value(visit: Visit, tab: Tab, row: int, column: int) -> Any:
    """Blank cells are empty texts, errors their names, whole numbers without a fraction."""
    return _plain(visit.values.effective(tab, row, column))


def _plain(found: Value) -> Any:
    if isinstance(found, Wrong):
        return found.shown
    if isinstance(found, float) and not isinstance(found, bool) and found.is_integer() and abs(found) < 1e15:
        return int(found)
    return "" if found is None else found


def _text(visit: Visit, tab: Tab, row: int, column: int) -> str:
    return display.text(visit.values.effective(tab, row, column), number_format(tab.cell(row, column)))


def _formula(visit: Visit, tab: Tab, row: int, column: int) -> Any:
    entered = tab.cell(row, column).entered
    return entered.text if isinstance(entered, Formula) else _plain(entered)


def _format(visit: Visit, tab: Tab, row: int, column: int) -> str:
    return number_format(tab.cell(row, column))


def _type(visit: Visit, tab: Tab, row: int, column: int) -> str:
    found = visit.values.effective(tab, row, column)
    if found is None:
        return "Empty"
    if isinstance(found, Wrong):
        return "Error"
    return {bool: "Boolean", float: "Double", str: "String"}[type(found)]


_READERS: dict[str, Callable[[Visit, Tab, int, int], Any]] = {
    "values": value,
    "text": _text,
    "formulas": _formula,
    "formulasLocal": _formula,
    "formulasR1C1": _formula,
    "numberFormat": _format,
    "valueTypes": _type,
}


def update(visit: Visit, area: Range, body: Json) -> None:
    """PATCH. With values and formats in one body the values come first, the harder of two undocumented orders."""
    odata.properties(body, WRITABLE, "workbookRange", _READ_ONLY)
    if not body:
        raise refusals.invalid_argument()
    for name in ("values", "formulas", "formulasLocal", "numberFormat"):
        if name in body:
            _update_grid(visit, area, name, body[name])
    if "columnHidden" in body:
        _hide(body["columnHidden"], area.tab.hide_column, area.block.left, area.block.right, area.whole == "rows")
    if "rowHidden" in body:
        _hide(body["rowHidden"], area.tab.hide_row, area.block.top, area.block.bottom, area.whole == "columns")
    visit.changed()


def _hide(hidden: Any, hide: Any, start: int, end: int, endless: bool) -> None:
    if not isinstance(hidden, bool) or endless:
        raise refusals.invalid_argument()
    for at in range(start, end):
        hide(at, hidden=hidden)


def _update_grid(visit: Visit, area: Range, name: str, given: Any) -> None:
    grid = shaped(given, area.block.height, area.block.width)
    if area.whole:
        raise refusals.invalid_argument("Setting cell properties on an unbounded range is not allowed.")
    if not (name == "numberFormat" and "allowFormatCells" in area.tab.allowed):
        guard(area.tab, area.block)
    for row, column in places(area.block):
        content = grid(row - area.block.top, column - area.block.left)
        if content is None or area.tab.covered(row, column):  # what goes behind the corner of a merge is not kept
            continue
        if visit.quirks.filtered_writes_lost and area.tab.row_hidden(row):
            continue
        if visit.quirks.filtered_writes_misplaced:
            row = _visible(area.tab, area.block.top, row)  # this is where it lands
        cell = area.tab.cell(row, column)
        if name == "numberFormat":
            if not isinstance(content, str):
                raise refusals.invalid_argument()
            area.tab.put(row, column, formatted(cell, content))
        else:
            area.tab.put(row, column, written(visit, cell, content))


def _visible(tab: Tab, top: int, row: int) -> int:
    """The visible row that the so-manieth row of a write from ``top`` falls into."""
    left = row - top
    at = top
    while tab.row_hidden(at) or left:
        left -= not tab.row_hidden(at)
        at += 1
    return at


def shaped(given: Any, height: int, width: int) -> Callable[[int, int], Any]:
    """Exactly the range's shape as a 2-D array, or one scalar for all; a function of row and column."""
    if isinstance(given, str | int | float | bool):
        return lambda row, column: given
    if not isinstance(given, list) or not all(isinstance(line, list) for line in given):
        raise refusals.invalid_argument()
    if len(given) != height or any(len(line) != width for line in given):
        raise refusals.invalid_argument(refusals.SHAPE)
    if any(isinstance(each, list | dict) for line in given for each in line):
        raise refusals.invalid_argument()
    return lambda row, column: given[row][column]


def written(visit: Visit, cell: Cell, content: Any) -> Cell:
    """The cell after the API put ``content`` into it: strings are typed, numbers in text cells become text."""
    look = {name: each for name, each in cell.format.items() if name != "quotePrefix"}
    code = number_format(cell)
    if isinstance(content, bool):
        return replace(cell, entered=content, format=look)
    if isinstance(content, int | float):
        number = float(f"{content:.15g}")
        return replace(cell, entered=f"{number:.15g}" if code == "@" else number, format=look)
    typed = entry.typed(content, code, entry.ENGLISH, visit.today)
    return taken(replace(cell, format=look), typed)


def taken(cell: Cell, typed: entry.Typed) -> Cell:
    """The cell with what was typed; the format it brings is for General cells only."""
    look = dict(cell.format)
    look.pop("quotePrefix", None)
    if typed.quoted:
        look["quotePrefix"] = True
    result = replace(cell, entered=typed.entered, format=look)
    return formatted(result, typed.format) if typed.format and number_format(cell) == "General" else result


def guard(tab: Tab, block: Block) -> None:
    """Refuse a change of locked cells on a protected tab, all of it."""
    if tab.protected and not all(tab.cell(row, column).format.get("unlocked") for row, column in places(block)):
        raise refusals.locked_cells()


def clear(visit: Visit, area: Range, what: str) -> None:
    """Contents, formats or both."""
    guard(area.tab, _used(area))
    for row, column in places(_used(area)):
        cell = area.tab.cell(row, column)
        if what in {"All", "Contents"}:
            cell = replace(cell, entered=None)
        if what in {"All", "Formats"}:
            cell = replace(cell, format={})
        area.tab.put(row, column, cell)
    visit.changed()


def _used(area: Range) -> Block:
    block = area.block
    return replace(block, bottom=min(block.bottom, len(area.tab.rows)), right=min(block.right, len(area.tab.columns)))


def _all_or_none(hidden: list[bool]) -> bool | None:
    """True or False when all agree, null when mixed."""
    return hidden[0] if len(set(hidden)) == 1 else None


def _cell(row: int, column: int) -> str:
    return f"{a1.letters(column)}{row + 1}"


def copied_down(cell: Cell, rows: int) -> Cell:
    """The cell's content as a calculated column fills it so many rows further down."""
    if isinstance(cell.entered, Formula):
        return replace(cell, entered=Formula(formulas.shifted(cell.entered.text, rows, 0)))
    return cell
