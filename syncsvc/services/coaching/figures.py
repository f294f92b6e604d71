"""Counts of double coachings for the programme. No names, no references."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from syncsvc.services.coaching import flags
from syncsvc.services.runtime import Runtime
from syncsvc.store import coaching


@dataclass(frozen=True, slots=True)
class Month:
    """What happened to flags in one month (``2026-03``)."""

    month: str
    opened: int
    agreed_parallel: int
    ended: int
    mistake: int
    gone: int


def months(rt: Runtime) -> list[Month]:
    """Every month in which something happened, the newest first."""
    with rt.database.read() as session:
        found = coaching.months(session)
    return [
        Month(
            month,
            opened=count[flags.OPEN] + count[flags.REOPENED],
            agreed_parallel=count[flags.AGREED],
            ended=count[flags.ENDED],
            mistake=count[flags.MISTAKE],
            gone=count[flags.GONE],
        )
        for month, count in sorted(found.items(), reverse=True)
    ]


def standing(rt: Runtime) -> Counter[str]:
    """How many flags wait for people, by grade."""
    with rt.database.read() as session:
        counts = coaching.counts(session)
    found: Counter[str] = Counter()
    for (grade, state, present), count in counts.items():
        if present and state in flags.UNDECIDED:
            found[grade] += count
    return found
