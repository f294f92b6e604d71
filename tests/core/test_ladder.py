"""What follows a failure: when to look again, and whom to bother."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.core.ladder import DAILY_AFTER, Kind, next_step, strike

NOW = timedelta(0)
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def pauses(kind: Kind, failures: range, **more: float) -> list[timedelta]:
    return [next_step(kind, count, NOW, told=False, **more).pause for count in failures]


def test_what_passes_is_tried_after_twice_the_pause_each_time_up_to_a_quarter_of_an_hour():
    assert pauses(Kind.PASSING, range(1, 9)) == [
        timedelta(seconds=seconds) for seconds in (20, 40, 80, 160, 320, 640, 900, 900)
    ]
    assert pauses(Kind.PASSING, range(5000, 5001)) == [15 * MINUTE]


def test_tables_that_failed_together_come_back_apart():
    together = {next_step(Kind.PASSING, 7, NOW, told=False, spread=part / 10).pause for part in range(11)}

    assert len(together) == 11
    assert min(together) >= 11 * MINUTE
    assert max(together) == 15 * MINUTE


@pytest.mark.parametrize(
    ("asked", "spread", "least", "most"),
    [
        (5, 0, 20 * SECOND, 20 * SECOND),  # our own pause is longer
        (90, 0, 90 * SECOND, 90 * SECOND),
        (90, 1, 90 * SECOND, 2 * MINUTE),  # never earlier than asked
        (3600, 0, HOUR, HOUR),  # longer than our longest pause
        (10**9, 1, 6 * HOUR, 6 * HOUR),  # nonsense
    ],
)
def test_what_the_platform_asked_for_is_honoured(asked: float, spread: float, least: timedelta, most: timedelta):
    pause = next_step(Kind.PASSING, 1, NOW, told=False, retry_after=asked, spread=spread).pause

    assert least <= pause <= most


def test_an_open_file_is_looked_at_every_20_seconds_for_however_long():
    assert set(pauses(Kind.LOCKED, range(1, 2000), spread=0.5)) == {20 * SECOND}


def test_what_needs_a_person_is_tried_less_and_less_often_and_in_the_end_once_a_day():
    assert pauses(Kind.LASTING, range(1, 11)) == [
        MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR, HOUR, HOUR, DAY, DAY, DAY
    ]  # fmt: skip
    assert DAILY_AFTER == 8


@pytest.mark.parametrize(
    ("kind", "failures", "lasted", "told", "tells"),
    [
        (Kind.LASTING, 1, NOW, False, False),  # a file being replaced is missing for a moment
        (Kind.LASTING, 2, MINUTE, False, True),
        (Kind.LASTING, 3, 6 * MINUTE, True, False),
        (Kind.LASTING, 300, 300 * DAY, True, False),
        (Kind.PASSING, 30, 6 * HOUR, False, False),
        (Kind.PASSING, 31, 6 * HOUR + SECOND, False, True),
        (Kind.PASSING, 32, 7 * HOUR, True, False),
        (Kind.LOCKED, 1081, 6 * HOUR + SECOND, False, True),
        (Kind.LOCKED, 5, -HOUR, False, False),  # the clock was set back
    ],
)
def test_somebody_is_told_once(kind: Kind, failures: int, lasted: timedelta, told: bool, tells: bool):
    assert next_step(kind, failures, lasted, told=told).tell is tells


def test_an_account_rests_longer_with_each_strike_and_as_long_as_asked():
    assert [strike(count) for count in range(1, 8)] == [
        timedelta(seconds=seconds) for seconds in (30, 60, 120, 240, 480, 900, 900)
    ]
    assert strike(1, retry_after=300) == 5 * MINUTE
    assert strike(9999, retry_after=1) == 15 * MINUTE
    assert strike(1, retry_after=10**9) == 6 * HOUR
