"""``syncsvc questions``."""

from __future__ import annotations

import getpass

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Group
from syncsvc.cli.output import json_option, write_json
from syncsvc.services import questions as service


@click.group(cls=Group, example="syncsvc questions list")
def questions() -> None:
    """Offene Klärungen zeigen und beantworten."""


@questions.command("list", example="syncsvc questions list --json")
@click.option("--table", metavar="TABELLE", help="Nur diese Tabelle.")
@click.option(
    "--state",
    type=click.Choice(["open", "answered", "obsolete"]),
    default="open",
    metavar="ZUSTAND",
    help="open (Vorgabe), answered oder obsolete.",
)
@json_option
def list_(table: str | None, state: str, as_json: bool) -> None:
    """Was nur ein Mensch entscheiden kann, mit den möglichen Antworten."""
    found = service.list_questions(wiring.build(settings.load()), table=table, state=state)
    if as_json:
        write_json([question.as_json() for question in found])
        return
    for question in found:
        place = (
            " · ".join(part for part in (question.table, question.ref, question.header) if part) or "Doppelbetreuung"
        )
        click.echo(f"{question.id}  {place}\n    {question.text}")
        for choice in question.choices if question.state == "open" else ():
            click.echo(f"    {choice.key}: {choice.text}")
    if not found:
        click.echo("Keine offene Klärung." if state == "open" else "Keine Klärung.")


@questions.command(example="syncsvc questions answer 12 sheet")
@click.argument("number", type=int, metavar="NUMMER")
@click.argument("choice", metavar="ANTWORT")
def answer(number: int, choice: str) -> None:
    """Eine Klärung beantworten und sagen, was nun geschieht."""
    click.echo(service.answer_question(wiring.build(settings.load()), number, choice, actor=getpass.getuser()))


@questions.command(example="syncsvc questions undo 12")
@click.argument("number", type=int, metavar="NUMMER")
def undo(number: int) -> None:
    """Eine Antwort zurücknehmen, solange sich seitdem nichts geändert hat."""
    click.echo(service.take_back(wiring.build(settings.load()), number, actor=getpass.getuser()))
