"""The invented situation cells are read in, and tables of readings written as plain text."""

from __future__ import annotations

import json
from datetime import date

from syncsvc.core.fields import Context, DirectoryContact, DirectoryOrganisation, Field, Reading, field_for
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.core.mapping import Column
from syncsvc.core.model import Side
from syncsvc.services.vocabularies import load

TODAY = date(2025, 9, 15)  # a Monday

CONTEXT = Context(
    today=TODAY,
    prefix="BSP",
    organisation="jc-nord",
    project_organisation="traeger",
    organisations=(
        DirectoryOrganisation(
            "jc-nord", "jobcentre", "Jobcenter Nordstadt", ("JC N-stadt",), "030 23125", ("jc-nordstadt.example",)
        ),
        DirectoryOrganisation("jc-sued", "jobcentre", "Jobcenter Südkreis", (), "040 66969", ("jc-suedkreis.example",)),
        DirectoryOrganisation("aa-nord", "agency", "Agentur für Arbeit Nordstadt"),
        DirectoryOrganisation("traeger", "provider", "Musterträger e. V."),
    ),
    contacts=(
        DirectoryContact(
            "jaeger-ute",
            "jc-nord",
            "Jäger",
            "Ute",
            "integration",
            "12",
            "030 23125-201",
            "ute.jaeger@jc-nordstadt.example",
        ),
        DirectoryContact("brandt-jan", "jc-nord", "Brandt", "Jan", "integration"),
        DirectoryContact("gross-eva-maria", "jc-nord", "Groß-Lehmann", "Eva Maria", "bca"),
        DirectoryContact("winter-kai", "jc-nord", "Winter", "Kai", team="3"),
        DirectoryContact("winter-kai-2", "jc-nord", "Winter", "Kai", team="4"),
        DirectoryContact("heise-olaf", "jc-sued", "Heiß", "Olaf", "case_management"),
        DirectoryContact("arslan-derya", "traeger", "Arslan", "Derya", "coach"),
        DirectoryContact("voss-karin", "traeger", "Voß", "Karin", "coach"),
    ),
    vocabularies=load(),
    values={"entry_date": "2024-09-01"},
)


def column(name: str, kind: str = "") -> Column:
    """A column of a known field, or of a custom one of this type."""
    known = CATALOGUE.get(name)
    if known is None:
        return Column("Eigene Spalte", name, kind, Side.BOTH)
    return Column(known.label, name, known.type, known.owner, vocabulary=known.vocabulary, level=known.level)


def field(name: str, kind: str = "") -> Field:
    return field_for(column(name, kind))


def told(reading: Reading) -> tuple[str, str]:
    """A reading as the tables write it: its kind, and value, code or ``code|proposal``; what is no text as JSON."""
    value = reading.value if isinstance(reading.value, str) else json.dumps(reading.value, ensure_ascii=False)
    if reading.accepted:
        return reading.kind, value
    return reading.kind, reading.code if reading.value is None else f"{reading.code}|{value}"


def rows(table: str) -> list[tuple[str, ...]]:
    """The lines of a plain-text table with ``¦`` between its cells; lines with ``#`` are for readers."""
    lines = [line.strip() for line in table.strip().splitlines()]
    return [tuple(cell.strip() for cell in line.split("¦")) for line in lines if line and not line.startswith("#")]
