"""As few requests as it takes: what Graph's page on ranges says of ``null``, of shapes and of sizes."""

from __future__ import annotations

import time
from collections.abc import Collection

import pytest

from syncsvc.core.model import Cell, ErrorValue, Formula
from syncsvc.errors import TableError, TableLocked
from syncsvc.providers.a1 import Range
from syncsvc.providers.sharepoint.patcher import LARGEST, MOST, Put, boxes, put, put_new
from syncsvc.providers.sharepoint.sheet import Sheet, read_sheet

A, B, C, D, E = range(1, 6)


def sheet(*rows: list[object], formulas: list[list[object]] | None = None, code: str = "General") -> Sheet:
    """A tab from A1 on, with one number format."""
    values = [list(row) for row in rows]
    area = Range(1, 1, len(values), len(values[0]))
    return read_sheet(area, values, formulas or values, [[code] * len(row) for row in values])


def areas(puts: list[Put], *, hidden: bool = False, locked: Collection[tuple[int, int]] = ()) -> list[str]:
    return [str(box.area) for box in boxes(puts, "values", hidden=hidden, locked=locked)]


SCATTERED = [Put(2, A, "x", None), Put(5, C, 3.0, "General"), Put(9, B, True, None)]


def test_scattered_cells_are_one_request_with_null_between() -> None:
    """All arrive or none; null leaves a cell alone, an empty text empties it."""
    [box] = boxes([Put(2, A, "x", None), Put(3, C, "", None)], "values", hidden=False, locked=())

    assert str(box.area) == "A2:C3"
    assert box.body == {"values": [["x", None, None], [None, None, ""]]}
    assert areas(SCATTERED) == ["A2:C9"]


def test_formats_go_only_where_one_is_needed() -> None:
    """Number formats have requests of their own, for in which order one request applies them is nowhere said."""
    [box] = boxes(SCATTERED, "numberFormat", hidden=False, locked=())

    assert (str(box.area), box.body) == ("C5", {"numberFormat": [["General"]]})
    assert boxes([Put(2, A, "x", None)], "numberFormat", hidden=False, locked=()) == []


def test_under_a_filter_every_row_goes_alone() -> None:
    """A block over hidden rows is put into the rows that show (office-js #224)."""
    assert areas([*SCATTERED, Put(5, A, "y", None)], hidden=True) == ["A2", "A5:C5", "B9"]


def test_under_a_filter_the_table_waits_rather_than_write_for_minutes() -> None:
    puts = [Put(row, A, "x", None) for row in range(2, MOST + 3)]

    assert len(areas(puts[:-1], hidden=True)) == MOST
    with pytest.raises(TableLocked, match="ausgeblendet"):
        areas(puts, hidden=True)


def test_no_block_reaches_over_a_locked_cell() -> None:
    """One locked cell in a block refuses all of it, be it null."""
    assert areas(SCATTERED, locked={(1, E)}) == ["A2", "C5", "B9"]
    assert areas([Put(2, A, "x", None), Put(9, A, "y", None)], locked={(1, E)}) == ["A2:A9"]
    assert areas([Put(2, A, "x", None), Put(9, A, "y", None)], locked={(5, A)}) == ["A2", "A9"]


def test_a_request_stays_below_the_limit_and_rows_stay_whole() -> None:
    """Five megabytes; a new row's reference comes with its values."""
    puts = [Put(row, column, "x" * 30_000, None) for row in range(2, 202) for column in (A, B)]
    found = boxes(puts, "values", hidden=False, locked=())

    assert [each for box in found for each in box.puts] == puts
    assert 1 < len(found) <= 5
    assert all(box.area.left == A and box.area.right == B for box in found)
    assert all(len(str(box.body)) <= LARGEST for box in found)


@pytest.mark.parametrize("there", [Formula("=1+1", 2.0)])
def test_a_formula_that_was_read_is_not_written_over(there: Cell) -> None:
    found = sheet(["TN-Nr.", 2], formulas=[["TN-Nr.", "=1+1"]])

    assert found.cell(1, B) == there
    with pytest.raises(TableError):
        put(found, 1, B, "x")


def test_cells_are_put_with_the_format_they_need() -> None:
    found = sheet(["TN-Nr.", "Name"], ["BSP-0001-A", "Probe"])

    assert put(found, 2, B, "01067") == Put(2, B, "01067", "@")
    assert put(found, 2, B, None) == Put(2, B, "", None)
    assert put(found, 9, D, 3.0) == Put(9, D, 3.0, None)  # beyond the used range nothing is formatted
    with pytest.raises(TableError):
        put(found, 2, B, ErrorValue("#REF!"))


def test_a_new_row_says_its_formats_and_leaves_blanks_out() -> None:
    found = sheet(["TN-Nr.", 3], ["BSP-0001-A", 7], code="0.0")

    assert put_new(found, 3, {B: 7.5, A: "BSP-0002-8", C: None}, 2) == [
        Put(3, A, "BSP-0002-8", "@"),
        Put(3, B, 7.5, "0.0"),
    ]


def test_a_large_table_costs_well_under_a_second() -> None:
    """20,000 rows of 20 columns read, and one cell in a hundred patched."""
    values: list[list[object]] = [
        [f"Text {row}" if column % 2 else "" for column in range(20)] for row in range(20_000)
    ]
    codes = [["General"] * 20 for _ in range(20_000)]
    started = time.process_time()
    found = read_sheet(Range(1, 1, 20_000, 20), values, values, codes)
    puts = [put(found, row, 1 + row % 20, "neu 1") for row in range(5, 20_000, 5)]
    made = boxes(puts, "values", hidden=False, locked=())

    assert time.process_time() - started < 2.0  # some 0.4 s on the slow machine it was measured on
    assert len(made) == 1
