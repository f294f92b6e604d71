"""Names of participants."""

from __future__ import annotations

import re
import unicodedata

from syncsvc.core.fields.base import StructuredField, Typed, ask, ok, reject
from syncsvc.core.fields.contract import Context, Reading
from syncsvc.core.folding import bare
from syncsvc.core.model import Json

SALUTATION = re.compile(r"^(?:(?:Frau|Herrn?|Fr|Hr|Dr|Prof|Dipl)\.? +|(?:Fr|Hr|Dr)\.)+", re.IGNORECASE)
_FAMILY_FIRST = frozenset(
    ("nguyen", "tran", "le", "pham", "huynh", "hoang", "phan", "vu", "vo", "dang", "bui", "do", "ho", "ngo")
)
"""Vietnamese family names, which are said and written before the given names."""
_BORN = re.compile(r" \(?(?:geb\.?|geborene) [^,()]+\)?", re.IGNORECASE)
_PARTICLES = frozenset(
    (
        *("von", "van", "de", "der", "den", "del", "della", "di", "da", "dos", "do", "la", "le", "el", "al"),
        *("bin", "bint", "ibn", "abu", "zu", "zur", "zum", "ter", "ten", "st", "san"),
    )
)
"""Words that begin a family name of several words."""


class NameField(StructuredField):
    """``Family, Given``. Without a comma the order is a guess, and one word may be either: both are asked."""

    type = "name"
    blanks = StructuredField.blanks | {"unknown": reject("not_a_name"), "none": reject("not_a_name")}
    uncertain = "name_uncertain"

    def read_line(self, line: str, context: Context) -> Reading:
        line = SALUTATION.sub("", line)
        if not line or any(character.isdigit() or character in '/;:@+=<>"' for character in line):
            return reject("not_a_name")
        if any(character.isalpha() and not unicodedata.name(character, "").startswith("LATIN") for character in line):
            return reject("script_not_latin")
        if born := _BORN.search(line):
            plain = self.read_line(f"{line[: born.start()]}{line[born.end() :]}", context)
            return ask("name_uncertain", plain.value) if plain.accepted else plain
        if "(" in line or ")" in line:
            return reject("not_a_name")
        family, comma, given = (part.strip() for part in line.partition(","))
        if comma:
            if not family or not given or "," in given:
                return reject("not_a_name")
            return ok({"family": _cased(family), "given": _cased(given)})
        return _without_comma(line)

    def read_typed(self, cell: Typed, context: Context) -> Reading:
        return reject("not_a_name")

    def show(self, value: Json, context: Context) -> str:
        if not isinstance(value, dict):
            raise TypeError(value)
        return ", ".join(str(part) for part in (value["family"], value["given"]) if part)


def _without_comma(line: str) -> Reading:
    words = line.split()
    if len(words) == 1:
        return ask("mononym", {"family": _cased(line), "given": None})
    capitals = [word.isupper() and len(word) > 1 for word in words]
    if capitals[0] and not any(capitals[1:]):
        at, family_first = 1, True  # KOWALENKO Olena: the family name in capitals
    elif bare(words[0]) in _FAMILY_FIRST:
        at, family_first = 1, True
    else:
        at, family_first = _family_start(words), False
    family, given = (words[:at], words[at:]) if family_first else (words[at:], words[:at])
    return ask("name_order", {"family": _cased(" ".join(family)), "given": _cased(" ".join(given))})


def _family_start(words: list[str]) -> int:
    """Where the family name begins: at its first particle, else at the last word."""
    at = len(words) - 1
    while at > 1 and bare(words[at - 1]) in _PARTICLES:
        at -= 1
    return at


def _cased(name: str) -> str:
    """A name typed all in capitals, or all in small letters, in ordinary case; every other name as typed."""
    letters = [character for character in name if character.isalpha()]
    if len(letters) < 2 or not (name.isupper() or name.islower()):
        return name
    return re.sub(r"[^\W\d_]+", _capitalised, name)


def _capitalised(word: re.Match[str]) -> str:
    small = word[0].lower()
    particle = small in _PARTICLES and word.string[word.end() : word.end() + 1] == " "
    return small if particle else small[0].upper() + small[1:]
