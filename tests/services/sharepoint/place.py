"""A workbook at the local Graph, as the state machine's people see and save it: whole grids in and out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Logical
from syncsvc.ports.tables import Table
from tests.fakes.google.a1 import Block
from tests.fakes.google.formulas import Formula as FakeFormula
from tests.fakes.google.formulas import Wrong
from tests.fakes.google.grid import Cell as FakeCell
from tests.fakes.graph import display, serials, xlsx
from tests.fakes.graph.book import Tab, Values, number_format
from tests.fakes.graph.keepers import add_table
from tests.fakes.graph_server import GraphServer
from tests.providers.sharepoint.conftest import make_graph
from tests.providers.sharepoint.scene import ANNA, TAB, open_table
from tests.services.world import Rows

ERRORS = {"#REF!": "=#REF!", "#DIV/0!": "=1/0"}
"""Nobody types an error value: it is what a formula comes to."""


class GraphPlace:
    """``table``: its name where the list is an Excel table."""

    blind, telling, computes = True, False, True

    def __init__(self, folder: Path, *, table: str = "") -> None:
        self._open = ExitStack()
        trust = self._open.enter_context(pytest.MonkeyPatch.context())
        self.server = self._open.enter_context(GraphServer())
        trust.setenv("REQUESTS_CA_BUNDLE", str(self.server.ca_file))
        self.graph = make_graph(self.server)
        self.file = self.server.workbook(tab=TAB)
        self._table = table

    def open(self, location: Mapping[str, str]) -> Table:
        ids = {name: location[name] for name in ("worksheet_id", "table_id") if name in location}
        return open_table(self.graph, self.file, **ids)

    def close(self) -> None:
        self.graph.account.requests.close()
        self._open.close()

    def load(self) -> Rows:
        document = self.file.document
        tab, values = document.tabs[0], Values(document)
        rows = [[_seen(values, tab, r, c) for c in range(len(row.cells))] for r, row in enumerate(tab.rows)]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def save(self, rows: Rows) -> None:
        """Everything that differs is put there as a person does; an Excel table reaches as far as its list."""
        now = self.load()
        with self.server.service.changing(self.file, ANNA, human=True) as document:
            tab = document.tabs[0]
            for row in range(max(len(now), len(rows))):
                for column in range(max(map(len, [*now, *rows]), default=0)):
                    if (cell := _at(rows, row, column)) != _at(now, row, column):
                        tab.put(row, column, _typed(cell))
            if self._table:
                header = next((at for at, row in enumerate(rows) if "TN-Nr." in row), None)
                document.tables = []
                if header is not None:
                    width = max(map(len, rows[header:]))
                    add_table(document, tab, Block(header, max(header + 2, len(rows)), 0, width), self._table)


def _at(rows: Rows, row: int, column: int) -> Cell:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else None


def _typed(cell: Cell) -> FakeCell:
    """A cell that holds this and looks like it, whatever stood there before."""
    if isinstance(cell, ErrorValue):
        return xlsx.made(FakeFormula(ERRORS[cell.code]))
    if isinstance(cell, Formula) and isinstance(cell.value, ErrorValue):
        return xlsx.made(FakeFormula(cell.text))
    if isinstance(cell, Formula) and isinstance(cell.value, date):
        return xlsx.made(FakeFormula(f"={serials.serial(cell.value):g}"), "dd.mm.yyyy")
    if isinstance(cell, Formula):
        return xlsx.made(FakeFormula(f"={cell.value:g}" if isinstance(cell.value, float) else f'="{cell.value}"'))
    return xlsx.made(cell is Logical.TRUE if isinstance(cell, Logical) else cell)


def _seen(values: Values, tab: Tab, row: int, column: int) -> Cell:
    if tab.covered(row, column):
        return Covered()
    entered, value = tab.cell(row, column).entered, values.effective(tab, row, column)
    shown: str | float | Logical | date | ErrorValue | None
    if isinstance(value, Wrong):
        shown = ErrorValue(value.shown)
    elif isinstance(value, bool):
        shown = Logical.TRUE if value else Logical.FALSE
    elif isinstance(value, float) and display.is_date(number_format(tab.cell(row, column))):
        shown = serials.moment(value).date()
    else:
        shown = value
    return Formula(entered.text, shown) if isinstance(entered, FakeFormula) else shown
