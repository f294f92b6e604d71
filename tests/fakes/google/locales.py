"""How the window reads what is typed, and shows what stands in a cell: by the spreadsheet's locale, not the typist's.

Source: the table in section 2 of the facts about Google Sheets; where those are unsure, the choice is named beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.fakes.google.formulas import Formula, Value, Wrong
from tests.fakes.google.grid import Entered

EPOCH = date(1899, 12, 30)
Format = dict[str, Any]
Typed = tuple[Entered, Format | None]
"""What a text becomes, and the number format it brings along."""

_PATTERNS = {
    "de": {"DATE": "dd.MM.yyyy", "TIME": "HH:mm:ss", "DATE_TIME": "dd.MM.yyyy HH:mm:ss", "CURRENCY": '#,##0.00 "€"'},
    "en": {"DATE": "M/d/yyyy", "TIME": "h:mm:ss am/pm", "DATE_TIME": "M/d/yyyy H:mm:ss", "CURRENCY": '"$"#,##0.00'},
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?")
_DAYS = {"de": r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2})?)?", "en": r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?"}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def language(locale: str) -> str:
    """``de`` or ``en``: the two this fake can type in."""
    return "de" if locale.startswith("de") else "en"


def typed(text: str, locale: str, number_format: Format, today: date) -> Typed:
    """What ``text`` becomes when typed into a cell with this number format, as USER_ENTERED does too."""
    if not text:
        return None, None
    if text.startswith("'"):
        return text[1:], None
    if number_format.get("type") == "TEXT":
        return text, None
    stripped, speech = text.strip(), language(locale)
    for read in (_truth, _percent, _money, _number, _iso, _day, _time):
        if (found := read(stripped, speech, today)) is not None:
            return found
    if len(text) > 1 and text[0] in "=+":
        return Formula("=" + text[1:]), None
    return text, None


def _truth(text: str, speech: str, today: date) -> Typed | None:
    words = {"TRUE": True, "FALSE": False}
    if speech == "de":
        words |= {"WAHR": True, "FALSCH": False}
    return (words[text.upper()], None) if text.upper() in words else None


def _percent(text: str, speech: str, today: date) -> Typed | None:
    if not text.endswith("%") or (number := _plain(text[:-1].strip(), speech)) is None:
        return None
    return number / 100, {"type": "PERCENT", "pattern": "0%" if number == int(number) else "0.00%"}


def _money(text: str, speech: str, today: date) -> Typed | None:
    sign = "€" if speech == "de" else "$"
    if sign not in (text[:1], text[-1:]) or (number := _plain(text.strip(sign).strip(), speech)) is None:
        return None
    return number, {"type": "CURRENCY", "pattern": _PATTERNS[speech]["CURRENCY"]}


def _number(text: str, speech: str, today: date) -> Typed | None:
    if speech == "de" and (found := _day(text, speech, today)):  # 1.5 is the first of May there
        return found
    number = _plain(text, speech)
    return None if number is None else (number, None)


def _plain(text: str, speech: str) -> float | None:
    """A number with lax grouping: three digits or more behind a separator, wherever it stands. 15 digits are kept.

    Fewer than three (``1,5`` in en_US) are taken for text; whether Google says 15 is unclear.
    """
    group, point = (r"\.", ",") if speech == "de" else (",", r"\.")
    if not re.fullmatch(rf"[+-]?(\d+({group}\d{{3,}})*({point}\d*)?|{point}\d+)(E[+-]?\d+)?", text, re.IGNORECASE):
        return None
    plain = re.sub(group, "", text)
    number = float(plain.replace(",", "."))
    return float(f"{number:.15g}") if abs(number) != float("inf") else None


def _iso(text: str, speech: str, today: date) -> Typed | None:
    match = _ISO.fullmatch(text)
    if not match or (match[7] and speech == "de"):  # the full stop is no decimal sign there, so it stays text
        return None
    day = _date(int(match[1]), int(match[2]), int(match[3]))
    if day is None:
        return None
    if match[4] is None:
        return serial(day), {"type": "DATE", "pattern": "yyyy-mm-dd"}
    fraction = _fraction(match[4], match[5], match[6] or "0")
    if fraction is None:
        return None
    fraction += float(match[7] or 0) / 86400
    return serial(day) + fraction, {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"}


def _day(text: str, speech: str, today: date) -> Typed | None:
    """``01.09.2024``, ``1.5``, ``1.2.26 10:00`` in German; ``9/1/2024``, ``5/1`` in English."""
    shape = (
        r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2})?)?" if speech == "de" else r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?"
    )
    match = re.fullmatch(rf"{shape}(?: {_CLOCK.pattern})?", text)
    if not match:
        return None
    first, second = int(match[1]), int(match[2])
    day_, month = (first, second) if speech == "de" else (second, first)
    found = _date(_year(match[3], today), month, day_)
    if found is None:
        return None
    if match[4] is None:
        return serial(found), {"type": "DATE", "pattern": _PATTERNS[speech]["DATE"]}
    fraction = _fraction(match[4], match[5], match[6] or "0")
    if fraction is None:
        return None
    return serial(found) + fraction, {"type": "DATE_TIME", "pattern": _PATTERNS[speech]["DATE_TIME"]}


def _year(text: str | None, today: date) -> int:
    if not text:
        return today.year
    year = int(text)
    return year if year > 99 else year + (2000 if year < 50 else 1900)


def _time(text: str, speech: str, today: date) -> Typed | None:
    match = _CLOCK.fullmatch(text)
    if not match or (fraction := _fraction(match[1], match[2], match[3] or "0")) is None:
        return None
    return fraction, {"type": "TIME", "pattern": "hh:mm:ss" if match[3] else "hh:mm"}


def _fraction(hours: str, minutes: str, seconds: str) -> float | None:
    if int(hours) > 23 or int(minutes) > 59 or int(seconds) > 59:
        return None
    return (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) / 86400


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def serial(day: date) -> float:
    """Days since 30 December 1899."""
    return float((day - EPOCH).days)


def moment(number: float) -> datetime:
    """The moment a serial number stands for, without a time zone, to the millisecond."""
    return datetime.combine(EPOCH, time()) + timedelta(milliseconds=round(number * 86_400_000))


def shown(value: Value, number_format: Format, locale: str) -> str:
    """The text a person sees."""
    speech = language(locale)
    if isinstance(value, Wrong):
        return value.shown
    if isinstance(value, bool):
        return {"de": ("FALSCH", "WAHR"), "en": ("FALSE", "TRUE")}[speech][value]
    if not isinstance(value, float):
        return value or ""
    kind = number_format.get("type")
    pattern = number_format.get("pattern") or _PATTERNS[speech].get(kind or "", "")
    if kind in {"DATE", "TIME", "DATE_TIME"}:
        return _moment_shown(value, pattern)
    if kind == "PERCENT" and not pattern:
        pattern = "0.00%"
    if kind in {None, "TEXT"} or not pattern:
        return _general(value, speech)
    return _patterned(value, pattern, speech)


def _general(value: float, speech: str) -> str:
    text = f"{value:.15g}".upper().replace("E+0", "E+").replace("E-0", "E-")
    return text.replace(".", ",") if speech == "de" else text


def _patterned(value: float, pattern: str, speech: str) -> str:
    """Digits after ``0.00``, grouping with ``#,##0``, per cent, and literal text around it."""
    match = re.search(r"[#0,]*[#0](?:\.([0#]+))?", pattern)
    if not match:
        return _general(value, speech)
    percent = "%" in pattern
    number = f"{value * 100 if percent else value:{',' if ',' in match[0] else ''}.{len(match[1] or '')}f}"
    if speech == "de":
        number = number.translate(str.maketrans(",.", ".,"))
    return (pattern[: match.start()] + number + pattern[match.end() :]).replace('"', "")


_PARTS: dict[str, Callable[[datetime], str]] = {
    "yyyy": lambda at: f"{at.year:04}",
    "yy": lambda at: f"{at.year % 100:02}",
    "MM": lambda at: f"{at.month:02}",
    "M": lambda at: str(at.month),
    "dd": lambda at: f"{at.day:02}",
    "d": lambda at: str(at.day),
    "HH": lambda at: f"{at.hour:02}",
    "H": lambda at: str(at.hour),
    "12": lambda at: str(at.hour % 12 or 12),
    "mm": lambda at: f"{at.minute:02}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02}",
    "s": lambda at: str(at.second),
    "am/pm": lambda at: "AM" if at.hour < 12 else "PM",
}


def _moment_shown(value: float, pattern: str) -> str:
    """``m`` is minutes behind an hour or before seconds, else months; ``h`` counts to 12 only beside am/pm."""
    at, result = moment(value), ""
    tokens = re.findall(r"am/pm|y+|M+|m+|d+|[hH]+|s+|\"[^\"]*\"|.", pattern)
    letters_ = [token[0] for token in tokens if token[0] in "yMmdhHs"]
    seen = 0
    for token in tokens:
        if token[0] not in "yMmdhHsa":
            result += token.strip('"')
            continue
        if token != "am/pm":
            before = letters_[seen - 1] if seen else ""
            behind = letters_[seen + 1] if seen + 1 < len(letters_) else ""
            seen += 1
            token = _part(token, before, behind, twelve="am/pm" in pattern)
        result += _PARTS[token](at)
    return result


def _part(token: str, before: str, behind: str, *, twelve: bool) -> str:
    kind, length = token[0], min(len(token), 2)
    if kind == "y":
        return "yyyy" if len(token) > 2 else "yy"
    if kind in "hH":
        return "12" if twelve else "H" * length
    if kind in "mM":
        minutes = kind == "m" and (before in ("h", "H") or behind == "s")
        return ("m" if minutes else "M") * length
    return kind * length
