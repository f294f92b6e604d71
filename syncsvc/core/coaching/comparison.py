"""What agrees and what differs between two entries, as a few levels per part; for many pairs at once.

Everything is numbers in columns: a list of 30,000 has some 100,000 pairs worth a look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from syncsvc.core.coaching.columns import WORDS, Columns
from syncsvc.core.coaching.levels import BirthLevel, Near, Place, WordLevel


@dataclass(frozen=True)
class Words:
    """The best agreement between two groups of words, per pair."""

    level: np.ndarray
    first: np.ndarray
    """The level of the first words alone: a father's name behind them says little about sisters."""
    likeness: np.ndarray
    count: np.ndarray
    covered: np.ndarray
    clash: np.ndarray
    """How many words on each side find nothing like them on the other; what only one side has is no clash."""

    @property
    def rank(self) -> np.ndarray:
        """How near they are, all told; of two equals the rarer and the longer one is nearer."""
        return (
            self.level + self.likeness.astype(np.float64) + self.covered * 1e-4 - self.clash * 1e-5 - self.count * 1e-9
        )


class WordComparison:
    """Compares groups of words, each two words of the list once."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def __call__(self, left: np.ndarray, right: np.ndarray) -> Words:
        """``left`` and ``right``: ids of words by pair and slot, -1 for none."""
        pairs, one, other = len(left), left.shape[1], right.shape[1]
        a = np.repeat(left, other, axis=1).ravel().astype(np.int64)
        b = np.tile(right, (1, one)).ravel().astype(np.int64)
        there = np.flatnonzero((a >= 0) & (b >= 0))
        total = len(self.columns.words.texts)
        codes, back = np.unique(np.minimum(a, b)[there] * total + np.maximum(a, b)[there], return_inverse=True)
        levels, likeness, counts = self._compare(*np.divmod(codes, max(total, 1)))
        level = np.full(len(a), -1, dtype=np.int8)
        alike = np.full(len(a), -1.0, dtype=np.float32)
        often = np.zeros(len(a), dtype=np.float32)
        level[there], alike[there], often[there] = levels[back], likeness[back], counts[back]
        shape = (pairs, one, other)
        rank = level + alike.astype(np.float64) - often * 1e-9  # of equals the rarer one, in whatever order they stand
        best = rank.reshape(pairs, one * other).argmax(axis=1)
        at = np.arange(pairs)
        flat = (pairs, one * other)
        matched = level.reshape(shape) >= WordLevel.ALIKE
        lonely = [
            ((ids[:, :WORDS] >= 0) & ~found[:, :WORDS]).sum(axis=1)
            for ids, found in ((left, np.any(matched, axis=2)), (right, np.any(matched, axis=1)))
        ]
        return Words(
            level.reshape(flat)[at, best],
            level.reshape(flat)[:, 0],
            alike.reshape(flat)[at, best],
            often.reshape(flat)[at, best],
            np.minimum(matched.any(axis=2).sum(axis=1), matched.any(axis=1).sum(axis=1)),
            np.minimum(*lonely),
        )

    def _compare(self, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        columns = self.columns
        forms = columns.word_forms
        ones, others = [forms[i] for i in a.tolist()], [forms[i] for i in b.tolist()]
        plain = _distances([w.plain for w in ones], [w.plain for w in others])
        sound = _distances([w.sound for w in ones], [w.sound for w in others])
        longest = np.maximum(columns.lengths[a], columns.lengths[b])
        shortest = np.minimum(columns.lengths[a], columns.lengths[b])
        begins = np.array(
            [x.plain.startswith(y.plain) or y.plain.startswith(x.plain) for x, y in zip(ones, others, strict=True)],
            dtype=bool,
        )
        likeness = 1 - np.minimum(plain, sound) / np.maximum(longest, 1)
        slip = (np.minimum(plain, sound) <= 1) & (shortest >= 4)
        level = np.select(
            [
                plain == 0,
                sound == 0,
                (columns.skeletons[a] == columns.skeletons[b]) & (likeness >= 0.5),
                slip,
                likeness >= 0.7,
                begins & (shortest >= 3),
            ],
            [
                WordLevel.SAME,
                WordLevel.SOUND,
                WordLevel.SKELETON,
                WordLevel.TYPO,
                WordLevel.ALIKE,
                WordLevel.SHORT_FORM,
            ],
            WordLevel.DIFFERENT,
        )
        counts = np.where(
            level == WordLevel.SAME,
            columns.plain_counts[a],
            np.minimum(columns.skeleton_counts[a], columns.skeleton_counts[b]),
        )
        return level, likeness, counts


def _distances(ones: Sequence[str], others: Sequence[str]) -> np.ndarray:
    """Edits between the texts, pair by pair; two neighbours that changed places are one."""
    if not ones:
        return np.empty(0, dtype=np.int32)
    return np.asarray(cpdist(ones, others, scorer=OSA.distance, dtype=np.int32, workers=1))


def features(columns: Columns, pairs: np.ndarray) -> dict[str, np.ndarray]:
    """What agrees and differs, by pair of positions: named columns of equal length."""
    a, b = pairs[:, 0], pairs[:, 1]
    return {**_names(columns, a, b), **_births(columns, a, b), **_addresses(columns, a, b), **_offices(columns, a, b)}


def _names(columns: Columns, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    compare = WordComparison(columns)
    given, family = compare(columns.given[a], columns.given[b]), compare(columns.family[a], columns.family[b])
    crossed, back = compare(columns.given[a], columns.family[b]), compare(columns.family[a], columns.given[b])
    alone = (columns.given[a, 0] < 0) | (columns.given[b, 0] < 0)
    straight = given.level + given.likeness + family.level + family.likeness
    swapped = (crossed.level + crossed.likeness + back.level + back.likeness > straight + 2) & ~alone

    nearer = crossed.rank >= back.rank

    def chosen(part: str) -> tuple[np.ndarray, np.ndarray]:
        g, f, c, k = (getattr(x, part) for x in (given, family, crossed, back))
        best, rest = np.where(nearer, c, k), np.where(nearer, k, c)
        return np.where(swapped | alone, best, g), np.where(swapped, rest, f)

    level_g, level_f = chosen("level")
    like_g, like_f = chosen("likeness")
    count_g, count_f = (np.log2(np.maximum(x, 1)) for x in chosen("count"))
    covered_g, covered_f = chosen("covered")
    clash_g, clash_f = chosen("clash")
    size = np.log2(max(columns.statistics.people, 2))
    words_a = (columns.given[a, :WORDS] >= 0).sum(axis=1), (columns.family[a, :WORDS] >= 0).sum(axis=1)
    words_b = (columns.given[b, :WORDS] >= 0).sum(axis=1), (columns.family[b, :WORDS] >= 0).sum(axis=1)
    return {
        "given": level_g,
        "given_likeness": like_g,
        "given_count": count_g,
        "given_covered": covered_g,
        "given_clash": clash_g,
        "given_first": np.where(swapped | alone, level_g, given.first),
        "given_words": np.minimum(words_a[0], words_b[0]),
        "given_more": np.abs(words_a[0] - words_b[0]),
        "family": level_f,
        "family_likeness": like_f,
        "family_count": count_f,
        "family_covered": covered_f,
        "family_clash": clash_f,
        "family_words": np.minimum(words_a[1], words_b[1]),
        "family_more": np.abs(words_a[1] - words_b[1]),
        "swapped": swapped.astype(np.int8) + 2 * alone,
        "namesakes": count_g + count_f - size,
        "worse_name": np.minimum(level_g, level_f),
    }


def _births(columns: Columns, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    one, other = columns.birth[a], columns.birth[b]
    missing = (one[:, 0] == 0) | (other[:, 0] == 0)
    equal = (one == other).all(axis=1)
    only = (one[:, 1:] == 1).all(axis=1), (other[:, 1:] == 1).all(axis=1)
    year = one[:, 0] == other[:, 0]
    swapped = year & (one[:, 1] == other[:, 2]) & (one[:, 2] == other[:, 1])
    same_parts = (one == other).sum(axis=1)
    level = np.select(
        [
            missing,
            equal & ~only[0],
            equal,
            swapped,
            year & (only[0] | only[1]),
            (same_parts == 2) & year,
            (same_parts == 2) & _digit_off(one, other),
            (same_parts == 2),
            year,
            only[0] | only[1],
        ],
        [
            BirthLevel.MISSING,
            BirthLevel.SAME,
            BirthLevel.SAME_YEAR_ONLY,
            BirthLevel.TURNED,
            BirthLevel.YEAR_BESIDE_DATE,
            BirthLevel.PART,
            BirthLevel.YEAR_TYPO,
            BirthLevel.DAY_AND_MONTH,
            BirthLevel.YEAR,
            BirthLevel.DIFFERENT_YEAR_ONLY,
        ],
        BirthLevel.DIFFERENT,
    )
    gap = np.abs(one[:, 0] - other[:, 0])
    size = np.log2(max(columns.statistics.people, 2))
    often = np.where(
        level >= BirthLevel.SAME_YEAR_ONLY,
        np.log2(columns.birth_counts[a]),
        np.where(level > 0, np.log2(np.maximum(columns.year_counts[a], columns.year_counts[b])), size),
    )
    return {
        "birth": level,
        "birth_count": often - size,
        "age_gap": np.where(missing, -1, gap),
        "year_only": only[0].astype(np.int8) + only[1],
        "birth_missing": (one[:, 0] == 0).astype(np.int8) + (other[:, 0] == 0),
    }


def _digit_off(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Years that differ in one digit, or in two swapped."""
    y, z = one[:, 0], other[:, 0]
    digits = [((y // 10**n) % 10, (z // 10**n) % 10) for n in range(4)]
    differing = np.sum([p != q for p, q in digits], axis=0)
    turned = (digits[0][0] == digits[1][1]) & (digits[1][0] == digits[0][1])
    off: np.ndarray = (differing == 1) | ((differing == 2) & turned)
    return off


def _equal(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """1 equal, -1 different, 0 where one is missing."""
    return np.where((one < 0) | (other < 0), 0, np.where(one == other, 1, -1))


def _near(column: np.ndarray, texts: list[str], a: np.ndarray, b: np.ndarray, most: int = 1) -> np.ndarray:
    """As ``_equal``, 2 where equal and 1 where at most so many letters are off."""
    found = _equal(column[a], column[b]) * 2
    differ = np.flatnonzero(found == Near.DIFFERENT)
    off = _distances([texts[i] for i in column[a][differ].tolist()], [texts[i] for i in column[b][differ].tolist()])
    found[differ[off <= most]] = Near.TYPO
    return found


def _addresses(columns: Columns, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    number = _near(columns.number, columns.numbers.texts, a, b)
    return {
        "number": number,
        "household": _equal(columns.household[a], columns.household[b]),
        "phone": _near(columns.phone, columns.phones.texts, a, b),
        "email": _equal(columns.email[a], columns.email[b]),
    }


def _offices(columns: Columns, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    codes = np.array([int(text) for text in columns.postcodes.texts] + [-1], dtype=np.int64)
    one, other = codes[columns.postcode[a]], codes[columns.postcode[b]]
    postcode = np.select(
        [(one < 0) | (other < 0), one == other, one // 100 == other // 100, one // 1000 == other // 1000],
        [Place.MISSING, Place.SAME, Place.TOWN, Place.REGION],
        Place.DIFFERENT,
    )
    near = _near(columns.postcode, columns.postcodes.texts, a, b)
    size = np.log2(max(columns.statistics.people, 2))
    return {
        "postcode": np.where(near == Near.TYPO, Place.TYPO, postcode),
        "agency": _equal(columns.agency[a], columns.agency[b]),
        "contact": _near(columns.contact, columns.contacts.texts, a, b),
        "agency_count": np.log2(np.maximum(columns.agency_counts[a], columns.agency_counts[b])) - size,
        "contact_count": np.log2(np.maximum(columns.contact_counts[a], columns.contact_counts[b])) - size,
    }
