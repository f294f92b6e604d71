"""Tokens of projects' own software, and which participants it had made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.errors import NotFound
from syncsvc.store.admission import ApiCreation, ApiToken


def add(
    session: Session, project_id: int, name: str, digest: bytes, scopes: Sequence[str], *, by: str, now: datetime,
    expires: datetime,
) -> ApiToken:  # fmt: skip
    """A new token."""
    token = ApiToken(
        project_id=project_id, name=name, digest=digest, scopes=list(scopes), created_at=now, created_by=by,
        expires_at=expires,
    )  # fmt: skip
    session.add(token)
    session.flush()
    return token


def get(session: Session, token_id: int) -> ApiToken:
    """The token with this id. Raises ``NotFound``."""
    token = session.scalar(sa.select(ApiToken).where(ApiToken.id == token_id))
    if token is None:
        raise NotFound("Diesen Schlüssel gibt es nicht.")
    return token


def by_digest(session: Session, digest: bytes) -> ApiToken | None:
    """The token whose secret has this digest."""
    return session.scalar(sa.select(ApiToken).where(ApiToken.digest == digest))


def all_tokens(session: Session, project_id: int | None = None) -> Sequence[ApiToken]:
    """All tokens, or one project's, the newest first."""
    query = sa.select(ApiToken).order_by(ApiToken.id.desc())
    return session.scalars(query if project_id is None else query.where(ApiToken.project_id == project_id)).all()


def creation(session: Session, project_id: int, key: bytes) -> ApiCreation | None:
    """The participant that was made by the request of this name."""
    query = sa.select(ApiCreation).where(ApiCreation.project_id == project_id, ApiCreation.key == key)
    return session.scalar(query)


def note_creation(session: Session, project_id: int, key: bytes, content: bytes, ref: str, now: datetime) -> None:
    """Remember that the request of this name made this participant."""
    session.add(ApiCreation(project_id=project_id, key=key, content=content, ref=ref, created_at=now))
    session.flush()


def forget_creations(session: Session, before: datetime) -> None:
    """Forget the names of requests from before then."""
    session.execute(sa.delete(ApiCreation).where(ApiCreation.created_at < before))
