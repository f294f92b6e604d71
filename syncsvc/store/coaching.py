"""Flags of double coachings and what people decided about them. A flag is never deleted, its history never changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.errors import NotFound
from syncsvc.store.bulk import chunks, insert, insert_numbered
from syncsvc.store.models import CoachingDecision, CoachingFlag
from syncsvc.store.vault import Vault, vault_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFlag:
    """A flag to raise. ``refs`` are two records in their order, or twice the same one; ``projects`` are theirs, by id.

    ``document`` is sealed: subject, periods, reasons, fingerprint.
    """

    refs: tuple[str, str]
    projects: tuple[int, int]
    grade: str
    weight: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(NewFlag):
    """A stored flag."""

    id: int
    state: str
    present: bool
    question_id: int | None
    opened_at: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """One entry of a flag's history; ``actor`` is empty where the service noticed something itself."""

    at: datetime
    actor: str
    event: str
    spoken_with: str = ""


def add(session: Session, flags: Sequence[NewFlag], *, state: str, now: datetime) -> list[Flag]:
    """New flags, present and in this state, with their histories begun; in the same order."""
    if not flags:
        return []
    vault = vault_of(session)
    rows = [
        {
            "ref_a": flag.refs[0],
            "ref_b": flag.refs[1],
            "project_a": flag.projects[0],
            "project_b": flag.projects[1],
            "grade": flag.grade,
            "weight": flag.weight,
            "state": state,
            "present": True,
            "opened_at": now,
            "since": now,
            "document": vault.seal(dict(flag.document), _aad(*flag.refs)),
        }
        for flag in flags
    ]
    ids = insert_numbered(session, CoachingFlag, rows)
    insert(
        session,
        CoachingDecision,
        [{"flag_id": number, "at": now, "actor": "", "event": state, "spoken_with": ""} for number in ids],
    )
    return [
        Flag(
            id=number,
            refs=flag.refs,
            projects=flag.projects,
            grade=flag.grade,
            weight=flag.weight,
            document=flag.document,
            state=state,
            present=True,
            question_id=None,
            opened_at=now,
            since=now,
        )
        for number, flag in zip(ids, flags, strict=True)
    ]


def change(session: Session, flag: Flag, **values: Any) -> None:
    """Replace these columns of a flag; ``document`` in clear."""
    if "document" in values:
        values["document"] = vault_of(session).seal(values["document"], _aad(*flag.refs))
    session.execute(sa.update(CoachingFlag).where(CoachingFlag.id == flag.id).values(**values))


def set_questions(session: Session, numbers: Mapping[int, int | None]) -> None:
    """Note which question asks about each of these flags."""
    if numbers:
        table = cast("sa.Table", CoachingFlag.__table__)
        statement = sa.update(table).where(table.c.id == sa.bindparam("of")).values(question_id=sa.bindparam("number"))
        session.connection().execute(statement, [{"of": of, "number": number} for of, number in numbers.items()])


def note(session: Session, flag_id: int, decision: Decision) -> None:
    """Add an entry to the flag's history."""
    session.add(
        CoachingDecision(
            flag_id=flag_id,
            at=decision.at,
            actor=decision.actor,
            event=decision.event,
            spoken_with=decision.spoken_with,
        )
    )
    session.flush()


def get(session: Session, flag_id: int, projects: Collection[int] | None = None) -> Flag:
    """The flag with this id, if one of its records is of these projects (None: of any). Raises ``NotFound``."""
    row = session.scalar(_visible(sa.select(CoachingFlag).where(CoachingFlag.id == flag_id), projects))
    if row is None:
        raise NotFound(f"Die Doppelbetreuung {flag_id} gibt es nicht.")
    return _flag(session, row)


def of_question(session: Session, question_id: int) -> int:
    """The id of the flag a question asks about. Raises ``NotFound``."""
    flag_id = session.scalar(sa.select(CoachingFlag.id).where(CoachingFlag.question_id == question_id))
    if flag_id is None:
        raise NotFound("Zu dieser Klärung gibt es keine Doppelbetreuung mehr.")
    return flag_id


def of_records(session: Session, refs: Sequence[str]) -> list[Flag]:
    """All flags that concern any of these records, by id."""
    rows: dict[int, CoachingFlag] = {}
    for some in chunks(refs):
        for column in (CoachingFlag.ref_a, CoachingFlag.ref_b):
            rows |= {row.id: row for row in session.scalars(sa.select(CoachingFlag).where(column.in_(some)))}
    return [_flag(session, rows[number]) for number in sorted(rows)]


def standing(session: Session, project_id: int, states: Sequence[str]) -> list[Flag]:
    """The present flags in one of these states that concern records of a project, by id."""
    query = sa.select(CoachingFlag).where(CoachingFlag.present, CoachingFlag.state.in_(states))
    return [_flag(session, row) for row in session.scalars(_visible(query, [project_id]).order_by(CoachingFlag.id))]


def latest(
    session: Session,
    *,
    projects: Collection[int] | None = None,
    states: Sequence[str] | None = None,
    present: bool | None = None,
    grade: str | None = None,
    weight: str | None = None,
    limit: int | None = None,
) -> list[Flag]:
    """The flags that pass every filter given, newest first; ``projects`` as in ``get``."""
    query = _visible(sa.select(CoachingFlag).order_by(CoachingFlag.since.desc(), CoachingFlag.id.desc()), projects)
    for column, value in ((CoachingFlag.grade, grade), (CoachingFlag.weight, weight), (CoachingFlag.present, present)):
        query = query if value is None else query.where(column == value)
    query = query if states is None else query.where(CoachingFlag.state.in_(states))
    return [_flag(session, row) for row in session.scalars(query.limit(limit))]


def counts(session: Session, projects: Collection[int] | None = None) -> dict[tuple[str, str, bool], int]:
    """How many flags there are by grade, state and whether they are present."""
    columns = (CoachingFlag.grade, CoachingFlag.state, CoachingFlag.present)
    query = _visible(sa.select(*columns, sa.func.count()).group_by(*columns), projects)
    return {(grade, state, present): count for grade, state, present, count in session.execute(query)}


def history(session: Session, flag_id: int) -> list[Decision]:
    """Everything that became of a flag, oldest first."""
    query = sa.select(CoachingDecision).where(CoachingDecision.flag_id == flag_id).order_by(CoachingDecision.id)
    return [Decision(row.at, row.actor, row.event, row.spoken_with) for row in session.scalars(query)]


def months(session: Session) -> dict[str, Counter[str]]:
    """How often each event happened, by month (``2026-03``) in UTC, oldest first."""
    found: dict[str, Counter[str]] = {}
    query = sa.select(CoachingDecision.at, CoachingDecision.event).order_by(CoachingDecision.at, CoachingDecision.id)
    for at, event in session.execute(query):
        found.setdefault(f"{at:%Y-%m}", Counter())[event] += 1
    return found


def resealed(vault: Vault, row: CoachingFlag) -> dict[str, object]:
    """The columns of this row as the key in force seals them."""
    return {"document": vault.reseal(row.document, _aad(row.ref_a, row.ref_b))}


def _visible(query: Any, projects: Collection[int] | None) -> Any:
    if projects is None:
        return query
    return query.where(sa.or_(CoachingFlag.project_a.in_(projects), CoachingFlag.project_b.in_(projects)))


def _flag(session: Session, row: CoachingFlag) -> Flag:
    document: Any = vault_of(session).open(row.document, _aad(row.ref_a, row.ref_b))
    return Flag(
        id=row.id,
        refs=(row.ref_a, row.ref_b),
        projects=(row.project_a, row.project_b),
        grade=row.grade,
        weight=row.weight,
        state=row.state,
        present=row.present,
        question_id=row.question_id,
        opened_at=row.opened_at,
        since=row.since,
        document=document,
    )


def _aad(ref_a: str, ref_b: str) -> str:
    return f"coaching_flags.document:{ref_a}:{ref_b}"
