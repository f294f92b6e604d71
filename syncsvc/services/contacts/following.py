"""Carry what changed in the directory into the records whose contacts it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from syncsvc.core.fields import Context, DirectoryContact
from syncsvc.core.following import DIRECTORY, Following, person_of, side_of
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json, Record, RecordState, Side
from syncsvc.services.coaching import flags
from syncsvc.services.columns import house_of, shown_in
from syncsvc.services.runtime import Runtime
from syncsvc.store import changes, contacts, organisations, projects, records, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Project


def follow(
    rt: Runtime,
    session: Session,
    before: tuple[DirectoryContact, ...],
    changed: Collection[DirectoryContact],
    *,
    actor: str,
) -> None:
    """Let the records follow the directory as it is now, and have the tables looked at in which it can be seen.

    ``before`` is the directory as it was, ``changed`` are those of it who are not the same any more, as they were and
    as they are. Costs one reading of the records of the projects that work with their organisations.
    """
    houses = {contact.organisation for contact in changed}
    keys = {contact.key for contact in changed}
    now = Context(
        rt.today(),
        organisations=organisations.directory(session),
        contacts=contacts.directory(session),
        vocabularies=rt.vocabularies,
    )
    for project in projects.all_projects(session):
        context = replace(now, project_organisation=organisations.key_of(session, project.organisation_id))
        served = {organisations.key_of(session, table.jobcentre_id) for table in tables.all_tables(session, project.id)}
        if not houses & {context.project_organisation, *served} and None not in served:
            continue
        columns = shown_in(session, project.id)
        following = Following(columns, context)
        earlier = Following(columns, replace(context, contacts=before))
        moved = _moved(session, project, columns, following, earlier, keys)
        if moved:
            _save(rt, session, project, moved, columns, actor)
        else:
            projects.bump(session, project.id)  # what rows say about a contact may be another thing now


def _moved(
    session: Session,
    project: Project,
    columns: Mapping[str, Column],
    following: Following,
    earlier: Following,
    keys: Collection[str],
) -> list[tuple[Record, dict[str, Json]]]:
    """The records with values to take over."""
    found = []
    for record in records.of_project(session, project.id).values():
        if record.state is not RecordState.ACTIVE:
            continue
        taken: dict[str, Json] = {}
        for lead in following.leads:
            named = record.values.get(lead)
            if person_of(named) in keys:
                house = house_of(record.values)
                settled = _is_settled(columns[lead], record)
                taken |= following.changes(lead, named, named, record.values, house, earlier=earlier, typed_too=settled)
        if taken:
            found.append((record, taken))
    return found


def _is_settled(column: Column, record: Record) -> bool:
    """Whether the record's contact is known to be that of the tables, and not just proposed to the column's owner."""
    return column.owner is not Side.JOBCENTRE or record.by.get(column.field) is Side.JOBCENTRE


def _save(
    rt: Runtime,
    session: Session,
    project: Project,
    moved: Iterable[tuple[Record, Mapping[str, Json]]],
    columns: Mapping[str, Column],
    actor: str,
) -> None:
    now = rt.clock.now()
    after, log = [], []
    for record, taken in moved:
        values = {name: value for name, value in {**record.values, **taken}.items() if value is not None}
        by = {**record.by, **{name: side_of(columns[name].owner) for name in taken}}
        after.append(replace(record, values=values, by=by))
        log += [
            Change(now, record.ref, name, Where.RECORD, DIRECTORY, actor, record.values.get(name), value)
            for name, value in taken.items()
        ]
    records.save(session, project.id, after, now)
    changes.append(session, log)
    flags.follow(session, project.id, [record.ref for record in after], today=rt.today(), now=now)
