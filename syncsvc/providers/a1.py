"""Cell ranges as Excel writes them, in a file as on the network: ``A1`` and ``A1:F20``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

from syncsvc.core.binding import column_letter

_RANGE = re.compile(r"([A-Z]{1,3})(\d+)(?::([A-Z]{1,3})(\d+))?")


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    return f"{column_letter(column)}{row}"


@dataclass(frozen=True, slots=True)
class Range:
    """A block of cells; rows and columns count from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The range, or None for what is no block of cells (a whole column, a name)."""
        match = _RANGE.fullmatch(text)
        if match is None:
            return None
        left, top, right, bottom = match.groups()
        first = (int(top), column_number(left))
        return cls(*first, int(bottom or top), column_number(right or left))

    def __str__(self) -> str:
        first, last = address(self.top, self.left), address(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    def __contains__(self, cell: tuple[int, int]) -> bool:
        return self.top <= cell[0] <= self.bottom and self.left <= cell[1] <= self.right

    @property
    def size(self) -> int:
        """The number of its cells."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def down_to(self, row: int) -> Self:
        return replace(self, bottom=row)
