"""``syncsvc tokens``."""

from __future__ import annotations

import getpass
from dataclasses import asdict

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Group
from syncsvc.cli.output import json_option, moment, write_columns, write_json
from syncsvc.core.tokens import TokenScope
from syncsvc.services import tokens as service

_STATES = {"valid": "gültig", "expired": "abgelaufen", "revoked": "entzogen"}


@click.group(cls=Group, example="syncsvc tokens list")
def tokens() -> None:
    """Schlüssel für die eigene Software der Projekte."""


@tokens.command(example="syncsvc tokens add Fallakte --project bsp --scope records:read --scope records:write")
@click.argument("name", metavar="NAME")
@click.option("--project", required=True, metavar="PROJEKT", help="Das Projekt, für das der Schlüssel gilt.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice([scope.value for scope in TokenScope]),
    help="Was der Schlüssel darf; mehrmals möglich.",
)  # fmt: skip
@click.option("--days", default=service.DAYS, show_default=True, help="Für wie viele Tage er gilt.")
@json_option
def add(name: str, project: str, scopes: tuple[str, ...], days: int, as_json: bool) -> None:
    """Einen Schlüssel anlegen. Er wird nur dieses eine Mal gezeigt."""
    rt = wiring.build(settings.load())
    made, secret = service.add_token(rt, project, name, scopes, days=days, actor=getpass.getuser())
    if as_json:
        write_json({**asdict(made), "token": secret})
        return
    click.echo(f"Schlüssel „{made.name}“, gültig bis {moment(made.expires_at)}; er wird nur jetzt gezeigt:\n{secret}")


@tokens.command("list", example="syncsvc tokens list --json")
@click.option("--project", metavar="PROJEKT", help="Nur dieses Projekt.")
@json_option
def list_(project: str | None, as_json: bool) -> None:
    """Alle Schlüssel, ohne ihr Geheimnis."""
    found = service.list_tokens(wiring.build(settings.load()), project)
    if as_json:
        write_json([asdict(token) for token in found])
        return
    rows = [
        (
            str(token.id),
            token.project,
            token.name,
            " ".join(token.scopes),
            _STATES[token.state],
            moment(token.expires_at),
            moment(token.used_at),
        )
        for token in found
    ]
    headers = ("Nr.", "Projekt", "Name", "Darf", "Zustand", "Gültig bis", "Zuletzt benutzt")
    write_columns(headers, rows, empty="Es gibt noch keinen Schlüssel.")


@tokens.command(example="syncsvc tokens revoke 3")
@click.argument("number", type=int, metavar="NR")
def revoke(number: int) -> None:
    """Einen Schlüssel entziehen; er gilt sofort nicht mehr."""
    token = service.revoke_token(wiring.build(settings.load()), number, actor=getpass.getuser())
    click.echo(f"Der Schlüssel „{token.name}“ des Projekts {token.project_name} gilt nicht mehr.")
