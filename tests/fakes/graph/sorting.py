"""Sorting and merging cells, and what follows a renamed tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.fakes.google.a1 import Block
from tests.fakes.google.formulas import Formula, Wrong
from tests.fakes.google.grid import Cell
from tests.fakes.graph import odata, ranges, refusals
from tests.fakes.graph.book import Book, Tab, Values
from tests.fakes.graph.requests import Request

_FIELD = {"ascending", "color", "dataOption", "key", "sortOn", "subField"}


def sort(book: Book, tab: Tab, block: Block, keys: Sequence[tuple[int, bool]]) -> None:
    """Sort the visible rows of a block by columns (position, descending): cells move, rows stay, blanks come last."""
    if any(block.touches(box) for box in tab.merges):
        raise refusals.invalid_argument()
    values = Values(book)
    rows = [row for row in range(block.top, min(block.bottom, len(tab.rows))) if not tab.row_hidden(row)]
    ranked = list(rows)
    for column, descending in reversed(keys):
        ranks = {row: _rank(values, tab, row, column) for row in ranked}
        filled = sorted((row for row in ranked if ranks[row]), key=lambda row: ranks[row], reverse=descending)
        ranked = filled + [row for row in ranked if not ranks[row]]
    contents = [[tab.cell(row, column) for column in range(block.left, block.right)] for row in ranked]
    for target, source, cells in zip(rows, ranked, contents, strict=True):
        tab.put_line(target, block.left, [_carried(cell, target - source) for cell in cells])


def _rank(values: Values, tab: Tab, row: int, column: int) -> tuple[Any, ...]:
    """Numbers, texts without regard to case, truth values, errors; blank is nothing."""
    value = values.effective(tab, row, column)
    if value is None:
        return ()
    if isinstance(value, bool):
        return (2, float(value), "")
    if isinstance(value, float):
        return (0, value, "")
    return (3, 0.0, value.type) if isinstance(value, Wrong) else (1, 0.0, value.casefold())


def _carried(cell: Cell, rows: int) -> Cell:
    """A cell moved by a sort: its formula points as far away as before."""
    return ranges.copied_down(cell, rows)


def apply(request: Request, tab: Tab, block: Block) -> None:
    """POST ``sort/apply`` on a range or the body of a table."""
    odata.properties(request.body, {"fields", "matchCase", "hasHeaders", "orientation", "method"}, "workbookRangeSort")
    fields = request.body.get("fields")
    if not isinstance(fields, list) or not fields:
        raise refusals.invalid_argument()
    keys = []
    for each in fields:
        odata.properties(each, _FIELD, "workbookSortField")
        if not isinstance(each.get("key"), int) or not 0 <= each["key"] < block.width:
            raise refusals.invalid_argument()
        keys.append((block.left + each["key"], not each.get("ascending", True)))
    ranges.guard(tab, block)
    top = block.top + bool(request.body.get("hasHeaders"))
    sort(request.visit.book, tab, replace(block, top=top), keys)
    request.visit.changed()


def merge(tab: Tab, block: Block) -> None:
    """Merge cells: what stood in all but the first is gone."""
    for row in range(block.top, block.bottom):
        for column in range(block.left, block.right):
            if (row, column) != (block.top, block.left) and tab.cell(row, column).entered is not None:
                tab.change(row, column, entered=None)
    tab.merges = [each for each in tab.merges if not each.touches(block)] + [block]


def renamed(book: Book, old: str, new: str) -> None:
    """Let formulas follow a tab's new name."""
    for tab in book.tabs:
        for row, column, cell in list(tab.filled()):
            if isinstance(cell.entered, Formula) and "!" in cell.entered.text:
                text = cell.entered.text
                for name in {ranges.quoted(old), old}:
                    text = text.replace(f"{name}!", f"{ranges.quoted(new)}!")
                if text != cell.entered.text:
                    tab.change(row, column, entered=Formula(text))
