"""The base of one table while a run moves it, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from syncsvc.core.bases import unsettled
from syncsvc.core.cells import digest
from syncsvc.core.model import Base, BaseRow, Cell, Flip, Json, Overruled, RowState, Unsettled

OLDER_ROWS = 20
"""How many earlier states of a row are remembered, to recognise a restored file."""


class Ledger:
    """Gathers the base rows that change. ``shown`` are the data fields by which a restored row is recognised."""

    def __init__(self, base: Base, shown: Iterable[str]) -> None:
        self.fields = base.fields
        self._rows, self._positions = dict(base.rows), base.positions
        self._index = {name: index for index, name in enumerate(base.fields)}
        self._shown = tuple(self._index[name] for name in base.fields if name in set(shown))
        self._changed: set[str] = set()
        self._dropped: set[str] = set()

    @property
    def base(self) -> Base:
        """The base as moved so far; later moves do not change it."""
        return Base(self.fields, dict(self._rows), self._positions)

    def row(self, ref: str) -> BaseRow | None:
        return self._rows.get(ref)

    def move(self, ref: str, field: str, raw: Cell, agreed: Json | Overruled, flip: Flip | None = None) -> None:
        """This cell is settled: ``raw`` stands in the table and means ``agreed``. ``flip`` None forgets the field's."""
        row = self._touch(ref)
        index = self._index[field]
        flips = {name: value for name, value in row.flips.items() if name != field}
        if flip is not None:
            flips[field] = flip
        self._rows[ref] = replace(
            row,
            raw=(*row.raw[:index], raw, *row.raw[index + 1 :]),
            agreed=(*row.agreed[:index], agreed, *row.agreed[index + 1 :]),
            flips=flips,
        )

    def state(self, ref: str, state: RowState) -> None:
        self._rows[ref] = replace(self._touch(ref), state=state)

    def forget(self, ref: str) -> None:
        """Nothing is agreed about this row any more."""
        self._rows.pop(ref, None)
        self._changed.discard(ref)
        self._dropped.add(ref)

    def take(self) -> tuple[list[BaseRow], list[str]]:
        """The rows to save and the references to drop since the last call."""
        rows, dropped = [self._rows[ref] for ref in sorted(self._changed)], sorted(self._dropped)
        self._changed.clear()
        self._dropped.clear()
        return rows, dropped

    def _touch(self, ref: str) -> BaseRow:
        """The row to change; what it showed until now becomes one of its older states, once in a run."""
        self._dropped.discard(ref)
        row = self._rows.get(ref)
        if row is None:
            row = unsettled(ref, self.fields)
        elif ref not in self._changed:
            cells = tuple(None if isinstance(row.raw[i], Unsettled) else row.raw[i] for i in self._shown)
            name = digest(cells)
            row = replace(row, older=(*(old for old in row.older if old != name), name)[-OLDER_ROWS:])
        self._changed.add(ref)
        return row
