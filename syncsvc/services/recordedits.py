"""Values set in the project's name: read as the columns of the record's tables would, for one record or for many."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from syncsvc.core.fields import Context, explain, field_for
from syncsvc.core.fields.contract import Field
from syncsvc.core.folding import even_blanks
from syncsvc.core.mapping import JOBCENTRE_FIELD, OWN_FIELDS, Column
from syncsvc.core.model import Cell, Json, Record, RecordState, Side
from syncsvc.core.strict import unknown
from syncsvc.errors import SyncsvcError, UsageError
from syncsvc.services import consequences
from syncsvc.services.columns import columns_of_project, house_of, read_together
from syncsvc.services.contacts.events import Origin
from syncsvc.services.edits import decided, differing, edited, log
from syncsvc.services.recordlists import fresh_references
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import table_context
from syncsvc.store import bases, changes, organisations, records, tables
from syncsvc.store.models import Project

UNKNOWN_FIELD, OWN_FIELD = "unknown_field", "own_field"

_NO_NORMAL_FORM = (AttributeError, KeyError, TypeError, ValueError, OverflowError)
"""What the fields' functions raise for a value that is none of theirs."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A value that was set; a ``proposal`` waits for the job centre, whose column it is."""

    field: str
    old: Json
    new: Json
    proposal: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value was refused: ``code`` is one of ``explain``'s, ``unknown_field`` or ``own_field``.

    ``ref`` is None for a new record. ``sentence`` is German and does not repeat the value.
    """

    ref: str | None
    field: str
    code: str
    sentence: str


class ValuesRefused(UsageError):
    """Nicht alle Werte sind lesbar."""

    def __init__(self, faults: Collection[Fault]) -> None:
        unread = any(fault.code not in (UNKNOWN_FIELD, OWN_FIELD) for fault in faults)
        super().__init__(" ".join(fault.sentence for fault in faults), hint="Nichts wurde geändert." if unread else "")
        self.faults = tuple(faults)


class KnownAlready(SyncsvcError):
    """Diese Person hat in diesem Projekt schon einen Datensatz."""

    def __init__(self, ref: str) -> None:
        super().__init__()
        self.ref = ref


def set_many(
    rt: Runtime,
    session: Session,
    project: Project,
    known: Mapping[str, Record],
    wanted: Mapping[str, Mapping[str, Json]],
    origin: Origin,
    *,
    exact: bool = False,
) -> dict[str, list[Edited]]:
    """Set fields of these records of one project, by reference; returns what changed in each. None empties a field.

    A text is read as the column of the record's tables would read it; the blanks and tabs around one are kept. With
    ``exact`` a value may also be in normal form, and that is asked first. What means the same as the present value
    changes nothing. All or nothing: raises ``ValuesRefused`` naming every field that is unknown or whose value is not
    certain. Call it in a writing session whose ``known`` are the records as they stand.
    """
    reader = _Reader(rt, session, project, list(wanted))
    faults: list[Fault] = []
    changed: dict[str, dict[str, Json]] = {}
    for ref, values in wanted.items():
        read, refused = reader.read(known[ref], values, exact=exact)
        faults += refused
        changed[ref] = differing(reader.columns_of(known[ref]), known[ref], read)
    if faults:
        raise ValuesRefused(faults)
    moved = {ref: known[ref] for ref, values in changed.items() if values}
    if moved:
        now = rt.clock.now()
        after = {ref: edited(record, changed[ref]) for ref, record in moved.items()}
        records.save(session, project.id, after.values(), now)
        changes.append(
            session,
            [
                entry
                for ref, record in moved.items()
                for entry in log(record, changed[ref], source=origin.source, actor=origin.actor, now=now)
            ],
        )
        in_force = [
            decided(reader.columns_of(record), record, after[ref]) if reader.standing(ref) else after[ref]
            for ref, record in moved.items()
        ]
        consequences.draw(session, project.id, moved, in_force, origin, now=now)
    return {
        ref: [
            Edited(name, known[ref].values.get(name), value, reader.proposes(known[ref], name))
            for name, value in values.items()
        ]
        for ref, values in changed.items()
    }


def create(rt: Runtime, session: Session, project: Project, values: Mapping[str, Json], origin: Origin) -> str:
    """A new record with these values, texts or in normal form; returns its reference.

    Raises ``ValuesRefused`` as ``set_many`` does, ``UsageError`` where nothing is said of her, and ``KnownAlready`` for
    a woman the project has by customer number, or by name and birth date where no number says otherwise.
    """
    nobody = Record("", {})
    reader = _Reader(rt, session, project, [])
    read, faults = reader.read(nobody, values, exact=True)
    if faults:
        raise ValuesRefused(faults)
    said = {name: value for name, value in read.items() if value is not None}
    if not said:
        raise UsageError("Ein neuer Datensatz braucht mindestens einen Wert.")
    _refuse_twin(session, project, said)
    now = rt.clock.now()
    ref = next(fresh_references(session, project, set(records.refs_of_project(session, project.id))))
    before, after = Record(ref, {}), edited(Record(ref, {}), said)
    records.create(session, project.id, [after], now)
    changes.append(session, log(before, said, source=origin.source, actor=origin.actor, now=now))
    consequences.draw(session, project.id, {}, [after], origin, now=now)
    return ref


def _refuse_twin(session: Session, project: Project, values: Mapping[str, Json]) -> None:
    said = records.lookups(values)
    for lookup, text in sorted(said.items()):  # the number first
        found = records.some(session, records.find(session, lookup, text))
        for ref, project_id in records.projects_of(session, list(found)).items():
            numbers = [said.get(records.Lookup.CUSTOMER_NO), None]
            numbers[1] = records.lookups(found[ref].values).get(records.Lookup.CUSTOMER_NO)
            differ = all(numbers) and numbers[0] != numbers[1]
            if project_id == project.id and found[ref].state is RecordState.ACTIVE and not differ:
                raise KnownAlready(ref)


class _Reader:
    """Reads values for records of one project; loads each of its tables' columns and job centres' directories once."""

    def __init__(self, rt: Runtime, session: Session, project: Project, refs: list[str]) -> None:
        self._rt, self._session, self._project = rt, session, project
        self._standing = bases.tables_of(session, refs)
        self._houses = {
            table.id: organisations.key_of(session, table.jobcentre_id)
            for table in tables.all_tables(session, project.id)
        }
        self._columns: dict[tuple[frozenset[int], frozenset[str]], dict[str, Column]] = {}
        self._contexts: dict[str | None, Context] = {}

    def read(self, record: Record, values: Mapping[str, Json], *, exact: bool) -> tuple[dict[str, Json], list[Fault]]:
        """What the values mean, and what is wrong with those that mean nothing for certain."""
        columns, ref = self.columns_of(record), record.ref or None
        faults = [Fault(ref, name, OWN_FIELD, f"Das Feld {name} setzt nur der Dienst.") for name in values
                  if name in OWN_FIELDS]  # fmt: skip
        faults += [
            Fault(ref, name, UNKNOWN_FIELD, unknown("Feld", name, columns)) for name in values if name not in columns
        ]
        context = self._context(record, values)
        cells: dict[str, Cell] = {}
        for name, value in values.items():
            if name in OWN_FIELDS or name not in columns:
                continue
            field = field_for(columns[name])
            if exact and _means(field, value, record.values.get(name)):
                continue
            cell, readable = _cell(field, value, context) if exact else (_typed(value), True)
            if readable:
                cells[name] = cell
            else:
                faults.append(Fault(ref, name, "unreadable", explain("unreadable", name)))
        readings = read_together(columns, cells, context, record.values)
        faults += [
            Fault(ref, name, reading.code, explain(reading.code, name))
            for name, reading in readings.items()
            if not reading.accepted
        ]
        found: dict[str, Json] = {}
        for name, reading in readings.items():
            given = values[name]
            as_it_is = columns[name].type == "text" and isinstance(given, str) and even_blanks(given) == reading.value
            found[name] = given if as_it_is else reading.value
        return found, faults

    def columns_of(self, record: Record) -> dict[str, Column]:
        """The columns that read this record's values, by field: those of its tables first."""
        known = self._known_columns(self.standing(record.ref), frozenset())
        plain = frozenset(record.values).difference(known)  # a set of keys would not be hashable
        return self._known_columns(self.standing(record.ref), plain) if plain else known

    def standing(self, ref: str) -> frozenset[int]:
        """The tables she stands in."""
        return frozenset(self._standing.get(ref, ()))

    def proposes(self, record: Record, name: str) -> bool:
        """Whether a value the project sets there is a proposal to the job centre."""
        return self.columns_of(record)[name].owner is Side.JOBCENTRE and bool(self.standing(record.ref))

    def _known_columns(self, prefer: frozenset[int], plain: frozenset[str]) -> dict[str, Column]:
        if (prefer, plain) not in self._columns:
            mapping = columns_of_project(self._session, self._project.id, prefer=prefer, fields=sorted(plain))
            self._columns[prefer, plain] = {column.field: column for column in mapping.columns}
        return self._columns[prefer, plain]

    def _context(self, record: Record, values: Mapping[str, Json]) -> Context:
        """What surrounds the values: the directory of the job centre the record names, else of its only table's."""
        houses = {self._houses.get(table) for table in self.standing(record.ref)}
        house = house_of(record.values) or (next(iter(houses)) if len(houses) == 1 else None)
        context = self._directory(house)
        named = values.get(JOBCENTRE_FIELD)
        if isinstance(named, str) and any(one.key == named for one in context.organisations):
            return self._directory(named)
        return context

    def _directory(self, house: str | None) -> Context:
        if not self._contexts:
            self._contexts[None] = table_context(self._rt, self._session, self._project, None)
        if house not in self._contexts:
            self._contexts[house] = replace(self._contexts[None], organisation=house)
        return self._contexts[house]


def _typed(value: Json) -> Cell:
    """A text as somebody typed it; an empty one is a blank."""
    assert value is None or isinstance(value, str), "only texts are typed"
    return value or None


def _cell(field: Field, value: Json, context: Context) -> tuple[Cell, bool]:
    """The cell that says the value: as the service writes it if it is in normal form, else as somebody typed it.

    False for what can be neither.
    """
    try:
        cell = field.format(value, context)
        reading = field.parse(cell, replace(context, values={}))
        if reading.accepted and _means(field, value, reading.value):
            return cell, True
    except _NO_NORMAL_FORM:
        pass
    if isinstance(value, int | float):
        return float(value), True
    return (_typed(value), True) if value is None or isinstance(value, str) else (None, False)


def _means(field: Field, value: Json, other: Json) -> bool:
    """Whether the first means the same as the second, which is in normal form."""
    try:
        return field.key(value) == field.key(other)
    except _NO_NORMAL_FORM:
        return False
