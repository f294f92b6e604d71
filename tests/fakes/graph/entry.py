"""What Excel makes of a text that is typed into a cell: en-US for whatever the API sends, de-DE for people.

Sources: support.microsoft.com "Stop automatically changing numbers to dates", "Date systems in Excel" (two-digit years:
00-29 are 20xx), "Excel specifications and limits" (15 digits, 32,767 characters), "Display numbers as fractions"; the
office-js documentation of ``Range.values`` for what begins with a plus, minus or equal sign; section 6 of the facts.
Unsure, and taken for the harder case: a lone group as in ``1,5`` (en-US) makes 15.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Context, Decimal

from tests.fakes.google import formulas
from tests.fakes.google.formulas import Formula, Wrong
from tests.fakes.google.grid import Entered
from tests.fakes.graph import refusals
from tests.fakes.graph.serials import serial

MAX_TEXT = 32_767
_ERRORS_EN = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
_ERRORS_DE = {"#NULL!", "#DIV/0!", "#WERT!", "#BEZUG!", "#NAME?", "#ZAHL!", "#NV"}
_TO_ENGLISH = {"#WERT!": "#VALUE!", "#BEZUG!": "#REF!", "#ZAHL!": "#NUM!", "#NV": "#N/A"}
_FUNCTIONS = {"SUMME": "SUM", "WENN": "IF", "WAHR": "TRUE", "FALSCH": "FALSE", "SVERWEIS": "VLOOKUP", "HEUTE": "TODAY"}


@dataclass(frozen=True)
class Typed:
    """What a text became, the number format it brings to a General cell, and whether a ``'`` came before it."""

    entered: Entered
    format: str | None = None
    quoted: bool = False


@dataclass(frozen=True)
class Speech:
    """How one language writes numbers and dates."""

    decimal: str
    group: str
    truth: dict[str, bool]
    errors: frozenset[str]
    separators: str
    day_first: bool
    months: dict[str, int]
    money: re.Pattern[str]
    money_format: str


def _months(*names: str) -> dict[str, int]:
    """Names and their abbreviations; several for one month are joined by ``|``."""
    return {each: number for number, group in enumerate(names, start=1) for each in group.split("|")}


ENGLISH = Speech(
    ".",
    ",",
    {"TRUE": True, "FALSE": False},
    frozenset(_ERRORS_EN),
    "/-",
    False,
    _months(
        "JAN|JANUARY", "FEB|FEBRUARY", "MAR|MARCH", "APR|APRIL", "MAY", "JUN|JUNE", "JUL|JULY", "AUG|AUGUST",
        "SEP|SEPT|SEPTEMBER", "OCT|OCTOBER", "NOV|NOVEMBER", "DEC|DECEMBER",
    ),
    re.compile(r"([+-]?)\$\s?(.+)"),
    '"$"#,##0',
)  # fmt: skip  # months on two lines
GERMAN = Speech(
    ",",
    ".",
    {"WAHR": True, "FALSCH": False},
    frozenset(_ERRORS_DE),
    "./-",
    True,
    _months(
        "JAN|JANUAR", "FEB|FEBRUAR", "MRZ|MÄRZ|MÄR", "APR|APRIL", "MAI", "JUN|JUNI", "JUL|JULI", "AUG|AUGUST",
        "SEP|SEPTEMBER", "OKT|OKTOBER", "NOV|NOVEMBER", "DEZ|DEZEMBER",
    ),
    re.compile(r"([+-]?)(.+?)\s?€"),
    '#,##0 "€"',
)  # fmt: skip  # months on two lines


def typed(text: str, number_format: str, speech: Speech, today: date) -> Typed:
    """What ``text`` becomes in a cell with this number format. Raises ``Refused`` for a formula that is none."""
    if len(text) > MAX_TEXT:
        raise refusals.invalid_argument()
    if text == "":
        return Typed(None)
    if text.startswith("'"):
        return Typed(text[1:], quoted=True)
    if number_format == "@":
        return Typed(text)
    stripped = text.strip(" ")
    for read in (_truth, _date, _time, _moment, _percent, _money, _fraction, _number):
        if (found := read(stripped, speech, today)) is not None:
            return found
    return _formula(text, speech) or Typed(text)


def _formula(text: str, speech: Speech) -> Typed | None:
    """``=…``; ``+`` and ``-`` before anything but a number; ``@`` before a function."""
    if text[0] in "=+-" and len(text) > 1:
        formula = text if text[0] == "=" else f"={text}"
    elif re.match(r"@\w[\w.]*\(", text):
        formula = f"={text[1:]}"
    else:
        return None
    return Typed(formula_of(formula, speech))


def formula_of(text: str, speech: Speech = ENGLISH) -> Formula:
    """The formula in English; refused where Excel would show "There's a problem with this formula"."""
    english = text if speech is ENGLISH else _english(text)
    if formulas.evaluate(english, lambda *_: None, comma_separates=True) == Wrong("ERROR"):
        raise refusals.invalid_argument()
    return Formula(english)


def _english(text: str) -> str:
    parts = re.split(r'("(?:[^"]|"")*")', text)
    for at in range(0, len(parts), 2):
        part = re.sub(r"(\d),(\d)", r"\1.\2", parts[at]).replace(";", ",")
        parts[at] = re.sub(
            r"[A-ZÄÖÜ]+", lambda word: _FUNCTIONS.get(word[0].upper(), word[0]), part, flags=re.IGNORECASE
        )
    return "".join(parts)


def _truth(text: str, speech: Speech, today: date) -> Typed | None:
    if text.upper() in speech.truth:
        return Typed(speech.truth[text.upper()])
    if text.upper() in speech.errors:
        return Typed(Formula(_TO_ENGLISH.get(text.upper(), text.upper())))
    return None


def _decimal(text: str, speech: Speech) -> Decimal | None:
    """A number with optional grouping, exponent and parentheses for negative ones; 15 digits are kept."""
    negative = re.fullmatch(r"\((.+)\)", text)
    plain = negative[1] if negative else text
    group, point = re.escape(speech.group), re.escape(speech.decimal)
    grouped = rf"\d+(?:{group}\d+)*" if speech is ENGLISH else rf"\d+(?:{group}\d{{3}})*"
    sign = "" if negative else "[+-]?"
    if not re.fullmatch(rf"{sign}\s?(?:{grouped}(?:{point}\d*)?|{point}\d+)(?:[Ee][+-]?\d{{1,3}})?", plain):
        return None
    number = Decimal(plain.replace(" ", "").replace(speech.group, "").replace(speech.decimal, "."))
    number = Context(prec=15, rounding=ROUND_DOWN).plus(number)
    if abs(number) > Decimal("9.99999999999999E307"):
        return None
    return -number if negative else number


def _number(text: str, speech: Speech, today: date) -> Typed | None:
    number = _decimal(text, speech)
    if number is None:
        return None
    if "e" in text.lower():
        return Typed(float(number), "0.00E+00")
    if speech.group in text:
        return Typed(float(number), "#,##0.00" if speech.decimal in text else "#,##0")
    return Typed(float(number))


def _percent(text: str, speech: Speech, today: date) -> Typed | None:
    if not text.endswith("%") or (number := _decimal(text[:-1].strip(), speech)) is None:
        return None
    return Typed(float(number / 100), "0.00%" if speech.decimal in text else "0%")


def _money(text: str, speech: Speech, today: date) -> Typed | None:
    match = speech.money.fullmatch(text)
    if not match or (number := _decimal(match[1] + match[2], speech)) is None:
        return None
    pattern = speech.money_format
    return Typed(float(number), pattern.replace("#,##0", "#,##0.00") if speech.decimal in text else pattern)


def _fraction(text: str, speech: Speech, today: date) -> Typed | None:
    match = re.fullmatch(r"([+-]?)(\d+) (\d{1,3})/(\d{1,3})", text)
    if not match or int(match[4]) == 0:
        return None
    number = (int(match[2]) + int(match[3]) / int(match[4])) * (-1 if match[1] == "-" else 1)
    return Typed(float(number), "# ?/?" if len(match[4]) == 1 else "# ??/??")


def _date(text: str, speech: Speech, today: date) -> Typed | None:
    if match := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text):
        return _day(int(match[1]), int(match[2]), int(match[3]), "m/d/yyyy")
    return _numeric(text, speech, today) or _worded(text, speech, today)


def _numeric(text: str, speech: Speech, today: date) -> Typed | None:
    """``1/2``, ``1-2-26``, ``5/2026``; in German ``1.2.``, ``01.02.2026``."""
    separators = re.escape(speech.separators)
    match = re.fullmatch(rf"(\d{{1,2}})([{separators}])(\d{{1,2}})(?:\2(\d{{4}}|\d{{1,2}})?)?", text)
    if match and not (text.endswith(match[2]) and match[2] != "."):
        first, second = int(match[1]), int(match[3])
        day, month = (first, second) if speech.day_first else (second, first)
        pattern = "m/d/yyyy" if match[4] else "d-mmm"
        if found := _day(_year(match[4], today), month, day, pattern):
            return found
    if match := re.fullmatch(rf"(\d{{1,2}})[{separators}](\d{{4}}|\d{{2}})", text):
        return _day(_year(match[2], today), int(match[1]), 1, "mmm-yy")
    return None


def _worded(text: str, speech: Speech, today: date) -> Typed | None:
    """``MARCH1``, ``2-Sep``, ``15. Mai 2026``, ``May 2026``, ``January 15, 2016``; ``Jan-15-2016`` stays text."""
    gap = r"[ .\-/]*"
    shapes = (
        (rf"(?P<d>\d{{1,2}}){gap}(?P<m>[^\W\d_]+)\.?", "d-mmm"),
        (rf"(?P<d>\d{{1,2}}){gap}(?P<m>[^\W\d_]+)\.?[ \-/,]+(?P<y>\d{{4}}|\d{{2}})", "d-mmm-yy"),
        (r"(?P<m>[^\W\d_]+)\.? (?P<d>\d{1,2}), ?(?P<y>\d{4})", "d-mmm-yy"),
        (r"(?P<m>[^\W\d_]+)[ \-/]*(?P<d>\d{1,2})", "d-mmm"),
        (r"(?P<m>[^\W\d_]+)[ \-/]*(?P<y>\d{4}|\d{2})", "mmm-yy"),
    )
    for shape, pattern in shapes:
        match = re.fullmatch(shape, text)
        month = speech.months.get(match["m"].upper()) if match else None
        if not match or month is None:
            continue
        parts = match.groupdict()
        if found := _day(_year(parts.get("y"), today), month, int(parts.get("d") or 1), pattern):
            return found
    return None


def _day(year: int, month: int, day: int, pattern: str) -> Typed | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return Typed(serial(found), pattern) if found.year >= 1900 else None


def _year(text: str | None, today: date) -> int:
    if not text:
        return today.year
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 30 else 1900)


def _time(text: str, speech: Speech, today: date) -> Typed | None:
    match = re.fullmatch(r"(\d{1,4}):(\d{1,2})(?::(\d{1,2}))?(?: (A|P|AM|PM))?", text, re.IGNORECASE)
    if match is None:
        match = re.fullmatch(r"(\d{1,2})()() (A|P|AM|PM)", text, re.IGNORECASE)
    if not match:
        return None
    hours, minutes, seconds = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    pattern = "h:mm:ss" if match[3] else "h:mm"
    if match[4]:
        if not 1 <= hours <= 12:
            return None
        hours, pattern = hours % 12 + (12 if match[4].upper().startswith("P") else 0), f"{pattern} AM/PM"
    elif hours > 23:
        pattern = "[h]:mm:ss"
    if minutes > 59 or seconds > 59:
        return None
    return Typed((hours * 3600 + minutes * 60 + seconds) / 86400, pattern)


def _moment(text: str, speech: Speech, today: date) -> Typed | None:
    day, _, clock = text.partition(" ")
    found, time = _date(day, speech, today), _time(clock, speech, today)
    if found is None or time is None:
        return None
    assert isinstance(found.entered, float)
    assert isinstance(time.entered, float)
    return Typed(found.entered + time.entered, "m/d/yyyy h:mm")
