"""The programme of the year: three job centres with their staff, three shared tables, some 400 women. All invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from syncsvc.core.fields.contract import DirectoryContact
from syncsvc.core.model import Side
from syncsvc.core.references import make_reference, usable
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store import contacts, mappings, tables
from syncsvc.store.database import Database
from tests.example import FakeClock
from tests.factories import make_organisation, make_project

HEADER = ["TN-Nr.", "Name", "Eintritt", "Ansprechperson JC", "Durchwahl", "Notiz", "Hinweis"]
COLUMNS = [
    {"header": "TN-Nr.", "field": "participant_ref", "owner": "service"},
    {"header": "Name", "field": "participant_name", "owner": "project"},
    {"header": "Eintritt", "field": "entry_date", "owner": "project", "required": True},
    {"header": "Ansprechperson JC", "field": "contact_jc", "owner": "jobcentre"},
    {"header": "Durchwahl", "field": "contact_jc_phone", "owner": "jobcentre"},
    {"header": "Notiz", "field": "custom.note", "type": "text", "owner": "both"},
    {"header": "Hinweis", "field": "service_note", "owner": "service"},
]
HOUSES = {"nord": "Jobcenter Nordstadt", "sued": "Jobcenter Südstadt", "west": "Jobcenter Weststadt"}
STAFF = {
    "nord": [("Müller", "Anna"), ("Schulz", "Peter"), ("Öztürk", "Elif"), ("Weiß", "Tom")],
    "sued": [("Brandt", "Jörg"), ("Kaya", "Derya"), ("Großmann", "Ute"), ("Lehmann", "Ines")],
    "west": [("Vogel", "Karin"), ("Jäger", "Bernd"), ("Roth", "Sabine"), ("Noack", "Dirk")],
}
"""In each house the rows belong to the first three in turn; the fourth has none yet."""

ROWS = {"nord": 140, "sued": 135, "west": 130}
BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""A Monday."""


def key(family: str) -> str:
    """The directory key of somebody of ``STAFF``."""
    house, place = next((h, n) for h, people in STAFF.items() for n, (name, _) in enumerate(people) if name == family)
    return f"c-{house}{place}"


@dataclass
class Year:
    """The programme as it goes, and the contact each woman should have (a key, None: nobody)."""

    rt: Runtime
    clock: FakeClock
    books: dict[str, MemoryBook]
    rows: dict[str, dict[str, int]]
    expected: dict[str, str | None] = field(default_factory=dict)
    syncs: int = 0

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(ZONE).date()

    def of(self, house: str, family: str) -> list[str]:
        """The references that belong to somebody now."""
        return [ref for ref in self.rows[house] if self.expected[ref] == key(family)]

    def type(self, house: str, refs: list[str], *texts: str, column: str = "Ansprechperson JC") -> None:
        """Somebody types into the cells of these rows, in these spellings in turn."""
        for number, ref in enumerate(refs):
            text = texts[number % len(texts)]
            self.books[house].set(self.rows[house][ref], HEADER.index(column) + 1, text or None)

    def sync(self, *houses: str) -> None:
        for house in houses or tuple(HOUSES):
            outcome = sync_table(self.rt, house)
            assert outcome.state in ("ok", "unchanged"), (house, outcome.message)
            assert outcome.receipt["lost"] == 0
            self.syncs += 1

    def cell(self, house: str, ref: str, column: str = "Ansprechperson JC") -> object:
        return self.books[house].get(self.rows[house][ref], HEADER.index(column) + 1)


def make_year(database: Database, folder: Path) -> Year:
    """The tables as people began them, synced once."""
    registry, clock = Registry(folder), FakeClock(BEGIN)
    rt = Runtime(database, registry, clock, vocabularies.load(), "year:1:1")
    body = {"key": "year", "title": "Teilnehmerinnenliste", "privacy_level": 3, "columns": COLUMNS}
    with database.write() as session:
        project = make_project(session)
        mappings.add_revision(session, "year", title="Teilnehmerinnenliste", body=body, source="test", now=BEGIN)
        for place, (house, name) in enumerate(HOUSES.items()):
            house_id = make_organisation(session, f"jc-{house}", name=name)
            for number, (family, given) in enumerate(STAFF[house]):
                phone = f"030 23125-{place + 1}{number:02d}"
                person = DirectoryContact(key(family), f"jc-{house}", family, given, "integration", phone=phone)
                contacts.upsert(session, person)
            tables.upsert(
                session,
                house,
                project_id=project,
                jobcentre_id=house_id,
                mapping_id=mappings.get(session, "year").id,
                location={"provider": "memory", "name": house},
                edited_by=[Side.PROJECT, Side.JOBCENTRE],
            )
    year = Year(rt, clock, registry.books, {})
    numbers = iter(number for number in range(1, 1000) if usable("BSP", number))
    for place, house in enumerate(HOUSES):
        registry.books[house] = MemoryBook([list(HEADER)])
        year.rows[house] = {}
        for row in range(ROWS[house]):
            ref, (family, given) = make_reference("BSP", next(numbers)), STAFF[house][row % 3]
            name = f"Muster{chr(97 + place)}{chr(97 + row // 26)}{chr(97 + row % 26)}, Eva"
            entry = date(2025, 9, 1) + timedelta(days=row)
            phone = f"030 23125-{place + 1}{row % 3:02d}"
            registry.books[house].rows.append([ref, name, entry, f"{family}, {given}", phone, f"Notiz {ref}", None])
            year.rows[house][ref] = row + 2
            year.expected[ref] = key(family)
    year.sync()
    return year
