"""How often something was tried lately: what rate limits count, for all processes together."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from syncsvc.store.admission import Allowance


def count(session: Session, name: str, *, amount: int, seconds: int, now: datetime) -> int:
    """Count ``amount`` more tries, and return how many there were since the first of these ``seconds``.

    Exact also for several processes: there is one writer at a time.
    """
    row = session.get(Allowance, name)
    if row is None:
        row = Allowance(name=name, count=0, until=now)
        session.add(row)
    if row.until <= now:
        row.count, row.until = 0, now + timedelta(seconds=seconds)
    row.count += amount
    session.flush()
    return row.count


def standing(session: Session, name: str, now: datetime) -> tuple[int, datetime]:
    """How many tries are counted, and until when."""
    row = session.get(Allowance, name)
    return (0, now) if row is None or row.until <= now else (row.count, row.until)


def forget(session: Session, name: str) -> None:
    """Count these tries no longer."""
    session.execute(delete(Allowance).where(Allowance.name == name))


def forget_expired(session: Session, now: datetime) -> int:
    """Delete what counts no more; how many."""
    gone = session.scalars(delete(Allowance).where(Allowance.until <= now).returning(Allowance.name))
    return len(gone.all())
