"""What Excel's number formats make of a number, judged by their code."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from enum import Enum

from syncsvc.providers.serials import moment, time_of_day

GENERAL = "General"
TEXT_FORMAT = "@"

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p', re.IGNORECASE)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)


class Shows(Enum):
    """What a number becomes under a number format."""

    NUMBER = "number"
    """Also a duration such as ``[h]:mm``: 26 hours are no time of day."""
    DATE = "date"
    TIME = "time"
    TEXT = "text"


def shows(code: str) -> Shows:
    """What a number format shows, judged by its first section (ECMA-376 part 1, 18.8.31); German letters count, too."""
    if code in (GENERAL, "Standard"):
        return Shows.NUMBER
    code = _LITERAL.sub("", code).split(";")[0].lower()
    if code.strip() == TEXT_FORMAT:
        return Shows.TEXT
    if _ELAPSED.search(code):
        return Shows.NUMBER
    if re.search("[dyj]|tt", code) or ("m" in code and not re.search("[hs]", code)):
        return Shows.DATE
    return Shows.TIME if re.search("[hs]", code) else Shows.NUMBER


def as_shown(number: float, shown: Shows, *, date1904: bool = False) -> float | date | datetime | time:
    """The number as its format shows it; a day or time that does not exist stays a number."""
    found: date | datetime | time | None = None
    if shown is Shows.DATE and number >= 1 - date1904:
        found = moment(number, date1904=date1904)
    elif shown is Shows.TIME:
        found = time_of_day(number) or moment(number, date1904=date1904)
    return number if found is None else found
