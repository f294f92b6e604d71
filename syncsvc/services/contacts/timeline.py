"""One participant through time: who was responsible for her, and everything that changed about her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from syncsvc.core.contacts import DEPUTY
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.references import Reference, read_reference
from syncsvc.errors import NotFound
from syncsvc.services.columns import columns_of_project
from syncsvc.services.display import display_of_record
from syncsvc.services.runtime import Runtime
from syncsvc.store import changes, contacts, projects, records, responsibilities
from syncsvc.store.changes import Where


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody's time in one role; ``name`` is empty for a vacancy, ``end`` None while it lasts."""

    role: str
    contact: str | None
    name: str
    begin: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the record, as people read it; ``source`` is a table's key or where else it came from."""

    at: datetime
    header: str
    old: str
    new: str
    source: str
    actor: str
    run: int | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """``spans`` by role and time, ``entries`` newest first."""

    ref: str
    project: str
    spans: tuple[Span, ...]
    entries: tuple[Entry, ...]


def timeline(rt: Runtime, text: str) -> Timeline:
    """The participant with this reference, however it is spelled. Raises ``NotFound``."""
    found = read_reference(text, "")
    if not isinstance(found, Reference):
        raise NotFound("Diese TN-Nr. gibt es nicht.", hint="So zum Beispiel: BSP-0137-E.")
    ref = str(found)
    display = display_of_record(rt, ref)
    with rt.database.read() as session:
        project = projects.by_id(session, records.project_of(session, ref))
        headers = {column.field: column.header for column in columns_of_project(session, project.id).columns}
        people = {one.key: f"{one.family}, {one.given}".strip(", ") for one in contacts.directory(session)}
        spans = tuple(
            Span(row.role, row.contact_key, people.get(row.contact_key or "", ""), row.valid_from, row.last_day)
            for row in responsibilities.of_record(session, ref)
        )
        entries = tuple(
            Entry(
                change.at,
                headers.get(change.field, change.field),
                display(change.field, change.old),
                display(change.field, change.new),
                change.source,
                change.actor,
                change.run_id,
            )
            for change in reversed(changes.of_record(session, ref))
            if change.side is Where.RECORD
        )
    return Timeline(ref, project.name, spans, entries)


def role_label(role: str) -> str:
    """A role of the history in German: ``Ansprechperson JC``, ``Vertretung``."""
    name, _, deputy = role.partition(".")
    if deputy == DEPUTY:
        return "Vertretung"
    return CATALOGUE[name].label if name in CATALOGUE else role
