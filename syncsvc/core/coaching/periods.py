"""Which of one woman's assignments collide.

Source of the rule: two individual coachings by different providers at the same time have to be talked about; one
beside a measure that only contains accompaniment is worth a hint; up to fourteen days are a hand-over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

HANDOVER_DAYS = 14


class Coaching(StrEnum):
    """How much coaching a measure is."""

    HARD = "hard"
    """Individual accompaniment by a named coach."""
    SOFT = "soft"
    """Accompaniment is a part of it, or it is not known which kind it is."""
    NONE = "none"
    """No coaching: language courses, vocational training, counselling."""


class Weight(StrEnum):
    """What a collision asks of people."""

    CLARIFY = "clarify"
    """Two individual coachings at the same time: has to be talked about."""
    HINT = "hint"
    """An individual coaching beside a measure with accompaniment."""
    HANDOVER = "handover"
    """At most fourteen days: probably one hands over to the other."""
    DOUBLED = "doubled"
    """Twice the same provider: rather a row entered twice than two coachings."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one entry says a woman takes part in, both days included; None is open.

    ``person`` is the id of the entry. ``provider`` names who coaches, ``""`` where nobody knows: an unknown provider
    differs from every other.
    """

    person: str
    provider: str
    coaching: Coaching
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Collision:
    """Two assignments that run at the same time, from ``first`` to ``last`` (None: open), both days included."""

    a: Assignment
    b: Assignment
    weight: Weight
    first: date | None
    last: date | None

    @property
    def days(self) -> int | None:
        """How many days both run; None where an end is open."""
        return (self.last - self.first).days + 1 if self.first and self.last else None


def collision(a: Assignment, b: Assignment) -> Collision | None:
    """How two assignments of one woman collide, if they do.

    The day on which one ends and the other begins is a hand-over, no overlap. Two soft ones never collide.
    """
    if Coaching.NONE in (a.coaching, b.coaching) or Coaching.HARD not in (a.coaching, b.coaching):
        return None
    if not (_begins_before_end(a, b) and _begins_before_end(b, a)):
        return None
    first = max((day for day in (a.start, b.start) if day), default=None)
    last = min((day for day in (a.end, b.end) if day), default=None)
    return Collision(a, b, _weight(a, b, first, last), first, last)


def collisions(assignments: Iterable[Assignment], same: Iterable[tuple[str, str]]) -> Iterator[Collision]:
    """The collisions between entries held to be one woman: ``same`` are pairs of entry ids, in their order.

    An entry with several assignments is compared with each of the other's, not with itself.
    """
    by_person: dict[str, list[Assignment]] = {}
    for assignment in assignments:
        by_person.setdefault(assignment.person, []).append(assignment)
    for a, b in same:
        yield from _between(by_person.get(a, ()), by_person.get(b, ()))


def _between(ones: Sequence[Assignment], others: Sequence[Assignment]) -> Iterator[Collision]:
    for one in ones:
        for other in others:
            if found := collision(one, other):
                yield found


def _begins_before_end(one: Assignment, other: Assignment) -> bool:
    return one.start is None or other.end is None or one.start < other.end


def _weight(a: Assignment, b: Assignment, first: date | None, last: date | None) -> Weight:
    if a.provider and a.provider == b.provider:
        return Weight.DOUBLED
    if first and last and (last - first).days < HANDOVER_DAYS:
        return Weight.HANDOVER
    return Weight.CLARIFY if a.coaching == b.coaching == Coaching.HARD else Weight.HINT
