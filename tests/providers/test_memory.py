"""Tables in memory keep the port's promises, and play people and faults where tests ask for it."""

from __future__ import annotations

import pytest

from syncsvc.core.model import Cell, Covered, Formula
from syncsvc.errors import TableError
from syncsvc.ports.tables import Table
from syncsvc.providers.memory import MemoryBook, MemoryTable
from tests.providers.conformance import ConformanceSuite, Rows, patch


class MemoryBench(MemoryBook):
    digits = 17

    def make(self, rows: Rows) -> None:
        self.clear()
        for row in rows:
            self.insert_row(len(self.rows) + 1, *row)

    def open(self) -> Table:
        return MemoryTable(self)

    def cells(self) -> Rows:
        rows = [list(row) for row in self.rows]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def remove(self) -> None:
        self.gone = True


class TestLikeAFile(ConformanceSuite):
    @pytest.fixture(name="bench")
    def _bench(self) -> MemoryBench:
        return MemoryBench()


class TestLikeAPlatformWithoutConditions(ConformanceSuite):
    @pytest.fixture(name="bench")
    def _bench(self) -> MemoryBench:
        return MemoryBench(conditional=False, knows_landed=False)


def _book(*rows: list[Cell], conditional: bool = True) -> MemoryBook:
    return MemoryBook([*rows], conditional=conditional)


def test_a_blind_write_goes_by_position() -> None:
    """Without conditions a sort between reading and writing puts the value into another row, as on the platforms."""
    book = _book(["TN-Nr.", "Name"], ["B"], ["A"], conditional=False)
    table = MemoryTable(book)
    snapshot = table.read()
    book.before_write = lambda: book.sort(1)
    table.write(patch(snapshot, (2, 2, "für B")))

    assert book.rows[1:] == [["A", "für B"], ["B"]]


def test_a_hook_runs_between_the_cells_of_a_write() -> None:
    book = _book(["TN-Nr.", "Name"], ["A"], ["B"], conditional=False)
    seen: list[Cell] = []
    book.during = lambda: seen.append(book.get(3, 2))
    MemoryTable(book).write(patch(MemoryTable(book).read(), (2, 2, "x"), (3, 2, "y")))

    assert seen == [None, "y"]


def test_a_fault_after_the_write_leaves_it_landed() -> None:
    book = _book(["TN-Nr."], ["A"])

    def drop() -> None:
        raise ConnectionResetError

    book.after_write = drop
    table = MemoryTable(book)
    ours = patch(table.read(), (2, 1, "B"))
    with pytest.raises(ConnectionResetError):
        table.write(ours)

    assert book.rows[1] == ["B"]
    assert table.landed(ours.token) == "yes"


def test_a_fault_before_the_write_leaves_nothing() -> None:
    book = _book(["TN-Nr."], ["A"])

    def drop() -> None:
        raise ConnectionResetError

    book.before_write = drop
    table = MemoryTable(book)
    ours = patch(table.read(), (2, 1, "B"))
    with pytest.raises(ConnectionResetError):
        table.write(ours)

    assert book.rows[1] == ["A"]
    assert table.landed(ours.token) == "no"


def test_a_merge_covers_all_but_its_first_cell() -> None:
    book = _book(["a", "b"], ["c", "d"])
    book.merge(1, 1, rows=2, columns=2)

    assert book.rows == [["a", Covered()], [Covered(), Covered()]]


def test_a_formula_is_not_written_over() -> None:
    book = _book(["TN-Nr.", "Summe"], ["A", Formula("=1+1", 2.0)], ["B"])
    table = MemoryTable(book)
    with pytest.raises(TableError):
        table.write(patch(table.read(), (3, 1, "x"), (2, 2, 3.0)))

    assert book.rows[1:] == [["A", Formula("=1+1", 2.0)], ["B"]]
