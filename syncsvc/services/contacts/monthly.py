"""The monthly review of a table: what changed since it was last confirmed, what is open, who has nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from syncsvc.core.confirmation import COLUMNS, SILENT_AFTER
from syncsvc.core.fields import Context, field_for
from syncsvc.core.mapping import OWN_FIELDS, Column
from syncsvc.core.model import Json
from syncsvc.services import questions, tables
from syncsvc.services.contacts import confirmation
from syncsvc.services.contacts.confirmation import Standing
from syncsvc.services.contacts.vacancies import Vacancy, list_vacancies
from syncsvc.services.questions import QuestionView
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.services.situations import Facts, load_facts, table_context
from syncsvc.services.tables import TableView
from syncsvc.store import bases, changes, confirmations, records

ALIKE = 3
"""From so many participants on the same changes are told once."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One column, as people read its values; empty for a blank."""

    header: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Group:
    """Participants to whom exactly this happened. ``new``: they came into the list meanwhile."""

    refs: tuple[str, ...]
    new: bool
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """One table's part of the monthly meeting. ``since``: from when on changes are told; ``rows``: participants."""

    table: TableView
    standings: tuple[Standing, ...]
    since: datetime
    rows: int
    groups: tuple[Group, ...]
    questions: tuple[QuestionView, ...]
    vacant: tuple[Vacancy, ...]


def review(rt: Runtime, key: str, since: date | None = None) -> Review:
    """What to talk about when both sides meet over this table.

    Changes are told since that day, else since the older of both sides' last confirmations. A side that never confirmed
    counts from the end of the table's first sync, but from at most 35 days before the other's; so does a table that
    nobody ever confirmed, from at most 35 days ago. What the first sync took over is never news.
    Only columns that the table shows, and of each the way from the first value to the last. Raises ``NotFound``.
    """
    standings = confirmation.standing_of(rt, key)
    with rt.database.read() as session:
        facts = load_facts(session, key)
        begun = confirmations.first_taken_over(session, facts.table.id)
        moment = datetime.combine(since, time(), ZONE) if since else _since(standings, begun, rt.clock.now())
        known = records.of_project(session, facts.project.id)
        rows = bases.states(session, facts.table.id)
        context = table_context(rt, session, facts.project, facts.organisation)
        groups = _groups(session, facts, sorted(rows.keys() & known.keys()), context, moment)
    return Review(
        table=tables.get_table(rt, key),
        standings=standings,
        since=moment,
        rows=len(confirmation.present(rows, known)),
        groups=groups,
        questions=tuple(questions.list_questions(rt, table=key)),
        vacant=tuple(list_vacancies(rt, table=key)),
    )


def _since(standings: tuple[Standing, ...], begun: datetime | None, now: datetime) -> datetime:
    said = [one.last.at for one in standings if one.last is not None]
    if said and len(said) == len(standings):
        return min(said)
    earliest = min(said, default=now) - SILENT_AFTER
    # Runs of old are not kept; a confirmation older than what is known of the beginning counts before it.
    return min([*said, max(earliest, begun or earliest)])


def _groups(
    session: Session, facts: Facts, refs: Sequence[str], context: Context, moment: datetime
) -> tuple[Group, ...]:
    columns = {column.field: column for column in facts.mapping.columns if column.field in _told_fields(facts)}
    new = records.created_since(session, facts.project.id, moment)
    ways: dict[str, dict[str, tuple[Json, Json]]] = defaultdict(dict)
    for change in changes.since(session, refs, columns.keys(), moment):
        first, _ = ways[change.ref].get(change.field, (change.old, None))
        ways[change.ref][change.field] = (first, change.new)
    alike: dict[tuple[bool, tuple[Changed, ...]], list[str]] = defaultdict(list)
    for ref in sorted(ways):
        told = _told(ways[ref], columns, context)
        if told:
            alike[ref in new, told].append(ref)
    groups = []
    for (is_new, told), some in alike.items():
        groups += (
            [Group(tuple(some), is_new, told)] if len(some) >= ALIKE else [Group((ref,), is_new, told) for ref in some]
        )
    return tuple(sorted(groups, key=lambda group: (-len(group.refs), group.refs)))


def _told_fields(facts: Facts) -> frozenset[str]:
    """What a meeting talks about: all that the table shows, but for its own columns and the confirmations."""
    return frozenset(facts.mapping.shown) - {*OWN_FIELDS, *COLUMNS.values()}


def _told(way: Mapping[str, tuple[Json, Json]], columns: Mapping[str, Column], context: Context) -> tuple[Changed, ...]:
    found = []
    for name, column in columns.items():
        old, new = way.get(name, (None, None))
        field = field_for(column)
        if field.key(old) != field.key(new):
            shown = [field.display(value, context) if value is not None else "" for value in (old, new)]
            found.append(Changed(column.header, *shown))
    return tuple(found)
