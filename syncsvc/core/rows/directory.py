"""What the directory says of the rows' contacts, in the columns that follow it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from syncsvc.core.actions import RecordChange
from syncsvc.core.bases import agreed_value, unsettle
from syncsvc.core.contact_questions import ENTRY
from syncsvc.core.contacts import holders
from syncsvc.core.following import DIRECTORY, LEAD, LEADS, side_of
from syncsvc.core.identity import RowView
from syncsvc.core.merge import Act, Ask, Decision
from syncsvc.core.model import UNSETTLED, BaseRow, Covered, ErrorValue, Formula, Json, Record, Side
from syncsvc.core.rows.decisions import Decisions
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid


class Directory:
    """Brings what the directory says into records, and what people typed beside a contact to the directory."""

    def __init__(self, grid: Grid, draft: Draft, decisions: Decisions) -> None:
        self.grid, self.draft, self.decisions, self.following = grid, draft, decisions, grid.following

    def followed(self, ref: str, view: RowView, known: BaseRow, record: Record) -> tuple[BaseRow, Record]:
        """Base and record once the columns beside a contact who is new here hold what the directory says.

        A cell that a person filled at the same time stays hers; one that she emptied is as good as never filled. A
        column that is new in this table is filled too, where nothing is known yet.
        """
        for lead in self.following.leads:
            index, house = self.grid.index[lead], self.grid.house(record.values)
            if view.raw[index] == known.raw[index] and record.values.get(lead) == known.agreed[index]:
                new = [name for name in self.following.beside(lead) if known.raw[self.grid.index[name]] is UNSETTLED]
                if not new:
                    continue
                said = self.following.changes(lead, None, record.values.get(lead), record.values, house)
                taken = {name: said[name] for name in new if name in said and record.values.get(name) is None}
            else:
                before = agreed_value(known.agreed[index])
                sides = self.decisions.sides(ref, lead, view, known, record)
                decision = self.decisions.decide(ref, lead, sides, record)
                if decision.act in (Act.QUESTION, Act.NOTHING):
                    continue  # who it is remains to be seen
                taken = self.following.changes(lead, before, decision.value, record.values, house)
            for name, value in taken.items():
                place = self.grid.index[name]
                raw, owner = view.raw[place], self.grid.column[name].owner
                typed = raw != known.raw[place] and raw is not None
                if isinstance(raw, Formula | Covered | ErrorValue) or (typed and owner is not Side.SERVICE):
                    continue
                if raw != known.raw[place] and raw is None:
                    known = unsettle(known, place)
                record = self._take(ref, name, value, record, view.number)
        return known, record

    def judge(self, ref: str, name: str, decision: Decision, view: RowView, known: BaseRow, record: Record) -> Decision:
        """An edit beside a contact says something of her, so it is for the directory, unless it says what is there.

        Who is still asked about: the edit waits for the answer.
        """
        lead = LEAD[name]
        if lead not in self.grid.data:
            return decision
        who = self.decisions.decide(ref, lead, self.decisions.sides(ref, lead, view, known, record), record)
        if who.act is Act.QUESTION:
            waits = who.ask in (Ask.CONTACT, Ask.HANDOVER)
            return Decision(Act.NOTHING, reading=decision.reading, edited=decision.edited) if waits else decision
        contact = who.value if who.act is Act.TO_RECORD else record.values.get(lead)
        if not self.following.knows(lead, contact, self.grid.house(record.values)):
            return decision
        told = self.following.says(lead, contact, self.grid.house(record.values))[name]
        same = self.grid.field[name].key(told) == self.grid.field[name].key(decision.value)
        if same or (told is None and not decision.edited):
            return decision
        meaning: Json = {"contact": holders({lead: contact})[lead], "part": LEADS[lead][name], "value": decision.value}
        return replace(decision, act=Act.QUESTION, ask=Ask.CONTACT, code=ENTRY, meaning=meaning, value=None, kept=None)

    def told(self, view: RowView, values: Mapping[str, Json], bad: Collection[str]) -> dict[str, Json]:
        """What the directory says of a new row's contacts, for the cells that nobody filled."""
        told: dict[str, Json] = {}
        for lead in self.following.leads:
            if lead in values:
                told |= self.following.changes(lead, None, values[lead], values, self.grid.house(values))
        return {
            name: value
            for name, value in told.items()
            if value is not None
            and name not in bad
            and (name not in values or self.grid.column[name].owner is Side.SERVICE)
            and not isinstance(self.grid.cell(view, name), Formula | Covered)
        }

    def filled(self, ref: str, record: Record) -> Record:
        """The record of a row to come once it holds what the directory says of its contacts."""
        for lead in self.following.leads:
            named, house = record.values.get(lead), self.grid.house(record.values)
            for name, value in self.following.changes(lead, None, named, record.values, house).items():
                if record.values.get(name) is None or self.grid.column[name].owner is Side.SERVICE:
                    record = self._take(ref, name, value, record, None)
        return record

    def _take(self, ref: str, name: str, value: Json, record: Record, row: int | None) -> Record:
        """The record with what the directory says in one field, which becomes a change of the plan."""
        side = side_of(self.grid.column[name].owner)
        self.draft.record_changes.append(RecordChange(ref, name, record.values.get(name), value, side, row, DIRECTORY))
        values = {key: known for key, known in {**record.values, name: value}.items() if known is not None}
        return replace(record, values=values, by={**record.by, name: side})
