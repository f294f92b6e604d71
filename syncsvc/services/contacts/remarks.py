"""What a row says of its contact that its own cells do not: she left, is away, is missing, nobody confirmed her."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from syncsvc.core.contacts import PEOPLE, holders, is_deputy
from syncsvc.core.fields import Context, DirectoryContact
from syncsvc.core.fields.people import People
from syncsvc.core.mapping import NOTE_FIELD
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Record
from syncsvc.store import responsibilities
from syncsvc.store.models import Table

UNCONFIRMED_AFTER = timedelta(days=35)
"""How long a confirmation holds; who was never confirmed is not asked after."""


def of_contacts(
    session: Session, table: Table, mapping: TableMapping, records: Mapping[str, Record], context: Context
) -> dict[str, Sequence[str]]:
    """German sentences by reference, for tables that show a contact and have a column for notes.

    They depend on the day: ``services/contacts/daily.py`` has tables looked at on the days they change.
    """
    shown = [name for name in PEOPLE if name in mapping.shown and not is_deputy(name)]
    if not shown or mapping.column(NOTE_FIELD) is None:
        return {}
    vacant = responsibilities.vacancies(session, table.project_id, context.today)
    people, directory = People(context.contacts), {contact.key: contact for contact in context.contacts}
    said: dict[str, Sequence[str]] = {}
    for ref, record in records.items():
        now = holders(record.values)
        sentences = []
        for name in shown:
            column = mapping.column(name)
            assert column is not None
            if name in now:
                contact = directory.get(now[name])
                sentences += list(_of(contact, people, context.today)) if contact else []
            elif (ref, name) in vacant and record.values.get(name) is None:
                sentences.append(f"{column.header} fehlt seit {_day(vacant[ref, name], context.today)}.")
        if sentences:
            said[ref] = tuple(sentences)
    return said


def changes_between(contact: DirectoryContact, last: date, today: date) -> bool:
    """Whether her rows say something else today than on that day before."""
    turns = [
        contact.left_on and contact.left_on + timedelta(days=1),
        contact.absent_from,
        contact.absent_to and contact.absent_to + timedelta(days=1),
        contact.confirmed_on and contact.confirmed_on + UNCONFIRMED_AFTER + timedelta(days=1),
    ]
    return any(last < turn <= today for turn in turns if turn)


def _of(contact: DirectoryContact, people: People, today: date) -> Iterator[str]:
    name = people.name(contact.key)
    if contact.has_left(today):
        assert contact.left_on is not None
        since = _day(contact.left_on + timedelta(days=1), today)
        yield f"{name} ist seit {since} nicht mehr da – bitte neue Ansprechperson eintragen."
        return
    if contact.is_absent(today):
        until = f" bis {_day(contact.absent_to, today)}" if contact.absent_to else ""
        deputy = f", Vertretung: {people.name(contact.deputy)}" if contact.deputy else ""
        yield f"{name} ist{until or ' zurzeit'} abwesend{deputy}."
    if contact.confirmed_on is not None and today - contact.confirmed_on > UNCONFIRMED_AFTER:
        yield f"{name}: Stand seit über {UNCONFIRMED_AFTER.days} Tagen nicht bestätigt."


def _day(day: date, today: date) -> str:
    return f"{day:%d.%m.}" if day.year == today.year else f"{day:%d.%m.%Y}"
