"""Keep the history of responsibilities, and tell what happened to them: wherever records or the directory change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from syncsvc.core.contacts import Event, Kind, Move, asked, events, is_deputy, joined, moves
from syncsvc.core.fields import DirectoryContact
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.model import Record
from syncsvc.services.runtime import ZONE
from syncsvc.store import changes, contact_events, contacts, records, responsibilities
from syncsvc.store.changes import Where
from syncsvc.store.models import ContactEvent, Responsibility
from syncsvc.store.questions import NewQuestion, Question
from syncsvc.store.responsibilities import NewResponsibility

SPLIT = timedelta(days=1)
"""A hand-over that goes on within this time is still the same one."""

ONE_ABSENCE = timedelta(days=7)
"""Typed into a cell and entered into the directory within this time it is one absence."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from.

    ``source`` is the table's key, or ``directory``, ``cli``, ``web``, ``answer``; ``actor`` who confirmed it. ``day``
    is the first day it is valid on, where that is not today. ``undoes`` is when that began which is taken back.
    """

    source: str
    actor: str
    run_id: int | None = None
    table_id: int | None = None
    day: date | None = None
    undoes: datetime | None = None


def note_changes(
    session: Session,
    project_id: int,
    before: Mapping[str, Record],
    after: Iterable[Record],
    origin: Origin,
    *,
    now: datetime,
) -> None:
    """Write down who is responsible from now on, and what that means, in the transaction that saves the records.

    ``before`` holds at least the changed records as they were; a record that is not there is new. Costs nothing
    where no contact changed.
    """
    found = moves(before, after)
    if not found:
        return
    today = now.astimezone(ZONE).date()
    day = origin.day or today
    current = responsibilities.open_of(session, sorted({move.ref for move in found}), day)
    found = [move for one in found if (move := _by_history(one, current)) is not None]
    _write_history(session, found, before, current, origin, day, now)
    if origin.undoes is not None:
        _take_back(session, found, origin.undoes, now)
    else:
        known = [move for move in found if move.ref in before]
        vacant = frozenset(place for place, row in current.items() if row.contact_key is None)
        directory = {contact.key: contact for contact in contacts.directory(session)} if known else {}
        _tell(session, project_id, events(known, directory, day, vacant), origin, now)


def note_standing(session: Session, refs: Sequence[str], *, now: datetime) -> None:
    """Open a history where these records name somebody and have none yet: from the day the value was set on, by the
    change log, else from the record's creation. Nothing happened, so nothing is told; again it changes nothing.
    """
    known, begun = records.some(session, refs), records.created_at(session, refs)
    places = responsibilities.places_of(session, refs)
    named = [
        Move(move.ref, move.role, None, move.new)
        for move in moves({}, known.values())
        if (move.ref, move.role) not in places
    ]
    fields = sorted({move.role.partition(".")[0] for move in named})
    set_at = changes.last_set(session, sorted({move.ref for move in named}), fields)
    origin = Origin("directory", "")
    new = []
    for move in named:
        first = set_at.get((move.ref, move.role.partition(".")[0]), begun[move.ref]).astimezone(ZONE).date()
        new.append(_row(move, move.new, first, None, origin, now))
    responsibilities.add(session, new)


def _take_back(session: Session, found: Iterable[Move], since: datetime, now: datetime) -> None:
    """Who moved back is not part of what was told since; what is about nobody any more is undone.

    Events of a hand-over in two goes began up to ``SPLIT`` before what is taken back.
    """
    back = {(move.ref, move.role, move.new, move.old) for move in found}
    for event in contact_events.latest(session, since=since - SPLIT):
        stay = [ref for ref in event.refs if (ref, event.role, event.from_key, event.to_key) not in back]
        if not stay and event.undone_at is None:
            event.undone_at = now
        elif stay != event.refs:
            event.refs = stay


def _by_history(move: Move, current: Mapping[tuple[str, str], Responsibility]) -> Move | None:
    """The move from whom the history has, which knows of no proposals; None if nobody moved."""
    row = current.get((move.ref, move.role))
    if row is None:
        return move
    return None if row.contact_key == move.new else replace(move, old=row.contact_key)


def note_directory(
    session: Session, before: DirectoryContact | None, after: DirectoryContact, origin: Origin, *, now: datetime
) -> None:
    """Tell that somebody left, is absent or has another deputy, in the transaction that changes her entry."""
    if before is None:
        return
    today = now.astimezone(ZONE).date()
    refs = tuple(sorted({ref for ref, _ in responsibilities.held_by(session, after.key, today)}))
    told = []
    if after.left_on and after.left_on != before.left_on:
        told.append(Event(Kind.LEFT, "", after.key, None, refs))
    if after.absent_from and after.absent_from != before.absent_from:
        told.append(Event(Kind.ABSENT, "", after.key, None, refs))
    if after.deputy != before.deputy and refs:
        told.append(Event(Kind.DEPUTY, "", before.deputy or None, after.deputy or None, refs))
    _tell(session, None, told, origin, now)


def note_questions(
    session: Session,
    project_id: int,
    opened: Iterable[NewQuestion],
    known: Iterable[Question],
    origin: Origin,
    *,
    now: datetime,
) -> None:
    """Tell what cells say that only a question can settle: somebody left, an unknown name, a flip-flop.

    ``known`` are the questions that were open before: one that only changed its rows is nothing new.
    """
    old = {question.digest for question in known}
    for question in opened:
        if question.kind not in ("contact", "handover") or question.digest in old:
            continue
        document = question.document
        refs = tuple(cell.ref for cell in question.cells)
        told = asked(question.code, document.get("meaning"), question.field or "", document.get("record"), refs)
        _tell(session, project_id, told, origin, now)


def _write_history(
    session: Session,
    found: Sequence[Move],
    before: Mapping[str, Record],
    current: Mapping[tuple[str, str], Responsibility],
    origin: Origin,
    day: date,
    now: datetime,
) -> None:
    """Close what ended and open what began."""
    moved = {(move.ref, move.role) for move in found}
    responsibilities.forget_plans(session, moved)
    new = []
    for move in found:
        row = current.get((move.ref, move.role))
        if row is not None:
            responsibilities.close(row, day - timedelta(days=1))
        elif move.old is not None:
            since = min(_since(session, move, now), day)
            new.append(_row(move, move.old, since, max(day - timedelta(days=1), since), origin, now))
        if move.new is not None or (not is_deputy(move.role) and move.ref in before):
            new.append(_row(move, move.new, day, None, origin, now))
    responsibilities.add(session, new)


def _row(
    move: Move, contact: str | None, first: date, last: date | None, origin: Origin, now: datetime
) -> NewResponsibility:
    field = CATALOGUE[move.role.partition(".")[0]]
    return NewResponsibility(
        ref=move.ref, role=move.role, side=field.owner, contact=contact, valid_from=first, valid_to=last,
        source=origin.source, run_id=origin.run_id, confirmed_by=origin.actor, seen_at=now,
    )  # fmt: skip


def _since(session: Session, move: Move, now: datetime) -> date:
    """Since when a place was held of which there is no history yet: since its value was set."""
    field = move.role.partition(".")[0]
    set_at = [
        change.at
        for change in changes.of_record(session, move.ref)
        if (change.field, change.side) == (field, Where.RECORD) and change.new is not None and change.at < now
    ]
    return (set_at[-1] if set_at else now).astimezone(ZONE).date()


def _tell(session: Session, project_id: int | None, told: Iterable[Event], origin: Origin, now: datetime) -> None:
    """Write the events; one that goes on joins the one that began it."""
    today = now.astimezone(ZONE).date()
    for event in told:
        group = _group(project_id, event)
        if (known := _goes_on(session, event, group, now)) is not None:
            if not set(event.refs) <= set(known.refs):
                known.at = now  # whoever was told already has to hear of the rest
            known.refs = sorted({*known.refs, *event.refs})
            known.kind = joined(Kind(known.kind), len(known.refs))
            continue
        contact_events.add(
            session, kind=event.kind, role=event.role, from_key=event.from_key, to_key=event.to_key, refs=event.refs,
            group_key=group, at=now, day=origin.day or today, table_id=origin.table_id, run_id=origin.run_id,
        )  # fmt: skip


def _goes_on(session: Session, event: Event, group: str, now: datetime) -> ContactEvent | None:
    """The event that this one only continues. Changes go on for a day; a person leaves once; two unknown names or two
    vacancies are two, whoever was there before."""
    if event.kind in (Kind.UNKNOWN, Kind.FLIP_FLOP, Kind.FILLED, Kind.VACANCY):
        return None
    span = {Kind.LEFT: timedelta(days=366), Kind.ABSENT: ONE_ABSENCE}.get(event.kind, SPLIT)
    return contact_events.latest_of(session, group, now - span)


def _group(project_id: int | None, event: Event) -> str:
    """Names what may go on. Who left or is absent did so for every project and role."""
    if event.kind in (Kind.LEFT, Kind.ABSENT):
        return f"{event.kind}:{event.from_key}"
    kind = Kind.CHANGE if event.kind is Kind.HANDOVER else event.kind
    return f"{project_id or ''}:{kind}:{event.role}:{event.from_key or ''}:{event.to_key or ''}"
