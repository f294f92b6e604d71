"""The provider ``sharepoint`` keeps the port's promises against a local Graph: in plain cells and in an Excel table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncsvc.core.binding import column_letter
from syncsvc.core.model import Cell, Formula, Logical
from syncsvc.ports.tables import Table
from tests.fakes.google.formulas import Formula as FakeFormula
from tests.fakes.graph.people import Person, Value
from tests.fakes.graph_server import GraphServer
from tests.providers.conformance import ConformanceSuite, Rows
from tests.providers.sharepoint.conftest import Graph, make_graph
from tests.providers.sharepoint.scene import ANNA, TAB, open_table


class GraphBench:
    """Anna edits a workbook in the browser."""

    conditional = False
    knows_landed = False
    digits = 15  # Excel specifications and limits

    def __init__(self, graph: Graph, name: str = "") -> None:
        self._graph, self._name = graph, name
        self._anna: Person

    def make(self, rows: Rows) -> None:
        cells = [[_typed(cell) for cell in row] for row in rows]
        file = self._graph.server.workbook(cells, tab=TAB, table=self._name if rows else "")
        self._anna = self._graph.server.person(ANNA, file)

    def open(self) -> Table:
        return open_table(self._graph, self._anna.file)

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
        return FakeFormula(cell.text)
    return cell is Logical.TRUE if isinstance(cell, Logical) else cell  # type: ignore[return-value]  # none of the rest


def _seen(value: Value) -> Cell:
    if isinstance(value, bool):
        return Logical.TRUE if value else Logical.FALSE
    return value  # type: ignore[return-value]  # the window shows no formulas, but what they compute


@pytest.fixture(scope="module", name="shared")
def _shared() -> Iterator[Graph]:
    """One server for the whole suite."""
    with pytest.MonkeyPatch.context() as patch, GraphServer() as server:
        patch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
        yield make_graph(server)


class TestPlainRange(ConformanceSuite):
    @pytest.fixture(name="bench")
    def _bench(self, shared: Graph) -> GraphBench:
        return GraphBench(shared)


class TestExcelTable(ConformanceSuite):
    @pytest.fixture(name="bench")
    def _bench(self, shared: Graph) -> GraphBench:
        return GraphBench(shared, "Liste")
