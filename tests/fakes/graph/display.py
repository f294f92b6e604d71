"""The text of a cell, as the API gives it to an application: in English, whatever the reader's Excel would show.

Only what tests need: General, digits with grouping, per cent, exponents, dates and times, literal text.
"""

from __future__ import annotations

import re
from datetime import datetime

from tests.fakes.google.formulas import Value, Wrong
from tests.fakes.graph.serials import moment

_TOKENS = re.compile(r"am/pm|\[h+\]|y+|m+|d+|h+|s+|\"[^\"]*\"|\\.|.", re.IGNORECASE)


def text(value: Value, code: str) -> str:
    """How a value looks under a number format."""
    if isinstance(value, Wrong):
        return value.shown
    if isinstance(value, bool):
        return str(value).upper()
    if not isinstance(value, float):
        return value or ""
    section = re.sub(r"\[\$[^\]]*\]|\[(?!h)[^\]]*\]|_.|\*.", "", code.split(";")[0])
    if code in {"General", "@", ""}:
        return _general(value)
    if is_date(code):
        return _moment(value, section)
    return _digits(value, section)


def is_date(code: str) -> bool:
    """Whether a number format shows a date or a time."""
    return bool(re.search(r"[ymdhs]", re.sub(r'"[^"]*"|\\.|\[[^h\]]*\]|General', "", code), re.IGNORECASE))


def _general(value: float) -> str:
    if value.is_integer() and abs(value) < 1e11:
        return str(int(value))
    if abs(value) >= 1e11 or (value and abs(value) < 1e-9):
        return re.sub(r"\.?0*E", "E", f"{value:.5E}")
    return f"{value:.10g}"


def _digits(value: float, section: str) -> str:
    """The sections for negative numbers are left out: a minus stands before the first one."""
    if match := re.search(r"0(?:\.(0+))?E\+0+", section):
        return f"{value:.{len(match[1] or '')}E}"
    if "/" in section:
        return _general(value)
    match = re.search(r"[#0,?]*[#0?](?:\.([0#?]+))?", section)
    if not match:
        return _general(value)
    percent = 100 if "%" in section else 1
    number = f"{value * percent:{',' if ',' in match[0] else ''}.{len(match[1] or '')}f}"
    leading = match[0].split(".")[0].count("0") if "," not in match[0] else 0
    whole = (
        section[: match.start()]
        + number.zfill(leading + len(number) - len(number.split(".")[0]))
        + section[match.end() :]
    )
    return re.sub(r"\\(.)", r"\1", whole.replace('"', ""))


def _moment(value: float, section: str) -> str:
    """``m`` is minutes behind an hour or before seconds, else months."""
    at, result, last = moment(value), "", ""
    twelve = "am/pm" in section.lower()
    tokens = _TOKENS.findall(section)
    letters = [token[0].lower() for token in tokens if token[0].lower() in "ymdhs"]
    seen = 0
    for token in tokens:
        kind = token.lower()
        if kind == "am/pm":
            result += "AM" if at.hour < 12 else "PM"
        elif kind.startswith("[h"):
            result, last = result + str(int(value * 24)), "h"
        elif kind[0] in "ymdhs":
            behind = letters[seen + 1] if seen + 1 < len(letters) else ""
            seen += 1
            minutes = kind[0] == "m" and (last == "h" or behind == "s")
            result, last = result + _part(at, "n" * len(kind) if minutes else kind, twelve=twelve), kind[0]
        else:
            result += token.strip('"').removeprefix("\\")
    return result


def _part(at: datetime, kind: str, *, twelve: bool) -> str:
    hour = at.hour % 12 or 12 if twelve else at.hour
    parts = {
        "y": f"{at.year % 100:02}" if len(kind) < 3 else f"{at.year:04}",
        "m": {1: f"{at.month}", 2: f"{at.month:02}", 3: f"{at:%b}"}.get(len(kind), f"{at:%B}"),
        "d": {1: f"{at.day}", 2: f"{at.day:02}", 3: f"{at:%a}"}.get(len(kind), f"{at:%A}"),
        "h": f"{hour:02}" if len(kind) > 1 else str(hour),
        "n": f"{at.minute:02}" if len(kind) > 1 else str(at.minute),
        "s": f"{at.second:02}" if len(kind) > 1 else str(at.second),
    }
    return parts[kind[0]]
