"""``syncsvc tables``."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import datetime

import click

from syncsvc import settings, wiring
from syncsvc.cli import failures
from syncsvc.cli.german import Group
from syncsvc.cli.output import json_option, moment, text, write_columns, write_json
from syncsvc.core.confirmation import SIDES
from syncsvc.core.model import Side
from syncsvc.services import schedules
from syncsvc.services import tables as service
from syncsvc.services.contacts import confirmation, monthly

_STATES = {
    "new": "neu",
    "ok": "aktuell",
    "held": "angehalten",
    "failed": "fehlgeschlagen",
    "daily": "pausiert, täglicher Versuch",
    "paused": "pausiert",
}
_FAULTS = {"table": "Ihre Tabelle", "access": "Ihr Zugang", "platform": "die Plattform", "operator": "der Dienst"}


@click.group(cls=Group, example="syncsvc tables list")
def tables() -> None:
    """Tabellen zeigen, prüfen, einrichten, freigeben."""


@tables.command("list", example="syncsvc tables list --json")
@json_option
def list_(as_json: bool) -> None:
    """Alle Tabellen und wie es ihnen geht."""
    found = service.list_tables(wiring.build(settings.load()))
    if as_json:
        write_json([asdict(table) for table in found])
        return
    rows = [
        (
            table.key,
            table.project_name,
            table.jobcentre_name,
            _STATES.get(table.shown, table.shown),
            moment(table.last_agreed_at),
            moment(table.next_due_at) if table.enabled else "",
            str(table.failures or ""),
            _FAULTS.get(table.fault or "", ""),
            str(table.open_questions),
            table.message,
        )
        for table in found
    ]
    headers = ("Tabelle", "Projekt", "Jobcenter", "Zustand", "Zuletzt einig", "Nächster Abgleich", "Fehlversuche",
               "Wer ist dran", "Klärungen", "")  # fmt: skip
    write_columns(headers, rows, empty="Es gibt noch keine Tabelle. Mit „syncsvc apply“ eine anlegen.")


@tables.command(example="syncsvc tables check bsp-beispielstadt")
@click.argument("key", metavar="TABELLE")
@json_option
def check(key: str, as_json: bool) -> int:
    """Prüfen, ob der Dienst eine Tabelle lesen und schreiben kann. Schreibt nichts."""
    found = service.check_table(wiring.build(settings.load()), key)
    if as_json:
        write_json([asdict(item) for item in found])
    else:
        for item in found:
            click.echo(f"{'gut  ' if item.ok else 'FEHLT'} {item.text}{f' {item.hint}' if item.hint else ''}")
    return 0 if all(item.ok for item in found) else failures.FAILED


@tables.command(example="syncsvc tables setup bsp-beispielstadt")
@click.argument("key", metavar="TABELLE")
def setup(key: str) -> None:
    """Eine Tabelle einrichten: Kopfzeile, Auswahllisten, Formate, Warnungen.

    In ein leeres Blatt kommt die Kopfzeile. Wo die Plattform es kann (Google), bekommen die Spalten, was ihnen fehlt;
    was jemand von Hand eingerichtet hat, bleibt. Ein zweiter Aufruf ändert nichts.
    """
    for sentence in service.setup_table(wiring.build(settings.load()), key, actor=getpass.getuser()):
        click.echo(sentence)


@tables.command(example="syncsvc sync bsp-beispielstadt --preview\nsyncsvc tables release bsp-beispielstadt")
@click.argument("key", metavar="TABELLE")
def release(key: str) -> None:
    """Eine angehaltene Tabelle freigeben, nach einem Blick auf ihre Vorschau."""
    click.echo(service.release_table(wiring.build(settings.load()), key, actor=getpass.getuser()))


@tables.command(
    example="syncsvc tables confirm bsp-beispielstadt --side jobcentre\n"
    "syncsvc tables confirm bsp-beispielstadt --side project --month 10/2026"
)
@click.argument("key", metavar="TABELLE")
@click.option("--side", type=click.Choice([*map(str, SIDES)]), required=True, help="Für welche Seite.")
@click.option("--month", metavar="MONAT", help="Der bestätigte Monat, zum Beispiel 10/2026; sonst der laufende.")
def confirm(key: str, side: str, month: str | None) -> None:
    """Den Stand einer Tabelle für eine Seite bestätigen, und damit ihre Ansprechpersonen."""
    rt = wiring.build(settings.load())
    click.echo(confirmation.confirm(rt, key, Side(side), month=month, actor=getpass.getuser()))


@tables.command(example="syncsvc tables review bsp-beispielstadt --since 2026-10-01")
@click.argument("key", metavar="TABELLE")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%d.%m.%Y"]), metavar="TAG", help="Änderungen seit diesem Tag."
)
@json_option
def review(key: str, since: datetime | None, as_json: bool) -> None:
    """Der Monatsabgleich: was sich seit der letzten Bestätigung geändert hat, was offen ist, wer niemanden hat."""
    found = monthly.review(wiring.build(settings.load()), key, since.date() if since else None)
    if as_json:
        questions = [question.as_json() for question in found.questions]
        write_json(
            {
                "table": key, "since": found.since, "rows": found.rows, "questions": questions,
                "standings": [asdict(one) for one in found.standings],
                "groups": [asdict(group) for group in found.groups],
                "vacant": [asdict(one) for one in found.vacant],
            }
        )  # fmt: skip
        return
    click.echo(f"{found.table.jobcentre_name or key}, Änderungen seit {moment(found.since)}")
    for one in found.standings:
        said = f"{one.last.month[5:]}/{one.last.month[:4]} am {moment(one.last.at)}" if one.last else "noch nie"
        click.echo(f"{confirmation.NAMES[one.side]} hat bestätigt: {said}")
    changes = [
        (", ".join(group.refs), change.header, "" if group.new else text(change.old), text(change.new))
        for group in found.groups
        for change in group.changes
    ]
    write_columns(("TN-Nr.", "Spalte", "Bisher", "Jetzt"), changes, empty="Nichts hat sich geändert.")
    write_columns(("Ohne Ansprechperson", "Warum"), [(one.ref, one.reason) for one in found.vacant], empty="")
    write_columns(("Offene Klärungen",), [(question.text,) for question in found.questions], empty="")


@tables.command(example="syncsvc tables pause bsp-beispielstadt")
@click.argument("key", metavar="TABELLE")
def pause(key: str) -> None:
    """Eine Tabelle nicht mehr von selbst abgleichen, bis „tables resume“."""
    schedules.pause(wiring.build(settings.load()), key, actor=getpass.getuser())
    click.echo(f"Der Abgleich der Tabelle „{key}“ ist pausiert.")


@tables.command(example="syncsvc tables resume bsp-beispielstadt")
@click.argument("key", metavar="TABELLE")
def resume(key: str) -> None:
    """Eine Tabelle wieder von selbst abgleichen, zum ersten Mal sofort."""
    schedules.resume(wiring.build(settings.load()), key, actor=getpass.getuser())
    click.echo(f"Die Tabelle „{key}“ wird wieder von selbst abgeglichen.")
