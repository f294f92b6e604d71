"""What becomes of single cells, and the questions about them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from syncsvc.core.actions import Point
from syncsvc.core.bases import agreed_value
from syncsvc.core.cells import shown_text
from syncsvc.core.contact_doubts import about_contact
from syncsvc.core.fields import Field, Reading
from syncsvc.core.fields.contacts import ContactField
from syncsvc.core.fields.proposals import proposed
from syncsvc.core.following import LEADS
from syncsvc.core.identity import RowView
from syncsvc.core.merge import Ask, Decision, Sides, merge_cell
from syncsvc.core.model import BaseRow, Cell, Record, Side, Unsettled
from syncsvc.core.rows.grid import Grid


class Decisions:
    """Decides cell by cell. Changes nothing."""

    def __init__(self, grid: Grid) -> None:
        self.s, self.grid = grid.s, grid

    def sides(self, ref: str, name: str, view: RowView, known: BaseRow, record: Record) -> Sides:
        """What stands for one cell on all three sides."""
        index = self.grid.index[name]
        raw = view.raw[index]
        return Sides(
            base_raw=known.raw[index],
            base=known.agreed[index],
            raw=raw,
            record=record.values.get(name),
            record_by=record.by.get(name, Side.PROJECT),
            flip=known.flips.get(name),
            contested=self._contested(ref, name, raw, known.raw[index]),
        )

    def decide(self, ref: str, name: str, sides: Sides, record: Record) -> Decision:
        """What becomes of one cell; about contacts their own doubts have a word in it."""
        field_ = self.grid.field[name]
        decision = merge_cell(field_, self.grid.rule[name], sides, partial(self._read, field_, sides.raw, record))
        if not isinstance(field_, ContactField):
            return decision
        return about_contact(field_, decision, sides, self.s.context, self.s.lately.get((ref, name)))

    def point(self, ref: str, name: str, view: RowView, sides: Sides, decision: Decision) -> Point:
        """The question that a decision asks, without what nobody may keep (``sensitive``)."""
        reading = decision.reading
        sensitive = bool(reading and reading.sensitive)
        if reading is None:  # the cell still shows what was agreed
            sheet = agreed_value(sides.base)
        else:
            sheet = reading.value if reading.accepted else shown_text(sides.raw)
        proposal = decision.proposal
        if reading is not None and not reading.accepted:  # only what a plain yes settles can be an answer
            proposal = proposed(self.grid.field[name], reading, self.s.context)
        return Point(
            kind=decision.ask.value if decision.ask else "proposal",
            code=decision.code,
            ref=ref,
            row=view.number,
            field=name,
            header=self.grid.column[name].header,
            raw=None if sensitive else sides.raw,
            sheet=None if sensitive else sheet,
            record=sides.record,
            base=agreed_value(sides.base),
            proposal=proposal,
            sensitive=sensitive,
            meaning=decision.meaning,
            beside=self._waiting(ref, name, view) if decision.ask in (Ask.CONTACT, Ask.HANDOVER) else (),
        )

    def _read(self, field_: Field, raw: Cell, record: Record) -> Reading:
        return field_.parse(raw, replace(self.s.context, values=record.values))

    def _contested(self, ref: str, name: str, raw: Cell, base_raw: Cell | Unsettled) -> bool:
        if (ref, name) in self.s.contested:
            return True
        return raw != base_raw and raw in self.s.suspects.get(name, ())

    def _waiting(self, ref: str, lead: str, view: RowView) -> tuple[tuple[str, Cell], ...]:
        """What was typed beside a contact who is asked about: the cells that wait with her."""
        known = self.grid.base.rows.get(ref)
        return tuple(
            (name, self.grid.cell(view, name))
            for name in LEADS.get(lead, ())
            if name in self.grid.data
            and (known is None or self.grid.cell(view, name) != known.raw[self.grid.index[name]])
            and not self.grid.field[name].parse(self.grid.cell(view, name), self.s.context).sensitive
        )
