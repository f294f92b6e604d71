"""Lists of records as files: read one into a project, write one out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from sqlalchemy.orm import Session

from syncsvc.core.binding import Binding, bind, column_letter
from syncsvc.core.fields import Context, Reading, explain, field_for
from syncsvc.core.folding import fold
from syncsvc.core.mapping import OWN_FIELDS, REFERENCE_FIELD, Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Base, Cell, Json, Record, RecordState, SheetRow, Snapshot
from syncsvc.core.references import Reference, make_reference, read_reference, usable
from syncsvc.errors import InvalidFile
from syncsvc.services import consequences, listfiles
from syncsvc.services.columns import columns_of_project, read_together
from syncsvc.services.contacts.events import Origin
from syncsvc.services.edits import decided, differing, edited, log
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import table_context
from syncsvc.store import bases, changes, projects, records
from syncsvc.store.models import Project
from syncsvc.store.records import Lookup, lookups

SOURCE = "import"
"""Where the change log says that imported values came from."""

_UNNAMED = "Ohne Kundennummer oder Name und Geburtsdatum ist sie nur an der TN-Nr. wiederzufinden."
_IDENTITY = ("customer_no", "participant_name", "birth_date")


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became, or would become, of one row: ``action`` is new, update, same or error.

    ``number`` is its line in the file; ``ref`` is None for a new record that has none yet, and for an error.
    """

    number: int
    ref: str | None
    action: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Every row's report and how many there are of each action; ``ignored`` are headers no field has."""

    rows: tuple[RowReport, ...]
    counts: Mapping[str, int]
    ignored: tuple[str, ...]


def import_file(rt: Runtime, path: Path | str, project: str, *, actor: str, preview: bool = False) -> ImportReport:
    """Take a list (CSV, XLSX) into a project: all good rows in one transaction, the bad ones are reported.

    Columns are found by the headers, aliases and field names of the project's mappings. A row is found by its
    reference, else by customer number, else by name and birth date, else by holding all the row says;
    a row that is found nowhere is a new record. A blank cell says nothing: it empties no field. The
    same file a second time changes nothing. With ``preview`` nothing is written.
    Raises ``NotFound`` for the project and ``InvalidFile`` for a file without a readable list.
    """
    snapshot = listfiles.read(Path(path))
    with rt.database.read() if preview else rt.database.write() as session:
        row = projects.get(session, project)
        known = records.of_project(session, row.id)
        mapping = columns_of_project(session, row.id, fields=_filled(known.values()))
        binding = _bound(mapping, snapshot)
        reader = _Reader(mapping, snapshot, binding, known, table_context(rt, session, row, None))
        items = [item for line in snapshot.rows if line.number > binding.header_row and (item := reader.read(line))]
        if not preview:
            columns = {column.field: column for column in mapping.columns}
            items = _store(rt, session, row, items, known, columns, actor)
    reports = tuple(RowReport(item.number, item.ref, item.action, item.messages) for item in items)
    found = Counter(report.action for report in reports)
    counts = {action: found[action] for action in ("new", "update", "same", "error")}
    return ImportReport(reports, counts, _ignored(snapshot, binding))


def export_file(rt: Runtime, project: str, path: Path | str) -> None:
    """Write all of a project's records into a .csv or .xlsx file; reading it in again changes nothing.

    The first column is the reference. Raises ``NotFound`` and ``InvalidFile``.
    """
    listfiles.write(Path(path), _table(rt, project))


def export_csv(rt: Runtime, project: str) -> str:
    """All of a project's records as the text of a CSV file, see ``listfiles.csv_text``. Raises ``NotFound``."""
    return listfiles.csv_text(_table(rt, project))


def _table(rt: Runtime, project: str) -> list[list[Cell]]:
    with rt.database.read() as session:
        row = projects.get(session, project)
        active = [r for r in records.of_project(session, row.id).values() if r.state is RecordState.ACTIVE]
        filled = _filled(active)
        mapping = columns_of_project(session, row.id, fields=filled)
        context = table_context(rt, session, row, None)
    columns = [column for column in mapping.columns if column.field in filled]
    reference = mapping.column(REFERENCE_FIELD)
    assert reference is not None
    lines: list[list[Cell]] = [[reference.header, *(column.header for column in columns)]]
    for record in active:
        cells = (field_for(column).format(record.values.get(column.field), context) for column in columns)
        lines.append([record.ref, *cells])
    return lines


def _filled(found: Iterable[Record]) -> list[str]:
    """The fields in which any of the records has a value."""
    return sorted({name for record in found for name, value in record.values.items() if value is not None})


def _bound(mapping: TableMapping, snapshot: Snapshot) -> Binding:
    binding = bind(mapping, snapshot, {}, Base((), {}))
    if binding is None:
        raise InvalidFile(
            "In der Datei ist keine eindeutige Kopfzeile mit bekannten Überschriften zu finden.",
            hint="Die Überschriften der Zuordnung oder die Namen der Felder verwenden.",
        )
    for held in binding.held:
        if held.code == "doubled":
            raise InvalidFile(f"Die Spalten {', '.join(held.letters)} bedeuten dasselbe: {held.header}.")
    return binding


def _ignored(snapshot: Snapshot, binding: Binding) -> tuple[str, ...]:
    taken = binding.columns.values()
    return tuple(
        listfiles.as_text(cell)
        for column, cell in enumerate(_header(snapshot, binding), 1)
        if cell is not None and column not in taken
    )


def _header(snapshot: Snapshot, binding: Binding) -> tuple[Cell, ...]:
    return next(row.cells for row in snapshot.rows if row.number == binding.header_row)


@dataclass(frozen=True, slots=True)
class _Item:
    """One row, read: the reference it has or brings, and the values that differ from the record's."""

    number: int
    action: str
    ref: str | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    messages: tuple[str, ...] = ()


class _Fault(Exception):
    """Why a row cannot be taken."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


class _Reader:
    """Reads the rows of one list, one after the other, against the project's records as they are before."""

    def __init__(
        self,
        mapping: TableMapping,
        snapshot: Snapshot,
        binding: Binding,
        known: Mapping[str, Record],
        context: Context,
    ) -> None:
        self._columns = {column.field: column for column in mapping.columns}
        self._headless = {column for column, cell in enumerate(_header(snapshot, binding), 1) if cell is None}
        self._binding, self._known, self._context = binding, known, context
        self._lines: dict[str, int] = {}  # the line of each record, known or to come, that a row has spoken of
        self._found: dict[tuple[Lookup, str], set[str]] = {}
        for ref, record in known.items():
            if record.state is RecordState.ACTIVE:
                for key in lookups(record.values).items():
                    self._found.setdefault(key, set()).add(ref)

    def read(self, row: SheetRow) -> _Item | None:
        """What the row says; None for a blank one."""
        if all(cell is None for cell in row.cells):
            return None
        try:
            return self._read(row)
        except _Fault as fault:
            return _Item(row.number, "error", messages=fault.messages)

    def _read(self, row: SheetRow) -> _Item:
        self._refuse_stray(row)
        cells = {
            name: row.cells[column - 1]
            for name, column in self._binding.columns.items()
            if name not in OWN_FIELDS and not _is_blank(row.cells[column - 1])
        }
        ref = self._reference(row)
        typed = self._person(cells)
        if ref is None:
            ref = self._by_person(typed) if lookups(typed) else self._by_content(cells)
        else:
            self._refuse_other_person(ref, typed)
        record = self._known.get(ref) if ref else None
        name = ref or f"#{row.number}"
        if name in self._lines:
            raise _Fault(f"Diese Person steht schon in Zeile {self._lines[name]}.")
        if record is not None:
            self._lines[name] = row.number
            return self._update(row.number, record, cells)
        values = self._values(cells, {})
        if not values:
            raise _Fault("In der Zeile steht nichts, was ein neuer Datensatz sein könnte.")
        self._lines[name] = row.number
        for key in lookups(values).items():
            self._found.setdefault(key, set()).add(name)
        hint = () if ref or lookups(values) else (_UNNAMED,)
        return _Item(row.number, "new", ref, values, hint)

    def _person(self, cells: Mapping[str, Cell]) -> dict[str, Json]:
        """What the row says for certain about who she is."""
        known = {name: cells[name] for name in _IDENTITY if name in cells}
        readings = read_together(self._columns, known, self._context, {})
        return {name: reading.value for name, reading in readings.items() if reading.accepted}

    def _refuse_stray(self, row: SheetRow) -> None:
        """A value without a header above it is a sign of a line whose values slipped into the wrong columns."""
        for column, cell in enumerate(row.cells, 1):
            if cell is not None and column in self._headless:
                raise _Fault(f"In Spalte {column_letter(column)} steht etwas, aber keine Überschrift.")

    def _reference(self, row: SheetRow) -> str | None:
        column = self._binding.columns.get(REFERENCE_FIELD)
        if column is None or _is_blank(row.cells[column - 1]):
            return None
        reading = field_for(self._columns[REFERENCE_FIELD]).parse(row.cells[column - 1], self._context)
        if not isinstance(reading.value, str) or not reading.accepted:
            raise _Fault(self._sentence(REFERENCE_FIELD, reading))
        record = self._known.get(reading.value)
        if record is None and not reading.value.startswith(f"{self._context.prefix}-"):
            raise _Fault(explain("reference_unknown", self._binding.headers[REFERENCE_FIELD]))
        if record is not None and record.state is RecordState.VOID:
            raise _Fault("Dieser Datensatz wurde als Irrtum gelöscht.")
        return reading.value

    def _refuse_other_person(self, ref: str, values: Mapping[str, Json]) -> None:
        """A reference beside the number or name of somebody else: the list was sorted in parts, or mistyped."""
        for key in lookups(values).items():
            if ref not in self._found.get(key, {ref}):
                raise _Fault("TN-Nr. und Angaben zur Person gehören zu verschiedenen Datensätzen – bitte prüfen.")

    def _by_person(self, values: Mapping[str, Json]) -> str | None:
        """The record of this customer number, else of this name and birth date."""
        for key in sorted(lookups(values).items()):  # the number first
            refs = self._found.get(key, set())
            if len(refs) > 1:
                raise _Fault("Mehrere Datensätze passen zu dieser Person – bitte TN-Nr. angeben.")
            if refs:
                ref = next(iter(refs))
                self._refuse_contradiction(self._known.get(ref), values)
                return ref
        return None

    def _refuse_contradiction(self, record: Record | None, values: Mapping[str, Json]) -> None:
        """Two women may share a name and a birth date, and a number may be mistyped into another one's."""
        if record is None:
            return
        numbers = [lookups(one).get(Lookup.CUSTOMER_NO) for one in (record.values, values)]
        births = differing(self._columns, record, {k: v for k, v in values.items() if k == "birth_date"})
        if (all(numbers) and numbers[0] != numbers[1]) or (births and record.values.get("birth_date") is not None):
            raise _Fault("Kundennummer und Geburtsdatum passen nicht zum selben Datensatz – bitte TN-Nr. angeben.")

    def _by_content(self, cells: Mapping[str, Cell]) -> str | None:
        """The first record, not yet spoken of, that already holds all of this."""
        values = self._values(cells, {})
        if not values:
            return None
        holding = (self._holders.get((name, self._key(name, value)), set()) for name, value in values.items())
        return min(set.intersection(*holding) - self._lines.keys(), default=None)

    @cached_property
    def _holders(self) -> dict[tuple[str, Hashable], set[str]]:
        """The references of the records that hold a value, by field and the value's key."""
        holders: dict[tuple[str, Hashable], set[str]] = {}
        for ref, record in self._known.items():
            for name in record.values if record.state is RecordState.ACTIVE else ():
                holders.setdefault((name, self._key(name, record.values[name])), set()).add(ref)
        return holders

    def _key(self, name: str, value: Json) -> Hashable:
        return field_for(self._columns[name]).key(value)

    def _update(self, number: int, record: Record, cells: Mapping[str, Cell]) -> _Item:
        new = {name: cell for name, cell in cells.items() if not self._shows(name, cell, record.values.get(name))}
        changed = differing(self._columns, record, self._values(new, record.values))
        headers = ", ".join(self._binding.headers[name] for name in changed)
        messages = (f"Ändert: {headers}.",) if changed else ()
        return _Item(number, "update" if changed else "same", record.ref, changed, messages)

    def _shows(self, name: str, cell: Cell, value: Json) -> bool:
        """Whether the cell is just how we would write the value: then nothing was changed, even if it reads badly.

        Saved as Windows-1252, a list has a question mark for each letter that encoding lacks (``Y?lmaz``).
        """
        written = field_for(self._columns[name]).format(value, self._context)
        if cell == written or not isinstance(cell, str):
            return cell == written
        text = listfiles.as_text(written)
        return cell in (text, text.encode("cp1252", errors="replace").decode("cp1252"))

    def _values(self, cells: Mapping[str, Cell], values: Mapping[str, Json]) -> dict[str, Json]:
        """What the cells mean, without blanks. Raises ``_Fault`` with a sentence for each that is not certain."""
        readings = read_together(self._columns, cells, self._context, values)
        faults = [self._sentence(name, reading) for name, reading in readings.items() if not reading.accepted]
        if faults:
            raise _Fault(*faults)
        return {name: reading.value for name, reading in readings.items() if reading.value is not None}

    def _sentence(self, name: str, reading: Reading) -> str:
        proposal = field_for(self._columns[name]).display(reading.value, self._context)
        return explain(reading.code, self._binding.headers[name], detail=proposal)


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not fold(cell))


def _store(
    rt: Runtime,
    session: Session,
    project: Project,
    items: Sequence[_Item],
    known: Mapping[str, Record],
    columns: Mapping[str, Column],
    actor: str,
) -> list[_Item]:
    """Write what the rows say; the items come back with the references of their records."""
    now = rt.clock.now()
    for item in items:
        brought = read_reference(item.ref or "", project.prefix)
        if item.action == "new" and isinstance(brought, Reference):
            projects.skip_numbers(session, project.id, brought.number)
    references = fresh_references(session, project, set(known) | {item.ref for item in items if item.ref})
    done = [
        replace(item, ref=next(references)) if item.action == "new" and item.ref is None else item for item in items
    ]
    created: list[Record] = []
    updated: list[Record] = []
    in_force: list[Record] = []
    standing = bases.tables_of(session, [item.ref for item in done if item.ref])
    entries: list[changes.Change] = []
    for item in done:
        if item.ref is None or not item.values:
            continue
        record = known.get(item.ref)
        after = edited(record or Record(item.ref, {}), item.values)
        (updated if record else created).append(after)
        in_force.append(decided(columns, record, after) if record and item.ref in standing else after)
        entries += log(record or Record(item.ref, {}), item.values, source=SOURCE, actor=actor, now=now)
    if created:
        records.create(session, project.id, created, now)
    if updated:
        records.save(session, project.id, updated, now)
    changes.append(session, entries)
    consequences.draw(session, project.id, known, in_force, Origin(SOURCE, actor), now=now)
    return done


def fresh_references(session: Session, project: Project, taken: set[str]) -> Iterator[str]:
    """References for new records of the project, none of ``taken``; each is given out for good."""
    while True:
        for number in projects.take_numbers(session, project.id, 1):
            ref = make_reference(project.prefix, number)
            if usable(project.prefix, number) and ref not in taken:
                yield ref
