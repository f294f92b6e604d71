"""The invented women of the example project, the same every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice
from typing import Final

from syncsvc.core.references import make_reference, usable

_GIVEN: Final = (
    *("Olena", "Fatima", "Amina", "Zarmina", "Maryam", "Natalia", "Selin", "Hiba", "Thi Mai", "Yara"),
    *("Ivana", "Leyla", "Mercy", "Daria", "Rojin", "Sara", "Agnieszka", "Nour", "Tereza", "Halyna"),
    *("Aster", "Parwin", "Lucia", "Samira", "Blessing"),
)
_FAMILY: Final = (
    *("Kowalenko", "Al-Hussein", "Ahmadi", "Yılmaz", "Nguyen", "Petrova", "Osei", "Haddad", "Kovačević", "Tesfaye"),
    *("Şahin", "Rahimi", "Marković", "Ibrahim", "Bondarenko", "Nasser", "Wiśniewska", "Abdi", "Núñez", "Hashemi"),
    *("Dąbrowska", "Okafor", "Karimi", "Popescu", "Jovanović", "Saleh", "Shevchuk", "Mensah", "Aydın", "Moradi"),
)
_STATUSES: Final = ("aktiv", "aktiv", "aktiv", "pausiert", "aktiv", "wartet", "aktiv", "beendet")
_LEVELS: Final = ("A1", "A2", "B1", "A2", "B1", "unter A1", "B2")
_COACHES: Final = ("Demir, Leyla", "Roth, Sabine")
_FIRST_NUMBER: Final = 101
_FIRST_DAY: Final = date(2025, 9, 1)


@dataclass(frozen=True, slots=True)
class Woman:
    """One invented participant, in the texts people write; ``entry`` is a date unless somebody typed something else."""

    ref: str
    name: str
    coach: str
    entry: date | str
    status: str
    level: str


def women(amount: int) -> list[Woman]:
    """So many invented women, all with different names and references of the project ``BSP``."""
    numbers = (number for number in count(_FIRST_NUMBER) if usable("BSP", number))
    return [
        Woman(
            ref=make_reference("BSP", number),
            name=f"{_FAMILY[7 * index % len(_FAMILY)]}, {_GIVEN[index % len(_GIVEN)]}",
            coach=_COACHES[index % 2],
            entry=_FIRST_DAY + timedelta(days=3 * index),
            status=_STATUSES[index % len(_STATUSES)],
            level=_LEVELS[index % len(_LEVELS)],
        )
        for index, number in enumerate(islice(numbers, amount))
    ]
