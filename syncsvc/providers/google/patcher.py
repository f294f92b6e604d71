"""From a patch to the requests of one ``batchUpdate``: literal cells at their places, new rows inserted.

New rows are inserted below the last one rather than written into the empty ones there: a row that somebody types at the
end meanwhile is pushed down instead of being written over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from syncsvc.core.model import Cell, Covered, Formula, Patch
from syncsvc.errors import TableError, TableReadOnly
from syncsvc.providers.google.cells import needed_format, written
from syncsvc.providers.google.sheet import Sheet

Request = dict[str, Any]


@dataclass(slots=True)
class _Put:
    """One cell to put: its ``CellData`` and the mask of what that sets."""

    row: int
    column: int
    data: dict[str, Any]
    fields: str


def patch_requests(sheet: Sheet, patch: Patch) -> list[Request]:
    """The requests that carry out the patch on the sheet as it was read, in order; all apply or none does.

    Raises ``TableError`` for what must not or cannot be written.
    """
    last = max(len(sheet.cells), patch.header_row)
    # Rows cannot be inserted through a protected range; the empty ones below are used where there is one.
    insert = bool(patch.appends) and not sheet.protections and last < sheet.row_count
    writes = [_put(sheet, write.row, write.column, write.new) for write in patch.writes]
    new = [
        _put(sheet, number, column, cell, above=last if insert else None)
        for number, append in enumerate(patch.appends, last + 1)
        for column, cell in sorted(append.cells.items())
        if cell is not None
    ]
    requests = _grow(sheet, [*writes, *new], last + len(patch.appends), insert=insert)
    requests += _updates(sheet, writes)
    if insert:
        requests.append(
            {
                "insertDimension": {
                    "range": {
                        "sheetId": sheet.sheet_id,
                        "dimension": "ROWS",
                        "startIndex": last,
                        "endIndex": last + len(patch.appends),
                    },
                    # A row of people, not the header, is what new rows should look like.
                    "inheritFromBefore": last > patch.header_row,
                }
            }
        )
    return requests + list(_updates(sheet, new))


def _put(sheet: Sheet, row: int, column: int, cell: Cell, above: int | None = None) -> _Put:
    """``above``: the row below which the cell's new row is inserted. Which formats that inherits is not relied upon."""
    if isinstance(sheet.cell(row, column), Formula | Covered):
        raise TableError("Über eine Formel oder verbundene Zelle schreibt der Dienst nicht.")
    if sheet.is_locked(row, column):
        raise TableReadOnly("Ein Bereich der Tabelle ist gegen Änderungen durch den Dienst geschützt.")
    value, form = written(cell), needed_format(cell, sheet.kind(above or row, column))
    if above is not None and form is None:
        form = needed_format(cell, "")
    data: dict[str, Any] = {"userEnteredValue": value} if value else {}
    if form is None:
        return _Put(row, column, data, "userEnteredValue")
    if form:
        data["userEnteredFormat"] = {"numberFormat": form}
    return _Put(row, column, data, "userEnteredValue,userEnteredFormat.numberFormat")


def _grow(sheet: Sheet, puts: Iterable[_Put], last: int, *, insert: bool) -> list[Request]:
    """Rows and columns the grid lacks; a write beyond it would be refused."""
    puts = list(puts)
    rows = 0 if insert else max([last if puts else 0, *(put.row for put in puts)]) - sheet.row_count
    columns = max([0, *(put.column for put in puts)]) - sheet.column_count
    return [
        {"appendDimension": {"sheetId": sheet.sheet_id, "dimension": dimension, "length": length}}
        for dimension, length in (("ROWS", rows), ("COLUMNS", columns))
        if length > 0
    ]


def _updates(sheet: Sheet, puts: Iterable[_Put]) -> list[Request]:
    """One ``updateCells`` for each block of adjacent cells that set the same."""
    return [
        {
            "updateCells": {
                "start": {
                    "sheetId": sheet.sheet_id,
                    "rowIndex": block[0][0].row - 1,
                    "columnIndex": block[0][0].column - 1,
                },
                "rows": [{"values": [put.data for put in line]} for line in block],
                "fields": block[0][0].fields,
            }
        }
        for block in _blocks(puts)
    ]


def _blocks(puts: Iterable[_Put]) -> list[list[list[_Put]]]:
    """Lines of adjacent cells, lines of the same columns in adjacent rows put together."""
    blocks: dict[tuple[int, int, str, int], list[list[_Put]]] = {}
    for line in _lines(puts):
        first = line[0]
        block = blocks.pop((first.column, len(line), first.fields, first.row - 1), [])
        block.append(line)
        blocks[first.column, len(line), first.fields, first.row] = block
    return list(blocks.values())


def _lines(puts: Iterable[_Put]) -> Iterator[list[_Put]]:
    line: list[_Put] = []
    for put in sorted(puts, key=lambda put: (put.row, put.column)):
        if line and (put.row, put.column, put.fields) == (line[-1].row, line[-1].column + 1, line[0].fields):
            line.append(put)
            continue
        if line:
            yield line
        line = [put]
    if line:
        yield line
