"""A project's records for its own software: many at a time, in the order they changed, each with its entity tag."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.mapping import OWN_FIELDS
from syncsvc.core.model import RecordState, Side
from syncsvc.errors import NotFound
from syncsvc.services.columns import columns_of_project, shown_in
from syncsvc.services.records import by_field, contacts_of, entry_of, measures_of, views
from syncsvc.services.runtime import Runtime
from syncsvc.store import changes, contacts, projects, records, responsibilities, tables
from syncsvc.store.models import Project
from syncsvc.store.records import Stamped

START = (0, 0)
"""The place before every record."""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """``latest`` is the place of the last record on it, or where it began if there is none; ``more``: there are others
    behind it now."""

    items: list[dict[str, Any]]
    latest: tuple[int, int]
    more: bool


def list_page(
    rt: Runtime,
    project: str,
    *,
    limit: int,
    after: tuple[int, int] = START,
    since: datetime | None = None,
    state: str | None = None,
    table: str | None = None,
) -> RecordPage:
    """The project's records in the order of their last change, from behind the place ``after``, as ``document`` has
    them.

    ``since``: only what changed then or later; ``state``: active or void, None for both; ``table``: only who has a row
    there. Raises ``NotFound`` for an unknown project or table.
    """
    with rt.database.read() as session:
        owner = projects.get(session, project)
        wanted = RecordState(state) if state else None
        table_id = tables.get(session, table).id if table else None
        found = records.page(
            session, owner.id, after=after, limit=limit + 1, since=since, state=wanted, table_id=table_id
        )
        shown = found[:limit]
        latest = (shown[-1].revision, shown[-1].id) if shown else after
        return RecordPage(documents(session, owner, shown), latest, len(found) > limit)


def get_document(rt: Runtime, ref: str) -> dict[str, Any]:
    """One record. Raises ``NotFound``."""
    with rt.database.read() as session:
        found = records.stamped(session, [ref]).get(ref)
        if found is None:
            raise NotFound("Diesen Datensatz gibt es nicht.")
        return documents(session, projects.by_id(session, records.project_of(session, ref)), [found])[0]


def history_page(rt: Runtime, ref: str, *, offset: int, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """A part of what ever changed about a record, oldest first, as ``show_record`` has it; and whether there is more.

    Raises ``NotFound``.
    """
    with rt.database.read() as session:
        records.get(session, ref)
        found = changes.of_record(session, ref, offset=offset, limit=limit + 1)
        return [entry_of(change) for change in found[:limit]], len(found) > limit


def fields_of(rt: Runtime, project: str) -> list[dict[str, Any]]:
    """The fields a record of this project may have: {field, label, type, owner, level, writable, proposal, shown,
    choices}.

    ``proposal``: what the project sets there for a woman in a table waits for the job centre. ``shown``: some table of
    the project may show it. ``choices``: {key, text} of a list, else empty. Raises ``NotFound``.
    """
    with rt.database.read() as session:
        owner = projects.get(session, project)
        columns = columns_of_project(session, owner.id).columns
        shown = shown_in(session, owner.id)
    found = []
    for column in columns:
        vocabulary = rt.vocabularies.get(column.vocabulary)
        entries = vocabulary.entries if vocabulary and not column.choices else ()
        choices = [(choice.key, choice.label) for choice in column.choices] + [
            (entry.key, entry.label) for entry in entries if not entry.details.keys() & {"ask", "reject", "means"}
        ]
        known = CATALOGUE.get(column.field)
        found.append(
            {
                "field": column.field,
                "label": known.label if known and column.header == column.field else column.header,
                "type": column.type,
                "owner": str(column.owner),
                "level": column.level,
                "required": column.required,
                "max_length": column.max_length,
                "writable": column.field not in OWN_FIELDS,
                "proposal": column.owner is Side.JOBCENTRE,
                "shown": column.field in shown,
                "choices": [{"key": key, "text": text} for key, text in choices],
            }
        )
    return found


def documents(session: Session, project: Project, found: Sequence[Stamped]) -> list[dict[str, Any]]:
    """These records of one project, in this order, with few queries for all of them.

    As ``list_records`` has them, with state, contacts, measures, ``created``, ``changed`` and ``etag``.
    """
    refs = [one.record.ref for one in found]
    columns = by_field(columns_of_project(session, project.id).columns)
    roles = {contact.key: contact.role for contact in contacts.directory(session)}
    spans = responsibilities.of_records(session, refs)
    since = _last_set(session, refs, {name for one in found for name in one.record.values})
    documents = []
    for one, view in zip(found, views(session, project, [one.record for one in found], void=True), strict=True):
        record = one.record
        document = {
            **view,
            "state": str(record.state),
            "contacts": contacts_of(record, columns, roles, since.get(record.ref, {}), spans.get(record.ref, ())),
            "measures": measures_of(record.values, since.get(record.ref, {})),
            "created": one.created_at.isoformat(),
            "changed": one.changed_at.isoformat(),
        }
        documents.append({**document, "etag": _tag(one.revision, document)})
    return documents


def revision_of(tag: str) -> int:
    """The revision an entity tag of ``documents`` names: what a write asks for. Raises ``ValueError``."""
    return int(tag.partition("-")[0])


def _tag(revision: int, document: Mapping[str, Any]) -> str:
    """The record's revision, and a digest of all that is shown.

    The first part moves with the values, the second also with what others enter about her, such as a new row.
    """
    shown = json.dumps(document, sort_keys=True).encode()
    return f"{revision}-{hashlib.sha256(shown).hexdigest()[:12]}"


def _last_set(session: Session, refs: Sequence[str], fields: Iterable[str]) -> dict[str, dict[str, datetime]]:
    found: dict[str, dict[str, datetime]] = {}
    for (ref, field), at in changes.last_set(session, refs, sorted(fields)).items():
        found.setdefault(ref, {})[field] = at
    return found
