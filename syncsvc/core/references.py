"""Participant references: ``BSP-0137-E`` is a project's prefix, its counter and a check character.

People retype references, so the check character (ISO 7064 Mod 37,36 over prefix and counter) keeps a slip of the
finger from reaching another woman's row. Counters whose check character reads like another one are never given out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from syncsvc.core.folding import dashes, tidy

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MISLEADING = frozenset("01IO")
_WHOLE = re.compile(r"([A-Z][A-Z0-9]*?) ?-? ?([0-9]+)(?: ?- ?([A-Z0-9])| ?([A-Z]))", re.ASCII)
_WITHOUT_CHECK = re.compile(r"(?:([A-Z][A-Z0-9]*?) ?-? ?)?([0-9]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference whose check character is right; ``str()`` gives its one spelling."""

    prefix: str
    number: int

    def __str__(self) -> str:
        return make_reference(self.prefix, self.number)


def check_character(text: str) -> str:
    """The check character of ``text`` by ISO 7064 Mod 37,36; anything but A-Z and 0-9 is skipped."""
    check = 36
    for character in text.upper():
        position = _ALPHABET.find(character)
        if position >= 0:
            check = (check + position) % 36 or 36
            check = check * 2 % 37
    return _ALPHABET[(37 - check) % 36]


def make_reference(prefix: str, number: int) -> str:
    """The reference of a counter: four digits, padded, more when needed."""
    body = f"{prefix}-{number:04d}"
    return f"{body}-{check_character(body)}"


def usable(prefix: str, number: int) -> bool:
    """Whether this counter may be given out: not when its check character is 0, 1, I or O."""
    return check_character(f"{prefix}{number:04d}") not in _MISLEADING


def read_reference(text: str, prefix: str) -> Reference | str:
    """The reference in ``text``, or the code of what is wrong with it.

    Blanks around, the kind of dash and the case do not matter. Codes: ``ref_incomplete`` (the counter without its
    check character: ``prefix`` and that counter would make it whole), ``check_character_wrong``, ``not_a_reference``.
    Any prefix is read; whether it is the project's own is for the caller to judge.
    """
    plain = dashes(tidy(text)).upper()
    whole = _WHOLE.fullmatch(plain)
    if whole:
        found, digits, check = whole[1], whole[2], whole[3] or whole[4]
        right = check_character(found + digits.zfill(4)) == check
        return Reference(found, int(digits)) if right else "check_character_wrong"
    return "ref_incomplete" if completed(plain, prefix) else "not_a_reference"


def completed(text: str, prefix: str) -> Reference | None:
    """What a bare counter (``137``, ``BSP-137``) would be as a reference of the project with this prefix."""
    bare = _WITHOUT_CHECK.fullmatch(dashes(tidy(text)).upper())
    if bare is None or not prefix or bare[1] not in (None, prefix) or not usable(prefix, int(bare[2])):
        return None
    return Reference(prefix, int(bare[2]))
