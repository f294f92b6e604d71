"""An invented list of participants with known truth, for people who have no labelled list. No name is a real one's.

Names are made of syllables. One woman in eight stands in the list twice: spelled otherwise, with her names swapped,
a new surname, a default or missing birth date, a new telephone. One in twelve has a sister or a namesake in it.
"""

from __future__ import annotations

import csv
import random
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path

HEADERS = {
    "id": "ID",
    "given": "Vorname",
    "family": "Nachname",
    "birth": "Geburtsdatum",
    "number": "Kundennummer",
    "postcode": "PLZ",
    "email": "E-Mail",
    "phone": "Telefon",
    "agency": "Jobcenter",
    "contact": "Ansprechperson JC",
}
_ONSETS, _VOWELS = ("b", "d", "f", "g", "h", "k", "kh", "l", "m", "n", "r", "s", "sh", "t", "v", "y", "z"), "aeiou"
_SPELLINGS = (("sh", "sch"), ("kh", "h"), ("v", "w"), ("y", "j"), ("i", "y"), ("ou", "u"), ("k", "q"), ("ie", "i"))


@dataclass(frozen=True)
class Row:
    id: str
    given: str
    family: str
    birth: str
    number: str
    postcode: str
    email: str
    phone: str
    agency: str
    contact: str


class Town:
    """Draws names with the uneven frequencies of real ones, and women who live near offices."""

    def __init__(self, seed: int, women: int) -> None:
        self.source = random.Random(seed)
        self.givens = [self._name(2 + at % 2) for at in range(max(women // 12, 60))]
        self.families = [self._name(2 + at % 3) for at in range(max(women // 4, 100))]

    def _name(self, syllables: int) -> str:
        parts = (self.source.choice(_ONSETS) + self.source.choice(_VOWELS) for _ in range(syllables))
        return ("".join(parts) + self.source.choice(("", "n", "r", "m", ""))).title()

    def often(self, names: list[str]) -> str:
        return names[int(len(names) * self.source.random() ** 2.5)]

    def chance(self, share: float) -> bool:
        return self.source.random() < share

    def digits(self, count: int) -> str:
        return "".join(self.source.choices("0123456789", k=count))

    def woman(self, number: int) -> Row:
        given, family = self.often(self.givens), self.often(self.families)
        born = date(1965, 1, 1) + timedelta(days=self.source.randrange(15_000))
        office = self.source.randrange(150)
        return Row(
            id=f"W{number:06d}",
            given=given,
            family=family,
            birth=f"01.01.{born.year}" if self.chance(0.15) else f"{born:%d.%m.%Y}",
            number=f"{office + 100}{self.source.choice('ABDGK')}{self.digits(6)}" if self.chance(0.6) else "",
            postcode=f"{10_000 + office * 97 + self.source.randrange(20)}",
            email=f"{given}.{family}{self.digits(2)}@mail.example".lower() if self.chance(0.5) else "",
            phone=f"0152 {self.digits(8)}" if self.chance(0.7) else "",
            agency=f"Jobcenter {office:03d}",
            contact=f"Frau {self.families[office * 3 % len(self.families)]}",
        )

    def again(self, row: Row, number: int) -> Row:
        """The same woman, as somebody else typed her."""
        row = replace(row, id=f"X{number:06d}")
        if self.chance(0.35):
            row = replace(row, given=self.spelled(row.given), family=self.spelled(row.family))
        if self.chance(0.06):
            row = replace(row, given=row.family, family=row.given)
        if self.chance(0.06):
            row = replace(row, family=self.often(self.families))
        if self.chance(0.08):
            row = replace(row, birth="" if self.chance(0.6) else f"01.01.{row.birth[-4:]}")
        if self.chance(0.25):
            row = replace(row, phone=f"0152 {self.digits(8)}")
        if self.chance(0.4):
            row = replace(row, number="")
        if self.chance(0.12):
            row = replace(row, postcode=f"{int(row.postcode) + 7}", contact="")
        return row

    def near(self, row: Row, number: int) -> Row:
        """Another woman who looks like her: a sister at the same address, or a namesake elsewhere."""
        other = self.woman(number)
        if self.chance(0.6):
            home = {"postcode": row.postcode, "agency": row.agency, "contact": row.contact, "phone": row.phone}
            return replace(other, family=row.family, id=f"S{number:06d}", **home)
        return replace(other, given=row.given, family=row.family, id=f"N{number:06d}")

    def spelled(self, name: str) -> str:
        small = name.lower()
        for one, other in self.source.sample(_SPELLINGS, 2):
            small = small.replace(one, other, 1)
        if small == name.lower():
            at = self.source.randrange(1, len(small))
            small = small[:at] + small[at + 1 :]
        return small.title()


def make_list(women: int, *, seed: int = 1) -> tuple[list[Row], set[tuple[str, str]]]:
    """The rows, shuffled, and the pairs of ids that are one woman."""
    town = Town(seed, women)
    rows, same = [], set()
    for number in range(women):
        row = town.woman(number)
        rows.append(row)
        if town.chance(0.125):
            rows.append(town.again(row, number))
            same.add((row.id, rows[-1].id))
        elif town.chance(0.08):
            rows.append(town.near(row, number))
    town.source.shuffle(rows)
    return rows, same


def write_list(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS.values())
        writer.writerows(asdict(row).values() for row in rows)
