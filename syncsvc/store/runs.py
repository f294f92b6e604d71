"""Runs and their receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from syncsvc.errors import NotFound
from syncsvc.store.models import Run, RunState


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
    session: Session, table_id: int | None = None, *, limit: int = 50, before: int | None = None
) -> Sequence[Run]:
    """The newest runs first, of one table or of all; ``before`` is the last id of the page already shown."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if table_id is not None:
        query = query.where(Run.table_id == table_id)
    if before is not None:
        query = query.where(Run.id < before)
    return session.scalars(query).all()


def undone_by(session: Session, run_id: int) -> int | None:
    """The id of the newest run that undid this one and was not stopped, or None."""
    done = (RunState.OK, RunState.UNCHANGED, RunState.RUNNING)
    return session.scalar(select(Run.id).where(Run.undoes_id == run_id, Run.state.in_(done)).order_by(Run.id.desc()))
