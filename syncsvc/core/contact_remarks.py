"""What a row says of its contact that its own cells do not: she left, is away, is missing, nobody confirmed her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from syncsvc.core.contacts import PEOPLE, holders, is_deputy
from syncsvc.core.fields import DirectoryContact
from syncsvc.core.fields.people import Directory, People
from syncsvc.core.mapping import ENDED_STATUS, STATUS_FIELD
from syncsvc.core.model import Json

UNCONFIRMED_AFTER: Final = timedelta(days=35)
"""How long a confirmation holds; after who was never confirmed nobody is asked."""


@dataclass(frozen=True, slots=True)
class ContactRemarks:
    """What is to be said on one day. ``people`` are German sentences by directory key, ``vacant`` is since when places
    (reference, field) are empty, ``headers`` names the columns in which people are looked for.
    """

    today: date = date.min
    people: Mapping[str, str] = field(default_factory=dict)
    vacant: Mapping[tuple[str, str], date] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def of(self, ref: str, values: Mapping[str, Json], before: Mapping[str, Json]) -> list[str]:
        """The sentences for a row whose record has these values, and had those ``before`` this run; none once the
        participation has ended.
        """
        said: list[str] = []
        if values.get(STATUS_FIELD) == ENDED_STATUS:
            return said
        for name, header in self.headers.items():
            value = values.get(name)
            if value is None:
                since = self.vacant.get((ref, name)) or (self.today if name in holders(before) else None)
                if since is not None:
                    said.append(f"{header} fehlt seit {_day(since, self.today)}".rstrip(".") + ".")
            elif self.people and (sentence := self.people.get(holders({name: value}).get(name, ""))):
                said.append(sentence)
        return said


def contact_remarks(
    directory: Directory, vacant: Mapping[tuple[str, str], date], headers: Mapping[str, str], today: date
) -> ContactRemarks:
    """What is to be said today in a table that shows these fields."""
    people = People(directory)
    said = {contact.key: sentence for contact in directory if (sentence := _of(contact, people, today))}
    shown = {name: headers[name] for name in PEOPLE if name in headers and not is_deputy(name)}
    return ContactRemarks(today, said, vacant, shown)


def changes_between(contact: DirectoryContact, last: date, today: date) -> bool:
    """Whether her rows say something else today than on that day before."""
    turns = [
        contact.left_on and contact.left_on + timedelta(days=1),
        contact.absent_from,
        contact.absent_to and contact.absent_to + timedelta(days=1),
        contact.confirmed_on and contact.confirmed_on + UNCONFIRMED_AFTER + timedelta(days=1),
    ]
    return any(last < turn <= today for turn in turns if turn)


def _of(contact: DirectoryContact, people: People, today: date) -> str:
    name = people.name(contact.key)
    if contact.left_on is not None and contact.has_left(today):
        since = _day(contact.left_on + timedelta(days=1), today)
        return f"{name} ist seit {since} nicht mehr da – bitte neue Ansprechperson eintragen."
    if contact.is_absent(today):
        until = f"bis {_day(contact.absent_to, today)}" if contact.absent_to else "zurzeit"
        deputy = f", Vertretung: {people.name(contact.deputy)}" if contact.deputy else ""
        return f"{name} ist {until} abwesend{deputy}."
    if contact.confirmed_on is not None and today - contact.confirmed_on > UNCONFIRMED_AFTER:
        return f"{name}: Stand seit über {UNCONFIRMED_AFTER.days} Tagen nicht bestätigt."
    return ""


def _day(day: date, today: date) -> str:
    return f"{day:%d.%m.}" if day.year == today.year else f"{day:%d.%m.%Y}"
