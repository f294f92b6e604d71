"""Copies of tabs and of whole spreadsheets: same contents, identities of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes.google.grid import Sheet, Spreadsheet, new_uid


def twin(sheet: Sheet, **changes: Any) -> tuple[Sheet, dict[int, int]]:
    """A copy of a sheet in rows, columns and cells of its own; old uids of lines (and 0) to the new ones."""
    copy = replace(sheet.copy(), **changes)
    copy.rows = [
        replace(row, uid=new_uid(), cells=tuple(replace(cell, uid=new_uid() if cell.uid else 0) for cell in row.cells))
        for row in sheet.rows
    ]
    copy.columns = [replace(column, uid=new_uid()) for column in sheet.columns]
    twins = {0: 0}
    twins |= {line.uid: other.uid for line, other in zip(sheet.rows, copy.rows, strict=True)}
    twins |= {line.uid: other.uid for line, other in zip(sheet.columns, copy.columns, strict=True)}
    return copy, twins


def copied(document: Spreadsheet, new_id: str, title: str) -> Spreadsheet:
    """A copy of a whole spreadsheet: same contents and tab ids, same developer metadata."""
    copy = replace(document.copy(), id=new_id, title=title)
    lines: dict[int, int] = {}
    for position, sheet in enumerate(document.sheets):
        copy.sheets[position], twins = twin(sheet)
        lines |= twins
    copy.metadata = [replace(each, line=lines[each.line]) for each in document.metadata]
    return copy
