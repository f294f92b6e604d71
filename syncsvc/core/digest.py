"""What somebody of the directory is told by mail about contacts: when, and in which words. Counts, never a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from syncsvc.core.contacts import Event, Kind

HOUR: Final = time(7)
"""Letters leave in the morning, local time."""


class Rhythm(StrEnum):
    DAILY = "daily"
    """On working days."""
    WEEKLY = "weekly"
    """On Mondays."""
    OFF = "off"


class News(StrEnum):
    """What a letter may tell, in the order it tells it."""

    NEW_CONTACT = "new_contact"
    HANDOVER = "handover"
    VACANCY = "vacancy"
    LEFT = "left"


COACH: Final[Mapping[Kind, News]] = {
    Kind.CHANGE: News.NEW_CONTACT,
    Kind.HANDOVER: News.NEW_CONTACT,
    Kind.FILLED: News.NEW_CONTACT,
}
"""What a coach is told of her own participants."""

LIAISON: Final[Mapping[Kind, News]] = {
    Kind.HANDOVER: News.HANDOVER,
    Kind.VACANCY: News.VACANCY,
    Kind.LEFT: News.LEFT,
}
"""What a liaison is told of all participants her house has to do with."""

_SENTENCES: Final[Mapping[News, tuple[str, str]]] = {
    News.NEW_CONTACT: (
        "Eine Ihrer Teilnehmerinnen hat eine neue Ansprechperson.",
        "{count} Ihrer Teilnehmerinnen haben eine neue Ansprechperson.",
    ),
    News.HANDOVER: (
        "Eine Teilnehmerin wurde an eine andere Ansprechperson übergeben.",
        "{count} Teilnehmerinnen wurden an eine andere Ansprechperson übergeben.",
    ),
    News.VACANCY: (
        "Eine Teilnehmerin ist ohne Ansprechperson.",
        "{count} Teilnehmerinnen sind ohne Ansprechperson.",
    ),
    News.LEFT: (
        "Bei einer Teilnehmerin ist die eingetragene Ansprechperson nicht mehr da.",
        "Bei {count} Teilnehmerinnen ist die eingetragene Ansprechperson nicht mehr da.",
    ),
}


def last_due(rhythm: Rhythm, now: datetime) -> datetime:
    """The last moment up to ``now`` (local time) at which a letter of this rhythm leaves; never for ``OFF``."""
    if rhythm is Rhythm.OFF:
        return datetime.min.replace(tzinfo=now.tzinfo)
    day = now.date() if now.time() >= HOUR else now.date() - timedelta(days=1)
    back = day.weekday() if rhythm is Rhythm.WEEKLY else max(day.weekday() - 4, 0)
    return datetime.combine(day - timedelta(days=back), HOUR, now.tzinfo)


def gather(events: Iterable[Event], wanted: Mapping[Kind, News]) -> dict[News, frozenset[str]]:
    """The references each kind of news is about: what happened to contacts at the job centre, or to whole people."""
    found: dict[News, frozenset[str]] = {}
    for event in events:
        news = wanted.get(event.kind)
        if news is not None and event.role in ("contact_jc", ""):
            found[news] = found.get(news, frozenset()) | frozenset(event.refs)
    return found


def sentences(news: Mapping[News, frozenset[str]], *, references: bool) -> str:
    """The news of one table as a letter says it; empty when nothing happened."""
    told = []
    for kind in News:
        if refs := news.get(kind):
            one, many = _SENTENCES[kind]
            named = f" ({', '.join(sorted(refs))})" if references else ""
            text = one if len(refs) == 1 else many.format(count=len(refs))
            told.append(f"{text.removesuffix('.')}{named}.")
    return " ".join(told)
