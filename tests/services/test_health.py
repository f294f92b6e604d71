"""What an operator is told about clocks, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncsvc.services import health
from syncsvc.services.runtime import Runtime
from tests.example import FakeClock


def clock_findings(rt: Runtime, offset: timedelta) -> list[bool]:
    shifted = replace(rt, clock=FakeClock(datetime.now(UTC) + offset))
    return [check.ok for check in health.checks(shifted) if "Uhr" in check.text]


def test_a_clock_that_differs_from_the_database_servers(rt: Runtime) -> None:
    """The embedded database has no clock of its own."""
    embedded = rt.database.engine.dialect.name == "sqlite"

    assert clock_findings(rt, timedelta(0)) == ([] if embedded else [True])
    assert clock_findings(rt, timedelta(minutes=5)) == ([] if embedded else [False])
    assert clock_findings(rt, timedelta(minutes=-5)) == ([] if embedded else [False])
