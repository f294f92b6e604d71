"""Who wrote what into which cell, in which order, and what the service had been shown before.

Edits are found by comparing a spreadsheet before and after, cell by cell identity, so no way to change one is missed.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakes.google.grid import Cell, Entered, Sheet, Spreadsheet

Place = tuple[Cell, str, int, int]


@dataclass(frozen=True)
class Edit:
    """One cell's content changed. ``cell`` is its identity, which follows it through sorts, inserts and moves.

    ``tab``, ``row`` and ``column`` (from 1) say where it stood at that moment; ``gone`` that it was deleted with its
    row, column or tab, or by a paste of another cell over it.
    """

    number: int
    act: int
    who: str
    human: bool
    file: str
    cell: int
    tab: str
    row: int
    column: int
    old: Entered
    new: Entered
    gone: bool = False


@dataclass(frozen=True)
class Overwrite:
    """A write of the service that replaced what a person had entered; ``seen`` if an answer had shown it that."""

    human: Edit
    service: Edit
    seen: bool


class Journal:
    """All edits of all files on one server."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.overwrites: list[Overwrite] = []
        self._acts = 0
        self._last: dict[int, Edit] = {}
        self._shown: dict[int, int] = {}

    def record(self, before: Spreadsheet, after: Spreadsheet, who: str, *, human: bool) -> int:
        """Note every cell whose content differs between two states of a document; the number of this act."""
        self._acts += 1
        old, new = _changed_cells(before, after), _changed_cells(after, before)
        for uid in sorted(old.keys() | new.keys()):
            was, place = old.get(uid), new.get(uid)
            entered = place[0].entered if place else None
            earlier = was[0].entered if was else None
            if earlier == entered and type(earlier) is type(entered):
                continue
            _, tab, row, column = place or was or (None, "", 0, 0)
            number = len(self.edits) + 1
            edit = Edit(
                number, self._acts, who, human, after.id, uid, tab, row, column, earlier, entered, gone=place is None
            )
            self._note(edit)
        return self._acts

    def _note(self, edit: Edit) -> None:
        last = self._last.get(edit.cell)
        if not edit.human and last is not None and last.human:
            seen = self._shown.get(edit.cell, 0) >= last.number
            self.overwrites.append(Overwrite(last, edit, seen))
        self.edits.append(edit)
        self._last[edit.cell] = edit

    def current(self, uids: set[int]) -> dict[int, int]:
        """For each of these cells the number of its last edit: what an answer made now would show."""
        return {uid: self._last[uid].number for uid in uids if uid in self._last}

    def show(self, numbers: dict[int, int]) -> None:
        """An answer with these states reached the service."""
        self._shown.update(numbers)


def _changed_cells(one: Spreadsheet, other: Spreadsheet) -> dict[int, Place]:
    """The cells of ``one`` on rows that ``other`` does not have just so; equal rows are the same object in both."""
    same = {id(row) for sheet in other.sheets for row in sheet.rows}
    found: dict[int, Place] = {}
    for sheet in one.sheets:
        for number, row in enumerate(sheet.rows, start=1):
            if row.cells and id(row) not in same:
                found |= _cells(sheet, number)
    return found


def _cells(sheet: Sheet, number: int) -> dict[int, Place]:
    cells = sheet.rows[number - 1].cells
    return {cell.uid: (cell, sheet.title, number, column) for column, cell in enumerate(cells, start=1) if cell.uid}
