"""A mapping somebody is changing: what she typed so far, real rows to try it on, and what it would do to each table.

All of it is kept sealed and for her alone (``services/drafts.py``): rows hold what stands about participants.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from syncsvc.core import snapshots
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Snapshot
from syncsvc.core.schema import mapping_to
from syncsvc.errors import NotFound, TableError
from syncsvc.services import drafts, effects
from syncsvc.services.runtime import Runtime
from syncsvc.store import tables

KIND: Final = "mapping"

SAMPLED_ROWS = 220
"""Rows of a table that are kept to try a mapping on: the first ones, header and all."""

ACTIONS_KEPT = 200
"""Single places of what would happen to a table that are kept to be looked at."""


@dataclass(frozen=True, slots=True)
class MappingDraft:
    """``mapping`` is the key of the mapping being changed and ``revision`` the one it was begun from; ``""`` and 0 for
    a new one. ``form`` is what was typed. ``table`` is whose rows are tried, with ``trouble`` (a German sentence) where
    they could not be read."""

    key: str
    form: Mapping[str, str]
    mapping: str = ""
    revision: int = 0
    table: str = ""
    snapshot: Snapshot | None = None
    trouble: str = ""


def begin(form: Mapping[str, str], *, mapping: str = "", revision: int = 0) -> MappingDraft:
    """A new draft, not kept yet."""
    return MappingDraft(drafts.new_key(KIND), form, mapping, revision)


def keep(rt: Runtime, draft: MappingDraft, user_id: int) -> None:
    """Keep the draft as it is. Raises ``NotFound`` where it is another person's."""
    document: dict[str, Any] = {
        "form": dict(draft.form), "mapping": draft.mapping, "revision": draft.revision, "table": draft.table,
        "snapshot": snapshots.to_json(draft.snapshot) if draft.snapshot else None, "trouble": draft.trouble,
    }  # fmt: skip
    drafts.keep(rt, draft.key, user_id, document)


def find(rt: Runtime, key: str, user_id: int) -> MappingDraft:
    """The draft as it was kept. Raises ``NotFound``, for another person's too."""
    document: Any = drafts.find(rt, key, user_id)
    if not key.startswith(f"{KIND}-"):
        raise NotFound("Diesen Entwurf gibt es nicht mehr.")
    kept = document["snapshot"]
    return MappingDraft(**{**document, "key": key, "snapshot": snapshots.from_json(kept) if kept else None})


def begun(rt: Runtime, user_id: int) -> list[MappingDraft]:
    """The person's drafts, the latest first."""
    return [find(rt, key, user_id) for key, _, _ in drafts.begun(rt, user_id, KIND)]


def sampled(rt: Runtime, draft: MappingDraft, table: str) -> MappingDraft:
    """The draft with the first rows of this table, read now; where that fails, with the reason. Raises ``NotFound``."""
    with rt.database.read() as session:
        place = tables.whereabouts(tables.get(session, table))
    try:
        snapshot = rt.tables.open(place).read()
    except TableError as error:
        return replace(draft, table=table, snapshot=None, trouble=error.message)
    rows = snapshot.rows[:SAMPLED_ROWS]
    return replace(draft, table=table, snapshot=replace(snapshot, rows=rows, locked=frozenset()), trouble="")


def without_sample(draft: MappingDraft) -> MappingDraft:
    """The draft without rows of any table."""
    return replace(draft, table="", snapshot=None, trouble="")


def digest(mapping: TableMapping) -> str:
    """Names a mapping by what it says."""
    return hashlib.sha256(json.dumps(mapping_to(mapping), sort_keys=True).encode()).hexdigest()


def look(rt: Runtime, draft: MappingDraft, mapping: TableMapping, table: str, user_id: int) -> dict[str, Any]:
    """What the mapping would do to a table, found out now and kept with the draft. Reads the table once.

    Raises ``NotFound``.
    """
    said = effects.as_json(effects.effect(rt, table, mapping), limit=ACTIONS_KEPT)
    found: dict[str, Any] = {**said, "digest": digest(mapping)}
    drafts.keep(rt, _effect_key(draft, table), user_id, json.loads(json.dumps(found)))
    return found


def looked(
    rt: Runtime, draft: MappingDraft, mapping: TableMapping, tables: Collection[str], user_id: int
) -> dict[str, dict[str, Any]]:
    """What ``look`` kept, by table; without those where nobody has looked at what this very mapping does."""
    keys = {_effect_key(draft, table): table for table in tables}
    found: dict[str, Any] = drafts.some(rt, keys, user_id)
    said = digest(mapping)
    return {table: found[key] for key, table in keys.items() if key in found and found[key]["digest"] == said}


def drop(rt: Runtime, draft: MappingDraft, user_id: int) -> None:
    """Forget the draft and all that was kept with it."""
    looks = [key for key, _, _ in drafts.begun(rt, user_id, "effect") if key.startswith(f"effect-{draft.key}-")]
    drafts.drop(rt, user_id, draft.key, *looks)


def _effect_key(draft: MappingDraft, table: str) -> str:
    return f"effect-{draft.key}-{table}"
