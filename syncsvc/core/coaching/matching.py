"""Finding the same woman in a list, or for one new entry.

Pairs are never joined to groups: a woman's entries are told two by two, so that one doubtful pair between relatives
joins no two families.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from syncsvc.core.coaching import candidates, explanation
from syncsvc.core.coaching.columns import Columns, Statistics
from syncsvc.core.coaching.comparison import features
from syncsvc.core.coaching.entries import entry
from syncsvc.core.coaching.persons import Pair, Person
from syncsvc.core.coaching.score import chances, grades, reviewed

Progress = Callable[[float], None]
_CHUNK = 1 << 14
"""Pairs compared at once: what is known of each takes a kilobyte."""


def silent(share: float) -> None:
    """Nobody wants to know how far it is."""


def keys(person: Person) -> frozenset[str]:
    """What an entry can be found by: two entries with no key in common are never compared.

    They name the person and are to be stored as keyed hashes only.
    """
    return frozenset(candidates.keys(entry(person)))


def same_persons(people: Sequence[Person], *, progress: Progress = silent) -> list[Pair]:
    """The pairs of entries that are, or may be, one woman, the surest first.

    ``progress`` is told the share that is done, 0 to 1. 30,000 entries take a few seconds and below 300 MiB.
    """
    entries = [entry(person) for person in people]
    progress(0.25)
    pairs = candidates.candidate_pairs(entries)
    columns = Columns(entries, Statistics.counted(entries))
    del entries
    progress(0.5)
    pairs = candidates.worth_comparing(columns, pairs)
    found: list[Pair] = []
    for start in range(0, len(pairs), _CHUNK):
        found += _pairs(people, columns, pairs[start : start + _CHUNK])
        progress(0.5 + 0.5 * min(start + _CHUNK, len(pairs)) / len(pairs))
    progress(1.0)
    return sorted(found, key=_surest_first)


def compare(a: Person, b: Person, statistics: Statistics) -> Pair | None:
    """What ``same_persons`` says about these two in a programme with these statistics; None: two women."""
    columns = Columns([entry(a), entry(b)], statistics)
    found = _pairs((a, b), columns, candidates.worth_comparing(columns, np.array([[0, 1]])))
    return found[0] if found else None


def _surest_first(pair: Pair) -> tuple[float, str, str]:
    return -pair.score, pair.a, pair.b


def _pairs(people: Sequence[Person], columns: Columns, pairs: np.ndarray) -> list[Pair]:
    levels = features(columns, pairs)
    chance = reviewed(chances(levels), levels)
    found = []
    for at, grade in enumerate(grades(chance, levels)):
        if grade is None:
            continue
        a, b = sorted((people[pairs[at, 0]], people[pairs[at, 1]]), key=lambda person: person.id)
        told = {name: column[at].item() for name, column in levels.items()}
        reasons, doubts = tuple(explanation.reasons(a, b, told)), tuple(explanation.doubts(told))
        found.append(Pair(a.id, b.id, float(chance[at]), grade, reasons, doubts))
    return found
