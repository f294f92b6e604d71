"""Participants for whom nobody at the job centre can be reached: no contact, or one who is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from syncsvc.core.fields import DirectoryContact
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Json, RowState
from syncsvc.core.schema import mapping_from
from syncsvc.services.contacts.confirmation import present
from syncsvc.services.runtime import Runtime
from syncsvc.store import contacts, mappings, records, responsibilities, tables

FIELD = "contact_jc"


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A row without a valid contact. ``contact``: who stands there, as a directory key; ``reason``: in German."""

    table: str
    ref: str
    contact: str | None
    name: str
    reason: str


def list_vacancies(rt: Runtime, *, table: str | None = None) -> list[Vacancy]:
    """The rows of all tables, or of one, without a valid contact at the job centre; by table and reference.

    Tables that show no contact are left out. Records are opened only of participants for whom the history names
    nobody who is there today. Raises ``NotFound``.
    """
    today = rt.today()
    with rt.database.read() as session:
        wanted = [tables.get(session, table)] if table else tables.all_tables(session)
        people = {contact.key: contact for contact in contacts.directory(session)}
        away = [key for key, one in people.items() if one.has_left(today) or one.is_absent(today)]
        shows = {id_: _shows_contacts(session, id_) for id_ in {one.mapping_id for one in wanted}}
        asked = {one.id: one for one in wanted if shows[one.mapping_id]}
        unheld = responsibilities.unheld(session, asked.keys(), FIELD, away, today)
        known = records.of_refs(session, sorted({ref for refs in unheld.values() for ref in refs}))
        since: dict[tuple[str, str], date] = {}
        for project_id in {asked[id_].project_id for id_ in unheld}:
            since |= responsibilities.vacancies(session, project_id, today)
    return [
        Vacancy(one.key, ref, contact.key if contact else None, _name(contact), reason)
        for one in asked.values()
        for ref, values in present(dict.fromkeys(unheld.get(one.id, ()), RowState.PRESENT), known).items()
        if (reason := doubt(values, people, since.get((ref, FIELD)), today))
        for contact in [people.get(_key(values) or "")]
    ]


def _shows_contacts(session: Session, mapping_id: int) -> bool:
    mapping = mapping_from(mappings.current(session, mapping_id).body)
    return isinstance(mapping, TableMapping) and FIELD in mapping.shown


def doubt(
    values: Mapping[str, Json], people: Mapping[str, DirectoryContact], since: date | None, today: date
) -> str | None:
    """Why nobody can be reached for this participant, None if somebody can. ``since``: the place is known as vacant."""
    key = _key(values)
    if key is None:
        named = isinstance(values.get(FIELD), dict)
        return "steht nicht im Verzeichnis" if named else f"fehlt seit {since:%d.%m.%Y}" if since else "fehlt"
    contact = people.get(key)
    if contact is None:
        return "steht nicht im Verzeichnis"
    if contact.has_left(today):
        return f"ausgeschieden am {contact.left_on:%d.%m.%Y}"
    if contact.is_absent(today) and not (contact.deputy or _deputy(values)):
        until = f"abwesend bis {contact.absent_to:%d.%m.%Y}" if contact.absent_to else "abwesend"
        return f"{until}, ohne Vertretung"
    return None


def _key(values: Mapping[str, Json]) -> str | None:
    value = values.get(FIELD)
    key = value.get("contact") if isinstance(value, dict) else None
    return key if isinstance(key, str) else None


def _deputy(values: Mapping[str, Json]) -> bool:
    value = values.get(FIELD)
    return bool(isinstance(value, dict) and value.get("deputy")) or values.get("contact_jc_deputy") is not None


def _name(contact: DirectoryContact | None) -> str:
    return ", ".join(part for part in (contact.family, contact.given) if part) if contact else ""
