"""Sixty reads and sixty writes per minute and account, refilled with each minute of the clock; Drive is not counted."""

from __future__ import annotations

from collections import Counter

from tests.fakes.google import refusals
from tests.fakes.google.clock import Clock


class Quota:
    """``reads`` and ``writes`` may be changed by a test."""

    def __init__(self, clock: Clock) -> None:
        self.reads = self.writes = 60
        self._clock = clock
        self._used: Counter[tuple[str, str, int]] = Counter()

    def take(self, account: str, kind: str) -> None:
        """Count a request (``read`` or ``write``); refused when the minute's are used up."""
        limit = self.reads if kind == "read" else self.writes
        key = (account, kind, int(self._clock.now().timestamp() // 60))
        if self._used[key] >= limit:
            raise refusals.quota_exceeded("Read" if kind == "read" else "Write", limit)
        self._used[key] += 1
