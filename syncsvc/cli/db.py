"""``syncsvc db``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Group
from syncsvc.cli.output import json_option, write_columns, write_json
from syncsvc.errors import UsageError
from syncsvc.jobs.exclusive import exclusive
from syncsvc.ports.clock import SystemClock
from syncsvc.services import backup as backups
from syncsvc.services import retention, rotation
from syncsvc.settings import Settings
from syncsvc.store import database

_TIDIED = {
    "runs_removed": "Abgleiche ohne Folgen entfernt",
    "runs_thinned": "Abgleiche ohne Einzelheiten behalten",
    "questions_thinned": "erledigte Klärungen ohne Einzelheiten behalten",
    "notices_removed": "Mitteilungen entfernt",
    "login_links_removed": "abgelaufene Anmeldelinks entfernt",
    "audit_removed": "alte Anmeldungen und Änderungen aus dem Protokoll entfernt",
    "readings_removed": "alte Vermerke, wer wen angesehen hat, entfernt",
    "drafts_removed": "liegen gebliebene Entwürfe entfernt",
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


@db.command(example="syncsvc db backup --to /mnt/sicherung")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="ORDNER",
              help="Wohin; ohne Angabe in den Ordner „backups“ im Datenordner.")  # fmt: skip
def backup(folder: Path | None) -> None:
    """Die Datenbank sichern, auch während Abgleiche laufen.

    Die Sicherung ist mit denselben Schlüsseln verschlüsselt wie die Datenbank.
    """
    chosen = settings.load()
    copy = backups.backup(wiring.build(chosen), folder or chosen.data_dir / "backups")
    click.echo(f"Gesichert: {copy}")
    keys = "SYNCSVC_ENCRYPTION_KEYS" if chosen.encryption_keys else f"der Schlüsseldatei {wiring.key_file(chosen)}"
    click.echo(f"Lesbar nur mit den Schlüsseln aus {keys}: getrennt von der Sicherung aufbewahren.")
    click.echo(f"Zurückspielen: {_way_back(chosen, copy)}")


@db.command(example="syncsvc db restore /mnt/sicherung/syncsvc-20260302T080000000000Z.db")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="DATEI")
def restore(file: Path) -> None:
    """Eine Sicherung der eingebauten Datenbank zurückspielen; der Dienst muss dafür beendet sein.

    Die Schlüssel müssen schon da sein. Die Datenbank, die bis jetzt galt, bleibt daneben liegen.
    """
    chosen = settings.load()
    if chosen.database_file is None:
        raise UsageError("Diese Datenbank ist PostgreSQL; sie spielt pg_restore zurück.", hint=_way_back(chosen, file))
    vault = wiring.known_vault(chosen)
    with exclusive(chosen.data_dir):
        aside = backups.restore(file, chosen.database_file, vault, SystemClock().now())
    click.echo(f"Zurückgespielt: {file}")
    if aside:
        click.echo(f"Die Datenbank, die bis jetzt galt, liegt noch in {aside}.")
    click.echo("Was seit der Sicherung geändert wurde, kommt mit dem nächsten Abgleich aus den Tabellen zurück oder")
    click.echo("wird erfragt; was nur im Dienst geändert wurde, fehlt.")


def _way_back(chosen: Settings, copy: Path) -> str:
    if chosen.database_file:
        return f"syncsvc db restore {copy}"
    return f"pg_restore --clean --if-exists --no-owner --dbname=… {copy}"


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
