"""Runs and their receipts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from syncsvc.errors import NotFound
from syncsvc.store.models import Change, ContactEvent, Intent, Question, Responsibility, Run, RunState

THINNED = "Die Einzelheiten sind nach Ablauf der Aufbewahrung entfernt."
"""The message of a run whose details are gone."""


def start(
    session: Session,
    table_id: int,
    *,
    kind: str,
    actor: str,
    now: datetime,
    mapping_revision: int | None = None,
    undoes: int | None = None,
) -> Run:
    """Open a run. Runs of the table that are still open died with their process: they become interrupted.

    Call it with the table's lease held.
    """
    interrupt(session, table_id)
    run = Run(
        table_id=table_id,
        kind=kind,
        state=RunState.RUNNING,
        started_at=now,
        actor=actor,
        mapping_revision=mapping_revision,
        undoes_id=undoes,
    )
    session.add(run)
    session.flush()
    return run


def interrupt(session: Session, table_id: int) -> None:
    """Note that the table's open runs died with their process. Call it while no other process works on the table."""
    session.execute(
        update(Run).where(Run.table_id == table_id, Run.state == RunState.RUNNING).values(state=RunState.INTERRUPTED)
    )


def abort(session: Session, run_id: int, now: datetime, *, message: str) -> None:
    """Close a run that an error ended, unless it is closed already; what it did stays done."""
    run = session.get_one(Run, run_id)
    if run.state is RunState.RUNNING:
        finish(session, run_id, RunState.FAILED, now, message=message)


def finish(
    session: Session,
    run_id: int,
    state: RunState,
    now: datetime,
    *,
    message: str = "",
    counts: Mapping[str, Any] | None = None,
    receipt: Mapping[str, Any] | None = None,
) -> None:
    """Close a run with its outcome, its counts and its receipt; ``message`` names no person."""
    run = session.get_one(Run, run_id)
    run.state = state
    run.seconds = (now - run.started_at).total_seconds()
    run.message = message
    run.counts = dict(counts or {})
    run.receipt = dict(receipt or {})


def discard(session: Session, run_id: int) -> None:
    """Forget a run that did nothing and to which nothing refers."""
    session.delete(session.get_one(Run, run_id))


def get(session: Session, run_id: int) -> Run:
    """The run with this id. Raises ``NotFound``."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFound(f"Den Abgleich {run_id} gibt es nicht.")
    return run


def latest(
    session: Session,
    table_id: int | None = None,
    *,
    limit: int = 50,
    before: int | None = None,
    state: RunState | None = None,
) -> Sequence[Run]:
    """The newest runs first, of one table or of all, that ended in ``state`` or in any.

    ``before`` is the last id of the page already shown.
    """
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if table_id is not None:
        query = query.where(Run.table_id == table_id)
    if state is not None:
        query = query.where(Run.state == state)
    if before is not None:
        query = query.where(Run.id < before)
    return session.scalars(query).all()


def undone_by(session: Session, ids: Collection[int]) -> dict[int, int]:
    """By which run each of these was undone: the newest one that was not stopped; runs that were not are left out."""
    done = (RunState.OK, RunState.UNCHANGED, RunState.RUNNING)
    query = select(Run.undoes_id, func.max(Run.id)).where(Run.undoes_id.in_(ids), Run.state.in_(done))
    return {of: by for of, by in session.execute(query.group_by(Run.undoes_id)) if of is not None}


def running(session: Session, table_ids: Collection[int]) -> dict[int, datetime]:
    """When the runs that are open on these tables began, by table."""
    query = select(Run.table_id, Run.started_at).where(Run.table_id.in_(table_ids), Run.state == RunState.RUNNING)
    return dict(session.execute(query).all())


def since(session: Session, table_id: int, moment: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """When the table's runs began from then on, and what each counted."""
    query = select(Run.started_at, Run.counts).where(Run.table_id == table_id, Run.started_at >= moment)
    return [(started, counts) for started, counts in session.execute(query)]


def idle(session: Session, *, quiet_before: datetime, before: datetime) -> Sequence[int]:
    """The runs to which nothing refers: no change, question, intent, responsibility, event or undo.

    Those that went well if they began before ``quiet_before``, the others if before ``before``; none that is still
    running.
    """
    went_well = Run.state.in_((RunState.OK, RunState.UNCHANGED))
    ended_badly = Run.state.in_((RunState.HELD, RunState.FAILED, RunState.INTERRUPTED))
    old = or_(and_(went_well, Run.started_at < quiet_before), and_(ended_badly, Run.started_at < before))
    return session.scalars(select(Run.id).where(old, *_unreferenced()).order_by(Run.id)).all()


def forget(session: Session, ids: Sequence[int]) -> int:
    """Delete those of these runs to which still nothing refers; how many."""
    gone = delete(Run).where(Run.id.in_(ids), *_unreferenced())
    return len(session.scalars(gone.returning(Run.id)).all())


def detailed(session: Session, before: datetime) -> Sequence[int]:
    """The ended runs begun before then that still have counts or a receipt."""
    told = or_(Run.counts != {}, Run.receipt != {})
    query = select(Run.id).where(Run.started_at < before, Run.state != RunState.RUNNING, told)
    return session.scalars(query.order_by(Run.id)).all()


def thin(session: Session, ids: Sequence[int]) -> int:
    """Take counts and receipts away from these runs and say so in their messages; how many. What they changed stands
    in the change log and stays, so they can still be undone.
    """
    thinned = update(Run).where(Run.id.in_(ids)).values(counts={}, receipt={}, message=THINNED)
    return len(session.scalars(thinned.returning(Run.id)).all())


def _unreferenced() -> tuple[ColumnElement[bool], ...]:
    later = aliased(Run)
    return (
        ~exists().where(Change.run_id == Run.id),
        ~exists().where(Question.opened_by == Run.id),
        ~exists().where(Question.closed_by == Run.id),
        ~exists().where(Intent.run_id == Run.id),
        ~exists().where(Responsibility.run_id == Run.id),
        ~exists().where(ContactEvent.run_id == Run.id),
        ~exists().where(later.undoes_id == Run.id),
    )
