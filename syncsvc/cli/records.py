"""``syncsvc records``."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path

import click

from syncsvc import settings, wiring
from syncsvc.cli import failures
from syncsvc.cli.german import Group
from syncsvc.cli.output import assignments, json_option, moment, text, write_columns, write_json
from syncsvc.services import records as service
from syncsvc.services.display import display_of_record

_ACTIONS = {"new": "neu", "update": "geändert", "same": "wie bisher", "error": "Fehler"}


@click.group(cls=Group, example="syncsvc records show BSP-0137-E")
def records() -> None:
    """Datensätze zeigen, ändern, einlesen, ausgeben."""


@records.command("list", example="syncsvc records list --project bsp")
@click.option("--project", metavar="PROJEKT", help="Nur dieses Projekt.")
@json_option
def list_(project: str | None, as_json: bool) -> None:
    """Alle Datensätze; als JSON mit ihren Werten."""
    found = service.list_records(wiring.build(settings.load()), project=project)
    if as_json:
        write_json(found)
        return
    rows = [(record["ref"], record["project"], ", ".join(record["tables"])) for record in found]
    write_columns(("TN-Nr.", "Projekt", "Tabellen"), rows, empty="Es gibt noch keine Datensätze.")


@records.command(example="syncsvc records show BSP-0137-E --json")
@click.argument("ref", metavar="TN-NR")
@json_option
def show(ref: str, as_json: bool) -> None:
    """Einen Datensatz mit seinen Werten und seiner Geschichte zeigen."""
    rt = wiring.build(settings.load())
    record = service.show_record(rt, ref)
    if as_json:
        write_json(record)
        return
    display = display_of_record(rt, record["ref"])
    click.echo(f"{record['ref']} · Projekt {record['project']} · Tabellen: {', '.join(record['tables']) or '–'}")
    rows = [(field, text(display(field, value))) for field, value in record["fields"].items()]
    write_columns(("Feld", "Wert"), rows, empty="Noch keine Werte.")
    click.echo("\nGeschichte")
    history = [
        (
            moment(datetime.fromisoformat(change["when"])),
            change["field"],
            text(display(change["field"], change["old"])),
            text(display(change["field"], change["new"])),
            f"in Tabelle {change['source']}" if change["side"] == "table" else str(change["source"]),
        )
        for change in record["history"]
    ]
    write_columns(("Wann", "Feld", "vorher", "nachher", "durch"), history, empty="Noch keine Änderung.")


@records.command("import", example="syncsvc records import liste.xlsx --project bsp --preview")
@click.argument("file", type=click.Path(path_type=Path), metavar="DATEI")
@click.option("--project", required=True, metavar="PROJEKT", help="Das Projekt, dem die Datensätze gehören.")
@click.option("--preview", is_flag=True, help="Nur zeigen, was geschähe.")
@json_option
def import_(file: Path, project: str, preview: bool, as_json: bool) -> int:
    """Eine Liste (CSV oder XLSX) einlesen; erste Spalte ist die TN-Nr.

    Gute Zeilen werden übernommen, die übrigen genannt. Zweimal einlesen ändert nichts.
    """
    rt = wiring.build(settings.load())
    report = service.import_file(rt, file, project, actor=getpass.getuser(), preview=preview)
    if as_json:
        rows = [{"number": r.number, "ref": r.ref, "action": r.action, "messages": r.messages} for r in report.rows]
        write_json({"rows": rows, "counts": report.counts, "ignored": report.ignored})
    else:
        for row in report.rows:
            for message in row.messages:
                click.echo(f"Zeile {row.number}: {message}")
        if report.ignored:
            click.echo(f"Spalten ohne Feld, nicht übernommen: {', '.join(report.ignored)}")
        click.echo(" · ".join(f"{_ACTIONS.get(name, name)}: {number}" for name, number in report.counts.items()))
        if preview:
            click.echo("Nur eine Vorschau: nichts wurde gespeichert.")
    return failures.FAILED if any(row.action == "error" for row in report.rows) else 0


@records.command(example="syncsvc records export --project bsp --out liste.xlsx")
@click.option("--project", required=True, metavar="PROJEKT", help="Das Projekt.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DATEI", help="Ziel, .csv oder .xlsx.")
def export(project: str, out: Path | None) -> None:
    """Alle Datensätze eines Projekts ausgeben; ohne Ziel als CSV auf die Standardausgabe."""
    rt = wiring.build(settings.load())
    if out is None:
        click.echo(service.export_csv(rt, project), nl=False)
        return
    service.export_file(rt, project, out)
    click.echo(f"Ausgegeben: {out}")


@records.command("set", example='syncsvc records set BSP-0137-E status=pausiert "custom.note=Termin am 3.9."')
@click.argument("ref", metavar="TN-NR")
@click.argument("values", nargs=-1, required=True, metavar="FELD=WERT...")
@json_option
def set_(ref: str, values: tuple[str, ...], as_json: bool) -> None:
    """Werte eines Datensatzes im Namen des Projekts ändern; „FELD=“ leert das Feld.

    In einer Spalte, die dem Jobcenter gehört, wird daraus ein Vorschlag.
    """
    rt = wiring.build(settings.load())
    changes = service.set_values(rt, ref, assignments(values, "FELD=WERT", "status=pausiert"), actor=getpass.getuser())
    if as_json:
        write_json(changes)
        return
    display = display_of_record(rt, service.show_record(rt, ref)["ref"])
    for change in changes:
        old, new = (text(display(change["field"], change[side])) for side in ("old", "new"))
        proposal = "  (Vorschlag: die Spalte gehört dem Jobcenter)" if change["proposal"] else ""
        click.echo(f"{change['field']}: {old} → {new}{proposal}")
    if not changes:
        click.echo("Das stand schon so da.")
