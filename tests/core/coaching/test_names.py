"""Spellings of one name, and names that only look alike. Names are ordinary given and family names, nobody's own."""

from __future__ import annotations

import pytest

from syncsvc.core.coaching.names import in_one, word, words

SAID_THE_SAME = [
    ("Yuliia", "Julija"),
    ("Юлія", "Iuliia"),
    ("Шевченко", "Schewtschenko"),
    ("Kowalenko", "Kovalenko"),
    ("Mariia", "Mariya"),
    ("Fereshteh", "Fereshte"),
    ("Mousavi", "Musavi"),
    ("Jäger", "Jaeger"),
    ("Đặng", "Dang"),
]
SAME_CONSONANTS = [
    ("Muhammad", "Mohamed"),
    ("Khadija", "Hadija"),
    ("Xadiija", "Khadija"),
    ("Caasha", "Aisha"),
    ("Ayşe", "Aysche"),
    ("Olha", "Olga"),
    ("Hussein", "Hosseini"),
    ("Alexandra", "Oleksandra"),
    ("Çîçek", "Chichak"),
    ("Radojković", "Radojkovic"),
    ("Tsegaye", "Segaye"),
]
DIFFERENT = [("Olena", "Olha"), ("Fatima", "Farida"), ("Nguyen", "Ngo"), ("Kovalenko", "Kravchenko"), ("Hanna", "Hala")]


def forms(name: str) -> tuple[str, str]:
    found = word(words(name)[0][0])
    return found.sound, found.skeleton


@pytest.mark.parametrize(("one", "other"), SAID_THE_SAME)
def test_what_is_said_the_same_has_one_sound(one: str, other: str) -> None:
    assert forms(one)[0] == forms(other)[0]


@pytest.mark.parametrize(("one", "other"), SAID_THE_SAME + SAME_CONSONANTS)
def test_transliterations_share_their_consonants(one: str, other: str) -> None:
    assert forms(one)[1] == forms(other)[1]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_names_have_other_consonants(one: str, other: str) -> None:
    assert forms(one)[1] != forms(other)[1]


@pytest.mark.parametrize(
    ("typed", "own", "born"),
    [
        ("Frau Al-Nady", ("nady",), ()),
        ("Güneş geb. Türkoğlu", ("gunes",), ("turkoglu",)),
        ("Çami (geb. Hoxha)", ("cami",), ("hoxha",)),
        ("Gebremedhin", ("gebremedhin",), ()),
        ("Filippova-Gulyaeva", ("filippova", "gulyaeva"), ()),
        ("O'Neill", ("oneill",), ()),
        ("  ", (), ()),
    ],
)
def test_titles_and_articles_go_and_a_former_name_is_told_apart(
    typed: str, own: tuple[str, ...], born: tuple[str, ...]
) -> None:
    assert words(typed) == (own, born)


def test_a_name_written_in_one_is_the_name_with_its_article() -> None:
    """A hyphen, a blank or nothing behind the article is the same name."""
    assert in_one("Al-Raai") == in_one("Alraai") == in_one("al raai")
