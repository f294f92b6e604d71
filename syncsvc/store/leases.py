"""The lease that lets one run at a time work on a table, as it stands in the database.

PostgreSQL measures leases with its own clock, so that the machines' clocks do not matter; with the embedded database
there is one machine, and ``now`` is its time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Interval, func, literal, or_, select, update
from sqlalchemy.orm import Session

from syncsvc.store.models import Table, UtcDateTime

LEASE = timedelta(seconds=60)
"""How long a lease goes on without being renewed."""


def acquire(session: Session, table_id: int, holder: str, now: datetime) -> int | None:
    """Take the table's lease and return its fence, or None while somebody else's has not ended.

    Each lease has a higher fence than the one before. Not re-entrant: the same holder waits as well.
    """
    return _take(session, table_id, holder, now, _ended(session, now))


def take_over(session: Session, table_id: int, dead: str, holder: str, now: datetime) -> int | None:
    """Take the lease of a holder whose process is known to have died; None if it is not the holder any more."""
    return _take(session, table_id, holder, now, Table.lease_holder == dead)


def holder(session: Session, table_id: int) -> str | None:
    """Who holds the table's lease, ended or not."""
    return session.scalar(select(Table.lease_holder).where(Table.id == table_id))


def has_ended(session: Session, table_id: int, now: datetime) -> bool:
    """Whether nobody's lease on the table is running."""
    return session.scalar(select(Table.id).where(Table.id == table_id, _ended(session, now))) is not None


def running(session: Session, now: datetime) -> frozenset[int]:
    """The tables that somebody's lease is running on, by id."""
    return frozenset(session.scalars(select(Table.id).where(~_ended(session, now))))


def renew(session: Session, table_id: int, fence: int, now: datetime) -> bool:
    """Prolong the lease; False if it was released or somebody took the table after it had ended."""
    prolonged = session.scalar(
        update(Table)
        .where(Table.id == table_id, Table.fence == fence, Table.lease_until.is_not(None))
        .values(lease_until=moment(session, now, LEASE))
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


def _take(session: Session, table_id: int, holder: str, now: datetime, free: ColumnElement[bool]) -> int | None:
    return session.scalar(
        update(Table)
        .where(Table.id == table_id, free)
        .values(lease_holder=holder, lease_until=moment(session, now, LEASE), fence=Table.fence + 1)
        .returning(Table.fence)
    )


def _ended(session: Session, now: datetime) -> ColumnElement[bool]:
    """Past its end, or further from it than any lease ever is: the clock was set back."""
    until = Table.lease_until
    return or_(until.is_(None), until <= moment(session, now), until > moment(session, now, LEASE))


def moment(session: Session, now: datetime, later: timedelta = timedelta()) -> ColumnElement[datetime]:
    """Now and so much later, by the clock that measures leases."""
    if session.get_bind().dialect.name == "postgresql":
        return func.clock_timestamp(type_=UtcDateTime) + literal(later, Interval)
    return literal(now + later, UtcDateTime)
