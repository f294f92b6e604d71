"""``syncsvc coaching``."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from syncsvc.cli.german import Command, Group
from syncsvc.cli.output import json_option, write_json
from syncsvc.errors import UsageError
from syncsvc.services.coaching import lists
from syncsvc.services.runtime import ZONE

_FILE = click.Path(path_type=Path, dir_okay=False)
_STEPS = 100


@click.group(cls=Group, example="syncsvc coaching check --csv liste.csv --out paare.csv")
def coaching() -> None:
    """Doppelte Begleitungen finden."""


@coaching.command(
    cls=Command,
    example="syncsvc coaching check --csv liste.csv --out paare.csv\n"
    "syncsvc coaching check --csv liste.csv --out paare.csv --persons personen.csv --json",
)
@click.option("--csv", "source", type=_FILE, metavar="DATEI", help="Liste mit Überschriften: CSV oder .xlsx.")
@click.option("--out", type=_FILE, metavar="DATEI", help="CSV mit den Paaren, die zugleich in zwei Coachings sind.")
@click.option("--persons", type=_FILE, metavar="DATEI", help="CSV mit allen Paaren, die dieselbe Person sein dürften.")
@json_option
def check(source: Path | None, out: Path | None, persons: Path | None, as_json: bool) -> None:
    """Zeigen, welche Frau zugleich in zwei Coachings ist.

    Mit --csv in einer Liste, ohne Datenbank und Einstellungen. Spalten dürfen fehlen: ID, Vorname, Nachname,
    Geburtsdatum, Kundennummer, PLZ, E-Mail, Telefon, Projekt, Maßnahme, Beginn, Ende, Austritt, Jobcenter,
    Ansprechperson JC. Ausgabe: ID_A, ID_B, Score, Stufe (certain, probable, possible), Grund. Es wird nichts
    zusammengeführt; jedes Paar prüft ein Mensch.
    """
    if source is None or out is None:
        raise UsageError("Eine Liste mit --csv und eine Datei für das Ergebnis mit --out angeben.")
    if source in (out, persons) or out == persons:
        raise UsageError("Die Dateien bei --csv, --out und --persons müssen verschieden sein.")
    people = lists.read_list(source, datetime.now(ZONE).date())
    found = _checked(people)
    lists.write_double(out, found.double)
    if persons:
        lists.write_persons(persons, found.persons)
    summary = _summary(people, found)
    if as_json:
        write_json(summary)
    else:
        click.echo(_sentence(summary, out))


def _checked(people: lists.ParticipantList) -> lists.Found:
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=_STEPS, label="Personen vergleichen", file=sys.stderr, hidden=hidden) as bar:
        return lists.check(people, progress=lambda share: bar.update(int(share * _STEPS) - bar.pos))


def _summary(people: lists.ParticipantList, found: lists.Found) -> dict[str, Any]:
    return {
        "rows": len(people.people),
        "persons": dict(Counter(pair.grade.value for pair in found.persons)),
        "double": dict(Counter(pair.grade.value for pair, _ in found.double)),
    }


def _sentence(summary: dict[str, Any], out: Path) -> str:
    double = summary["double"]
    if not double:
        return f"{summary['rows']} Zeilen verglichen: keine doppelte Begleitung gefunden."
    grades = (("certain", "sicher"), ("probable", "wahrscheinlich"), ("possible", "möglich"))
    counts = ", ".join(f"{double[grade]} {word}" for grade, word in grades if grade in double)
    return f"{summary['rows']} Zeilen verglichen: {sum(double.values())} doppelte Begleitungen ({counts}) in {out}."
