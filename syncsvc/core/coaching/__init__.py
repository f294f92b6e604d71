"""Who is the same person, and which of her coachings collide. Values in, values out; nothing is ever merged."""

from syncsvc.core.coaching.columns import Statistics
from syncsvc.core.coaching.matching import compare, keys, same_persons
from syncsvc.core.coaching.periods import Assignment, Coaching, Collision, Weight, collision, collisions
from syncsvc.core.coaching.persons import Grade, Pair, Person

__all__ = [
    "Assignment",
    "Coaching",
    "Collision",
    "Grade",
    "Pair",
    "Person",
    "Statistics",
    "Weight",
    "collision",
    "collisions",
    "compare",
    "keys",
    "same_persons",
]
