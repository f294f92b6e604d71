"""Lists of staff: how a contact of the directory stands in a row, and by what a row is known to be hers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from syncsvc.core.fields import Context, DirectoryContact, Field, Kind, field_for
from syncsvc.core.fields.people import People
from syncsvc.core.fields.registry import STAFF
from syncsvc.core.folding import bare
from syncsvc.core.mapping import Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Json

LINK: Final = "staff.contact"
"""Where a list's record keeps the directory key of whom it is about; no column shows it."""

DETAILS: Final[Mapping[str, str]] = {
    **{name: name.partition(".")[2] for name in STAFF if name != "staff.confirmed"},
    "staff.confirmed": "confirmed_on",
}
"""By the field of a list: the detail of the directory it shows."""

FAMILY, GIVEN, PHONE, EMAIL, DEPUTY, LEFT_ON, CONFIRMED = (
    "staff.family", "staff.given", "staff.phone", "staff.email", "staff.deputy", "staff.left_on", "staff.confirmed",
)  # fmt: skip
IDENTIFYING: Final = (FAMILY, GIVEN, EMAIL)
"""By what a person of a list is known without her number."""

FIELDS: Final[Mapping[str, Field]] = {
    name: field_for(Column(known.label, name, known.type, known.owner, vocabulary=known.vocabulary))
    for name, known in STAFF.items()
}
_PLAIN = frozenset({FAMILY, GIVEN, "staff.role", "staff.team"})


def is_staff(mapping: TableMapping) -> bool:
    """Whether this is the mapping of a list of staff, not of participants."""
    return any(column.field in STAFF for column in mapping.columns)


def row_of(contact: DirectoryContact, people: People, context: Context) -> dict[str, Json]:
    """What a list says of this contact, by field; what cannot stand in a cell of the field is left out."""
    context = replace(context, organisation=contact.organisation, contacts=(), values={})
    values: dict[str, Json] = {}
    for name, detail in DETAILS.items():
        known = getattr(contact, detail)
        if not known:
            continue
        if detail == "deputy":
            values[name] = people.name(known)
        elif name == CONFIRMED:
            values[name] = f"{known:%Y-%m}"
        elif name in _PLAIN:
            values[name] = known
        else:
            reading = FIELDS[name].parse(known, context)
            meant = reading.kind is Kind.ASK and isinstance(reading.value, str | dict)  # the directory has it so
            if reading.value is not None and (reading.accepted or meant):
                values[name] = reading.value
    return values


def same(name: str, one: Json, other: Json) -> bool:
    """Whether two values of a field mean the same."""
    return FIELDS[name].key(one) == FIELDS[name].key(other)


def name_key(values: Mapping[str, Json]) -> str:
    """Family and given name, in whichever order and cell they stand; empty for none."""
    words = " ".join(str(values[name]) for name in (FAMILY, GIVEN) if values.get(name))
    return " ".join(sorted(filter(None, map(bare, words.replace(",", " ").split()))))


def person_keys(values: Mapping[str, Json]) -> list[tuple[str, ...]]:
    """By what two rows may be one person's: the name with the address, the name, the address; surest first."""
    name, mail = name_key(values), str(values.get(EMAIL) or "")
    keys: list[tuple[str, ...]] = [("staff", name, mail), ("staff name", name), ("staff mail", mail)]
    return [key for key in keys if all(key)]
