"""Who is responsible for a participant, and what happened to that: records in, events out.

An event is what people would tell each other ("Müller hands her rows over to Schulz"), not what a cell did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final

from syncsvc.core.fields import DirectoryContact
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.model import Json, Record, RecordState

HANDOVER_ROWS: Final = 3
"""From so many rows on, the same change is one hand-over."""

DEPUTY: Final = "deputy"

PEOPLE: Final = tuple(name for name, field in CATALOGUE.items() if field.type == "contact")
"""The fields that name a person of the directory."""


class Kind(StrEnum):
    CHANGE = "change"
    """Somebody else is responsible now, in fewer rows than a hand-over has."""
    HANDOVER = "handover"
    VACANCY = "vacancy"
    FILLED = "filled"
    DEPUTY = "deputy"
    """Somebody else stands in, or nobody does any more."""
    ABSENT = "absent"
    LEFT = "left"
    UNKNOWN = "unknown"
    """A name that is not in the directory."""
    OTHER_ORGANISATION = "other_organisation"
    FLIP_FLOP = "flip_flop"
    """Back to who was responsible just before: probably two people correct each other."""
    GAP = "gap"
    """Between the last day of one and the first day of the next nobody was there."""
    OVERLAP = "overlap"


_ASKED: Final[Mapping[str, Kind]] = {
    "contact_unknown": Kind.UNKNOWN,
    "contact_of_other_organisation": Kind.OTHER_ORGANISATION,
    "contact_left": Kind.LEFT,
    "contact_absent_no_deputy": Kind.ABSENT,
    "contact_flip": Kind.FLIP_FLOP,
}


@dataclass(frozen=True, slots=True)
class Move:
    """One participant's place in one role went from one person to another; None: nobody."""

    ref: str
    role: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: to which references, in which role, from whom to whom (directory keys)."""

    kind: Kind
    role: str
    from_key: str | None
    to_key: str | None
    refs: tuple[str, ...]


def holders(values: Mapping[str, Json]) -> dict[str, str]:
    """Who is responsible by role: a field of the record, or ``<field>.deputy`` for who stands in by the same cell.

    A name as free text, where there is no directory, is nobody's key and not told here.
    """
    found: dict[str, str] = {}
    for name in PEOPLE:
        value = values.get(name)
        parts: dict[str, Any] = value if isinstance(value, dict) else {"contact": value}
        if isinstance(parts.get("contact"), str):
            found[name] = parts["contact"]
        if isinstance(parts.get(DEPUTY), str):
            found[f"{name}.{DEPUTY}"] = parts[DEPUTY]
    return found


def is_deputy(role: str) -> bool:
    return role.endswith(DEPUTY)


def moves(before: Mapping[str, Record], after: Iterable[Record]) -> list[Move]:
    """Every place that another person has afterwards. A new record's places are taken from nobody, a void one's end."""
    found = []
    for record in after:
        old = holders(before[record.ref].values) if _lives(before.get(record.ref)) else {}
        new = holders(record.values) if _lives(record) else {}
        found += [
            Move(record.ref, role, old.get(role), new.get(role))
            for role in sorted(old.keys() | new.keys())
            if old.get(role) != new.get(role)
        ]
    return found


def events(
    found: Iterable[Move], directory: Mapping[str, DirectoryContact], today: date, vacant: frozenset[tuple[str, str]]
) -> list[Event]:
    """What the moves of known participants mean, one event for all that moved alike.

    ``vacant`` are the places (reference, role) that somebody had once and left empty: to fill them is an event, to
    name a first person for a new participant is none. A deputy who changes with her principal is none either.
    """
    found = list(found)
    principals = {(move.ref, move.role) for move in found}
    alike: dict[tuple[str, str | None, str | None], list[str]] = defaultdict(list)
    for move in found:
        principal = move.role.removesuffix(f".{DEPUTY}").removesuffix(f"_{DEPUTY}")
        if is_deputy(move.role) and (move.ref, principal) in principals:
            continue
        if move.old is None and not is_deputy(move.role) and (move.ref, move.role) not in vacant:
            continue
        alike[move.role, move.old, move.new].append(move.ref)
    told = []
    for (role, old, new), refs in alike.items():
        event = Event(_kind(role, old, new, len(refs)), role, old, new, tuple(refs))
        told.append(event)
        if event.kind in (Kind.CHANGE, Kind.HANDOVER) and _gap(directory.get(old or ""), today):
            told.append(replace(event, kind=Kind.GAP))
    return told


def asked(code: str, meaning: Json, role: str, holder: Json, refs: tuple[str, ...]) -> tuple[Event, ...]:
    """What a question about a contact tells beside what it asks. ``meaning`` is what the cell was read as."""
    said: dict[str, Any] = meaning if isinstance(meaning, dict) else {}
    now = holders({role: holder}).get(role)
    if kind := _ASKED.get(code):
        about = said.get("contact") if kind in (Kind.LEFT, Kind.ABSENT) else now
        to = None if kind in (Kind.LEFT, Kind.ABSENT, Kind.UNKNOWN) else said.get("contact")
        return (Event(kind, role, about, to, refs),)
    if code == "handover_planned" and said.get("valid_to"):
        days = (date.fromisoformat(said["valid_from"]) - date.fromisoformat(said["valid_to"])).days
        if days != 1:
            kind = Kind.GAP if days > 1 else Kind.OVERLAP
            return (Event(kind, role, said.get("contact"), said.get("next"), refs),)
    return ()


def joined(kind: Kind, refs: int) -> Kind:
    """The kind of an event once other rows joined it."""
    return Kind.HANDOVER if kind is Kind.CHANGE and refs >= HANDOVER_ROWS else kind


def _kind(role: str, old: str | None, new: str | None, rows: int) -> Kind:
    if is_deputy(role):
        return Kind.DEPUTY
    if old is None:
        return Kind.FILLED
    return Kind.VACANCY if new is None else joined(Kind.CHANGE, rows)


def _gap(left: DirectoryContact | None, today: date) -> bool:
    """Whether the one who hands over had her last day before yesterday."""
    return left is not None and left.left_on is not None and (today - left.left_on).days > 1


def _lives(record: Record | None) -> bool:
    return record is not None and record.state is RecordState.ACTIVE
