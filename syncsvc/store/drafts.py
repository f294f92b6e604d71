"""Drafts: what somebody is about to connect or change. Found only by whose they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from syncsvc.core.model import Json
from syncsvc.errors import NotFound
from syncsvc.store.admission import Draft
from syncsvc.store.vault import Vault, vault_of


def put(session: Session, key: str, user_id: int, document: Json, now: datetime) -> None:
    """Store a person's draft under its key. Raises ``NotFound`` where the key is another person's."""
    row = session.get(Draft, key)
    if row is not None and row.user_id != user_id:
        raise _missing()
    row = row or Draft(key=key, user_id=user_id)
    row.changed_at, row.document = now, vault_of(session).seal(document, _aad(key))
    session.add(row)
    session.flush()


def get(session: Session, key: str, user_id: int) -> Json:
    """The document of a person's draft. Raises ``NotFound``, for another person's too."""
    row = session.scalar(select(Draft).where(Draft.key == key, Draft.user_id == user_id))
    if row is None:
        raise _missing()
    return vault_of(session).open(row.document, _aad(key))


def some(session: Session, keys: Collection[str], user_id: int) -> dict[str, Json]:
    """The documents of those of these drafts that are there and the person's, by key."""
    rows = session.scalars(select(Draft).where(Draft.key.in_(keys), Draft.user_id == user_id))
    return {row.key: vault_of(session).open(row.document, _aad(row.key)) for row in rows}


def of_user(session: Session, user_id: int, kind: str) -> list[tuple[str, datetime, Json]]:
    """Key, last change and document of a person's drafts of one kind (how their keys begin), the latest first."""
    mine = (Draft.user_id == user_id, Draft.key.startswith(f"{kind}-", autoescape=True))
    rows = session.scalars(select(Draft).where(*mine).order_by(Draft.changed_at.desc(), Draft.key))
    return [(row.key, row.changed_at, vault_of(session).open(row.document, _aad(row.key))) for row in rows]


def outdated(session: Session, before: datetime) -> Sequence[str]:
    """The keys of drafts that nobody has changed since."""
    return session.scalars(select(Draft.key).where(Draft.changed_at < before)).all()


def forget(session: Session, keys: Collection[str]) -> int:
    """Delete these drafts; how many."""
    return len(session.scalars(delete(Draft).where(Draft.key.in_(keys)).returning(Draft.key)).all())


def drop(session: Session, user_id: int, keys: Collection[str]) -> int:
    """Delete these drafts as far as they are the person's; how many."""
    mine = (Draft.user_id == user_id, Draft.key.in_(keys))
    return len(session.scalars(delete(Draft).where(*mine).returning(Draft.key)).all())


def resealed(vault: Vault, row: Draft) -> dict[str, object]:
    """The columns of this row as the key in force seals them."""
    return {"document": vault.reseal(row.document, _aad(row.key))}


def _aad(key: str) -> str:
    return f"drafts.document:{key}"


def _missing() -> NotFound:
    return NotFound("Diesen Entwurf gibt es nicht mehr.", hint="Entwürfe bleiben sieben Tage lang liegen.")
