"""Finding the same woman in a list, or for one new entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from syncsvc.core.coaching.persons import Pair, Person


@dataclass(frozen=True)
class Statistics:
    """How often names, days and contacts occur in the whole programme; no person can be read from it."""

    people: int = 0

    @classmethod
    def of(cls, people: Sequence[Person]) -> Statistics:
        """Counted over all entries of the programme."""
        return cls(len(people))


def keys(person: Person) -> tuple[str, ...]:
    """What an entry can be found by: two entries with no key in common are never compared.

    Stored only as keyed hashes, they let the service find whom to compare with a new entry.
    """
    raise NotImplementedError


def same_persons(people: Sequence[Person], *, progress: Callable[[float], None] = lambda share: None) -> list[Pair]:
    """The pairs of entries that are, or may be, one woman, the surest first."""
    raise NotImplementedError


def compare(a: Person, b: Person, statistics: Statistics) -> Pair | None:
    """What ``same_persons`` says about these two in a list with these statistics; None: not the same woman."""
    raise NotImplementedError
