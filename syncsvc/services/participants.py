"""One participant as a page shows her: what is known, where it came from, and which tables show what of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from syncsvc.core.access import Reach
from syncsvc.core.fields import Context, field_for
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.mapping import OWN_FIELDS, Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import OVERRULED, UNSETTLED, Json, Side
from syncsvc.core.references import Reference, read_reference
from syncsvc.core.schema import mapping_from
from syncsvc.errors import NotFound, PlanMoved, UsageError
from syncsvc.services.columns import columns_of_project, house_of
from syncsvc.services.contacts.events import Origin
from syncsvc.services.contacts.timeline import Span, spans_of
from syncsvc.services.recordedits import Edited, set_many
from syncsvc.services.records import measures_of
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.services.situations import table_context
from syncsvc.store import audit, bases, changes, coaching, mappings, projects, records, tables
from syncsvc.store import questions as question_store
from syncsvc.store.admission import Reading
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Project, QuestionState, Table

SOURCE = "web"
"""Where the change log says that values set on a page came from."""

_STAFF = "staff."
"""How the fields of a list of staff begin; no participant has them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A table that has a column for a value. ``blank``: its privacy level keeps the cell empty."""

    table: str
    header: str
    blank: bool


@dataclass(frozen=True, slots=True)
class Value:
    """One field. ``text`` is the value as people read it, ``options`` what may be chosen for it, if it is a choice.

    ``last`` is the change that set it, None where none is known; ``stand`` counts them, so that a page can say what it
    showed. ``proposes``: an edit here waits for the job centre, whose column it is.
    """

    name: str
    header: str
    text: str
    owner: Side
    shown: tuple[Shown, ...] = ()
    last: Change | None = None
    stand: int = 0
    proposes: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, as people read it."""

    header: str
    old: str
    new: str
    change: Change


@dataclass(frozen=True, slots=True)
class Measure:
    """An assignment. Days are the first and the last; of earlier ones those on which they were entered and replaced."""

    text: str
    begin: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question about her."""

    id: int
    kind: str
    table: str | None
    header: str


@dataclass(frozen=True, slots=True)
class Participant:
    """A participant as one viewer sees her. ``whole``: her record; else only what tables show, as it stands there.

    ``more`` are the fields that nothing is known of and no table has. ``entries`` are newest first. ``flags`` are the
    numbers of double coachings that wait for people.
    """

    ref: str
    project: str
    project_name: str
    state: str
    whole: bool
    tables: tuple[str, ...]
    values: tuple[Value, ...]
    questions: tuple[Asked, ...]
    more: tuple[Value, ...] = ()
    spans: tuple[Span, ...] = ()
    stay: Measure | None = None
    measures: tuple[Measure, ...] = ()
    entries: tuple[Entry, ...] = ()
    flags: tuple[int, ...] = ()
    readings: tuple[Reading, ...] = ()


def show(rt: Runtime, text: str, *, reach: Reach, readings: int = 50) -> Participant:
    """The participant with this reference, however it is spelled, to somebody who may see whole records within
    ``reach``; of others she sees what the tables show that ``rt`` finds. With the newest ``readings`` of the access
    log. Raises ``NotFound``.
    """
    with rt.database.read() as session:
        ref = reference(text)
        project = projects.by_id(session, records.project_of(session, ref))
        if project.is_list:
            raise NotFound(f"{ref} ist keine Teilnehmerin.")
        page = _Page(rt, session, ref, project)
        return page.whole(readings) if reach.covers(project.id, None) else page.as_tables_show()


def set_value(rt: Runtime, text: str, name: str, value: str, *, stand: int, actor: str) -> list[Edited]:
    """Set one field as ``records.set_values`` would; ``""`` empties it. Returns what changed.

    ``stand``: how often the field had been set when the person saw it. Raises ``PlanMoved`` if it was set again since,
    ``ValuesRefused`` and ``NotFound``.
    """
    with rt.database.write() as session:
        ref = reference(text)
        record = records.get(session, ref)
        project = projects.by_id(session, records.project_of(session, ref))
        if project.is_list:
            raise NotFound(f"{ref} ist keine Teilnehmerin.")
        if _stands(changes.of_record(session, ref))[name] != stand:
            raise PlanMoved("Dieses Feld wurde inzwischen geändert. Bitte prüfen Sie, was jetzt dort steht.")
        if record.state != "active":
            raise UsageError(f"Der Datensatz {ref} wurde als Irrtum gelöscht.")
        found = set_many(rt, session, project, {ref: record}, {ref: {name: value}}, Origin(SOURCE, actor))
    return found[ref]


def reference(text: str) -> str:
    """A reference as it is kept. Raises ``NotFound`` for what is none."""
    found = read_reference(text, "")
    if found == "check_character_wrong":
        raise NotFound("Diese TN-Nr. hat einen Tippfehler: das Prüfzeichen am Ende passt nicht.")
    if not isinstance(found, Reference):
        raise NotFound("Diese TN-Nr. gibt es nicht.", hint="So zum Beispiel: BSP-0137-E.")
    return str(found)


@dataclass
class _Page:
    """Gathers what stands about one participant."""

    rt: Runtime
    session: Session
    ref: str
    project: Project
    places: dict[Table, TableMapping] = field(init=False)

    def __post_init__(self) -> None:
        standing = bases.tables_of(self.session, [self.ref]).get(self.ref, set())
        found = [table for table in tables.all_tables(self.session) if table.id in standing]
        self.places = {table: mapping for table in found if (mapping := mapping_of(self.session, table)) is not None}

    def whole(self, readings: int) -> Participant:
        session, ref = self.session, self.ref
        record = records.get(session, ref)
        standing = [table.id for table in self.places]
        known = columns_of_project(session, self.project.id, prefer=standing, fields=record.values).columns
        columns = {one.field: one for one in known if one.field not in OWN_FIELDS and not one.field.startswith(_STAFF)}
        context = table_context(self.rt, session, self.project, house_of(record.values))
        display = _Display(columns, context)
        history = [one for one in changes.of_record(session, ref) if one.side is Where.RECORD]
        stands, last = _stands(history), {change.field: change for change in history}
        values = [
            self._value(column, display(name, record.values.get(name)), last.get(name), stands[name])
            for name, column in columns.items()
        ]
        known_or_shown = [one for one in values if one.text or one.shown]
        flags = [flag for flag in coaching.of_records(session, [ref]) if flag.present and flag.question_id is not None]
        return Participant(
            ref=ref,
            project=self.project.key,
            project_name=self.project.name,
            state=str(record.state),
            whole=True,
            tables=tuple(table.key for table in self.places),
            values=tuple(known_or_shown),
            more=tuple(one for one in values if not (one.text or one.shown)),
            questions=self._questions(columns.keys(), columns),
            spans=spans_of(session, ref),
            stay=_stay(record.values),
            measures=_measures(record.values, history, display),
            entries=tuple(
                Entry(display.header(one.field), display(one.field, one.old), display(one.field, one.new), one)
                for one in reversed(history)
            ),
            flags=tuple(flag.id for flag in flags),
            readings=tuple(audit.readings_of(session, ref, limit=readings)),
        )

    def as_tables_show(self) -> Participant:
        """What the tables show as both sides agreed on it; a value no table lets out is not even loaded."""
        context = table_context(self.rt, self.session, self.project, None)
        values: dict[str, Value] = {}
        columns: dict[str, Column] = {}
        for table, mapping in self.places.items():
            out = {one.field: one for one in mapping.columns if one.field in mapping.shown - set(OWN_FIELDS)}
            columns |= out
            row = bases.load(self.session, table.id, tuple(out), self.ref).rows.get(self.ref)
            display = _Display(out, context)
            for column, agreed in zip(out.values(), row.agreed if row else (), strict=True):
                text = "" if agreed is UNSETTLED or agreed is OVERRULED else display(column.field, agreed)
                before = values.get(column.field)
                shown = (*(before.shown if before else ()), Shown(table.key, column.header, blank=False))
                values[column.field] = Value(
                    column.field, column.header, (before.text if before else "") or text, column.owner, shown
                )
        return Participant(
            ref=self.ref,
            project=self.project.key,
            project_name=self.project.name,
            state="active",
            whole=False,
            tables=tuple(table.key for table in self.places),
            values=tuple(values.values()),
            questions=self._questions(columns.keys(), columns),
        )

    def _value(self, column: Column, text: str, last: Change | None, stand: int) -> Value:
        shown = tuple(
            Shown(table.key, there.header, blank=there.field not in mapping.shown)
            for table, mapping in self.places.items()
            if (there := mapping.column(column.field)) is not None
        )
        return Value(
            column.field, _label(column), text, column.owner, shown, last, stand,
            proposes=column.owner is Side.JOBCENTRE and bool(self.places),
            options=tuple(choice.label for choice in column.choices),
        )  # fmt: skip

    def _questions(self, seen: Collection[str], columns: Mapping[str, Column]) -> tuple[Asked, ...]:
        """Open questions about her, as far as they are about a column that is seen, or about the whole row."""
        keys = {table.id: table.key for table in self.places}
        found = question_store.latest(self.session, state=QuestionState.OPEN, ref=self.ref)
        return tuple(
            Asked(one.id, one.kind, keys.get(one.table_id or 0), columns[one.field].header if one.field else "")
            for one in found
            if (one.field is None or one.field in seen) and (one.table_id is None or one.table_id in keys)
        )


class _Display:
    """Values and columns as people read them."""

    def __init__(self, columns: Mapping[str, Column], context: Context) -> None:
        self._columns, self._context = columns, context

    def header(self, name: str) -> str:
        return _label(self._columns[name]) if name in self._columns else name

    def __call__(self, name: str, value: Json) -> str:
        if value is None:
            return ""
        column = self._columns.get(name)
        return field_for(column).display(value, self._context) if column else str(value)


def _label(column: Column) -> str:
    """The column's header; a known field whose name is all there is has its German one."""
    known = CATALOGUE.get(column.field)
    return known.label if known is not None and column.header == column.field else column.header


def mapping_of(session: Session, table: Table) -> TableMapping | None:
    """The mapping in force for a table of participants; None for a list of staff."""
    found = mapping_from(mappings.current(session, table.mapping_id).body)
    return found if isinstance(found, TableMapping) else None


def _stands(history: Sequence[Change]) -> Counter[str]:
    """How often each field of a record was set."""
    return Counter(change.field for change in history if change.side is Where.RECORD)


def _stay(values: Mapping[str, Json]) -> Measure | None:
    """Her time in the project."""
    begin, end = _day(values.get("entry_date")), _day(values.get("exit_date"))
    return Measure("", begin, end) if begin or end else None


def _measures(values: Mapping[str, Json], history: Sequence[Change], display: _Display) -> tuple[Measure, ...]:
    """The measure of today, and those that stood in its place before, oldest first."""
    told = [change for change in history if change.field == "measure"]
    found = [
        Measure(display("measure", one.old), _local(before.at) if before else None, _local(one.at))
        for before, one in zip([None, *told], told, strict=False)
        if one.old is not None
    ]
    since = {change.field: change.at for change in history if change.new is not None}
    now = [
        Measure(display("measure", values["measure"]), _day(one["from"]), _day(one["to"]))
        for one in measures_of(values, since)
    ]
    return (*found, *now)


def _local(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _day(value: Json) -> date | None:
    """The day a date field or one with its reliability holds, None for what is no day."""
    text = value.get("date") if isinstance(value, dict) else value
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
