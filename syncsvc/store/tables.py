"""Shared tables: where they are, how their last run went, and the lease that lets one run at a time write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from syncsvc.core.model import Side
from syncsvc.errors import NotFound, UsageError
from syncsvc.store.models import Table, TableState
from syncsvc.store.outcome import Outcome, store


def get(session: Session, key: str) -> Table:
    """The table with this key. Raises ``NotFound``."""
    row = session.scalar(select(Table).where(Table.key == key))
    if row is None:
        raise NotFound(f"Die Tabelle „{key}“ gibt es nicht.")
    return row


def by_id(session: Session, table_id: int) -> Table:
    """The table with this id, which another row names."""
    return session.get_one(Table, table_id)


def all_tables(session: Session, project_id: int | None = None) -> Sequence[Table]:
    """All tables, or one project's, by key."""
    query = select(Table).order_by(Table.key)
    return session.scalars(query if project_id is None else query.where(Table.project_id == project_id)).all()


def whereabouts(table: Table) -> dict[str, str]:
    """The table's location with the platform's own ids of it, by which it is found after a renaming."""
    return {**table.location, **table.identity}


def due(session: Session, now: datetime) -> Sequence[Table]:
    """The enabled tables whose time has come, longest waiting first."""
    return session.scalars(
        select(Table).where(Table.enabled, Table.next_due_at <= now).order_by(Table.next_due_at, Table.id)
    ).all()


def upsert(
    session: Session,
    key: str,
    *,
    project_id: int,
    mapping_id: int,
    location: Mapping[str, str],
    jobcentre_id: int | None = None,
    edited_by: Sequence[Side] = (Side.PROJECT, Side.JOBCENTRE),
    schedule: str = "",
    enabled: bool = True,
) -> Outcome:
    """Store the table's description under its key; what its runs left stays.

    Raises ``UsageError`` when another table is at the same location.
    """
    place = dict(sorted(location.items()))  # one spelling, so that the database sees two tables at one place
    other = session.scalar(select(Table.key).where(Table.location == place, Table.key != key))
    if other is not None:
        raise UsageError(f"An diesem Ort liegt schon die Tabelle „{other}“.")
    table = session.scalar(select(Table).where(Table.key == key)) or Table(key=key)
    if table.location != place:
        table.identity = {}  # the ids of another place
    return store(
        session,
        table,
        project_id=project_id,
        jobcentre_id=jobcentre_id,
        mapping_id=mapping_id,
        location=place,
        edited_by=[side.value for side in edited_by],
        schedule=schedule,
        enabled=enabled,
    )


def set_state(session: Session, table_id: int, state: TableState, message: str, now: datetime) -> None:
    """Say how the table is; ``since`` moves only when that differs from before. ``message`` names no person."""
    session.execute(
        update(Table)
        .where(Table.id == table_id, or_(Table.state != state, Table.message != message))
        .values(state=state, message=message, since=now)
    )


def acquire(session: Session, table_id: int, holder: str, now: datetime, seconds: int = 60) -> int | None:
    """Take the table's lease and return its fence, or None while somebody else's has not ended.

    Each lease has a higher fence than the one before. Not re-entrant: the same holder waits as well.
    """
    return session.scalar(
        update(Table)
        .where(Table.id == table_id, or_(Table.lease_until.is_(None), Table.lease_until <= now))
        .values(lease_holder=holder, lease_until=now + timedelta(seconds=seconds), fence=Table.fence + 1)
        .returning(Table.fence)
    )


def holder(session: Session, table_id: int) -> str | None:
    """Who holds the table's lease, ended or not."""
    return session.scalar(select(Table.lease_holder).where(Table.id == table_id))


def take_over(session: Session, table_id: int, dead: str, holder: str, now: datetime, seconds: int = 60) -> int | None:
    """Take the lease of a holder whose process is known to have died; None if it is not the holder any more."""
    return session.scalar(
        update(Table)
        .where(Table.id == table_id, Table.lease_holder == dead)
        .values(lease_holder=holder, lease_until=now + timedelta(seconds=seconds), fence=Table.fence + 1)
        .returning(Table.fence)
    )


def renew(session: Session, table_id: int, fence: int, now: datetime, seconds: int = 60) -> bool:
    """Prolong the lease; False if it was released or somebody took the table after it had ended."""
    prolonged = session.scalar(
        update(Table)
        .where(Table.id == table_id, Table.fence == fence, Table.lease_until.is_not(None))
        .values(lease_until=now + timedelta(seconds=seconds))
        .returning(Table.id)
    )
    return prolonged is not None


def release(session: Session, table_id: int, fence: int) -> None:
    """Give the lease back; nothing happens if it is no longer held."""
    session.execute(
        update(Table).where(Table.id == table_id, Table.fence == fence).values(lease_holder=None, lease_until=None)
    )


def holds(session: Session, table_id: int, fence: int) -> bool:
    """Whether this fence still is the table's lease. Asked in a write session, the answer is true until it commits."""
    query = select(Table.id).where(Table.id == table_id, Table.fence == fence, Table.lease_until.is_not(None))
    return session.scalar(query) is not None
