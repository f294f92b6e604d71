"""What the rows of a table say by themselves, before anything is decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from syncsvc.core.cells import shown_text
from syncsvc.core.fields import Reading
from syncsvc.core.identity import Identities, RowView, identify
from syncsvc.core.labels import label_kind
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Cell
from syncsvc.core.rows.grid import Grid
from syncsvc.core.schema import read_row, row_schema

_NOTHING: Final[Mapping[int, str | None]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RowReading:
    """What the data cells of a row mean, by field; ``missing`` are the required ones that are blank."""

    readings: Mapping[str, Reading]
    missing: tuple[str, ...]

    @property
    def bad(self) -> dict[str, Reading]:
        """The cells that cannot be taken as they are."""
        return {name: reading for name, reading in self.readings.items() if not reading.accepted}


class RowReader:
    """Reads the rows of one bound table."""

    def __init__(self, grid: Grid) -> None:
        self.s, self.grid = grid.s, grid
        columns = tuple(grid.column[name] for name in grid.data)
        self._schema = row_schema(replace(self.s.mapping, columns=columns))()

    def views(self) -> list[RowView]:
        """The data rows below the header: those with content in a mapped column that is not ours alone."""
        columns = [self.grid.binding.columns[name] - 1 for name in self.grid.fields]
        pick = itemgetter(*columns) if len(columns) > 1 else lambda cells: (cells[columns[0]],)
        content = slice(2 if NOTE_FIELD in self.grid.index else 1, None)
        base_rows, header_row, views = self.grid.base.rows, self.grid.binding.header_row, []
        for row in self.s.snapshot.rows:
            if row.number <= header_row:
                continue
            raw = pick(row.cells)
            ref = raw[0]
            if isinstance(ref, str) and ref in base_rows:
                views.append(RowView(row.number, ref, "", raw, row.witness))
            elif ref is not None or any(cell is not None for cell in raw[content]):
                views.append(self._view(row.number, raw, row.witness))
        return views

    def identities(self, views: list[RowView], decided: Mapping[int, str | None] = _NOTHING) -> Identities:
        """Whose each row is. ``decided`` are the answers about rows, by row number."""
        ignore = frozenset(name for name in self.grid.fields if name not in self.grid.data)
        return identify(views, self.grid.base, ignore=ignore, decided=decided, same=self._same)

    def is_label(self, view: RowView) -> bool:
        """Whether a row without a reference is nobody's data: a total, a section title."""
        filled = [self.grid.cell(view, name) for name in self.grid.data if self.grid.cell(view, name) is not None]
        return len(filled) == 1 and isinstance(filled[0], str) and bool(label_kind(filled[0]))

    def read(self, view: RowView) -> RowReading:
        """What each data cell of a new row means beside the others."""
        cells = {name: self.grid.cell(view, name) for name in self.grid.data}
        alone = read_row(self._schema, cells, self.s.context)
        beside = {name: reading.value for name, reading in alone.items() if reading.accepted}
        readings = read_row(self._schema, cells, replace(self.s.context, values=beside))
        rule = self.grid.rule
        missing = (
            name
            for name, reading in readings.items()
            if rule[name].required and reading.value is None and reading.accepted
        )
        return RowReading(readings, tuple(missing))

    def _view(self, number: int, raw: tuple[Cell, ...], witness: str | None) -> RowView:
        if raw[0] is None:
            return RowView(number, None, "", raw, witness)
        reading = self.grid.field[REFERENCE_FIELD].parse(raw[0], self.s.context)
        ref = reading.value if reading.accepted else None
        if isinstance(ref, str) and self._belongs(ref):
            return RowView(number, ref, "", raw, witness)
        return RowView(number, None, shown_text(raw[0]) or "?", raw, witness)

    def _belongs(self, ref: str) -> bool:
        """Known to the project, or free and with the project's prefix."""
        return ref in self.grid.base.rows or ref in self.s.records or ref.startswith(f"{self.s.table.prefix}-")

    def _same(self, name: str, left: Cell, right: Cell) -> bool:
        if left == right:
            return True
        field = self.grid.field[name]
        one, two = (field.parse(cell, self.s.context) for cell in (left, right))
        return one.accepted and two.accepted and field.key(one.value) == field.key(two.value)
