"""Shared tables: where they are and how their last run went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from syncsvc.core.model import Side
from syncsvc.core.schedules import ZONE
from syncsvc.errors import NotFound, UsageError
from syncsvc.store import projects
from syncsvc.store.models import Model, Organisation, Project, Table, TableState
from syncsvc.store.outcome import Outcome, store

CLOCK_SLACK = timedelta(minutes=5)
"""How far the clocks of two machines may be apart before one of them looks as if it had been set back."""


def get(session: Session, key: str) -> Table:
    """The table with this key. Raises ``NotFound``."""
    row = session.scalar(select(Table).where(Table.key == key))
    if row is None:
        raise NotFound(f"Die Tabelle „{key}“ gibt es nicht.")
    return row


def by_id(session: Session, table_id: int) -> Table:
    """The table with this id, which another row names."""
    return session.get_one(Table, table_id)


def with_owners(session: Session, ids: Collection[int | None]) -> Sequence[Model]:
    """These tables, their projects and offices, at once: while somebody holds them, ``by_id`` and the like ask the
    database for none of them."""
    found = session.scalars(select(Table).where(Table.id.in_({number for number in ids if number is not None}))).all()
    owners = session.scalars(select(Project).where(Project.id.in_({table.project_id for table in found}))).all()
    houses = {table.jobcentre_id for table in found} | {project.organisation_id for project in owners}
    return [*found, *owners, *session.scalars(select(Organisation).where(Organisation.id.in_(houses - {None})))]


def keys(session: Session, ids: Collection[int]) -> dict[int, str]:
    """The keys of the tables with these ids."""
    return dict(session.execute(select(Table.id, Table.key).where(Table.id.in_(ids))).all())


def all_tables(session: Session, project_id: int | None = None) -> Sequence[Table]:
    """All tables, or one project's, by key."""
    query = select(Table).order_by(Table.key)
    return session.scalars(query if project_id is None else query.where(Table.project_id == project_id)).all()


def of_participants(session: Session) -> Sequence[Table]:
    """All tables but the lists of staff, by key."""
    known = {project.id for project in projects.all_projects(session)}
    return [table for table in all_tables(session) if table.project_id in known]


def whereabouts(table: Table) -> dict[str, str]:
    """The table's location with the platform's own ids of it, by which it is found after a renaming."""
    return {**table.location, **table.identity}


def due(session: Session, now: datetime) -> Sequence[Table]:
    """The enabled tables whose time has come: first those a person asked for, then the longest waiting.

    A table that was looked at in the future is due as well: the clock was set back, and what was planned by the old
    one could be far away.
    """
    order = (Table.requested_at.is_(None), Table.requested_at, Table.next_due_at.asc().nulls_first(), Table.id)
    return session.scalars(select(Table).where(Table.enabled, _is_due(now)).order_by(*order)).all()


def is_due(session: Session, table_id: int, now: datetime) -> bool:
    """Whether the table is one of those."""
    return session.scalar(select(Table.id).where(Table.id == table_id, Table.enabled, _is_due(now))) is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(
        Table.next_due_at.is_(None),
        Table.next_due_at <= now,
        Table.requested_at.is_not(None),
        Table.checked_at > now + CLOCK_SLACK,
    )


def upsert(
    session: Session,
    key: str,
    *,
    project_id: int,
    mapping_id: int,
    location: Mapping[str, str],
    jobcentre_id: int | None = None,
    edited_by: Sequence[Side] = (Side.PROJECT, Side.JOBCENTRE),
    schedule: str = "",
    zone: str = ZONE,
    quiet_hours: str = "",
    land: str = "",
    enabled: bool = True,
) -> Outcome:
    """Store the table's description under its key; what its runs left stays.

    Raises ``UsageError`` when another table is at the same location.
    """
    place = dict(sorted(location.items()))  # one spelling, so that the database sees two tables at one place
    other = session.scalar(select(Table.key).where(Table.location == place, Table.key != key))
    if other is not None:
        raise UsageError(f"An diesem Ort liegt schon die Tabelle „{other}“.")
    table = session.scalar(select(Table).where(Table.key == key)) or Table(key=key)
    if table.location != place:
        table.identity = {}  # the ids of another place
    return store(
        session,
        table,
        project_id=project_id,
        jobcentre_id=jobcentre_id,
        mapping_id=mapping_id,
        location=place,
        edited_by=[side.value for side in edited_by],
        schedule=schedule,
        zone=zone,
        quiet_hours=quiet_hours,
        land=land,
        enabled=enabled,
    )


def set_state(session: Session, table_id: int, state: TableState, message: str, now: datetime) -> None:
    """Say how the table is; ``since`` moves only when that differs from before. ``message`` names no person."""
    session.execute(
        update(Table)
        .where(Table.id == table_id, or_(Table.state != state, Table.message != message))
        .values(state=state, message=message, since=now)
    )
