"""Which texts are schedules, by the rules of crontab(5), and when they come true in Germany.

Public holidays of 2026: Neujahr 1 January (Thursday), Karfreitag 3 April, Ostermontag 6 April; Frauentag (8 March) in
Berlin, Reformationstag (31 October, a Saturday) in Brandenburg but not in Berlin, Allerheiligen (1 November) in
Nordrhein-Westfalen. Clocks go forward on 29 March at 02:00 and back on 25 October at 03:00.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncsvc.core.schedules import (
    LAENDER,
    Schedule,
    is_quiet_hours,
    is_schedule,
    is_zone,
    next_run,
    open_moment,
)

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = "*/30 6-19 * * mon-fri"


def local(text: str) -> datetime:
    """``2026-10-25 02:30`` in Berlin; with an offset where the clock shows a time twice."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)


def runs(schedule: Schedule, after: str, count: int) -> list[str]:
    """The next moments as clocks in Berlin show them."""
    moments, moment = [], local(after)
    for _ in range(count):
        moment = next_run(schedule, moment)
        moments.append(f"{moment.astimezone(BERLIN):%Y-%m-%d %H:%M}")
    return moments


@pytest.mark.parametrize(
    "text",
    [
        WEEKDAYS, "0 7,12,17 * * *", "5 4 1 jan,jul 0", "0 0 * * 7", "0-59/5 * * * MON", "* * * * *", "0 7 29 2 *",
        "0 7 L * *", "0 7 * * 5-7", "0 7 13 * fri",
    ],
)  # fmt: skip
def test_schedules(text: str):
    assert is_schedule(text)
    assert next_run(Schedule(text), local("2026-03-01")) > local("2026-03-01")


@pytest.mark.parametrize(
    "text",
    [
        "täglich", "0 7 * *", "0 7 * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
        "* * * * montag", "19-6 * * * *", "*/0 * * * *", "1- * * * *", ",1 * * * *", "@daily", "", "* * * * fri-mon",
        "0 0 30 2 *", "0 0 31 4,6 *",
    ],
)  # fmt: skip
def test_no_schedules(text: str):
    assert not is_schedule(text)


@given(st.lists(st.sampled_from([*"0157*/-,L#", "mon", "31", "60"]), max_size=4).map("".join), st.integers(0, 4))
def test_what_is_a_schedule_comes_true(part: str, place: int):
    """No text passes the check and stumbles later."""
    text = " ".join(part if number == place else "*" for number in range(5))

    assert not is_schedule(text) or next_run(Schedule(text), local("2026-03-01")) > local("2026-03-01")


@pytest.mark.parametrize(
    ("weekday", "day"), [("0", "01"), ("7", "01"), ("1", "02"), ("5", "06"), ("6", "07"), ("5-7", "01"), ("mon", "02")]
)
def test_weekdays_are_counted_as_crontab_does(weekday: str, day: str):
    """1 March 2026 is a Sunday, which is 0 and 7."""
    assert runs(Schedule(f"0 7 * * {weekday}"), "2026-02-28 12:00", 1) == [f"2026-03-{day} 07:00"]


def test_in_spring_nothing_is_left_out():
    """The hour from 2 to 3 does not exist on 29 March."""
    assert runs(Schedule("30 2 * * *"), "2026-03-28 12:00", 2) == ["2026-03-29 03:00", "2026-03-30 02:30"]
    assert runs(Schedule("*/30 * * * *"), "2026-03-29 01:29", 3) == [
        "2026-03-29 01:30", "2026-03-29 03:00", "2026-03-29 03:30"
    ]  # fmt: skip


def test_in_autumn_a_fixed_time_comes_once_and_a_rhythm_goes_on():
    """The hour from 2 to 3 exists twice on 25 October."""
    assert runs(Schedule("30 2 * * *"), "2026-10-25 01:00", 2) == ["2026-10-25 02:30", "2026-10-26 02:30"]
    assert runs(Schedule("30 2 * * *"), "2026-10-25 02:15+01:00", 1) == ["2026-10-26 02:30"]
    moments = [local("2026-10-25 01:59")]
    for _ in range(5):
        moments.append(next_run(Schedule("*/30 * * * *"), moments[-1]))
    assert [moment.astimezone(UTC).strftime("%H:%M") for moment in moments[1:]] == [
        "00:00", "00:30", "01:00", "01:30", "02:00"
    ]  # fmt: skip


def test_a_leap_day_comes_every_four_years():
    assert runs(Schedule("0 7 29 2 *"), "2026-01-01", 2) == ["2028-02-29 07:00", "2032-02-29 07:00"]


def test_a_schedule_is_read_in_its_zone():
    """09:00 in Lisbon is 10:00 in Berlin, summer and winter."""
    assert runs(Schedule("0 9 * * *", zone="Europe/Lisbon"), "2026-07-01", 1) == ["2026-07-01 10:00"]


@pytest.mark.parametrize(
    ("quiet", "after", "run"),
    [
        ("19:30-06:00", "2026-03-03 19:00", "2026-03-04 06:00"),  # its begin is quiet, its end is not
        ("19:30-06:00", "2026-03-03 05:00", "2026-03-03 06:00"),
        ("19:30-06:00", "2026-03-03 06:00", "2026-03-03 06:30"),
        ("12:00-13:10", "2026-03-03 11:30", "2026-03-03 13:10"),
        ("12:00-13:10", "2026-03-03 11:00", "2026-03-03 11:30"),
        ("22:00-02:30", "2026-03-28 23:00", "2026-03-29 03:30"),  # the clock skips the end of the quiet hours
    ],
)
def test_a_time_in_quiet_hours_moves_to_their_end(quiet: str, after: str, run: str):
    assert runs(Schedule("*/30 * * * *", quiet_hours=quiet), after, 1) == [run]


def test_a_nightly_schedule_whose_time_is_quiet_still_runs_once_a_day():
    assert runs(Schedule("0 2 * * *", quiet_hours="19:30-06:00"), "2026-10-24 12:00", 3) == [
        "2026-10-25 06:00", "2026-10-26 06:00", "2026-10-27 06:00"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("land", "after", "run"),
    [
        ("", "2025-12-31 20:00", "2026-01-02 06:00"),  # Neujahr everywhere
        ("", "2026-04-02 20:00", "2026-04-07 06:00"),  # Easter, and the weekend between
        ("NW", "2026-06-03 20:00", "2026-06-05 06:00"),  # Fronleichnam
        ("BE", "2026-06-03 20:00", "2026-06-04 06:00"),
    ],
)
def test_weekday_schedules_rest_on_public_holidays(land: str, after: str, run: str):
    assert runs(Schedule(WEEKDAYS, land=land), after, 1) == [run]


@pytest.mark.parametrize(
    ("land", "day"), [("BB", "2026-11-01"), ("BE", "2026-10-31"), ("", "2026-10-31"), ("NW", "2026-10-31")]
)
def test_reformationstag_is_a_holiday_in_some_laender(land: str, day: str):
    assert runs(Schedule("0 7 * * *", land=land), "2026-10-30 12:00", 1) == [f"{day} 07:00"]


def test_a_monthly_time_on_a_holiday_is_made_up_on_the_next_day_that_is_none():
    """Not a month later. 1 November is Allerheiligen in Nordrhein-Westfalen, 1 January is Neujahr."""
    assert runs(Schedule("0 7 1 * *", land="NW"), "2026-10-31 12:00", 3) == [
        "2026-11-02 07:00", "2026-12-01 07:00", "2027-01-02 07:00"
    ]  # fmt: skip


def test_another_try_keeps_quiet_hours_and_holidays_too():
    schedule = Schedule(WEEKDAYS, quiet_hours="19:30-06:00", land="BE")

    assert open_moment(schedule, local("2026-03-03 11:07")) == local("2026-03-03 11:07")
    assert open_moment(schedule, local("2026-03-03 21:07")) == local("2026-03-04 06:00")
    assert open_moment(schedule, local("2026-04-03 11:07")) == local("2026-04-07 06:00")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # naive by contract
    st.sampled_from(["*/30 * * * *", "30 2 * * *", WEEKDAYS, "0 7 1 * *", "15 0-3 * * 7"]),
    st.sampled_from(["", "19:30-06:00", "02:15-02:45", "00:00-23:59"]),
    st.sampled_from(["", *LAENDER]),
)
def test_the_next_run_is_always_later(after: datetime, cron: str, quiet: str, land: str):
    moments = [after]
    for _ in range(4):
        moments.append(next_run(Schedule(cron, quiet_hours=quiet, land=land), moments[-1]))

    assert all(earlier < later for earlier, later in pairwise(moments))


def test_the_laender_are_sixteen():
    assert len(LAENDER) == 16


@pytest.mark.parametrize("text", ["19:30-06:00", "00:00-23:59", "12:00-13:00"])
def test_quiet_hours(text: str):
    assert is_quiet_hours(text)


@pytest.mark.parametrize("text", ["", "19.30-06.00", "19-6", "24:00-06:00", "19:30", "06:00-06:00", "19:30–06:00"])
def test_no_quiet_hours(text: str):
    assert not is_quiet_hours(text)


@pytest.mark.parametrize(
    ("text", "known"), [("Europe/Berlin", True), ("UTC", True), ("Berlin", False), ("Europe", False), ("../x", False)]
)
def test_zones(text: str, known: bool):
    assert is_zone(text) is known
