"""The project's records: list them, show one with its history, and set values in the project's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.contacts import DEPUTY, is_deputy
from syncsvc.core.mapping import Column
from syncsvc.core.model import Json, Record, RecordState
from syncsvc.core.references import Reference, read_reference
from syncsvc.errors import NotFound, UsageError
from syncsvc.services.columns import columns_of_project, house_of
from syncsvc.services.contacts.events import Origin
from syncsvc.services.recordedits import set_many
from syncsvc.services.recordlists import ImportReport, RowReport, export_csv, export_file, import_file
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import bases, changes, contacts, organisations, projects, records, responsibilities, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Project, Responsibility

__all__ = [
    "ImportReport",
    "RowReport",
    "export_csv",
    "export_file",
    "import_file",
    "list_records",
    "set_values",
    "show_record",
]

SOURCE = "project"
"""Where the change log says that values set here came from."""


def list_records(rt: Runtime, *, project: str | None = None) -> list[dict[str, Any]]:
    """All records but void ones, or one project's, by reference: ``{ref, project, tables, fields}``.

    ``tables`` are the keys of the tables the record has a row in or belongs into; ``fields`` holds every value that is
    not blank, in normal form. Raises ``NotFound`` for an unknown project.
    """
    with rt.database.read() as session:
        wanted = projects.all_projects(session) if project is None else [projects.get(session, project)]
        return [view for one in wanted for view in views(session, one, records.of_project(session, one.id).values())]


def show_record(rt: Runtime, ref: str) -> dict[str, Any]:
    """One record as ``list_records`` has it, with its state, contacts, measures and history.

    ``contacts`` are those of the past and of today, by role and then by time. A contact's and a measure's ``from`` is
    the day its value was set where nothing better is known. ``history`` is oldest first; on the side ``table`` old and
    new are cells, not values. Raises ``NotFound``.
    """
    with rt.database.read() as session:
        record = _find(session, ref)
        project = projects.by_id(session, records.project_of(session, record.ref))
        columns = by_field(columns_of_project(session, project.id).columns)
        history = changes.of_record(session, record.ref)
        roles = {contact.key: contact.role for contact in contacts.directory(session)}
        spans = responsibilities.of_record(session, record.ref)
        view = next(views(session, project, [record], void=True))
    since = {change.field: change.at for change in history if change.side is Where.RECORD and change.new is not None}
    return {
        **view,
        "state": str(record.state),
        "contacts": contacts_of(record, columns, roles, since, spans),
        "measures": measures_of(record.values, since),
        "history": [entry_of(change) for change in history],
    }


def set_values(rt: Runtime, ref: str, values: Mapping[str, str], *, actor: str) -> list[dict[str, Any]]:
    """Set fields of a record in the project's name; ``""`` empties one. Returns what changed: ``{field, old, new,
    proposal}``; a ``proposal`` waits for the job centre, whose column it is.

    The text is read as the column of the record's tables would read it; the blanks and tabs around a text are kept.
    A value that means the same as the present one changes nothing. All or nothing: raises ``UsageError`` naming every
    field that is unknown or whose text cannot be read for certain, and ``NotFound`` for the record.
    """
    with rt.database.write() as session:
        record = _find(session, ref)
        if record.state is RecordState.VOID:
            raise UsageError(f"Der Datensatz {record.ref} wurde als Irrtum gelöscht.")
        project = projects.by_id(session, records.project_of(session, record.ref))
        found = set_many(rt, session, project, {record.ref: record}, {record.ref: values}, Origin(SOURCE, actor))
    return [asdict(change) for change in found[record.ref]]


def _find(session: Session, ref: str) -> Record:
    """The record, however its reference is spelled."""
    found = read_reference(ref, "")
    if found == "check_character_wrong":
        raise NotFound("Diese TN-Nr. hat einen Tippfehler: das Prüfzeichen am Ende passt nicht.")
    record = records.get(session, str(found) if isinstance(found, Reference) else ref)
    if projects.by_id(session, records.project_of(session, record.ref)).is_list:
        raise NotFound(
            f"{record.ref} ist keine Teilnehmerin, sondern eine Ansprechperson.", hint="syncsvc contacts list"
        )
    return record


def by_field(columns: Iterable[Column]) -> dict[str, Column]:
    """The columns by their field."""
    return {column.field: column for column in columns}


def views(
    session: Session, project: Project, wanted: Iterable[Record], *, void: bool = False
) -> Iterator[dict[str, Any]]:
    """What ``list_records`` says of each of these records of a project, in this order; ``void``: also of void ones."""
    houses = {
        table: organisations.key_of(session, table.jobcentre_id) for table in tables.all_tables(session, project.id)
    }
    shown = [record for record in wanted if void or record.state is RecordState.ACTIVE]
    standing = bases.tables_of(session, [record.ref for record in shown])
    for record in shown:
        yield {
            "ref": record.ref,
            "project": project.key,
            "tables": [
                table.key
                for table, house in houses.items()
                if table.id in standing.get(record.ref, ()) or house == house_of(record.values)
            ],
            "fields": {name: value for name, value in record.values.items() if value is not None},
        }


def contacts_of(
    record: Record,
    columns: Mapping[str, Column],
    roles: Mapping[str, str],
    since: Mapping[str, datetime],
    spans: Iterable[Responsibility],
) -> list[dict[str, Any]]:
    """Who was, is and will be responsible for her; a person's role is that of the directory, else her field.

    ``since``: when each field was last set. Where there is no history yet, such as for names without a directory, the
    record's value speaks for itself.
    """
    found: list[tuple[str, str, str | None, str | None, str | None]] = [
        (span.role, span.side, span.contact_key, span.valid_from.isoformat(), _iso(span.last_day)) for span in spans
    ]
    told = {place for place, *_ in found}
    for name, value in record.values.items():
        if value is None or name not in columns or columns[name].type != "contact":
            continue
        people = value if isinstance(value, dict) else {"contact": value}
        for part, person in people.items():
            place = f"{name}.{DEPUTY}" if part == DEPUTY else name
            if place not in told:
                found.append((place, str(columns[name].owner), str(person), _day(since.get(name)), None))
    return [
        {
            "role": DEPUTY if is_deputy(place) else roles.get(person) or place,
            "side": side,
            "contact": person,
            "from": start,
            "to": end,
        }
        for place, side, person, start, end in found
        if person is not None
    ]


def measures_of(values: Mapping[str, Json], since: Mapping[str, datetime]) -> list[dict[str, Any]]:
    """The measure a record names, with its period; ``since`` as in ``contacts_of``."""
    measure, period = values.get("measure"), values.get("measure_period")
    if not isinstance(measure, dict):
        return []
    times = period if isinstance(period, dict) else {}
    start = times.get("from") or values.get("measure_from") or _day(since.get("measure"))
    return [{**measure, "from": start, "to": times.get("to") or values.get("measure_to")}]


def entry_of(change: Change) -> dict[str, Any]:
    """An entry of the change log as ``show_record`` has it."""
    return {
        "when": change.at.isoformat(),
        "field": change.field,
        "side": str(change.side),
        "old": change.old,
        "new": change.new,
        "source": change.source,
        "actor": change.actor,
        "run": change.run_id,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(moment: datetime | None) -> str | None:
    """The local day of a moment."""
    return moment.astimezone(ZONE).date().isoformat() if moment else None
