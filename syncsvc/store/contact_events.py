"""What happened to responsibilities, once each: keys and references only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.store.models import ContactEvent


def add(
    session: Session,
    *,
    kind: str,
    role: str,
    from_key: str | None,
    to_key: str | None,
    refs: Iterable[str],
    group_key: str,
    at: datetime,
    day: date,
    table_id: int | None = None,
    run_id: int | None = None,
) -> None:
    """Write one event."""
    session.add(
        ContactEvent(
            kind=kind, role=role, from_key=from_key, to_key=to_key, refs=sorted(refs), group_key=group_key, at=at,
            day=day, table_id=table_id, run_id=run_id,
        )
    )  # fmt: skip
    session.flush()


def latest_of(session: Session, group_key: str, since: datetime) -> ContactEvent | None:
    """The newest event of a group since then that was not undone."""
    query = sa.select(ContactEvent).where(
        ContactEvent.group_key == group_key, ContactEvent.at >= since, ContactEvent.undone_at.is_(None)
    )
    return session.scalar(query.order_by(ContactEvent.id.desc()).limit(1))


def latest(session: Session, *, since: datetime | None = None, limit: int | None = None) -> list[ContactEvent]:
    """The newest events first, or only those since then."""
    query = sa.select(ContactEvent).order_by(ContactEvent.id.desc()).limit(limit)
    return list(session.scalars(query if since is None else query.where(ContactEvent.at >= since)))
