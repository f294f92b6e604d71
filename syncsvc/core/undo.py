"""Plan to take back what one run did: every cell to what stood there before, unless it was edited since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncsvc.core.actions import Plan, RecordChange, Settled, Situation, TableWrite
from syncsvc.core.bases import base_fields
from syncsvc.core.binding import bind
from syncsvc.core.fields import field_for
from syncsvc.core.mapping import OWN_FIELDS, REFERENCE_FIELD
from syncsvc.core.model import Cell, CellWrite, Covered, Formula, Json, Side
from syncsvc.core.verify import view


@dataclass(frozen=True, slots=True)
class CellChange:
    """What a run did to one cell: the record's value and the sheet's cell before and after, where it changed them."""

    record: tuple[Json, Json] | None = None
    sheet: tuple[Cell, Cell] | None = None


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A change that is not taken back, and why, in one German sentence."""

    ref: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunAccount:
    """What a run did. ``created`` and ``appended`` rows stay; ``contested`` cells have a proposal of their own."""

    cells: Mapping[tuple[str, str], CellChange]
    created: frozenset[str] = frozenset()
    appended: frozenset[str] = frozenset()
    contested: frozenset[tuple[str, str]] = frozenset()


def plan_undo(situation: Situation, account: RunAccount) -> tuple[Plan, tuple[LeftAlone, ...]]:
    """The plan that takes the run back, and what it leaves alone."""
    return _Undo(situation, account).plan()


class _Undo:
    def __init__(self, situation: Situation, account: RunAccount) -> None:
        self.s, self.account = situation, account
        self.left: list[LeftAlone] = []
        self.changes: list[RecordChange] = []
        self.settled: list[Settled] = []
        self.writes: list[TableWrite] = []

    def plan(self) -> tuple[Plan, tuple[LeftAlone, ...]]:
        s = self.s
        version, number = s.snapshot.version, s.table.next_number
        binding = bind(s.mapping, s.snapshot, s.places, s.base)
        if binding is None or REFERENCE_FIELD not in binding.columns:
            reason = "Die Kopfzeile der Tabelle ist nicht zu finden."
            left = tuple(LeftAlone(ref, name, reason) for ref, name in sorted(self.account.cells))
            return Plan(version, next_number=number, partial=True), left
        fields = tuple(name for name in base_fields(s.mapping) if name in binding.columns)
        columns = {name: binding.columns[name] for name in fields}
        sheet = view(s.snapshot, binding.header_row, columns, fields)
        for (ref, name), change in sorted(self.account.cells.items()):
            if name in OWN_FIELDS:
                continue
            reason = self._fixed(ref, name, fields)
            row = sheet.one(ref)
            if not reason and row is None:
                reason = "Die Zeile steht nicht mehr in der Tabelle."
            if not reason and row is not None:
                reason = self._take_back(ref, name, change, row.number, row.cells[fields.index(name)], columns[name])
            if reason:
                self.left.append(LeftAlone(ref, name, reason))
        plan = Plan(
            version,
            header_row=binding.header_row,
            ref_column=columns[REFERENCE_FIELD],
            fields=fields,
            record_changes=tuple(self.changes),
            settled=tuple(self.settled),
            writes=tuple(self.writes),
            seen={ref: row.number for ref in sheet.rows if (row := sheet.one(ref)) is not None},
            places=binding.places(s.places),
            rows=len(sheet.rows) + len(sheet.nameless),
            touched=frozenset(item.ref for item in self.settled) | {write.ref for write in self.writes},
            next_number=number,
            partial=True,
        )
        return plan, tuple(self.left)

    def _fixed(self, ref: str, name: str, fields: tuple[str, ...]) -> str:
        if ref in self.account.created:
            return "Der Datensatz wurde in diesem Abgleich angelegt; er bleibt."
        if ref in self.account.appended:
            return "Die Zeile wurde in diesem Abgleich angefügt; sie bleibt."
        if (ref, name) in self.account.contested:
            return "Dazu ist eine Klärung offen; bitte dort entscheiden."
        if name not in fields or name not in self.s.mapping.shown:
            return "Die Spalte wird nicht mehr abgeglichen."
        return "" if ref in self.s.records else "Den Datensatz gibt es nicht mehr."

    def _take_back(self, ref: str, name: str, change: CellChange, number: int, raw: Cell, column: int) -> str:
        """Put both sides back to what stood there before the run. Returns why not, or ``""``."""
        mapped = self.s.mapping.column(name)
        assert mapped is not None
        field, context, record = field_for(mapped), self.s.context, self.s.records[ref].values.get(name)

        if change.record is not None:
            old, new = change.record
            back = field.format(old, context)
        else:
            assert change.sheet is not None
            back = change.sheet[0]
            before, wrote = (field.parse(cell, context) for cell in change.sheet)
            if not before.accepted:
                return "Dort stand vorher etwas Unlesbares."
            old, new = before.value, wrote.value
        now = field.parse(raw, context)
        if not now.accepted or {field.key(now.value), field.key(record)} != {field.key(new)}:
            return "Seitdem geändert."
        if isinstance(raw, Formula | Covered) or (number, column) in self.s.snapshot.locked:
            return "In der Zelle rechnet eine Formel, oder sie ist geschützt."
        side = Side.JOBCENTRE if mapped.owner is Side.JOBCENTRE else Side.PROJECT
        self.changes.append(RecordChange(ref, name, record, old, side, number))
        self.writes.append(TableWrite(ref, name, CellWrite(ref, number, column, raw, back), old, new))
        return ""
