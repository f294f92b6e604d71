"""Columns that follow the directory: what it says of a row's contact, and when the row takes that over."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from syncsvc.core.fields import Context, DirectoryContact, Field, Kind, field_for
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json, Side

DIRECTORY: Final = "directory"
"""Where the change log says that such values came from."""

LEADS: Final[Mapping[str, Mapping[str, str]]] = {
    "contact_jc": {
        "contact_jc_role": "role",
        "contact_jc_phone": "phone",
        "contact_jc_email": "email",
        "contact_jc_deputy": "deputy",
    },
    "coach": {"coach_phone": "phone", "coach_email": "email"},
}
"""By the field that names a contact: the fields that follow, and what of the directory they show."""

LEAD: Final[Mapping[str, str]] = {name: lead for lead, followers in LEADS.items() for name in followers}
"""By the field that follows: the field whose contact it is about."""

FOLLOWERS: Final = frozenset(name for followers in LEADS.values() for name in followers)

_MEANT = frozenset({"shared_mailbox", "mail_name_differs"})
"""Doubts about a cell that are none about the directory, where somebody wrote it on purpose."""


class Following:
    """What the directory says in the columns of one table or project. Holds what it has read once.

    ``leads`` are the fields naming a contact that some column follows.
    """

    def __init__(self, columns: Mapping[str, Column], context: Context) -> None:
        self._context = context
        self._people = {contact.key: contact for contact in context.contacts}
        self._columns = {
            lead: {name: columns[name] for name in followers if name in columns}
            for lead, followers in LEADS.items()
            if lead in columns
        }
        self.leads = tuple(lead for lead, followers in self._columns.items() if followers)
        self._fields: dict[str, Field] = {name: field_for(column) for name, column in columns.items()}
        self._said: dict[tuple[str, str], Json] = {}

    def knows(self, lead: str, contact: Json, house: str | None) -> bool:
        """Whether the directory has this contact, in the house whose people belong into the row (``says``)."""
        key = person_of(contact)
        person = self._people.get(key) if key else None
        own = house if lead == "contact_jc" else self._context.project_organisation
        return person is not None and own in (None, person.organisation)

    def beside(self, lead: str) -> Iterable[str]:
        """The fields that follow this one."""
        return self._columns[lead]

    def says(self, lead: str, contact: Json, house: str | None) -> dict[str, Json]:
        """What the directory says in the columns that follow ``lead``, by field; None: nothing.

        ``contact`` is the value of the lead. ``house`` is the row's job centre: whoever works in another house is not
        told about there (for a coach: in another project's organisation).
        """
        if not self.knows(lead, contact, house):
            return dict.fromkeys(self._columns[lead])
        person = self._people[str(person_of(contact))]
        return {name: self._value(person, lead, column) for name, column in self._columns[lead].items()}

    def changes(
        self,
        lead: str,
        before: Json,
        after: Json,
        values: Mapping[str, Json],
        house: str | None,
        *,
        earlier: Following | None = None,
        typed_too: bool = True,
    ) -> dict[str, Json]:
        """What a record takes over, by field, when its contact goes from ``before`` to ``after``, or when the directory
        changed from ``earlier`` to this one. ``values`` are the record's.

        A value that is the directory's old one is replaced, even by a blank; one that people typed only by what the
        directory says of somebody new, or says anew, and only if ``typed_too``. Where nothing moved nothing is taken
        over.
        """
        old, new = (earlier or self).says(lead, before, house), self.says(lead, after, house)
        same = self._key(lead, before) == self._key(lead, after)
        taken = {}
        for name, value in new.items():
            was, now, held = (self._key(name, one) for one in (old[name], value, values.get(name)))
            moved = not same or was != now
            always = self._columns[lead][name].owner is Side.SERVICE and now is not None
            if held != now and (always or (moved and (held == was or (typed_too and now is not None)))):
                taken[name] = value
        return taken

    def _value(self, person: DirectoryContact, lead: str, column: Column) -> Json:
        key = (person.key, column.field)
        if key not in self._said:
            self._said[key] = self._read(person, LEADS[lead][column.field], column.field)
        return self._said[key]

    def _read(self, person: DirectoryContact, detail: str, name: str) -> Json:
        text = str(getattr(person, detail))
        if detail == "deputy":
            return {"contact": text} if text in self._people else None
        context = replace(self._context, organisation=person.organisation, contacts=(), values={})
        reading = self._fields[name].parse(text or None, context)
        meant = reading.kind is Kind.ASK and reading.code in _MEANT
        return reading.value if reading.accepted or meant else None

    def _key(self, name: str, value: Json) -> Hashable:
        return self._fields[name].key(value)


def side_of(owner: Side) -> Side:
    """Whose value the directory's counts as in a column: the owner's, so that it is written and not proposed."""
    return Side.JOBCENTRE if owner is Side.JOBCENTRE else Side.PROJECT


def person_of(contact: Json) -> str | None:
    """The directory key of whom a record names, None for nobody and for a name as free text."""
    value = contact.get("contact") if isinstance(contact, dict) else contact
    return value if isinstance(value, str) else None
