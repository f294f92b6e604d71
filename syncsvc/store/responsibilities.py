"""Who is, was or will be responsible for a participant: a history per role, of keys only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from syncsvc.core.model import RowState
from syncsvc.store.bulk import chunks, insert
from syncsvc.store.models import BaseRow, Contact, Record, Responsibility


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResponsibility:
    """One row of the history. ``contact`` None: the place was vacant. Days are the first and the last."""

    ref: str
    role: str
    side: str
    contact: str | None
    valid_from: date
    valid_to: date | None = None
    source: str
    run_id: int | None = None
    confirmed_by: str | None = None
    seen_at: datetime


def add(session: Session, found: Iterable[NewResponsibility]) -> None:
    """Write these rows."""
    rows = [
        {
            "ref": item.ref, "role": item.role, "side": item.side, "contact_key": item.contact,
            "valid_from": item.valid_from, "valid_to": item.valid_to, "source": item.source, "run_id": item.run_id,
            "confirmed_by": item.confirmed_by, "seen_at": item.seen_at,
        }
        for item in found
    ]  # fmt: skip
    insert(session, Responsibility, rows)


def open_of(session: Session, refs: Sequence[str], day: date) -> dict[tuple[str, str], Responsibility]:
    """Who is responsible on that day, by reference and role."""
    return {
        (row.ref, row.role): row
        for some in chunks(refs)
        for row in session.scalars(
            sa.select(Responsibility).where(Responsibility.ref.in_(some), _holds(day)).order_by(Responsibility.id)
        )
    }


def places_of(session: Session, refs: Sequence[str]) -> set[tuple[str, str]]:
    """The places (reference, role) that have any history; a plan for a day to come is none."""
    found: set[tuple[str, str]] = set()
    for some in chunks(refs):
        query = sa.select(Responsibility.ref, Responsibility.role).where(Responsibility.ref.in_(some), ~_is_planned())
        found.update((ref, role) for ref, role in session.execute(query))
    return found


def planned_of(session: Session, refs: Sequence[str]) -> list[Responsibility]:
    """What somebody confirmed for a day to come."""
    return [
        row
        for some in chunks(refs)
        for row in session.scalars(sa.select(Responsibility).where(Responsibility.ref.in_(some), _is_planned()))
    ]


def planned_by(session: Session, source: str) -> list[Responsibility]:
    """What one hand-over (``planned_source``) noted for a day to come."""
    return list(session.scalars(sa.select(Responsibility).where(Responsibility.source == source)))


def due(session: Session, day: date) -> list[Responsibility]:
    """What was planned to begin by that day, and what nobody has carried out yet."""
    query = sa.select(Responsibility).where(_is_planned(), Responsibility.valid_from <= day)
    return list(session.scalars(query.order_by(Responsibility.id)))


def close(row: Responsibility, last_day: date) -> None:
    """End it with this day; one that began later was for hours only and ends on the day before it began."""
    row.valid_to = max(last_day, row.valid_from - timedelta(days=1))


def forget_plans(session: Session, places: Collection[tuple[str, str]]) -> None:
    """Forget what was confirmed for a day to come in these places (reference, role)."""
    noted = planned_of(session, sorted({ref for ref, _ in places}))
    drop(session, (row for row in noted if (row.ref, row.role) in places))


def drop(session: Session, rows: Iterable[Responsibility]) -> None:
    """Forget plans that never came into force."""
    for row in rows:
        session.delete(row)


def of_record(session: Session, ref: str) -> list[Responsibility]:
    """The whole history of a participant, by role and then by time."""
    return of_records(session, [ref]).get(ref, [])


def of_records(session: Session, refs: Sequence[str]) -> dict[str, list[Responsibility]]:
    """The same for many participants, by reference."""
    found: dict[str, list[Responsibility]] = {}
    for some in chunks(refs):
        query = sa.select(Responsibility).where(Responsibility.ref.in_(some))
        for row in session.scalars(query.order_by(Responsibility.role, Responsibility.valid_from, Responsibility.id)):
            found.setdefault(row.ref, []).append(row)
    return found


def replaced_by(session: Session, run_ids: Collection[int], since: datetime) -> dict[tuple[str, str], str]:
    """Who was responsible until one of these runs since then named somebody else, by reference and role."""
    old, new = orm.aliased(Responsibility), orm.aliased(Responsibility)
    query = (
        sa.select(old.ref, old.role, old.contact_key)
        .join(new, sa.and_(new.ref == old.ref, new.role == old.role, new.id > old.id))
        .where(new.run_id.in_(run_ids), new.seen_at >= since, new.valid_to.is_(None), new.contact_key.is_not(None))
        .where(old.contact_key.is_not(None), ~_is_planned(old))
        .order_by(old.id)
    )
    return {(ref, role): contact for ref, role, contact in session.execute(query) if contact}


def vacancies(session: Session, project_id: int, day: date) -> dict[tuple[str, str], date]:
    """Since when places of this project's participants are vacant, by reference and role."""
    query = (
        sa.select(Responsibility.ref, Responsibility.role, Responsibility.valid_from)
        .join(Record, Record.ref == Responsibility.ref)
        .where(
            Record.project_id == project_id,
            Responsibility.contact_key.is_(None),
            _holds(day),
        )
    )
    return {(ref, role): since for ref, role, since in session.execute(query)}


def held_by(session: Session, contact: str, day: date) -> set[tuple[str, str]]:
    """The places (reference, role) this person has on that day, as a deputy or herself."""
    query = sa.select(Responsibility.ref, Responsibility.role).where(Responsibility.contact_key == contact, _holds(day))
    return {(ref, role) for ref, role in session.execute(query)}


def unheld(
    session: Session, tables: Collection[int], role: str, away: Collection[str], day: date
) -> dict[int, list[str]]:
    """By table, the references in these tables for which nobody of the directory but those ``away`` is responsible in
    this role on that day."""
    held = sa.exists().where(
        Responsibility.ref == BaseRow.ref,
        Responsibility.role == role,
        Responsibility.contact_key.in_(sa.select(Contact.key).where(Contact.key.not_in(away))),
        _holds(day),
    )
    query = sa.select(BaseRow.table_id, BaseRow.ref).where(
        BaseRow.table_id.in_(tables), BaseRow.state == RowState.PRESENT, ~held
    )
    found: dict[int, list[str]] = {}
    for table_id, ref in session.execute(query.order_by(BaseRow.ref)):
        found.setdefault(table_id, []).append(ref)
    return found


def of_contact(session: Session, contact: str, day: date) -> list[Responsibility]:
    """What this person is responsible for on that day or later, by reference."""
    query = sa.select(Responsibility).where(Responsibility.contact_key == contact, _lasts(day))
    return list(session.scalars(query.order_by(Responsibility.ref, Responsibility.role, Responsibility.valid_from)))


def counts(session: Session, contacts: Sequence[str], day: date) -> dict[str, int]:
    """For how many participants each of these people is responsible on that day; who has none is not named."""
    found: dict[str, int] = {}
    for some in chunks(contacts):
        query = sa.select(Responsibility.contact_key, sa.func.count(Responsibility.ref.distinct())).where(
            Responsibility.contact_key.in_(some), _holds(day)
        )
        found |= {key: number for key, number in session.execute(query.group_by(Responsibility.contact_key)) if key}
    return found


def projects_of(session: Session, contacts: Collection[str], day: date) -> list[int]:
    """The projects with a participant whom one of these people is responsible for on that day."""
    query = (
        sa.select(Record.project_id)
        .distinct()
        .join(Responsibility, Record.ref == Responsibility.ref)
        .where(Responsibility.contact_key.in_(contacts), _holds(day))
    )
    return sorted(session.scalars(query))


PLANNED = "planned"
"""The source of a row that somebody confirmed for a day to come."""


def planned_source(id_: str) -> str:
    """The source of a row that a hand-over with this id noted for a day to come."""
    return f"{PLANNED}:{id_}"  # no table's key has a colon


def _is_planned(row: type[Responsibility] = Responsibility) -> sa.ColumnElement[bool]:
    return sa.or_(row.source == PLANNED, row.source.startswith(planned_source("")))


def _holds(day: date) -> sa.ColumnElement[bool]:
    """In force on that day; what was planned is so only once ``services/contacts/daily.py`` carried it out."""
    return sa.and_(~_is_planned(), Responsibility.valid_from <= day, _lasts(day))


def _lasts(day: date) -> sa.ColumnElement[bool]:
    return sa.or_(Responsibility.valid_to.is_(None), Responsibility.valid_to >= day)
