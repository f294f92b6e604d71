"""Telling people of the directory by mail what changed: coaches of their participants, liaisons of their house."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from syncsvc.core.contacts import Event, Kind, holders
from syncsvc.core.digest import COACH, LIAISON, News, Rhythm, gather, last_due, sentences
from syncsvc.core.fields import DirectoryContact
from syncsvc.errors import Actor, UsageError
from syncsvc.ports.notify import NullNotifier
from syncsvc.services.contacts.directory import find, name_of
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import (
    bases,
    contact_events,
    contacts,
    notices,
    organisations,
    projects,
    records,
    responsibilities,
    subscriptions,
    tables,
)
from syncsvc.store.models import Project, Table

LIAISON_ROLE = "liaison"
CODE = "digest"

WRITTEN = timedelta(minutes=10)
"""Within this time what happened is written down. A letter tells what happened up to its hour and leaves only then, so
that nothing falls between two letters which a run, an answer or a list of staff was just about to commit.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """What one person is told about one table."""

    table: str
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a subscriber would be told; ``contact`` is her key."""

    contact: str
    name: str
    rhythm: str
    parts: tuple[Part, ...]


def subscribe(rt: Runtime, who: str, rhythm: Rhythm) -> str:
    """Tell this contact in this rhythm from now on; returns what was set, as a German sentence.

    ``who`` is a key, a name or a mail address. Raises ``NotFound``, or ``UsageError`` for somebody without a mail
    address and where several may be meant.
    """
    with rt.database.write() as session:
        contact = find(session, who)
        if rhythm is not Rhythm.OFF and not contact.email:
            raise UsageError("Ohne E-Mail-Adresse geht keine Benachrichtigung.", hint="Zuerst die Adresse eintragen.")
        subscriptions.put(session, contact.key, rhythm, rt.clock.now())
    return {
        Rhythm.DAILY: "Die Benachrichtigung kommt an Arbeitstagen, wenn etwas geschehen ist.",
        Rhythm.WEEKLY: "Die Benachrichtigung kommt montags, wenn etwas geschehen ist.",
        Rhythm.OFF: "Die Benachrichtigung ist ausgeschaltet.",
    }[rhythm]


def rhythm_of(rt: Runtime, key: str) -> Rhythm:
    """How often this contact is told."""
    with rt.database.read() as session:
        return subscriptions.rhythm_of(session, key)


def preview(rt: Runtime) -> list[Letter]:
    """What every subscriber would be told if letters left now; one with nothing to be told has no parts."""
    with rt.database.read() as session:
        directory = {contact.key: contact for contact in contacts.directory(session)}
        return [
            Letter(
                row.contact_key,
                name_of(contact),
                row.rhythm,
                tuple(_parts(rt, session, contact, row.last_sent_at, None)),
            )
            for row in subscriptions.all_on(session)
            if (contact := directory.get(row.contact_key)) is not None
        ]


def post(rt: Runtime) -> None:
    """Put a letter into the outbox for everybody whose time has come and about whose people something happened.

    Nothing while letters cannot leave or digests are switched off. What was put in is never put in again: that it was
    told is noted in the same transaction.
    """
    if not rt.digests.on or isinstance(rt.notifier, NullNotifier):
        return
    now = rt.clock.now()
    with rt.database.read() as session:
        if not _due(session, now):
            return  # mostly: no reason to take the writer's place
    with rt.database.write() as session:
        directory = {contact.key: contact for contact in contacts.directory(session)}
        for key, (since, until) in _due(session, now).items():
            subscriptions.told(session, key, until)
            contact = directory.get(key)
            if contact is None or not contact.email or contact.has_left(rt.today()):
                continue
            for part in _parts(rt, session, contact, since, until):
                table_id = tables.get(session, part.table).id
                notices.add(
                    session,
                    audience=Actor.TABLE,
                    code=CODE,
                    text=part.text,
                    now=now,
                    table_id=table_id,
                    recipient=contact.email,
                )


def _due(session: Session, now: datetime) -> dict[str, tuple[datetime | None, datetime]]:
    """Who is to be told what happened since when, and until when."""
    local = (now - WRITTEN).astimezone(ZONE)
    hours = [(row, last_due(Rhythm(row.rhythm), local)) for row in subscriptions.all_on(session)]
    return {
        row.contact_key: (row.last_sent_at, until)
        for row, until in hours
        if row.last_sent_at is None or row.last_sent_at < until
    }


def _parts(
    rt: Runtime, session: Session, contact: DirectoryContact, since: datetime | None, until: datetime | None
) -> list[Part]:
    happened = [
        Event(Kind(row.kind), row.role, row.from_key, row.to_key, tuple(row.refs))
        for row in contact_events.latest(session, since=since)
        if row.undone_at is None and (until is None or row.at < until)
    ]
    if not happened:
        return []
    today = rt.today()
    refs = sorted({ref for event in happened for ref in event.refs})
    rows = bases.tables_of(session, refs)
    known = records.of_refs(session, refs)  # not the history, which begins with a record's first change
    own = {ref for ref, record in known.items() if contact.key in holders(record.values).values()}
    wanted = LIAISON if contact.role == LIAISON_ROLE else COACH
    parts = []
    for table, project in _tables(session, contact):
        shown = {ref for ref, ids in rows.items() if table.id in ids and (wanted is LIAISON or ref in own)}
        vacant = {ref for ref, _ in responsibilities.vacancies(session, project.id, today)}
        news = _among(gather(happened, wanted), shown, vacant)
        if text := sentences(news, references=rt.digests.references):
            house = organisations.key_of(session, table.jobcentre_id)
            name = organisations.get(session, house).name if house else project.name
            parts.append(Part(table.key, f"{name}: {text}"))
    return parts


def _tables(session: Session, contact: DirectoryContact) -> Iterable[tuple[Table, Project]]:
    """The tables this person has to do with: her job centre's, or those of her house's projects."""
    house = organisations.get(session, contact.organisation).id
    for table in tables.all_tables(session):
        project = projects.by_id(session, table.project_id)
        if house in (table.jobcentre_id, project.organisation_id):
            yield table, project


def _among(news: Mapping[News, frozenset[str]], shown: set[str], vacant: set[str]) -> dict[News, frozenset[str]]:
    """Only these references; a place that was filled meanwhile is no vacancy any more."""
    return {kind: refs & (shown & vacant if kind is News.VACANCY else shown) for kind, refs in news.items()}
