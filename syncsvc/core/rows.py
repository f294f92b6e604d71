"""Plan the rows of one table: whose they are, what moves between table and records, what has to be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter

from syncsvc.core.actions import NewRecord, NewRow, Point, RecordChange, Settled, Situation, TableWrite
from syncsvc.core.binding import Binding
from syncsvc.core.cells import digest
from syncsvc.core.fields import Field, Reading, explain, field_for
from syncsvc.core.fields.proposals import proposed
from syncsvc.core.fields.sensitive import sensitive_code
from syncsvc.core.identity import Doubtful, Identities, RowView, identify
from syncsvc.core.labels import label_kind
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD, Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.merge import Act, Decision, Rule, Sides, merge_cell
from syncsvc.core.model import (
    UNSETTLED,
    Base,
    BaseRow,
    Cell,
    CellWrite,
    Covered,
    ErrorValue,
    Formula,
    Json,
    Overruled,
    Record,
    RecordState,
    RowAppend,
    RowState,
    Side,
    Unsettled,
)
from syncsvc.core.references import make_reference, usable
from syncsvc.core.schema import read_row, row_schema

JOBCENTRE_FIELD = "jobcenter"
OWN_FIELDS = (REFERENCE_FIELD, NOTE_FIELD)


def base_fields(mapping: TableMapping) -> tuple[str, ...]:
    """The order in which a base of this mapping keeps its values: reference and note first."""
    own = [name for name in OWN_FIELDS if mapping.column(name)]
    return (*own, *(column.field for column in mapping.columns if column.field not in own))


@dataclass(slots=True)
class Draft:
    """What planning the rows gathers; the names are those of ``Plan``.

    ``edits`` are, by field, the (agreed, new) values of cells a person changed since the last run; ``edited`` are the
    data cells of their rows, ``older_rows`` counts those of them that show an older state again.
    """

    new_records: list[NewRecord] = field(default_factory=list)
    record_changes: list[RecordChange] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    writes: list[TableWrite] = field(default_factory=list)
    notes: list[CellWrite] = field(default_factory=list)
    references: list[CellWrite] = field(default_factory=list)
    new_rows: list[NewRow] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    states: dict[str, RowState] = field(default_factory=dict)
    forget: set[str] = field(default_factory=set)
    seen: dict[str, int] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    edits: dict[str, list[tuple[Json, Json]]] = field(default_factory=lambda: defaultdict(list))
    edited: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    older_rows: int = 0
    vanished: int = 0
    rows: int = 0
    untouched: int = 0
    untouched_values: int = 0
    waiting_values: int = 0
    waiting: set[str] = field(default_factory=set)
    next_number: int = 0


class RowPlanner:
    """Plans the rows of one bound table into ``draft``. Used once."""

    def __init__(self, situation: Situation, binding: Binding) -> None:
        self.s, self.binding = situation, binding
        mapping = situation.mapping
        self.fields = tuple(name for name in base_fields(mapping) if name in binding.columns)
        self.base = project(situation.base, self.fields)
        self.index = {name: index for index, name in enumerate(self.fields)}
        self.column: dict[str, Column] = {column.field: column for column in mapping.columns}
        self.field: dict[str, Field] = {name: field_for(self.column[name]) for name in self.fields}
        self.data = tuple(name for name in self.fields if name not in OWN_FIELDS and name in mapping.shown)
        edited_by = situation.table.edited_by
        self.rule = {name: Rule(self.column[name].owner, edited_by, self.column[name].required) for name in self.fields}
        self.draft = Draft(next_number=situation.table.next_number)
        self._places = [(name, self.index[name]) for name in self.data]
        self._schema = row_schema(replace(mapping, columns=tuple(self.column[name] for name in self.data)))()
        self._shows_all = len(self.data) + sum(1 for name in OWN_FIELDS if name in self.index) == len(self.fields)
        self._special = {ref for ref, _ in situation.contested} | set(situation.standing)
        self._people: dict[tuple[Hashable, ...], list[str]] | None = None
        self._decided: dict[int, str | None] = {}

    def plan(self) -> None:
        """Plan every row the table has, and those it should have."""
        views = self._views()
        self.draft.rows = len(views)
        identities = self._identify(views)
        for ref, view in identities.known.items():
            self._known(ref, view)
        for restored in identities.restored:
            self._write_reference(restored.row, restored.ref)
            self._known(restored.ref, restored.row)
        for view, ref in identities.copies:
            self._copy(view, ref)
        for doubtful in identities.doubtful:
            self._doubtful(doubtful)
        for view in identities.fresh:
            self._fresh(view)
        for ref in sorted(identities.missing):
            self._missing(ref)
        self._append_records(self._candidates(identities))

    def rebuild(self) -> None:
        """Plan all rows anew for an emptied table."""
        for ref, row in self.base.rows.items():
            if row.state is not RowState.ENDED:
                self._append(ref)
        self._append_records(frozenset())

    # -- finding out whose rows these are ----------------------------------------------------------------------

    def _views(self) -> list[RowView]:
        """The data rows below the header: those with content in a mapped column that is not ours alone."""
        columns = [self.binding.columns[name] - 1 for name in self.fields]
        pick = itemgetter(*columns) if len(columns) > 1 else lambda cells: (cells[columns[0]],)
        content = slice(2 if NOTE_FIELD in self.index else 1, None)
        base_rows, header_row, views = self.base.rows, self.binding.header_row, []
        for row in self.s.snapshot.rows:
            if row.number <= header_row:
                continue
            raw = pick(row.cells)
            ref = raw[0]
            if isinstance(ref, str) and ref in base_rows:
                views.append(RowView(row.number, ref, "", raw, row.witness))
            elif ref is not None or any(cell is not None for cell in raw[content]):
                views.append(self._view(row.number, raw, row.witness))
        return views

    def _view(self, number: int, raw: tuple[Cell, ...], witness: str | None) -> RowView:
        if raw[0] is None:
            return RowView(number, None, "", raw, witness)
        reading = self.field[REFERENCE_FIELD].parse(raw[0], self.s.context)
        ref = reading.value if reading.accepted else None
        if isinstance(ref, str) and self._belongs(ref):
            return RowView(number, ref, "", raw, witness)
        return RowView(number, None, shown_text(raw[0]) or "?", raw, witness)

    def _belongs(self, ref: str) -> bool:
        """Known to the project, or free and with the project's prefix."""
        return ref in self.base.rows or ref in self.s.records or ref.startswith(f"{self.s.table.prefix}-")

    def _identify(self, views: list[RowView]) -> Identities:
        if self.s.decided:  # an answer is about one row: of several alike the first takes it
            rows = {self._fingerprint(view): view.number for view in reversed(views)}
            self._decided = {rows[name]: answer for name, answer in self.s.decided.items() if name in rows}
        ignore = frozenset(name for name in self.fields if name not in self.data)
        return identify(views, self.base, ignore=ignore, decided=self._decided, same=self._same)

    def _same(self, name: str, left: Cell, right: Cell) -> bool:
        if left == right:
            return True
        one, two = (self.field[name].parse(cell, self.s.context) for cell in (left, right))
        return one.accepted and two.accepted and self.field[name].key(one.value) == self.field[name].key(two.value)

    def _fingerprint(self, view: RowView) -> str:
        """Names a row by its content, our note aside."""
        note = self.index.get(NOTE_FIELD)
        return digest(tuple(cell for index, cell in enumerate(view.raw) if index != note))

    # -- a row whose participant is known ----------------------------------------------------------------------

    def _known(self, ref: str, view: RowView) -> None:
        draft = self.draft
        draft.seen[ref] = view.number
        known, record = self.base.rows.get(ref), self.s.records.get(ref)
        if record is None:
            self._adopt(ref, view)
        elif known is not None and self._unchanged(ref, view, known, record):
            draft.untouched += 1
            draft.untouched_values += len(known.agreed) - known.agreed.count(None)
        elif record.state is RecordState.VOID:
            self._void(ref, view)
        else:
            draft.touched.add(ref)
            if known is not None and known.state is not RowState.PRESENT:
                draft.states[ref] = RowState.PRESENT
            self._merge_row(ref, view, known or unsettled(ref, self.fields), record)

    def _unchanged(self, ref: str, view: RowView, known: BaseRow, record: Record) -> bool:
        """Whether neither side moved since the last run: one comparison each."""
        return (
            known.raw == view.raw
            and known.agreed == self._record_row(record)
            and known.state is RowState.PRESENT
            and record.state is RecordState.ACTIVE
            and ref not in self._special
            and ref not in self.s.remarks
            and not self._is_noted(view)  # the cell it speaks of may have been put back: then the note has to go
        )

    def _is_noted(self, view: RowView) -> bool:
        index = self.index.get(NOTE_FIELD)
        return index is not None and view.raw[index] is not None

    def _record_row(self, record: Record) -> tuple[Json, ...]:
        """The record's values in the base's order; None for what this table does not show."""
        values = record.values.get
        if self._shows_all:
            return tuple(map(values, self.fields))
        return tuple(values(name) if name in self.data else None for name in self.fields)

    def _merge_row(self, ref: str, view: RowView, known: BaseRow, record: Record) -> None:
        """Merge every data cell of one row, then say in the row what is open."""
        sentences: list[str] = []
        standing = set(self.s.standing.get(ref, ()))
        edited = False
        quiet = ref not in self._special
        for name, index in self._places:
            raw, value = view.raw[index], record.values.get(name)
            if raw == known.raw[index] and value == known.agreed[index] and quiet:
                continue  # most cells of an edited row: nothing to read, nothing to decide
            sides = Sides(
                base_raw=known.raw[index],
                base=known.agreed[index],
                raw=raw,
                record=value,
                record_by=record.by.get(name, Side.PROJECT),
                flip=known.flips.get(name),
                contested=self._contested(ref, name, raw, known.raw[index]),
            )
            field_ = self.field[name]
            decision = merge_cell(field_, self.rule[name], sides, partial(self._read, field_, raw, record))
            self._carry_out(ref, name, view, sides, decision, sentences)
            edited |= self._count_edit(ref, name, sides, decision)
            if decision.kept is not None:
                standing.add(("proposal_kept", name))
        self._withhold(ref, view, known)
        if edited:
            self.draft.edited[ref] = tuple(view.raw[index] for _, index in self._places)
            self.draft.older_rows += bool(known.older) and self.data_digest(view.raw) in known.older
        sentences += [self._sentence(code, name) for code, name in sorted(standing)]
        sentences += self.s.remarks.get(ref, ())
        self._note(view, sentences, ref)
        self._settle_own(ref, view, known)

    def _read(self, field_: Field, raw: Cell, record: Record) -> Reading:
        return field_.parse(raw, replace(self.s.context, values=record.values))

    def _contested(self, ref: str, name: str, raw: Cell, base_raw: Cell | Unsettled) -> bool:
        if (ref, name) in self.s.contested:
            return True
        return raw != base_raw and raw in self.s.suspects.get(name, ())

    def strangers(self) -> int:
        """How many edited rows show exactly what another reference showed: the references moved, not the data."""
        edited = self.draft.edited
        if len(edited) < 2:
            return 0
        owner = {
            tuple(self.base.rows[ref].raw[index] for _, index in self._places): ref
            for ref in edited
            if ref in self.base.rows
        }
        return sum(
            1
            for ref, cells in edited.items()
            if owner.get(cells, ref) != ref and sum(cell is not None for cell in cells) >= 2
        )

    def data_digest(self, raw: tuple[Cell, ...]) -> str:
        """Names what a row shows in its data columns, to recognise it in a restored file."""
        return digest(tuple(raw[self.index[name]] for name in self.data))

    def _count_edit(self, ref: str, name: str, sides: Sides, decision: Decision) -> bool:
        """Count a person's edit that no question is open about yet, for the guards."""
        if not decision.edited or ((ref, name) in self.s.asked and self.s.asked[ref, name] == sides.raw):
            return False
        agreed = agreed_value(sides.base)
        new = decision.reading.value if decision.reading and decision.reading.accepted else None
        blank = sides.raw is None
        self.draft.edits[name].append((agreed, None if blank else new if new is not None else shown_text(sides.raw)))
        return True

    def _carry_out(
        self, ref: str, name: str, view: RowView, sides: Sides, decision: Decision, sentences: list[str]
    ) -> None:
        draft = self.draft
        if decision.act is Act.QUESTION:
            point = self._point(ref, name, view.number, sides, decision)
            draft.points.append(point)
            sentences.append(self._sentence(decision.code, name, point.proposal))
        elif decision.act is Act.AGREED:
            draft.settled.append(Settled(ref, name, sides.raw, decision.value))
            self._tidy(ref, name, view, decision)
        elif decision.act is Act.TO_RECORD:
            side = Side.JOBCENTRE if self.rule[name].owner is Side.JOBCENTRE else Side.PROJECT
            draft.record_changes.append(RecordChange(ref, name, sides.record, decision.value, side, view.number))
            draft.settled.append(Settled(ref, name, sides.raw, decision.value, decision.flip))
            self._tidy(ref, name, view, decision)
        elif decision.act is Act.TO_TABLE:
            self._write(ref, name, view, decision, sentences)
        if decision.kept is not None:
            point = self._point(ref, name, view.number, sides, decision)
            draft.points.append(replace(point, kind="proposal", code="proposal_kept", proposal=decision.kept))

    def _tidy(self, ref: str, name: str, view: RowView, decision: Decision) -> None:
        """Write the canonical spelling over the typed one, in a column whose mapping asks for it."""
        raw, column = view.raw[self.index[name]], self.binding.columns[name]
        if not self.column[name].tidy or decision.value is None or isinstance(raw, Formula):
            return
        new = self.field[name].format(decision.value, self.s.context)
        if new != raw and (view.number, column) not in self.s.snapshot.locked:
            cell = CellWrite(ref, view.number, column, raw, new)
            self.draft.writes.append(TableWrite(ref, name, cell, decision.value, decision.value))

    def _write(self, ref: str, name: str, view: RowView, decision: Decision, sentences: list[str]) -> None:
        raw, column = view.raw[self.index[name]], self.binding.columns[name]
        if (view.number, column) in self.s.snapshot.locked:
            point = Point("column", "protected_cell", ref, view.number, name, self.column[name].header)
            self.draft.points.append(replace(point, record=decision.value))
            return
        new = self.field[name].format(decision.value, self.s.context)
        reading = decision.reading or self.field[name].parse(raw, self.s.context)
        before = reading.value if reading.accepted else shown_text(raw)
        cell = CellWrite(ref, view.number, column, raw, new)
        self.draft.writes.append(TableWrite(ref, name, cell, decision.value, before))

    def _withhold(self, ref: str, view: RowView, known: BaseRow) -> None:
        """Blank what we once wrote into a column that the privacy level no longer lets out."""
        for name in self.fields:
            index = self.index[name]
            if name in self.data or name in OWN_FIELDS or view.raw[index] is None:
                continue
            column = self.binding.columns[name]
            if isinstance(view.raw[index], Formula | Covered) or (view.number, column) in self.s.snapshot.locked:
                point = Point("column", "protected_cell", ref, view.number, name, self.column[name].header)
                self.draft.points.append(point)
            elif known.agreed[index] not in (None, UNSETTLED) and known.raw[index] == view.raw[index]:
                cell = CellWrite(ref, view.number, column, view.raw[index], None)
                self.draft.writes.append(TableWrite(ref, name, cell, None, agreed_value(known.agreed[index])))

    def _settle_own(self, ref: str, view: RowView, known: BaseRow) -> None:
        """Remember the reference and note cells as they stand, so that the row can rest."""
        written = {(cell.row, cell.column) for cell in (*self.draft.notes[-1:], *self.draft.references[-1:])}
        for name in OWN_FIELDS:
            index = self.index.get(name)
            if index is None or (view.number, self.binding.columns[name]) in written:
                continue
            if known.raw[index] != view.raw[index] or known.agreed[index] is not None:
                self.draft.settled.append(Settled(ref, name, view.raw[index], None))

    def _void(self, ref: str, view: RowView) -> None:
        self.draft.waiting_values += self._filled(view)
        self._note(view, [explain("row_void", "")], ref)

    def _point(self, ref: str, name: str, row: int, sides: Sides, decision: Decision) -> Point:
        reading = decision.reading
        sensitive = bool(reading and reading.sensitive)
        if reading is None:  # the cell still shows what was agreed
            sheet = agreed_value(sides.base)
        else:
            sheet = reading.value if reading.accepted else shown_text(sides.raw)
        proposal = decision.proposal
        if reading is not None and not reading.accepted:  # only what a plain yes settles can be an answer
            proposal = proposed(self.field[name], reading, self.s.context)
        return Point(
            kind=decision.ask.value if decision.ask else "proposal",
            code=decision.code,
            ref=ref,
            row=row,
            field=name,
            header=self.column[name].header,
            raw=None if sensitive else sides.raw,
            sheet=None if sensitive else sheet,
            record=sides.record,
            base=agreed_value(sides.base),
            proposal=proposal,
            sensitive=sensitive,
        )

    # -- rows without a participant ----------------------------------------------------------------------------

    def _fresh(self, view: RowView) -> None:
        if self._is_label(view):
            return
        if view.number not in self._decided:
            matches, sure = self._matches(view)
            if sure and len(matches) == 1 and matches[0] not in self.draft.seen and matches[0] not in self.base.rows:
                self._write_reference(view, matches[0])
                self._known(matches[0], view)
                return
            if matches:
                self._doubtful(Doubtful(view, tuple(matches), "person_known"))
                return
        self._create(view, None)

    def _adopt(self, ref: str, view: RowView) -> None:
        """A row that brings a free reference of this project: it keeps it."""
        self._create(view, ref)

    def _copy(self, view: RowView, original: str) -> None:
        """A copied row becomes a new participant and is shown as a possible duplicate."""
        ref = self._create(view, None, copied=True)
        if ref is not None:
            point = Point("doubled_row", "row_copied", ref, view.number, candidates=(original,))
            self.draft.points.append(point)

    def _create(self, view: RowView, ref: str | None, *, copied: bool = False) -> str | None:
        """Make a participant of a row whose required cells are filled; returns her reference.

        A cell that is filled but unreadable becomes a question about her; the other values are taken.
        """
        cells = {name: view.raw[self.index[name]] for name in self.data}
        alone = read_row(self._schema, cells, self.s.context)
        beside = {name: reading.value for name, reading in alone.items() if reading.accepted}
        readings = read_row(self._schema, cells, replace(self.s.context, values=beside))
        bad = {name: reading for name, reading in readings.items() if not reading.accepted}
        missing = [
            n for n, reading in readings.items() if self.rule[n].required and reading.value is None and n not in bad
        ]
        sentences = [
            self._sentence(reading.code, name, proposed(self.field[name], reading, self.s.context))
            for name, reading in bad.items()
        ]
        values = {
            name: reading.value for name, reading in readings.items() if name not in bad and reading.value is not None
        }
        not_ready = bool(missing) or not values
        if not not_ready and ref is None and self._reference_closed(view):
            self._refuse(view, sentences)
            return None
        if not_ready or (self._ask_first(view) and ref is None):
            self._wait(view, missing, sentences, ready=not not_ready)
            return None
        reference = ref or self._next_reference()
        by = {name: Side.JOBCENTRE for name in values if self.rule[name].owner is Side.JOBCENTRE}
        draft = self.draft
        draft.new_records.append(NewRecord(reference, view.number, values, by, adopted=ref is not None))
        draft.seen[reference] = view.number
        draft.touched.add(reference)
        for name in self.data:
            raw = view.raw[self.index[name]]
            if name not in bad:
                draft.settled.append(Settled(reference, name, raw, readings[name].value))
                self._tidy(reference, name, view, Decision(Act.AGREED, readings[name].value))
                self._name_jobcentre(reference, name, view, readings[name].value)
            else:
                sides = Sides(UNSETTLED, UNSETTLED, raw, None)
                decision = Decision(Act.QUESTION, code=bad[name].code, proposal=bad[name].value, reading=bad[name])
                draft.points.append(
                    replace(self._point(reference, name, view.number, sides, decision), kind="unreadable")
                )
        if copied:
            sentences.append(self._sentence("row_copied", ""))
        if ref is None:
            self._write_reference(view, reference)
        self._note(view, [*sentences, *self.s.remarks.get(reference, ())], reference)
        self._settle_own(reference, view, unsettled(reference, self.fields))
        return reference

    def _name_jobcentre(self, ref: str, name: str, view: RowView, value: Json) -> None:
        """A new record belongs to the table's job centre; a blank cell is to say so from the first run on."""
        column, house = self.binding.columns[name], self.s.table.organisation
        if name != JOBCENTRE_FIELD or value is not None or house is None:
            return
        if view.raw[self.index[name]] is None and (view.number, column) not in self.s.snapshot.locked:
            cell = CellWrite(ref, view.number, column, None, self.field[name].format(house, self.s.context))
            self.draft.writes.append(TableWrite(ref, name, cell, house, None))

    def _ask_first(self, view: RowView) -> bool:
        return self.s.mapping.new_rows == "ask" and view.number not in self._decided

    def _wait(self, view: RowView, missing: list[str], sentences: list[str], *, ready: bool) -> None:
        """A row that is not a participant yet: nothing moves, a friendly note says what is missing."""
        self._count_waiting(view)
        if ready:
            point = Point("identity", "new_row", row=view.number, fingerprint=self._fingerprint(view))
            self.draft.points.append(point)
            sentences.append(explain("new_row", ""))
        sentences += [self._sentence("required_missing", name) for name in missing]
        self._note(view, sentences, None)

    def _refuse(self, view: RowView, sentences: list[str]) -> None:
        """A new participant whose row cannot take a reference: without it nobody would know her row again."""
        self._count_waiting(view)
        point = Point("identity", "reference_locked", row=view.number, fingerprint=self._fingerprint(view))
        self.draft.points.append(point)
        self._note(view, [explain("reference_locked", ""), *sentences], None)

    def _doubtful(self, doubtful: Doubtful) -> None:
        view = doubtful.row
        self._count_waiting(view)
        kind = "doubled_row" if doubtful.code == "reference_doubled" else "identity"
        self.draft.points.append(
            Point(
                kind,
                doubtful.code,
                row=view.number,
                sheet=None if sensitive_code(view.typed, self.s.context) else view.typed or None,
                candidates=doubtful.candidates,
                fingerprint=self._fingerprint(view),
            )
        )
        self._note(view, [self._sentence(doubtful.code, REFERENCE_FIELD)], None)

    def _count_waiting(self, view: RowView) -> None:
        self.draft.waiting_values += self._filled(view)
        if view.number in self._decided:
            self.draft.waiting.add(self._fingerprint(view))

    def _filled(self, view: RowView) -> int:
        return sum(1 for name in self.data if view.raw[self.index[name]] is not None)

    def _is_label(self, view: RowView) -> bool:
        filled = [view.raw[self.index[name]] for name in self.data if view.raw[self.index[name]] is not None]
        return len(filled) == 1 and isinstance(filled[0], str) and bool(label_kind(filled[0]))

    def _next_reference(self) -> str:
        draft = self.draft
        while True:
            number, draft.next_number = draft.next_number, draft.next_number + 1
            if usable(self.s.table.prefix, number):
                ref = make_reference(self.s.table.prefix, number)
                if ref not in self.s.records and ref not in self.base.rows and ref not in draft.seen:
                    return ref

    def _matches(self, view: RowView) -> tuple[list[str], bool]:
        """Records of the project that speak of the same person: by number, else by name and birth date.

        Not sure where the birth date is a 1 January, which offices enter when they do not know it (domain: 0.4).
        """
        if self._people is None:
            self._people = defaultdict(list)
            for ref, record in self.s.records.items():
                if record.state is RecordState.ACTIVE:
                    for key in self._person_keys(record.values):
                        self._people[key].append(ref)
        values: dict[str, Json] = {}
        for name in ("customer_no", "participant_name", "birth_date"):
            if name in self.data:
                reading = self.field[name].parse(view.raw[self.index[name]], self.s.context)
                values[name] = reading.value if reading.accepted else None
        for key in self._person_keys(values):
            if key in self._people:
                return self._people[key], key[0] == "number" or not isinstance(values["birth_date"], dict)
        return [], False

    def _person_keys(self, values: Mapping[str, Json]) -> list[tuple[Hashable, ...]]:
        number, name, born = (values.get(key) for key in ("customer_no", "participant_name", "birth_date"))
        keys: list[tuple[Hashable, ...]] = []
        # Having no number, {"customer_no": null, "reason": …}, is nothing two people could be known by.
        if isinstance(number, str) and "customer_no" in self.field:
            keys.append(("number", self.field["customer_no"].key(number)))
        if name is not None and born is not None and {"participant_name", "birth_date"} <= self.field.keys():
            keys.append(("person", self.field["participant_name"].key(name), self.field["birth_date"].key(born)))
        return keys

    # -- rows that are not there -------------------------------------------------------------------------------

    def _missing(self, ref: str) -> None:
        draft, row, record = self.draft, self.base.rows[ref], self.s.records.get(ref)
        if record is None or record.state is RecordState.VOID:
            draft.forget.add(ref)
        elif row.state is RowState.RESTORE:
            self._append(ref)
        elif row.state is not RowState.ENDED:
            if row.state is RowState.PRESENT:
                draft.vanished += 1
                draft.states[ref] = RowState.GONE
            draft.touched.add(ref)
            draft.points.append(Point("deletion", "row_gone", ref))

    def _candidates(self, identities: Identities) -> frozenset[str]:
        return frozenset(ref for doubtful in identities.doubtful for ref in doubtful.candidates) | frozenset(
            ref for point in self.draft.points for ref in point.candidates
        )

    def _append_records(self, undecided: frozenset[str]) -> None:
        """Rows for the project's records that belong to this table and have none."""
        for ref, record in sorted(self.s.records.items()):
            if ref in self.base.rows or ref in self.draft.seen or ref in undecided:
                continue
            if record.state is RecordState.ACTIVE and self._belongs_here(record):
                self._append(ref)

    def _belongs_here(self, record: Record) -> bool:
        jobcentre = record.values.get(JOBCENTRE_FIELD)
        if isinstance(jobcentre, dict):
            jobcentre = jobcentre.get("organisation")
        return jobcentre == self.s.table.organisation

    def _append(self, ref: str) -> None:
        record = self.s.records[ref]
        values = {name: record.values[name] for name in self.data if record.values.get(name) is not None}
        cells: dict[int, Cell] = {
            self.binding.columns[name]: self.field[name].format(value, self.s.context) for name, value in values.items()
        }
        below = self.s.snapshot.rows[-1].number + 1 if self.s.snapshot.rows else 1
        closed = {
            name
            for name in (*self.data, REFERENCE_FIELD)
            if (below, self.binding.columns[name]) in self.s.snapshot.locked
        }
        for name in sorted(closed & values.keys()):
            point = Point(
                "column", "protected_cell", ref, None, name, self.column[name].header, record=values.pop(name)
            )
            self.draft.points.append(point)
            del cells[self.binding.columns[name]]
        if REFERENCE_FIELD in closed:
            self.draft.points.append(Point("column", "protected_cell", ref, None, REFERENCE_FIELD))
            return
        cells[self.binding.columns[REFERENCE_FIELD]] = ref
        sentences = [self._sentence(code, name) for code, name in sorted(set(self.s.standing.get(ref, ())))]
        sentences += self.s.remarks.get(ref, ())
        if sentences and NOTE_FIELD in self.index:
            cells[self.binding.columns[NOTE_FIELD]] = " · ".join(sentences)
        self.draft.new_rows.append(NewRow(RowAppend(ref, cells), values))
        self.draft.touched.add(ref)

    # -- the service's own cells -------------------------------------------------------------------------------

    def _reference_closed(self, view: RowView) -> bool:
        column = self.binding.columns[REFERENCE_FIELD]
        return isinstance(view.raw[0], Formula | Covered) or (view.number, column) in self.s.snapshot.locked

    def _write_reference(self, view: RowView, ref: str) -> None:
        cell = CellWrite(None, view.number, self.binding.columns[REFERENCE_FIELD], view.raw[0], ref)
        if self._reference_closed(view):
            self.draft.points.append(Point("column", "protected_cell", ref, view.number, REFERENCE_FIELD))
        else:
            self.draft.references.append(cell)

    def _note(self, view: RowView, sentences: list[str], ref: str | None) -> None:
        index = self.index.get(NOTE_FIELD)
        if index is None or isinstance(view.raw[index], Formula | Covered):
            return
        text = " · ".join(dict.fromkeys(sentences)) or None
        column = self.binding.columns[NOTE_FIELD]
        if view.raw[index] != text and (view.number, column) not in self.s.snapshot.locked:
            self.draft.notes.append(CellWrite(ref, view.number, column, view.raw[index], text))

    def _sentence(self, code: str, name: str, proposal: Json = None) -> str:
        header = self.column[name].header if name in self.column else ""
        detail = (
            self.field[name].display(proposal, self.s.context) if proposal is not None and name in self.field else ""
        )
        return explain(code, header, detail=detail)


def project(base: Base, fields: tuple[str, ...]) -> Base:
    """The base with its values in the order of ``fields``; a field it does not know is unsettled."""
    if base.fields == fields:
        return base
    where = [base.fields.index(name) if name in base.fields else None for name in fields]
    rows = {
        ref: replace(
            row,
            raw=tuple(UNSETTLED if index is None else row.raw[index] for index in where),
            agreed=tuple(UNSETTLED if index is None else row.agreed[index] for index in where),
        )
        for ref, row in base.rows.items()
    }
    return Base(fields, rows, base.positions)


def unsettled(ref: str, fields: tuple[str, ...]) -> BaseRow:
    """A base row on which nothing was ever agreed."""
    return BaseRow(ref, (UNSETTLED,) * len(fields), (UNSETTLED,) * len(fields))


def shown_text(cell: Cell) -> str | None:
    """A cell as text, for a question; None for a blank."""
    if isinstance(cell, Formula):
        return shown_text(cell.value)
    if isinstance(cell, ErrorValue):
        return cell.code
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return None if cell is None or isinstance(cell, Covered) else cell if isinstance(cell, str) else str(cell)


def agreed_value(value: Json | Unsettled | Overruled) -> Json:
    """The value of a base's ``agreed``; None where nothing is agreed."""
    return None if isinstance(value, Unsettled | Overruled) else value
