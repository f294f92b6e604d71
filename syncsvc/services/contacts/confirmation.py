"""The monthly confirmation of each side, typed in a table's rows or given with one click; and asking after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from syncsvc.core.confirmation import COLUMNS, SIDES, Confirmed, is_silent, month_of, named_contacts, typed_month
from syncsvc.core.fields import Context, field_for
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.mapping import ENDED_STATUS, STATUS_FIELD, Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Json, Record, RecordState, RowState, Side
from syncsvc.core.schema import mapping_from
from syncsvc.errors import Actor, UsageError
from syncsvc.services.contacts.staffkeeping import keep_lists
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.services.situations import load_facts
from syncsvc.store import (
    bases,
    confirmations,
    contacts,
    mappings,
    notices,
    organisations,
    projects,
    records,
    responsibilities,
    tables,
)
from syncsvc.store.models import Table, TableState

NAMES: Mapping[Side, str] = {Side.PROJECT: "Das Projekt", Side.JOBCENTRE: "Das Jobcenter"}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a side stands with its part of a table. ``typed``: it has a column for it; ``silent``: for over 35 days."""

    side: Side
    last: Confirmed | None
    typed: bool
    silent: bool


def confirm(rt: Runtime, key: str, side: Side, *, month: str | None = None, actor: str) -> str:
    """Note that a side says its part of the table is right, and so the contacts it names there.

    ``month`` as people type it (``11/2026``, ``November``), None for the present one. Returns what was noted, as a
    German sentence. Raises ``NotFound``, or ``UsageError`` for a month that cannot be read or has not begun.
    """
    with rt.database.write() as session:
        facts = load_facts(session, key)
        if facts.project.is_list:
            raise UsageError(
                "Diese Tabelle ist eine Liste von Ansprechpersonen.", hint="syncsvc contacts confirm bestätigt sie."
            )
        said = Confirmed(_month(month, rt.today()), rt.clock.now(), actor)
        rows = present(bases.states(session, facts.table.id), records.of_project(session, facts.project.id))
        named = _note(session, facts.table, side, said, rows.values(), rt.today())
    people = "1 Ansprechperson" if named == 1 else f"{named} Ansprechpersonen"
    return f"{NAMES[side]} bestätigt den Stand {_shown(said.month)} der Tabelle „{key}“, und damit {people}."


def note_typed(
    session: Session,
    table: Table,
    mapping: TableMapping,
    rows: Collection[Mapping[str, Json]],
    *,
    today: date,
    now: datetime,
) -> None:
    """Take it down when the rows of a table say by now that a side has confirmed a month it had not before."""
    asked = [side for side in SIDES if _has_column(mapping, side)]
    typed = {side: month for side in asked if (month := typed_month(rows, side, today))}
    known = confirmations.latest(session, [table.id]) if typed else {}
    for side, month in typed.items():
        last = known.get((table.id, side))
        if last is None or last.month < month:
            _note(session, table, side, Confirmed(month, now, ""), rows, today)


def present(rows: Mapping[str, RowState], known: Mapping[str, Record]) -> dict[str, Mapping[str, Json]]:
    """The values of the participants a table shows at present and whose participation goes on, by reference."""
    return {
        ref: record.values
        for ref, state in rows.items()
        if state is RowState.PRESENT
        and (record := known.get(ref)) is not None
        and record.state is RecordState.ACTIVE
        and record.values.get(STATUS_FIELD) != ENDED_STATUS
    }


def standings(rt: Runtime) -> dict[str, tuple[Standing, ...]]:
    """How both sides stand with every table, by the table's key; the project first."""
    with rt.database.read() as session:
        every = tables.of_participants(session)
        return {table.key: found for table, found in _standings(session, every, rt.clock.now())}


def standing_of(rt: Runtime, key: str) -> tuple[Standing, ...]:
    """How both sides stand with one table, the project first; nothing for a list of staff. Raises ``NotFound``."""
    with rt.database.read() as session:
        table = tables.get(session, key)
        if projects.by_id(session, table.project_id).is_list:
            return ()
        return next(found for _, found in _standings(session, [table], rt.clock.now()))


def remind(rt: Runtime) -> None:
    """Tell whoever looks after a table that a side has been silent for over 35 days; once a month and side.

    Only sides that confirm: by a column of their own, or because they once did.
    """
    now = rt.clock.now()
    month = datetime.combine(rt.today().replace(day=1), time(), ZONE)
    with rt.database.write() as session:
        for table, found in _standings(session, tables.of_participants(session), now):
            if not table.enabled or table.state is TableState.NEW:
                continue
            for one in found:
                code = f"silent_{one.side}"
                due = one.silent and (one.typed or one.last is not None)
                if due and not notices.told(session, table.id, code, since=month):
                    text = _reminder(table.key, one)
                    notices.add(session, audience=Actor.TABLE, code=code, text=text, now=now, table_id=table.id)


def _standings(
    session: Session, every: Collection[Table], now: datetime
) -> Iterable[tuple[Table, tuple[Standing, ...]]]:
    ids = [table.id for table in every]
    said, begun = confirmations.latest(session, ids), confirmations.beginnings(session, ids)
    columns: dict[int, frozenset[Side]] = {}
    for table in every:
        if table.mapping_id not in columns:
            mapping = mapping_from(mappings.current(session, table.mapping_id).body)
            asked = {side for side in SIDES if isinstance(mapping, TableMapping) and _has_column(mapping, side)}
            columns[table.mapping_id] = frozenset(asked)
        last = {side: said.get((table.id, side)) for side in SIDES}
        yield (
            table,
            tuple(
                Standing(side, one, side in columns[table.mapping_id], is_silent(one, begun.get(table.id), now))
                for side, one in last.items()
            ),
        )


def _note(
    session: Session, table: Table, side: Side, said: Confirmed, rows: Iterable[Mapping[str, Json]], today: date
) -> int:
    """Store what a side said, and with it the contacts it names in these rows; how many."""
    confirmations.add(session, table.id, side, said)
    named = named_contacts(rows, side)
    before = contacts.directory(session)
    known = [contact for contact in before if contact.key in named]
    for contact in known:
        contacts.upsert(session, replace(contact, confirmed_on=today))
    now = Context(today, organisations=organisations.directory(session), contacts=contacts.directory(session))
    keep_lists(session, before, now, actor=said.by, now=said.at)
    served = responsibilities.projects_of(session, [contact.key for contact in known], today)
    for project_id in {table.project_id, *served}:
        projects.bump(session, project_id)  # its rows may have asked for this
    return len(known)


def _has_column(mapping: TableMapping, side: Side) -> bool:
    return any(column.field == COLUMNS[side] and column.level <= mapping.privacy_level for column in mapping.columns)


def _month(text: str | None, today: date) -> str:
    if text is None:
        return month_of(today)
    known = CATALOGUE[COLUMNS[Side.PROJECT]]
    column = Column(known.label, COLUMNS[Side.PROJECT], known.type, known.owner)
    reading = field_for(column).parse(text, Context(today=today))
    if not reading.accepted or not isinstance(reading.value, str):
        raise UsageError("Dieser Monat ist nicht lesbar.", hint=f"So zum Beispiel: {today:%m/%Y}.")
    if reading.value > month_of(today):
        raise UsageError("Dieser Monat hat noch nicht begonnen.", hint=f"Bestätigen lässt sich bis {today:%m/%Y}.")
    return reading.value


def _reminder(key: str, standing: Standing) -> str:
    last = f"zuletzt am {standing.last.at.astimezone(ZONE):%d.%m.%Y}" if standing.last else "noch nie"
    return (
        f"Tabelle „{key}“: {NAMES[standing.side]} hat den Stand seit über 35 Tagen nicht bestätigt "
        f"({last}). Bitte nachfragen, zum Beispiel beim nächsten Monatsabgleich."
    )


def _shown(month: str) -> str:
    return f"{month[5:]}/{month[:4]}"
