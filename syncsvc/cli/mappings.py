"""``syncsvc mappings``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from syncsvc import settings, wiring
from syncsvc.cli import failures
from syncsvc.cli.german import Group
from syncsvc.services import mappings as service
from syncsvc.services import suggestions
from syncsvc.services.parse import bare_context
from syncsvc.services.runtime import ZONE


@click.group(cls=Group, example="syncsvc mappings check mappings/standard.yaml")
def mappings() -> None:
    """Zuordnungen prüfen, vorschlagen und ausgeben."""


@mappings.command(example="syncsvc mappings check mappings/standard.yaml")
@click.argument("file", type=click.Path(path_type=Path), metavar="DATEI")
def check(file: Path) -> int:
    """Eine Zuordnung prüfen, ohne sie zu übernehmen."""
    problems = service.check_file(file)
    for problem in problems:
        click.echo(f"{file}:{problem.line}:{problem.column}: {problem.message}")
    if not problems:
        click.echo(f"{file}: in Ordnung.")
    return failures.USAGE if problems else 0


@mappings.command(example="syncsvc mappings suggest Liste.xlsx > liste.yaml")
@click.argument("location", metavar="DATEI|TABELLE")
def suggest(location: str) -> None:
    """Eine Zuordnung vorschlagen, aus Überschriften und Werten, mit Begründung je Spalte.

    DATEI ist eine Liste (.xlsx, .csv), TABELLE der Schlüssel einer angeschlossenen Tabelle.
    """
    if Path(location).exists():
        context = bare_context(datetime.now(ZONE).date())
        click.echo(suggestions.suggest_for_file(Path(location), context), nl=False)
    else:
        click.echo(suggestions.suggest_for_table(wiring.build(settings.load()), location), nl=False)


@mappings.command(example="syncsvc mappings export standard > standard.yaml")
@click.argument("key", metavar="SCHLÜSSEL")
def export(key: str) -> None:
    """Eine Zuordnung als YAML ausgeben, so wie „apply“ sie liest."""
    click.echo(service.export_mapping(wiring.build(settings.load()), key), nl=False)
