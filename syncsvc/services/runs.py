"""Runs as people see them, what each changed, and taking one back."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.actions import Plan, Situation
from syncsvc.core.cells import decode
from syncsvc.core.fields import Context, Field, field_for
from syncsvc.core.mapping import OWN_FIELDS, REFERENCE_FIELD
from syncsvc.core.undo import CellChange, LeftAlone, RunAccount, plan_undo
from syncsvc.errors import UsageError
from syncsvc.services.attempts import Attempt
from syncsvc.services.leases import leased
from syncsvc.services.outcomes import Outcome
from syncsvc.services.run import Run
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts, load_facts, mapping_of, table_context
from syncsvc.services.sync import WAIT_SECONDS, noted
from syncsvc.store import changes, mappings, organisations, projects, questions, runs, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Run as Row
from syncsvc.store.models import RunState


@dataclass(frozen=True, slots=True)
class RunView:
    id: int
    table: str
    kind: str
    state: str
    message: str
    started: datetime
    seconds: float | None
    actor: str
    counts: Mapping[str, Any]
    receipt: Mapping[str, int]
    undoes: int | None
    undone_by: int | None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "table": self.table,
            "kind": self.kind,
            "started": self.started.isoformat(),
            "seconds": self.seconds,
            "state": self.state,
            "message": self.message,
            "actor": self.actor,
            **self.counts,
            "receipt": dict(self.receipt),
            "undoes": self.undoes,
            "undone_by": self.undone_by,
        }


@dataclass(frozen=True, slots=True)
class UndoResult:
    """``changes`` were (or would be) taken back, ``left_alone`` stays, with the reason.

    ``outcome`` only when done, ``plan`` (its fingerprint) only for a preview.
    """

    changes: list[dict[str, Any]] = field(default_factory=list)
    left_alone: list[dict[str, Any]] = field(default_factory=list)
    outcome: Outcome | None = None
    plan: str = ""


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Some of a run's changed cells, by participant, and how many there are in all."""

    total: int
    changes: list[dict[str, Any]]


def list_runs(
    rt: Runtime, *, table: str | None = None, limit: int = 50, before: int | None = None, state: str = ""
) -> list[RunView]:
    """The newest runs first, those that ended in ``state`` or all. Raises ``NotFound`` for an unknown table.

    ``before`` is the number of the last run already shown.
    """
    with rt.database.read() as session:
        table_id = tables.get(session, table).id if table else None
        wanted = RunState(state) if state else None
        return _views(session, runs.latest(session, table_id, limit=limit, before=before, state=wanted))


def get_run(rt: Runtime, run_id: int) -> RunView:
    """One run. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _views(session, [runs.get(session, run_id)])[0]


def run_changes(rt: Runtime, run_id: int) -> list[dict[str, Any]]:
    """What a run changed, cell by cell: {ref, field, header, side, old, new}; the values as people read them.

    Raises ``NotFound``.
    """
    with rt.database.read() as session:
        run = runs.get(session, run_id)
        reader = _reader(rt, session, tables.by_id(session, run.table_id).key)
        return [reader.line(change) for change in changes.of_run(session, run_id)]


def page_of_changes(rt: Runtime, run_id: int, *, limit: int, offset: int = 0) -> ChangesPage:
    """The same, a page of it; only of columns that the table's mapping shows today. Raises ``NotFound``."""
    with rt.database.read() as session:
        run = runs.get(session, run_id)
        reader = _reader(rt, session, tables.by_id(session, run.table_id).key)
        found = changes.page_of_run(session, run_id, limit=limit, offset=offset, fields=reader.shown)
        return ChangesPage(changes.count_of_run(session, run_id, reader.shown), [reader.line(one) for one in found])


def undo_run(rt: Runtime, run_id: int, *, actor: str, preview: bool = False, expect: str | None = None) -> UndoResult:
    """Take a run back, per cell, as new writes; cells edited since are left alone and named.

    ``expect`` is the ``plan`` of the preview a person saw: anything else is not done, but raises ``PlanMoved``. Raises
    ``NotFound``, ``UsageError`` for a run that cannot be taken back, ``TableError``, ``TableBusy``.
    """
    started = time.monotonic()
    with rt.database.read() as session:
        run = runs.get(session, run_id)
        if run.state is not RunState.OK:
            raise UsageError("Dieser Abgleich hat nichts geändert, was sich zurücknehmen ließe.")
        if runs.undone_by(session, [run_id]):
            raise UsageError("Dieser Abgleich ist schon zurückgenommen.")
        facts = load_facts(session, tables.by_id(session, run.table_id).key)
        account = _account(session, facts, run_id)
        reader = _reader(rt, session, facts.table.key)
    left: list[LeftAlone] = []
    plans: list[Plan] = []

    def planner(situation: Situation) -> Plan:
        plan, kept = plan_undo(situation, account)
        left[:], plans[:] = kept, [plan]
        return plan

    table = rt.tables.open(tables.whereabouts(facts.table))
    if preview:
        Run(rt, facts.table.key, table, actor, None, started, planner=planner, undoes=run_id).preview()
        return UndoResult(reader.undone(plans[0]), reader.left(left), plan=plans[0].fingerprint)
    with leased(rt, facts.table.id, wait=WAIT_SECONDS) as lease:
        attempt = Attempt(rt, facts.table.id, rt.clock.now(), request=None)  # whoever asked for a sync waits for one
        undo = Run(
            rt, facts.table.key, table, actor, lease, started, attempt=attempt, planner=planner, undoes=run_id,
            location=facts.table.location,
        )  # fmt: skip
        outcome = noted(undo.sync(expect), "undo")
    return UndoResult(reader.undone(plans[0]), reader.left(left), outcome)


def _views(session: Session, found: Sequence[Row]) -> list[RunView]:
    undone = runs.undone_by(session, [run.id for run in found])
    keys = tables.keys(session, {run.table_id for run in found})
    return [
        RunView(
            id=run.id,
            table=keys[run.table_id],
            kind=run.kind,
            state=run.state.value,
            message=run.message,
            started=run.started_at,
            seconds=run.seconds,
            actor=run.actor,
            counts=run.counts,
            receipt=run.receipt,
            undoes=run.undoes_id,
            undone_by=undone.get(run.id),
        )
        for run in found
    ]


def _account(session: Session, facts: Facts, run_id: int) -> RunAccount:
    """Fold the run's log entries into one change per cell: the first old value, the last new one."""
    cells: dict[tuple[str, str], CellChange] = {}
    appended = set()
    for entry in changes.of_run(session, run_id):
        if entry.field == REFERENCE_FIELD and entry.old is None and entry.side is Where.TABLE:
            appended.add(entry.ref)
        if not entry.ref or entry.field in OWN_FIELDS:
            continue
        key = (entry.ref, entry.field)
        known = cells.get(key, CellChange())
        if entry.side is Where.RECORD:
            old = known.record[0] if known.record else entry.old
            cells[key] = CellChange((old, entry.new), known.sheet)
        else:
            first = known.sheet[0] if known.sheet else decode(entry.old)
            cells[key] = CellChange(known.record, (first, decode(entry.new)))
    created = frozenset(ref for ref in {ref for ref, _ in cells} if _born_in(session, ref, run_id))
    contested = frozenset(
        (question.ref, question.field)
        for question in questions.open_for(session, facts.table.id)
        if question.code == "proposal_kept" and question.ref and question.field
    )
    return RunAccount(cells, created, frozenset(appended), contested)


def _born_in(session: Session, ref: str, run_id: int) -> bool:
    log = changes.of_record(session, ref)
    return bool(log) and log[0].run_id == run_id and log[0].side is Where.RECORD and log[0].old is None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes values readable with one table's columns."""

    fields: Mapping[str, Field]
    headers: Mapping[str, str]
    context: Context
    shown: frozenset[str]
    """The fields whose content the mapping lets out, and those of the service itself."""

    def line(self, change: Change) -> dict[str, Any]:
        on_record = change.side is Where.RECORD
        old, new = (
            self._value(change.field, value) if on_record else self._cell(change.field, value)
            for value in (change.old, change.new)
        )
        return {"ref": change.ref, "field": change.field, "header": self.headers.get(change.field, ""),
                "side": change.side.value, "old": old, "new": new}  # fmt: skip

    def undone(self, plan: Plan) -> list[dict[str, Any]]:
        return [
            {"ref": change.ref, "field": change.field, "header": self.headers.get(change.field, ""),
             "old": self._value(change.field, change.old), "new": self._value(change.field, change.new)}
            for change in plan.record_changes
        ]  # fmt: skip

    def left(self, items: list[LeftAlone]) -> list[dict[str, Any]]:
        return [
            {"ref": item.ref, "field": item.field, "header": self.headers.get(item.field, ""), "reason": item.reason}
            for item in items
        ]

    def _value(self, name: str, value: Any) -> str:
        return self.fields[name].display(value, self.context) if name in self.fields else str(value or "")

    def _cell(self, name: str, value: Any) -> str:
        cell = decode(value)
        if name in self.fields:
            reading = self.fields[name].parse(cell, self.context)
            if reading.accepted:
                return self.fields[name].display(reading.value, self.context)
        return "" if cell is None else str(cell)


def _reader(rt: Runtime, session: Session, key: str) -> _Reader:
    table = tables.get(session, key)
    mapping = mapping_of(table, mappings.current(session, table.mapping_id))
    columns = {column.field: column for column in mapping.columns}
    organisation = organisations.key_of(session, table.jobcentre_id)
    return _Reader(
        {name: field_for(column) for name, column in columns.items()},
        {name: column.header for name, column in columns.items()},
        table_context(rt, session, projects.by_id(session, table.project_id), organisation),
        mapping.shown | set(OWN_FIELDS),
    )
