"""Signs of life of what has to go on: the dispatcher's tick, and when each periodic job last ran."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from syncsvc.store.models import Heartbeat

TICK = "dispatch"
"""The sign of life of the dispatcher's tick."""

TIDY = "tidy"
"""When the daily tidying last came to its end."""


def beat(session: Session, name: str, holder: str, now: datetime) -> None:
    """Note that ``holder`` did it just now."""
    session.merge(Heartbeat(name=name, at=now, holder=holder))


def last(session: Session, name: str) -> Heartbeat | None:
    """The last sign of life; None if there never was one."""
    return session.get(Heartbeat, name)
