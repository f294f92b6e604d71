"""What somebody has begun and not switched on yet: kept sealed, for her alone, until some days after its last change.

A draft may hold rows of a table, so it is never shown to anybody else, whatever she may see.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from syncsvc.core.model import Json
from syncsvc.services.runtime import Runtime
from syncsvc.store import drafts

DAYS = 7
"""How long a draft stays after its last change."""


def new_key(kind: str) -> str:
    """The key of a new draft; nobody can guess it. ``kind`` (``connect``) is how the drafts of one page are found."""
    return f"{kind}-{secrets.token_urlsafe(12)}"


def keep(rt: Runtime, key: str, user_id: int, document: Json) -> None:
    """Keep the document under its key. Raises ``NotFound`` where the key is another person's."""
    with rt.database.write() as session:
        drafts.put(session, key, user_id, document, rt.clock.now())


def find(rt: Runtime, key: str, user_id: int) -> Json:
    """The document as it was last kept. Raises ``NotFound``, for another person's draft too."""
    with rt.database.read() as session:
        return drafts.get(session, key, user_id)


def some(rt: Runtime, keys: Collection[str], user_id: int) -> dict[str, Json]:
    """The documents of those of these drafts that are there and the person's, by key."""
    with rt.database.read() as session:
        return drafts.some(session, keys, user_id)


def begun(rt: Runtime, user_id: int, kind: str) -> list[tuple[str, datetime, Json]]:
    """Key, last change and document of the person's drafts of this kind, the latest first."""
    with rt.database.read() as session:
        return drafts.of_user(session, user_id, kind)


def drop(rt: Runtime, user_id: int, *keys: str) -> None:
    """Forget these drafts as far as they are the person's; one that is not there any more is no mistake."""
    with rt.database.write() as session:
        drafts.drop(session, user_id, keys)
