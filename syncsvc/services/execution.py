"""One run on its way: what it was planned from, and what it has done so far."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace

from syncsvc.core.actions import Plan, Situation
from syncsvc.core.mapping import JOBCENTRE_FIELD
from syncsvc.core.model import Patch, Record, Side, Snapshot
from syncsvc.core.verify import Sheet, Verdict, view
from syncsvc.ports.tables import Table as TablePort
from syncsvc.services.leases import Lease
from syncsvc.services.ledger import Ledger
from syncsvc.services.points import Agenda
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts
from syncsvc.store.changes import Change
from syncsvc.store.intents import Intent

WHOLE_ROW = ""
"""The field of an intent that stands for a whole appended row."""


@dataclass(slots=True)
class Execution:
    """One run on its way: what it was planned from, and what it has done so far. ``undoes``: the run it takes back."""

    rt: Runtime
    lease: Lease | None
    facts: Facts
    table: TablePort
    situation: Situation
    plan: Plan
    run_id: int
    actor: str
    ledger: Ledger
    undoes: int | None = None
    recovered: tuple[Intent, ...] = ()
    settled_tokens: tuple[str, ...] = ()
    agreed_cells: tuple[tuple[str, str], ...] = ()
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    history: list[Change] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    revision: int = 0
    agenda: Agenda | None = None
    after: Snapshot | None = None
    sheet: Sheet | None = None
    verdict: Verdict = field(default_factory=lambda: Verdict(frozenset()))
    repaired: int = 0
    written: bool = False
    """The patch reached the table, or may have, whatever happened afterwards."""

    @property
    def patch(self) -> Patch:
        plan = self.plan
        appends = tuple(new.append for new in plan.new_rows)
        return Patch(self.token, plan.version, plan.header_row, plan.ref_column, plan.cells, appends)

    @property
    def ignored(self) -> bool:
        """Whether cells that nobody typed into show something else than what was written there."""
        return bool(self.verdict.repairs or self.verdict.appends)

    @property
    def held_lease(self) -> Lease:
        """The lease, which every run but a preview has."""
        assert self.lease is not None
        return self.lease


def planned_records(facts: Facts, situation: Situation, plan: Plan) -> dict[str, Record]:
    """The records as they are once the plan is carried out: the changed and the new ones."""
    changed: dict[str, Record] = {}
    for change in plan.record_changes:
        record = changed.get(change.ref) or situation.records[change.ref]
        by = {name: side for name, side in record.by.items() if name != change.field}
        if change.side is not Side.PROJECT:
            by[change.field] = change.side
        values = {name: value for name, value in record.values.items() if name != change.field}
        if change.new is not None:
            values[change.field] = change.new
        changed[change.ref] = replace(record, values=values, by=by)
    for new in plan.new_records:
        values = dict(new.values)
        if facts.organisation is not None:
            values.setdefault(JOBCENTRE_FIELD, facts.organisation)
        changed[new.ref] = Record(new.ref, values, dict(new.by))
    return changed


def sheet_before(run: Execution) -> Sheet:
    """The table as the plan saw it, in the plan's fields."""
    columns = {name: place.column for name, place in run.plan.places.items() if name in run.plan.fields}
    return view(run.situation.snapshot, run.plan.header_row, columns, run.plan.fields)
