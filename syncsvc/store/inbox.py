"""Find questions among many: filters, groups and pages. Opens no sealed document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.store.bulk import chunks
from syncsvc.store.models import CoachingFlag, QuestionState
from syncsvc.store.models import Question as Row

Columns: TypeAlias = Sequence[tuple[Collection[int], Collection[str]]]
"""Columns of tables: (ids of tables, fields), any of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which questions; what is None restricts nothing.

    ``before``: asked before that moment. ``ids``: only these. ``about``: only those about one of these columns, and
    ``beside``: all but those. ``within``: no column but these; what is about no column stays.
    """

    state: QuestionState = QuestionState.OPEN
    tables: Collection[int] | None = None
    kind: str | None = None
    before: datetime | None = None
    ids: Collection[int] | None = None
    about: Columns | None = None
    beside: Columns | None = None
    within: Columns | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        found: list[sa.ColumnElement[bool]] = [Row.state == self.state]
        if self.tables is not None:
            found.append(Row.table_id.in_(sorted(self.tables)))
        if self.kind is not None:
            found.append(Row.kind == self.kind)
        if self.before is not None:
            found.append(Row.opened_at < self.before)
        if self.ids is not None:
            found.append(Row.id.in_(sorted(self.ids)))
        if self.about is not None:
            found.append(_about(self.about))
        if self.beside is not None:
            found.append(Row.field.is_(None) | Row.table_id.is_(None) | ~_about(self.beside))
        if self.within is not None:
            found.append(Row.field.is_(None) | _about(self.within))
        return found


@dataclass(frozen=True, slots=True)
class Group:
    """Open questions that one answer may settle: ``ids`` of the first of them, oldest first, and how many there are."""

    ids: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page of groups, and how many groups and questions there are in all."""

    groups: tuple[Group, ...]
    group_count: int
    question_count: int


_MATTER = (Row.table_id, Row.kind, Row.code, Row.field, Row.topic)
_ALONE = sa.case((Row.topic.is_(None), Row.id), else_=0)


def open_groups(session: Session, wanted: Filter, *, limit: int, offset: int, members: int) -> Found:
    """The groups of open questions, those that hold a whole table first, then the newest; at most so many ids each."""
    held = sa.func.max(sa.case((Row.kind == "held", 1), else_=0))
    query = (
        sa.select(
            *_MATTER, sa.func.max(Row.id), sa.func.count(), sa.func.count().over(), sa.func.sum(sa.func.count()).over()
        )
        .where(*wanted.conditions())
        .group_by(*_MATTER, _ALONE)
        .order_by(held.desc(), sa.func.max(Row.id).desc())
    )
    rows = session.execute(query.limit(limit).offset(offset)).all()
    if not rows:
        return Found((), 0, 0)
    matters = {tuple(row[:5]): row for row in rows if row.topic is not None}
    ids: dict[tuple[object, ...], list[int]] = defaultdict(list)
    if matters:
        inside = Row.topic.in_({matter[4] for matter in matters}), Row.table_id.in_({matter[0] for matter in matters})
        for number, *matter in session.execute(
            sa.select(Row.id, *_MATTER).where(*wanted.conditions(), *inside).order_by(Row.id)
        ):
            ids[tuple(matter)].append(number)
    groups = (
        Group(tuple(ids[tuple(row[:5])][:members]) if row.topic is not None else (row[5],), row[6]) for row in rows
    )
    return Found(tuple(groups), rows[0][7], int(rows[0][8]))


def closed(session: Session, wanted: Filter, *, limit: int, offset: int) -> list[int]:
    """The ids of questions that are not open any more, what was answered or settled last first."""
    moment = Row.answered_at if wanted.state is QuestionState.ANSWERED else Row.closed_at
    query = sa.select(Row.id).where(*wanted.conditions()).order_by(moment.desc(), Row.id.desc())
    return list(session.scalars(query.limit(limit).offset(offset)))


def counts_by_kind(session: Session, wanted: Filter) -> dict[str, int]:
    """How many there are of each kind, whatever kind the filter names."""
    query = sa.select(Row.kind, sa.func.count(Row.id)).where(*replace(wanted, kind=None).conditions())
    return dict(session.execute(query.group_by(Row.kind)).all())


def counts_by_table(session: Session, wanted: Filter) -> dict[tuple[int | None, str], int]:
    """How many there are by table and kind."""
    query = sa.select(Row.table_id, Row.kind, sa.func.count(Row.id)).where(*wanted.conditions())
    return {(table, kind): number for table, kind, number in session.execute(query.group_by(Row.table_id, Row.kind))}


def about_ref(session: Session, ref: str) -> list[int]:
    """The questions that name this participant by themselves; of a double coaching both are asked about."""
    of_flags = sa.select(CoachingFlag.question_id).where(
        sa.or_(CoachingFlag.ref_a == ref, CoachingFlag.ref_b == ref), CoachingFlag.question_id.is_not(None)
    )
    return [*session.scalars(sa.select(Row.id).where(Row.ref == ref)), *filter(None, session.scalars(of_flags))]


def shared(session: Session, tables: Collection[int], kinds: Collection[str], state: QuestionState) -> list[int]:
    """The questions of these tables that may be about several participants."""
    query = sa.select(Row.id).where(Row.state == state, Row.table_id.in_(sorted(tables)), Row.kind.in_(sorted(kinds)))
    return list(session.scalars(query))


def flags_of(session: Session, ids: Sequence[int]) -> Mapping[int, CoachingFlag]:
    """The double coachings that these open questions ask about, by question."""
    return {
        flag.question_id: flag
        for some in chunks(ids)
        for flag in session.scalars(sa.select(CoachingFlag).where(CoachingFlag.question_id.in_(some)))
        if flag.question_id is not None
    }


def _about(columns: Columns) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.false(),
        *(sa.and_(Row.table_id.in_(sorted(tables)), Row.field.in_(sorted(fields))) for tables, fields in columns),
    )
