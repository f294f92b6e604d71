"""What happened to responsibilities, once each: keys and references only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.errors import NotFound
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


def get(session: Session, event_id: int) -> ContactEvent:
    """The event. Raises ``NotFound``."""
    event = session.get(ContactEvent, event_id)
    if event is None:
        raise NotFound(f"Das Ereignis {event_id} gibt es nicht.")
    return event


def of_run(session: Session, run_id: int) -> list[ContactEvent]:
    """What a run found, oldest first."""
    query = sa.select(ContactEvent).where(ContactEvent.run_id == run_id)
    return list(session.scalars(query.order_by(ContactEvent.id)))


def latest(
    session: Session, *, ref: str | None = None, since: datetime | None = None, limit: int | None = None
) -> list[ContactEvent]:
    """The newest events first; only those of one participant, or only those since then."""
    query = sa.select(ContactEvent).order_by(ContactEvent.id.desc()).limit(limit)
    if ref is not None:  # references hold no quotation marks: the text in its marks is the whole reference
        query = query.where(sa.type_coerce(ContactEvent.refs, sa.Text).contains(f'"{ref}"', autoescape=True))
    return list(session.scalars(query if since is None else query.where(ContactEvent.at >= since)))
