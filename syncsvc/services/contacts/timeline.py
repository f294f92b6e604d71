"""Who was responsible for a participant through time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from syncsvc.core.contacts import DEPUTY
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.store import contacts, responsibilities


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody's time in one role; ``name`` is empty for a vacancy, ``end`` None while it lasts."""

    role: str
    contact: str | None
    name: str
    begin: date
    end: date | None


def spans_of(session: Session, ref: str) -> tuple[Span, ...]:
    """Who was, is and will be responsible for this participant, by role and time."""
    people = {one.key: f"{one.family}, {one.given}".strip(", ") for one in contacts.directory(session)}
    return tuple(
        Span(row.role, row.contact_key, people.get(row.contact_key or "", ""), row.valid_from, row.last_day)
        for row in responsibilities.of_record(session, ref)
    )


def role_label(role: str) -> str:
    """A role of the history in German: ``Ansprechperson JC``, ``Vertretung``."""
    name, _, deputy = role.partition(".")
    if deputy == DEPUTY:
        return "Vertretung"
    return CATALOGUE[name].label if name in CATALOGUE else role
