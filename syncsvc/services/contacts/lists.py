"""The directory as a file people exchange: read a list of staff, write one out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from syncsvc.core.binding import Binding, bind, column_letter
from syncsvc.core.fields import DirectoryContact
from syncsvc.core.fields.people import People
from syncsvc.core.folding import tidy
from syncsvc.core.mapping import Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Base, Cell, Side, Snapshot
from syncsvc.errors import InvalidFile
from syncsvc.services import listfiles
from syncsvc.services.contacts.directory import as_usage, name_of, reader_for, save
from syncsvc.services.contacts.entries import DAYS, DETAIL_NAMES, KINDS, Mistake, Reader, split_name
from syncsvc.services.contacts.events import Origin
from syncsvc.services.runtime import Runtime
from syncsvc.store import contacts, organisations

TITLE: Final = "Ansprechpersonen"

_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "key": ("Schlüssel", "key"),
    "organisation": ("Jobcenter", "JC", "Dienststelle", "Behörde", "Einrichtung", "Träger", "Haus"),
    "family": ("Name", "Familienname", "Ansprechperson", "Ansprechpartner", "Ansprechpartnerin", "Name, Vorname",
               "Mitarbeiter", "Mitarbeiterin"),
    "given": ("Vornamen", "Rufname"),
    "role": ("Funktion", "Aufgabe", "Position"),
    "team": ("Abteilung", "Bereich", "Teamnr."),
    "phone": ("Telefon", "Tel.", "Tel.-Nr.", "Telefonnummer", "Telefonnr.", "Rufnummer", "DW", "Fon"),
    "email": ("Mail", "E-Mail-Adresse", "Mailadresse"),
    "deputy": ("Vertr.", "Vertreter", "Vertreterin", "Stellvertretung", "vertreten durch"),
    "absent_from": ("abwesend ab", "abwesend seit", "Abwesenheit von"),
    "absent_to": ("Abwesenheit bis",),
    "left_on": ("ausgeschieden", "Austritt", "letzter Arbeitstag"),
    "confirmed_on": ("bestätigt am", "bestätigt", "Stand"),
}  # fmt: skip
"""Other headers that mean a detail, beside its name."""

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    name: (header, *_ALIASES.get(name, ())) for name, header in {"key": "Nr.", **DETAIL_NAMES}.items()
}
"""By detail: the header we write, and others that mean the same."""

_MAPPING = TableMapping(
    "", "", tuple(Column(names[0], name, "text", Side.PROJECT, names[1:]) for name, names in _COLUMNS.items())
)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """What became, or would become, of one row: ``action`` is new, update, same or error; ``number`` its line."""

    number: int
    key: str | None
    name: str
    action: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactReport:
    """Every row's report, how many there are of each action, and headers that mean nothing here.

    ``missing`` are the people, by key and name, whom the directory has at the list's organisations and the list has
    not: perhaps they left. Nothing is done about them.
    """

    rows: tuple[ContactRow, ...]
    counts: Mapping[str, int]
    ignored: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def import_contacts(
    rt: Runtime, path: Path | str, *, organisation: str = "", actor: str, preview: bool = False
) -> ContactReport:
    """Take a list of staff (CSV, XLSX) into the directory: all good rows in one transaction, the bad ones are reported.

    A row is somebody known by its number, its mail address, or its name and organisation; ``organisation`` is that of
    rows without one. A blank cell says nothing. Nobody is removed by being left out. Whoever is listed is confirmed as
    of today, unless the list has a column for that. The same list a second time changes nothing; with ``preview``
    nothing is written, and nobody new has a key yet. Raises ``InvalidFile`` and ``UsageError``.
    """
    snapshot = listfiles.read(Path(path))
    binding = bind(_MAPPING, snapshot, {}, Base((), {}))
    if binding is None or "family" not in binding.columns:
        raise InvalidFile(
            "In der Datei ist keine Kopfzeile mit einer Spalte für den Namen zu finden.",
            hint="Zum Beispiel: Nachname; Vorname; Rolle; Durchwahl; E-Mail",
        )
    for held in binding.held:
        if held.code == "doubled":
            raise InvalidFile(f"Die Spalten {', '.join(held.letters)} bedeuten dasselbe: {held.header}.")
    with rt.database.read() if preview else rt.database.write() as session:
        reader = reader_for(rt, session)
        with as_usage():
            house = reader.house(organisation) if organisation else ""
        rows, described = _Import(reader, house).read(snapshot, binding)
        if "confirmed_on" not in binding.columns:  # who stands in a list of today works there today
            described = [replace(one, confirmed_on=rt.today()) for one in described]
        if preview:
            rows = [replace(row, key=None) if row.action == "new" else row for row in rows]
        else:
            save(rt, session, described, Origin("import", actor))
        missing = _missing(session, {one.organisation for one in described}, {one.key for one in described})
    found = Counter(row.action for row in rows)
    counts = {action: found[action] for action in ("new", "update", "same", "error")}
    return ContactReport(tuple(rows), counts, tuple(_ignored(snapshot, binding)), missing)


def export_contacts(rt: Runtime, path: Path | str) -> None:
    """Write the directory into a .csv or .xlsx file; reading it in again changes nothing. Raises ``InvalidFile``."""
    listfiles.write(Path(path), _lines(rt), title=TITLE)


def export_contacts_csv(rt: Runtime) -> str:
    """The directory as the text of a CSV file, see ``listfiles.csv_text``."""
    return listfiles.csv_text(_lines(rt))


def _lines(rt: Runtime) -> list[list[Cell]]:
    with rt.database.read() as session:
        found = contacts.directory(session)
        houses = {house.key: house.name for house in organisations.directory(session)}
    people, roles = People(found), rt.vocabularies.get("roles")
    labels = {entry.key: entry.label for entry in roles.entries} if roles else {}

    def cell(contact: DirectoryContact, name: str) -> Cell:
        value: Any = getattr(contact, name)
        match name:
            case "organisation":
                return houses[value] if list(houses.values()).count(houses[value]) == 1 else str(value)
            case "role":
                return labels.get(value, value) or None
            case "deputy":
                return people.name(value) if value else None
            case "kind":
                return KINDS[value]
        return value or None

    ordered = sorted(found, key=lambda one: (houses[one.organisation], one.family, one.given, one.key))
    header: list[Cell] = [names[0] for names in _COLUMNS.values()]
    return [header, *([cell(contact, name) for name in _COLUMNS] for contact in ordered)]


class _Import:
    """Reads the rows of one list against the directory as it is before."""

    def __init__(self, reader: Reader, house: str) -> None:
        self._reader, self._house = reader, house
        self._before = dict(reader.people)
        self._people = People(tuple(self._before.values()))

    def read(self, snapshot: Snapshot, binding: Binding) -> tuple[list[ContactRow], list[DirectoryContact]]:
        """The report, and the contacts as the good rows describe them."""
        reports: list[ContactRow] = []
        met: dict[str, tuple[int, dict[str, Any]]] = {}
        for number, entry in _entries(snapshot, binding):
            try:
                key = self._meet(entry)
                if key in met:
                    raise Mistake("family", f"Diese Person steht schon in Zeile {met[key][0]}.")
                met[key] = number, entry
            except Mistake as mistake:
                reports.append(_bad(number, entry, mistake))
        described: list[DirectoryContact] = []
        for key, (number, entry) in met.items():
            try:
                contact = self._reader.described(key, entry, self._before.get(key))
            except Mistake as mistake:
                reports.append(_bad(number, entry, mistake))
                continue
            described.append(contact)
            reports.append(self._report(number, contact))
        return sorted(reports, key=lambda report: report.number), described

    def _meet(self, entry: dict[str, Any]) -> str:
        split_name(entry)
        if not entry.get("family"):
            raise Mistake("family", "Der Name fehlt.")
        if entry.get("key") and entry["key"] not in self._before:
            raise Mistake("key", "Diese Nr. gibt es im Verzeichnis nicht; bei neuen Personen bleibt sie leer.")
        known = self._before.get(entry.get("key", ""))
        house = entry.get("organisation") or (known.organisation if known else self._house)
        if not house:
            raise Mistake("organisation", "Die Organisation fehlt: als Spalte oder für die ganze Liste angeben.")
        entry["organisation"] = self._reader.house(str(house))
        key, found = self._reader.meet(entry)
        if found is None:
            self._reader.refuse_half_known(entry)
        return key

    def _report(self, number: int, contact: DirectoryContact) -> ContactRow:
        before = self._before.get(contact.key)
        if before is None:
            similar = [
                one for one in self._people.similar(name_of(contact)) if one.organisation == contact.organisation
            ]
            hint = (f"Klingt wie {name_of(similar[0])} ({similar[0].key}): bitte prüfen.",) if similar else ()
            return ContactRow(number, contact.key, name_of(contact), "new", hint)
        changed = [names[0] for name, names in _COLUMNS.items() if getattr(before, name) != getattr(contact, name)]
        messages = (f"Ändert: {', '.join(changed)}.",) if changed else ()
        return ContactRow(number, contact.key, name_of(contact), "update" if changed else "same", messages)


def _entries(snapshot: Snapshot, binding: Binding) -> Iterator[tuple[int, dict[str, Any]]]:
    """The filled rows below the header: line and filled cells by detail."""
    for row in snapshot.rows:
        if row.number <= binding.header_row:
            continue
        cells = {name: row.cells[column - 1] for name, column in binding.columns.items()}
        entry = {
            name: cell if name in DAYS and not isinstance(cell, str) else tidy(listfiles.as_text(cell))
            for name, cell in cells.items()
            if cell is not None
        }
        entry = {name: value for name, value in entry.items() if value not in ("", "-", "–")}
        if entry:
            yield row.number, entry


def _bad(number: int, entry: Mapping[str, Any], mistake: Mistake) -> ContactRow:
    name = ", ".join(str(entry[part]) for part in ("family", "given") if entry.get(part))
    column = _COLUMNS[mistake.name][0] if mistake.name in _COLUMNS else ""
    return ContactRow(number, None, name, "error", (f"{column}: {mistake.message}" if column else mistake.message,))


def _missing(session: Session, houses: set[str], listed: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (contact.key, name_of(contact))
        for contact in contacts.directory(session)
        if contact.organisation in houses and contact.key not in listed and contact.left_on is None
    )


def _ignored(snapshot: Snapshot, binding: Binding) -> Iterator[str]:
    header = next(row.cells for row in snapshot.rows if row.number == binding.header_row)
    for column, cell in enumerate(header, 1):
        if cell is not None and column not in binding.columns.values():
            yield listfiles.as_text(cell) or column_letter(column)
