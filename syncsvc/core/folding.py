"""Which differences of spelling are no difference: one folding for values, one for words that are looked up."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFE0E, 0xFE0F, 0xFEFF]
)
_ODD_BLANKS = dict.fromkeys([0x0B, 0x0C, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_LINE_ENDS = dict.fromkeys([0x85, 0x2028, 0x2029], "\n")
_SPELLING = _INVISIBLE | _ODD_BLANKS | _LINE_ENDS | {ord("ß"): "ss", ord("ẞ"): "SS"}
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D], "-")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_UMLAUTS_ANY_CASE = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ẞ": "SS"}
)
_RUN_OF_BLANKS = re.compile(r"[ \t\x0b\x0c\x1c-\x1f]+")


def fold(text: str) -> str:
    """The comparison form of a text: no-break and other odd blanks are blanks, runs of them one, none outside.

    Zero-width characters and soft hyphens vanish, ß is ss, line ends are ``\\n``, umlauts are composed (NFC). Case is
    kept: a changed case is an edit.
    """
    if _PLAIN.fullmatch(text):
        return text
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_SPELLING))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _RUN_OF_BLANKS.sub(" ", text).strip(" \n")


def tidy(text: str) -> str:
    """The text on one line, composed, with single blanks and without anything invisible."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return " ".join(text.split())


def even_blanks(text: str) -> str:
    """The text with ordinary blanks for odd ones and none outside; tabs, breaks and all else stay as typed."""
    return text.translate(_ODD_BLANKS).strip(" \r\n")


def dashes(text: str) -> str:
    """The text with a hyphen for every kind of dash."""
    return text if text.isascii() else text.translate(_DASHES)


def bare(text: str) -> str:
    """The word in small letters without blanks and punctuation, umlauts written out: how vocabularies are searched.

    Signs that change a meaning stay: ``B1+``, ``B1?`` and ``< A1`` are not ``B1`` and ``A1``.
    """
    word = _without_accents(tidy(text).casefold().translate(_UMLAUTS))
    return "".join(c for c in word if c.isalnum() or c in "+<>?!=~%")


def written_out(text: str) -> str:
    """The text on one line with ae, oe, ue, ss for umlauts and ß and without accents, in its own case."""
    line = tidy(text)
    if line.isascii():
        return line
    line = dashes(line).translate(_UMLAUTS_ANY_CASE)
    return _without_accents(line)


def name_forms(name: str) -> frozenset[str]:
    """The forms under which a name is found: ``Müller`` as ``mueller`` and as ``muller``; hyphens are blanks."""
    small = " ".join(re.sub(r"[-'’`.]", " ", dashes(tidy(name)).casefold()).split())
    return frozenset((_without_accents(small.translate(_UMLAUTS)), _without_accents(small)))


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
