"""The outbox: what somebody is to be told once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from syncsvc.errors import Actor
from syncsvc.store.models import Notice


def add(session: Session, *, audience: Actor, code: str, text: str, now: datetime, table_id: int | None = None) -> None:
    """Tell whoever has to act, as soon as a mail can go out; commits with the caller's transaction.

    ``text``: one or two German sentences that say what is wrong and what to do. It names tables and settings, never
    a person or what stands in a cell.
    """
    session.add(Notice(at=now, audience=audience.value, table_id=table_id, code=code, text=text, due_at=now))
