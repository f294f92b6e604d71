"""What a record says its woman takes part in: the project's own coaching, and the job centre's measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from syncsvc.core.coaching import Assignment, Coaching
from syncsvc.core.fields.contract import DirectoryOrganisation
from syncsvc.core.folding import bare
from syncsvc.core.model import Json, Record, RecordState
from syncsvc.services.runtime import ZONE

MEASURE, STATUS = "measure", "status"
DATED: tuple[str, ...] = (MEASURE, STATUS)
"""Fields whose last change says when something began or ended, where no date was typed."""

_RUNNING = frozenset({"active", "paused"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and what its woman takes part in. ``subject`` names the measure; other measures are other subjects."""

    record: Record
    project: int
    own: Assignment | None
    measure: Assignment | None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Providers:
    """Who coaches: a project's organisation or, where it has none, that of the coach; ``project`` names one alone."""

    project: int
    organisation: str | None
    coaches: Mapping[str, str]
    directory: tuple[DirectoryOrganisation, ...]

    def of_project(self, record: Record) -> str:
        """The key of the organisation that coaches her in the project."""
        coach = record.values.get("coach")
        house = self.coaches.get(coach) if isinstance(coach, str) else None
        return house or self.organisation or f"project {self.project}"

    def of_measure(self, note: Json) -> str:
        """The key of the organisation whose name stands beside the measure; ``""`` where none does."""
        words = bare(note) if isinstance(note, str) else ""
        names = ((house.key, bare(name)) for house in self.directory for name in (house.name, *house.aliases))
        return next((key for key, name in names if name and name in words), "")


def entry_of(record: Record, providers: Providers, changed: Mapping[str, datetime]) -> Entry:
    """What the record says. ``changed``: when the fields ``DATED`` last changed.

    A void record takes part in nothing, nor does a woman who waits. Without a date of its own a measure runs from the
    day it was entered, and a coaching ends on the day its status says so.
    """
    values = record.values
    if record.state is RecordState.VOID:
        return Entry(record, providers.project, None, None)
    kind = values.get(MEASURE)
    own = _own(record, providers.of_project(record), changed.get(STATUS))
    if not isinstance(kind, dict):
        return Entry(record, providers.project, own, None)
    provider = providers.of_measure(kind.get("note"))
    start, end = _measure_days(values, changed.get(MEASURE))
    measure = Assignment(record.ref, provider, Coaching(str(kind["coaching"])), start, end)
    subject = " ".join(part for part in (str(kind["measure"]), provider) if part)
    return Entry(record, providers.project, own, measure, subject)


def _own(record: Record, provider: str, ended_at: datetime | None) -> Assignment | None:
    status = record.values.get(STATUS)
    status = status.get("status") if isinstance(status, dict) else status
    start, end = day(record.values.get("entry_date")), day(record.values.get("exit_date"))
    if status == "ended" and end is None:
        end = ended_at.astimezone(ZONE).date() if ended_at else start
    if status == "waiting" or (start is None and status not in _RUNNING):
        return None
    return Assignment(record.ref, provider, Coaching.HARD, start, end)


def _measure_days(values: Mapping[str, Json], entered_at: datetime | None) -> tuple[date | None, date | None]:
    period = values.get("measure_period")
    period = period if isinstance(period, dict) else {}
    start = day(period.get("from")) or day(values.get("measure_from"))
    end = day(period.get("to")) or day(values.get("measure_to"))
    if start is None and entered_at is not None:
        entered = entered_at.astimezone(ZONE).date()
        start = entered if end is None or entered <= end else None
    return start, end


def day(value: Json) -> date | None:
    """The day of a date in normal form."""
    text = value.get("date") if isinstance(value, dict) else value
    return date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
