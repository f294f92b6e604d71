"""What somebody sees of the service, and what entitles her to do something to a part of it."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core.access import Right, Viewer
from syncsvc.errors import Forbidden, NotFound
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit, projects, questions, runs, tables
from syncsvc.store.models import CoachingFlag, Contact, Record, Table
from syncsvc.store.scope import Scope


def seen_by(rt: Runtime, viewer: Viewer) -> Runtime:
    """The runtime as this viewer sees it: it finds nothing beyond her grants, and writes nothing."""
    scope = Scope(viewer.reach(Right.STRUCTURE), viewer.reach(Right.CELLS), viewer.reach(Right.RECORDS))
    return replace(rt, database=rt.database.seen_by(scope))


def require(
    rt: Runtime, viewer: Viewer, right: Right, *, table: str | None = None, project: str | None = None,
    ref: str | None = None, run: int | None = None, question: int | None = None, contact: str | None = None,
    flag: int | None = None,
) -> None:  # fmt: skip
    """Make sure that the viewer has the right for the one part named, or for the whole programme if none is.

    Raises ``NotFound`` for what does not exist or is not for her to know of, ``Forbidden`` for what she sees without
    having the right.
    """
    reach = viewer.reach(right)
    with seen_by(rt, viewer).database.read() as session:
        if run is not None:
            found: Table | None = tables.by_id(session, runs.get(session, run).table_id)
        elif question is not None and (table_id := questions.get(session, question).table_id) is not None:
            found = tables.by_id(session, table_id)
        else:
            found = tables.get(session, table) if table is not None else None
        if found is not None:
            allowed = reach.covers(found.project_id, found.jobcentre_id)
        elif question is not None or flag is not None:
            allowed = _sees_flag(session, question, flag) and (reach.whole or bool(reach.projects))
        elif project is not None:
            allowed = reach.covers(projects.get(session, project).id, None)
        elif ref is not None:
            allowed = right is Right.CELLS or reach.covers(_project_of(session, ref), None)
        elif contact is not None:
            allowed = _knows(session, contact) and (reach.whole or bool(reach.projects))
        else:
            allowed = reach.whole
    if not allowed:
        raise Forbidden


def note_readings(rt: Runtime, viewer: Viewer, page: str, *refs: str) -> None:
    """Note in the access log that the viewer was shown what stands about these participants."""
    with rt.database.write() as session:
        audit.note_readings(session, page, refs, actor=viewer.name, now=rt.clock.now())


def _project_of(session: Session, ref: str) -> int:
    found = session.scalar(sa.select(Record.project_id).where(Record.ref == ref))
    if found is None:
        raise NotFound(f"Den Datensatz {ref} gibt es nicht.")
    return found


def _sees_flag(session: Session, question: int | None, flag: int | None) -> bool:
    wanted = CoachingFlag.id == flag if question is None else CoachingFlag.question_id == question
    if session.scalar(sa.select(CoachingFlag.id).where(wanted)) is None:
        raise NotFound
    return True


def _knows(session: Session, key: str) -> bool:
    if session.scalar(sa.select(Contact.id).where(Contact.key == key)) is None:
        raise NotFound("Diese Ansprechperson gibt es nicht.")
    return True
