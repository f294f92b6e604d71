"""Comparing two women without seeing either: texts made of several facts each, to be stored as keyed hashes only.

Two records that share a text agree in all the facts it is made of. Every text joins at least two facts, so that hardly
any is shared by many women and their frequencies tell nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from enum import StrEnum
from itertools import product

from syncsvc.core.coaching.names import plain, word, words
from syncsvc.core.coaching.persons import Grade, Person
from syncsvc.core.folding import bare
from syncsvc.core.model import Json, Record


class Kind(StrEnum):
    """Which facts a match key joins. A name is a given and a family name, each reduced to what spellings share."""

    NUMBER_GIVEN = "number_given"
    NUMBER_FAMILY = "number_family"
    NUMBER_BIRTH = "number_birth"
    SPELLED_BIRTH = "spelled_birth"
    NAME_BIRTH = "name_birth"
    NAME_SWAPPED = "name_swapped"
    NAME_MONTH_YEAR = "name_month_year"
    NAME_DAY_YEAR = "name_day_year"
    NAME_DAY_MONTH = "name_day_month"
    NAME_YEAR_POSTCODE = "name_year_postcode"
    NAME_YEAR_HOUSE = "name_year_house"
    NAME_YEAR_CONTACT = "name_year_contact"
    NAME_POSTCODE_HOUSE = "name_postcode_house"
    GIVEN_BIRTH_POSTCODE = "given_birth_postcode"
    GIVEN_BIRTH_HOUSE = "given_birth_house"


_NUMBER = frozenset({Kind.NUMBER_GIVEN, Kind.NUMBER_FAMILY, Kind.NUMBER_BIRTH})
_NEAR_BIRTH = frozenset({Kind.NAME_SWAPPED, Kind.NAME_MONTH_YEAR, Kind.NAME_DAY_YEAR, Kind.NAME_DAY_MONTH})
_PLACE = frozenset({Kind.NAME_YEAR_POSTCODE, Kind.NAME_POSTCODE_HOUSE})
_HOUSE = frozenset({Kind.NAME_YEAR_HOUSE, Kind.NAME_YEAR_CONTACT})
_MARRIED = frozenset({Kind.GIVEN_BIRTH_POSTCODE, Kind.GIVEN_BIRTH_HOUSE})


def person_of(record: Record) -> Person:
    """What a record says about who she is, for comparisons; the day of birth is an ISO day or missing."""
    values = record.values
    name, birth, contact = values.get("participant_name"), values.get("birth_date"), values.get("contact_jc")
    return Person(
        id=record.ref,
        given=_text(name.get("given")) if isinstance(name, dict) else "",
        family=_text(name.get("family")) if isinstance(name, dict) else "",
        birth=_text(birth.get("date") if isinstance(birth, dict) else birth),
        customer_no=bare(_text(values.get("customer_no"))).upper(),
        postcode=_text(values.get("postcode")),
        agency=_text(values.get("jobcenter")),
        contact=_text(contact.get("contact") if isinstance(contact, dict) else contact),
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def match_keys(person: Person) -> Iterator[tuple[Kind, str]]:
    """All match keys of an entry. ``birth`` has to be an ISO day or ``""``.

    1 January stands for "only the year is known": it takes part by its year alone.
    """
    given, family = _skeletons(person.given), _skeletons(person.family)
    born = date.fromisoformat(person.birth) if person.birth else None
    whole = born if born and (born.day, born.month) != (1, 1) else None
    number, postcode = person.customer_no, person.postcode
    names = {" ".join(sorted(pair)) for pair in product(given, family)}
    if number:
        yield from ((Kind.NUMBER_GIVEN, f"{number} {name}") for name in given)
        yield from ((Kind.NUMBER_FAMILY, f"{number} {name}") for name in family)
    if number and whole:
        yield Kind.NUMBER_BIRTH, f"{number} {whole}"
    if whole and person.given and person.family:
        spelled = sorted(plain(part) for name in (person.given, person.family) for part in words(name)[0])
        yield Kind.SPELLED_BIRTH, f"{' '.join(spelled)} {whole}"
    for name in names:
        yield from _name_keys(name, born, whole, person)
    if whole and postcode:
        yield from ((Kind.GIVEN_BIRTH_POSTCODE, f"{name} {whole} {postcode}") for name in given)
    if whole and person.agency:
        yield from ((Kind.GIVEN_BIRTH_HOUSE, f"{name} {whole} {person.agency}") for name in given)


def _name_keys(name: str, born: date | None, whole: date | None, person: Person) -> Iterator[tuple[Kind, str]]:
    if whole:
        yield Kind.NAME_BIRTH, f"{name} {whole}"
        if whole.day <= 12:
            yield Kind.NAME_SWAPPED, f"{name} {whole.year} {sorted((whole.day, whole.month))}"
        yield Kind.NAME_MONTH_YEAR, f"{name} {whole.year} {whole.month}"
        yield Kind.NAME_DAY_YEAR, f"{name} {whole.year} {whole.day}"
        yield Kind.NAME_DAY_MONTH, f"{name} {whole.day} {whole.month}"
    if born and person.postcode:
        yield Kind.NAME_YEAR_POSTCODE, f"{name} {born.year} {person.postcode}"
    if born and person.agency:
        yield Kind.NAME_YEAR_HOUSE, f"{name} {born.year} {person.agency}"
        if person.contact:
            yield Kind.NAME_YEAR_CONTACT, f"{name} {born.year} {person.agency} {person.contact}"
    if person.postcode and person.agency:
        yield Kind.NAME_POSTCODE_HOUSE, f"{name} {person.postcode} {person.agency}"


def _skeletons(name: str) -> frozenset[str]:
    now, born = words(name)
    return frozenset(word(part).skeleton for part in (*now, *born))


def judge(shared: Collection[Kind]) -> Grade | None:
    """How sure it is that two entries which share match keys of these kinds are one woman; None: not enough.

    What tells two women apart stays unseen (another number, another postcode), so only what speaks for one counts.
    """
    kinds = frozenset(shared)
    number = len(kinds & _NUMBER)
    birth = bool(kinds & {Kind.NAME_BIRTH, Kind.SPELLED_BIRTH})
    place, house = bool(kinds & _PLACE), bool(kinds & _HOUSE)
    known = place or Kind.NAME_YEAR_CONTACT in kinds
    if number >= 2 or (Kind.NUMBER_GIVEN in kinds and (birth or place)):
        return Grade.CERTAIN
    if Kind.SPELLED_BIRTH in kinds and known:
        return Grade.CERTAIN
    if Kind.NUMBER_GIVEN in kinds or (birth and (number or known or house or Kind.SPELLED_BIRTH in kinds)):
        return Grade.PROBABLE
    if Kind.NAME_YEAR_CONTACT in kinds or kinds >= _MARRIED:
        return Grade.PROBABLE
    if Kind.NAME_YEAR_POSTCODE in kinds and (kinds & _NEAR_BIRTH or house):
        return Grade.PROBABLE
    if birth or number or place or (kinds & _NEAR_BIRTH and house) or kinds & _MARRIED:
        return Grade.POSSIBLE
    return None


_TOLD = (
    (_NUMBER, "gleiche Kundennummer"),
    (frozenset({Kind.SPELLED_BIRTH}), "Name gleich geschrieben"),
    (frozenset({Kind.NAME_BIRTH, *_NEAR_BIRTH, *_PLACE, *_HOUSE}), "Name klingt gleich"),
    (_MARRIED, "Vorname klingt gleich"),
    (frozenset({Kind.SPELLED_BIRTH, Kind.NAME_BIRTH, Kind.NUMBER_BIRTH, *_MARRIED}), "Geburtsdatum gleich"),
    (frozenset({Kind.NAME_SWAPPED}), "Tag und Monat der Geburt vertauscht"),
    (_NEAR_BIRTH, "Geburtsdatum fast gleich"),
    (frozenset({Kind.NAME_YEAR_POSTCODE, *_HOUSE}), "Geburtsjahr gleich"),
    (frozenset({*_PLACE, Kind.GIVEN_BIRTH_POSTCODE}), "PLZ gleich"),
    (frozenset({*_HOUSE, Kind.NAME_POSTCODE_HOUSE, Kind.GIVEN_BIRTH_HOUSE}), "Jobcenter gleich"),
    (frozenset({Kind.NAME_YEAR_CONTACT}), "Ansprechperson gleich"),
)
_INSTEAD = {
    "Name gleich geschrieben": ("Name klingt gleich", "Vorname klingt gleich"),
    "Name klingt gleich": ("Vorname klingt gleich",),
    "Geburtsdatum gleich": ("Tag und Monat der Geburt vertauscht", "Geburtsdatum fast gleich", "Geburtsjahr gleich"),
    "Tag und Monat der Geburt vertauscht": ("Geburtsdatum fast gleich", "Geburtsjahr gleich"),
    "Geburtsdatum fast gleich": ("Geburtsjahr gleich",),
}
"""What a phrase makes superfluous."""


def reasons(shared: Collection[Kind]) -> tuple[str, ...]:
    """What speaks for one woman, in short German phrases without any value of either."""
    kinds = frozenset(shared)
    told = [phrase for facts, phrase in _TOLD if kinds & facts]
    superfluous = {less for phrase in told for less in _INSTEAD.get(phrase, ())}
    return tuple(phrase for phrase in told if phrase not in superfluous)
