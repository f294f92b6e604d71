"""A table's life between ticks, on both databases: asked for, throttled, failing, recovering."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncsvc.errors import PlatformThrottled
from syncsvc.services import schedules
from syncsvc.store.database import Database
from tests.example import Example, make_example
from tests.jobs.engine import change, row, tick, told, with_one_account

ONE, OTHER = "bsp-beispielstadt", "bsp-musterkreis"


@pytest.fixture
def anywhere(database: Database, tmp_path: Path) -> Example:
    return make_example(database, tmp_path)


def test_requests_are_answered_once_and_failures_recover(anywhere: Example) -> None:
    example = anywhere
    change(example.runtime, schedule="*/30 * * * *", quiet_hours="19:30-06:00", land="BE")
    assert tick(example) == [ONE, OTHER]
    assert row(example.runtime).next_due_at == example.clock.now() + timedelta(minutes=30)

    schedules.request_sync(example.runtime, ONE, "frau-berger")
    assert [tick(example), tick(example)] == [[f"{ONE}!"], []]

    example.books["beispielstadt"].gone = True
    for _ in range(2):
        schedules.request_sync(example.runtime, ONE, "frau-berger")
        tick(example)
    assert told(example.runtime) == [("table", "failing")]

    example.books["beispielstadt"].gone = False
    example.clock.pass_by(minutes=5)
    assert ONE in tick(example)
    assert told(example.runtime)[1:] == [("table", "recovered")]


def test_a_throttled_account_rests_and_goes_on(anywhere: Example) -> None:
    example = with_one_account(anywhere)

    def throttle() -> None:
        raise PlatformThrottled(retry_after=60)

    example.books["beispielstadt"].before_read = throttle
    tick(example)
    assert schedules.due(example.runtime) == []

    example.books["beispielstadt"].before_read = lambda: None
    example.clock.pass_by(seconds=75)
    assert sorted(tick(example)) == [ONE, OTHER]
    assert (row(example.runtime).state, row(example.runtime, OTHER).state) == ("ok", "ok")


def test_a_clock_set_back_puts_no_table_to_sleep(anywhere: Example) -> None:
    change(anywhere.runtime, schedule="0 7 1 * *")
    tick(anywhere)
    anywhere.clock.pass_by(hours=-1)

    assert sorted(tick(anywhere)) == [ONE, OTHER]
    assert tick(anywhere) == []
