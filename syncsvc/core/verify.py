"""Read-back: did every cell of a patch arrive in the right row, and what mends it if not.

A platform without conditional writes puts a cell at a position; if people sorted meanwhile, that is another woman's
row. So after a write every cell is looked up by reference, and a victim gets back what our snapshot says she had.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from types import MappingProxyType

from syncsvc.core.actions import Plan
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Cell, CellWrite, RowAppend, Snapshot
from syncsvc.core.references import Reference, read_reference
from syncsvc.core.strays import forms


@dataclass(frozen=True, slots=True)
class Row:
    """A data row as read: its position and its mapped cells by the plan's fields."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A snapshot seen through a binding: rows by the text of their reference cell, and those without any."""

    fields: tuple[str, ...]
    columns: Mapping[str, int]
    rows: Mapping[str, tuple[Row, ...]]
    nameless: tuple[Row, ...] = ()

    def one(self, ref: str) -> Row | None:
        """The row with this reference, if exactly one has it."""
        rows = self.rows.get(ref, ())
        return rows[0] if len(rows) == 1 else None


def view(snapshot: Snapshot, header_row: int, columns: Mapping[str, int], fields: tuple[str, ...]) -> Sheet:
    """The data rows of a snapshot, by reference. ``columns`` gives every field's 1-based column."""
    numbers = [columns[name] - 1 for name in fields]
    pick = itemgetter(*numbers) if len(numbers) > 1 else lambda cells: (cells[numbers[0]],)
    ref_index = fields.index(REFERENCE_FIELD)
    rows: dict[str, list[Row]] = defaultdict(list)
    nameless = []
    for row in snapshot.rows:
        if row.number <= header_row:
            continue
        cells = pick(row.cells)
        ref = cells[ref_index]
        if isinstance(ref, str):
            rows[_named(ref) or ref].append(Row(row.number, cells))
        elif any(cell is not None for cell in cells):
            nameless.append(Row(row.number, cells))
    return Sheet(fields, columns, {ref: tuple(found) for ref, found in rows.items()}, tuple(nameless))


def above_data(before: Snapshot, header_row: int, after: Snapshot, put: Iterable[CellWrite]) -> tuple[CellWrite, ...]:
    """What puts header and title rows right that a write by position hit because rows were inserted above meanwhile.

    ``put`` are the cells this run wrote so far. The header is the one row of ``after`` that shows the header of
    ``before``, but where it shows values of ours in their column; without exactly one such row nothing is done. What
    we put into a title row that was never read is blanked.
    """
    header = [*before.rows[header_row - 1].cells] if 0 < header_row <= len(before.rows) else []
    header += [None] * (after.width - len(header))
    ours: dict[int, set[Cell]] = defaultdict(set)
    places: dict[tuple[int, int], set[Cell]] = defaultdict(set)
    for cell in put:
        ours[cell.column].add(cell.new)
        places[cell.row, cell.column].add(cell.new)
    found = []
    for row in after.rows:
        wrong = [column for column, cell in enumerate(row.cells, start=1) if cell != header[column - 1]]
        right = any(cell is not None and cell == header[number] for number, cell in enumerate(row.cells))
        if right and all(row.cells[column - 1] in ours[column] for column in wrong):
            found.append((row, wrong))
    if len(found) != 1:
        return ()
    now, wrong = found[0]
    titles = {row.cells for row in before.rows[: header_row - 1]}
    strays = [
        CellWrite(None, row.number, column, cell, None)
        for row in after.rows[: now.number - 1]
        if row.cells not in titles
        for column, cell in enumerate(row.cells, start=1)
        if cell is not None and cell in places[row.number, column]
    ]
    return (
        *(CellWrite(None, now.number, column, now.cells[column - 1], header[column - 1]) for column in wrong),
        *strays,
    )


def with_cells(snapshot: Snapshot, cells: tuple[CellWrite, ...]) -> Snapshot:
    """The snapshot as it will be once these cells of rows it has are written."""
    rows = {row.number: row for row in snapshot.rows}
    for cell in cells:
        old = rows[cell.row]
        new = (*old.cells[: cell.column - 1], cell.new, *old.cells[cell.column :])
        rows[cell.row] = replace(old, cells=new)
    return replace(snapshot, rows=tuple(rows.values())) if cells else snapshot


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the read-back showed.

    ``confirmed``: (reference, field) of cells that stand where they should; appended rows count with field ``""``.
    ``changed``: cells a person changed meanwhile. ``repairs`` mend wrong rows and repeat what did not arrive,
    ``appends`` are rows that are not there. ``missing``: (reference, field) of what did not arrive, rows with field
    ``""``. ``victims``: those of the repairs of wrong rows. ``astray``: values by field that may stand in wrong rows,
    for the next read-back.
    """

    confirmed: frozenset[tuple[str, str]]
    changed: frozenset[tuple[str, str]] = frozenset()
    repairs: tuple[CellWrite, ...] = ()
    appends: tuple[RowAppend, ...] = ()
    missing: frozenset[tuple[str, str]] = frozenset()
    victims: frozenset[tuple[str, str]] = frozenset()
    astray: Mapping[str, frozenset[Cell]] = field(default_factory=dict)


def verify(
    plan: Plan,
    before: Sheet,
    after: Sheet,
    astray: Mapping[str, frozenset[Cell]] = MappingProxyType({}),
    put: Iterable[CellWrite] = (),
) -> Verdict:
    """Compare the table after a write with what the plan wanted.

    ``before`` is the snapshot it was planned from, ``astray`` what earlier verdicts of the same plan gave, ``put`` the
    cells that were written to repair what those had found.
    """
    return _Check(plan, before, after, astray, put).verdict()


class _Check:
    """Finds, for every row of the table now, the row it was before; then judges each cell from that.

    ``ours`` are by field the values the patch wrote: found where they do not belong, they went astray.
    ``put`` are all values written, by position: after an inserted column they may stand in another field. ``loose``
    are the references we wrote: they say nothing about a row, for they may have landed in another one.
    """

    def __init__(
        self,
        plan: Plan,
        before: Sheet,
        after: Sheet,
        astray: Mapping[str, frozenset[Cell]],
        put: Iterable[CellWrite],
    ) -> None:
        self.plan, self.before, self.after = plan, _with_new_rows(before, plan), after
        self.index = {name: index for index, name in enumerate(after.fields)}
        self.planned = {(write.ref, write.field): write.cell for write in plan.writes}
        self.ours: dict[str, set[Cell]] = defaultdict(set, {name: set(values) for name, values in astray.items()})
        for write in plan.writes:
            self.ours[write.field] |= forms(write.cell.new)
        if after.columns != before.columns:  # columns moved meanwhile: what we wrote may stand in any of them
            anything = set().union(*self.ours.values())
            names = (name for name in after.fields if name not in (REFERENCE_FIELD, NOTE_FIELD))
            self.ours = defaultdict(set, {name: set(anything) for name in names})
        self.put: dict[tuple[int, int], set[Cell]] = defaultdict(set)
        for cell in (*plan.cells, *put):
            self.put[cell.row, cell.column] |= forms(cell.new)
        self.given = {write.row: str(write.new) for write in plan.references}
        self.loose = {*self.given.values(), *astray.get(REFERENCE_FIELD, ())}
        self.confirmed: set[tuple[str, str]] = set()
        self.changed: set[tuple[str, str]] = set()
        self.victims: set[tuple[str, str]] = set()
        self.repairs: list[CellWrite] = []

    def verdict(self) -> Verdict:
        was = self._origins()
        for row in _all_rows(self.after):
            if row.number in was:
                self._reference(row, was[row.number])
                self._cells(row, was[row.number])
            else:
                self._unknown(row, {origin.number for origin in was.values()})
        self.changed |= {key for key in self.planned if key not in self.confirmed and not self._is_repaired(*key)}
        self._notes(was)
        there = {new.append.ref for new in self.plan.new_rows if self.after.rows.get(new.append.ref)}
        found = there | {self._ref(origin) for origin in was.values()}
        appends = tuple(self._placed(new.append) for new in self.plan.new_rows if new.append.ref not in found)
        return Verdict(
            frozenset(self.confirmed | {(ref, "") for ref in there}),
            frozenset(self.changed),
            tuple(self.repairs),
            appends,
            self._missing() | {(append.ref, "") for append in appends},
            frozenset(self.victims),
            self._astray(),
        )

    def _placed(self, append: RowAppend) -> RowAppend:
        """The row to add, by the columns of now."""
        names = {column: name for name, column in self.before.columns.items()}
        cells = {self.after.columns[names[column]]: cell for column, cell in append.cells.items()}
        return replace(append, cells=cells)

    # -- whose row is it ---------------------------------------------------------------------------------------

    def _origins(self) -> dict[int, Row]:
        """The row before, by the number of the row now: by its reference, else the only one with this content."""
        was = {
            row.number: origin
            for ref, rows in self.after.rows.items()
            if (origin := self.before.one(ref)) is not None
            for row in rows
            if ref not in self.loose or self._is_alike(origin, row)
        }
        open_now = [row for row in _all_rows(self.after) if row.number not in was]
        taken = {origin.number for origin in was.values()}
        open_then = {row.number: row for row in _all_rows(self.before) if row.number not in taken}
        for row in open_now:
            then_here = open_then.get(row.number)
            if then_here is not None and self._rests(then_here, row):
                was[row.number] = open_then.pop(row.number)
        # What is left was moved while we wrote: a few rows, or a sorted table on its first sync.
        open_now = [row for row in open_now if row.number not in was]
        alike = [(then, now) for now in open_now for then in open_then.values() if self._is_alike(then, now)]
        thens, nows = Counter(then.number for then, _ in alike), Counter(now.number for _, now in alike)
        for then, now in alike:
            if thens[then.number] == nows[now.number] == 1:
                was[now.number] = then
        return was

    def _rests(self, then: Row, now: Row) -> bool:
        """Whether the row is where it was, with the reference it should carry."""
        index = self.index[REFERENCE_FIELD]
        wanted = self.given.get(then.number, then.cells[index])
        return now.cells[index] == wanted and self._is_alike(then, now)

    def _ref(self, origin: Row) -> str | None:
        """The reference a row of before should carry now."""
        cell = self.given.get(origin.number) or origin.cells[self.index[REFERENCE_FIELD]]
        return _named(cell) if isinstance(cell, str) else None

    def _is_alike(self, then: Row, now: Row) -> bool:
        """Whether every cell is as before or as planned, or holds one of our values gone astray; one at least is."""
        shared = False
        for name, index in self.index.items():
            if name in (REFERENCE_FIELD, NOTE_FIELD):
                continue
            old, cell = then.cells[index], now.cells[index]
            if cell == old or (cell in self.ours[name] and self._is_planned(then, name, cell)):
                shared |= cell is not None
            elif cell not in self.ours[name]:
                return False
        return shared

    def _is_planned(self, then: Row, name: str, cell: Cell) -> bool:
        write = self.planned.get((self._ref(then) or "", name))
        return write is not None and write.new == cell

    # -- what belongs there ------------------------------------------------------------------------------------

    def _reference(self, row: Row, origin: Row) -> None:
        """Our reference in another's row goes back out; the row it was meant for gets it."""
        index = self.index[REFERENCE_FIELD]
        found, old = row.cells[index], origin.cells[index]
        wanted = self.given.get(origin.number, old)
        if found == wanted:
            if origin.number in self.given:
                self.confirmed.add((str(wanted), REFERENCE_FIELD))
        elif found == old or found in self.loose:
            self._put(None, row, REFERENCE_FIELD, wanted)

    def _cells(self, row: Row, origin: Row) -> None:
        """Each cell: as planned, else as it was if one of our values strayed there, from another row or column."""
        ref = self._ref(origin)
        for name, index in self.index.items():
            if name in (REFERENCE_FIELD, NOTE_FIELD):
                continue
            found, old = row.cells[index], origin.cells[index]
            write = self.planned.get((ref or "", name))
            wanted = old if write is None else write.new
            if found == wanted:
                if write is not None:
                    self.confirmed.add((write.ref or "", name))
                continue
            strayed = found in self.ours[name] or found in self.put.get((row.number, self.after.columns[name]), ())
            if strayed or (write is not None and found == old):
                if strayed:
                    self.victims.add((ref or "", name))
                self._put(ref, row, name, wanted)

    def _unknown(self, row: Row, known: set[int]) -> None:
        """A row that was not there before, or was edited beyond recognition: what we put there by position goes."""
        found = row.cells[self.index[REFERENCE_FIELD]]
        origin = next((number for number, ref in self.given.items() if ref == found), None)
        then = next((row for row in _all_rows(self.before) if row.number == origin), None)
        if then is not None:
            if origin in known or not self._shares(then, row):
                self._put(None, row, REFERENCE_FIELD, None)
            else:  # the row was edited meanwhile; it carries its reference all the same
                self.confirmed.add((str(found), REFERENCE_FIELD))
        for name, index in self.index.items():
            cell = row.cells[index]
            strayed = cell is not None and cell in self.put.get((row.number, self.after.columns[name]), ())
            own = (_named(found), name) in self.planned
            if strayed and not own and name not in (REFERENCE_FIELD, NOTE_FIELD):
                self._put(None, row, name, None)

    def _shares(self, then: Row, now: Row) -> bool:
        return any(
            then.cells[index] is not None and then.cells[index] == now.cells[index]
            for name, index in self.index.items()
            if name not in (REFERENCE_FIELD, NOTE_FIELD)
        )

    def _astray(self) -> dict[str, frozenset[Cell]]:
        names = {self.after.columns[name]: name for name in self.index if name != NOTE_FIELD}
        values = {name: set(values) for name, values in self.ours.items()}
        for repair in self.repairs:
            if repair.column in names:
                values.setdefault(names[repair.column], set()).add(repair.new)
        return {name: frozenset(found) for name, found in values.items()}

    def _missing(self) -> frozenset[tuple[str, str]]:
        """The cells of the plan that have to be written once more."""
        names = {column: name for name, column in self.after.columns.items()}
        wanted = {*self.planned, *((ref, REFERENCE_FIELD) for ref in self.given.values())}
        wanted |= {(note.ref, NOTE_FIELD) for note in self.plan.notes if note.ref}
        again = ((repair, names.get(repair.column, "")) for repair in self.repairs)
        return frozenset(
            wanted & {(str(each.new) if name == REFERENCE_FIELD else each.ref or "", name) for each, name in again}
        )

    def _is_repaired(self, ref: str, name: str) -> bool:
        column = self.after.columns[name]
        return any(repair.ref == ref and repair.column == column for repair in self.repairs)

    def _put(self, ref: str | None, row: Row, name: str, new: Cell) -> None:
        self.repairs.append(CellWrite(ref, row.number, self.after.columns[name], row.cells[self.index[name]], new))

    def _notes(self, was: Mapping[int, Row]) -> None:
        """A note that slid into another row is put right there, and put into the row it was meant for."""
        if NOTE_FIELD not in self.index:
            return
        index = self.index[NOTE_FIELD]
        rows: dict[str | None, list[Row]] = defaultdict(list)
        for now in _all_rows(self.after):
            if now.number in was:
                rows[self._ref(was[now.number])].append(now)
        for note in self.plan.notes:
            row = rows[note.ref][0] if note.ref and len(rows[note.ref]) == 1 else None
            if note.ref and row is not None:
                if row.cells[index] == note.new:
                    self.confirmed.add((note.ref, NOTE_FIELD))
                elif row.cells[index] == note.old:
                    self._put(note.ref, row, NOTE_FIELD, note.new)
            if note.ref and (note.ref, NOTE_FIELD) not in self.confirmed:
                self._note_victims(note.ref, note.new)

    def _note_victims(self, meant: str, new: Cell) -> None:
        index, noted = self.index[NOTE_FIELD], {note.ref for note in self.plan.notes}
        for ref, rows in self.after.rows.items():
            origin = self.before.one(ref)
            if ref == meant or ref in noted or origin is None or len(rows) != 1:
                continue
            if rows[0].cells[index] == new != origin.cells[index] and (ref, NOTE_FIELD) not in self.victims:
                self.victims.add((ref, NOTE_FIELD))
                self._put(ref, rows[0], NOTE_FIELD, origin.cells[index])


def _with_new_rows(sheet: Sheet, plan: Plan) -> Sheet:
    """The rows the plan adds stand among those of before, under numbers that no row has."""
    rows = dict(sheet.rows)
    for number, new in enumerate(plan.new_rows, start=1):
        cells = tuple(new.append.cells.get(sheet.columns[name]) for name in sheet.fields)
        rows[new.append.ref] = (*rows.get(new.append.ref, ()), Row(-number, cells))
    return replace(sheet, rows=rows)


def _all_rows(sheet: Sheet) -> list[Row]:
    return [*sheet.nameless, *(row for rows in sheet.rows.values() for row in rows)]


def _named(cell: Cell) -> str | None:
    """The reference in a cell, however it is spelled; the text itself where it is none."""
    if not isinstance(cell, str):
        return None
    read = read_reference(cell, "")
    return str(read) if isinstance(read, Reference) else cell
