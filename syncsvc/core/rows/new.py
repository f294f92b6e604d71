"""Rows without a participant: whom they become, or what they still miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncsvc.core.actions import NewRecord, Point, Settled, TableWrite
from syncsvc.core.bases import unsettled
from syncsvc.core.contact_doubts import about_contact
from syncsvc.core.fields import explain
from syncsvc.core.fields.contacts import ContactField
from syncsvc.core.fields.sensitive import sensitive_code
from syncsvc.core.identity import Doubtful, RowView
from syncsvc.core.mapping import JOBCENTRE_FIELD, REFERENCE_FIELD
from syncsvc.core.merge import Act, Ask, Decision, Sides
from syncsvc.core.model import UNSETTLED, CellWrite, Json, Side
from syncsvc.core.references import make_reference, usable
from syncsvc.core.rows.decisions import Decisions
from syncsvc.core.rows.directory import Directory
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid
from syncsvc.core.rows.known import KnownRows
from syncsvc.core.rows.pen import Pen
from syncsvc.core.rows.people import People
from syncsvc.core.rows.reader import RowReader


class NewRows:
    """Makes participants of rows. ``decided`` are the answers about rows, by row number; a new row may be ``known``."""

    def __init__(
        self,
        grid: Grid,
        draft: Draft,
        reader: RowReader,
        pen: Pen,
        decisions: Decisions,
        directory: Directory,
        known: KnownRows,
        decided: Mapping[int, str | None],
    ) -> None:
        self.s, self.grid, self.draft, self.reader, self.pen = grid.s, grid, draft, reader, pen
        self.decisions, self.directory, self.known, self.decided = decisions, directory, known, decided
        self.people = People(grid)

    def fresh(self, view: RowView) -> None:
        """A row without any sign of an earlier identity: a person the project knows, or a new one."""
        if self.reader.is_label(view):
            return
        if view.number not in self.decided:
            matches, sure = self.people.matches(view)
            ref = matches[0] if sure and len(matches) == 1 else None
            if ref is not None and ref not in self.draft.seen and ref not in self.grid.base.rows:
                self.pen.reference(view, ref)
                self.known.plan(ref, view, self.s.records[ref])
                return
            if matches:
                self.doubtful(Doubtful(view, tuple(matches), "person_known"))
                return
        self._create(view, None)

    def adopt(self, ref: str, view: RowView) -> None:
        """A row that brings a free reference of this project: it keeps it."""
        self.draft.seen[ref] = view.number
        self._create(view, ref)

    def copy(self, view: RowView, original: str) -> None:
        """A copied row becomes a new participant and is shown as a possible duplicate."""
        ref = self._create(view, None, copied=True)
        if ref is not None:
            point = Point("doubled_row", "row_copied", ref, view.number, candidates=(original,))
            self.draft.points.append(point)

    def doubtful(self, doubtful: Doubtful) -> None:
        """A row that may be several people: nothing moves before a person has decided."""
        view = doubtful.row
        self._count_waiting(view)
        kind = "doubled_row" if doubtful.code == "reference_doubled" else "identity"
        self.draft.points.append(
            Point(
                kind,
                doubtful.code,
                row=view.number,
                sheet=None if sensitive_code(view.typed, self.s.context) else view.typed or None,
                candidates=doubtful.candidates,
                fingerprint=self.grid.fingerprint(view),
            )
        )
        self.pen.note(view, [self.pen.sentence(doubtful.code, REFERENCE_FIELD)], None)

    def _create(self, view: RowView, ref: str | None, *, copied: bool = False) -> str | None:
        """Make a participant of a row whose required cells are filled; returns her reference.

        A cell that is filled but unreadable becomes a question about her; the other values are taken.
        """
        read, rule = self.reader.read(view), self.grid.rule
        readings, bad, missing = read.readings, read.bad, read.missing
        sentences = [self.pen.fault(name, reading) for name, reading in bad.items()]
        values: dict[str, Json] = {
            name: reading.value for name, reading in readings.items() if name not in bad and reading.value is not None
        }
        not_ready = bool(missing) or not values
        if not not_ready and ref is None and self.grid.closed(view, REFERENCE_FIELD):
            self._refuse(view, sentences)
            return None
        if not_ready or (self._ask_first(view) and ref is None):
            self._wait(view, missing, sentences, ready=not not_ready)
            return None
        reference = ref or self._next_reference()
        told = self.directory.told(view, values, bad)
        values.update(told)
        by = {name: Side.JOBCENTRE for name in values if rule[name].owner is Side.JOBCENTRE}
        draft = self.draft
        draft.new_records.append(NewRecord(reference, view.number, values, by, adopted=ref is not None))
        draft.seen[reference] = view.number
        draft.touched.add(reference)
        for name in self.grid.data:
            raw = self.grid.cell(view, name)
            if name not in bad:
                draft.settled.append(Settled(reference, name, raw, readings[name].value))
                self.pen.tidy(reference, name, view, Decision(Act.AGREED, readings[name].value))
                self._name_jobcentre(reference, name, view, readings[name].value)
                if name in told:
                    self.pen.write(reference, name, view, Decision(Act.TO_TABLE, told[name], reading=readings[name]))
            else:
                sides = Sides(UNSETTLED, UNSETTLED, raw, None)
                decision = Decision(Act.QUESTION, ask=Ask.UNREADABLE, code=bad[name].code, reading=bad[name])
                if isinstance(field_ := self.grid.field[name], ContactField):
                    decision = about_contact(field_, decision, sides, self.s.context, None)
                draft.points.append(self.decisions.point(reference, name, view, sides, decision))
        if copied:
            sentences.append(self.pen.sentence("row_copied", ""))
        if ref is None:
            self.pen.reference(view, reference)
        sentences += self.pen.remarks(reference, values, values)
        self.pen.note(view, sentences, reference)
        self.pen.settle_own(reference, view, unsettled(reference, self.grid.fields))
        return reference

    def _name_jobcentre(self, ref: str, name: str, view: RowView, value: Json) -> None:
        """A new record belongs to the table's job centre; a blank cell is to say so from the first run on."""
        house = self.s.table.organisation
        if name != JOBCENTRE_FIELD or value is not None or house is None:
            return
        if self.grid.cell(view, name) is None and not self.grid.locked(view.number, name):
            column = self.grid.binding.columns[name]
            cell = CellWrite(ref, view.number, column, None, self.grid.field[name].format(house, self.s.context))
            self.draft.writes.append(TableWrite(ref, name, cell, house, None))

    def _ask_first(self, view: RowView) -> bool:
        return self.s.mapping.new_rows == "ask" and view.number not in self.decided

    def _wait(self, view: RowView, missing: Sequence[str], sentences: list[str], *, ready: bool) -> None:
        """A row that is not a participant yet: nothing moves, a friendly note says what is missing."""
        self._count_waiting(view)
        if ready:
            point = Point("identity", "new_row", row=view.number, fingerprint=self.grid.fingerprint(view))
            self.draft.points.append(point)
            sentences.append(explain("new_row", ""))
        sentences += [self.pen.sentence("required_missing", name) for name in missing]
        self.pen.note(view, sentences, None)

    def _refuse(self, view: RowView, sentences: list[str]) -> None:
        """A new participant whose row cannot take a reference: without it nobody would know her row again."""
        self._count_waiting(view)
        point = Point("identity", "reference_locked", row=view.number, fingerprint=self.grid.fingerprint(view))
        self.draft.points.append(point)
        self.pen.note(view, [explain("reference_locked", ""), *sentences], None)

    def _count_waiting(self, view: RowView) -> None:
        self.draft.waiting_values += self.grid.filled(view)
        if view.number in self.decided:
            self.draft.waiting.add(self.grid.fingerprint(view))

    def _next_reference(self) -> str:
        draft = self.draft
        while True:
            number, draft.next_number = draft.next_number, draft.next_number + 1
            if usable(self.s.table.prefix, number):
                ref = make_reference(self.s.table.prefix, number)
                if ref not in self.s.records and ref not in self.grid.base.rows and ref not in draft.seen:
                    return ref
