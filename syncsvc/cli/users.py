"""``syncsvc users``."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

import click

from syncsvc import settings, wiring
from syncsvc.cli.german import Group
from syncsvc.cli.output import json_option, moment, write_columns, write_json
from syncsvc.core.access import Role
from syncsvc.services import users as service
from syncsvc.services.runtime import Runtime
from syncsvc.services.users import GrantView

ROLES = {
    Role.PROGRAMME: "Programmleitung",
    Role.PROJECT: "Projektleitung",
    Role.JOBCENTRE: "Lesezugang für ein Jobcenter",
    Role.AUDITOR: "Prüfung",
}

WAYS = {"openid": "Anmeldedienst", "password": "Passwort", "link": "Anmeldelink"}


@click.group(cls=Group, example="syncsvc users add Projektleitung")
def users() -> None:
    """Zugänge zu den Webseiten anlegen, ansehen und beenden."""


@users.command(
    example="syncsvc users add Programmbüro\n"
    'syncsvc users add "Leyla Demir" --role project --project bsp\n'
    'syncsvc users add "Anna Müller" --role jobcentre --jobcentre jc-beispielstadt'
)
@click.argument("name", metavar="NAME")
@click.option("--role", type=click.Choice([*map(str, Role)]), help="Was sie darf; ohne Angabe alles (programme).")
@click.option("--project", metavar="SCHLÜSSEL", help="Für welches Projekt.")
@click.option("--jobcentre", metavar="SCHLÜSSEL", help="Für welches Jobcenter.")
def add(name: str, role: str | None, project: str | None, jobcentre: str | None) -> None:
    """Einen Zugang anlegen und einen Anmeldelink zeigen.

    Gibt es den Zugang schon, entsteht nur ein neuer Link; mit --role bekommt er dieses Recht dazu. Der Link gilt 15
    Minuten und einmal.
    """
    chosen = settings.load()
    rt = wiring.build(chosen)
    actor, wanted = getpass.getuser(), Role(role or Role.PROGRAMME)
    known = {user.name: user for user in service.list_users(rt)}.get(" ".join(name.split()))
    if known is None:
        known = service.add_user(rt, name, wanted, project=project, jobcentre=jobcentre, actor=actor)
    elif role or project or jobcentre:
        service.grant(rt, known.id, wanted, project=project, jobcentre=jobcentre, actor=actor)
    link = service.login_link(rt, known.name, base_url=chosen.web.url, actor=actor)
    click.echo(f"Anmeldelink für „{known.name}“ (15 Minuten, einmal gültig):\n{link}")


@users.command("list", example="syncsvc users list")
@json_option
def list_(as_json: bool) -> None:
    """Wer sich anmelden darf, was er darf und wann er zuletzt da war."""
    found = service.list_users(wiring.build(settings.load()))
    if as_json:
        write_json(
            [
                {
                    "name": one.name, "way": one.way, "locked": one.locked, "created": one.created,
                    "signed_in": one.signed_in, "confirmed": one.confirmed,
                    "grants": [
                        {"role": held.role, "project": held.project, "jobcentre": held.jobcentre}
                        for held in one.grants
                    ],
                }
                for one in found
            ]
        )  # fmt: skip
        return
    rows = [
        (one.name, _roles(one.grants), WAYS[one.way], moment(one.signed_in), "gesperrt" if one.locked else "")
        for one in found
    ]
    write_columns(("Name", "Darf", "Anmeldung", "Zuletzt da", ""), rows, empty="Noch niemand: syncsvc users add NAME")


@users.command(example="syncsvc users lock Projektleitung")
@click.argument("name", metavar="NAME")
def lock(name: str) -> None:
    """Einen Zugang sperren und überall abmelden; was war, bleibt."""
    rt, number = _known(name)
    service.lock(rt, number, actor=getpass.getuser())
    click.echo(f"Der Zugang „{name}“ ist gesperrt und überall abgemeldet.")


@users.command(example="syncsvc users unlock Projektleitung")
@click.argument("name", metavar="NAME")
def unlock(name: str) -> None:
    """Einen gesperrten Zugang wieder öffnen."""
    rt, number = _known(name)
    service.unlock(rt, number, actor=getpass.getuser())
    click.echo(f"Der Zugang „{name}“ ist wieder offen.")


@users.command("end-sessions", example="syncsvc users end-sessions Projektleitung")
@click.argument("name", metavar="NAME")
def end_sessions(name: str) -> None:
    """Einen Zugang auf allen Geräten abmelden."""
    rt, number = _known(name)
    service.end_sessions(rt, number, actor=getpass.getuser())
    click.echo(f"Der Zugang „{name}“ ist überall abgemeldet.")


@users.command(example="syncsvc users remove Projektleitung")
@click.argument("name", metavar="NAME")
def remove(name: str) -> None:
    """Einen Zugang löschen; im Verlauf bleibt sein Name stehen."""
    rt, number = _known(name)
    service.remove(rt, number, actor=getpass.getuser())
    click.echo(f"Der Zugang „{name}“ ist gelöscht.")


def _known(name: str) -> tuple[Runtime, int]:
    rt = wiring.build(settings.load())
    return rt, service.find_user(rt, name).id


def _roles(grants: Sequence[GrantView]) -> str:
    return "; ".join(
        ROLES[one.role] + (f": {one.project or one.jobcentre}" if one.project or one.jobcentre else "")
        for one in grants
    )
