"""``syncsvc sync``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from syncsvc import settings, wiring
from syncsvc.cli import failures
from syncsvc.cli.german import Command
from syncsvc.cli.output import json_option, progress, write_json
from syncsvc.services import sync as service
from syncsvc.services import tables
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import Outcome

_STATES = {"unchanged": "unverändert", "ok": "abgeglichen", "held": "angehalten", "failed": "fehlgeschlagen"}
_COUNTS = (
    ("cells_written", "{} Zelle(n) geschrieben"),
    ("rows_added", "{} Zeile(n) angefügt"),
    ("records_changed", "{} Datensatz/Datensätze geändert"),
    ("records_created", "{} Datensatz/Datensätze angelegt"),
    ("questions_opened", "{} neue Klärung(en)"),
    ("questions_closed", "{} Klärung(en) erledigt"),
)
_DIRECTIONS = {"to_record": "in den Datensatz", "to_table": "in die Tabelle", "question": "Klärung"}


@click.command(cls=Command, example="syncsvc sync\nsyncsvc sync bsp-beispielstadt --preview")
@click.argument("keys", nargs=-1, metavar="[TABELLE...]")
@click.option("--preview", is_flag=True, help="Nur zeigen, was geschähe; nichts wird geschrieben.")
@json_option
def sync(keys: tuple[str, ...], preview: bool, as_json: bool) -> int:
    """Tabellen abgleichen; ohne Angabe alle.

    Ende mit 0: gut, 1: eine Tabelle ist fehlgeschlagen, 2: Aufruf oder Einstellung passt nicht, 3: eine Tabelle ist
    angehalten.
    """
    rt = wiring.build(settings.load())
    for key in keys:
        tables.get_table(rt, key)  # a misspelt name stops the command before the first table is touched
    outcomes = list(_outcomes(rt, list(dict.fromkeys(keys)) or service.due_tables(rt), preview=preview))
    if as_json:
        write_json([outcome.as_json() for outcome in outcomes])
    else:
        for outcome in outcomes:
            _write(outcome)
        if not outcomes:
            click.echo("Es gibt noch keine Tabelle. Mit „syncsvc apply“ eine anlegen.")
    states = {outcome.state for outcome in outcomes}
    return failures.FAILED if "failed" in states else failures.HELD if "held" in states else 0


def _outcomes(rt: Runtime, keys: list[str], *, preview: bool) -> Iterator[Outcome]:
    for key in progress(keys, "Vorschau" if preview else "Abgleich"):
        try:
            yield service.preview_table(rt, key) if preview else service.sync_table(rt, key)
        except Exception as error:  # noqa: BLE001  whatever happens to one table, the others get their turn
            yield Outcome(key, "failed", failures.describe(error)[0])


def _write(outcome: Outcome) -> None:
    counts = [text.format(number) for name, text in _COUNTS if (number := getattr(outcome, name))]
    parts = [outcome.message] if outcome.state != "ok" else counts or [outcome.message]
    click.echo(f"{outcome.table}: {_STATES[outcome.state]} – {', '.join(part for part in parts if part)}")
    for action in outcome.actions or ():
        direction = _DIRECTIONS.get(str(action["direction"]), str(action["direction"]))
        click.echo(
            f"  {action['row']} · {action['column']}: {_shown(action['from'])} → {_shown(action['to'])}"
            f" ({direction}; {action['reason']})"
        )


def _shown(value: object) -> str:
    return "(leer)" if value in (None, "") else str(value)
