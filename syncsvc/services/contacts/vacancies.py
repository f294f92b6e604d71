"""Participants for whom nobody at the job centre can be reached: no contact, or one who is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from syncsvc.core.fields import DirectoryContact
from syncsvc.core.model import Json
from syncsvc.services.contacts.confirmation import present
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts, load_facts, table_context
from syncsvc.store import bases, records, responsibilities, tables

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

    Tables that show no contact are left out. Raises ``NotFound``.
    """
    with rt.database.read() as session:
        keys = [tables.get(session, table).key] if table else [one.key for one in tables.all_tables(session)]
        return [vacancy for key in keys for vacancy in vacancies_of(rt, session, load_facts(session, key))]


def vacancies_of(rt: Runtime, session: Session, facts: Facts) -> list[Vacancy]:
    """The same for one table."""
    if FIELD not in facts.mapping.shown:
        return []
    known = records.of_project(session, facts.project.id)
    context = table_context(rt, session, facts.project, facts.organisation)
    people = {contact.key: contact for contact in context.contacts}
    since = responsibilities.vacancies(session, facts.project.id, context.today)
    found = []
    for ref, values in sorted(present(bases.load(session, facts.table.id, ()).rows, known).items()):
        reason = doubt(values, people, since.get((ref, FIELD)), context.today)
        if reason:
            contact = people.get(_key(values) or "")
            found.append(Vacancy(facts.table.key, ref, contact.key if contact else None, _name(contact), reason))
    return found


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
