"""What storing a described thing did, so that ``apply`` can say it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

from syncsvc.store.models import Model


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def store(session: Session, row: Model, **values: object) -> Outcome:
    """Give the row these values, writing only what differs; a row new to the session is added."""
    created = row not in session
    changed = [name for name, value in values.items() if created or getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    session.add(row)
    session.flush()
    return Outcome.CREATED if created else Outcome.CHANGED if changed else Outcome.UNCHANGED
