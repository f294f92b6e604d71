"""``syncsvc users``."""

from __future__ import annotations

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Group
from syncsvc.services import users as service


@click.group(cls=Group, example="syncsvc users add Projektleitung")
def users() -> None:
    """Zugänge zu den Webseiten anlegen."""


@users.command(example="syncsvc users add Projektleitung")
@click.argument("name", metavar="NAME")
def add(name: str) -> None:
    """Einen Zugang anlegen und einen Anmeldelink zeigen.

    Gibt es den Zugang schon, entsteht nur ein neuer Link. Der Link gilt 15 Minuten und einmal.
    """
    chosen = settings.load()
    rt = wiring.build(chosen)
    if name.strip() not in {user.name for user in service.list_users(rt)}:
        service.add_user(rt, name)
    link = service.login_link(rt, name.strip(), base_url=chosen.web.url)
    click.echo(f"Anmeldelink für „{name.strip()}“ (15 Minuten, einmal gültig):\n{link}")
