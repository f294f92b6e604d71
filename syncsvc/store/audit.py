"""The logs of sign-ins and administrative changes, and of who was shown whose data. Entries are never updated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from syncsvc.store import bulk
from syncsvc.store.admission import AuditEntry, Reading

SIGN_INS = ("login.ok", "login.refused", "login.ended", "notice.confirmed")
"""What people did to come in and go; all other entries are administrative changes."""


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


def readings_of(session: Session, ref: str, *, limit: int) -> Sequence[Reading]:
    """Who was shown what stands about this participant, the newest first."""
    query = select(Reading).where(Reading.ref == ref).order_by(Reading.at.desc(), Reading.id.desc())
    return session.scalars(query.limit(limit)).all()


def entries(
    session: Session, *, sign_ins: bool | None = None, who: str = "", projects: Iterable[int] | None = None,
    since: datetime | None = None, until: datetime | None = None, before: int | None = None, limit: int,
) -> Sequence[AuditEntry]:  # fmt: skip
    """The newest entries, at most ``limit``, older than the entry ``before``.

    ``sign_ins``: only these, or only changes. ``who``: those she made and those about her account. ``projects``: only
    what concerns these. ``since`` is included, ``until`` not.
    """
    wanted: list[ColumnElement[bool]] = []
    if sign_ins is not None:
        wanted.append(AuditEntry.action.in_(SIGN_INS) if sign_ins else AuditEntry.action.not_in(SIGN_INS))
    if who:
        wanted.append(or_(AuditEntry.actor == who, AuditEntry.target == who))
    if projects is not None:
        wanted.append(AuditEntry.project_id.in_(list(projects)))
    if since is not None:
        wanted.append(AuditEntry.at >= since)
    if until is not None:
        wanted.append(AuditEntry.at < until)
    if before is not None:
        wanted.append(AuditEntry.id < before)
    return session.scalars(select(AuditEntry).where(*wanted).order_by(AuditEntry.id.desc()).limit(limit)).all()


def old_entries(session: Session, *, sign_ins_before: datetime, changes_before: datetime) -> Sequence[int]:
    """The sign-ins and the changes noted before these moments."""
    old_sign_in = AuditEntry.action.in_(SIGN_INS) & (AuditEntry.at < sign_ins_before)
    old_change = AuditEntry.action.not_in(SIGN_INS) & (AuditEntry.at < changes_before)
    return session.scalars(select(AuditEntry.id).where(old_sign_in | old_change)).all()


def forget_entries(session: Session, ids: Sequence[int]) -> int:
    """Delete these entries; how many."""
    return len(session.scalars(delete(AuditEntry).where(AuditEntry.id.in_(ids)).returning(AuditEntry.id)).all())


def old_readings(session: Session, before: datetime) -> Sequence[int]:
    """The readings noted before this moment."""
    return session.scalars(select(Reading.id).where(Reading.at < before)).all()


def forget_readings(session: Session, ids: Sequence[int]) -> int:
    """Delete these readings; how many."""
    return len(session.scalars(delete(Reading).where(Reading.id.in_(ids)).returning(Reading.id)).all())
