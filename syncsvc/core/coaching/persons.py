"""What is compared, and what a comparison says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Person:
    """One entry about one woman, every value as its text stands in the list, ``""`` where it is missing.

    ``id`` is unique within a comparison and orders a pair. ``birth`` may have any of the forms staff type or be an
    ISO day. ``agency`` is the job centre, ``contact`` the woman's contact person there; both only say whether two
    entries agree.
    """

    id: str
    given: str = ""
    family: str = ""
    birth: str = ""
    customer_no: str = ""
    postcode: str = ""
    email: str = ""
    phone: str = ""
    agency: str = ""
    contact: str = ""


class Grade(StrEnum):
    """How sure it is that two entries are one woman."""

    CERTAIN = "certain"
    """At most one wrong pair in 10,000 women."""
    PROBABLE = "probable"
    """A person should look, mostly right."""
    POSSIBLE = "possible"
    """A person may look; also what could be a relative or a namesake."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries held to be the same woman: ``a`` and ``b`` are ids, ``a < b``.

    ``score`` is the calibrated chance, 0 to 1. ``reasons`` and ``doubts`` are short German phrases, the strongest
    first: what speaks for one woman, and what against. They name values that agree, so they are personal data.
    """

    a: str
    b: str
    score: float
    grade: Grade
    reasons: tuple[str, ...]
    doubts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The explanation on one line: ``gleiche Kundennummer; Geburtsdatum gleich. Dagegen: PLZ verschieden``."""
        told = "; ".join(self.reasons)
        return f"{told}. Dagegen: {'; '.join(self.doubts)}" if self.doubts else told
