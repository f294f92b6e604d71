"""One sync run of one table, from the lease to the receipt; and its preview, which ends at the plan."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from math import inf
from typing import Any

from sqlalchemy import update

from syncsvc.core.actions import Hold, Plan, Point, Situation
from syncsvc.core.binding import column_letter
from syncsvc.core.cells import encode
from syncsvc.core.mapping import OWN_FIELDS
from syncsvc.core.model import Json, Record
from syncsvc.core.plan import make_plan
from syncsvc.core.receipt import Receipt
from syncsvc.errors import (
    DatabaseBusy,
    DatabaseDamaged,
    DatabaseOutdated,
    DatabaseUnreachable,
    KeyMissing,
    LeaseLost,
    PlanMoved,
    TableBusy,
    TableError,
    TableMoved,
    WriteIgnored,
)
from syncsvc.ports.tables import Requests
from syncsvc.ports.tables import Table as TablePort
from syncsvc.services.accounts import Accountant
from syncsvc.services.apply import (
    WHOLE_ROW,
    Execution,
    carry_out,
    is_complete,
    planned_records,
    settle_records,
    settle_table,
    write_table,
)
from syncsvc.services.attempts import Attempt, sentence, state_of
from syncsvc.services.leases import Lease, leased
from syncsvc.services.ledger import Ledger
from syncsvc.services.points import Agenda, agenda
from syncsvc.services.recovery import Recovery, recover
from syncsvc.services.remarks import remarks
from syncsvc.services.runtime import Runtime
from syncsvc.services.schedules import resting_sentence, rests_until
from syncsvc.services.situations import Facts, load_facts, load_knowledge, situation
from syncsvc.services.twins import refuse_twin
from syncsvc.store import bases, intents, leases, pauses, projects, runs, tables
from syncsvc.store.models import RunState, Table

_LOG = logging.getLogger(__name__)

ATTEMPTS = 4
"""How often a run plans anew because the table or the records moved under it."""

WAIT_SECONDS = 65.0
"""How long a person's sync waits for another run; longer than a dead process can hold its lease."""

QUIET = "Nichts Neues auf beiden Seiten."
NOT_DUE = "Schon abgeglichen."
COUNTS = ("rows", "cells_written", "rows_added", "records_changed", "records_created", "questions_opened",
          "questions_closed")  # fmt: skip
UNCHANGED = "unchanged"
"""The fingerprint of the plan that does nothing because neither side moved."""

NOT_THE_TABLES_FAULT = (
    PlanMoved,
    LeaseLost,
    DatabaseBusy,
    DatabaseUnreachable,
    DatabaseDamaged,
    DatabaseOutdated,
    KeyMissing,
)
"""Errors that say nothing about how the table is: whoever asked is told, and the table is due as before."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run did, or a preview would do, in the shape of ``sync --json``.

    ``state`` is unchanged, ok, held or failed; ``message`` one German sentence; ``fault`` who has to act
    (``errors.Actor``) where the table could not be read or written. ``actions`` and ``plan`` (the plan's
    fingerprint) only for previews.
    """

    table: str
    state: str
    message: str
    run: int | None = None
    rows: int = 0
    cells_written: int = 0
    rows_added: int = 0
    records_changed: int = 0
    records_created: int = 0
    questions_opened: int = 0
    questions_closed: int = 0
    fault: str | None = None
    requests: Mapping[str, int] = field(default_factory=lambda: asdict(Requests()))
    receipt: Mapping[str, int] = field(default_factory=lambda: Receipt().as_json())
    seconds: float = 0.0
    actions: tuple[Mapping[str, Json], ...] | None = None
    plan: str = ""

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        if self.actions is None:
            del data["actions"], data["plan"]
        return data


def sync_table(
    rt: Runtime,
    key: str,
    *,
    actor: str = "sync",
    expect: str | None = None,
    wait: float = WAIT_SECONDS,
    if_due: bool = False,
) -> Outcome:
    """Bring one table and its project's records into agreement, and plan when to look at it again.

    ``expect`` is the fingerprint of a previewed plan: exactly that plan is carried out, or ``PlanMoved`` is raised and
    nothing is done. ``wait`` is how many seconds to wait for another run of the table. ``if_due``: do nothing unless
    the table is still due once it is its turn; whoever asked for it is the actor then.

    What is wrong with the table becomes the outcome's state and message; raises ``NotFound`` for an unknown table, and
    database errors. Any other error is noted as the table's failure and raised.
    """
    started = time.monotonic()
    with rt.database.read() as session:
        row = tables.get(session, key)
        if if_due and not tables.is_due(session, row.id, rt.clock.now()):
            return Outcome(key, UNCHANGED, NOT_DUE)
    if if_due and row.requested_by:
        actor = row.requested_by
    attempt = Attempt.begin(rt, row)
    try:
        return noted(_sync(attempt, key, actor=actor, expect=expect, wait=wait, if_due=if_due, started=started))
    except NOT_THE_TABLES_FAULT:
        raise
    except Exception as error:
        with suppress(*NOT_THE_TABLES_FAULT), rt.database.write() as session:
            attempt.failed(session, error)
        raise


def _sync(
    attempt: Attempt, key: str, *, actor: str, expect: str | None, wait: float, if_due: bool, started: float
) -> Outcome:
    rt = attempt.rt
    with rt.database.read() as session:
        facts = load_facts(session, key)
        resting = pauses.standing(session, attempt.begun)
    if until := rests_until(rt, facts.table, resting):
        return Outcome(key, "held", resting_sentence(until), seconds=time.monotonic() - started)
    table = rt.tables.open(tables.whereabouts(facts.table))
    try:
        if expect in (None, UNCHANGED) and facts.is_unchanged(table.version(), lags=table.lags, now=rt.clock.now()):
            return _unchanged(attempt, facts, table, started)
        with leased(rt, facts.table.id, wait=wait) as lease:
            if if_due and not _is_due(rt, facts.table.id):
                return Outcome(key, UNCHANGED, NOT_DUE)
            return Run(rt, key, table, actor, lease, started, attempt=attempt).sync(expect)
    except TableBusy as error:
        return Outcome(key, "held", error.message, seconds=time.monotonic() - started)
    except TableError as error:
        return _failed(attempt, facts, table, error, started)


def preview_table(rt: Runtime, key: str) -> Outcome:
    """What ``sync_table`` would do now, with the plan's fingerprint. Nothing is written anywhere."""
    started = time.monotonic()
    with rt.database.read() as session:
        facts = load_facts(session, key)
    table = rt.tables.open(tables.whereabouts(facts.table))
    try:
        if facts.is_unchanged(table.version(), lags=table.lags, now=rt.clock.now()):
            seconds = time.monotonic() - started
            requests = asdict(table.requests)
            return Outcome(key, "unchanged", QUIET, requests=requests, seconds=seconds, actions=(), plan=UNCHANGED)
        return Run(rt, key, table, "preview", None, started).preview()
    except TableError as error:
        return Outcome(key, state_of(error).value, error.message, requests=asdict(table.requests), actions=())


def noted(outcome: Outcome, kind: str = "sync") -> Outcome:
    """The outcome, after the one line of log that a run gets; a look that came to nothing is for debugging only."""
    facts = {"table": outcome.table, "kind": kind, "state": outcome.state, "seconds": round(outcome.seconds, 3)}
    if outcome.fault:
        facts["fault"] = outcome.fault
    if outcome.run is not None:
        counts = {name: getattr(outcome, name) for name in COUNTS}
        facts |= {"run": outcome.run, "counts": counts, "requests": dict(outcome.requests)}
    telling = outcome.run is not None or outcome.state == "failed"
    _LOG.log(logging.INFO if telling else logging.DEBUG, "run", extra=facts)
    return outcome


def due_tables(rt: Runtime) -> list[str]:
    """The keys of all enabled tables."""
    with rt.database.read() as session:
        return [table.key for table in tables.all_tables(session) if table.enabled]


def _is_due(rt: Runtime, table_id: int) -> bool:
    with rt.database.read() as session:
        return tables.is_due(session, table_id, rt.clock.now())


def _unchanged(attempt: Attempt, facts: Facts, table: TablePort, started: float) -> Outcome:
    now = attempt.rt.clock.now()
    with attempt.rt.database.write() as session:
        if projects.by_id(session, facts.project.id).revision == facts.project.revision:
            attempt.worked(session, table)  # else somebody decided something meanwhile: the table is due as before
        if facts.table.lease_holder and leases.has_ended(session, facts.table.id, now):
            runs.interrupt(session, facts.table.id)  # the holder died, and nobody will open another run
    seconds = time.monotonic() - started
    return Outcome(facts.table.key, UNCHANGED, QUIET, requests=asdict(table.requests), seconds=seconds)


def _failed(attempt: Attempt, facts: Facts, table: TablePort, error: TableError, started: float) -> Outcome:
    """The table could not be read or written: say so, keep everything, try again later."""
    with attempt.rt.database.write() as session:
        attempt.failed(session, error, table)
    state, seconds = state_of(error).value, time.monotonic() - started
    requests, fault = asdict(table.requests), error.actor.value
    return Outcome(facts.table.key, state, sentence(error), fault=fault, requests=requests, seconds=seconds)


class Run:
    """One run or preview. The steps are those of the design; each attempt starts from a fresh snapshot.

    ``attempt`` is what the run ends; a preview has none. ``planner`` draws the plan; ``undoes`` is the run that an undo
    takes back.
    """

    def __init__(
        self,
        rt: Runtime,
        key: str,
        table: TablePort,
        actor: str,
        lease: Lease | None,
        started: float,
        *,
        attempt: Attempt | None = None,
        planner: Callable[[Situation], Plan] = make_plan,
        undoes: int | None = None,
    ) -> None:
        self._planner, self._undoes, self._attempt = planner, undoes, attempt
        self.rt, self.key, self.table, self.actor, self._lease, self.started = rt, key, table, actor, lease, started
        self.run_id: int | None = None
        self._read_at = rt.clock.now()
        self.tally: Counter[str] = Counter()

    def preview(self) -> Outcome:
        facts, _, the_situation, plan, _ = self._plan()
        state = "held" if plan.holds else "ok"
        shown = plan
        if plan.holds:  # a person decides on a release by what it would do
            everything = {hold.code: inf for hold in plan.holds}
            rebuild = "table_empty" in everything
            shown = self._planner(replace(the_situation, approved=everything, rebuild=rebuild))
        counts = self._planned(facts, the_situation, plan)
        return Outcome(
            self.key,
            state,
            rows=plan.rows + len(plan.new_rows),
            requests=asdict(self.table.requests),
            seconds=time.monotonic() - self.started,
            actions=tuple(describe(the_situation, shown)),
            plan=plan.fingerprint,
            **counts,
        )

    def sync(self, expect: str | None) -> Outcome:
        try:
            return self._sync(expect)
        except Exception as error:
            if self.run_id is not None:
                with suppress(*NOT_THE_TABLES_FAULT), self.rt.database.write() as session:  # else the next run does it
                    runs.abort(session, self.run_id, self.rt.clock.now(), message=sentence(error))
            raise

    def _sync(self, expect: str | None) -> Outcome:
        for attempt in range(1, ATTEMPTS + 1):
            facts, ledger, the_situation, plan, recovery = self._plan()
            if expect is not None and plan.fingerprint != expect:
                raise PlanMoved
            if plan.holds:
                return self._hold(facts, the_situation, plan)
            self._open(facts)
            run = self._execution(facts, the_situation, plan, ledger, recovery)
            try:
                return self._carry_out(run)
            except (PlanMoved, TableMoved) as moved:
                self._drop_intents(run)
                if expect is not None or attempt == ATTEMPTS:
                    self._give_up()
                    raise (PlanMoved if expect is not None else TableMoved) from moved
                self._remember(run)
        raise AssertionError("the last attempt returns or raises")

    # -- planning ----------------------------------------------------------------------------------------------

    def _plan(self) -> tuple[Facts, Ledger, Situation, Plan, Recovery]:
        self._read_at = self.rt.clock.now()
        snapshot = self.table.read()
        with self.rt.database.read() as session:
            facts = load_facts(session, self.key)
            refuse_twin(self.rt, session, facts.table, snapshot.identity)
            knowledge = load_knowledge(self.rt, session, facts)
        ledger = Ledger(knowledge.base, _shown(facts))
        recovery = recover(self.table, snapshot.version, facts.intents, ledger, self._read_at)
        the_situation = situation(
            facts, knowledge, snapshot, ledger.base, contested=recovery.contested, suspects=recovery.suspects
        )
        plan = self._planner(the_situation)
        changed = {} if plan.holds else planned_records(facts, the_situation, plan)
        if changed and (said := self._foreseen(facts, the_situation, changed)) != the_situation.remarks:
            the_situation = replace(the_situation, remarks=said)
            plan = self._planner(the_situation)
        if not facts.mapping_approved:
            plan = Plan(snapshot.version, holds=(_mapping_hold(facts),), rows=plan.rows)
        return facts, ledger, the_situation, plan, recovery

    def _foreseen(self, facts: Facts, now: Situation, changed: Mapping[str, Record]) -> Mapping[str, tuple[str, ...]]:
        """What the rows have to say once the plan is carried out: no second run has to add it."""
        with self.rt.database.read() as session:
            return remarks(session, facts.table, facts.mapping, now.records, now.context, changed)

    def _planned(self, facts: Facts, the_situation: Situation, plan: Plan) -> dict[str, Any]:
        """Message, counts and receipt of a run that goes to plan."""
        records = planned_records(facts, the_situation, plan)
        items = agenda(plan, facts.open, facts.answered, {**the_situation.records, **records})
        receipt = Receipt()
        if plan.fields:
            accountant = Accountant(the_situation, plan)
            run = self._execution(facts, the_situation, plan, Ledger(the_situation.base, ()), Recovery(), preview=True)
            after = {**the_situation.records, **records}
            closed = {*items.obsolete, *items.done}
            asked = [*(question for question in facts.open if question.id not in closed), *items.new]
            receipt = accountant.receipt(accountant.planned(), after, run.planned_history(), asked)
        return {"message": _message(plan, facts, items), **_counts(plan), "questions_opened": items.opened,
                "questions_closed": items.closed, "receipt": receipt.as_json()}  # fmt: skip

    def _execution(
        self,
        facts: Facts,
        the_situation: Situation,
        plan: Plan,
        ledger: Ledger,
        recovery: Recovery,
        *,
        preview: bool = False,
    ) -> Execution:
        settled = {(item.ref, item.field): encode(item.raw) for item in plan.settled}
        agreed = tuple(key for key in settled if key in recovery.contested)
        replaced = (
            item
            for item in recovery.unsure
            if settled.get((item.ref, item.field), item.document["old"]) != item.document["old"]
        )
        return Execution(
            rt=self.rt,
            lease=None if preview else self.lease,
            facts=facts,
            table=self.table,
            situation=the_situation,
            plan=plan,
            run_id=0 if preview else self.opened,
            actor=self.actor,
            undoes=self._undoes,
            ledger=ledger,
            recovered=(*recovery.landed, *replaced),
            settled_tokens=recovery.settled,
            agreed_cells=(*agreed, *recovery.done),
        )

    @property
    def lease(self) -> Lease:
        assert self._lease is not None, "only a run that holds the lease may write"
        return self._lease

    @property
    def attempt(self) -> Attempt:
        assert self._attempt is not None, "only an attempt to sync may write"
        return self._attempt

    @property
    def opened(self) -> int:
        assert self.run_id is not None, "the run is opened before anything is written"
        return self.run_id

    # -- carrying out ------------------------------------------------------------------------------------------

    def _open(self, facts: Facts) -> None:
        if self.run_id is None:
            with self.lease.write() as session:
                run = runs.start(
                    session,
                    facts.table.id,
                    kind="sync" if self._undoes is None else "undo",
                    undoes=self._undoes,
                    actor=self.actor,
                    now=self.rt.clock.now(),
                    mapping_revision=facts.revision.number,
                )
                self.run_id = run.id

    def _carry_out(self, run: Execution) -> Outcome:
        settle_records(run)
        for token in run.settled_tokens:
            self.table.settle(token)
        error: TableError | None = None
        if run.patch:
            try:
                write_table(run)
            except TableMoved:
                raise
            except TableError as problem:  # the records keep what the sheet gave them
                if not run.written:
                    self._drop_intents(run)
                error = problem
        return self._close(run, error)

    def _close(self, run: Execution, error: TableError | None) -> Outcome:
        """The closing transaction: base, receipt, state.

        Without an ``error`` what the read-back confirmed is settled, also where it did not confirm everything.
        """
        plan, facts, now = run.plan, run.facts, self.rt.clock.now()
        seen = error is None
        if seen and run.ignored:
            error = WriteIgnored()
        receipt = self._receipt(run, written=seen)
        assert run.agenda is not None
        counts = _counts(plan, run.verdict.missing) if seen else {**_counts(plan), "cells_written": 0, "rows_added": 0}
        counts |= {"questions_opened": run.agenda.opened, "questions_closed": run.agenda.closed}
        counts = {name: count + self.tally[name] for name, count in counts.items()}
        state = "ok" if error is None else state_of(error).value
        message = sentence(error) if error else _message(plan, facts, run.agenda)
        complete = error is None and is_complete(run)
        fault = error.actor.value if error else None
        if error is not None and self._again(run, error):
            return self._outcome(run.plan, state, message, counts, receipt, fault)
        with self.lease.write() as session:
            if seen:
                settle_table(session, run)
            if error is None and not receipt.lost and self._was_empty(run):
                runs.discard(session, run.run_id)
                self.run_id = None
            else:
                runs.finish(
                    session, run.run_id, RunState(state), now, message=message,
                    counts={
                        **counts, "rows": plan.rows + len(plan.new_rows), "repaired": run.repaired,
                        "requests": asdict(self.table.requests),
                    },
                    receipt=receipt.as_json(),
                )  # fmt: skip
            if error is None:
                self.attempt.worked(session, self.table)
            else:
                self.attempt.failed(session, error, self.table)
            bases.save_positions(session, facts.table.id, self._positions(run))
            version = run.after.version if run.after else plan.version
            session.execute(
                update(Table)
                .where(Table.id == facts.table.id)
                .values(
                    seen_version=version if complete else None,
                    seen_revision=run.revision,
                    read_at=self._read_at,
                    identity=dict(run.situation.snapshot.identity),
                    approved_revision=facts.revision.number,
                    release=None if error is None else facts.table.release,
                    last_agreed_at=now if error is None else Table.last_agreed_at,
                )
            )
        if seen or not run.written:
            self.table.settle(run.token)
        return self._outcome(run.plan, state, message, counts, receipt, fault)

    def _was_empty(self, run: Execution) -> bool:
        """Whether this run found nothing to do, such as one for a change that concerned a sister table.

        The first one, one that a person released and an undo are worth an entry of their own.
        """
        assert run.agenda is not None
        table = run.facts.table
        if self._undoes is not None or table.last_agreed_at is None or table.release:
            return False
        return not (run.patch or run.recovered or run.agenda.done) and self._changed_nothing(run)

    def _changed_nothing(self, run: Execution) -> bool:
        """Whether records, history and questions are as before the run."""
        assert run.agenda is not None
        items = run.agenda
        return not (run.history or run.plan.new_records or items.new or items.changed or items.obsolete or self.tally)

    def _again(self, run: Execution, error: TableError) -> bool:
        """Whether this run only met the same closed door as the one before; then it is no run of its own."""
        in_vain = not run.written or (run.ignored and not run.repaired and not run.verdict.confirmed)
        if not in_vain or run.facts.table.message != sentence(error) or not self._changed_nothing(run):
            return False
        with self.lease.write() as session:
            intents.drop(session, run.facts.table.id, run.token)
            runs.discard(session, self.opened)
            self.attempt.failed(session, error, self.table)
        self.run_id = None
        self.table.settle(run.token)
        return True

    def _positions(self, run: Execution) -> dict[str, int]:
        """Where every reference stands now. While a row waits for its owner all places stay as they were remembered:

        they are witnesses, and the next run has to see the same ones.
        """
        if any(point.candidates for point in run.plan.points):
            return dict(run.situation.base.positions)
        if run.sheet is None:
            return dict(run.plan.seen)
        return {ref: row.number for ref in run.sheet.rows if (row := run.sheet.one(ref)) is not None}

    def _receipt(self, run: Execution, *, written: bool) -> Receipt:
        if not run.plan.fields:  # an undo that found no header: nothing was looked at
            return Receipt()
        accountant = Accountant(run.situation, run.plan)
        after = accountant.cells_before()
        if written and run.patch:
            after = accountant.cells_of(run.sheet) if run.sheet is not None else accountant.planned()
        assert run.agenda is not None
        closed = {*run.agenda.obsolete, *run.agenda.done}
        asked = [question for question in run.facts.open if question.id not in closed]
        records: dict[str, Record] = {**run.situation.records, **run.records}
        history = run.planned_history() if run.written else run.history
        return accountant.receipt(after, records, history, [*asked, *run.agenda.new, *run.agenda.changed.values()])

    def _hold(self, facts: Facts, the_situation: Situation, plan: Plan) -> Outcome:
        """Stopped before writing: one question, nothing else changes. Stopping again for the same adds no run."""
        items = agenda(plan, facts.open, facts.answered, dict(the_situation.records))
        now, message = self.rt.clock.now(), _message(plan, facts, items)
        counts = {**_counts(plan), "questions_opened": items.opened, "questions_closed": items.closed}
        if self.run_id is None and not (items.new or items.changed) and facts.table.message == message:
            with self.lease.write() as session:
                self.attempt.worked(session, self.table, held=message)
            return self._outcome(plan, "held", message, counts, Receipt())
        self._open(facts)
        with self.lease.write() as session:
            carry_out(session, items, facts.table.id, self.opened, now)
            told = {**counts, "rows": plan.rows, "requests": asdict(self.table.requests)}
            runs.finish(session, self.opened, RunState.HELD, now, message=message, counts=told)
            self.attempt.worked(session, self.table, held=message)
        return self._outcome(plan, "held", message, counts, Receipt())

    def _give_up(self) -> None:
        with self.lease.write() as session:
            message = TableMoved().message
            runs.finish(session, self.opened, RunState.HELD, self.rt.clock.now(), message=message, counts=self.tally)

    def _remember(self, run: Execution) -> None:
        """What an attempt did to records and questions stays done although the table moved before its write."""
        if run.agenda is not None:
            done = _counts(run.plan)
            self.tally.update(records_changed=done["records_changed"], records_created=done["records_created"])
            self.tally.update(questions_opened=run.agenda.opened, questions_closed=run.agenda.closed)

    def _drop_intents(self, run: Execution) -> None:
        with self.lease.write() as session:
            intents.drop(session, run.facts.table.id, run.token)

    def _outcome(
        self,
        plan: Plan,
        state: str,
        message: str,
        counts: Mapping[str, Any],
        receipt: Receipt,
        fault: str | None = None,
    ) -> Outcome:
        return Outcome(
            self.key,
            state,
            message,
            run=self.run_id,
            rows=plan.rows + len(plan.new_rows),
            fault=fault,
            requests=asdict(self.table.requests),
            receipt=receipt.as_json(),
            seconds=time.monotonic() - self.started,
            **counts,
        )


def _shown(facts: Facts) -> list[str]:
    return [name for name in facts.fields if name not in OWN_FIELDS and name in facts.mapping.shown]


def _mapping_hold(facts: Facts) -> Hold:
    text = "Die Zuordnung wurde geändert: bitte die Vorschau ansehen und freigeben."
    return Hold("mapping_changed", facts.revision.number, text)


def _counts(plan: Plan, missing: Set[tuple[str, str]] = frozenset()) -> dict[str, int]:
    """What a plan does; ``missing`` (``core/verify.Verdict``) did not arrive in the table."""
    lost = {ref for ref, name in missing if name == WHOLE_ROW}
    added = [new.append for new in plan.new_rows if new.append.ref not in lost]
    return {
        "cells_written": len(plan.cells) - (len(missing) - len(lost)) + sum(len(append.cells) for append in added),
        "rows_added": len(added),
        "records_changed": len({change.ref for change in plan.record_changes}),
        "records_created": len(plan.new_records),
    }


def _message(plan: Plan, facts: Facts, items: Agenda) -> str:
    """How the run went, in one sentence; ``items`` is what it does to the table's questions."""
    if plan.holds:
        return "Angehalten: " + " ".join(hold.text for hold in plan.holds)
    count = len(facts.open) + items.opened - items.closed
    if count:
        return f"Abgeglichen; {count} {'Klärung ist' if count == 1 else 'Klärungen sind'} offen."
    return "Abgeglichen."


def describe(the_situation: Situation, plan: Plan) -> list[Mapping[str, Json]]:
    """The plan's actions, one line each: {row, ref, field, column, from, to, direction, reason}."""
    headers = {column.field: column.header for column in the_situation.mapping.columns}
    lines: list[Mapping[str, Json]] = []

    def line(
        row: int | None, ref: str | None, name: str | None, old: Json, new: Json, direction: str, reason: str
    ) -> None:
        column = headers.get(name or "", "")
        lines.append(
            {"row": row, "ref": ref, "field": name, "column": column, "from": old, "to": new, "direction": direction,
             "reason": reason}
        )  # fmt: skip

    for created in plan.new_records:
        for name, value in created.values.items():
            line(created.row, created.ref, name, None, value, "to_record", "new_row")
    for change in plan.record_changes:
        reason = "said_by_directory" if change.source else "edited_in_table"
        line(change.row, change.ref, change.field, change.old, change.new, "to_record", reason)
    for write in plan.writes:
        line(write.cell.row, write.ref, write.field, write.before, write.value, "to_table", "changed_in_record")
    for new in plan.new_rows:
        for name, value in new.values.items():
            line(None, new.append.ref, name, None, value, "to_table", "new_record")
    for reason, cells in (("reference", plan.references), ("note", plan.notes), ("header", plan.header)):
        by_column = {place.column: name for name, place in plan.places.items()}
        for cell in cells:
            name = by_column.get(cell.column, column_letter(cell.column))
            line(cell.row, cell.ref, name, encode(cell.old), encode(cell.new), "to_table", reason)
    for point in plan.points:
        line(point.row, point.ref, point.field, point.sheet, _other(point), "question", point.code)
    return lines


def _other(point: Point) -> Json:
    return point.proposal if point.proposal is not None else point.record
