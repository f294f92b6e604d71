"""What happened to contacts, as people would tell each other: hand-overs, vacancies, absences, each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from syncsvc.core.contacts import Kind
from syncsvc.services.contacts.directory import name_of
from syncsvc.services.runtime import Runtime
from syncsvc.store import contact_events, contacts

KIND_NAMES: Final[Mapping[Kind, str]] = {
    Kind.CHANGE: "Wechsel",
    Kind.HANDOVER: "Übergabe",
    Kind.VACANCY: "Vakanz",
    Kind.FILLED: "wieder besetzt",
    Kind.DEPUTY: "Vertretung",
    Kind.ABSENT: "abwesend",
    Kind.LEFT: "ausgeschieden",
    Kind.UNKNOWN: "unbekannter Name",
    Kind.OTHER_ORGANISATION: "andere Organisation",
    Kind.FLIP_FLOP: "hin und her",
    Kind.GAP: "Lücke",
    Kind.OVERLAP: "Überschneidung",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. ``old`` and ``new`` are names, empty for nobody; ``role`` is the record's field, empty for any."""

    day: date
    kind: Kind
    role: str
    old: str
    new: str
    refs: tuple[str, ...]
    undone: bool


def happened(rt: Runtime, *, limit: int) -> list[Happened]:
    """The newest events first, those that were taken back too."""
    with rt.database.read() as session:
        names = {contact.key: name_of(contact) for contact in contacts.directory(session)}
        return [
            Happened(
                row.day,
                Kind(row.kind),
                row.role,
                names.get(row.from_key or "", ""),
                names.get(row.to_key or "", ""),
                tuple(row.refs),
                row.undone_at is not None,
            )
            for row in contact_events.latest(session, limit=limit)
        ]
