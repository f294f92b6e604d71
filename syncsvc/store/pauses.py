"""Accounts that their platform throttles, and until when no process uses them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from syncsvc.store.models import Pause


def get(session: Session, credential: str) -> Pause | None:
    """The account's last pause, ended or not; None if it was used with success since."""
    return session.get(Pause, credential)


def put(session: Session, credential: str, *, since: datetime, until: datetime, strikes: int) -> None:
    """Pause the account, or say anew until when."""
    session.merge(Pause(credential=credential, since=since, until=until, strikes=strikes))


def end(session: Session, credential: str) -> None:
    """Forget the account's pause and its strikes."""
    session.execute(delete(Pause).where(Pause.credential == credential))


def standing(session: Session, now: datetime) -> Mapping[str, datetime]:
    """Until when each account rests that rests now."""
    query = select(Pause.credential, Pause.until).where(Pause.since <= now, Pause.until > now)
    return {row.credential: row.until for row in session.execute(query)}
