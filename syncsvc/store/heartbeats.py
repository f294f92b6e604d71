"""Signs of life of what has to go on: the dispatcher's tick, and when each periodic job last ran."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from syncsvc.store.models import Heartbeat

TICK = "dispatch"
"""The sign of life of the dispatcher's tick."""

BACKUP = "backup"
"""When the database was last backed up by the service's own command."""

TIDY = "tidy"
"""When the daily tidying last came to its end."""

COACHING = "coaching"
"""When the whole programme was last looked through for double coachings."""


def beat(session: Session, name: str, holder: str, now: datetime) -> None:
    """Note that ``holder`` did it just now."""
    session.merge(Heartbeat(name=name, at=now, holder=holder))


def forget(session: Session, name: str) -> None:
    """Make a periodic job due: what it goes by has changed."""
    session.execute(delete(Heartbeat).where(Heartbeat.name == name))


def last(session: Session, name: str) -> Heartbeat | None:
    """The last sign of life; None if there never was one."""
    return session.get(Heartbeat, name)
