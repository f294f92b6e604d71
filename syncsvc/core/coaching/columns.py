"""The entries of a list as columns of numbers, and how often what stands in them occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from syncsvc.core.coaching.entries import Entry, entry
from syncsvc.core.coaching.names import word
from syncsvc.core.coaching.persons import Person

WORDS = 4
"""Words of a name that are compared; more are hardly ever written."""
_PERSONS_PER_ADDRESS = 4
"""A telephone or an address in more entries than this is an office's."""


@dataclass(frozen=True)
class Statistics:
    """How often words, days, addresses and offices occur in the whole programme. Personal data, in memory only."""

    people: int
    plain: Counter[str]
    skeletons: Counter[str]
    births: Counter[tuple[int, int, int]]
    years: Counter[int]
    phones: Counter[str]
    emails: Counter[str]
    agencies: Counter[str]
    contacts: Counter[tuple[str, str]]

    @classmethod
    def of(cls, people: Iterable[Person]) -> Statistics:
        """Counted over all of the programme."""
        return cls.counted([entry(person) for person in people])

    @classmethod
    def counted(cls, entries: Sequence[Entry]) -> Statistics:
        """The same for entries that are cleaned already."""
        every = [(*one.given, *one.family, *one.born) for one in entries]
        births = [one.birth for one in entries if one.birth]
        return cls(
            people=len(entries),
            plain=Counter(w.plain for names in every for w in names),
            skeletons=Counter(w.skeleton for names in every for w in names),
            births=Counter((b.year, b.month, b.day) for b in births),
            years=Counter(b.year for b in births),
            phones=Counter(one.phone for one in entries if one.phone),
            emails=Counter(one.email for one in entries if one.email),
            agencies=Counter(one.agency for one in entries if one.agency),
            contacts=Counter((one.agency, one.contact) for one in entries if one.contact),
        )


class Ids:
    """Small numbers for texts: equal texts, equal numbers; -1 for a missing one."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._ids: dict[str, int] = {}

    def id(self, text: str) -> int:
        if not text:
            return -1
        found = self._ids.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found

    def column(self, texts: Iterable[str]) -> np.ndarray:
        return np.fromiter((self.id(text) for text in texts), dtype=np.int32)


class Columns:
    """The entries of a list as columns of numbers, with the frequencies of what stands in them."""

    def __init__(self, entries: Sequence[Entry], statistics: Statistics) -> None:
        self.statistics = statistics
        self.words = Ids()
        self.given = self._words(((w.plain for w in e.given) for e in entries), (e.wholes[0] for e in entries))
        families = ((w.plain for w in (*e.family, *e.born)) for e in entries)
        self.family = self._words(families, (e.wholes[1] for e in entries))
        self.word_forms = [word(text) for text in self.words.texts]
        self.lengths = np.array([len(w.plain) for w in self.word_forms], dtype=np.int32)
        self.skeletons = Ids().column(w.skeleton for w in self.word_forms)
        self.plain_counts = _counts(statistics.plain[w.plain] for w in self.word_forms)
        self.skeleton_counts = _counts(statistics.skeletons[w.skeleton] for w in self.word_forms)
        births = [(e.birth.year, e.birth.month, e.birth.day) if e.birth else (0, 0, 0) for e in entries]
        self.birth = np.array(births, dtype=np.int32).reshape(-1, 3)
        self.birth_counts = _counts(statistics.births[b] for b in births)
        self.year_counts = _counts(statistics.years[b[0]] for b in births)
        self.numbers, self.contacts, self.postcodes, others = Ids(), Ids(), Ids(), Ids()
        self.number = self.numbers.column(e.number for e in entries)
        self.household = others.column(e.household for e in entries)
        self.phones = Ids()
        self.phone = self.phones.column(
            e.phone if statistics.phones[e.phone] <= _PERSONS_PER_ADDRESS else "" for e in entries
        )
        self.email = others.column(
            e.email if statistics.emails[e.email] <= _PERSONS_PER_ADDRESS else "" for e in entries
        )
        self.postcode = self.postcodes.column(e.postcode for e in entries)
        self.agency = others.column(e.agency for e in entries)
        self.contact = self.contacts.column(e.contact for e in entries)
        self.agency_counts = _counts(statistics.agencies[e.agency] for e in entries)
        self.contact_counts = _counts(statistics.contacts[e.agency, e.contact] for e in entries)

    def _words(self, names: Iterable[Iterable[str]], wholes: Iterable[str]) -> np.ndarray:
        """Ids of words by entry; the last column is the whole name in one where that is none of the words."""
        rows = []
        for words, whole in zip(names, wholes, strict=True):
            found = list(dict.fromkeys(words))[:WORDS]
            last = -1 if whole in found else self.words.id(whole)
            rows.append([self.words.id(one) for one in found] + [-1] * (WORDS - len(found)) + [last])
        return np.array(rows, dtype=np.int32).reshape(-1, WORDS + 1)


def _counts(numbers: Iterable[int]) -> np.ndarray:
    """Counts of women beside the one at hand, at least one."""
    return np.maximum(np.fromiter(numbers, dtype=np.float64) - 1, 1)
