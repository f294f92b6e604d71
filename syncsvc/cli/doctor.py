"""``syncsvc doctor``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
import requests

from syncsvc import settings, wiring
from syncsvc.cli import failures
from syncsvc.cli.german import Command
from syncsvc.cli.output import json_option, write_json
from syncsvc.errors import SyncsvcError
from syncsvc.ports.tables import Check
from syncsvc.services import health, tables
from syncsvc.services.display import jobcentre_names, project_names
from syncsvc.services.runtime import Runtime
from syncsvc.settings import Settings

_SHORT_SECRET = 32
_WEB_SECONDS = 5.0


@click.command(cls=Command, example="syncsvc doctor")
@json_option
def doctor(as_json: bool) -> int:
    """Prüfen, ob alles bereit ist und läuft: Einstellungen, Schlüssel, Ordner, Datenbank, Abgleich, Mail, Tabellen.

    Ende mit 0: alles gut, 1: etwas ist nicht erreichbar oder läuft nicht, 2: eine Einstellung passt nicht.
    """
    found = list(_checks())
    if as_json:
        write_json([asdict(check) for check, _ in found])
    else:
        for check, _ in found:
            click.echo(f"{'gut  ' if check.ok else 'FEHLT'} {check.text}")
            if check.hint and not check.ok:
                click.echo(f"      {check.hint}")
    return max((code for check, code in found if not check.ok), default=0)


def _checks() -> Iterator[tuple[Check, int]]:
    """Each finding with the exit code it means if it is not fine. What depends on a finding is left out."""
    try:
        chosen = settings.load()
        source = chosen.source or "den Vorgaben (keine Datei syncsvc.toml)"
        yield Check(ok=True, text=f"Einstellungen aus {source} und der Umgebung."), 0
        yield from ((check, failures.USAGE) for check in _surroundings(chosen))
        rt = wiring.build(chosen)
        secret = wiring.secret_key(chosen)
        yield Check(ok=True, text="Schlüssel der Datenbank und der Anmeldung sind da."), 0
        short = f"SYNCSVC_SECRET_KEY hat weniger als {_SHORT_SECRET} Zeichen und ist zu raten."
        text = "Der Schlüssel der Anmeldung ist lang genug." if len(secret) >= _SHORT_SECRET else short
        yield Check(ok=len(secret) >= _SHORT_SECRET, text=text, hint="openssl rand -base64 32"), failures.USAGE
        known = tables.list_tables(rt)
        where = chosen.database_file or "PostgreSQL"
        yield Check(ok=True, text=f"Datenbank erreichbar und auf dem Stand des Programms: {where}."), 0
        running = (*health.checks(rt), *wiring.check_sign_ins(chosen), *_login(chosen), *_web(chosen))
        yield from ((check, failures.FAILED) for check in running)
        yield from ((check, failures.USAGE) for check in _grants(chosen, rt))
    except SyncsvcError as error:
        message, hint, code = failures.describe(error)
        yield Check(ok=False, text=message, hint=hint), code
        return
    if not known:
        yield Check(ok=True, text="Noch keine Tabelle angelegt."), 0
    for table in known:
        yield from ((check, failures.FAILED) for check in _table(rt, table.key))


def _surroundings(chosen: Settings) -> Iterator[Check]:
    wiring.make_data_dir(chosen.data_dir)
    writable = os.access(chosen.data_dir, os.W_OK | os.X_OK)
    text = f"Datenordner {chosen.data_dir} ist {'beschreibbar' if writable else 'nicht beschreibbar'}."
    yield Check(ok=writable, text=text, hint="Dem Dienst Schreibrecht auf den Ordner geben.")
    if protected := wiring.check_key_file(chosen):
        yield protected
    files = {
        ("google", "credentials_file"): chosen.google.credentials_file,
        ("sharepoint", "certificate_file"): chosen.sharepoint.certificate_file,
    }
    for place, path in files.items():
        if path and not _readable(path):
            yield Check(ok=False, text=f"Die Datei {path} ist nicht lesbar.", hint=settings.variable(place))
    for name in settings.unknown_variables():
        yield Check(ok=False, text=f"Die Variable {name} kennt der Dienst nicht.", hint="Ein Tippfehler?")


def _login(chosen: Settings) -> Iterator[Check]:
    """Whether the OpenID provider answers as itself; nothing where people sign in without one."""
    provider = chosen.login.oidc
    if provider is None:
        return
    hint = f"{settings.variable(('login', 'oidc', 'issuer'))} und das Netz prüfen (docs/anmeldung.md)."
    try:
        answer = requests.get(provider.discovery, timeout=_WEB_SECONDS)
        answer.raise_for_status()
        issuer = str(answer.json()["issuer"])
    except (requests.RequestException, ValueError, LookupError, TypeError):
        yield Check(ok=False, text=f"Der Anmeldedienst unter {provider.issuer} antwortet nicht.", hint=hint)
        return
    if issuer != provider.issuer:
        text = f"Der Anmeldedienst unter {provider.issuer} nennt sich selbst {issuer}."
        yield Check(ok=False, text=text, hint="issuer muss Zeichen für Zeichen so heißen, auch am Ende.")
    else:
        yield Check(ok=True, text=f"Der Anmeldedienst unter {provider.issuer} antwortet.")


def _grants(chosen: Settings, rt: Runtime) -> Iterator[Check]:
    """Whether what the OpenID provider's roles are to grant is there."""
    provider = chosen.login.oidc
    if provider is None:
        return
    if not provider.grants:
        hint = "In der Datei [[login.oidc.grants]] ergänzen (docs/anmeldung.md)."
        yield Check(
            ok=False, text="Über den Anmeldedienst kommt niemand herein: Es gibt keine Rechte dafür.", hint=hint
        )
    known = {"project": project_names(rt), "jobcentre": jobcentre_names(rt)}
    for place, names in known.items():
        for key in sorted({getattr(rule, place) for rule in provider.grants} - {"", *names}):
            text = f"Unter login.oidc.grants steht {place} = „{key}“; das gibt es hier nicht."
            yield Check(ok=False, text=text, hint="Den Schlüssel prüfen oder zuerst anlegen.")


def _web(chosen: Settings) -> Iterator[Check]:
    """How the web pages are, if they answer; before their first start they need not."""
    try:
        answer = requests.get(f"{chosen.web.url.rstrip('/')}/health/ready", timeout=_WEB_SECONDS)
        reason = str(answer.json()["reason"])
    except requests.ConnectionError:
        yield Check(ok=True, text=f"Unter {chosen.web.url} (web.url) antwortet gerade niemand.")
    except (requests.RequestException, ValueError, LookupError, TypeError):
        hint = "web.url und den Proxy davor prüfen."
        yield Check(ok=False, text=f"Unter {chosen.web.url} antwortet etwas anderes als dieser Dienst.", hint=hint)
    else:
        text = f"Die Webseiten unter {chosen.web.url} sind {'nicht bereit' if reason else 'bereit'}."
        yield Check(ok=not reason, text=text, hint=reason)


def _readable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.R_OK)


def _table(rt: Runtime, key: str) -> Iterator[Check]:
    try:
        found = tables.check_table(rt, key)
    except SyncsvcError as error:
        found = [Check(ok=False, text=error.message, hint=error.hint)]
    for check in found:
        yield Check(ok=check.ok, text=f"Tabelle {key}: {check.text}", hint=check.hint)
