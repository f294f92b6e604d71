"""Mappings and their revisions. A revision never changes; a changed mapping is a new one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from syncsvc.errors import NotFound
from syncsvc.store.models import Mapping, MappingRevision
from syncsvc.store.outcome import Outcome, store


def get(session: Session, key: str) -> Mapping:
    """The mapping with this key. Raises ``NotFound``."""
    row = session.scalar(select(Mapping).where(Mapping.key == key))
    if row is None:
        raise NotFound(f"Die Zuordnung „{key}“ gibt es nicht.")
    return row


def all_mappings(session: Session) -> Sequence[Mapping]:
    """All mappings, by key."""
    return session.scalars(select(Mapping).order_by(Mapping.key)).all()


def current(session: Session, mapping_id: int) -> MappingRevision:
    """The newest revision."""
    return session.scalars(_revisions(mapping_id).limit(1)).one()


def current_of(session: Session, ids: Collection[int]) -> dict[int, MappingRevision]:
    """The newest revision of each of these mappings, by the mapping's id."""
    later = aliased(MappingRevision)
    newest = select(func.max(later.number)).where(later.mapping_id == MappingRevision.mapping_id).scalar_subquery()
    query = select(MappingRevision).where(MappingRevision.mapping_id.in_(ids), MappingRevision.number == newest)
    return {revision.mapping_id: revision for revision in session.scalars(query)}


def revision(session: Session, mapping_id: int, number: int) -> MappingRevision:
    """The revision with this number. Raises ``NotFound``."""
    row = session.scalar(_revisions(mapping_id).where(MappingRevision.number == number))
    if row is None:
        raise NotFound(f"Die Fassung {number} der Zuordnung gibt es nicht.")
    return row


def revisions(session: Session, mapping_id: int) -> Sequence[MappingRevision]:
    """All revisions, newest first."""
    return session.scalars(_revisions(mapping_id)).all()


def add_revision(
    session: Session, key: str, *, title: str, body: dict[str, Any], source: str, now: datetime, reason: str = ""
) -> Outcome:
    """Make ``body`` (plain data of a mapping file) the current revision; one equal to the current adds nothing.

    ``source`` says where it came from: a file's name or a user's; ``reason`` is what she said about why.
    """
    mapping = session.scalar(select(Mapping).where(Mapping.key == key))
    created = mapping is None
    mapping = mapping or Mapping(key=key)
    store(session, mapping, title=title)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    newest = session.scalar(_revisions(mapping.id).limit(1))
    if newest is not None and newest.digest == digest:
        return Outcome.UNCHANGED
    number = 1 if newest is None else newest.number + 1
    row = MappingRevision(
        mapping_id=mapping.id, number=number, body=body, digest=digest, created_at=now, source=source, reason=reason
    )
    store(session, row)
    return Outcome.CREATED if created else Outcome.CHANGED


def _revisions(mapping_id: int) -> Select[MappingRevision]:
    return (
        select(MappingRevision).where(MappingRevision.mapping_id == mapping_id).order_by(MappingRevision.number.desc())
    )
