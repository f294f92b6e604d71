"""What somebody sees of the service, and what entitles her to do something to a part of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core.access import Reach, Right, Viewer
from syncsvc.errors import Forbidden, NotFound
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit, organisations, projects, questions, records, runs, tables
from syncsvc.store.models import CoachingFlag, Contact, Organisation, Project, Table
from syncsvc.store.scope import Scope


def seen_by(rt: Runtime, viewer: Viewer) -> Runtime:
    """The runtime as this viewer sees it: it finds nothing beyond her grants, and writes nothing."""
    return _narrowed(rt, *(viewer.reach(right) for right in (Right.STRUCTURE, Right.CELLS, Right.RECORDS)))


def require(
    rt: Runtime, viewer: Viewer, right: Right, *, table: str | None = None, project: str | None = None,
    ref: str | None = None, run: int | None = None, question: int | None = None, contact: str | None = None,
    flag: int | None = None, organisation: str | None = None, refs: tuple[str, ...] | None = None,
) -> None:  # fmt: skip
    """Make sure that the viewer has the right for every part named, or for the whole programme if none is.

    ``organisation``: one that shares a table within reach or runs a project there. Raises ``NotFound`` for what does
    not exist or is not for her to know of, ``Forbidden`` for what she sees without having the right.
    """
    parts = _Parts(table, project, ref, run, question, contact, flag, organisation, refs)
    reach = viewer.reach(right)
    if parts == _Parts():
        if not reach.whole:
            raise Forbidden
        return
    with seen_by(rt, viewer).database.read() as session:
        parts.find(session, viewer.reach(Right.STRUCTURE))
    try:
        with _narrowed(rt, reach, reach, reach).database.read() as session:
            parts.find(session, reach)
    except NotFound as error:
        raise Forbidden from error


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is to be done something to: keys, numbers and references."""

    table: str | None = None
    project: str | None = None
    ref: str | None = None
    run: int | None = None
    question: int | None = None
    contact: str | None = None
    flag: int | None = None
    organisation: str | None = None
    refs: tuple[str, ...] | None = None

    def find(self, session: Session, reach: Reach) -> None:
        """Raise ``NotFound`` unless this session, which is narrowed to this reach, finds all of them."""
        if self.table is not None:
            tables.get(session, self.table)
        if self.run is not None:
            runs.get(session, self.run)
        if self.question is not None:
            questions.get(session, self.question)
        if self.project is not None and not reach.covers(projects.get(session, self.project).id, None):
            raise NotFound(f"Das Projekt „{self.project}“ gibt es nicht.")
        if self.ref is not None:
            records.project_of(session, self.ref)
        if self.refs is not None and len(records.projects_of(session, self.refs)) < len(set(self.refs)):
            raise NotFound  # without naming those she does not know of
        if (
            self.contact is not None
            and session.scalar(sa.select(Contact.id).where(Contact.key == self.contact)) is None
        ):
            raise NotFound("Diese Ansprechperson gibt es nicht.")
        if (
            self.flag is not None
            and session.scalar(sa.select(CoachingFlag.id).where(CoachingFlag.id == self.flag)) is None
        ):
            raise NotFound(f"Die Doppelbetreuung {self.flag} gibt es nicht.")
        if self.organisation is not None and self.organisation not in organisations_within(session, reach):
            raise NotFound(f"Die Organisation „{self.organisation}“ gibt es nicht.")


def organisations_within(session: Session, reach: Reach) -> set[str]:
    """The keys of the organisations that share a table within reach or run a project there; all for the whole."""
    if reach.whole:
        return {one.key for one in organisations.directory(session)}
    query = sa.select(Organisation.key).where(
        Organisation.id.in_(sa.select(Table.jobcentre_id).where(Table.project_id.in_(reach.projects)))
        | Organisation.id.in_(sa.select(Project.organisation_id).where(Project.id.in_(reach.projects)))
    )
    return set(session.scalars(query))


def _narrowed(rt: Runtime, structure: Reach, cells: Reach, records: Reach) -> Runtime:
    return replace(rt, database=rt.database.seen_by(Scope(structure, cells, records)))


def note_readings(rt: Runtime, viewer: Viewer, page: str, *refs: str) -> None:
    """Note in the access log that the viewer was shown what stands about these participants."""
    with rt.database.write() as session:
        audit.note_readings(session, page, refs, actor=viewer.name, now=rt.clock.now())
