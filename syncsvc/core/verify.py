"""Read-back: did every cell of a patch arrive in the right row, and what mends it if not.

A platform without conditional writes puts a cell at a position; if people sorted meanwhile, that is another woman's
row. So after a write every cell is looked up by reference, and a victim gets back what our snapshot says she had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

from syncsvc.core.actions import Plan
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Cell, CellWrite, RowAppend, Snapshot
from syncsvc.core.references import Reference, read_reference


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
            read = read_reference(ref, "")
            rows[str(read) if isinstance(read, Reference) else ref].append(Row(row.number, cells))
        elif any(cell is not None for cell in cells):
            nameless.append(Row(row.number, cells))
    return Sheet(fields, columns, {ref: tuple(found) for ref, found in rows.items()}, tuple(nameless))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the read-back showed.

    ``confirmed``: (reference, field) of cells that stand where they should; appended rows count with field ``""``.
    ``changed``: cells a person changed meanwhile. ``repairs`` mend wrong rows and repeat what did not arrive,
    ``appends`` are rows that are not there. ``victims``: (reference, field) put back by the repairs.
    """

    confirmed: frozenset[tuple[str, str]]
    changed: frozenset[tuple[str, str]] = frozenset()
    repairs: tuple[CellWrite, ...] = ()
    appends: tuple[RowAppend, ...] = ()
    victims: frozenset[tuple[str, str]] = frozenset()


def verify(plan: Plan, before: Sheet, after: Sheet) -> Verdict:
    """Compare the table after a write with what the plan wanted. ``before`` is the snapshot it was planned from."""
    return _Check(plan, before, after).verdict()


class _Check:
    def __init__(self, plan: Plan, before: Sheet, after: Sheet) -> None:
        self.plan, self.before, self.after = plan, before, after
        self.index = {name: index for index, name in enumerate(after.fields)}
        self.planned = {(write.ref, write.field): write.cell.new for write in plan.writes}
        self.confirmed: set[tuple[str, str]] = set()
        self.changed: set[tuple[str, str]] = set()
        self.victims: set[tuple[str, str]] = set()
        self.repairs: list[CellWrite] = []

    def verdict(self) -> Verdict:
        self._references()
        for write in self.plan.writes:
            self._cell(write.ref, write.field, write.cell.old, write.cell.new)
        self._notes()
        appends = []
        for new in self.plan.new_rows:
            if self.after.rows.get(new.append.ref):
                self.confirmed.add((new.append.ref, ""))
            else:
                appends.append(new.append)
        return Verdict(
            frozenset(self.confirmed),
            frozenset(self.changed),
            tuple(self.repairs),
            tuple(appends),
            frozenset(self.victims),
        )

    def _cell(self, ref: str, name: str, old: Cell, new: Cell) -> None:
        row = self.after.one(ref)
        if row is None:
            self.changed.add((ref, name))
            return
        found = row.cells[self.index[name]]
        if found == new:
            self.confirmed.add((ref, name))
        elif found != old:
            self.changed.add((ref, name))
        else:
            self._put(ref, row, name, new)
        if found != new:
            self._find_victims(ref, name, new)

    def _put(self, ref: str | None, row: Row, name: str, new: Cell) -> None:
        self.repairs.append(CellWrite(ref, row.number, self.after.columns[name], row.cells[self.index[name]], new))

    def _find_victims(self, meant: str, name: str, new: Cell) -> None:
        """Rows that show our value in this column although it was meant for another, and had something else before."""
        index = self.index[name]
        for ref, rows in self.after.rows.items():
            was = self.before.one(ref)
            if ref == meant or was is None or len(rows) != 1 or (ref, name) in self.planned:
                continue
            if rows[0].cells[index] == new != was.cells[index] and (ref, name) not in self.victims:
                self.victims.add((ref, name))
                self._put(ref, rows[0], name, was.cells[index])

    def _notes(self) -> None:
        """A note that slid into another row is put right there; the row it was meant for gets its own next time."""
        if NOTE_FIELD not in self.index:
            return
        for note in self.plan.notes:
            row = self.after.one(note.ref) if note.ref else None
            if note.ref and row is not None:
                if row.cells[self.index[NOTE_FIELD]] == note.new:
                    self.confirmed.add((note.ref, NOTE_FIELD))
                elif row.cells[self.index[NOTE_FIELD]] == note.old:
                    self._put(note.ref, row, NOTE_FIELD, note.new)
            if note.ref and (note.ref, NOTE_FIELD) not in self.confirmed:
                self._find_victims(note.ref, NOTE_FIELD, note.new)

    def _references(self) -> None:
        """A reference given to a row must stand in that row: its content, not its position, says which it is."""
        wanted = {write.row: write for write in self.plan.references}
        rows_before = {row.number: row for rows in self.before.rows.values() for row in rows}
        rows_before.update({row.number: row for row in self.before.nameless})
        for number, write in wanted.items():
            ref, row = str(write.new), rows_before.get(number)
            holder = self.after.one(ref)
            if row is None or holder is None or self._content(holder, ref) == self._content(row, ref):
                if holder is not None:
                    self.confirmed.add((ref, REFERENCE_FIELD))
                continue
            meant = self._alike(self._content(row, ref), self.after.nameless)
            owner = self._lost_owner(holder)
            if meant is None and owner is None:
                continue  # the row was edited meanwhile; it carries its reference all the same
            self._put(None, holder, REFERENCE_FIELD, owner)
            if meant is not None:
                self._put(None, meant, REFERENCE_FIELD, ref)

    def _content(self, row: Row, ref: str) -> tuple[Cell, ...]:
        """A row's data with our planned writes in it, so that before and after compare."""
        return tuple(
            self.planned.get((ref, name), cell)
            for name, cell in zip(self.after.fields, row.cells, strict=True)
            if name not in (REFERENCE_FIELD, NOTE_FIELD)
        )

    def _alike(self, content: tuple[Cell, ...], rows: Iterable[Row]) -> Row | None:
        found = [row for row in rows if self._content(row, "") == content]
        return found[0] if len(found) == 1 else None

    def _lost_owner(self, holder: Row) -> str | None:
        """Whose reference ours replaced: a row that had this content before and is nowhere now."""
        lost = [ref for ref in self.before.rows if ref not in self.after.rows]
        owners = [
            ref
            for ref in lost
            if (row := self.before.one(ref)) and self._content(row, ref) == self._content(holder, ref)
        ]
        return owners[0] if len(owners) == 1 else None
