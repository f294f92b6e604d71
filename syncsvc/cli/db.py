"""``syncsvc db``."""

from __future__ import annotations

from dataclasses import asdict

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Group
from syncsvc.cli.output import json_option, write_columns, write_json
from syncsvc.services import backup as backups
from syncsvc.services import retention
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
    opened = wiring.open_database(settings.load())
    if database.is_current(opened):
        click.echo("Die Datenbank ist schon auf dem Stand dieses Programms.")
        return
    database.upgrade(opened)
    click.echo("Die Datenbank ist jetzt auf dem Stand dieses Programms.")


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
