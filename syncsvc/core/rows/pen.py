"""What a run writes into the rows of a table: values and their spelling, references, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncsvc.core.actions import Point, Settled, TableWrite
from syncsvc.core.bases import agreed_value
from syncsvc.core.cells import shown_text
from syncsvc.core.fields import Reading, explain
from syncsvc.core.fields.proposals import proposed
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.identity import RowView
from syncsvc.core.mapping import NOTE_FIELD, OWN_FIELDS, REFERENCE_FIELD
from syncsvc.core.merge import Decision
from syncsvc.core.model import UNSETTLED, BaseRow, CellWrite, Formula, Json
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid

_NUMBER = CATALOGUE[REFERENCE_FIELD].label


class Pen:
    """Enters into the draft what is to stand in the cells of a row, and leaves alone what may not be written over."""

    def __init__(self, grid: Grid, draft: Draft) -> None:
        self.s, self.grid, self.draft = grid.s, grid, draft

    def write(self, ref: str, name: str, view: RowView, decision: Decision) -> None:
        """Write a decision's value, or ask a person to do it where the cell is locked."""
        raw, column = self.grid.cell(view, name), self.grid.binding.columns[name]
        if self.grid.locked(view.number, name):
            point = Point("column", "protected_cell", ref, view.number, name, self.grid.column[name].header)
            self.draft.points.append(replace(point, record=decision.value))
            return
        new = self.grid.field[name].format(decision.value, self.s.context)
        reading = decision.reading or self.grid.field[name].parse(raw, self.s.context)
        before = reading.value if reading.accepted else shown_text(raw)
        cell = CellWrite(ref, view.number, column, raw, new)
        self.draft.writes.append(TableWrite(ref, name, cell, decision.value, before))

    def tidy(self, ref: str, name: str, view: RowView, decision: Decision) -> None:
        """Write the canonical spelling over the typed one, in a column whose mapping asks for it."""
        raw, column = self.grid.cell(view, name), self.grid.binding.columns[name]
        if not self.grid.column[name].tidy or decision.value is None or isinstance(raw, Formula):
            return
        new = self.grid.field[name].format(decision.value, self.s.context)
        if new != raw and not self.grid.locked(view.number, name):
            cell = CellWrite(ref, view.number, column, raw, new)
            self.draft.writes.append(TableWrite(ref, name, cell, decision.value, decision.value))

    def withhold(self, ref: str, view: RowView, known: BaseRow) -> None:
        """Blank what we once wrote into a column that the privacy level no longer lets out."""
        for name in self.grid.fields:
            index = self.grid.index[name]
            if name in self.grid.data or name in OWN_FIELDS or view.raw[index] is None:
                continue
            column = self.grid.binding.columns[name]
            if self.grid.closed(view, name):
                point = Point("column", "protected_cell", ref, view.number, name, self.grid.column[name].header)
                self.draft.points.append(point)
            elif known.agreed[index] not in (None, UNSETTLED) and known.raw[index] == view.raw[index]:
                cell = CellWrite(ref, view.number, column, view.raw[index], None)
                self.draft.writes.append(TableWrite(ref, name, cell, None, agreed_value(known.agreed[index])))

    def reference(self, view: RowView, ref: str) -> None:
        """Write the participant's reference into her row; where that is not possible a person is asked."""
        if self.grid.closed(view, REFERENCE_FIELD):
            self.draft.points.append(Point("column", "protected_cell", ref, view.number, REFERENCE_FIELD))
            return
        column = self.grid.binding.columns[REFERENCE_FIELD]
        self.draft.references.append(CellWrite(None, view.number, column, self.grid.cell(view, REFERENCE_FIELD), ref))

    def note(self, view: RowView, sentences: list[str], ref: str | None) -> None:
        """Say these sentences in the row, each once; none: the note goes."""
        if NOTE_FIELD not in self.grid.index or self.grid.closed(view, NOTE_FIELD):
            return
        raw, text = self.grid.cell(view, NOTE_FIELD), " · ".join(dict.fromkeys(sentences)) or None
        if raw != text:
            self.draft.notes.append(CellWrite(ref, view.number, self.grid.binding.columns[NOTE_FIELD], raw, text))

    def fault(self, name: str, reading: Reading) -> str:
        """What a row says about a cell that cannot be taken as it is."""
        return self.sentence(reading.code, name, proposed(self.grid.field[name], reading, self.s.context))

    def sentence(self, code: str, name: str, proposal: Json = None) -> str:
        """What a row says about a problem of one of its fields, in German."""
        header = self.grid.column[name].header if name in self.grid.column else ""
        known = self.grid.field.get(name)
        detail = known.display(proposal, self.s.context) if known and proposal is not None else ""
        sentence = explain(code, header, detail=detail)
        return sentence.replace(_NUMBER, self.grid.column[REFERENCE_FIELD].header)  # as this table calls it

    def remarks(self, ref: str, values: Mapping[str, Json], before: Mapping[str, Json]) -> list[str]:
        """What the row says beside what has to be done in it."""
        return [*self.s.remarks.get(ref, ()), *self.s.of_contacts.of(ref, values, before)]

    def settle_own(self, ref: str, view: RowView, known: BaseRow) -> None:
        """Remember the reference and note cells as they stand, so that the row can rest."""
        written = {(cell.row, cell.column) for cell in (*self.draft.notes[-1:], *self.draft.references[-1:])}
        for name in OWN_FIELDS:
            index = self.grid.index.get(name)
            if index is None or (view.number, self.grid.binding.columns[name]) in written:
                continue
            if known.raw[index] != view.raw[index] or known.agreed[index] is not None:
                self.draft.settled.append(Settled(ref, name, view.raw[index], None))
