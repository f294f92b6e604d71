"""One cell of Google Sheets: what it holds as a value of ours, and how a value of ours is put into it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeAlias

from syncsvc.core.model import BLANK, Cell, ErrorValue, Formula, Logical
from syncsvc.errors import TableError

Data: TypeAlias = Mapping[str, Any]
"""Google's CellData, or a part of it."""

Value: TypeAlias = str | float | Logical | date | datetime | time | ErrorValue | None

MAX_LENGTH = 50_000
"""Characters of a cell (limits of the Sheets API), counted in UTF-16 as the cautious reading of it."""

SPILLED = "=…"
"""The formula of a cell that another cell's formula fills: the platform does not tell which."""

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # serial 0; the value of a cell has no time zone
_DAY = 86_400_000

_MOMENTS = frozenset({"DATE", "DATE_TIME"})
_TYPED = frozenset({*_MOMENTS, "TIME", "TEXT"})
"""Number formats under which a plain number would be read as something else, or turned into text."""

PATTERNS: Final = {"DATE": "dd.mm.yyyy", "DATE_TIME": "dd.mm.yyyy hh:mm", "TIME": "hh:mm"}

_ERRORS: Final = {
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}


def kind_of(data: Data) -> str:
    """The type of the cell's number format (``DATE``, ``TEXT``, …); empty where it has none."""
    for name in ("effectiveFormat", "userEnteredFormat"):
        if (form := data.get(name)) and (number_format := form.get("numberFormat")):
            return str(number_format.get("type", ""))
    return ""


def read_cell(data: Data, kind: str) -> Cell:
    """What the cell holds. ``kind`` is its number format's type, which alone makes a number a date."""
    entered: Data | None = data.get("userEnteredValue")
    shown: Data | None = data.get("effectiveValue")
    if not entered:
        return Formula(SPILLED, _value(shown, kind)) if shown else BLANK
    if "formulaValue" in entered:
        return Formula(entered["formulaValue"], _value(shown or {}, kind))
    return _value(entered, kind)


def _value(value: Data, kind: str) -> Value:
    if "stringValue" in value:
        return value["stringValue"] or None
    if "numberValue" in value:
        return _number(float(value["numberValue"]), kind)
    if "boolValue" in value:
        return Logical.TRUE if value["boolValue"] else Logical.FALSE
    if "errorValue" in value:
        return ErrorValue(_ERRORS.get(value["errorValue"].get("type", ""), "#ERROR!"))
    return None


def _number(number: float, kind: str) -> Value:
    """The number as its format shows it; a day that no calendar of ours has stays a number."""
    if kind not in _MOMENTS and kind != "TIME":
        return number
    try:
        moment = _EPOCH + timedelta(milliseconds=round(number * _DAY))
    except OverflowError:
        return number
    if kind == "TIME" and 0 <= number < 1:
        return moment.time()
    return moment.date() if moment.time() == time() else moment


def written(cell: Cell) -> dict[str, Any]:
    """The ``userEnteredValue`` that holds exactly this; empty for a blank. Literal: nothing is parsed as if typed.

    Raises ``TableError`` for what no cell can hold.
    """
    if cell is BLANK:
        return {}
    if isinstance(cell, str):
        if len(cell.encode("utf-16-le", "surrogatepass")) // 2 > MAX_LENGTH:
            raise TableError("Ein Text ist länger als 50.000 Zeichen und passt in keine Zelle.")
        return {"stringValue": cell}
    if isinstance(cell, Logical):
        return {"boolValue": cell is Logical.TRUE}
    if isinstance(cell, float) and math.isfinite(cell):
        return {"numberValue": cell}
    if isinstance(cell, datetime):
        return {"numberValue": (cell - _EPOCH) / timedelta(days=1)}
    if isinstance(cell, date):
        return {"numberValue": float((cell - _EPOCH.date()).days)}
    if isinstance(cell, time):
        return {"numberValue": (datetime.combine(_EPOCH, cell) - _EPOCH) / timedelta(days=1)}
    raise TableError("Formeln, Fehlerwerte und verbundene Zellen schreibt der Dienst nicht.")


def needed_format(cell: Cell, kind: str) -> dict[str, str] | None:
    """The number format a cell with this one needs so that the value is shown, and read again, as what it is.

    None: it may stay as it is, which it always may for text and blanks. Empty: none at all.
    """
    if isinstance(cell, datetime):
        wanted = "DATE_TIME"
    elif isinstance(cell, date):
        wanted = "DATE" if kind not in _MOMENTS else kind
    elif isinstance(cell, time):
        wanted = "TIME"
    else:
        return {} if isinstance(cell, float | Logical) and kind in _TYPED else None
    return None if wanted == kind else {"type": wanted, "pattern": PATTERNS[wanted]}
