"""What a year leaves behind in a big programme beside its rows: questions, runs, colleagues gone, flags, readings."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core.access import Role
from syncsvc.core.confirmation import Confirmed
from syncsvc.core.model import Side
from syncsvc.services import users
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit, coaching, confirmations, contacts, projects
from syncsvc.store import users as stored
from syncsvc.store.admission import AuditEntry, Reading, User
from syncsvc.store.bulk import insert
from syncsvc.store.coaching import NewFlag
from syncsvc.store.models import Change, Organisation, Question, QuestionState, Record, Run, RunState, Table

LEAD, PROJECT_LEAD = "programm", "projekt"
"""Who may see everything, and who leads the first project."""

ANSWERED, RUNS, READINGS, ENTRIES, FLAGS, COLLEAGUES = 50_000, 10_000, 100_000, 5_000, 300, 80
YEAR = 365


def pass_a_year(rt: Runtime) -> None:
    """Age a programme that was just synced for the first time, and let people in who look at it."""
    source, now = random.Random(2), rt.clock.now()
    users.add_user(rt, LEAD)
    with rt.database.write() as session:
        _copy(session, Question, ANSWERED, {
            "state": QuestionState.ANSWERED.value, "choice": "sheet", "answered_by": LEAD, "row": None
        })  # fmt: skip
        _copy(session, Run, RUNS, {"state": RunState.OK.value})
        _spread(session, now)
        _let_in(session, now)
        _lose_colleagues(session, rt, source)
        _raise_flags(session, source, now)
        _look_around(session, source, now)


def _copy(session: Session, model: type[Question | Run], wanted: int, fixed: dict[str, object]) -> None:
    """Copy what there is until there is as much as after a year."""
    columns = [column for column in model.__table__.columns if column.name != "id"]
    chosen = [sa.literal(fixed[one.name], one.type).label(one.name) if one.name in fixed else one for one in columns]
    names, there = [column.name for column in columns], session.scalar(sa.select(sa.func.count()).select_from(model))
    for _ in range(0, wanted, there or 1):
        copies = sa.select(*chosen).where(model.id <= there)
        session.connection().execute(sa.insert(model.__table__).from_select(names, copies))


def _spread(session: Session, now: datetime) -> None:
    """What was copied happened on the days of the year, what is open in the last weeks."""
    first = session.scalar(sa.select(sa.func.max(Change.run_id))) or 0  # later runs are copies
    for model, times, condition in (
        (Question, ("opened_at", "answered_at", "closed_at"), Question.state == QuestionState.ANSWERED),
        (Run, ("started_at",), Run.id > first),
    ):
        ids = session.scalars(sa.select(model.id).where(condition).order_by(model.id)).all()
        moments = [now - timedelta(days=YEAR * (1 - at / len(ids))) for at in range(len(ids))]
        changed = [{"id": id_, **dict.fromkeys(times, at)} for id_, at in zip(ids, moments, strict=True)]
        session.execute(sa.update(model), changed)
    session.execute(sa.update(Table).values(next_due_at=now + timedelta(days=YEAR)))


def _let_in(session: Session, now: datetime) -> None:
    every = projects.all_projects(session)
    for at, name in enumerate((PROJECT_LEAD, *(f"kollegin{number}" for number in range(COLLEAGUES)))):
        user = stored.add(session, name, now=now)
        stored.grant(session, user.id, Role.PROJECT, project_id=every[at % len(every)].id)
    session.execute(sa.update(User).values(confidential_at=now))
    for table in session.scalars(sa.select(Table)):
        for side in (Side.PROJECT, Side.JOBCENTRE):
            confirmations.add(
                session, table.id, side, Confirmed("2026-01", now - timedelta(days=20 + table.id % 30), LEAD)
            )


def _lose_colleagues(session: Session, rt: Runtime, source: random.Random) -> None:
    """One in a hundred has left, and nobody has been named in her place."""
    people = contacts.directory(session)
    for one in source.sample(people, len(people) // 100):
        contacts.upsert(session, replace(one, left_on=rt.today() - timedelta(days=9)))


def _raise_flags(session: Session, source: random.Random, now: datetime) -> None:
    rows = session.execute(sa.select(Record.ref, Record.project_id)).tuples().all()
    pairs = [sorted(source.sample(rows, 2)) for _ in range(FLAGS)]
    document = {
        "subject": "", "fingerprint": "tr0 hard 2025-01-01..None | tr1 hard 2025-02-01..None", "first": "2025-02-01",
        "last": None, "reasons": ["dieselbe Kundennummer"], "doubts": [],
        "sides": [{"measure": "no", "from": "2025-01-01", "to": None}, {"measure": "no", "from": None, "to": None}],
    }  # fmt: skip
    flags = [
        NewFlag(refs=(a, b), projects=(of_a, of_b), grade="certain", weight="clarify", document=document)
        for (a, of_a), (b, of_b) in pairs
    ]
    coaching.add(session, flags, state="open", now=now)


def _look_around(session: Session, source: random.Random, now: datetime) -> None:
    refs: Sequence[str] = session.scalars(sa.select(Record.ref)).all()
    houses = session.scalars(sa.select(Organisation.key)).all()
    days = [now - timedelta(days=YEAR * (1 - at / READINGS)) for at in range(READINGS)]
    insert(session, Reading, [
        {"at": at, "actor": LEAD, "page": "participants.one", "ref": source.choice(refs)} for at in days
    ])  # fmt: skip
    insert(session, AuditEntry, [
        {
            "at": days[at * READINGS // ENTRIES], "actor": PROJECT_LEAD, "target": houses[at % len(houses)],
            "action": source.choice((*audit.SIGN_INS, "contact.changed")), "project_id": None, "details": {},
        }
        for at in range(ENTRIES)
    ])  # fmt: skip
