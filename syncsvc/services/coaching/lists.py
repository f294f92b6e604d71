"""Double coachings in a list of participants in a file, without a database."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from syncsvc.core.coaching import Assignment, Collision, Pair, Person, Weight, collisions, same_persons
from syncsvc.core.coaching.cells import AssignmentCells, AssignmentReader
from syncsvc.core.coaching.matching import Progress, silent
from syncsvc.core.fields import Context
from syncsvc.core.folding import bare
from syncsvc.core.model import Cell
from syncsvc.errors import InvalidFile
from syncsvc.services import listfiles, vocabularies

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("ID", "Nr.", "Lfd. Nr.", "Nummer", "TN-Nr.", "TN-Nummer", "Teilnehmerinnennummer", "TN-ID", "rec_id"),
    "given": ("Vorname", "Vornamen", "Rufname", "given_name", "first name"),
    "family": ("Nachname", "Familienname", "Zuname", "Name", "surname", "last name", "Teilnehmerin"),
    "birth": ("Geburtsdatum", "Geb.-Datum", "Geb. Datum", "GebDat", "geb. am", "geb.", "geboren", "date_of_birth"),
    "customer_no": ("Kundennummer", "Kunden-Nr.", "KdNr.", "Kd.-Nr.", "KNR", "BA-Nummer", "BA-Kundennummer"),
    "postcode": ("PLZ", "Postleitzahl", "PLZ Ort", "postcode"),
    "email": ("E-Mail", "Mail", "E-Mail-Adresse", "Mailadresse"),
    "phone": ("Telefon", "Telefonnummer", "Tel.", "Handy", "Mobil", "Mobilnummer", "Rufnummer"),
    "source": ("Quelle",),
    "project": ("Projekt", "Projektname", "Träger"),
    "measure": ("Maßnahme", "Massnahme", "Maßnahme JC", "Förderung", "Art der Maßnahme"),
    "period": ("Zeitraum", "von – bis", "Laufzeit", "Maßnahmezeitraum"),
    "begin": ("Beginn", "von", "ab", "Eintritt", "Eintrittsdatum", "Start", "Maßnahmebeginn"),
    "end": ("Ende", "bis", "geplantes Ende", "Maßnahmeende"),
    "exit": ("Austritt", "Austrittsdatum", "beendet am", "Abgang"),
    "agency": ("Jobcenter", "JC", "Agentur", "zuständiges Jobcenter", "Jobcenter / Agentur"),
    "contact": ("Ansprechperson JC", "Ansprechperson", "Ansprechpartnerin JC", "IFK", "Fallmanagerin", "Fallmanager"),
}
"""The columns of a list and the headers they are found by, the usual one first."""

_FIELD_OF = {bare(header): field for field, headers in COLUMNS.items() for header in headers}
_PERSON = ("birth", "customer_no", "postcode", "email", "phone", "agency", "contact")
_RESULT = ("ID_A", "ID_B", "Score", "Stufe", "Grund")


@dataclass(frozen=True)
class ParticipantList:
    """A list as read: one person and one assignment per row."""

    people: list[Person]
    assignments: list[Assignment]


@dataclass(frozen=True)
class Found:
    """The pairs held to be one woman, the surest first, and those of them whose coachings collide."""

    persons: list[Pair]
    double: list[tuple[Pair, Collision]]


def read_list(path: Path, today: date) -> ParticipantList:
    """The list in a CSV file or workbook. Columns may be missing, but for those of the name.

    ``today`` settles days typed without a year. Raises ``InvalidFile``.
    """
    rows = [row for row in listfiles.read(path).rows if any(row.cells)]
    if not rows:
        raise InvalidFile(f"{path.name} ist leer.", hint="In die erste Zeile gehören die Überschriften.")
    columns = _columns(rows[0].cells, path.name)
    reader = AssignmentReader(Context(today=today, vocabularies=vocabularies.load()))
    people: list[Person] = []
    assignments: list[Assignment] = []
    lines: dict[str, int] = {}
    for row in rows[1:]:
        texts = {field: listfiles.as_text(row.cells[at]) for field, at in columns.items()}
        person = _person(texts, row.number)
        if person.id in lines:
            raise InvalidFile(
                f"{path.name}: die ID in Zeile {row.number} steht schon in Zeile {lines[person.id]}.",
                hint="Jede Zeile braucht eine eigene ID; ohne die Spalte ID zählt die Zeilennummer.",
            )
        lines[person.id] = row.number
        people.append(person)
        assignments.append(reader.assignment(person.id, _assignment_cells(texts)))
    return ParticipantList(people, assignments)


def _columns(header: Sequence[Cell], name: str) -> dict[str, int]:
    columns: dict[str, int] = {}
    for at, cell in enumerate(header):
        if field := _FIELD_OF.get(bare(listfiles.as_text(cell))):
            columns.setdefault(field, at)
    if not {"given", "family"} & columns.keys():
        raise InvalidFile(
            f"In {name} fehlt die Spalte Nachname.",
            hint=f"Die erste Zeile muss die Überschriften enthalten, zum Beispiel {', '.join(_usual(6))}.",
        )
    return columns


def _usual(count: int) -> list[str]:
    return [headers[0] for headers in COLUMNS.values()][:count]


def _person(texts: dict[str, str], line: int) -> Person:
    given, family = texts.get("given", ""), texts.get("family", "")
    if "given" not in texts and "," in family:
        family, _, given = (part.strip() for part in family.partition(","))
    others = {field: texts.get(field, "") for field in _PERSON}
    return Person(id=texts.get("id", "").strip() or str(line), given=given, family=family, **others)


def _assignment_cells(texts: dict[str, str]) -> AssignmentCells:
    return AssignmentCells(
        measure=texts.get("measure"),
        period=texts.get("period", ""),
        begin=texts.get("begin", "").strip(),
        end=texts.get("end", "").strip(),
        exit=texts.get("exit", "").strip(),
        project=texts.get("project", ""),
    )


def check(people: ParticipantList, *, progress: Progress = silent) -> Found:
    """Who is in the list twice, and in two coachings at once."""
    persons = same_persons(people.people, progress=progress)
    by_ids = {(pair.a, pair.b): pair for pair in persons}
    found = collisions(people.assignments, by_ids)
    return Found(persons, [(by_ids[one.a.person, one.b.person], one) for one in found])


def write_double(path: Path, double: Iterable[tuple[Pair, Collision]]) -> None:
    """Write the double coachings: ``ID_A,ID_B,Score,Stufe,Grund``. Raises ``InvalidFile``."""
    _write(path, ((pair, f"{pair.text}. {told(collision)}") for pair, collision in double))


def write_persons(path: Path, pairs: Iterable[Pair]) -> None:
    """Write the pairs held to be one woman, in the same columns. Raises ``InvalidFile``."""
    _write(path, ((pair, pair.text) for pair in pairs))


def _write(path: Path, lines: Iterable[tuple[Pair, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_RESULT)
    writer.writerows((pair.a, pair.b, f"{pair.score:.6f}", pair.grade.value, reason) for pair, reason in lines)
    try:
        path.write_text(text.getvalue(), encoding="utf-8")
    except OSError as error:
        raise InvalidFile(f"Die Datei {path} lässt sich nicht schreiben.") from error


_WEIGHTS = {
    Weight.CLARIFY: "Beide Coachings laufen",
    Weight.HINT: "Coaching und Maßnahme mit Begleitung laufen",
    Weight.HANDOVER: "Übergabe? Beide Coachings laufen",
    Weight.DOUBLED: "Zweimal dasselbe Projekt (doppelt eingetragen?)",
}


def told(collision: Collision) -> str:
    """When two coachings collide, in words: ``Beide Coachings laufen 01.05.2025 – 30.06.2025``."""
    first = f"{collision.first:%d.%m.%Y}" if collision.first else ""
    last = f"{collision.last:%d.%m.%Y}" if collision.last else ""
    when = f"{first} – {last}" if first and last else f"ab {first}" if first else f"bis {last}" if last else "ohne Ende"
    return f"{_WEIGHTS[collision.weight]} {when}"
