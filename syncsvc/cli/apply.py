"""``syncsvc apply``."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Command
from syncsvc.cli.output import json_option, write_columns, write_json
from syncsvc.services import programme

_KINDS = {
    "mapping": "Zuordnung",
    "organisation": "Organisation",
    "project": "Projekt",
    "contact": "Ansprechperson",
    "table": "Tabelle",
}
_ACTIONS = {"created": "neu", "changed": "geändert", "unchanged": "wie bisher"}


@click.command(cls=Command, example="syncsvc apply mappings/standard.yaml programm.yaml")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DATEI...")
@click.option("--dry-run", is_flag=True, help="Nur zeigen, was sich ändern würde.")
@json_option
def apply(files: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Projekte, Organisationen, Zuordnungen und Tabellen aus Dateien übernehmen.

    Ganz oder gar nicht, und beliebig oft: was schon stimmt, bleibt, wie es ist. Eine Tabelle gehört zu einem Projekt
    (project) oder ist die Liste der Ansprechpersonen einer Organisation (directory, mappings/verzeichnis.yaml).
    """
    changes = programme.apply_files(
        wiring.build(settings.load()), list(files), dry_run=dry_run, actor=getpass.getuser()
    )
    if as_json:
        write_json([{"kind": c.kind, "key": c.key, "action": c.action, "details": c.details} for c in changes])
        return
    rows = [(_ACTIONS[change.action], _KINDS[change.kind], change.key, change.details) for change in changes]
    write_columns(("", "Was", "Schlüssel", ""), rows, empty="In den Dateien steht nichts.")
    if dry_run:
        click.echo("Nur eine Vorschau: nichts wurde gespeichert.")
