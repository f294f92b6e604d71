"""One bound table as planning looks at it: its fields and columns, and what was agreed in them."""

from __future__ import annotations

from collections.abc import Mapping

from syncsvc.core.actions import Situation
from syncsvc.core.bases import base_fields, project
from syncsvc.core.binding import Binding
from syncsvc.core.cells import digest
from syncsvc.core.fields import Field, field_for
from syncsvc.core.following import Following
from syncsvc.core.identity import RowView
from syncsvc.core.mapping import JOBCENTRE_FIELD, NOTE_FIELD, OWN_FIELDS, Column
from syncsvc.core.merge import Rule
from syncsvc.core.model import Cell, Covered, Formula, Json


class Grid:
    """The situation ``s`` by field. Nothing here changes while a plan is made.

    ``fields`` are the fields whose column was found, in the base's order, and ``index`` is the place of each in it;
    ``data`` are those of them that show records, with their ``places`` as (field, index).
    """

    def __init__(self, situation: Situation, binding: Binding) -> None:
        self.s, self.binding = situation, binding
        mapping = situation.mapping
        self.fields = tuple(name for name in base_fields(mapping) if name in binding.columns)
        self.base = project(situation.base, self.fields)
        self.index = {name: index for index, name in enumerate(self.fields)}
        self.column: dict[str, Column] = {column.field: column for column in mapping.columns}
        self.field: dict[str, Field] = {name: field_for(self.column[name]) for name in self.fields}
        self.data = tuple(name for name in self.fields if name not in OWN_FIELDS and name in mapping.shown)
        self.places = tuple((name, self.index[name]) for name in self.data)
        edited_by = situation.table.edited_by
        self.rule = {name: Rule(self.column[name].owner, edited_by, self.column[name].required) for name in self.fields}
        self.following = Following({name: self.column[name] for name in self.data}, situation.context)

    def cell(self, view: RowView, name: str) -> Cell:
        """What the row shows in a field's column."""
        return view.raw[self.index[name]]

    def locked(self, row: int, name: str) -> bool:
        """Whether the platform lets nobody write into this cell."""
        return (row, self.binding.columns[name]) in self.s.snapshot.locked

    def closed(self, view: RowView, name: str) -> bool:
        """Whether nothing may be written here: locked, a formula, or covered by a merged cell."""
        return isinstance(self.cell(view, name), Formula | Covered) or self.locked(view.number, name)

    def house(self, values: Mapping[str, Json]) -> str | None:
        """The job centre whose people a row's contact is one of; None: of any."""
        house = values.get(JOBCENTRE_FIELD)
        return house if isinstance(house, str) else self.s.table.organisation

    def filled(self, view: RowView) -> int:
        """How many of the row's data cells are not blank."""
        return sum(1 for name in self.data if self.cell(view, name) is not None)

    def data_digest(self, raw: tuple[Cell, ...]) -> str:
        """Names what a row shows in its data columns, to recognise it in a restored file."""
        return digest(tuple(raw[self.index[name]] for name in self.data))

    def fingerprint(self, view: RowView) -> str:
        """Names a row by its content, our note aside."""
        note = self.index.get(NOTE_FIELD)
        return digest(tuple(cell for index, cell in enumerate(view.raw) if index != note))
