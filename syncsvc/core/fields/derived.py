"""What is built once from a part of the context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")


class Derived(Generic[S, T]):
    """Something built from a part of the context, built again only when another part is handed in.

    A run hands the same directory to every cell; folding it once per cell would cost more than all the rest.
    """

    def __init__(self, build: Callable[[S], T]) -> None:
        self._build = build
        self._last: tuple[S, T] | None = None

    def __call__(self, source: S) -> T:
        last = self._last
        if last is None or last[0] is not source:
            last = self._last = (source, self._build(source))
        return last[1]
