"""Hand everybody over from one contact to another, from our side: for all tables or one, with a preview and an undo."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from syncsvc.core.fields import DirectoryContact, field_for
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.following import LEADS, person_of, side_of
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json, Record, RecordState, Side
from syncsvc.errors import NotFound, UsageError
from syncsvc.services import consequences
from syncsvc.services.columns import house_of, shown_in
from syncsvc.services.contacts.directory import as_usage, find, name_of
from syncsvc.services.contacts.entries import day as day_of
from syncsvc.services.contacts.events import Origin
from syncsvc.services.runtime import Runtime
from syncsvc.store import (
    bases,
    changes,
    organisations,
    projects,
    questions,
    records,
    responsibilities,
    tables,
)
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Project, Table
from syncsvc.store.responsibilities import NewResponsibility, planned_source

SOURCE: Final = "handover"
"""Where the change log says that a value came from, followed by the hand-over's own id."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A participant who gets another contact: in which field, and the keys of the tables that show it."""

    ref: str
    project: str
    field: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stays:
    """A participant who keeps her contact, and why, in one German sentence."""

    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What a hand-over does. ``id`` takes it back, also before its day; it is ``""`` for a preview.

    ``planned``: the day is to come; until then everything stays, and can be changed as ever.
    """

    id: str
    old: DirectoryContact
    new: DirectoryContact
    day: date
    planned: bool
    rows: tuple[HandedOver, ...]
    stays: tuple[Stays, ...]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What the undo of a hand-over did: references that have their old contact again, and those that keep the new."""

    refs: tuple[str, ...]
    stays: tuple[Stays, ...]


def hand_over(
    rt: Runtime,
    old: str,
    new: str,
    *,
    day: str | date | None = None,
    table: str | None = None,
    within: Collection[int] | None = None,
    actor: str,
    preview: bool = False,
) -> Handover:
    """Give all participants of one contact to another, in every table or in one, from ``day`` on (None: today).

    ``within``: only those of these projects, by id.
    Who decides here decides in the name of the columns' owners: the tables get the new name as theirs, not as a
    proposal, and what follows the directory comes with it. With ``preview`` nothing is written.
    Raises ``NotFound``, and ``UsageError`` where it makes no sense.
    """
    with rt.database.read() if preview else rt.database.write() as session:
        first, second = find(session, old), find(session, new)
        with as_usage():
            start = rt.today() if day is None else day_of("day", day)
        _check(first, second, start)
        id_ = "" if preview else secrets.token_hex(4)
        only = tables.get(session, table) if table else None
        rows: list[HandedOver] = []
        stays: list[Stays] = []
        for project in projects.all_projects(session):
            if (only is not None and only.project_id != project.id) or (
                within is not None and project.id not in within
            ):
                continue
            case = _Case(session, project, first, second, only, rt.today())
            rows += case.rows
            stays += case.stays
            if not preview and case.rows:
                case.plan(rt, start, id_, actor) if start > rt.today() else case.carry_out(rt, start, id_, actor)
    ordered = tuple(sorted(rows, key=lambda row: (row.ref, row.field)))
    return Handover(
        id_ if rows else "",
        first,
        second,
        start,
        start > rt.today(),
        ordered,
        tuple(sorted(stays, key=lambda s: s.ref)),
    )


def participants_of(rt: Runtime, id_: str) -> tuple[str, ...]:
    """The references of everybody whom this hand-over gave another contact, or is to. Raises ``NotFound``."""
    with rt.database.read() as session:
        done = {entry.ref for entry in changes.of_source(session, f"{SOURCE} {id_}")}
        found = done | {row.ref for row in responsibilities.planned_by(session, planned_source(id_))}
    if not found:
        raise NotFound(f"Eine Übergabe {id_} gibt es nicht.")
    return tuple(sorted(found))


def undo_handover(rt: Runtime, id_: str, *, actor: str) -> TakenBack:
    """Take a hand-over back: whoever still has the new contact gets the old one again, and what it noted for a day to
    come is forgotten. Raises ``NotFound``.
    """
    now = rt.clock.now()
    done: list[str] = []
    stays: list[Stays] = []
    with rt.database.write() as session:
        entries = changes.of_source(session, f"{SOURCE} {id_}")
        noted = responsibilities.planned_by(session, planned_source(id_))
        if not entries and not noted:
            raise NotFound(f"Eine Übergabe {id_} gibt es nicht.")
        responsibilities.drop(session, noted)
        done += {row.ref for row in noted}
        for project in projects.all_projects(session):
            known = records.of_project(session, project.id)
            columns = leads(session, project)
            before: dict[str, Record] = {}
            after: dict[str, Record] = {}
            log = []
            for entry in entries:
                record = after.get(entry.ref) or known.get(entry.ref)
                if record is None:
                    continue
                column = columns[entry.field]
                if field_for(column).key(record.values.get(entry.field)) != field_for(column).key(entry.new):
                    stays.append(Stays(entry.ref, "Seitdem geändert."))
                    continue
                before.setdefault(entry.ref, record)
                after[entry.ref] = with_contact(record, column, entry.old)
                source = f"{SOURCE} {id_} zurück"
                log.append(replace(entry, at=now, source=source, actor=actor, old=entry.new, new=entry.old))
            if after:
                records.save(session, project.id, after.values(), now)
                changes.append(session, log)
                origin = Origin(SOURCE, actor, undoes=entries[0].at)
                consequences.draw(session, project.id, before, after.values(), origin, now=now)
                done += before
    return TakenBack(tuple(sorted(done)), tuple(stays))


def _check(old: DirectoryContact, new: DirectoryContact, day: date) -> None:
    if old.key == new.key:
        raise UsageError("Übergeben wird an eine andere Person.")
    if new.has_left(day):
        raise UsageError(f"{name_of(new)} ist am {new.left_on:%d.%m.%Y} ausgeschieden.")


class _Case:
    """What a hand-over means for one project: who moves, who stays and why."""

    def __init__(
        self,
        session: Session,
        project: Project,
        old: DirectoryContact,
        new: DirectoryContact,
        only: Table | None,
        today: date,
    ) -> None:
        self.rows: list[HandedOver] = []
        self.stays: list[Stays] = []
        self._session, self._project, self._old, self._new = session, project, old, new
        self._columns = leads(session, project)
        self._records = records.of_project(session, project.id)
        self._tables = {table.id: table for table in tables.all_tables(session, project.id)}
        self._asked = {
            (cell.ref, question.field)
            for table_id in self._tables
            for question in questions.open_for(session, table_id)
            if question.field in LEADS
            for cell in question.cells
        }
        self._own = organisations.key_of(session, project.organisation_id)
        self._sort(only, today)

    def _sort(self, only: Table | None, today: date) -> None:
        hers = responsibilities.held_by(self._session, self._old.key, today)
        found = [
            (record, lead)
            for record in self._records.values()
            if record.state is RecordState.ACTIVE
            for lead in LEADS
            if person_of(record.values.get(lead)) == self._old.key or (record.ref, lead) in hers
        ]
        refs = [record.ref for record, _ in found]
        standing, current = bases.tables_of(self._session, refs), responsibilities.open_of(self._session, refs, today)
        for record, lead in found:
            where = standing.get(record.ref, set())
            if only is not None and only.id not in where:
                continue
            row = current.get((record.ref, lead))
            if person_of(record.values.get(lead)) != (row.contact_key if row else self._old.key):
                self.stays.append(Stays(record.ref, "Zu ihrer Ansprechperson ist ein Vorschlag des Projekts offen."))
            elif reason := self._keeps(record, lead, where):
                self.stays.append(Stays(record.ref, reason))
            else:
                keys = tuple(sorted(self._tables[id_].key for id_ in where if id_ in self._tables))
                self.rows.append(HandedOver(record.ref, self._project.key, lead, keys))

    def _keeps(self, record: Record, lead: str, where: set[int]) -> str:
        """Why this participant is not handed over, ``""`` if she is."""
        houses = {
            organisations.key_of(self._session, self._tables[id_].jobcentre_id) for id_ in where & self._tables.keys()
        }
        house = (
            self._own if lead == "coach" else house_of(record.values) or (houses.pop() if len(houses) == 1 else None)
        )
        if house not in (None, self._new.organisation):
            return f"{name_of(self._new)} arbeitet in einer anderen Organisation."
        if (record.ref, lead) in self._asked:
            return "Zu ihrer Ansprechperson ist eine Klärung offen; bitte dort entscheiden."
        return ""

    def carry_out(self, rt: Runtime, day: date, id_: str, actor: str) -> None:
        """Change the records in the owners' names, with history and events."""
        now = rt.clock.now()
        before: dict[str, Record] = {}
        after: dict[str, Record] = {}
        log = []
        for row in self.rows:
            record = after.get(row.ref) or self._records[row.ref]
            before.setdefault(row.ref, record)
            value = contact_value(row.field, self._new.key)
            after[row.ref] = with_contact(record, self._columns[row.field], value)
            source, held = f"{SOURCE} {id_}", record.values[row.field]
            log.append(Change(now, row.ref, row.field, Where.RECORD, source, actor, held, value))
        records.save(self._session, self._project.id, after.values(), now)
        changes.append(self._session, log)
        origin = Origin(SOURCE, actor, day=day)
        consequences.draw(self._session, self._project.id, before, after.values(), origin, now=now)

    def plan(self, rt: Runtime, day: date, id_: str, actor: str) -> None:
        """Note it for its day; what was noted for these places before is forgotten."""
        now, places = rt.clock.now(), {(row.ref, row.field) for row in self.rows}
        responsibilities.forget_plans(self._session, places)
        responsibilities.add(
            self._session,
            [
                NewResponsibility(
                    ref=row.ref, role=row.field, side=self._columns[row.field].owner, contact=self._new.key,
                    valid_from=day, source=planned_source(id_), confirmed_by=actor, seen_at=now,
                )
                for row in self.rows
            ],
        )  # fmt: skip


def contact_value(field: str, key: str) -> Json:
    """What a record holds in this field for a person of the directory."""
    return key if field == "coach" else {"contact": key}


def leads(session: Session, project: Project) -> dict[str, Column]:
    """The columns that name contacts, as the project's tables have them, else as is usual."""
    shown = shown_in(session, project.id)
    usual = {lead: Column(CATALOGUE[lead].label, lead, "contact", CATALOGUE[lead].owner) for lead in LEADS}
    return {lead: shown.get(lead, column) for lead, column in usual.items()}


def with_contact(record: Record, column: Column, value: Json) -> Record:
    """The record with this value, set by the column's owner; None empties it."""
    values = {name: known for name, known in {**record.values, column.field: value}.items() if known is not None}
    by = {name: side for name, side in record.by.items() if name != column.field}
    if (side := side_of(column.owner)) is not Side.PROJECT:
        by[column.field] = side
    return replace(record, values=values, by=by)
