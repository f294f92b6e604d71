"""When a table is due, as crontab writes it: minute, hour, day of month, month, weekday."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from holidays import country_holidays

ZONE: Final = "Europe/Berlin"
"""The time zone of a schedule that names none."""

LAENDER: Final = tuple(sorted(key for key in country_holidays("DE").subdivisions if len(key) == 2))
"""The Länder by their usual letters; the library also knows a city with a holiday of its own."""

_QUIET = re.compile(r"((?:[01][0-9]|2[0-3]):[0-5][0-9])-((?:[01][0-9]|2[0-3]):[0-5][0-9])", re.ASCII)
_ANY_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``cron`` has five fields and is read in ``zone``; ``quiet_hours`` (``"19:30-06:00"``) and ``land`` may be empty.

    Public holidays are those of the Land, without one those of all Germany.
    """

    cron: str
    zone: str = ZONE
    quiet_hours: str = ""
    land: str = ""


def is_schedule(text: str) -> bool:
    """Whether the text is five crontab fields that come true some day: ``*/30 6-19 * * mon-fri``.

    Names are English, 0 and 7 are Sunday, ``L`` is the last day of a month. As in crontab(5) a day has to fit both
    the day of month and the weekday if one of them begins with a star, else either.
    """
    if len(text.split()) != 5:
        return False
    try:
        return next(CronSim(text, _ANY_DAY), None) is not None
    except CronSimError:
        return False


def is_zone(text: str) -> bool:
    """Whether this is a time zone of the IANA database, such as ``Europe/Berlin``."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of the database
        return False
    return True


def is_quiet_hours(text: str) -> bool:
    """Whether this is a span within a day or across midnight: ``19:30-06:00``."""
    found = _QUIET.fullmatch(text)
    return found is not None and found[1] != found[2]


def next_run(schedule: Schedule, after: datetime) -> datetime:
    """The first moment after ``after`` at which the table is to be synced, in UTC.

    A time within the quiet hours moves to their end. A time on a public holiday moves to the same time on the next
    day that is none and that the weekday field allows: a table synced on the first of the month is synced on
    2 January. A time that the clock skips in spring moves to the first one there is; a fixed time that comes twice in
    autumn happens the first time. ``after`` has to be aware.
    """
    start = after.astimezone(ZoneInfo(schedule.zone))
    return open_moment(schedule, next(_times(schedule.cron, start)))


def open_moment(schedule: Schedule, moment: datetime) -> datetime:
    """The moment itself, or the first one after it that is neither in quiet hours nor on a holiday; in UTC."""
    moment = moment.astimezone(ZoneInfo(schedule.zone))
    while True:
        moved = _after_holidays(schedule, _after_quiet_hours(schedule.quiet_hours, moment))
        if moved == moment:
            return moment.astimezone(UTC)
        moment = moved


def _times(cron: str, after: datetime) -> Iterator[datetime]:
    """The times of a crontab line later than ``after``, in its zone; the simulator may begin before it in autumn."""
    return (at for at in CronSim(cron, after) if at.astimezone(UTC) > after.astimezone(UTC))


def _after_quiet_hours(quiet_hours: str, moment: datetime) -> datetime:
    found = _QUIET.fullmatch(quiet_hours)
    if found is None:
        return moment
    begin, end = time.fromisoformat(found[1]), time.fromisoformat(found[2])
    now = moment.time()
    if not (begin <= now < end if begin < end else now >= begin or now < end):
        return moment
    day = moment if now < end else moment + timedelta(days=1)
    ended = day.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return ended.astimezone(UTC).astimezone(moment.tzinfo)  # an end that the clock skips in spring


def _after_holidays(schedule: Schedule, moment: datetime) -> datetime:
    if not _is_holiday(moment, schedule.land):
        return moment
    minute, hour, _, _, weekday = schedule.cron.split()
    times = _times(f"{minute} {hour} * * {weekday}", moment)
    return next(at for at in times if not _is_holiday(at, schedule.land))


def _is_holiday(moment: datetime, land: str) -> bool:
    return moment.date() in _holidays(moment.year, land)


@lru_cache
def _holidays(year: int, land: str) -> frozenset[date]:
    return frozenset(country_holidays("DE", subdiv=land or None, years=year))
