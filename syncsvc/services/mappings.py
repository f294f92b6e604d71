"""Mappings: list them, change them, check a file before it is applied, and give one back as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.access import Reach
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.schema import mapping_from, mapping_to
from syncsvc.core.staff import is_staff
from syncsvc.errors import NotFound, PlanMoved, UsageError
from syncsvc.services.documents import Document, FileProblem, parse, read, written
from syncsvc.services.effects import Seen, has_moved
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit, mappings, projects, tables
from syncsvc.store.models import MappingRevision


@dataclass(frozen=True, slots=True)
class MappingView:
    """A mapping and the keys of the tables that use it; ``revision`` is its current one."""

    key: str
    title: str
    revision: int
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a mapping: ``body`` is the plain data of a mapping file, ``source`` a user's or a file's name."""

    number: int
    body: Mapping[str, Any]
    made_at: datetime
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Saved:
    """``revision`` is current now. Of the tables to release, ``released`` may use it; ``moved`` changed since they
    were looked at and stay held."""

    revision: int
    released: tuple[str, ...]
    moved: tuple[str, ...]


def check_file(path: Path | str) -> list[FileProblem]:
    """What is wrong with a mapping file; empty when ``apply`` would take it. Raises ``InvalidFile`` without a file."""
    found = _checked(read(Path(path)))
    return found if isinstance(found, list) else []


def read_mapping(name: str, content: bytes) -> TableMapping | list[FileProblem]:
    """The mapping that a file of this name and content describes, or what is wrong with it, as ``check_file`` says."""
    return _checked(parse(Path(name), content))


def _checked(document: Document | FileProblem) -> TableMapping | list[FileProblem]:
    if isinstance(document, FileProblem):
        return [document]
    mapping = mapping_from(document.data)
    return document.problems(mapping) if isinstance(mapping, list) else mapping


def list_mappings(rt: Runtime) -> list[MappingView]:
    """All mappings, by key."""
    with rt.database.read() as session:
        used = [(table.mapping_id, table.key) for table in tables.all_tables(session)]
        return [
            MappingView(
                mapping.key,
                mapping.title,
                mappings.current(session, mapping.id).number,
                tuple(key for mapping_id, key in used if mapping_id == mapping.id),
            )
            for mapping in mappings.all_mappings(session)
        ]


def revisions(rt: Runtime, key: str) -> list[Revision]:
    """All states of a mapping, the current one first. Raises ``NotFound``."""
    with rt.database.read() as session:
        return [_view(row) for row in mappings.revisions(session, mappings.get(session, key).id)]


def current_revision(rt: Runtime, key: str) -> Revision:
    """The mapping as it is. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _view(mappings.current(session, mappings.get(session, key).id))


def revision(rt: Runtime, key: str, number: int) -> Revision:
    """One state of a mapping. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _view(mappings.revision(session, mappings.get(session, key).id, number))


def use_of(rt: Runtime, key: str, reach: Reach) -> tuple[tuple[str, ...], int]:
    """The keys of the tables within reach that use the mapping, and how many others do. Raises ``NotFound``."""
    with rt.database.read() as session:
        mapping = mappings.get(session, key).id
        using = [table for table in tables.all_tables(session) if table.mapping_id == mapping]
        mine = [table.key for table in using if reach.covers(table.project_id, table.jobcentre_id)]
        return tuple(mine), len(using) - len(mine)


def save_mapping(
    rt: Runtime,
    mapping: TableMapping,
    *,
    expect: int,
    actor: str,
    reason: str = "",
    release: Mapping[str, Seen] | None = None,
) -> Saved:
    """Make this the mapping's current revision. ``expect`` is the revision it was made from, 0 for a new mapping.

    Tables that use it are held until each is released. ``release`` are those to release at once, as they were when
    somebody looked at what the change does to them. Raises ``PlanMoved`` where another revision is current or one of
    these tables uses another mapping by now, and ``UsageError`` for a new mapping whose key is taken, or one that turns
    a list of participants into one of staff.
    """
    moved = {table for table, seen in (release or {}).items() if has_moved(rt, table, seen)}
    with rt.database.write() as session:
        before = _before(session, mapping, expect)
        body, now = mapping_to(mapping), rt.clock.now()
        mappings.add_revision(
            session, mapping.key, title=mapping.title, body=body, source=actor, now=now, reason=reason
        )
        row = mappings.get(session, mapping.key)
        number = mappings.current(session, row.id).number
        released = []
        for key, seen in (release or {}).items():
            table = tables.get(session, key)
            if table.mapping_id != row.id:
                raise PlanMoved
            if key in moved or projects.by_id(session, table.project_id).revision != seen.project:
                moved.add(key)
                continue
            table.approved_revision, table.seen_version, table.next_due_at = number, None, None
            released.append(key)
        if before != number:
            details = {"revision": number, "reason": reason, "released": released}
            audit.note(session, "mapping.changed", mapping.key, actor=actor, now=now, details=details)
    return Saved(number, tuple(released), tuple(sorted(moved)))


def _before(session: Session, mapping: TableMapping, expect: int) -> int:
    """The number of the current revision, 0 without one, once it is sure that this one may follow it."""
    try:
        row = mappings.get(session, mapping.key)
    except NotFound:
        if expect:
            raise
        return 0
    if not expect:
        raise UsageError(f"Die Kennung „{mapping.key}“ hat schon eine andere Zuordnung.")
    known = mappings.current(session, row.id)
    if known.number != expect:
        raise PlanMoved
    old = mapping_from(known.body)
    if isinstance(old, TableMapping) and is_staff(old) != is_staff(mapping):
        raise UsageError("Listen von Ansprechpersonen und von Teilnehmerinnen brauchen eigene Zuordnungen.")
    return known.number


def _view(row: MappingRevision) -> Revision:
    return Revision(row.number, row.body, row.created_at, row.source, row.reason)


def export_mapping(rt: Runtime, key: str) -> str:
    """The mapping's current revision as YAML; applying it changes nothing. Raises ``NotFound``."""
    return written(dict(current_revision(rt, key).body))
