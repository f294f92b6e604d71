"""Who is held to be the same woman, how surely, and how it is told. All persons are invented."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.coaching_list import make_list
from syncsvc.core.coaching import Grade, Pair, Person, Statistics, compare, keys, same_persons
from syncsvc.core.coaching.candidates import CROWD, candidate_pairs
from syncsvc.core.coaching.entries import entry

OLENA = Person(
    id="a",
    given="Oleksandra",
    family="Kovalenko",
    birth="14.03.1988",
    customer_no="277J128014",
    postcode="12345",
    email="o.kovalenko@mail.example",
    phone="030 23125-101",
    agency="Jobcenter Nord",
    contact="Frau Zänker",
)
AMIRA = Person(
    id="a",
    given="Amira",
    family="Al-Haddad",
    birth="01.01.1990",
    postcode="12345",
    agency="Jobcenter Nord",
    contact="Herr Börner",
)


def crowd() -> list[Person]:
    """A programme of ordinary size around the pair at hand: without it no name is rare or frequent."""
    rows, _ = make_list(1_500, seed=5)
    return [
        Person(r.id, r.given, r.family, r.birth, r.number, r.postcode, r.email, r.phone, r.agency, r.contact)
        for r in rows
    ]


CROWD_STATISTICS = Statistics.of(crowd())


def other(person: Person, **changes: str) -> Person:
    """The same person again, with these values."""
    return replace(person, id="b", **changes)


def without(person: Person, *names: str) -> Person:
    return replace(person, **dict.fromkeys(names, ""))


def compared(a: Person, b: Person) -> Pair | None:
    return compare(a, b, CROWD_STATISTICS)


LEAN = without(OLENA, "customer_no", "email", "phone")
SAME: list[tuple[str, Person, Person]] = [
    ("the same again", OLENA, other(OLENA)),
    ("another transliteration", LEAN, other(LEAN, given="Aleksandra", family="Kowalenko")),
    ("in Cyrillic", LEAN, other(LEAN, given="Олександра", family="Коваленко")),
    ("names swapped", LEAN, other(LEAN, given="Kovalenko", family="Oleksandra")),
    ("all in one cell", LEAN, other(LEAN, given="", family="Oleksandra Kovalenko")),
    ("a patronymic more", LEAN, other(LEAN, given="Oleksandra Ivanivna")),
    ("half a double name", LEAN, other(LEAN, family="Kovalenko-Lyssenko")),
    ("a former name", other(LEAN, family="Lyssenko geb. Kovalenko"), replace(LEAN, id="c")),
    ("married, the number stays", OLENA, other(OLENA, family="Lyssenko", email="", phone="")),
    ("one letter off", LEAN, other(LEAN, family="Kovalneko")),
    ("day and month swapped", LEAN, other(LEAN, given="Oleksandra", birth="03.04.1988", contact="Zänker")),
    ("ISO date", LEAN, other(LEAN, birth="1988-03-14")),
    ("short date", LEAN, other(LEAN, birth="14.3.88")),
    ("default day on one side", OLENA, other(OLENA, birth="01.01.1988", customer_no="")),
    ("birth date missing, telephone equal", OLENA, other(OLENA, birth="", customer_no="", email="")),
    ("telephone spelled otherwise", OLENA, other(OLENA, birth="", customer_no="", phone="+49 30 23125101")),
    ("moved", OLENA, other(OLENA, postcode="98765", agency="Jobcenter Süd", contact="Herr Koch")),
]
NOT_SAME: list[tuple[str, Person, Person]] = [
    ("sisters", OLENA, other(OLENA, given="Iryna", birth="02.09.1991", customer_no="277J128020", email="")),
    ("mother and daughter", OLENA, other(OLENA, given="Halyna", birth="05.06.1962", customer_no="", email="")),
    ("a namesake elsewhere", LEAN, other(LEAN, birth="22.02.1979", postcode="98765", agency="JC Süd", contact="")),
    ("one household, other names", OLENA, other(AMIRA, postcode="12345", phone="030 23125-101", birth="03.05.1970")),
]
FREQUENT = replace(LEAN, given="Takhi", family="Zamuyuban")
"""Names that the programme around her knows well."""
NEVER_CERTAIN: list[tuple[str, Person, Person]] = [
    ("twins with names alike", LEAN, other(LEAN, given="Oleksandr")),
    ("twins with a shared telephone", OLENA, other(OLENA, given="Iryna", customer_no="", email="")),
    ("namesakes of 1 January", AMIRA, other(AMIRA, postcode="98765", contact="Frau Koch")),
    ("a frequent name, another contact", FREQUENT, other(FREQUENT, contact="Herr Koch")),
    ("a frequent name, a contact unknown", FREQUENT, other(FREQUENT, contact="")),
    ("numbers that differ", OLENA, other(OLENA, customer_no="512B778401")),
    ("nothing but the name", without(LEAN, "birth", "postcode", "contact"), other(without(LEAN, "birth", "postcode"))),
]


@pytest.mark.parametrize(("a", "b"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_one_woman_is_found(a: Person, b: Person) -> None:
    """Whatever people, keyboards and registries make of her name and date."""
    assert compared(a, b) is not None
    assert keys(a) & keys(b), "and she is among the candidates"


@pytest.mark.parametrize(("a", "b"), [case[1:] for case in NOT_SAME], ids=[case[0] for case in NOT_SAME])
def test_relatives_and_namesakes_are_not_told(a: Person, b: Person) -> None:
    assert compared(a, b) is None


@pytest.mark.parametrize(("a", "b"), [case[1:] for case in NEVER_CERTAIN], ids=[case[0] for case in NEVER_CERTAIN])
def test_what_may_be_two_women_is_never_certain(a: Person, b: Person) -> None:
    found = compared(a, b)

    assert found is None or found.grade is not Grade.CERTAIN


def test_the_same_in_every_value_is_certain() -> None:
    found = compared(OLENA, other(OLENA))

    assert found is not None
    assert found.grade is Grade.CERTAIN


def test_an_equal_number_with_other_names_is_told() -> None:
    """One woman, or a mistyped number: a person has to look."""
    found = compared(OLENA, other(OLENA, given="Amira", family="Haddad", email="", phone=""))

    assert found is not None
    assert found.grade is not Grade.CERTAIN
    assert "gleiche Kundennummer" in found.reasons
    assert "Vornamen verschieden (Verwandte?)" in found.doubts


def test_a_household_number_is_no_persons_number() -> None:
    """A BG-Nummer is shared by mother and daughter."""
    mother = replace(OLENA, customer_no="12345//0001234", phone="", email="")
    daughter = other(mother, given="Iryna", birth="11.10.2006", customer_no="12345BG0001234")

    assert compared(mother, daughter) is None


def test_a_projects_mailbox_joins_nobody() -> None:
    a, b = replace(OLENA, email="info@projekt.example"), other(AMIRA, email="info@projekt.example", postcode="55555")

    assert not keys(a) & keys(b)
    assert compared(a, b) is None


def test_it_is_told_in_words_of_the_list() -> None:
    found = compared(OLENA, other(OLENA, given="Alexandra", email="", phone="", postcode="98765"))

    assert found is not None
    assert found.reasons[:2] == ("gleiche Kundennummer", "Vorname Oleksandra ~ Alexandra")
    assert "Geburtsdatum gleich" in found.reasons
    assert found.doubts == ("PLZ verschieden",)
    assert found.text.startswith("gleiche Kundennummer; Vorname Oleksandra ~ Alexandra; Nachname gleich; ")


@pytest.mark.parametrize(("a", "b"), [case[1:] for case in SAME + NEVER_CERTAIN])
def test_the_order_of_the_two_does_not_matter(a: Person, b: Person) -> None:
    assert compared(a, b) == compared(b, a)


def test_one_pair_is_told_alike_alone_and_in_the_list() -> None:
    """A new row is compared with the same result as the whole programme is at night."""
    people = [*crowd(), OLENA, other(OLENA, family="Kowalenko", customer_no="", phone="")]
    statistics = Statistics.of(people)
    by_id = {person.id: person for person in people}

    found = same_persons(people)

    assert len(found) > 100
    for pair in found[::10]:
        assert compare(by_id[pair.a], by_id[pair.b], statistics) == pair


def test_an_invented_programme_is_found_almost_whole() -> None:
    """At least 96 % of the double entries, at most 3 % wrong among what is told, and none among the certain."""
    rows, same = make_list(3_000, seed=11)
    people = [
        Person(r.id, r.given, r.family, r.birth, r.number, r.postcode, r.email, r.phone, r.agency, r.contact)
        for r in rows
    ]

    found = same_persons(people)
    right = [pair for pair in found if (pair.a, pair.b) in same]

    assert len(right) >= 0.96 * len(same)
    assert len(right) >= 0.97 * len(found)
    assert [pair for pair in found if pair.grade is Grade.CERTAIN and (pair.a, pair.b) not in same] == []
    assert sum(pair.grade is Grade.CERTAIN for pair in found) > len(same) / 3


def test_a_key_of_a_crowd_is_not_compared() -> None:
    """A default value in thousands of rows must not make millions of pairs."""
    people = [Person(str(number), family="Muster", phone="030 23125000") for number in range(CROWD + 1)]

    assert len(candidate_pairs([entry(person) for person in people])) == 0


@pytest.mark.parametrize("people", [[], [OLENA], [OLENA, Person("b")], [Person("a"), Person("b")]])
def test_nothing_to_compare_is_no_error(people: list[Person]) -> None:
    assert same_persons(people) == []


def test_odd_texts_are_no_error() -> None:
    """Lists hold everything; the comparison reads what it can."""
    texts = ("", "-", "?", "\u200b", "1", "0", "99999999999999999999", "=1+1", "😀", "01.01.1900", "31.02.1999", "ﷺ")
    people = [Person(str(at), *[text] * 9) for at, text in enumerate(texts)]

    assert isinstance(same_persons(people), list)
    assert np.isfinite([pair.score for pair in same_persons([*people, *people[:1]])]).all()
