"""A1 notation: how ranges are written in addresses and answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CELL = r"\$?([A-Za-z]{1,3})?\$?([1-9]\d*)?"
_RANGE = re.compile(rf"{_CELL}(?::{_CELL})?")


@dataclass(frozen=True)
class Box:
    """A rectangle on a sheet: from (counted from 0) to behind its end; None where it has no bound."""

    top: int | None = None
    bottom: int | None = None
    left: int | None = None
    right: int | None = None

    def clipped(self, rows: int, columns: int) -> Block:
        """The box on a grid of this size, with all four bounds."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Block(self.top or 0, bottom, self.left or 0, right)

    def touches(self, other: Box) -> bool:
        """Whether the two have a cell in common."""
        return _overlap(self.top, self.bottom, other.top, other.bottom) and _overlap(
            self.left, self.right, other.left, other.right
        )

    def holds(self, row: int, column: int) -> bool:
        return self.touches(Box(row, row + 1, column, column + 1))


@dataclass(frozen=True)
class Block(Box):
    """A box with all four bounds."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def _overlap(start: int | None, end: int | None, other_start: int | None, other_end: int | None) -> bool:
    return (end is None or (other_start or 0) < end) and (other_end is None or (start or 0) < other_end)


def letters(column: int) -> str:
    """The letters of a column counted from 0: A, B, … Z, AA."""
    column, text = column + 1, ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def number(text: str) -> int:
    """The column of these letters, counted from 0."""
    result = 0
    for letter in text.upper():
        result = result * 26 + ord(letter) - 64
    return result - 1


def quoted(title: str) -> str:
    """As Google writes a title: in quotes unless it is all ASCII letters, digits and _, and looks like no cell."""
    plain = re.fullmatch(r"[A-Za-z0-9_]+", title) and not re.fullmatch(r"[A-Za-z]{1,3}\d+|\d.*", title)
    return title if plain else "'" + title.replace("'", "''") + "'"


def split(text: str) -> tuple[str | None, str | None]:
    """Title and cells of ``'Tab ''1'''!A1:B2``; either may be missing. A lone plain name comes back as cells."""
    if match := re.fullmatch(r"'((?:[^']|'')+)'(?:!(.*))?", text, re.DOTALL):
        return match[1].replace("''", "'"), match[2]
    title, mark, cells = text.rpartition("!")
    return (title, cells) if mark else (None, text)


def box(cells: str) -> Box | None:
    """The box of ``B2``, ``A1:C``, ``2:2`` or ``D4:A1``; None when it is no range."""
    match = _RANGE.fullmatch(cells)
    if not cells or not match or not (match[1] or match[2]):
        return None
    if ":" not in cells:
        if not (match[1] and match[2]):
            return None
        row, column = int(match[2]) - 1, number(match[1])
        return Box(row, row + 1, column, column + 1)
    if not (match[3] or match[4]):
        return None
    return Box(*_bounds(_row(match[2]), _row(match[4])), *_bounds(_column(match[1]), _column(match[3])))


def _row(text: str | None) -> int | None:
    return int(text) - 1 if text else None


def _column(text: str | None) -> int | None:
    return number(text) if text else None


def _bounds(one: int | None, other: int | None) -> tuple[int | None, int | None]:
    """Start and end; with one bound missing the range runs on (``A5:B``, ``A1:A``)."""
    if one is None or other is None:
        return (one if one is not None else other), None
    return min(one, other), max(one, other) + 1


def named(title: str, area: Box, rows: int, columns: int) -> str:
    """``Title!A1:C3`` for a box on a grid of this size; a single cell without the colon."""
    block = area.clipped(rows, columns)
    first = f"{letters(block.left)}{block.top + 1}"
    last = f"{letters(block.right - 1)}{block.bottom}"
    return f"{quoted(title)}!{first if first == last else f'{first}:{last}'}"
