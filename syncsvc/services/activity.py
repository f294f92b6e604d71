"""How lively a table is: what its runs changed, and how many questions waited, day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import figures, runs, tables

DAYS = 56
"""Eight weeks: two monthly reviews are in sight."""

CHANGES = ("cells_written", "records_changed", "records_created")
"""What a run counts of that is a change on one of the sides."""


@dataclass(frozen=True, slots=True)
class Day:
    """``changes`` that runs of this local day made on either side, and the questions that were ``open`` at its end."""

    day: date
    changes: int
    open: int


def days_of(rt: Runtime, key: str) -> list[Day]:
    """The last ``DAYS`` local days of a table, today the last one. Raises ``NotFound``."""
    today = rt.today()
    first = today - timedelta(days=DAYS - 1)
    begin = datetime.combine(first, time(), ZONE)
    changes: Counter[date] = Counter()
    open_: Counter[date] = Counter()
    with rt.database.read() as session:
        table_id = tables.get(session, key).id
        for started, counts in runs.since(session, table_id, begin):
            changes[_day(started)] += sum(counts.get(name, 0) for name in CHANGES)
        for opened, settled in figures.question_spans(session, table_id, begin):
            day, last = max(_day(opened), first), _day(settled) if settled else today + timedelta(days=1)
            while day < last:
                open_[day] += 1
                day += timedelta(days=1)
    days = (first + timedelta(days=number) for number in range(DAYS))
    return [Day(day, changes[day], open_[day]) for day in days]


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
