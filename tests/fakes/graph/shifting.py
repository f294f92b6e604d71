"""Inserting and deleting cells: the others make room or close up, and no table is cut through."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.google.a1 import Block
from tests.fakes.graph import refusals
from tests.fakes.graph.book import MAX_COLUMNS, MAX_ROWS, Tab, Table, places
from tests.fakes.graph.ranges import Range, guard
from tests.fakes.graph.visit import Visit


def insert(visit: Visit, area: Range, shift: str) -> Range:
    """POST ``insert``: blank cells in place of the range."""
    tab, block, book = area.tab, area.block, visit.book
    if f"allowInsert{area.whole.title()}" not in tab.allowed:
        guard(tab, replace(block, bottom=min(block.bottom, block.top + 1)))
    if area.whole == "rows" and shift == "Down":
        _refuse_filtered(visit, tab, block)
        book.insert(tab, "ROWS", block.top, block.height, like=block.top - 1 if block.top else None)
    elif area.whole == "columns" and shift == "Right":
        book.insert(tab, "COLUMNS", block.left, block.width, like=block.left - 1 if block.left else None)
    elif shift == "Down":
        strip = replace(block, bottom=MAX_ROWS)
        grown = _inside(visit, tab, strip)
        book.shift(tab, strip, block.height, 0)
        for table in grown:
            book.replace_table(table, box=replace(table.box, bottom=table.box.bottom + block.height))
    elif shift == "Right":
        strip = replace(block, right=MAX_COLUMNS)
        if _touching(visit, tab, strip):
            raise refusals.insert_delete_conflict()
        book.shift(tab, strip, 0, block.width)
    else:
        raise refusals.invalid_argument()
    visit.changed()
    return area


def delete(visit: Visit, area: Range, shift: str) -> None:
    """POST ``delete``: the cells below or to the right close the gap."""
    tab, block, book = area.tab, area.block, visit.book
    guard(tab, replace(block, bottom=min(block.bottom, len(tab.rows)), right=min(block.right, len(tab.columns))))
    _refuse_filtered(visit, tab, block)
    if area.whole == "rows" and shift == "Up":
        book.delete(tab, "ROWS", block.top, block.bottom)
    elif area.whole == "columns" and shift == "Left":
        book.delete(tab, "COLUMNS", block.left, block.right)
    elif shift == "Up":
        shrunk = _inside(visit, tab, replace(block, bottom=MAX_ROWS))
        _lose(visit, tab, block)
        book.shift(tab, replace(block, top=block.bottom, bottom=MAX_ROWS), -block.height, 0)
        for table in shrunk:
            left = max(table.box.bottom - block.height, table.box.top + 2 + table.totals)
            book.replace_table(table, box=replace(table.box, bottom=left))
    elif shift == "Left":
        if _touching(visit, tab, replace(block, right=MAX_COLUMNS)):
            raise refusals.insert_delete_conflict()
        _lose(visit, tab, block)
        book.shift(tab, replace(block, left=block.right, right=MAX_COLUMNS), 0, -block.width)
    else:
        raise refusals.invalid_argument()
    visit.changed()


def _lose(visit: Visit, tab: Tab, block: Block) -> None:
    for row, column in places(replace(block, bottom=min(block.bottom, len(tab.rows)))):
        tab.remove(row, column)
    visit.book.follow(tab, lambda row, column: None if block.holds(row, column) else (row, column))


def _inside(visit: Visit, tab: Tab, strip: Block) -> list[Table]:
    """The tables that a strip of cells enters below their headers; refused where it cuts one lengthways."""
    entered = []
    for table in _touching(visit, tab, strip):
        box = table.box
        if strip.left > box.left or strip.right < box.right:
            raise refusals.insert_delete_conflict()
        if strip.top > box.top:
            entered.append(table)
    return entered


def _touching(visit: Visit, tab: Tab, block: Block) -> list[Table]:
    return [each for each in visit.book.tables if each.tab == tab.id and each.box.touches(block)]


def _refuse_filtered(visit: Visit, tab: Tab, block: Block) -> None:
    """Rows of a filtered table or range cannot be deleted through the API."""
    if any(each.filters for each in _touching(visit, tab, block)):
        raise refusals.filtered_range_conflict()
    if tab.filter and tab.filter.hidden and tab.filter.box.touches(block):
        raise refusals.filtered_range_conflict()
