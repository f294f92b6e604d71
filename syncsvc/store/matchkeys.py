"""Match keys: keyed digests by which records of different projects are compared, and nothing else is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core.coaching.matchkeys import Kind, match_keys, person_of
from syncsvc.core.model import Record
from syncsvc.store import records
from syncsvc.store.bulk import chunks, insert
from syncsvc.store.models import CoachingKey
from syncsvc.store.vault import Vault, vault_of


def digests(session: Session, record: Record) -> dict[bytes, Kind]:
    """The digests of a record's match keys, and which facts each of them joins."""
    return _digests(vault_of(session), record)


def holders(session: Session, wanted: Collection[bytes]) -> dict[bytes, list[str]]:
    """The references of the records that have each of these digests, in no order."""
    found: dict[bytes, list[str]] = {}
    for some in chunks(list(wanted)):
        query = sa.select(CoachingKey.digest, CoachingKey.ref).where(CoachingKey.digest.in_(some))
        for digest, ref in session.execute(query):
            found.setdefault(digest, []).append(ref)
    return found


def replace(session: Session, keys: Mapping[str, Collection[bytes]]) -> Counter[bytes]:
    """Give these records exactly these digests; returns how many holders each digest gained, less those it lost."""
    before: dict[str, set[bytes]] = {ref: set() for ref in keys}
    for some in chunks(list(keys)):
        for ref, digest in session.execute(
            sa.select(CoachingKey.ref, CoachingKey.digest).where(CoachingKey.ref.in_(some))
        ):
            before[ref].add(digest)
    moved = {ref: set(new) for ref, new in keys.items() if before[ref] != set(new)}
    for some in chunks([ref for ref in moved if before[ref]]):
        session.execute(sa.delete(CoachingKey).where(CoachingKey.ref.in_(some)))
    _insert(session, moved)
    gained: Counter[bytes] = Counter()
    for ref, new in moved.items():
        gained.update(new - before[ref])
        gained.subtract(before[ref] - new)
    return gained


def index_anew(session: Session, vault: Vault) -> None:
    """Make all match keys again, with this vault's key in force."""
    refs = session.scalars(sa.select(CoachingKey.ref).distinct()).all()
    session.execute(sa.delete(CoachingKey))
    for start in range(0, len(refs), _BATCH):
        known = records.some(session, refs[start : start + _BATCH])
        _insert(session, {ref: _digests(vault, record) for ref, record in known.items()})


_BATCH = 500
"""Records whose keys are in memory at once."""


def _digests(vault: Vault, record: Record) -> dict[bytes, Kind]:
    return {vault.match_key(kind, text): kind for kind, text in match_keys(person_of(record))}


def _insert(session: Session, keys: Mapping[str, Collection[bytes]]) -> None:
    insert(session, CoachingKey, [{"ref": ref, "digest": digest} for ref, new in keys.items() for digest in new])
