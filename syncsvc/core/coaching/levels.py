"""How near two values are, in steps that can be named. Higher is nearer; 0 says that nothing can be said."""

from __future__ import annotations

from enum import IntEnum


class WordLevel(IntEnum):
    """Two words of names."""

    MISSING = -1
    DIFFERENT = 0
    SHORT_FORM = 1
    """One begins with the other."""
    ALIKE = 2
    """Most letters agree."""
    TYPO = 3
    """One letter off."""
    SKELETON = 4
    """The consonants agree, as between transliterations."""
    SOUND = 5
    """Spelled otherwise, said the same."""
    SAME = 6
    """The same letters, but for accents and case."""


class BirthLevel(IntEnum):
    """Two birth dates. 1 January may stand for "only the year is known"."""

    DIFFERENT = -2
    DIFFERENT_YEAR_ONLY = -1
    """Other years, one of them without a day."""
    MISSING = 0
    YEAR = 2
    """Only the year agrees."""
    DAY_AND_MONTH = 3
    YEAR_TYPO = 4
    """Day and month agree, the year is one digit off."""
    PART = 5
    """The year and either the month or the day agree."""
    YEAR_BESIDE_DATE = 6
    """1 January on one side, a day of the same year on the other."""
    TURNED = 7
    """Day and month are swapped."""
    SAME_YEAR_ONLY = 8
    """1 January of the same year on both sides."""
    SAME = 9


class Near(IntEnum):
    """Two numbers, telephones or contact persons."""

    DIFFERENT = -2
    MISSING = 0
    TYPO = 1
    """One character off."""
    SAME = 2


class Place(IntEnum):
    """Two postcodes."""

    DIFFERENT = -1
    MISSING = 0
    REGION = 1
    """The first two digits agree."""
    TOWN = 2
    """The first three digits agree."""
    TYPO = 3
    SAME = 4
