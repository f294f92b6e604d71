"""Rows whose participant is known: what moves between row and record."""

from __future__ import annotations

from dataclasses import replace

from syncsvc.core.actions import RecordChange, Settled
from syncsvc.core.bases import agreed_value, unsettled
from syncsvc.core.cells import shown_text
from syncsvc.core.fields import explain
from syncsvc.core.following import LEAD
from syncsvc.core.identity import RowView
from syncsvc.core.mapping import NOTE_FIELD, OWN_FIELDS
from syncsvc.core.merge import Act, Decision, Sides
from syncsvc.core.model import BaseRow, Json, Record, RecordState, RowState, Side
from syncsvc.core.rows.decisions import Decisions
from syncsvc.core.rows.directory import Directory
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid
from syncsvc.core.rows.pen import Pen


class KnownRows:
    """Merges rows with their records, cell by cell; a row that neither side moved costs one comparison."""

    def __init__(self, grid: Grid, draft: Draft, pen: Pen, decisions: Decisions, directory: Directory) -> None:
        self.s, self.grid, self.draft, self.pen = grid.s, grid, draft, pen
        self.decisions, self.directory = decisions, directory
        self._shows_all = len(grid.data) + sum(1 for name in OWN_FIELDS if name in grid.index) == len(grid.fields)
        self._special = {ref for ref, _ in self.s.contested} | set(self.s.standing)

    def plan(self, ref: str, view: RowView, record: Record) -> None:
        """Plan the row that shows this record."""
        draft, known = self.draft, self.grid.base.rows.get(ref)
        draft.seen[ref] = view.number
        if known is not None and self._unchanged(ref, view, known, record):
            draft.untouched += 1
            draft.untouched_values += len(known.agreed) - known.agreed.count(None)
        elif record.state is RecordState.VOID:
            self._void(ref, view)
        else:
            draft.touched.add(ref)
            if known is not None and known.state is not RowState.PRESENT:
                draft.states[ref] = RowState.PRESENT
            self._merge(ref, view, known or unsettled(ref, self.grid.fields), record)

    def _unchanged(self, ref: str, view: RowView, known: BaseRow, record: Record) -> bool:
        """Whether neither side moved since the last run: one comparison each."""
        return (
            known.raw == view.raw
            and known.agreed == self._record_row(record)
            and known.state is RowState.PRESENT
            and record.state is RecordState.ACTIVE
            and ref not in self._special
            and ref not in self.s.remarks
            and not self.s.of_contacts.of(ref, record.values, record.values)
            and not self._is_noted(view)  # the cell it speaks of may have been put back: then the note has to go
        )

    def _is_noted(self, view: RowView) -> bool:
        return NOTE_FIELD in self.grid.index and self.grid.cell(view, NOTE_FIELD) is not None

    def _record_row(self, record: Record) -> tuple[Json, ...]:
        """The record's values in the base's order; None for what this table does not show."""
        values = record.values.get
        if self._shows_all:
            return tuple(map(values, self.grid.fields))
        return tuple(values(name) if name in self.grid.data else None for name in self.grid.fields)

    def _merge(self, ref: str, view: RowView, known: BaseRow, record: Record) -> None:
        """Merge every data cell of one row, then say in the row what is open."""
        sentences: list[str] = []
        standing = set(self.s.standing.get(ref, ()))
        edited = False
        quiet = ref not in self._special
        before, after = record.values, dict(record.values)
        known, record = self.directory.followed(ref, view, known, record)
        for name, index in self.grid.places:
            raw, value = view.raw[index], record.values.get(name)
            if raw == known.raw[index] and value == known.agreed[index] and quiet:
                continue  # most cells of an edited row: nothing to read, nothing to decide
            sides = self.decisions.sides(ref, name, view, known, record)
            decision = self.decisions.decide(ref, name, sides, record)
            if decision.act is Act.TO_RECORD and name in LEAD:
                decision = self.directory.judge(ref, name, decision, view, known, record)
            self._carry_out(ref, name, view, sides, decision, sentences)
            if decision.act is Act.TO_RECORD:
                after[name] = decision.value
            edited |= self._count_edit(ref, name, sides, decision)
            if decision.kept is not None:
                standing.add(("proposal_kept", name))
        self.pen.withhold(ref, view, known)
        if edited:
            self.draft.edited[ref] = tuple(view.raw[index] for _, index in self.grid.places)
            self.draft.older_rows += bool(known.older) and self.grid.data_digest(view.raw) in known.older
        sentences += [self.pen.sentence(code, name) for code, name in sorted(standing)]
        sentences += self.pen.remarks(ref, after, before)
        self.pen.note(view, sentences, ref)
        self.pen.settle_own(ref, view, known)

    def _count_edit(self, ref: str, name: str, sides: Sides, decision: Decision) -> bool:
        """Count a person's edit that no question is open about yet, for the guards."""
        if not decision.edited or ((ref, name) in self.s.asked and self.s.asked[ref, name] == sides.raw):
            return False
        agreed = agreed_value(sides.base)
        new = decision.reading.value if decision.reading and decision.reading.accepted else None
        blank = sides.raw is None
        self.draft.edits[name].append((agreed, None if blank else new if new is not None else shown_text(sides.raw)))
        return True

    def _carry_out(
        self, ref: str, name: str, view: RowView, sides: Sides, decision: Decision, sentences: list[str]
    ) -> None:
        draft = self.draft
        if decision.act is Act.QUESTION:
            point = self.decisions.point(ref, name, view, sides, decision)
            draft.points.append(point)
            sentences.append(self.pen.sentence(decision.code, name, point.proposal))
        elif decision.act is Act.AGREED:
            draft.settled.append(Settled(ref, name, sides.raw, decision.value))
            self.pen.tidy(ref, name, view, decision)
        elif decision.act is Act.TO_RECORD:
            side = Side.JOBCENTRE if self.grid.rule[name].owner is Side.JOBCENTRE else Side.PROJECT
            draft.record_changes.append(RecordChange(ref, name, sides.record, decision.value, side, view.number))
            draft.settled.append(Settled(ref, name, sides.raw, decision.value, decision.flip))
            self.pen.tidy(ref, name, view, decision)
        elif decision.act is Act.TO_TABLE:
            self.pen.write(ref, name, view, decision)
        if decision.kept is not None:
            point = self.decisions.point(ref, name, view, sides, decision)
            kept = replace(point, kind="proposal", code="proposal_kept", proposal=decision.kept, meaning=None)
            draft.points.append(kept)

    def _void(self, ref: str, view: RowView) -> None:
        self.draft.waiting_values += self.grid.filled(view)
        self.pen.note(view, [explain("row_void", "")], ref)
