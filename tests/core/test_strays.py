"""What a write by position left beside its columns, as a later look shows it."""

from __future__ import annotations

from datetime import date

from syncsvc.core.model import Cell, CellWrite, RowAppend, SheetRow, Snapshot
from syncsvc.core.strays import Look, forms, stray_cells, stray_rows

HEADER: tuple[Cell, ...] = ("TN-Nr.", "Merker", "Eintritt", "Notiz")
ADA: tuple[Cell, ...] = ("BSP-0139-A", "gelb", date(2024, 6, 17), "montags")
LEA = RowAppend("BSP-0140-P", {1: "BSP-0140-P", 3: date(2025, 5, 6), 4: "neu"})


def look(*rows: tuple[Cell, ...], ref_column: int = 1) -> Look:
    cells = [SheetRow(number, row) for number, row in enumerate(rows, start=1)]
    return Look(Snapshot("1", len(rows[0]), tuple(cells)), 1, ref_column)


def put(before: Look, column: int, new: Cell) -> list[tuple[Look, CellWrite]]:
    return [(before, CellWrite("BSP-0139-A", 2, column, None, new))]


def changes(cells: tuple[CellWrite, ...]) -> dict[tuple[int, int], Cell]:
    return {(cell.row, cell.column): cell.new for cell in cells}


def test_a_column_inserted_meanwhile_is_blanked_again() -> None:
    before = look(HEADER, ADA)
    after = look((*HEADER[:3], None, "Notiz"), (*ADA[:3], "dienstags", "montags"))

    assert changes(stray_cells(before, after, put(before, 4, "dienstags"), {3, 5})) == {(2, 4): None}


def test_a_column_of_people_gets_back_what_stood_there() -> None:
    """Our day landed in a column that shows days as numbers."""
    before = look(HEADER, ADA)
    after = look((None, *HEADER), (None, "BSP-0139-A", 45931.0, *ADA[2:]), ref_column=2)

    assert changes(stray_cells(before, after, put(before, 3, date(2025, 10, 1)), {4, 5})) == {(2, 3): "gelb"}


def test_what_people_typed_into_the_inserted_column_stays() -> None:
    before = look(HEADER, ADA)
    after = look((*HEADER[:3], None, "Notiz"), (*ADA[:3], "von Hand", "montags"))

    assert stray_cells(before, after, put(before, 4, "dienstags"), {3, 5}) == ()


def test_nothing_is_stray_where_no_column_moved() -> None:
    before = look(HEADER, ADA)
    after = look(HEADER, (*ADA[:3], "dienstags"))

    assert stray_cells(before, after, put(before, 4, "dienstags"), set()) == ()


def test_an_added_row_is_put_into_the_columns_of_now() -> None:
    """Found by its reference, wherever that stands; it is not added again."""
    after = look((None, *HEADER), (None, *ADA), ("BSP-0140-P", None, date(2025, 5, 6), "neu", None), ref_column=2)

    wanted = {(3, 1): None, (3, 2): "BSP-0140-P", (3, 3): None, (3, 4): date(2025, 5, 6), (3, 5): "neu"}
    assert changes(stray_rows(after, [LEA], {1: 2, 3: 4, 4: 5})) == wanted


def test_an_added_row_that_stands_right_is_left_alone() -> None:
    after = look(HEADER, ADA, ("BSP-0140-P", None, date(2025, 5, 6), "neu"))

    assert stray_rows(after, [LEA], {1: 1, 3: 3, 4: 4}) == ()


def test_an_added_row_keeps_what_stands_under_a_header_that_was_renamed() -> None:
    after = look((*HEADER[:3], "Bemerkung"), ADA, ("BSP-0140-P", None, date(2025, 5, 6), "neu"))

    assert stray_rows(after, [LEA], {1: 1, 3: 3}) == ()


def test_an_added_row_somebody_works_in_is_left_alone() -> None:
    after = look((None, *HEADER), ("BSP-0140-P", "grün", date(2025, 5, 6), "neu", None), ref_column=2)

    assert stray_rows(after, [LEA], {1: 2, 3: 4, 4: 5}) == ()


def test_a_day_and_its_number_are_two_forms_of_one_value() -> None:
    """Serial numbers count the days from 30 December 1899; a cell of text shows either as one."""
    assert forms(date(2025, 3, 15)) == {date(2025, 3, 15), 45731.0, "45731"}
    assert forms(45731.0) == {date(2025, 3, 15), 45731.0, "45731"}
    assert forms("45731") == {"45731"}
    assert forms(12.5) == {12.5, "12.5"}
