"""Letters typed for digits: what was meant, and the question about it."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = {"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"}
_CODES: Final = {"0": "letter_o_for_zero", "l": "letter_l_for_one", "I": "letter_i_for_one", "|": "letter_l_for_one"}


def corrected(text: str, places: str) -> tuple[str, str]:
    """The text with digits for letters that look like one, and the code of the first of them (``""``: none).

    ``places`` has a ``#`` for every character of the text that has to be a digit.
    """
    code, fixed = "", []
    for character, place in zip(text, places, strict=True):
        digit = _DIGITS.get(character) if place == "#" else None
        if digit and not code:
            code = _CODES["0" if digit == "0" else character]
        fixed.append(digit or character)
    return "".join(fixed), code
