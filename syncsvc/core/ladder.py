"""The failure ladder: what follows when a table could not be synced, decided from numbers alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """How a failure is going to end."""

    LOCKED = "locked"
    """Somebody closes the file: look again soon, however often."""
    PASSING = "passing"
    """By itself: wait longer and longer."""
    LASTING = "lasting"
    """When a person acted: tell them, and look less and less often."""


@dataclass(frozen=True, slots=True)
class Step:
    """When to try again, and whether somebody is to be told now."""

    pause: timedelta
    tell: bool


LOCKED_PAUSE = timedelta(seconds=20)
FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(minutes=15)

LASTING_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    *[timedelta(hours=1)] * 4,
)
DAILY_AFTER = len(LASTING_PAUSES) + 1
"""From this lasting failure in a row on a table is tried once a day: the people were told half a day ago."""

DAILY = timedelta(days=1)

TELL_AFTER = 2
"""The lasting failure in a row that is told: a file that is being replaced is missing for a moment."""

PATIENCE = timedelta(hours=6)
"""How long something that passes by itself may take until it is told as well."""

LONGEST_WISH = timedelta(hours=6)
"""The longest ``Retry-After`` that is honoured: a nonsensical one must not put a table to sleep."""

STRIKE_PAUSE = timedelta(seconds=30)


def next_step(
    kind: Kind, failures: int, lasted: timedelta, *, told: bool, retry_after: float | None = None, spread: float = 0.0
) -> Step:
    """What to do after the ``failures``-th failure in a row (from 1) of a table that has been failing for ``lasted``.

    ``told``: somebody knows already. ``retry_after``: seconds the platform asked for. ``spread``: a random number from
    0 to 1 that moves a pause by up to a quarter, so that tables that failed together do not come back together. It
    shortens a back-off, and lengthens what the platform asked for.
    """
    if kind is Kind.LASTING:
        pause = DAILY if failures >= DAILY_AFTER else LASTING_PAUSES[failures - 1]
        return Step(pause, not told and failures >= TELL_AFTER)
    pause = LOCKED_PAUSE
    if kind is Kind.PASSING:
        doubled = FIRST_PAUSE * (1 << min(failures - 1, 10))
        pause = max(min(doubled, LONGEST_PAUSE) * (1 - spread / 4), _wish(retry_after, spread))
    return Step(pause, not told and lasted > PATIENCE)


def strike(strikes: int, *, retry_after: float | None = None) -> timedelta:
    """How long an account rests after its platform throttled it for the ``strikes``-th time in a row (from 1)."""
    return max(min(STRIKE_PAUSE * (1 << min(strikes - 1, 10)), LONGEST_PAUSE), _wish(retry_after, 0.0))


def _wish(retry_after: float | None, spread: float) -> timedelta:
    return min(timedelta(seconds=(retry_after or 0.0) * (1 + spread / 4)), LONGEST_WISH)
