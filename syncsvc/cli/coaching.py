"""``syncsvc coaching``."""

from __future__ import annotations

import getpass
import sys
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syncsvc.cli.german import Command, Group
from syncsvc.cli.output import json_option, moment, write_columns, write_json
from syncsvc.core.coaching.wording import DECISIONS, GRADES, SPOKEN_WITH, STATES, WEIGHTS
from syncsvc.errors import UsageError
from syncsvc.services.coaching import lists
from syncsvc.services.runtime import ZONE

if TYPE_CHECKING:
    from syncsvc.services.coaching.disclosure import FlagView, Side
    from syncsvc.services.runtime import Runtime

_FILE = click.Path(path_type=Path)
_STEPS = 100


_as_project = click.option(
    "--project", metavar="PROJEKT", help="Nur, was dieses Projekt betrifft, und nur, was es sehen darf."
)


@click.group(cls=Group, example="syncsvc coaching list\nsyncsvc coaching check --csv liste.csv --out paare.csv")
def coaching() -> None:
    """Doppelte Begleitungen finden und klären."""


@coaching.command("list", cls=Command, example="syncsvc coaching list --grade certain --project bsp")
@click.option(
    "--state",
    type=click.Choice([*DECISIONS, "gone"]),
    metavar="STAND",
    help=f"{', '.join(DECISIONS)} oder gone; ohne: alle, über die noch niemand entschieden hat.",
)
@click.option("--grade", type=click.Choice(list(GRADES)), metavar="STUFE", help="certain, probable oder possible.")
@_as_project
@json_option
def list_(state: str | None, grade: str | None, project: str | None, as_json: bool) -> None:
    """Doppelte Begleitungen, die neuesten zuerst."""
    from syncsvc.services.coaching import disclosure

    found = disclosure.list_flags(_runtime(), project=project, state=state, grade=grade)
    if as_json:
        write_json([flag.as_json() for flag in found])
        return
    rows = [
        (str(flag.id), WEIGHTS[flag.weight], GRADES[flag.grade], STATES[flag.state], _since(flag), _who(flag))
        for flag in found
    ]
    headers = ("Nr.", "Art", "Dieselbe Frau", "Stand", "Beide ab", "Wer")
    write_columns(
        headers, rows, empty="Keine doppelte Begleitung." if state else "Keine doppelte Begleitung ist offen."
    )


@coaching.command(cls=Command, example="syncsvc coaching show 12")
@click.argument("number", type=int, metavar="NUMMER")
@_as_project
@json_option
def show(number: int, project: str | None, as_json: bool) -> None:
    """Eine doppelte Begleitung mit Begründung, Zeiträumen, Ansprechpersonen und Verlauf."""
    from syncsvc.services.coaching import disclosure

    flag = disclosure.show_flag(_runtime(), number, project=project)
    if as_json:
        write_json(flag.as_json())
        return
    click.echo(f"{flag.id}  {WEIGHTS[flag.weight]} · {STATES[flag.state]} · dieselbe Frau: {GRADES[flag.grade]}")
    for name, side in zip("AB", flag.sides, strict=True):
        click.echo(f"{name}  {_told(side)}\n   anrufen: {_call(side)}")
    if flag.reasons:
        click.echo(f"Dafür: {'; '.join(flag.reasons)}")
    if flag.doubts:
        click.echo(f"Dagegen: {'; '.join(flag.doubts)}")
    click.echo("\nVerlauf")
    rows = [
        (moment(entry.at), STATES[entry.event], SPOKEN_WITH.get(entry.spoken_with, ""), entry.actor or "Abgleich")
        for entry in flag.history
    ]
    write_columns(("Wann", "Was", "Gesprochen", "Wer"), rows, empty="Noch nichts.")


@coaching.command(
    cls=Command,
    example="syncsvc coaching decide 12 discussed --with jobcentre\nsyncsvc coaching decide 12 agreed_parallel",
)
@click.argument("number", type=int, metavar="NUMMER")
@click.argument("state", type=click.Choice(list(DECISIONS)), metavar="STAND")
@click.option(
    "--with",
    "spoken_with",
    type=click.Choice(list(SPOKEN_WITH)),
    default=None,
    metavar="WEM",
    help="Mit wem gesprochen wurde: her (Teilnehmerin) oder jobcentre.",
)
@_as_project
def decide(number: int, state: str, spoken_with: str | None, project: str | None) -> None:
    """Vermerken, was vereinbart ist: discussed, agreed_parallel, ended, mistake; open nimmt es zurück.

    Notizen gibt es hier nicht: Was besprochen wurde, gehört in die Akte.
    """
    from syncsvc.services.coaching import disclosure

    actor, spoken_with = getpass.getuser(), spoken_with or ""
    click.echo(disclosure.decide(_runtime(), number, state, actor=actor, spoken_with=spoken_with, project=project))


def _runtime() -> Runtime:
    """The service over its database, which ``check --csv`` does without: half of its memory and of its start."""
    from syncsvc import settings, wiring

    return wiring.build(settings.load())


def _since(flag: FlagView) -> str:
    return f"{flag.first:%d.%m.%Y}" if flag.first else "–"


def _who(flag: FlagView) -> str:
    return " / ".join(dict.fromkeys(side.ref or "bereits in Begleitung" for side in flag.sides))


def _told(side: Side) -> str:
    if not side.visible:
        return "bereits in Begleitung"
    start = f"{side.start:%d.%m.%Y}" if side.start else "offen"
    end = f"{side.end:%d.%m.%Y}" if side.end else "offen"
    what = "Maßnahme des Jobcenters" if side.measure else f"Projekt {side.project}"
    return f"{side.ref} · {what} · {start} – {end}"


def _call(side: Side) -> str:
    call = side.call
    return ", ".join(part for part in (call.organisation, call.name, call.phone, call.email) if part)


@coaching.command(
    cls=Command,
    example="syncsvc coaching check\n"
    "syncsvc coaching check --csv liste.csv --out paare.csv\n"
    "syncsvc coaching check --csv liste.csv --out paare.csv --persons personen.csv --json",
)
@click.option("--csv", "source", type=_FILE, metavar="DATEI", help="Liste mit Überschriften: CSV oder .xlsx.")
@click.option("--out", type=_FILE, metavar="DATEI", help="CSV mit den Paaren, die zugleich in zwei Coachings sind.")
@click.option("--persons", type=_FILE, metavar="DATEI", help="CSV mit allen Paaren, die dieselbe Person sein dürften.")
@json_option
def check(source: Path | None, out: Path | None, persons: Path | None, as_json: bool) -> None:
    """Zeigen, welche Frau zugleich in zwei Coachings ist.

    Ohne --csv in allen Datensätzen der Datenbank; das geschieht auch von selbst, nach jeder Änderung und jede Nacht.
    Mit --csv in einer Liste, ohne Datenbank und Einstellungen. Spalten dürfen fehlen: ID, Vorname, Nachname,
    Geburtsdatum, Kundennummer, PLZ, E-Mail, Telefon, Projekt, Maßnahme, Beginn, Ende, Austritt, Jobcenter,
    Ansprechperson JC. Ausgabe: ID_A, ID_B, Score, Stufe (certain, probable, possible), Grund. Es wird nichts
    zusammengeführt; jedes Paar prüft ein Mensch.
    """
    if source is None and out is None and persons is None:
        _check_database(as_json=as_json)
        return
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


def _check_database(*, as_json: bool) -> None:
    from syncsvc.services.coaching import checking

    rt = _runtime()
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=_STEPS, label="Datensätze prüfen", file=sys.stderr, hidden=hidden) as bar:
        found = checking.check(rt, lambda done, total: bar.update(done * _STEPS // max(total, 1) - bar.pos))
    if as_json:
        write_json(asdict(found))
        return
    click.echo(
        f"{found.records} Datensätze geprüft: {found.opened} neu, {found.closed} erledigt, {found.standing} offen."
        " Zeigen: syncsvc coaching list"
    )


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
    rows = "1 Zeile" if summary["rows"] == 1 else f"{summary['rows']} Zeilen"
    if not double:
        return f"{rows} verglichen: keine doppelte Begleitung gefunden."
    counts = ", ".join(f"{double[grade]} {word}" for grade, word in GRADES.items() if grade in double)
    pairs = "1 doppelte Begleitung" if sum(double.values()) == 1 else f"{sum(double.values())} doppelte Begleitungen"
    return f"{rows} verglichen: {pairs} ({counts}) in {out}."
