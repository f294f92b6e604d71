"""Who of the directory is told by mail what changed, and up to when that was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from syncsvc.core.digest import Rhythm
from syncsvc.store.models import Subscription
from syncsvc.store.outcome import store


def put(session: Session, contact: str, rhythm: Rhythm, now: datetime) -> None:
    """Tell this contact in this rhythm from now on. What happened before is told only to whoever was told already."""
    row = session.get(Subscription, contact) or Subscription(contact_key=contact, rhythm=Rhythm.OFF.value)
    since = now if row.rhythm == Rhythm.OFF else row.last_sent_at
    store(session, row, rhythm=rhythm.value, last_sent_at=since)


def rhythm_of(session: Session, contact: str) -> Rhythm:
    """How often this contact is told."""
    row = session.get(Subscription, contact)
    return Rhythm(row.rhythm) if row else Rhythm.OFF


def all_on(session: Session) -> Sequence[Subscription]:
    """Everybody who is told anything."""
    query = select(Subscription).where(Subscription.rhythm != Rhythm.OFF.value)
    return session.scalars(query.order_by(Subscription.contact_key)).all()


def told(session: Session, contact: str, until: datetime) -> None:
    """This contact knows all that happened before."""
    session.get_one(Subscription, contact).last_sent_at = until
