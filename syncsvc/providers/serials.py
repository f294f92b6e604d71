"""Days and times as spreadsheet numbers (ECMA-376 part 1, 18.17.4): days since the epoch of the workbook."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

_DAY = 86_400_000
"""Milliseconds of a day: Excel resolves no finer."""

_FIRST = {False: date(1899, 12, 31), True: date(1904, 1, 1)}
"""Serial 0 by date system. In the 1900 system serial 60 is a 29 February 1900 that never was; later days are one up."""

_MIDNIGHT = datetime.combine(date(1900, 1, 1), time())


def moment(serial: float, *, date1904: bool) -> date | datetime | None:
    """The day (whole serial) or moment of a serial; None where there is none (before the epoch, 60, year 10000)."""
    days, rest = divmod(round(serial * _DAY), _DAY)
    if not date1904:
        if days < 1 or days == 60:
            return None
        days -= days > 60
    elif days < 0:
        return None
    try:
        day = _FIRST[date1904] + timedelta(days)
    except OverflowError:
        return None
    return datetime.combine(day, time()) + timedelta(milliseconds=rest) if rest else day


def time_of_day(serial: float) -> time | None:
    """The time of a serial between 0 and 1; None for any other."""
    rest = round(serial * _DAY)
    return (_MIDNIGHT + timedelta(milliseconds=rest)).time() if 0 <= rest < _DAY else None


def serial(value: date | time, *, date1904: bool) -> float | None:
    """The serial of a day, moment or time of day; None for a day before the epoch, which no cell can hold as a date."""
    if isinstance(value, time):
        return _fraction(value)
    day = value.date() if isinstance(value, datetime) else value
    days = (day - _FIRST[date1904]).days
    if not date1904:
        days += days >= 60
    if days < (not date1904):
        return None
    return days + (_fraction(value.time()) if isinstance(value, datetime) else 0.0)


def _fraction(value: time) -> float:
    return (datetime.combine(_MIDNIGHT, value) - _MIDNIGHT).total_seconds() / 86_400
