"""Projects, the counter of their references and the count of their changes.

The rows of an organisation's list of staff are records too, so the list has a project of its own. It is none that
people know of: only ``list_of`` and ``by_id`` find it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from syncsvc.errors import NotFound, UsageError
from syncsvc.store.models import LIST_KEY, Project
from syncsvc.store.outcome import Outcome, store


def get(session: Session, key: str) -> Project:
    """The project with this key. Raises ``NotFound``."""
    row = session.scalar(select(Project).where(Project.key == key))
    if row is None or row.is_list:
        raise NotFound(f"Das Projekt „{key}“ gibt es nicht.")
    return row


def by_id(session: Session, project_id: int) -> Project:
    """The project with this id, which another row names."""
    return session.get_one(Project, project_id)


def some(session: Session, ids: Collection[int]) -> dict[int, Project]:
    """The projects with these ids, by id."""
    return {row.id: row for row in session.scalars(select(Project).where(Project.id.in_(ids)))}


def all_projects(session: Session) -> Sequence[Project]:
    """All projects, by key."""
    return [project for project in session.scalars(select(Project).order_by(Project.key)) if not project.is_list]


def list_key(house: str) -> str:
    """The key of the project of this organisation's list of staff."""
    return f"{LIST_KEY}{house}"


def list_of(session: Session, house: str) -> Project | None:
    """The project of this organisation's list of staff, None while it has no list."""
    return session.scalar(select(Project).where(Project.key == list_key(house)))


def upsert(session: Session, key: str, *, prefix: str, name: str, organisation_id: int | None = None) -> Outcome:
    """Store the project under its key. Raises ``UsageError`` when another project has the prefix."""
    other = session.scalar(select(Project.key).where(Project.prefix == prefix, Project.key != key))
    if other is not None:
        raise UsageError(f"Das Kürzel {prefix} gehört schon zum Projekt „{other}“.")
    row = session.scalar(select(Project).where(Project.key == key))
    return store(session, row or Project(key=key), prefix=prefix, name=name, organisation_id=organisation_id)


def take_numbers(session: Session, project_id: int, count: int) -> range:
    """The next ``count`` numbers for references. No other transaction ever gets one of them."""
    end = session.scalars(
        update(Project)
        .where(Project.id == project_id)
        .values(next_number=Project.next_number + count)
        .returning(Project.next_number)
    ).one()
    return range(end - count, end)


def skip_numbers(session: Session, project_id: int, beyond: int) -> None:
    """Never give out a number up to ``beyond``: references with these numbers came from elsewhere."""
    session.execute(
        update(Project).where(Project.id == project_id, Project.next_number <= beyond).values(next_number=beyond + 1)
    )


def bump(session: Session, project_id: int) -> int:
    """Count a change to the project's records and return the new revision."""
    return session.scalars(
        update(Project)
        .where(Project.id == project_id)
        .values(revision=Project.revision + 1)
        .returning(Project.revision)
    ).one()
