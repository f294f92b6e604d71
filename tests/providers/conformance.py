"""The suite every provider passes: the text of ports/tables.py, as tests.

A provider's test file is a class line and a fixture ``bench``: a small table at that provider, which the suite edits as
people do, and reads back without the provider's own code.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Protocol
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncsvc.core.model import BLANK, Cell, CellWrite, Formula, Logical, Patch, RowAppend, Snapshot
from syncsvc.errors import LeaseLost, TableMoved, TableNotFound
from syncsvc.ports.tables import Landed, Table

Rows = list[list[Cell]]


class Bench(Protocol):
    """One table at a provider, and the people who edit it. Rows and columns count from 1."""

    conditional: bool
    """A write onto a moved version raises ``TableMoved``."""
    knows_landed: bool
    """The provider can tell that a write did not arrive."""
    digits: int
    """How many digits of a number the platform keeps; 17 are all there are."""

    def make(self, rows: Rows) -> None:
        """Put a table with exactly these cells in place, text as text, days as real dates."""
        ...

    def open(self) -> Table:
        """The table through the provider, as a run opens it."""
        ...

    def cells(self) -> Rows:
        """The cells as another program reads them, without blank cells and rows at the end."""
        ...

    def set(self, row: int, column: int, value: Cell) -> None: ...
    def insert_row(self, at: int, *cells: Cell) -> None: ...
    def delete_row(self, at: int) -> None: ...
    def copy_row(self, source: int, at: int) -> None: ...
    def insert_column(self, at: int, *cells: Cell) -> None: ...
    def sort(self, column: int) -> None:
        """Sort the rows below the header, blanks last."""
        ...

    def remove(self) -> None:
        """Delete the whole table."""
        ...


HEADER: list[Cell] = ["TN-Nr.", "Name", "Eintritt", "Stunden", "Aktiv", "Hinweis"]
KATYA: list[Cell] = ["BSP-0001-A", "Probe, Katya", date(2026, 3, 1), 12.0, Logical.TRUE]
AMINA: list[Cell] = ["BSP-0002-8", "Muster, Amina", date(2026, 4, 15), 7.5, Logical.FALSE, "fehlt noch"]
OLENA: list[Cell] = ["BSP-0003-6", "Beispiel, Olena"]

TEXTS = {
    "postcode": "01067",
    "formula": "=1+1",
    "telephone": "+49 30",
    "looks like scientific notation": "123E000004",
    "minus": "-",
    "at": "@x",
    "tab first": "\tx",
    "apostrophe first": "'x",
    "looks like a date": "1.2.26",
    "month and year": "Mai 26",
    "looks like ISO": "2026-02-01",
    "looks like a fraction": "3/4",
    "looks like a percentage": "12 %",
    "looks like a truth value": "WAHR",
    "looks like an error": "#NV",
    "emoji": "Grüße 👩‍👧 🇺🇦",
    "other scripts": "Олена أمينة 李",
    "decomposed umlaut": "Mu\u0308ller",
    "lines": "erste Zeile\nzweite Zeile\n",
    "blanks around": "  x  ",
    "only a blank": " ",
    "no-break and zero-width blanks": "a\u00a0b\u200bc",
    "looks like an escape": "_x0041_",
    "markup": '<b>&amp; "x" ]]>',
    "hyperlink formula": '=HYPERLINK("https://programm.example";"x")',
    "as long as a cell can be": "ü" * 32_767,
}

TYPED = st.characters(exclude_categories=["Cc", "Cs", "Cn"], include_characters="\n\t")

VALUES: dict[str, Cell] = {
    "day": date(2026, 2, 28),
    "day before the leap day that never was": date(1900, 2, 28),
    "day long ago": date(1931, 12, 24),
    "leap day": date(2024, 2, 29),
    "moment": datetime.combine(date(2026, 3, 29), time(2, 30)),
    "whole number": 3.0,
    "number no decimal can hold": 0.1 + 0.2,
    "large number": 1e15,
    "small number": 1e-9,
    "negative number": -17.25,
    "zero": 0.0,
    "true": Logical.TRUE,
    "false": Logical.FALSE,
    "blank": BLANK,
}

EDITS: dict[str, Callable[[Bench], None]] = {
    "typed": lambda bench: bench.set(2, 6, "neu"),
    "emptied": lambda bench: bench.set(3, 6, BLANK),
    "row inserted": lambda bench: bench.insert_row(2, "BSP-0004-4"),
    "row deleted": lambda bench: bench.delete_row(3),
    "row copied": lambda bench: bench.copy_row(2, 3),
    "column inserted": lambda bench: bench.insert_column(1, "Nr."),
    "sorted": lambda bench: bench.sort(2),
}


def patch(snapshot: Snapshot, *writes: tuple[int, int, Cell], appends: tuple[dict[int, Cell], ...] = ()) -> Patch:
    """A patch for these cells, made from the snapshot as the engine would."""

    def write(row: int, column: int, new: Cell) -> CellWrite:
        inside = row <= len(snapshot.rows) and column <= snapshot.width
        ref = snapshot.rows[row - 1].cells[0] if row <= len(snapshot.rows) else None
        old = snapshot.rows[row - 1].cells[column - 1] if inside else BLANK
        return CellWrite(ref if isinstance(ref, str) else None, row, column, old, new)

    return Patch(
        token=uuid4().hex,
        version=snapshot.version,
        header_row=1,
        ref_column=1,
        writes=tuple(write(*cell) for cell in writes),
        appends=tuple(RowAppend(str(cells.get(1, "")), cells) for cells in appends),
    )


def grid(snapshot: Snapshot) -> Rows:
    """The snapshot's cells without the blanks at the ends of rows."""
    rows = [list(row.cells) for row in snapshot.rows]
    for row in rows:
        while row and row[-1] is BLANK:
            row.pop()
    return rows


class ConformanceSuite:
    """Inherit and provide the fixture ``bench``; the table HEADER, KATYA, AMINA, OLENA is made before each test."""

    @pytest.fixture(autouse=True)
    def _table(self, bench: Bench) -> None:
        bench.make([HEADER, KATYA, AMINA, OLENA])

    # Reading

    def test_reads_every_cell_with_its_type(self, bench: Bench) -> None:
        """Text, days, numbers, truth values and blanks come back as what they are."""
        assert grid(bench.open().read()) == [HEADER, KATYA, AMINA, OLENA]

    def test_rows_are_numbered_from_one_and_padded_to_the_width(self, bench: Bench) -> None:
        bench.set(6, 1, "BSP-0006-1")
        snapshot = bench.open().read()

        assert [row.number for row in snapshot.rows] == [1, 2, 3, 4, 5, 6]
        assert {len(row.cells) for row in snapshot.rows} == {snapshot.width} == {6}
        assert set(snapshot.rows[4].cells) == {BLANK}

    def test_an_empty_table_has_no_rows(self, bench: Bench) -> None:
        bench.make([])

        assert bench.open().read().rows == ()

    def test_a_snapshot_ends_at_the_last_row_with_content(self, bench: Bench) -> None:
        bench.set(9, 2, "bald wieder weg")
        bench.set(9, 2, BLANK)

        assert len(bench.open().read().rows) == 4

    def test_a_formula_is_no_text(self, bench: Bench) -> None:
        bench.set(4, 4, Formula("=D2+D3", None))
        cell = bench.open().read().rows[3].cells[3]

        assert isinstance(cell, Formula)
        assert cell.text == "=D2+D3"

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
    def test_text_that_people_typed_is_read_as_text(self, bench: Bench, text: str) -> None:
        bench.set(2, 6, text)

        assert bench.open().read().rows[1].cells[5] == text

    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
    def test_reads_what_people_did(self, bench: Bench, edit: Callable[[Bench], None]) -> None:
        """After any edit the provider reads what another program reads."""
        edit(bench)

        assert grid(bench.open().read()) == bench.cells()

    # Versions

    def test_the_version_stays_while_nothing_changes(self, bench: Bench) -> None:
        table = bench.open()

        assert table.version() == table.read().version == table.version() == bench.open().read().version

    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
    def test_the_version_changes_with_every_edit(self, bench: Bench, edit: Callable[[Bench], None]) -> None:
        table = bench.open()
        before = table.version()
        edit(bench)

        assert table.version() != before

    def test_the_version_changes_with_our_write(self, bench: Bench) -> None:
        table = bench.open()
        snapshot = table.read()
        table.write(patch(snapshot, (2, 6, "neu")))

        assert table.version() != snapshot.version

    def test_asking_for_the_version_costs_one_metadata_request(self, bench: Bench) -> None:
        table = bench.open()
        table.version()

        assert (table.requests.meta, table.requests.read, table.requests.write) == (1, 0, 0)

    # Writing

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
    def test_text_stays_text(self, bench: Bench, text: str) -> None:
        """What we write as text is that very text for us and for other programs, whatever it looks like."""
        table = bench.open()
        table.write(patch(table.read(), (2, 6, text)))

        assert bench.cells()[1][5] == text
        assert bench.open().read().rows[1].cells[5] == text

    @pytest.mark.parametrize("column", range(1, 7))
    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
    def test_a_value_keeps_its_type_in_every_column(self, bench: Bench, value: Cell, column: int) -> None:
        """Also where the cell held, and was formatted for, another type."""
        table = bench.open()
        table.write(patch(table.read(), (3, column, value)))

        expected = list(AMINA)
        expected[column - 1] = float(f"{value:.{bench.digits}g}") if isinstance(value, float) else value
        while expected[-1] is BLANK:
            expected.pop()
        assert bench.cells()[2] == expected
        assert grid(bench.open().read())[2] == expected

    def test_any_text_stays_text(self, bench: Bench) -> None:
        """Whatever people can type, in any script."""

        @settings(max_examples=10, deadline=None)
        @given(st.lists(st.text(TYPED, min_size=1)))
        def stays(texts: list[str]) -> None:
            bench.make([HEADER])
            table = bench.open()
            table.write(patch(table.read(), *((row, 6, text) for row, text in enumerate(texts, 2))))

            assert [row.cells[5] for row in table.read().rows[1:]] == texts

        stays()

    def test_only_the_patched_cells_differ(self, bench: Bench) -> None:
        before = bench.cells()
        table = bench.open()
        table.write(patch(table.read(), (2, 6, "bitte prüfen"), (4, 3, date(2026, 5, 1))))

        expected = [list(row) for row in before]
        expected[1].append("bitte prüfen")
        expected[3].append(date(2026, 5, 1))
        assert bench.cells() == expected

    def test_a_cell_can_be_emptied(self, bench: Bench) -> None:
        table = bench.open()
        table.write(patch(table.read(), (3, 6, BLANK)))

        assert bench.cells()[2] == AMINA[:5]

    def test_a_cell_beyond_the_used_columns_can_be_written(self, bench: Bench) -> None:
        table = bench.open()
        table.write(patch(table.read(), (2, 9, "daneben")))

        assert bench.cells()[1] == [*KATYA, BLANK, BLANK, BLANK, "daneben"]
        assert table.read().width == 9

    def test_appended_rows_follow_the_last_row_with_content(self, bench: Bench) -> None:
        bench.set(7, 2, "bald wieder weg")
        bench.set(7, 2, BLANK)
        table = bench.open()
        new: tuple[dict[int, Cell], ...] = ({1: "BSP-0004-4", 3: date(2026, 6, 1)}, {1: "BSP-0005-2", 2: "01067"})
        table.write(patch(table.read(), appends=new))

        appended: Rows = [["BSP-0004-4", BLANK, date(2026, 6, 1)], ["BSP-0005-2", "01067"]]
        assert bench.cells() == [HEADER, KATYA, AMINA, OLENA, *appended]

    def test_the_first_row_follows_the_header(self, bench: Bench) -> None:
        bench.make([HEADER])
        table = bench.open()
        table.write(patch(table.read(), appends=({1: "BSP-0001-A", 4: 3.0},)))

        assert bench.cells() == [HEADER, ["BSP-0001-A", BLANK, BLANK, 3.0]]

    def test_cells_and_new_rows_are_written_together(self, bench: Bench) -> None:
        table = bench.open()
        table.write(patch(table.read(), (4, 6, "alt"), appends=({1: "BSP-0004-4"},)))

        assert bench.cells()[3:] == [[*OLENA, BLANK, BLANK, BLANK, "alt"], ["BSP-0004-4"]]

    def test_writing_the_same_cells_again_changes_nothing(self, bench: Bench) -> None:
        table = bench.open()
        cells: tuple[tuple[int, int, Cell], ...] = ((2, 6, "01067"), (3, 3, date(2026, 5, 1)), (4, 4, 2.0))
        table.write(patch(table.read(), *cells))
        once = bench.cells()
        table.write(patch(table.read(), *cells))

        assert bench.cells() == once

    def test_a_write_goes_out_only_by_permission_asked_at_the_last_moment(self, bench: Bench) -> None:
        """Somebody took the table over meanwhile."""

        def permit() -> None:
            raise LeaseLost

        table, before = bench.open(), bench.cells()
        refused = patch(table.read(), (2, 6, "zu spät"), appends=({1: "BSP-0004-4"},))
        with pytest.raises(LeaseLost):
            table.write(refused, permit)

        assert bench.cells() == before
        assert table.landed(refused.token) is not Landed.YES

    def test_a_hundred_cells_at_once(self, bench: Bench) -> None:
        people: Rows = [[f"BSP-{number:04}-X"] for number in range(1, 201)]
        bench.make([HEADER, *people])
        table = bench.open()
        table.write(patch(table.read(), *((row, 2, f"Muster {row}") for row in range(2, 202, 2))))

        names = [row[1] if len(row) > 1 else BLANK for row in bench.cells()[1:]]
        assert names == [f"Muster {row}" if row % 2 == 0 else BLANK for row in range(2, 202)][: len(names)]
        assert names.count(BLANK) == 100

    def test_people_and_service_take_turns(self, bench: Bench) -> None:
        """Each sees the other's edits, whatever was moved in between."""
        bench.sort(2)
        table = bench.open()
        table.write(patch(table.read(), (2, 6, "erste")))
        bench.insert_column(1, "Nr.")
        bench.delete_row(4)
        table = bench.open()
        table.write(patch(table.read(), (3, 1, 2.0)))

        assert bench.cells() == [
            ["Nr.", *HEADER],
            [BLANK, *OLENA, BLANK, BLANK, BLANK, "erste"],
            [2.0, *AMINA],
        ]

    # Moved, landed, gone

    @pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
    def test_a_write_onto_a_moved_table_is_refused(self, bench: Bench, edit: Callable[[Bench], None]) -> None:
        """Where the platform has conditional writes: nothing is written, and the table says why."""
        if not bench.conditional:
            pytest.skip("this platform has no conditional write")
        table = bench.open()
        snapshot = table.read()
        edit(bench)
        moved = bench.cells()
        with pytest.raises(TableMoved):
            table.write(patch(snapshot, (2, 6, "zu spät")))

        assert bench.cells() == moved

    def test_a_write_that_arrived_is_known(self, bench: Bench) -> None:
        table = bench.open()
        ours = patch(table.read(), (2, 6, "neu"))
        table.write(ours)

        assert bench.open().landed(ours.token) is (Landed.YES if bench.conditional else Landed.UNKNOWN)

    def test_a_write_that_was_never_made_is_known(self, bench: Bench) -> None:
        assert bench.open().landed(uuid4().hex) is (Landed.NO if bench.knows_landed else Landed.UNKNOWN)

    def test_a_refused_write_did_not_arrive(self, bench: Bench) -> None:
        if not bench.conditional:
            pytest.skip("this platform has no conditional write")
        table = bench.open()
        ours = patch(table.read(), (2, 6, "neu"))
        bench.set(2, 6, "schneller")
        with pytest.raises(TableMoved):
            table.write(ours)

        assert table.landed(ours.token) is not Landed.YES

    def test_a_settled_write_leaves_the_table_as_it_is(self, bench: Bench) -> None:
        table = bench.open()
        ours = patch(table.read(), (2, 6, "neu"))
        table.write(ours)
        written = bench.cells()
        table.settle(ours.token)
        table.settle(ours.token)

        assert bench.cells() == written

    def test_a_table_that_is_gone_says_so(self, bench: Bench) -> None:
        table = bench.open()
        snapshot = table.read()
        bench.remove()

        for act in (table.version, table.read, lambda: table.write(patch(snapshot, (2, 6, "neu")))):
            with pytest.raises(TableNotFound):
                act()

    def test_a_check_finds_a_good_table_good_and_a_missing_one_missing(self, bench: Bench) -> None:
        """A check raises nothing, writes nothing, and speaks in sentences."""
        table = bench.open()
        before = table.version()
        good = table.check()
        after = table.version()
        bench.remove()
        missing = table.check()

        assert all(check.ok for check in good)
        assert after == before
        assert any(not check.ok and check.text.endswith(".") and check.hint for check in missing)
