"""Names of participants."""

from __future__ import annotations

import re

from syncsvc.core.fields.base import StructuredField, Typed, ask, ok, reject
from syncsvc.core.fields.contract import Context, Reading
from syncsvc.core.folding import bare
from syncsvc.core.model import Json

SALUTATION = re.compile(r"^(?:(?:Frau|Herrn?|Fr|Hr|Dr|Prof|Dipl)\.? +|(?:Fr|Hr|Dr)\.)+", re.IGNORECASE)
_FAMILY_FIRST = frozenset(
    ("nguyen", "tran", "le", "pham", "huynh", "hoang", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo")
)
"""Vietnamese family names, which are said and written before the given names."""


class NameField(StructuredField):
    """``Family, Given``. Without a comma the order is a guess, and one word may be either: both are asked."""

    type = "name"

    def read_line(self, line: str, context: Context) -> Reading:
        line = SALUTATION.sub("", line)
        if not line or any(character.isdigit() for character in line):
            return reject("not_a_name")
        family, comma, given = (part.strip() for part in line.partition(","))
        if comma:
            if not family or not given or "," in given:
                return reject("not_a_name")
            return ok({"family": _cased(family), "given": _cased(given)})
        words = _cased(line).split()
        if len(words) == 1:
            return ask("mononym", {"family": words[0], "given": None})
        if bare(words[0]) in _FAMILY_FIRST:
            return ask("name_order", {"family": words[0], "given": " ".join(words[1:])})
        return ask("name_order", {"family": words[-1], "given": " ".join(words[:-1])})

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return reject("not_a_name")

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            raise TypeError(value)
        return ", ".join(str(part) for part in (value["family"], value["given"]) if part)


def _cased(name: str) -> str:
    """A name typed all in capitals in ordinary case; every other name as typed."""
    letters = [character for character in name if character.isalpha()]
    if len(letters) < 2 or not all(character.isupper() for character in letters):
        return name
    return re.sub(r"[^\W\d_]+", lambda word: word[0][0] + word[0][1:].lower(), name)
