"""Cells to write put together into rectangles, so that one request carries many of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Protocol, TypeVar


class Placed(Protocol):
    """Something for one cell; row and column count from 1."""

    @property
    def row(self) -> int: ...
    @property
    def column(self) -> int: ...


T = TypeVar("T", bound=Placed)


def one_kind(_: Placed) -> Hashable:
    """For cells of which any may stand together."""
    return None


def blocks(cells: Iterable[T], kind: Callable[[T], Hashable] = one_kind) -> list[list[list[T]]]:
    """Full rectangles, each as its lines: adjacent cells of one ``kind``, lines of the same columns in adjacent rows
    put together.
    """
    found: dict[Hashable, list[list[T]]] = {}
    for line in _lines(cells, kind):
        first = line[0]
        block = found.pop((first.column, len(line), kind(first), first.row - 1), [])
        block.append(line)
        found[first.column, len(line), kind(first), first.row] = block
    return list(found.values())


def _lines(cells: Iterable[T], kind: Callable[[T], Hashable]) -> Iterator[list[T]]:
    line: list[T] = []
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        if line and (cell.row, cell.column, kind(cell)) == (line[-1].row, line[-1].column + 1, kind(line[0])):
            line.append(cell)
            continue
        if line:
            yield line
        line = [cell]
    if line:
        yield line
