"""``syncsvc db``."""

from __future__ import annotations

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Group
from syncsvc.services import backup as backups
from syncsvc.store import database


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
