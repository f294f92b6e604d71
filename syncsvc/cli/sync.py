"""``syncsvc sync``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from syncsvc import settings, wiring
from syncsvc.cli import failures
from syncsvc.cli.german import Command
from syncsvc.cli.output import json_option, progress, text, write_json
from syncsvc.core.fields import explain
from syncsvc.services import sync as service
from syncsvc.services import tables
from syncsvc.services.display import display_of
from syncsvc.services.outcomes import Outcome
from syncsvc.services.runtime import Runtime

_COUNTS = (
    ("cells_written", "Zelle geschrieben", "Zellen geschrieben"),
    ("rows_added", "Zeile angefügt", "Zeilen angefügt"),
    ("records_changed", "Datensatz geändert", "Datensätze geändert"),
    ("records_created", "Datensatz angelegt", "Datensätze angelegt"),
    ("questions_opened", "neue Klärung", "neue Klärungen"),
    ("questions_closed", "Klärung erledigt", "Klärungen erledigt"),
)


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
            _write(rt, outcome)
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


def counts(outcome: Outcome) -> str:
    """What a run did, in numbers: ``2 Zellen geschrieben, 1 neue Klärung``; empty for nothing."""
    return ", ".join(
        f"{number} {one if number == 1 else many}" for name, one, many in _COUNTS if (number := getattr(outcome, name))
    )


def _write(rt: Runtime, outcome: Outcome) -> None:
    preview = outcome.actions is not None and outcome.state == "ok"
    click.echo(f"{outcome.table}: {'Vorschau, nichts wurde geschrieben.' if preview else outcome.message}")
    if counted := counts(outcome):
        click.echo(f"  {'Ein Abgleich ergäbe: ' if preview else ''}{counted}")
    if not outcome.actions:
        return
    display = display_of(rt, outcome.table)
    for action in outcome.actions:
        place = f"Zeile {action['row']}" if action["row"] else "neue Zeile"
        old, new = (text(display(str(action["field"] or ""), action[side])) for side in ("from", "to"))
        change = f"{old} → {new}"
        click.echo(f"  {action['ref'] or '(noch ohne TN-Nr.)'}, {place}, {action['column']}: {change}  {_why(action)}")


def _why(action: Mapping[str, Any]) -> str:
    if action["direction"] == "question":
        return f"[Klärung: {explain(action['reason'], '')}]"
    return "[in den Datensatz]" if action["direction"] == "to_record" else "[in die Tabelle]"
