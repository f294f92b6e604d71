"""``syncsvc demo``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from syncsvc import settings, wiring
from syncsvc.cli import serve
from syncsvc.cli.german import Command
from syncsvc.cli.sync import counts
from syncsvc.errors import ConfigurationError
from syncsvc.services import demo as service
from syncsvc.services import users
from syncsvc.services.runtime import Runtime

_USER = "admin"


@click.command(cls=Command, example="syncsvc demo\nsyncsvc demo --dir beispiel --no-serve")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    metavar="ORDNER",
    help="Wohin Tabellen, Einstellungen und Datenbank kommen (demo).",
)
@click.option("--port", type=click.IntRange(1, 65535), metavar="ZAHL", help="Anschluss der Webseiten (8000).")
@click.option("--no-serve", is_flag=True, help="Nur einrichten und abgleichen, keine Webseiten.")
def demo(folder: Path, port: int | None, no_serve: bool) -> None:
    """Ein Beispielprojekt mit drei .xlsx-Tabellen einrichten, abgleichen und zeigen.

    Alle Personen sind erfunden. Ein zweiter Aufruf macht mit dem weiter, was schon da ist.
    """
    folder = folder.absolute()
    service.write_settings(folder)
    chosen = settings.load(folder)
    if chosen.database_file != folder / "syncsvc.db":
        raise ConfigurationError(
            "SYNCSVC_DATABASE_URL zeigt auf eine andere Datenbank; das Beispiel braucht seine eigene.",
            hint="Die Variable für diesen Aufruf leeren.",
        )
    rt = wiring.build(chosen)
    click.echo("Einen Augenblick: Das Beispielprojekt wird vorbereitet …")
    made = service.make_demo(rt, folder)
    _tell(made, folder)
    if no_serve:
        return
    base = f"http://{chosen.web.host}:{port or chosen.web.port}"
    click.echo(f"\nAnmelden (15 Minuten, einmal gültig):\n  {_link(rt, base)}\n")
    serve.run(rt, chosen, port)


def _tell(made: service.Demo, folder: Path) -> None:
    here = Path.cwd()
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    program = sys.argv[0] if Path(sys.argv[0]).stem == "syncsvc" else "syncsvc"
    what = "ist eingerichtet" if made.fresh else "war schon da und ist noch einmal abgeglichen"
    click.echo(f"\nDas Beispielprojekt {what}: {len(made.refs)} Datensätze, {len(made.files)} Tabellen.\n")
    for file, outcome in zip(made.files, made.outcomes, strict=True):
        lines = (f"  {shown / file.relative_to(folder)}", outcome.message, counts(outcome))
        click.echo("\n      ".join(line for line in lines if line))
    click.echo(
        "\nZum Ausprobieren:\n"
        "  1. Eine der Tabellen in Excel oder LibreOffice öffnen, etwas ändern, speichern, schließen.\n"
        "     Läuft „syncsvc demo“ weiter, kommt die Änderung in einer halben Minute an.\n"
        "  2. Sortieren, eine Zeile einfügen oder löschen, ein Datum falsch tippen; die Spalte „Hinweis“ antwortet.\n"
        "  3. Einen Datensatz ändern, in einem zweiten Fenster im selben Ordner:\n"
        f"       {'set' if os.name == 'nt' else 'export'} SYNCSVC_DATA_DIR={shown}\n"
        f"       {program} records set {made.refs[0]} status=beendet\n"
        f"       {program} sync --preview\n"
        f"       {program} questions list\n"
        f"  Neu anfangen: den Ordner {shown} löschen."
    )


def _link(rt: Runtime, base_url: str) -> str:
    if _USER not in {user.name for user in users.list_users(rt)}:
        users.add_user(rt, _USER)
    return users.login_link(rt, _USER, base_url=base_url)
