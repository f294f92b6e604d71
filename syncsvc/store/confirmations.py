"""What each side said of its part of a table, month by month."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from syncsvc.core.confirmation import Confirmed
from syncsvc.core.model import Side
from syncsvc.store.models import Confirmation, Run, RunState
from syncsvc.store.outcome import store


def add(session: Session, table_id: int, side: Side, said: Confirmed) -> None:
    """Note that the side confirmed this month; said again, the last time counts."""
    same = (Confirmation.table_id == table_id, Confirmation.side == side.value, Confirmation.month == said.month)
    row = session.scalar(select(Confirmation).where(*same))
    row = row or Confirmation(table_id=table_id, side=side.value, month=said.month)
    store(session, row, at=said.at, by=said.by)


def latest(session: Session, tables: Collection[int]) -> dict[tuple[int, Side], Confirmed]:
    """What each side of these tables said last, by table and side; who never said anything is not named."""
    said = select(Confirmation).where(Confirmation.table_id.in_(tables))
    rows = session.scalars(said.order_by(Confirmation.at, Confirmation.month))
    return {(row.table_id, Side(row.side)): Confirmed(row.month, row.at, row.by) for row in rows}


def beginnings(session: Session, tables: Collection[int]) -> Mapping[int, datetime]:
    """When each of these tables was first synced, as far as runs are kept."""
    first = select(Run.table_id, func.min(Run.started_at)).where(Run.table_id.in_(tables))
    return dict(session.execute(first.group_by(Run.table_id)).all())


def first_taken_over(session: Session, table_id: int) -> datetime | None:
    """When the first sync that went through came to its end, as far as runs are kept."""
    went_well = select(Run).where(Run.table_id == table_id, Run.state == RunState.OK)
    run = session.scalar(went_well.order_by(Run.id).limit(1))
    return run.started_at + timedelta(seconds=run.seconds or 0) if run else None
