"""Rectangles of a sheet. Google counts from 0 and excludes the end; here everything counts from 1 and includes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from syncsvc.core.binding import column_letter

EDGE = 10**9
"""Stands for the open end of a range."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle; ``bottom`` and ``right`` may lie beyond the sheet."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def of(cls, grid_range: Mapping[str, Any]) -> Area:
        """The rectangle of a GridRange; an index that is missing is an open side."""
        return cls(
            grid_range.get("startRowIndex", 0) + 1,
            grid_range.get("endRowIndex", EDGE),
            grid_range.get("startColumnIndex", 0) + 1,
            grid_range.get("endColumnIndex", EDGE),
        )

    def __contains__(self, cell: tuple[int, int]) -> bool:
        row, column = cell
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    @property
    def text(self) -> str:
        """The rectangle in words: „Der Bereich A2:C40“."""
        rows = ("", "") if self.bottom >= EDGE else (str(self.top), str(self.bottom))
        if self.right >= EDGE:
            return f"Der Bereich der Zeilen {rows[0]} bis {rows[1]}" if rows[0] else "Das ganze Blatt"
        top = rows[0] or (str(self.top) if self.top > 1 else "")
        return f"Der Bereich {column_letter(self.left)}{top}:{column_letter(self.right)}{rows[1]}"

    def cells(self, rows: int, columns: int) -> Iterator[tuple[int, int]]:
        """The (row, column) of its cells within the first ``rows`` and ``columns``."""
        for row in range(self.top, min(self.bottom, rows) + 1):
            for column in range(self.left, min(self.right, columns) + 1):
                yield row, column


def grid_range(sheet_id: int, area: Area) -> dict[str, int]:
    """The GridRange of a rectangle."""
    found = {
        "sheetId": sheet_id,
        "startRowIndex": area.top - 1,
        "endRowIndex": area.bottom,
        "startColumnIndex": area.left - 1,
        "endColumnIndex": area.right,
    }
    return {name: index for name, index in found.items() if index < EDGE}
