"""Sorting a range: cells move, rows stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tests.fakes.google import formulas, refusals
from tests.fakes.google.a1 import Box
from tests.fakes.google.formulas import Formula
from tests.fakes.google.grid import Cell, Sheet


def sort(sheet: Sheet, area: Box, keys: Sequence[tuple[int, bool]], order: Callable[[Cell], tuple[Any, ...]]) -> None:
    """Sort the cells of ``area`` by columns (position, descending); whole cells move, rows stay, blanks come last."""
    block = sheet.clip(area)
    if any(block.touches(box) for box in sheet.merges):
        raise refusals.invalid("You can't sort a range with vertical merges. Unmerge the cells and try again.")
    rows = range(block.top, block.bottom)
    ranked = list(rows)
    for column, descending in reversed(list(keys)):
        filled = [row for row in ranked if sheet.cell(row, column).entered is not None]
        blank = [row for row in ranked if sheet.cell(row, column).entered is None]
        ranked = sorted(filled, key=partial(_rank, sheet, column, order), reverse=descending) + blank
    contents = [[sheet.cell(row, column) for column in range(block.left, block.right)] for row in ranked]
    for target, source, cells in zip(rows, ranked, contents, strict=True):
        if target == source:
            continue
        line = sheet.rows[target]
        whole = [line.at(column) for column in range(max(len(line.cells), block.right))]
        whole[block.left : block.right] = [_carried(cell, target - source) for cell in cells]
        sheet.rows[target] = replace(line, cells=tuple(whole))


def _rank(sheet: Sheet, column: int, order: Callable[[Cell], tuple[Any, ...]], row: int) -> tuple[Any, ...]:
    return order(sheet.cell(row, column))


def _carried(cell: Cell, rows: int) -> Cell:
    """A cell moved by a sort: its formula points as far away as before."""
    if isinstance(cell.entered, Formula):
        return replace(cell, entered=Formula(formulas.shifted(cell.entered.text, rows, 0)))
    return cell
