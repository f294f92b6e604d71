"""The provider ``google`` keeps the port's promises against a local Google."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncsvc.core.binding import column_letter
from syncsvc.core.model import Cell, Formula, Logical
from syncsvc.ports.tables import Table
from tests.fakes.google.formulas import Formula as GoogleFormula
from tests.fakes.google.people import Person, Value
from tests.fakes.sheets_server import SheetsServer
from tests.providers.conformance import ConformanceSuite, Rows
from tests.providers.google.conftest import ANNA, Google, make_google


class GoogleBench:
    """Anna edits a spreadsheet in the browser."""

    conditional = False
    knows_landed = True
    digits = 17

    def __init__(self, google: Google) -> None:
        self._google = google
        self._anna: Person

    def make(self, rows: Rows) -> None:
        file = self._google.file(*([_typed(cell) for cell in row] for row in rows))
        self._anna = self._google.server.person(ANNA, file)

    def open(self) -> Table:
        return self._google.table(self._anna.file)

    def cells(self) -> Rows:
        return [[_seen(value) for value in row] for row in self._anna.rows()]

    def set(self, row: int, column: int, value: Cell) -> None:
        self._anna.put(f"{column_letter(column)}{row}", _typed(value))

    def insert_row(self, at: int, *cells: Cell) -> None:
        self._anna.insert_row(at, *map(_typed, cells))

    def delete_row(self, at: int) -> None:
        self._anna.delete_rows(at)

    def copy_row(self, source: int, at: int) -> None:
        self._anna.copy_row(source, at)

    def insert_column(self, at: int, *cells: Cell) -> None:
        self._anna.insert_column(column_letter(at), *map(_typed, cells))

    def sort(self, column: int) -> None:
        self._anna.sort(column_letter(column))

    def remove(self) -> None:
        self._anna.delete_file()


def _typed(cell: Cell) -> Value:
    if isinstance(cell, Formula):
        return GoogleFormula(cell.text)
    return cell is Logical.TRUE if isinstance(cell, Logical) else cell  # type: ignore[return-value]  # none of the rest


def _seen(value: Value) -> Cell:
    if isinstance(value, bool):
        return Logical.TRUE if value else Logical.FALSE
    return value  # type: ignore[return-value]  # the window shows no formulas, but what they compute


@pytest.fixture(scope="module", name="shared")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Google]:
    """One server for the whole suite, with quota for all of it."""
    with SheetsServer() as server:
        server.quota.reads = server.quota.writes = 10_000
        yield make_google(server, tmp_path_factory.mktemp("google"))


class TestGoogle(ConformanceSuite):
    @pytest.fixture(name="bench")
    def _bench(self, shared: Google) -> GoogleBench:
        return GoogleBench(shared)
