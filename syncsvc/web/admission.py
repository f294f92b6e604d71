"""The words of the pages about who comes in and what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_babel import gettext, lazy_gettext

from syncsvc.core.access import Role
from syncsvc.services.audit import EntryView
from syncsvc.web.wording import ACTORS

ROLES = {
    Role.PROGRAMME: lazy_gettext("Programmleitung"),
    Role.PROJECT: lazy_gettext("Projektleitung"),
    Role.JOBCENTRE: lazy_gettext("Lesezugang für ein Jobcenter"),
    Role.AUDITOR: lazy_gettext("Prüfung"),
}

ROLE_SENTENCES = {
    Role.PROGRAMME: lazy_gettext("Sieht und ändert alles und lässt andere herein."),
    Role.PROJECT: lazy_gettext("Sieht und ändert alles, was zu einem Projekt gehört."),
    Role.JOBCENTRE: lazy_gettext("Sieht, was in den Tabellen eines Jobcenters steht, und ändert nichts."),
    Role.AUDITOR: lazy_gettext("Sieht Einrichtung, Abgleiche und Protokoll, aber nichts über Teilnehmerinnen."),
}

WAYS = {
    "openid": lazy_gettext("über den Anmeldedienst"),
    "password": lazy_gettext("mit Passwort"),
    "link": lazy_gettext("mit Anmeldelink"),
}
"""How somebody signs in."""

ACTIONS = {
    "login.ok": lazy_gettext("hat sich angemeldet"),
    "login.refused": lazy_gettext("Anmeldung abgewiesen"),
    "login.ended": lazy_gettext("hat sich überall abgemeldet"),
    "notice.confirmed": lazy_gettext("hat die Vertraulichkeit bestätigt"),
    "password.set": lazy_gettext("hat ein Passwort festgelegt"),
    "link.made": lazy_gettext("Anmeldelink gemacht"),
    "user.added": lazy_gettext("Zugang angelegt"),
    "user.locked": lazy_gettext("Zugang gesperrt"),
    "user.unlocked": lazy_gettext("Zugang entsperrt"),
    "user.removed": lazy_gettext("Zugang gelöscht"),
    "sessions.ended": lazy_gettext("überall abgemeldet"),
    "grant.given": lazy_gettext("Recht gegeben"),
    "grant.revoked": lazy_gettext("Recht entzogen"),
    "grants.followed": lazy_gettext("Rechte vom Anmeldedienst übernommen"),
    "table.paused": lazy_gettext("Tabelle pausiert"),
    "table.resumed": lazy_gettext("Tabelle fortgesetzt"),
    "table.released": lazy_gettext("Tabelle freigegeben"),
    "table.setup": lazy_gettext("Tabelle eingerichtet"),
    "table.connected": lazy_gettext("Tabelle verbunden"),
    "table.added": lazy_gettext("Tabelle angelegt"),
    "table.changed": lazy_gettext("Einstellungen der Tabelle geändert"),
    "mapping.added": lazy_gettext("Zuordnung angelegt"),
    "mapping.changed": lazy_gettext("Zuordnung geändert"),
    "project.added": lazy_gettext("Projekt angelegt"),
    "project.changed": lazy_gettext("Projekt geändert"),
    "organisation.added": lazy_gettext("Organisation angelegt"),
    "organisation.changed": lazy_gettext("Organisation geändert"),
    "contact.added": lazy_gettext("Ansprechperson eingetragen"),
    "contact.changed": lazy_gettext("Ansprechperson geändert"),
    "connection.looked": lazy_gettext("nach einer Tabelle gesehen"),
    "question.reopened": lazy_gettext("Antwort einer Klärung zurückgenommen"),
    "token.added": lazy_gettext("Schlüssel für Programme gemacht"),
    "token.revoked": lazy_gettext("Schlüssel für Programme entzogen"),
}
"""What was done, by the word it was noted with."""

WHYS = {
    "link": lazy_gettext("Link verbraucht, abgelaufen oder unbekannt"),
    "password": lazy_gettext("Name oder Passwort falsch, oder Zugang gesperrt"),
    "locked": lazy_gettext("Zugang gesperrt"),
    "stranger": lazy_gettext("für nichts freigegeben"),
}
"""Why somebody was refused."""

_NOBODYS = ACTORS | {"cli": lazy_gettext("Kommandozeile")}

_ABOUT_ONESELF = ("login.", "notice.", "password.")


def register(app: Flask) -> None:
    """Give templates these words and filters."""
    app.jinja_env.globals.update(ROLES=ROLES, ROLE_SENTENCES=ROLE_SENTENCES, WAYS=WAYS)
    app.jinja_env.filters.update(action=action, details=details, doer=doer)


def action(entry: EntryView) -> str:
    """What was done, to what: ``Tabelle pausiert: bsp-beispielstadt``."""
    said = str(ACTIONS.get(entry.action, entry.action))
    about_oneself = entry.action.startswith(_ABOUT_ONESELF) or not entry.target
    return said if about_oneself else f"{said}: {entry.target}"


def doer(entry: EntryView) -> str:
    """Who did it; empty for somebody we do not know."""
    return str(_NOBODYS.get(entry.actor, entry.actor))


def details(entry: EntryView) -> str:
    """Which of it, in words where there are any."""
    known: dict[str, Callable[[Any], str]] = {
        "role": lambda value: str(ROLES.get(value, value)),
        "way": lambda value: str(WAYS.get(value, value)),
        "why": lambda value: str(WHYS.get(value, value)),
        "given": lambda value: str(gettext("gegeben: %(number)s", number=value)),
        "taken": lambda value: str(gettext("entzogen: %(number)s", number=value)),
    }
    parts = [known[name](value) if name in known else value for name, value in entry.details.items() if value]
    return ", ".join(", ".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts)
