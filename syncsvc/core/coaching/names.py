"""Spellings of one name: what transliterations, keyboards and registries make of it.

No list of names. Rules bring the usual romanisations of Arabic, Farsi and Dari, Ukrainian, Russian, Turkish, Kurdish,
Tigrinya, Somali, Vietnamese and the Balkan and French-African spellings near each other, in three steps: ``plain``
letters, the ``sound`` of a word, its consonant ``skeleton``. Each step takes more names for one, so it says less.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from syncsvc.core.fields.names import SALUTATION
from syncsvc.core.folding import dashes

_CYRILLIC = dict(
    zip(
        "абвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя",
        (
            *("a", "b", "v", "h", "g", "d", "e", "ye", "yo", "zh", "z", "y", "i", "yi", "y", "k", "l", "m", "n", "o"),
            *("p", "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya"),
        ),
        strict=True,
    )
)
_LETTERS = str.maketrans(
    _CYRILLIC
    | {"ß": "ss", "ı": "i", "đ": "d", "ð": "d", "ə": "e", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("'’ʼ‘`´ʿʾ′", "")
)
_BORN = re.compile(r"\(?\b(?:geb(?:oren)?(?:e|\.)?|née?|verh\.?|verw\.?|gesch\.?)(?=[\s(])[\s:]*", re.IGNORECASE)
_BREAK = re.compile(r"[^\w]+|_")
_LITTLE = frozenset(
    (
        *("al", "el", "ul", "ad", "as", "ash", "at", "an", "ar", "az", "ben", "bin", "bint", "ibn", "abu", "abou"),
        *("von", "van", "de", "der", "den", "la", "le", "di", "da", "du", "y", "oglu", "ogly", "kyzy", "kizi"),
    )
)
"""Words that come and go before a name and tell nobody apart."""


@lru_cache(maxsize=1 << 16)
def words(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a name in plain small letters, first those of the name, then those behind ``geb.``

    Titles, articles and one-letter words are left out unless nothing else is there.
    """
    name, *born = _BORN.split(SALUTATION.sub("", dashes(name.strip())), maxsplit=1)
    return _words(name), _words(born[0]) if born else ()


def _words(name: str) -> tuple[str, ...]:
    found = [word for word in _BREAK.split(plain(name)) if word]
    return tuple(dict.fromkeys(word for word in found if len(word) > 1 and word not in _LITTLE) or found)


@lru_cache(maxsize=1 << 16)
def in_one(name: str) -> str:
    """The name written without any break, articles included: Al-Raai and Alraai are one."""
    return _BREAK.sub("", plain(_BORN.split(SALUTATION.sub("", dashes(name.strip())), maxsplit=1)[0]))


def plain(text: str) -> str:
    """Small letters without accents; Cyrillic in Latin letters, apostrophes gone."""
    text = text.casefold()
    if text.isascii():
        return text.replace("'", "").replace("`", "")
    text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).translate(_LETTERS)


_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"[^a-z0-9]", ""),
        (r"shch|schtsch|stsch|sctsch", "S"),  # Ukrainian shch
        (r"tsch|tch|cz", "C"),
        (r"dsch|dzh|dj|dz", "J"),
        (r"sch|sh", "S"),
        (r"zh", "Z"),
        (r"(?<=e)x|^x(?=e)", "ks"),  # Alexandra, Xenia
        (r"kh|x", "H"),
        (r"c(?=aa|ii|d)|^c(?=a[bdl]|u)|(?<=aa)c", ""),  # the Somali throat sound: Caasha, Sacdiya, Cabdi
        (r"gh", "G"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"ck|q", "k"),
        (r"ch", "C"),
        (r"c(?=[eiy])", "C"),
        (r"c", "k"),
        (r"ts|tz", "s"),
        (r"w", "v"),
        (r"ou|oo|ue|uu", "u"),
        (r"oe", "o"),
        (r"ae|aa", "a"),
        (r"ee", "i"),
        (r"(?:ij|iy|yi|yj|yy|ii|ie|ey|ei)(?![aou])", "i"),
        (r"(?:ii|ij|iy|yi|j|y|i)(?=[aou])", "y"),  # Yulia, Julia, Iulia; Maria, Mariya, Marija
        (r"^(?:ye|je|ie)", "e"),
        (r"y(?![aou])", "i"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[aeiou])h$", ""),
    )
)
_SKELETON = str.maketrans({**dict.fromkeys("aeiouyj", ""), **dict.fromkeys("CSZzJ", "s"), "G": "h", "H": "h", "g": "h"})
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name: its letters, its sound and its consonants."""

    plain: str
    sound: str
    skeleton: str


@lru_cache(maxsize=1 << 17)
def word(plain_letters: str) -> Word:
    """The forms of a word in plain letters. A word without consonants keeps its sound as skeleton."""
    sound = plain_letters
    for pattern, replacement in _SOUNDS:
        sound = pattern.sub(replacement, sound)
    skeleton = _DOUBLED.sub(r"\1", sound.translate(_SKELETON))
    return Word(plain_letters, sound, skeleton or sound)
