"""What the cells of a list say about a woman's coaching: its class, and from when to when it runs."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from syncsvc.core.coaching.periods import Assignment, Coaching
from syncsvc.core.fields.contract import Context, Kind, Vocabulary
from syncsvc.core.fields.dates import DayText, EndDateField, PeriodField, day_text, month_text, read_day
from syncsvc.core.fields.measures import VOCABULARY, MeasureField
from syncsvc.core.folding import dashes, tidy
from syncsvc.core.mapping import Column
from syncsvc.core.model import Side

_GERMAN = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})", re.ASCII)
_DIRECTION = re.compile(r"^(?:ab|seit|von|bis|anfang|mitte|ende)(?: (?:zum|ende|mitte|anfang))?\.? +", re.IGNORECASE)
_COACHING = re.compile(r"coaching", re.IGNORECASE)
_ACCOMPANIED = re.compile(r"begleit|betreu", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AssignmentCells:
    """The texts about one assignment as they stand in a row; ``measure`` None: the list has no such column."""

    measure: str | None = None
    period: str = ""
    begin: str = ""
    end: str = ""
    exit: str = ""
    project: str = ""


class AssignmentReader:
    """Reads rows of one list. ``context`` brings the day that is today and the vocabulary of measures."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._measure = MeasureField(_column("measure", "measure"))
        self._end = EndDateField(_column("exit_date", "date"))
        self._period = PeriodField(_column("measure_period", "period"))
        self._classes: dict[tuple[str, bool], Coaching] = {}
        self._days: dict[str, date | None] = {}

    def assignment(self, person: str, cells: AssignmentCells) -> Assignment:
        """What the row says. The day she left counts before the day it should have ended; no end is open."""
        start, end = self._between(tidy(cells.period)) if cells.period else (None, None)
        start = self._day(cells.begin) or start
        end = self._last(cells.exit, start) or self._last(cells.end, start) or end
        return Assignment(person, tidy(cells.project), self.coaching(cells.measure, bool(cells.project)), start, end)

    def coaching(self, measure: str | None, in_project: bool) -> Coaching:  # noqa: FBT001  a fact about the row
        """The class of a measure as typed.

        A row of a project, or of a list without measures, is a coaching where nothing else stands. Words that mean
        several measures are soft unless all of them are of one class.
        """
        if measure is None:
            return Coaching.HARD
        known = self._classes.get((measure, in_project))
        if known is None:
            known = self._classes[measure, in_project] = self._class(tidy(measure), in_project)
        return known

    def _class(self, text: str, in_project: bool) -> Coaching:  # noqa: FBT001  a fact about the row
        if not text:
            return Coaching.HARD if in_project else Coaching.NONE
        reading = self._measure.parse(text, self._context)
        value = reading.value
        if isinstance(value, dict) and "coaching" in value:
            return Coaching(str(value["coaching"]))
        if reading.kind is Kind.ASK and isinstance(value, list):
            classes = {self._classed(one) for one in value}
            return classes.pop() if len(classes) == 1 else Coaching.SOFT
        if _COACHING.search(text):
            return Coaching.HARD
        return Coaching.SOFT if _ACCOMPANIED.search(text) else Coaching.NONE

    def _classed(self, value: object) -> Coaching:
        """The class of one of several meanings: an entry's key, or a value."""
        if isinstance(value, dict):
            return Coaching(str(value.get("coaching", Coaching.NONE)))
        words: Vocabulary = self._context.vocabularies[VOCABULARY]
        found = next((entry for entry in words.entries if entry.key == value), None)
        return Coaching(found.details.get("coaching", Coaching.NONE)) if found else Coaching.NONE

    def _between(self, period: str) -> tuple[date | None, date | None]:
        value = self._period.parse(period, self._context).value
        if isinstance(value, dict) and "from" in value and "to" in value:
            return _iso(value["from"]), _iso(value["to"])
        return self._day(period), None

    def _day(self, text: str) -> date | None:
        """The day a text names; of a month the first."""
        if found := _GERMAN.fullmatch(text):
            return _date(int(found[3]), int(found[2]), int(found[1]))
        if text not in self._days:
            self._days[text] = self._typed(dashes(tidy(text)))
        return self._days[text]

    def _typed(self, line: str) -> date | None:
        if not line:
            return None
        today = self._context.today
        month = month_text(_DIRECTION.sub("", line)) or ""
        if len(month) == 2:
            years = (date(today.year + off, int(month), 1) for off in (-1, 0, 1))
            return min(years, key=lambda day: abs(day - today))
        if month:
            return _iso(f"{month}-01")
        return _iso(read_day(line, today).value)

    def _last(self, text: str, start: date | None) -> date | None:
        """The last day; of a month its last, without a year the first such day after the beginning."""
        if not text:
            return None
        if found := _GERMAN.fullmatch(text):
            return _date(int(found[3]), int(found[2]), int(found[1]))
        line = dashes(tidy(text))
        if self._end.parse(line, self._context).value is None and month_text(_DIRECTION.sub("", line)) is None:
            return None
        day = self._typed(line)
        if day and month_text(_DIRECTION.sub("", line)):
            day = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        if day and start and day < start and _without_year(line):
            day = _date(start.year + ((day.month, day.day) < (start.month, start.day)), day.month, day.day)
        return day


def _without_year(line: str) -> bool:
    parts = day_text(line)
    if isinstance(parts, DayText):
        return parts.year is None
    return len(month_text(_DIRECTION.sub("", line)) or "") == 2


def _column(field: str, kind: str) -> Column:
    return Column(header=field, field=field, type=kind, owner=Side.PROJECT)


def _iso(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
