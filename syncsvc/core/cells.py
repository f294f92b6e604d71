"""Cells as JSON values, exactly and back again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime, time

from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Json, Logical, Unsettled


def encode(cell: Cell) -> Json:
    """The cell as a JSON value: text, numbers and blanks as they are, every other kind as an object of one key.

    ``decode(encode(cell)) == cell`` and of the same type, also through ``json.dumps`` and ``json.loads``.
    """
    match cell:
        case None | str() | float():
            return cell
        case datetime():  # before date: a datetime is a date
            return {"datetime": cell.isoformat()}
        case date():
            return {"date": cell.isoformat()}
        case time():
            return {"time": cell.isoformat()}
        case Logical():
            return {"logical": cell.value}
        case ErrorValue():
            return {"error": cell.code}
        case Formula():
            return {"formula": [cell.text, encode(cell.value)]}
        case Covered():
            return {"covered": None}
    raise TypeError("not a cell")  # an int or bool that slipped past the types must not turn into a blank


def decode(value: Json) -> Cell:
    """The cell that ``encode`` turned into this value. Raises ``ValueError`` for anything else."""
    match value:
        case None | str() | float():
            return value
        case {"datetime": str(text)}:
            return datetime.fromisoformat(text)
        case {"date": str(text)}:
            return date.fromisoformat(text)
        case {"time": str(text)}:
            return time.fromisoformat(text)
        case {"logical": str(text)}:
            return Logical(text)
        case {"error": str(code)}:
            return ErrorValue(code)
        case {"formula": [str(text), shown]}:
            result = decode(shown)
            if not isinstance(result, Formula | Covered):
                return Formula(text, result)
        case {"covered": None}:
            return Covered()
    raise ValueError("not an encoded cell")


def digest(cells: Iterable[Cell | Unsettled]) -> str:
    """A short name of a whole row's content: equal exactly when every cell is (128 bits of SHA-256, hex).

    Not secret: it can be guessed from the content, so it is kept only where the content itself may stand.
    """
    row = [{"unsettled": None} if isinstance(cell, Unsettled) else encode(cell) for cell in cells]
    return hashlib.sha256(json.dumps(row, separators=(",", ":")).encode()).hexdigest()[:32]


def shown_text(cell: Cell) -> str | None:
    """A cell as text, for a question; None for a blank."""
    if isinstance(cell, Formula):
        return shown_text(cell.value)
    if isinstance(cell, ErrorValue):
        return cell.code
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return None if cell is None or isinstance(cell, Covered) else cell if isinstance(cell, str) else str(cell)
