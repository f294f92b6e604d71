"""One entry, cleaned: the parts of a person's texts that can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from syncsvc.core.coaching.names import Word, in_one, plain, word, words
from syncsvc.core.coaching.persons import Person
from syncsvc.core.fields.contract import Reading
from syncsvc.core.fields.dates import day_text
from syncsvc.core.fields.mails import SHARED_MAILBOX

_CUSTOMER = re.compile(r"\d{3}[A-Z]\d{6}(?!\d)", re.ASCII)
_HOUSEHOLD = re.compile(r"(\d{5})(?://|/|BG)0*(\d{1,7})(?!\d)", re.ASCII)
_POSTCODE = re.compile(r"(?<!\d)\d{4,5}(?!\d)", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_GERMAN = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})", re.ASCII)
_YOUNGEST = 2015
"""Nobody who is coached was born later: a two-digit year beyond is of the century before."""
_OLDEST = 1925
"""Nobody who is coached was born earlier: 01.01.1900 says that the birth date is not known."""
_NO_DIGIT = re.compile(r"\D+", re.ASCII)
_SHORTEST_NUMBER, _SHORTEST_PHONE = 6, 7


@dataclass(frozen=True, slots=True)
class Birth:
    """A birth date as far as it is known; 1 January says the year only, in lists as in registries."""

    year: int
    month: int = 1
    day: int = 1

    @property
    def year_only(self) -> bool:
        return self.month == 1 and self.day == 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What can be compared of one person; ``""`` or None is missing.

    ``given``, ``family`` and ``born`` are the words of the names, ``born`` those of a former family name; ``wholes``
    are both names written in one. ``number`` is the person's own customer number, ``household`` a BG-Nummer, which a
    family shares. A project's own mailbox is nobody's address. ``phone`` is national digits.
    """

    given: tuple[Word, ...]
    family: tuple[Word, ...]
    born: tuple[Word, ...]
    wholes: tuple[str, str]
    birth: Birth | None
    number: str
    household: str
    postcode: str
    email: str
    phone: str
    agency: str
    contact: str


def entry(person: Person) -> Entry:
    """The person's texts, cleaned."""
    given, given_born = words(person.given)
    family, family_born = words(person.family)
    number, household = _numbers(person.customer_no)
    return Entry(
        given=tuple(word(one) for one in given),
        family=tuple(word(one) for one in family),
        wholes=(in_one(person.given), in_one(person.family)),
        born=tuple(word(one) for one in given_born + family_born),
        birth=_birth(person.birth.strip()) if person.birth else None,
        number=number,
        household=household,
        postcode=_postcode(person.postcode),
        email=_email(person.email),
        phone=_phone(person.phone),
        agency=_agency(person.agency),
        contact=_contact(person.contact),
    )


@lru_cache(maxsize=1 << 16)
def _birth(text: str) -> Birth | None:
    found = _day(text)
    return found if found and (found.year >= _OLDEST or not found.year_only) else None


def _day(text: str) -> Birth | None:
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _GERMAN.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return _typed_birth(text)
    return Birth(year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else Birth(year)


def _typed_birth(text: str) -> Birth | None:
    parts = day_text(text)
    if isinstance(parts, Reading):  # what would be asked in a table is good enough to compare
        value = parts.value
        if isinstance(value, dict) and isinstance(value.get("year"), int):
            return Birth(int(str(value["year"])))
        return _day(value) if isinstance(value, str) and _ISO.fullmatch(value) else None
    if parts.year is None:
        return None
    return Birth(parts.year - (100 if parts.year > _YOUNGEST else 0), parts.month, parts.day)


def _numbers(text: str) -> tuple[str, str]:
    """The customer number and the household's number in a cell; what is neither is a number of the office's own."""
    text = "".join(text.upper().split())
    if found := _HOUSEHOLD.search(text):
        return "", found[1] + found[2].zfill(7)
    if found := _CUSTOMER.search(text):
        return found[0], ""
    own = "".join(c for c in text if c.isalnum())
    return (own, "") if sum(map(str.isdigit, own)) >= _SHORTEST_NUMBER else ("", "")


def _postcode(text: str) -> str:
    found = _POSTCODE.search(text)
    return found[0].zfill(5) if found else ""


def _email(text: str) -> str:
    text = "".join(text.casefold().split())
    return text if "@" in text and not SHARED_MAILBOX.match(text) else ""


def _phone(text: str) -> str:
    digits = _NO_DIGIT.sub("", text)
    for country in ("0049", "49"):
        if digits.startswith(country) and (country == "0049" or text.strip().startswith(("+", "49"))):
            digits = "0" + digits[len(country) :].lstrip("0")
            break
    return digits if len(digits) >= _SHORTEST_PHONE else ""


@lru_cache(maxsize=1 << 14)
def _agency(text: str) -> str:
    return plain(text).strip()


@lru_cache(maxsize=1 << 14)
def _contact(text: str) -> str:
    found, _ = words(text)
    return " ".join(sorted(word(one).sound for one in found if one not in ("fr", "hr", "frau", "herr")))
