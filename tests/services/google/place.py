"""A spreadsheet at the local Google, as the state machine's people see and save it: whole grids in and out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Logical
from syncsvc.ports.tables import Table
from tests.fakes.google import locales
from tests.fakes.google.computed import Values
from tests.fakes.google.formulas import Formula as GoogleFormula
from tests.fakes.google.formulas import Wrong
from tests.fakes.google.grid import Cell as GoogleCell
from tests.fakes.google.grid import Sheet
from tests.fakes.google.people import Value, content
from tests.fakes.sheets_server import SheetsServer
from tests.providers.google.conftest import ANNA, make_google
from tests.services.world import Rows

ERRORS = {"#REF!": "=#REF!", "#DIV/0!": "=1/0"}
"""Nobody types an error value: it is what a formula comes to."""


class GooglePlace:
    blind, telling, computes = True, False, True

    def __init__(self, folder: Path) -> None:
        self._open = ExitStack()
        self.server = self._open.enter_context(SheetsServer())
        self.server.quota.reads = self.server.quota.writes = 100_000
        self.google = make_google(self.server, folder)
        self.file = self.google.file()

    def open(self, location: Mapping[str, str]) -> Table:
        ids = {name: location[name] for name in ("sheet_id", "title") if name in location}
        return self.google.table(self.file, **ids)

    def close(self) -> None:
        self.google.account.client.session.close()
        self._open.close()

    def load(self) -> Rows:
        document = self.file.document
        sheet, values = document.sheets[0], Values(document)
        rows = [[_seen(values, sheet, r, c) for c in range(len(row.cells))] for r, row in enumerate(sheet.rows)]
        for row in rows:
            while row and row[-1] is None:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def save(self, rows: Rows) -> None:
        """Everything that differs is put there as a person does; a save without an edit counts as one for Drive."""
        now = self.load()
        with self.server.service.changing(self.file, ANNA, human=True) as document:
            sheet = document.sheets[0]
            height, width = max(len(now), len(rows)), max(map(len, [*now, *rows]), default=0)
            if width > len(sheet.columns):
                document.insert(sheet, "COLUMNS", len(sheet.columns), width - len(sheet.columns))
            if height > len(sheet.rows):
                document.insert(sheet, "ROWS", len(sheet.rows), height - len(sheet.rows))
            for row in range(height):
                for column in range(width):
                    if (cell := _at(rows, row, column)) != _at(now, row, column):
                        sheet.put(row, column, _typed(cell))


def _at(rows: Rows, row: int, column: int) -> Cell:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else None


def _typed(cell: Cell) -> GoogleCell:
    """A cell that holds this and looks like it, whatever stood there before."""
    value: Value
    if isinstance(cell, ErrorValue):
        value = GoogleFormula(ERRORS[cell.code])
    elif isinstance(cell, Formula) and isinstance(cell.value, ErrorValue):
        value = GoogleFormula(cell.text)
    elif isinstance(cell, Formula) and isinstance(cell.value, date):
        computed = content(GoogleCell(), cell.value)
        return GoogleCell(entered=GoogleFormula(f"={computed.entered:g}"), format=computed.format)
    elif isinstance(cell, Formula):
        value = GoogleFormula(f"={cell.value:g}" if isinstance(cell.value, float) else f'="{cell.value}"')
    else:
        value = cell is Logical.TRUE if isinstance(cell, Logical) else cell  # type: ignore[assignment]  # none of the rest
    return content(GoogleCell(), value)


def _seen(values: Values, sheet: Sheet, row: int, column: int) -> Cell:
    if sheet.covered(row, column):
        return Covered()
    entered, value = sheet.cell(row, column).entered, values.effective(sheet, row, column)
    shown: str | float | Logical | date | ErrorValue | None
    if isinstance(value, Wrong):
        shown = ErrorValue(value.shown)
    elif isinstance(value, bool):
        shown = Logical.TRUE if value else Logical.FALSE
    elif isinstance(value, float) and values.number_format(sheet, row, column).get("type") == "DATE":
        shown = locales.moment(value).date()
    else:
        shown = value
    return Formula(entered.text, shown) if isinstance(entered, GoogleFormula) else shown
