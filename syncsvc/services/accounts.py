"""Draw up a run's receipt from what stood before it and what stands after it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from syncsvc.core.actions import Plan, Situation
from syncsvc.core.cells import decode, encode
from syncsvc.core.fields import Context, Field, field_for
from syncsvc.core.mapping import OWN_FIELDS
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Cell, Json, Record
from syncsvc.core.receipt import Cell as Account
from syncsvc.core.receipt import Receipt, Token, account
from syncsvc.core.verify import Sheet, view
from syncsvc.store.changes import Change, Where
from syncsvc.store.questions import NewQuestion


class Accountant:
    """Knows how to name the values of one table's columns."""

    def __init__(self, situation: Situation, plan: Plan) -> None:
        mapping: TableMapping = situation.mapping
        self.plan, self.situation = plan, situation
        self.context: Context = situation.context
        self.data = tuple(name for name in plan.fields if name not in OWN_FIELDS and name in mapping.shown)
        self.fields: dict[str, Field] = {
            column.field: field_for(column) for column in mapping.columns if column.field in plan.fields
        }
        self.columns = {name: place.column for name, place in plan.places.items() if name in plan.fields}
        self.before_sheet = view(situation.snapshot, plan.header_row, self.columns, plan.fields)

    def receipt(
        self,
        after: Mapping[tuple[str, str], Cell],
        records: Mapping[str, Record],
        history: Iterable[Change],
        questions: Iterable[NewQuestion],
    ) -> Receipt:
        """The receipt of the run. ``after`` are the table's cells by (reference, field) as read back."""
        before, now = {}, {}
        sheet = self.cells_before()
        for ref in self.plan.touched:
            old, new = self.situation.records.get(ref), records.get(ref)
            for name in self.data:
                key = (ref, name)
                before[key] = Account(self._cell(name, sheet.get(key)), self._value(name, _get(old, name)))
                now[key] = Account(self._cell(name, after.get(key)), self._value(name, _get(new, name)))
        return account(
            before,
            now,
            self._history(history),
            self._asked(questions),
            untouched=self.plan.untouched_values,
            waiting=self.plan.waiting_values,
        )

    def cells_before(self) -> dict[tuple[str, str], Cell]:
        """The touched rows' cells as the run found them, by the reference they have now."""
        return self._cells(self.plan.seen, self.before_sheet)

    def cells_of(self, sheet: Sheet) -> dict[tuple[str, str], Cell]:
        """The touched rows' cells in another reading of the table."""
        numbers = {ref: row.number for ref in self.plan.touched if (row := sheet.one(ref)) is not None}
        return self._cells(numbers, sheet)

    def planned(self) -> dict[tuple[str, str], Cell]:
        """The cells as they would stand if everything went to plan."""
        cells = self.cells_before()
        cells.update({(write.ref, write.field): write.cell.new for write in self.plan.writes})
        for new in self.plan.new_rows:
            cells.update({(new.append.ref, name): new.append.cells.get(self.columns[name]) for name in self.data})
        return cells

    def _cells(self, numbers: Mapping[str, int], sheet: Sheet) -> dict[tuple[str, str], Cell]:
        rows = {row.number: row for found in sheet.rows.values() for row in found}
        rows.update({row.number: row for row in sheet.nameless})
        index = {name: position for position, name in enumerate(sheet.fields)}
        return {
            (ref, name): rows[number].cells[index[name]]
            for ref, number in numbers.items()
            if ref in self.plan.touched and number in rows
            for name in self.data
        }

    def _cell(self, name: str, cell: Cell) -> Token:
        reading = self.fields[name].parse(cell, self.context)
        if reading.accepted:
            return self._value(name, reading.value)
        return ("cell", json.dumps(encode(cell)))

    def _value(self, name: str, value: Json) -> Token:
        return None if value is None else ("value", self.fields[name].key(value))

    def _history(self, changes: Iterable[Change]) -> dict[tuple[str, str], frozenset[Token]]:
        tokens: dict[tuple[str, str], set[Token]] = defaultdict(set)
        for change in changes:
            if change.field in self.data:
                on_record = change.side is Where.RECORD
                old = (
                    self._value(change.field, change.old) if on_record else self._cell(change.field, decode(change.old))
                )
                tokens[change.ref, change.field].add(old)
        return {key: frozenset(found) for key, found in tokens.items()}

    def _asked(self, questions: Iterable[NewQuestion]) -> dict[tuple[str, str], frozenset[Token]]:
        tokens: dict[tuple[str, str], set[Token]] = defaultdict(set)
        for question in questions:
            if question.ref is None or question.field not in self.data:
                continue
            for cell in question.cells:
                document: Mapping[str, Any] = cell.document
                held = tokens[cell.ref, question.field]
                held |= {self._value(question.field, document.get(part)) for part in ("record", "proposal")}
                if "raw" in document:
                    held.add(self._cell(question.field, decode(document["raw"])))
                for name, raw in document.get("beside", {}).items():
                    tokens[cell.ref, name].add(self._cell(name, decode(raw)))
        return {key: frozenset(found) for key, found in tokens.items()}


def _get(record: Record | None, name: str) -> Json:
    return None if record is None else record.values.get(name)
