"""The service in numbers, read at one moment in a fixed number of queries; nothing personal is among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select, text
from sqlalchemy.orm import Session

from syncsvc.store import heartbeats, notices, pauses
from syncsvc.store.admission import AuditEntry
from syncsvc.store.models import Question, QuestionState, Run, Table, TableState, UtcDateTime

WINDOW = timedelta(days=1)
"""What runs did is told of the last day: totals since ever would fall when old runs are thinned out."""

HOUR = timedelta(hours=1)

PAUSED = "paused"
"""The state of a table that nobody syncs."""


@dataclass(frozen=True, slots=True)
class TableFigures:
    """``state`` is new, ok, held, failed or paused; ``fault`` who has to act, None for nobody.

    ``agreed_at``: when both sides were last known to agree, None for never. A look that finds nothing new counts.
    """

    key: str
    state: str
    fault: str | None
    agreed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """``runs``, ``cells`` (written) and ``requests`` (by kind) are those of runs begun within ``WINDOW``.

    Looks at unchanged tables leave no run and count nowhere. ``pauses``: until when each resting account rests.
    ``spent`` has the same requests by the table's id, and those of the last hour apart. ``oldest_questions``: when the
    oldest open one of each kind was asked. ``sign_ins`` are the last day's, by ok and refused.
    ``failing_notices`` are those of ``waiting_notices`` that were tried several times in vain.
    """

    tables: tuple[TableFigures, ...]
    questions: Mapping[str, int]
    pauses: Mapping[str, datetime]
    tick_at: datetime | None
    waiting_notices: int
    failing_notices: int
    database_bytes: int
    oldest_questions: Mapping[str, datetime]
    sign_ins: Mapping[str, int]
    backup_at: datetime | None
    runs: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    spent: dict[int, Spent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spent:
    """How many requests the runs of the last hour and of the last day made."""

    hour: int = 0
    day: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.hour + other.hour, self.day + other.day)


def collect(session: Session, now: datetime) -> Figures:
    """All figures of one moment."""
    tick = heartbeats.last(session, heartbeats.TICK)
    backup = heartbeats.last(session, heartbeats.BACKUP)
    waiting, failing = notices.count_waiting(session)
    asked = _questions(session)
    figures = Figures(
        tables=_tables(session),
        questions={kind: count for kind, count, _ in asked},
        oldest_questions={kind: oldest for kind, _, oldest in asked},
        sign_ins=_sign_ins(session, now - WINDOW),
        backup_at=backup.at if backup else None,
        pauses=pauses.standing(session, now),
        tick_at=tick.at if tick else None,
        waiting_notices=waiting,
        failing_notices=failing,
        database_bytes=_size(session),
    )
    columns = select(Run.state, Run.counts, Run.table_id, Run.started_at)
    for state, counts, table_id, started in session.execute(columns.where(Run.started_at > now - WINDOW)):
        requests = counts.get("requests", {})
        figures.runs[state.value] += 1
        figures.cells[state.value] += counts.get("cells_written", 0)
        figures.requests.update(requests)
        made = sum(requests.values())
        spent = Spent(made if started > now - HOUR else 0, made)
        figures.spent[table_id] = figures.spent.get(table_id, Spent()) + spent
    return figures


def server_clock(session: Session) -> datetime | None:
    """What the database server's clock shows; None for the embedded database, which has no other than ours."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    return session.scalar(select(func.clock_timestamp(type_=UtcDateTime)))


def question_spans(session: Session, table_id: int, since: datetime) -> list[tuple[datetime, datetime | None]]:
    """When each of the table's questions was opened and when it was settled, those that were open since then."""
    settled = func.coalesce(Question.answered_at, Question.closed_at, type_=UtcDateTime)
    late = or_(Question.closed_at.is_(None), Question.closed_at >= since)
    query = select(Question.opened_at, settled).where(Question.table_id == table_id, late)
    return [(opened, ended) for opened, ended in session.execute(query)]


def _tables(session: Session) -> tuple[TableFigures, ...]:
    known = case(
        (Table.last_agreed_at.is_(None), None),
        (Table.state == TableState.OK, Table.checked_at),
        else_=func.coalesce(Table.failing_since, Table.since),
    )
    query = select(Table.key, Table.state, Table.enabled, Table.fault, known).order_by(Table.key)
    return tuple(
        TableFigures(key, state.value if enabled else PAUSED, fault if enabled else None, agreed_at)
        for key, state, enabled, fault, agreed_at in session.execute(query)
    )


def _questions(session: Session) -> list[tuple[str, int, datetime]]:
    oldest = func.min(Question.opened_at, type_=UtcDateTime)
    query = select(Question.kind, func.count(), oldest).where(Question.state == QuestionState.OPEN)
    return [(kind, count, first) for kind, count, first in session.execute(query.group_by(Question.kind))]


def _sign_ins(session: Session, since: datetime) -> dict[str, int]:
    ends = {"login.ok": "ok", "login.refused": "refused"}
    query = select(AuditEntry.action, func.count()).where(AuditEntry.at > since, AuditEntry.action.in_(ends))
    return {ends[action]: count for action, count in session.execute(query.group_by(AuditEntry.action))}


def _size(session: Session) -> int:
    if session.get_bind().dialect.name == "sqlite":
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        query = "SELECT pg_database_size(current_database())"
    return int(session.execute(text(query)).scalar_one())
