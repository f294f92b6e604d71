"""Days, months, appointments and periods.

A small grammar for what people type, and one rule for years: two digits up to 69 are 20xx, a missing year is taken
only where a word gives the direction and the day is near. Month before day is never taken silently.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from syncsvc.core.fields.base import StructuredField, Typed, ask, normalise, ok, reject
from syncsvc.core.fields.contract import Context, Kind, Reading
from syncsvc.core.fields.slips import corrected
from syncsvc.core.folding import dashes
from syncsvc.core.model import Cell, Json

_MONTHS = (
    "januar jan jänner jän january",
    "februar feb febr february",
    "märz mrz mär maerz march",
    "april apr",
    "mai may",
    "juni jun june",
    "juli jul july",
    "august aug",
    "september sep sept",
    "oktober okt october oct",
    "november nov",
    "dezember dez december dec",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAYS = (
    "mo montag",
    "di dienstag",
    "mi mittwoch",
    "do donnerstag",
    "fr freitag",
    "sa samstag sonnabend",
    "so sonntag",
)
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}

_NEAR = timedelta(days=60)
_FIRST, _LAST = date(1900, 1, 1), date(2099, 12, 31)
_SERIAL_START = date(1899, 12, 30)  # day 0 of spreadsheets
_SERIAL_FIRST, _SERIAL_LAST = date(1990, 1, 1), date(2069, 12, 31)

_WORD = r"([^\W\d_]+)"
_YEAR = r"('?[0-9]{2}|[0-9]{4})"
_GERMAN = re.compile(rf"([0-9]{{1,2}})\. ?([0-9]{{1,2}})(?:\. ?{_YEAR}?)?")
_POINTS = re.compile(r"\.\.+|(?<=[0-9]),(?=[0-9])")
_NAMED = re.compile(rf"([0-9]{{1,2}})\.? ?{_WORD}\.?(?: ?{_YEAR})?")
_ISO = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ]00:00(?::00)?)?")
_SLASHED = re.compile(rf"([0-9]{{1,2}})([/-])([0-9]{{1,2}})\2{_YEAR}")
_WEEK = re.compile(
    rf"(?:KW ?(?P<week>[0-9]{{1,2}})|(?P<first>[0-9]{{1,2}})\.? ?KW)\.?(?: ?[/.]? ?(?P<year>{_YEAR}))?", re.IGNORECASE
)
_YEAR_ALONE = re.compile(r"(?:19|20)[0-9]{2}")
_SERIAL = re.compile(r"[1-9][0-9]{4}")
_DIRECTION = re.compile(
    r"(?:verl(?:ängert|\.)? |verlängert |gültig |befristet |läuft )?"
    r"(seit|ab|von|vom|am|zum|den|geb(?:oren)?\.?(?: am)?|bis(?: zum)?)(?: dem)? *(?=[^a-z])",
    re.IGNORECASE,
)
_ON_WEEKDAY = re.compile(rf"{_WORD}\.?,? +(?=[0-9])")
_VAGUE = re.compile(
    r"\b(anfang|mitte|ende|ca|circa|etwa|ungefähr|vermutlich|voraussichtlich|bald|demnächst|sommer|winter|herbst"
    r"|frühjahr|frühling|quartal|woche|monat|jahr|heute|gestern|morgen|sofort|nach|vor|später|irgendwann|q[1-4])\b",
    re.IGNORECASE,
)
_ESTIMATED = re.compile(
    r"(?:ca|circa|etwa|ungefähr|vermutlich|wahrscheinlich|voraussichtlich|vorauss|voraus|vsl|geplant|gepl|spätestens|frühestens|~)"
    r"\.?:? ?(?:ab |am |zum |bis |seit )?(?=[0-9])|(?P<after> ?\(?(?:geplant|gepl\.|vorauss\.|ca\.)\)?$)",
    re.IGNORECASE,
)
_SLIPPED = re.compile(r"[0-9OoIl]{1,2}\.[0-9OoIl]{1,2}\.[0-9OoIl]{2,4}", re.ASCII)
_ZERO_DAY = re.compile(r"(?:00|XX|\?\?|--)\.(?:00|XX|\?\?|--)\.(?P<year>[0-9]{4})", re.IGNORECASE)
_BESIDE = re.compile(
    r"(?P<day>[0-9]{1,2}\. ?[0-9]{1,2}\. ?[0-9]{2,4}),? ?\(?(?P<words>[^0-9].*|[0-9]{1,3}\))", re.IGNORECASE
)
_WHOLE_DAY = re.compile(r"[0-9]{1,2}\. ?[0-9]{1,2}\. ?(?:[0-9]{4}|[0-9]{2})")


@dataclass(frozen=True, slots=True)
class DayText:
    """A day as typed: parts that exist as typed, the word before it and the weekday, if there were any."""

    month: int
    day: int
    year: int | None = None
    direction: str = ""
    weekday: int | None = None


def full_year(text: str) -> int:
    """The year of two or four digits: 00-69 are 20xx, 70-99 are 19xx."""
    year = int(text.lstrip("'"))
    if len(text.lstrip("'")) == 4:
        return year
    return year + (2000 if year < 70 else 1900)


def day_text(line: str) -> DayText | Reading:
    """The parts of a typed day, or the question or refusal that its form alone already gives."""
    line = dashes(line)
    direction = ""
    if word := _DIRECTION.match(line):
        direction, line = word[1].lower().split()[0], line[word.end() :]
    weekday = None
    if (word := _ON_WEEKDAY.match(line)) and word[1].lower() in _WEEKDAY:
        weekday, line = _WEEKDAY[word[1].lower()], line[word.end() :]
    parts = _numeric(line) or _named(line) or _indefinite(line)
    if isinstance(parts, DayText):
        return replace(parts, direction=direction, weekday=weekday)
    return parts


def _numeric(line: str) -> DayText | Reading | None:
    if found := _ZERO_DAY.fullmatch(line):  # how offices write that only the year is known
        return ask("date_incomplete", {"year": int(found["year"])})
    if found := _GERMAN.fullmatch(_POINTS.sub(".", line)):
        return DayText(int(found[2]), int(found[1]), full_year(found[3]) if found[3] else None)
    if found := _ISO.fullmatch(line):
        return DayText(int(found[2]), int(found[3]), int(found[1]))
    if found := _SLASHED.fullmatch(line):
        first, second, year = int(found[1]), int(found[3]), full_year(found[4])
        if second <= 12 and (first > 12 or first == second):
            return DayText(second, first, year)
        proposal = DayText(second, first, year) if second <= 12 else DayText(first, second, year)
        return _on(proposal, lambda day: ask("foreign_date_order", day.isoformat()))
    return None


def _named(line: str) -> DayText | Reading | None:
    if (found := _NAMED.fullmatch(line)) and found[2].lower() in _MONTH:
        return DayText(_MONTH[found[2].lower()], int(found[1]), full_year(found[3]) if found[3] else None)
    return None


def _week(found: re.Match[str], today: date) -> Reading:
    """A calendar week: its Monday is proposed; without a year this year's."""
    year = full_year(found["year"]) if found["year"] else today.year
    try:
        return ask("week_not_day", date.fromisocalendar(year, int(found["week"] or found["first"]), 1).isoformat())
    except ValueError:
        return reject("date_does_not_exist")


def _uncertain(line: str, today: date) -> Reading | None:
    """A day somebody was not sure of, or hardly hit: the day is proposed."""
    if found := _ESTIMATED.search(line):
        if found["after"] is None and found.start() > 0:
            return None
        day = read_day((line[: found.start()] + line[found.end() :]).strip(), today)
        return ask("date_estimated", day.value) if isinstance(day.value, str) else None
    if found := _SLIPPED.fullmatch(line):
        fixed, code = corrected(line, "".join("." if character == "." else "#" for character in line))
        day = read_day(fixed, today) if code else reject("not_a_date")
        return ask(code, day.value) if day.accepted else None
    if (found := _BESIDE.fullmatch(line)) and len(_WHOLE_DAY.findall(line)) == 1:
        day = read_day(found["day"], today)
        return ask("text_beside_date", day.value) if day.accepted else None
    return None


def _indefinite(line: str) -> Reading:
    """The question or refusal for what names no single day."""
    if month := month_text(line):
        return ask("date_incomplete", f"{month}-01") if len(month) == 7 else reject("not_a_date")
    if _YEAR_ALONE.fullmatch(line):
        return ask("date_incomplete", {"year": int(line)})
    if _SERIAL.fullmatch(line):
        return _serial(int(line))
    if _VAGUE.search(line):
        return reject("date_vague")
    days = [day for text in _WHOLE_DAY.findall(line) if isinstance(day := day_text(text), DayText)]
    if len(days) > 1:
        dates = [_on(day, lambda found: ok(found.isoformat())).value for day in days]
        return ask("two_values", dates) if None not in dates else reject("date_does_not_exist")
    return reject("not_a_date")


def _serial(number: float, since: date = _SERIAL_FIRST) -> Reading:
    """A spreadsheet's day number, where it gives a day such a column may hold."""
    if (since - _SERIAL_START).days <= number < (_SERIAL_LAST - _SERIAL_START).days + 1:
        day = _SERIAL_START + timedelta(days=int(number))
        return normalise(day.isoformat()) if number == int(number) else ask("time_in_date_column", day.isoformat())
    return reject("not_a_date")


def _on(parts: DayText, then: Callable[[date], Reading]) -> Reading:
    """``then`` of the day these parts name; refused when there is no such day or it lies in another age."""
    assert parts.year is not None
    try:
        day = date(parts.year, parts.month, parts.day)
    except ValueError:
        return reject("date_does_not_exist")
    return then(day) if _FIRST <= day <= _LAST else reject("date_implausible")


def _candidates(parts: DayText, today: date) -> list[date]:
    """The days of the years around today that a day without a year may mean, nearest first."""
    days = []
    for year in range(today.year - 4, today.year + 5):
        try:
            day = date(year, parts.month, parts.day)
        except ValueError:
            continue
        if (parts.direction == "seit" and day > today) or (parts.direction == "bis" and day < today):
            continue
        days.append(day)
    return sorted(days, key=lambda day: abs(day - today))


def settle(parts: DayText, today: date) -> Reading:
    """The day as ISO text. Without a year: taken when a word gives the direction or a weekday fits, and it is near."""
    if parts.year is not None:
        return _on(parts, lambda day: _on_weekday(parts, day))
    days = _candidates(parts, today)
    if not days:
        return reject("date_does_not_exist")
    nearest = days[0]
    if parts.weekday is not None and nearest.weekday() != parts.weekday:
        return ask("weekday_differs", nearest.isoformat())
    directed = parts.direction in ("seit", "ab", "bis") or parts.weekday is not None
    if directed and abs(nearest - today) <= _NEAR:
        return normalise(nearest.isoformat())
    return ask("year_missing", nearest.isoformat())


def _on_weekday(parts: DayText, day: date) -> Reading:
    if parts.weekday is not None and day.weekday() != parts.weekday:
        return ask("weekday_differs", day.isoformat())
    return ok(day.isoformat())


def read_day(line: str, today: date) -> Reading:
    """The day a line of text names, as ``2024-09-01``."""
    line = dashes(line)
    if found := _WEEK.fullmatch(line):
        return _week(found, today)
    parts = day_text(line)
    if isinstance(parts, DayText):
        return settle(parts, today)
    return (parts.kind is Kind.REJECT and _uncertain(line, today)) or parts


_DAY_WITHIN = re.compile(
    r"(?:\b(?:am|vom|zum|seit|ab|den|gegeben am) +)?"
    r"([0-9]{1,2}\. ?(?:[0-9]{1,2}\.(?: ?(?:[0-9]{4}|[0-9]{2}))?|[^\W\d_]{3,9}\.? ?[0-9]{2,4})"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2})(?![0-9])",
    re.IGNORECASE,
)


def find_day(line: str) -> tuple[str, str]:
    """The words of a line and the one day among them as typed, ``""`` where there is none, or more than one."""
    days = list(_DAY_WITHIN.finditer(line))
    if len(days) != 1:
        return line, ""
    words = line[: days[0].start()] + " " + line[days[0].end() :]
    return words.replace("(", " ").replace(")", " ").strip(" ,;:-"), days[0][1]


class DateField(StructuredField):
    """A day, ``2024-09-01``. Text, real dates and a spreadsheet's day numbers mean the same."""

    type = "date"
    free_text = False
    serials_since = _SERIAL_FIRST
    uncertain = "date_estimated"

    def read_line(self, line: str, context: Context) -> Reading:
        return self.checked(read_day(line, context.today), context)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if isinstance(cell, date):
            moment = cell.time() if isinstance(cell, datetime) else None
            day = cell.isoformat()[:10]
            if not _FIRST.isoformat() <= day <= _LAST.isoformat():
                return reject("date_implausible")
            if moment not in (None, time()):
                return self.checked(ask("time_in_date_column", day), context)
            return self.checked(ok(day) if moment is None else normalise(day), context)
        if isinstance(cell, float):
            if _FIRST.year <= cell <= _LAST.year and cell.is_integer():
                return ask("date_incomplete", {"year": int(cell)})
            return self.checked(_serial(cell, self.serials_since), context)
        return reject("not_a_date")

    def checked(self, reading: Reading, context: Context) -> Reading:
        """The reading, judged by what else is known about this field."""
        return reading

    def format(self, value: Json, context: Context) -> Cell:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            return super().format(value, context)

    def show(self, value: Json, context: Context) -> str:
        return date.fromisoformat(str(value)).strftime("%d.%m.%Y")


_OPEN_END = frozenset(
    {
        "bis auf weiteres",
        "baw",
        "b.a.w",
        "unbefristet",
        "offen",
        "noch offen",
        "laufend",
        "läuft",
        "läuft noch",
        "ohne ende",
    }
)


class EndDateField(DateField):
    """The day something ends: may stay open, and never lies before the entry."""

    def read_line(self, line: str, context: Context) -> Reading:
        if line.casefold().rstrip(".") in _OPEN_END:
            return normalise(None)
        if len(month := month_text(dashes(line)) or "") == 7:
            year, number = map(int, month.split("-"))
            last = date(year, number, calendar.monthrange(year, number)[1])
            return self.checked(ask("date_incomplete", last.isoformat()), context)
        return super().read_line(line, context)

    def checked(self, reading: Reading, context: Context) -> Reading:
        entry = context.values.get("entry_date")
        if isinstance(reading.value, str) and isinstance(entry, str) and reading.value < entry:
            return reject("exit_before_entry")
        return reading


_AGES = range(14, 100)
_BIRTHS_SINCE = date(1925, 1, 1)


class BirthDateField(DateField):
    """A birth date: always past, of a plausible age. 1 January often stands for an unknown day and says so."""

    serials_since = _BIRTHS_SINCE

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line)
        if len(month := month_text(line) or "") == 7:
            return ask("date_incomplete", {"year": int(month[:4]), "month": int(month[5:])})
        if _SERIAL.fullmatch(line):
            return self.checked(_serial(int(line), self.serials_since), context)
        parts = day_text(line)
        if isinstance(parts, Reading):
            return self.checked((parts.kind is Kind.REJECT and _uncertain(line, context.today)) or parts, context)
        if parts.year is None:
            return ask("date_incomplete")
        short = re.search(r"[^0-9]'?[0-9]{2}$", line)
        if short and parts.year > context.today.year:
            parts = replace(parts, year=parts.year - 100)
        return self.checked(settle(parts, context.today), context)

    def checked(self, reading: Reading, context: Context) -> Reading:
        if not isinstance(reading.value, str):
            return reading
        born = date.fromisoformat(reading.value)
        age = context.today.year - born.year - ((context.today.month, context.today.day) < (born.month, born.day))
        if age not in _AGES:
            return reject("age_out_of_range")
        if (born.month, born.day) == (1, 1):
            return replace(reading, value={"date": reading.value, "reliability": "year_only_possible"})
        return reading

    def format(self, value: Json, context: Context) -> Cell:
        return super().format(_plain_day(value), context)

    def show(self, value: Json, context: Context) -> str:
        return super().show(_plain_day(value), context)


def _plain_day(value: Json) -> Json:
    return value.get("date", value) if isinstance(value, dict) else value


_MONTH_NUMERIC = re.compile(rf"([0-9]{{1,2}}) ?[/.-] ?{_YEAR}")
_MONTH_ISO = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})")
_MONTH_NAMED = re.compile(rf"{_WORD}\.?(?: ?{_YEAR})?")
_DONE = frozenset(
    {
        "erledigt",
        "gesendet",
        "verschickt",
        "versendet",
        "geschickt",
        "raus",
        "bestätigt",
        "ok",
        "ja",
        "x",
        "✓",
        "erl",
        "fertig",
    }
)
_DONE_BESIDE = re.compile(
    r",? ?\(?(?:erledigt|gesendet|verschickt|versendet|geschickt|raus|bestätigt|ok|erl\.|✓)\)?$", re.IGNORECASE
)
_TWO_MONTHS = re.compile(r" ?[/+&] ?| und | - |, ?| bis ")


def month_text(line: str) -> str | None:
    """``2025-08`` for a typed month with its year, ``08`` for a month's name alone, else None."""
    if found := _MONTH_NUMERIC.fullmatch(line):
        month, year = int(found[1]), full_year(found[2])
    elif found := _MONTH_ISO.fullmatch(line):
        month, year = int(found[2]), int(found[1])
    elif (found := _MONTH_NAMED.fullmatch(line)) and found[1].lower() in _MONTH:
        month = _MONTH[found[1].lower()]
        if found[2] is None:
            return f"{month:02d}"
        year = full_year(found[2])
    else:
        return None
    return f"{year}-{month:02d}" if 1 <= month <= 12 and _FIRST.year <= year <= _LAST.year else None


class MonthField(StructuredField):
    """A month, ``2025-08``. A month's name alone is the last such month, if that was within the last sixty days."""

    type = "month"
    free_text = False

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line)
        if line.casefold().rstrip(".!") in _DONE:
            last = context.today.replace(day=1) - timedelta(days=1)
            return ask("month_missing", last.isoformat()[:7])
        return self._month(_DONE_BESIDE.sub("", line), context)

    def _month(self, line: str, context: Context) -> Reading:
        month = month_text(line)
        if month is None:
            parts = _TWO_MONTHS.split(line)
            both = [self._month(part, context) for part in parts] if len(parts) > 1 else []
            if both and all(one.accepted for one in both):
                return ask("two_values", [one.value for one in both])
            day = day_text(line)
            whole = isinstance(day, DayText) and day.year is not None
            reading = settle(day, context.today) if isinstance(day, DayText) and whole else reject("not_a_month")
            return ask("day_in_month_column", str(reading.value)[:7]) if reading.accepted else reject("not_a_month")
        if len(month) == 7:
            return ok(month)
        past = context.today.year - (int(month) > context.today.month)
        last_day = date(past, int(month), calendar.monthrange(past, int(month))[1])
        near = context.today - last_day <= _NEAR
        return normalise(f"{past}-{month}") if near else ask("year_missing", f"{past}-{month}")

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        day: Json = cell.isoformat()[:10] if isinstance(cell, date) else None
        if isinstance(cell, float):
            day = _serial(cell).value
        if not isinstance(day, str) or not _FIRST <= date.fromisoformat(day) <= _LAST:
            return reject("not_a_month")
        return normalise(day[:7]) if day.endswith("-01") else ask("day_in_month_column", day[:7])

    def show(self, value: Json, context: Context) -> str:
        return date.fromisoformat(f"{value}-01").strftime("%m/%Y")


_PART_OF_DAY = re.compile(
    r",? ?(?:vorm(?:ittags?|\.)?|nachm(?:ittags?|\.)?|früh|mittags?|abends?|Uhrzeit folgt|Uhrzeit offen)$",
    re.IGNORECASE,
)
_TIME_RANGE = re.compile(
    r"(?P<from>.*[0-9](?: ?Uhr| ?h)?) ?(?:-|bis) ?[0-9]{1,2}(?:[:.][0-9]{2})?(?: ?(?:Uhr|h))?", re.IGNORECASE
)
_TIMED = re.compile(r"(?:Uhr|h)$|[0-9]:[0-9]{2}$", re.IGNORECASE)
_AT_TIME = re.compile(
    r"(?P<day>.+?),?[ T]+(?:um |ab |gegen )?(?P<hour>[0-9]{1,2})"
    r"(?:[:.](?P<minute>[0-9]{2})(?::00)?(?: ?(?:Uhr|h))?| ?(?:Uhr|h)\.?)",
    re.IGNORECASE,
)


class DateTimeField(StructuredField):
    """A day and a time to the minute, ``2025-09-18T10:00``. A weekday is checked, and stands in for a year."""

    type = "datetime"
    free_text = False
    uncertain = "date_estimated"
    blanks = StructuredField.blanks | {"by_arrangement": normalise(None)}

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line)
        if span := _TIME_RANGE.fullmatch(line):
            clock = "" if _TIMED.search(span["from"]) else " Uhr"
            start = self.read_line(span["from"] + clock, context)
            if isinstance(start.value, str) and "T" in start.value:
                return ask("time_range", start.value)
        found = _AT_TIME.fullmatch(line)
        if found is None:
            day = read_day(_PART_OF_DAY.sub("", line), context.today)
            return ask("time_missing", day.value) if day.accepted else day
        day = read_day(found["day"], context.today)
        if not isinstance(day.value, str):
            return day
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        if hour > 23 or minute > 59:
            return reject("time_does_not_exist")
        return replace(day, value=f"{day.value}T{hour:02d}:{minute:02d}")

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if isinstance(cell, float) and _serial(int(cell) if abs(cell) < 1e6 else cell).accepted:
            cell = datetime.combine(_SERIAL_START, time()) + timedelta(days=cell)
        if isinstance(cell, datetime) and _FIRST <= cell.date() < _LAST:
            # A spreadsheet keeps times as fractions of a day: 10:00 may arrive a second early.
            minute = (cell.replace(tzinfo=None) + timedelta(seconds=30)).replace(second=0, microsecond=0)
            return ok(minute.isoformat(timespec="minutes"))
        return ask("time_missing", cell.isoformat()[:10]) if isinstance(cell, date) else reject("not_a_date")

    def format(self, value: Json, context: Context) -> Cell:
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            return super().format(value, context)

    def show(self, value: Json, context: Context) -> str:
        return datetime.fromisoformat(str(value)).strftime("%d.%m.%Y %H:%M")


_SPLIT = re.compile(r" - | bis (?:zum )?| ?- ?", re.IGNORECASE)
_LENGTH = r"(?P<count>[0-9]{1,2}) ?(?P<unit>Mon|Monate?n?|Wo|Wochen?|Tage?)\.?"
_LENGTH_FROM = re.compile(rf"{_LENGTH},? (?P<start>(?:ab|seit|vom) .+)", re.IGNORECASE)
_FROM_LENGTH = re.compile(rf"(?P<start>.*[0-9.]),? (?:für )?\(?{_LENGTH}\)?", re.IGNORECASE)
_LENGTH_ALONE = re.compile(_LENGTH, re.IGNORECASE)


class PeriodField(StructuredField):
    """From one day to another, both included; either may be open (None)."""

    type = "period"
    free_text = False

    def read_line(self, line: str, context: Context) -> Reading:
        line = dashes(line)
        if _LENGTH_ALONE.fullmatch(line):
            return ask("period_incomplete")
        if found := _LENGTH_FROM.fullmatch(line) or _FROM_LENGTH.fullmatch(line):
            start = read_day(found["start"], context.today)
            if not start.accepted:
                return Reading(start.kind, None, start.code)
            first = date.fromisoformat(str(start.value))
            last = _end(first, int(found["count"]), found["unit"].lower())
            return ask("end_computed", {"from": str(first), "to": str(last)})
        for split in _SPLIT.finditer(line):
            before, after = line[: split.start()], line[split.end() :]
            first_day, last_day = day_text(before), day_text(after)
            if isinstance(first_day, DayText) and isinstance(last_day, DayText):
                return self._between(first_day, last_day, context.today)
            if months := _months(before, after):
                return months
        return self._open(line, context.today)

    def _between(self, start: DayText, end: DayText, today: date) -> Reading:
        missing = end.year is None
        if missing:
            # Neither has a year, or only the start: a proposal that runs this year, or from the start's year on.
            end = replace(end, year=(start.year or today.year) + (start.year is not None and _later(start, end)))
        last = settle(end, today)
        if start.year is None:
            # The start's year is the end's, or the one before: 1.12. - 31.3.25 runs over New Year.
            start = replace(start, year=(end.year or 0) - _later(start, end))
        first = settle(start, today)
        for reading in (first, last):
            if not reading.accepted:
                return Reading(reading.kind, None, reading.code)
        if str(last.value) < str(first.value):
            return reject("period_reversed")
        value: Json = {"from": first.value, "to": last.value}
        return ask("year_missing", value) if missing else ok(value)

    def _open(self, line: str, today: date) -> Reading:
        parts = day_text(line)
        if isinstance(parts, Reading):
            return Reading(parts.kind, None, parts.code)
        day = settle(parts, today)
        ends = {"from": None, "to": day.value} if parts.direction == "bis" else {"from": day.value, "to": None}
        if day.kind is Kind.REJECT:
            return day
        if parts.direction not in ("ab", "seit", "bis"):
            return ask("period_incomplete", {**ends})
        return replace(day, value={**ends})

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        if isinstance(cell, date):
            return ask("period_incomplete", {"from": cell.isoformat()[:10], "to": None})
        return reject("not_a_period")

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            raise TypeError(value)
        first, last = (
            date.fromisoformat(str(d)).strftime("%d.%m.%Y") if d else "" for d in (value["from"], value["to"])
        )
        return f"{first} – {last}" if first and last else f"ab {first}" if first else f"bis {last}"


def _later(one: DayText, other: DayText) -> bool:
    """Whether the first day comes later in a year than the second."""
    return (one.month, one.day) > (other.month, other.day)


def _months(before: str, after: str) -> Reading | None:
    """A period of whole months, ``06/25 - 11/25`` or ``Juni - November 2025``: its first and last day are proposed."""
    start, end = month_text(before) or "", month_text(after) or ""
    if len(end) != 7 or not start:
        return None
    start = start if len(start) == 7 else f"{int(end[:4]) - (start > end[5:])}-{start}"
    if start > end:
        return reject("period_reversed")
    last = calendar.monthrange(int(end[:4]), int(end[5:]))[1]
    return ask("date_incomplete", {"from": f"{start}-01", "to": f"{end}-{last}"})


def _end(first: date, count: int, unit: str) -> date:
    """The last day of so many months, weeks or days from ``first`` on."""
    if not unit.startswith("mon"):
        return first + timedelta(days=count * (7 if unit.startswith("wo") else 1) - 1)
    years, month = divmod(first.month - 1 + count, 12)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, calendar.monthrange(year, month)[1])) - timedelta(days=1)
