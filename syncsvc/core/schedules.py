"""When a table is due, as crontab writes it: minute, hour, day of month, month, weekday."""

from __future__ import annotations

import re
from typing import Final

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final[tuple[tuple[int, int, dict[str, int]], ...]] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    (0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),  # 0 and 7 are Sunday
)
_PART = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[0-9]+))?", re.ASCII)


def is_schedule(text: str) -> bool:
    """Whether the text is five crontab fields of lists, ranges, steps and English names: ``*/30 6-19 * * mon-fri``."""
    parts = text.split()
    return len(parts) == len(_FIELDS) and all(
        _fits(item, *field) for part, field in zip(parts, _FIELDS, strict=True) for item in part.split(",")
    )


def _fits(item: str, low: int, high: int, names: dict[str, int]) -> bool:
    found = _PART.fullmatch(item)
    if found is None or (found["step"] and not 1 <= int(found["step"]) <= high):
        return False
    ends = [_number(text, names) for text in (found["first"], found["last"]) if text is not None]
    return all(low <= end <= high for end in ends) and ends == sorted(ends)


def _number(text: str, names: dict[str, int]) -> int:
    return int(text) if text.isdigit() else names.get(text.lower(), -1)
