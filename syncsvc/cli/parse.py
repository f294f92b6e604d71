"""``syncsvc parse``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from syncsvc.cli.german import Command
from syncsvc.errors import UsageError
from syncsvc.services import parse as service
from syncsvc.services.runtime import ZONE


@click.command(
    cls=Command,
    example='syncsvc parse entry_date "seit 3.9." --today 2025-09-15\n'
    "syncsvc parse --batch zellen.csv --context verzeichnis.yaml",
)
@click.argument("field", required=False, metavar="[FELD")
@click.argument("text", required=False, metavar="TEXT]")
@click.option("--batch", type=click.Path(path_type=Path), metavar="DATEI", help="CSV mit den Spalten field und raw.")
@click.option(
    "--context", type=click.Path(path_type=Path), metavar="DATEI", help="YAML: Verzeichnis, Projekt, today, row."
)
@click.option("--today", metavar="TAG", help="Der Tag, der als heute gilt, JJJJ-MM-TT.")
def parse(field: str | None, text: str | None, batch: Path | None, context: Path | None, today: str | None) -> None:
    """Zeigen, wie der Dienst liest, was jemand in eine Zelle tippt.

    Ausgabe als CSV: field, raw, kind (ok, normalise, ask oder reject), result.
    """
    if (batch is None) == (field is None or text is None):
        raise UsageError("Entweder FELD und TEXT angeben oder --batch DATEI.", hint="Hilfe: syncsvc parse --help")
    day = _day(today) if today else datetime.now(ZONE).date()
    surroundings = service.read_context(context, day) if context else service.bare_context(day)
    if today:
        surroundings = replace(surroundings, today=day)
    if batch is not None:
        cells = service.parse_file(batch, surroundings)
    else:
        cells = [service.parse_cell(field or "", text or "", surroundings)]
    click.echo(service.to_csv(cells), nl=False)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("Für --today ein Datum JJJJ-MM-TT angeben, zum Beispiel 2025-09-15.") from error
