"""One run of one table on its way, from the snapshot to the receipt; a preview goes as far as the plan."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from math import inf
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.actions import Hold, Plan, Situation
from syncsvc.core.cells import encode
from syncsvc.core.mapping import OWN_FIELDS
from syncsvc.core.model import Record
from syncsvc.core.plan import make_plan
from syncsvc.core.receipt import Receipt
from syncsvc.errors import PlanMoved, TableError, TableMoved
from syncsvc.ports.tables import Table as TablePort
from syncsvc.services.accounts import Accountant
from syncsvc.services.apply import carry_out, settle_records
from syncsvc.services.attempts import NOT_THE_TABLES_FAULT, Attempt, sentence
from syncsvc.services.closing import Closing, Ending
from syncsvc.services.execution import Execution, planned_records
from syncsvc.services.history import planned_history
from syncsvc.services.leases import Lease
from syncsvc.services.ledger import Ledger
from syncsvc.services.outcomes import Outcome, counts_of, describe, message_of
from syncsvc.services.points import agenda
from syncsvc.services.recovery import Recovery, recover
from syncsvc.services.remarks import remarks
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts, load_facts, load_knowledge, situation
from syncsvc.services.twins import refuse_twin
from syncsvc.services.writing import write_table
from syncsvc.store import intents, runs
from syncsvc.store.models import RunState

ATTEMPTS = 4
"""How often a run plans anew because the table or the records moved under it."""


class Run:
    """One run or preview. The steps are those of the design; each attempt starts from a fresh snapshot.

    ``attempt`` is what the run ends; a preview has none. ``planner`` draws the plan; ``undoes`` is the run that an undo
    takes back. ``load`` says what is known of the table, where that is not what the database holds under its key.
    ``location`` is where the open table lies: a run that writes stops where the settings say otherwise by now.
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
        load: Callable[[Session], Facts] | None = None,
        location: Mapping[str, str] | None = None,
    ) -> None:
        self._planner, self._undoes, self._attempt, self._location = planner, undoes, attempt, location
        self._load = load or partial(load_facts, key=key)
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
            facts = self._load(session)
            if self._location not in (None, facts.table.location):
                raise PlanMoved  # to another place: the run has the former one open
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
            receipt = accountant.receipt(accountant.planned(), after, planned_history(run), asked)
        return {"message": message_of(plan, facts, items), **counts_of(plan), "questions_opened": items.opened,
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
        ending = Closing(run, self.attempt, self.tally, self._read_at).close(error)
        if ending.discarded:
            self.run_id = None
        if error is None or not run.written:
            self.table.settle(run.token)
        return self._outcome(run.plan, ending)

    def _hold(self, facts: Facts, the_situation: Situation, plan: Plan) -> Outcome:
        """Stopped before writing: one question, nothing else changes. Stopping again for the same adds no run."""
        items = agenda(plan, facts.open, facts.answered, dict(the_situation.records))
        now, message = self.rt.clock.now(), message_of(plan, facts, items)
        counts = {**counts_of(plan), "questions_opened": items.opened, "questions_closed": items.closed}
        known = self.run_id is None and not (items.new or items.changed) and facts.table.message == message
        if not known:
            self._open(facts)
        with self.lease.write() as session:
            if not known:
                carry_out(session, items, facts.table.id, self.opened, now)
                told = {**counts, "rows": plan.rows, "requests": asdict(self.table.requests)}
                runs.finish(session, self.opened, RunState.HELD, now, message=message, counts=told)
            self.attempt.worked(session, self.table, held=message)
        return self._outcome(plan, Ending("held", message, counts))

    def _give_up(self) -> None:
        with self.lease.write() as session:
            message = TableMoved().message
            runs.finish(session, self.opened, RunState.HELD, self.rt.clock.now(), message=message, counts=self.tally)

    def _remember(self, run: Execution) -> None:
        """What an attempt did to records and questions stays done although the table moved before its write."""
        if run.agenda is not None:
            done = counts_of(run.plan)
            self.tally.update(records_changed=done["records_changed"], records_created=done["records_created"])
            self.tally.update(questions_opened=run.agenda.opened, questions_closed=run.agenda.closed)

    def _drop_intents(self, run: Execution) -> None:
        with self.lease.write() as session:
            intents.drop(session, run.facts.table.id, run.token)

    def _outcome(self, plan: Plan, ending: Ending) -> Outcome:
        return Outcome(
            self.key,
            ending.state,
            ending.message,
            run=self.run_id,
            rows=plan.rows + len(plan.new_rows),
            fault=ending.fault,
            requests=asdict(self.table.requests),
            receipt=ending.receipt.as_json(),
            seconds=time.monotonic() - self.started,
            **ending.counts,
        )


def _shown(facts: Facts) -> list[str]:
    return [name for name in facts.fields if name not in OWN_FIELDS and name in facts.mapping.shown]


def _mapping_hold(facts: Facts) -> Hold:
    text = "Die Zuordnung wurde geändert: bitte die Vorschau ansehen und freigeben."
    return Hold("mapping_changed", facts.revision.number, text)
