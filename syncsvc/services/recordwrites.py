"""What a project's own software writes: edits that name the state they were made for, and new participants."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.model import Json, RecordState
from syncsvc.errors import SyncsvcError, UsageError
from syncsvc.services import recordedits
from syncsvc.services.contacts.events import Origin
from syncsvc.services.recordpages import documents, revision_of
from syncsvc.services.runtime import Runtime
from syncsvc.store import projects, records, tokens
from syncsvc.store.models import Project

SOURCE = "api"
"""Where the change log says that values set here came from."""

REMEMBERED = timedelta(days=7)
"""For how long the same request for a new participant is known again."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Values by field for one record, texts as typed or in normal form; None empties. ``tag``: its entity tag when it
    was read."""

    ref: str
    tag: str
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Written:
    """A record after its edit: its entity tag, and by field what became of the value: changed, proposed, unchanged."""

    ref: str
    tag: str
    outcomes: Mapping[str, str]


class UnknownRecords(UsageError):
    """Nicht alle diese Datensätze gibt es."""

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__()
        self.refs = tuple(refs)


class VoidRecords(UnknownRecords):
    """Als Irrtum gelöschte Datensätze lassen sich nicht mehr ändern."""


class RecordsMoved(SyncsvcError):
    """Seit dem Lesen wurde ein Datensatz geändert."""

    hint = "Neu lesen und die Änderung noch einmal prüfen."

    def __init__(self, tags: Mapping[str, str]) -> None:
        """``tags``: by reference the entity tags of now."""
        super().__init__()
        self.tags = dict(tags)


class KeyReused(UsageError):
    """Unter dieser Kennung wurde schon eine andere Teilnehmerin angelegt."""


def write(rt: Runtime, project: str, edits: Sequence[Edit], *, actor: str) -> list[Written]:
    """Set values of records of one project, all or nothing, in one transaction.

    Raises ``UnknownRecords``, ``VoidRecords``, ``RecordsMoved`` naming all of them, ``ValuesRefused`` as
    ``recordedits.set_many`` does, and ``NotFound`` for the project. Each record is named once.
    """
    wanted = {edit.ref: edit for edit in edits}
    assert len(wanted) == len(edits), "two edits of one record are one"
    with rt.database.write() as session:
        owner = projects.get(session, project)
        found = records.stamped(session, list(wanted))
        owners = records.projects_of(session, list(wanted))
        if unknown := [ref for ref in wanted if owners.get(ref) != owner.id]:
            raise UnknownRecords(unknown)
        if void := [ref for ref in wanted if found[ref].record.state is RecordState.VOID]:
            raise VoidRecords(void)
        if moved := [ref for ref, edit in wanted.items() if found[ref].revision != revision_of(edit.tag)]:
            raise RecordsMoved(_tags(session, owner, moved))
        known = {ref: one.record for ref, one in found.items()}
        values = {ref: edit.values for ref, edit in wanted.items()}
        done = recordedits.set_many(rt, session, owner, known, values, Origin(SOURCE, actor), exact=True)
        tags = _tags(session, owner, list(wanted))
    return [
        Written(
            ref,
            tags[ref],
            {
                **dict.fromkeys(edit.values, "unchanged"),
                **{change.field: "proposed" if change.proposal else "changed" for change in done[ref]},
            },
        )
        for ref, edit in wanted.items()
    ]


def create(
    rt: Runtime, project: str, values: Mapping[str, Json], *, request_key: str, actor: str
) -> tuple[str, str, bool]:
    """A new participant: her reference, her entity tag, and whether she is new.

    A second request with the same key and content within seven days hears of the same participant. Raises
    ``KeyReused`` for the same key with another content, and as ``recordedits.create`` does.
    """
    content: dict[str, Any] = dict(values)
    key = hashlib.sha256(request_key.encode()).digest()
    digest = hmac.digest(request_key.encode(), json.dumps(content, sort_keys=True).encode(), "sha256")
    with rt.database.write() as session:
        owner, now = projects.get(session, project), rt.clock.now()
        tokens.forget_creations(session, now - REMEMBERED)
        made = tokens.creation(session, owner.id, key)
        if made is not None and not hmac.compare_digest(made.content, digest):
            raise KeyReused
        if made is not None:
            return made.ref, _tags(session, owner, [made.ref])[made.ref], False
        ref = recordedits.create(rt, session, owner, values, Origin(SOURCE, actor))
        tokens.note_creation(session, owner.id, key, digest, ref, now)
        return ref, _tags(session, owner, [ref])[ref], True


def _tags(session: Session, project: Project, refs: Sequence[str]) -> dict[str, str]:
    found = list(records.stamped(session, refs).values())
    return {document["ref"]: document["etag"] for document in documents(session, project, found)}
