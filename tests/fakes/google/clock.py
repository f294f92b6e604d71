"""The server's clock: real time plus what a test lets pass."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta


class Clock:
    """Quotas, tokens and the lag of Drive go by it; how long an assertion is valid goes by real time alone."""

    def __init__(self) -> None:
        self._passed = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._passed

    def today(self) -> date:
        return self.now().date()

    def advance(self, seconds: float) -> None:
        self._passed += timedelta(seconds=seconds)
