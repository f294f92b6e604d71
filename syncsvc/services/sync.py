"""One sync run of one table, from the lease to the receipt; and its preview, which ends at the plan."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import asdict

from syncsvc.errors import TableBusy, TableError
from syncsvc.ports.tables import Table as TablePort
from syncsvc.services.attempts import NOT_THE_TABLES_FAULT, Attempt, sentence, state_of
from syncsvc.services.leases import leased
from syncsvc.services.outcomes import Outcome
from syncsvc.services.run import Run
from syncsvc.services.runtime import Runtime
from syncsvc.services.schedules import resting_sentence, rests_until
from syncsvc.services.situations import Facts, load_facts
from syncsvc.store import leases, pauses, projects, runs, tables

_LOG = logging.getLogger(__name__)

WAIT_SECONDS = 65.0
"""How long a person's sync waits for another run; longer than a dead process can hold its lease."""

QUIET = "Nichts Neues auf beiden Seiten."
NOT_DUE = "Schon abgeglichen."
COUNTS = ("rows", "cells_written", "rows_added", "records_changed", "records_created", "questions_opened",
          "questions_closed")  # fmt: skip
UNCHANGED = "unchanged"
"""The fingerprint of the plan that does nothing because neither side moved."""


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
            run = Run(rt, key, table, actor, lease, started, attempt=attempt, location=facts.table.location)
            return run.sync(expect)
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
