"""The outbox: what somebody is to be told once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from syncsvc.errors import Actor
from syncsvc.store.models import Notice, Project, Table
from syncsvc.store.vault import Vault, vault_of

TROUBLED = 3
"""From this many attempts on, somebody should look why a notice does not get away."""


def add(
    session: Session,
    *,
    audience: Actor,
    code: str,
    text: str,
    now: datetime,
    table_id: int | None = None,
    recipient: str = "",
) -> None:
    """Tell whoever has to act, as soon as a mail can go out; commits with the caller's transaction.

    ``text``: one or two German sentences that say which table it is about, what is wrong and what to do. It names
    tables and settings, never a person or what stands in a cell. ``recipient``: the mailbox of the one person whom
    it is for, in place of the audience's.
    """
    document = vault_of(session).seal({"recipient": recipient}, _aad(code, table_id)) if recipient else None
    row = Notice(at=now, audience=audience.value, table_id=table_id, code=code, text=text, due_at=now)
    row.document = document
    session.add(row)


def told(session: Session, table_id: int, code: str, *, since: datetime) -> bool:
    """Whether there is a notice of this kind about the table from then on, delivered or not."""
    same = (Notice.table_id == table_id, Notice.code == code, Notice.at >= since)
    return session.scalar(select(Notice.id).where(*same).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice nobody has got yet, with the keys of its table and that table's project.

    ``recipient``: the mailbox of the one person it is for; empty where it is for its audience.
    """

    notice: Notice
    table: str | None
    project: str | None
    recipient: str


def waiting(session: Session, *, due: datetime | None = None, limit: int = 100, personal: bool = True) -> list[Waiting]:
    """What nobody has got yet, oldest first; with ``due`` only what is to be delivered by then.

    Without ``personal`` nothing that is for one person only.
    """
    query = (
        select(Notice, Table.key, Project.key)
        .outerjoin(Table, Table.id == Notice.table_id)
        .outerjoin(Project, Project.id == Table.project_id)
        .where(Notice.sent_at.is_(None))
        .order_by(Notice.id)
        .limit(limit)
    )
    if due is not None:
        query = query.where(Notice.due_at <= due)
    if not personal:
        query = query.where(Notice.document.is_(None))
    return [
        Waiting(notice, table, project, _recipient(session, notice))
        for notice, table, project in session.execute(query)
    ]


def claim(session: Session, ids: Collection[int], batch: str, until: datetime) -> None:
    """Nobody else tries these notices before ``until``; they go into the mail ``batch``."""
    values = {"batch": batch, "due_at": until, "attempts": Notice.attempts + 1}
    session.execute(update(Notice).where(Notice.id.in_(ids)).values(values))


def settle(session: Session, ids: Collection[int], now: datetime) -> None:
    """Somebody has got these notices."""
    session.execute(update(Notice).where(Notice.id.in_(ids), Notice.sent_at.is_(None)).values(sent_at=now))


def postpone(session: Session, ids: Collection[int], attempts: int, due_at: datetime, *, arrived: bool) -> None:
    """Try again at ``due_at``: in the same mail where it may have ``arrived``, else in whatever mail goes then.

    ``attempts`` is their count since our claim; notices that somebody claimed after us stay theirs.
    """
    values = {"due_at": due_at} | ({} if arrived else {"batch": None})
    ours = (Notice.id.in_(ids), Notice.attempts == attempts, Notice.sent_at.is_(None))
    session.execute(update(Notice).where(*ours).values(values))


def count_waiting(session: Session) -> tuple[int, int]:
    """How many notices nobody has got yet, and how many of them were tried ``TROUBLED`` times or more."""
    troubled = func.count().filter(Notice.attempts >= TROUBLED)
    count, failing = session.execute(select(func.count(), troubled).where(Notice.sent_at.is_(None))).one()
    return count, failing


def outdated(session: Session, *, settled_before: datetime, before: datetime) -> Sequence[int]:
    """The notices somebody got before ``settled_before``, and those nobody got that are from before ``before``."""
    old = or_(Notice.sent_at < settled_before, and_(Notice.sent_at.is_(None), Notice.at < before))
    return session.scalars(select(Notice.id).where(old)).all()


def forget(session: Session, ids: Collection[int]) -> int:
    """Delete these notices; how many."""
    return len(session.scalars(delete(Notice).where(Notice.id.in_(ids)).returning(Notice.id)).all())


def resealed(vault: Vault, row: Notice) -> dict[str, object]:
    """The columns of this row as the key in force seals them."""
    assert row.document is not None, "only sealed rows are sealed anew"
    return {"document": vault.reseal(row.document, _aad(row.code, row.table_id))}


def _recipient(session: Session, notice: Notice) -> str:
    if notice.document is None:
        return ""
    content: Any = vault_of(session).open(notice.document, _aad(notice.code, notice.table_id))
    return str(content["recipient"])


def _aad(code: str, table_id: int | None) -> str:
    return f"notices.document:{code}:{table_id or ''}"
