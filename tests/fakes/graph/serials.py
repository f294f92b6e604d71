"""Dates as Excel counts them: days of the 1900 system, with its 29 February 1900 (60) that never was."""

from __future__ import annotations

from datetime import date, datetime, timedelta

_LEAP = 60


def serial(day: date) -> float:
    """The number of a date; a moment's fraction is its time."""
    number = float((date(day.year, day.month, day.day) - date(1899, 12, 30)).days)
    if number <= _LEAP:
        number -= 1
    if isinstance(day, datetime):
        number += (day.hour * 3600 + day.minute * 60 + day.second) / 86400
    return number


def moment(number: float) -> datetime:
    """The date and time of a number, to the second."""
    days = number + 1 if number < _LEAP else number
    return datetime(1899, 12, 30) + timedelta(seconds=round(days * 86400))  # noqa: DTZ001  # cells have no zone
