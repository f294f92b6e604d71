"""``syncsvc db``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from importlib.util import find_spec

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Group
from syncsvc.cli.output import json_option, write_columns, write_json
from syncsvc.services import backup as backups
from syncsvc.services import retention, rotation
from syncsvc.store import database

_TIDIED = {
    "runs_removed": "Abgleiche ohne Folgen entfernt",
    "runs_thinned": "Abgleiche ohne Einzelheiten behalten",
    "questions_thinned": "erledigte Klärungen ohne Einzelheiten behalten",
    "notices_removed": "Mitteilungen entfernt",
    "login_links_removed": "abgelaufene Anmeldelinks entfernt",
    "copies_removed": "Sicherungskopien von Tabellen entfernt",
    "leftovers_removed": "Reste abgebrochener Schreibvorgänge entfernt",
}


@click.group(cls=Group, example="syncsvc db backup")
def db() -> None:
    """Datenbank aktualisieren und sichern."""


@db.command(example="syncsvc db upgrade")
def upgrade() -> None:
    """Die Datenbank auf den Stand dieses Programms bringen; beliebig oft.

    Die eingebaute Datenbank bringt jeder Befehl selbst auf den Stand; PostgreSQL braucht diesen.
    """
    chosen = settings.load()
    opened = wiring.open_database(chosen)
    behind = not database.is_current(opened)
    if behind:
        database.upgrade(opened)
    if chosen.database_file is None and find_spec("procrastinate"):  # the queue of „syncsvc worker“, an extra
        from syncsvc.jobs.cluster import prepare

        behind |= prepare(opened)
    click.echo(f"Die Datenbank ist {'jetzt' if behind else 'schon'} auf dem Stand dieses Programms.")


@db.command(example="syncsvc db backup")
def backup() -> None:
    """Die eingebaute Datenbank sichern, auch während Abgleiche laufen.

    Die Sicherung ist mit denselben Schlüsseln verschlüsselt wie die Datenbank.
    """
    chosen = settings.load()
    copy = backups.backup(wiring.build(chosen), chosen.data_dir / "backups")
    click.echo(f"Gesichert: {copy}")
    if not chosen.encryption_keys:
        click.echo(f"Lesbar nur mit dem Schlüssel {chosen.data_dir / wiring.KEY_FILE}; diesen getrennt aufbewahren.")


@db.command(example="syncsvc db tidy")
@json_option
def tidy(as_json: bool) -> None:
    """Entfernen, was nach den Einstellungen unter [retention] niemand mehr braucht.

    Der laufende Dienst tut das selbst einmal am Tag. Datensätze, ihre Geschichte und offene Klärungen bleiben immer.
    """
    tidied = asdict(retention.tidy(wiring.build(settings.load())))
    if as_json:
        write_json(tidied)
        return
    rows = [(_TIDIED[name], str(count)) for name, count in tidied.items() if count]
    write_columns(("Aufgeräumt", ""), rows, empty="Nichts ist über seine Zeit.")


@db.command("rotate-keys", example="syncsvc db rotate-keys")
@json_option
def rotate_keys(as_json: bool) -> None:
    """Alles mit dem ersten Schlüssel der Liste verschlüsseln, während alles andere weiterläuft.

    Vorher muss jeder Prozess mit dem neuen und dem alten Schlüssel gestartet sein. Abgebrochen und wiederholt macht
    der Befehl da weiter, wo er war.
    """
    with click.progressbar(length=1, label="Neu verschlüsseln", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        result = rotation.rotate(wiring.build(settings.load()), tell)
    if as_json:
        write_json(asdict(result))
        return
    if not (result.switched or result.resealed or result.freed):
        click.echo("Alles ist schon mit dem ersten Schlüssel der Liste verschlüsselt; kein anderer wird gebraucht.")
        return
    click.echo(f"Neu verschlüsselt: {sum(result.resealed.values())} Einträge in {result.seconds:.1f} s.")
    click.echo("Der alte Schlüssel wird nicht mehr gebraucht und kann aus der Liste genommen werden.")
    click.echo("Frühere Sicherungen lassen sich nur mit ihm lesen: ihn aufbewahren, solange es sie gibt.")
