"""Whose turn it is to write to a file that several tables live in. A turn ends by itself like a lease."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from syncsvc.store.leases import LEASE, moment
from syncsvc.store.models import Writer


def take(session: Session, name: str, holder: str, now: datetime) -> bool:
    """Begin a turn at the file; False while somebody else's has not ended."""
    ended = sa.or_(Writer.until <= moment(session, now), Writer.until > moment(session, now, LEASE))
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Writer).values(name=name, holder=holder, until=moment(session, now, LEASE))
    begun = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": statement.excluded.holder, "until": statement.excluded.until},
        where=ended,
    ).returning(Writer.holder)
    return session.scalar(begun) is not None


def prolong(session: Session, name: str, holder: str, now: datetime) -> bool:
    """Go on for a whole turn; False if somebody else's has begun."""
    gone_on = session.scalar(
        sa.update(Writer)
        .where(Writer.name == name, Writer.holder == holder)
        .values(until=moment(session, now, LEASE))
        .returning(Writer.name)
    )
    return gone_on is not None


def end(session: Session, name: str, holder: str) -> None:
    """End the turn; nothing happens if it is somebody else's by now."""
    session.execute(sa.delete(Writer).where(Writer.name == name, Writer.holder == holder))
