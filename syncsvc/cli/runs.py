"""``syncsvc runs``."""

from __future__ import annotations

import getpass
from typing import Any

import click

from syncsvc import settings, wiring
from syncsvc.cli import failures
from syncsvc.cli.german import Group
from syncsvc.cli.output import json_option, moment, text, write_columns, write_json
from syncsvc.services import runs as service

_KINDS = {"sync": "Abgleich", "undo": "Rücknahme"}
_STATES = {
    "running": "läuft",
    "ok": "abgeglichen",
    "unchanged": "unverändert",
    "held": "angehalten",
    "failed": "fehlgeschlagen",
    "interrupted": "unterbrochen",
}


@click.group(cls=Group, example="syncsvc runs list")
def runs() -> None:
    """Vergangene Abgleiche zeigen und zurücknehmen."""


@runs.command("list", example="syncsvc runs list --table bsp-beispielstadt --limit 5")
@click.option("--table", metavar="TABELLE", help="Nur diese Tabelle.")
@click.option("--limit", type=click.IntRange(min=1), default=50, metavar="ZAHL", help="Höchstens so viele (50).")
@json_option
def list_(table: str | None, limit: int, as_json: bool) -> None:
    """Die letzten Abgleiche, der neueste zuerst."""
    found = service.list_runs(wiring.build(settings.load()), table=table, limit=limit)
    if as_json:
        write_json([run.as_json() for run in found])
        return
    rows = [
        (
            str(run.id),
            run.table,
            _KINDS.get(run.kind, run.kind),
            moment(run.started),
            _STATES.get(run.state, run.state),
            f"zurückgenommen durch {run.undone_by}" if run.undone_by else run.message,
        )
        for run in found
    ]
    write_columns(("Lauf", "Tabelle", "Art", "Beginn", "Ergebnis", ""), rows, empty="Noch kein Abgleich.")


@runs.command(example="syncsvc runs show 17")
@click.argument("number", type=int, metavar="LAUF")
@json_option
def show(number: int, as_json: bool) -> None:
    """Einen Abgleich mit seiner Quittung und jeder geänderten Zelle zeigen."""
    rt = wiring.build(settings.load())
    run, changes = service.get_run(rt, number), service.run_changes(rt, number)
    if as_json:
        write_json({**run.as_json(), "changes": changes})
        return
    click.echo(f"Lauf {run.id} · {run.table} · {moment(run.started)} · {_STATES.get(run.state, run.state)}")
    if run.message:
        click.echo(run.message)
    if receipt := run.receipt:
        click.echo(
            f"Quittung: {receipt['before']} Werte vorher = {receipt['agreed']} einig + {receipt['changed']} geändert"
            f" + {receipt['kept_in_question']} in Klärungen + {receipt['kept_in_history']} in der Geschichte"
            f" · verloren: {receipt['lost']}"
        )
    _write_changes(changes)


@runs.command(example="syncsvc runs undo 17 --preview\nsyncsvc runs undo 17")
@click.argument("number", type=int, metavar="LAUF")
@click.option("--preview", is_flag=True, help="Nur zeigen, was zurückgenommen würde.")
@json_option
def undo(number: int, preview: bool, as_json: bool) -> int:
    """Einen Abgleich zurücknehmen, Zelle für Zelle.

    Was seitdem weiter geändert wurde, bleibt stehen und wird genannt.
    """
    rt = wiring.build(settings.load())
    result = service.undo_run(rt, number, actor=getpass.getuser(), preview=preview)
    state = result.outcome.state if result.outcome else ""
    if as_json:
        outcome = result.outcome.as_json() if result.outcome else None
        write_json({"changes": result.changes, "left_alone": result.left_alone, "outcome": outcome})
    else:
        _write_changes(result.changes)
        for item in result.left_alone:
            click.echo(f"Bleibt stehen: {item['ref']} · {item['field']}: {item['reason']}")
        if preview:
            click.echo("Nur eine Vorschau: nichts wurde geändert.")
        elif result.outcome:
            click.echo(result.outcome.message)
    return {"failed": failures.FAILED, "held": failures.HELD}.get(state, 0)


def _write_changes(changes: list[dict[str, Any]]) -> None:
    sides = {"record": "Datensatz", "table": "Tabelle"}
    rows = [
        (
            str(change["ref"] or ""),
            str(change["header"] or change["field"]),
            sides.get(change.get("side", ""), "beide"),
            text(change["old"]),
            text(change["new"]),
        )
        for change in changes
    ]
    write_columns(("TN-Nr.", "Spalte", "Seite", "vorher", "nachher"), rows, empty="Keine Zelle geändert.")
