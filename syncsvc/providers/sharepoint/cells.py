"""One cell of Excel: what Graph's answer says it holds, and how a value of ours is put into it.

Graph reads a string as if it were typed in the United States, so text that could be anything else needs the number
format ``@`` before it comes; numbers and truth values come as what they are.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from functools import lru_cache
from typing import TypeAlias

from syncsvc.core.model import BLANK, Cell, ErrorValue, Formula, Logical
from syncsvc.errors import PlatformBusy, TableError
from syncsvc.providers.formats import GENERAL, TEXT_FORMAT, Shows, as_shown, shows
from syncsvc.providers.serials import serial

Raw: TypeAlias = str | float | bool
"""A cell in JSON, of ``values`` and of ``formulas`` alike; a blank one is an empty text."""

Value: TypeAlias = str | float | Logical | date | datetime | time | ErrorValue | None

MAX_LENGTH = 32_767
"""Characters of a cell (Excel specifications and limits), counted in UTF-16."""

DAY, MOMENT, TIME, EXACT_TIME = "dd.mm.yyyy", "dd.mm.yyyy hh:mm", "hh:mm", "hh:mm:ss"

_ERROR = re.compile(r"#(?:N/A|[A-Z0-9/_]+[!?])|#GETTING_DATA")
_PLAIN = re.compile(r"[^\W\d_][^\d]*")
"""Begins with a letter and has no digit: never a number, date, time or formula."""

_TRUTH = frozenset({"true", "false", "wahr", "falsch"})

_shows = lru_cache(maxsize=1024)(shows)


def read_cell(value: object, formula: object, code: str) -> Cell:
    """What the cell holds: from its entries in ``values`` and ``formulas``, and its number format, which alone makes a
    number a date.

    Literal text that begins with ``=`` stands the same way in both. Raises ``PlatformBusy`` for a missing entry.
    """
    if isinstance(formula, str) and formula.startswith("=") and formula != value:
        return Formula(formula, _value(value, code))
    return _value(value, code)


def _value(value: object, code: str) -> Value:
    if isinstance(value, str):
        if value.startswith("#") and _ERROR.fullmatch(value) and _shows(code) is not Shows.TEXT:
            return ErrorValue(value)
        return value or None
    if isinstance(value, bool):
        return Logical.TRUE if value else Logical.FALSE
    if isinstance(value, int | float):
        return as_shown(float(value), _shows(code))
    raise PlatformBusy("Microsoft hat unvollständig geantwortet.")


def written(cell: Cell) -> Raw:
    """What to send so that the cell holds exactly this, once it has the format that ``needed_format`` asks for.

    Raises ``TableError`` for what no cell can hold.
    """
    if cell is BLANK:
        return ""
    if isinstance(cell, str):
        if len(cell.encode("utf-16-le", "surrogatepass")) // 2 > MAX_LENGTH:
            raise TableError("Ein Text ist länger als 32.767 Zeichen und passt in keine Zelle.")
        return f"'{cell}" if cell.startswith("'") else cell  # Excel takes the first one for its own mark of a text
    if isinstance(cell, Logical):
        return cell is Logical.TRUE
    if isinstance(cell, float) and math.isfinite(cell):
        return cell
    if isinstance(cell, date | time):
        number = serial(cell, date1904=False)
        if number is None:
            raise TableError("Excel kennt diesen Tag nicht: seine Zeitrechnung beginnt 1900.")
        return number
    raise TableError("Formeln, Fehlerwerte und verbundene Zellen schreibt der Dienst nicht.")


def comes_back(sent: Raw) -> Raw:
    """What ``formulas`` shows of a cell to which this was sent: all of it but Excel's mark of a text."""
    return sent[1:] if isinstance(sent, str) and sent.startswith("'") else sent


def same(one: object, other: object) -> bool:
    """Whether two entries of ``formulas`` are the same content; Excel keeps some fifteen digits of a number."""
    if isinstance(one, bool) or isinstance(other, bool) or isinstance(one, str) or isinstance(other, str):
        return type(one) is type(other) and one == other
    return isinstance(one, int | float) and isinstance(other, int | float) and math.isclose(one, other, rel_tol=1e-12)


def needed_format(cell: Cell, code: str) -> str | None:
    """The number format that a cell with this one needs so that the value arrives, and is read again, as what it is.

    None: it may stay as it is. A format people chose for days stays for days.
    """
    shown = _shows(code)
    if isinstance(cell, str):
        if cell.startswith("'"):  # whether Excel takes a mark off under @ is nowhere said; elsewhere it does
            return GENERAL if shown is Shows.TEXT else None
        return None if shown is Shows.TEXT or _is_plain(cell) else TEXT_FORMAT
    if isinstance(cell, datetime):
        return None if shown is Shows.DATE else MOMENT
    if isinstance(cell, date):
        return None if shown is Shows.DATE else DAY
    if isinstance(cell, time):
        return None if shown is Shows.TIME else EXACT_TIME if cell.second else TIME
    if isinstance(cell, float):
        return None if shown is Shows.NUMBER else GENERAL
    return GENERAL if isinstance(cell, Logical) and shown is Shows.TEXT else None


def new_format(cell: Cell, above: str) -> str | None:
    """The number format for a cell of a new row, whose own is not known: like the one above where that fits."""
    if cell is BLANK or (isinstance(cell, str) and _is_plain(cell)):
        return None
    if isinstance(cell, Logical) or (isinstance(cell, str) and cell.startswith("'")):
        return GENERAL
    return needed_format(cell, above) or above


def _is_plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and text.strip().casefold() not in _TRUTH
