"""Rows that are not there: deleted ones, and those of records that are to get one."""

from __future__ import annotations

from syncsvc.core.actions import NewRow, Point
from syncsvc.core.mapping import JOBCENTRE_FIELD, NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Cell, Record, RecordState, RowAppend, RowState
from syncsvc.core.rows.directory import Directory
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid
from syncsvc.core.rows.pen import Pen


class AbsentRows:
    """Asks about rows that are gone, and appends rows."""

    def __init__(self, grid: Grid, draft: Draft, pen: Pen, directory: Directory) -> None:
        self.s, self.grid, self.draft, self.pen, self.directory = grid.s, grid, draft, pen, directory

    def missing(self, ref: str) -> None:
        """A row that the base knows and the table does not show: a deletion is a question, never an effect."""
        draft, row, record = self.draft, self.grid.base.rows[ref], self.s.records.get(ref)
        if record is None or record.state is RecordState.VOID:
            draft.forget.add(ref)
        elif row.state is RowState.RESTORE:
            self.append(ref)
        elif row.state is not RowState.ENDED:
            if row.state is RowState.PRESENT:
                draft.vanished += 1
                draft.states[ref] = RowState.GONE
            draft.touched.add(ref)
            draft.points.append(Point("deletion", "row_gone", ref))

    def append_records(self, undecided: frozenset[str]) -> None:
        """Rows for the project's records that belong to this table and have none."""
        for ref, record in sorted(self.s.records.items()):
            if ref in self.grid.base.rows or ref in self.draft.seen or ref in undecided:
                continue
            if record.state is RecordState.ACTIVE and self._belongs_here(record):
                self.append(ref)

    def _belongs_here(self, record: Record) -> bool:
        jobcentre = record.values.get(JOBCENTRE_FIELD)
        if isinstance(jobcentre, dict):
            jobcentre = jobcentre.get("organisation")
        return jobcentre == self.s.table.organisation

    def append(self, ref: str) -> None:
        """A new row below all others for a record; cells that nobody may write are told of instead."""
        record = self.directory.filled(ref, self.s.records[ref])
        values = {name: record.values[name] for name in self.grid.data if record.values.get(name) is not None}
        columns = self.grid.binding.columns
        cells: dict[int, Cell] = {
            columns[name]: self.grid.field[name].format(value, self.s.context) for name, value in values.items()
        }
        below = self.s.snapshot.rows[-1].number + 1 if self.s.snapshot.rows else 1
        closed = {name for name in (*self.grid.data, REFERENCE_FIELD) if self.grid.locked(below, name)}
        for name in sorted(closed & values.keys()):
            point = Point(
                "column", "protected_cell", ref, None, name, self.grid.column[name].header, record=values.pop(name)
            )
            self.draft.points.append(point)
            del cells[columns[name]]
        if REFERENCE_FIELD in closed:
            self.draft.points.append(Point("column", "protected_cell", ref, None, REFERENCE_FIELD))
            return
        cells[columns[REFERENCE_FIELD]] = ref
        sentences = [self.pen.sentence(code, name) for code, name in sorted(set(self.s.standing.get(ref, ())))]
        sentences += self.pen.remarks(ref, record.values, record.values)
        if sentences and NOTE_FIELD in self.grid.index:
            cells[columns[NOTE_FIELD]] = " · ".join(sentences)
        self.draft.new_rows.append(NewRow(RowAppend(ref, cells), values))
        self.draft.touched.add(ref)
