"""The logs of sign-ins and administrative changes, and of who was shown whose data. Entries are never updated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.store import bulk
from syncsvc.store.admission import AuditEntry, Reading


def note(
    session: Session, action: str, target: str, *, actor: str, now: datetime, project_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Note a sign-in or an administrative change, in the transaction that makes it.

    ``action`` is a word with a dot, such as ``table.connected`` or ``login.refused``. ``details`` are words and keys,
    never a value of a participant.
    """
    session.add(
        AuditEntry(
            at=now, actor=actor, action=action, target=target, project_id=project_id, details=dict(details or {})
        )
    )
    session.flush()


def note_readings(session: Session, page: str, refs: Iterable[str], *, actor: str, now: datetime) -> None:
    """Note that somebody was shown what stands about these participants."""
    bulk.insert(session, Reading, [{"at": now, "actor": actor, "page": page, "ref": ref} for ref in sorted(set(refs))])
