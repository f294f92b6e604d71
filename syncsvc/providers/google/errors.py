"""What Google's refusals mean, in sentences. Nothing of an answer's text is repeated: it may quote cells or names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from urllib3.exceptions import NewConnectionError

from syncsvc.errors import (
    CredentialsRefused,
    PlatformBusy,
    PlatformRejected,
    PlatformThrottled,
    SyncsvcError,
    TableForbidden,
    TableNotFound,
)
from syncsvc.providers.http import Trouble, retry_after

GUIDE = "Schritt für Schritt steht es in docs/google.md."

_THROTTLED = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"}
)
_DISABLED = frozenset({"SERVICE_DISABLED", "accessNotConfigured"})
_SCOPES = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"})
_FINAL = frozenset({409, 412, 413})
"""Refusals of Google (not of a gateway) for which no reason is known to us: trying again would not help."""

_TOLD = {"has not been used in project": "SERVICE_DISABLED", "insufficient authentication scopes": "insufficientScopes"}
"""Reasons that an answer without ``details`` tells in its message only."""


class Expired(Exception):
    """Google does not take the token any more."""


def refusal(response: requests.Response, account: str) -> Exception:
    """What an answer that is no success means: an error of ours, ``Trouble`` where waiting helps, or ``Expired``.

    ``account`` is the address the table has to be shared with.
    """
    status, error = response.status_code, _error(response)
    reasons = set(_reasons(error))
    after = retry_after(response.headers)
    if status == 401:
        return Expired()
    if status == 429 or (status == 403 and reasons & _THROTTLED):
        return Trouble(PlatformThrottled("Google bremst das Konto des Dienstes.", retry_after=after), uncertain=False)
    if status == 400 or (error and status in _FINAL):
        return PlatformRejected("Google hat die Anfrage nicht angenommen.")
    if status == 403 and reasons & _DISABLED:
        return CredentialsRefused(
            "Im Google-Cloud-Projekt des Dienstes ist die Google Sheets API oder die Google Drive API nicht aktiviert.",
            hint=f"Beide in der Cloud-Konsole unter „APIs & Dienste“ aktivieren. {GUIDE}",
        )
    if status == 403 and reasons & _SCOPES:
        return CredentialsRefused("Das Google-Konto des Dienstes hat nicht die nötigen Rechte bekommen.", hint=GUIDE)
    if status == 403 and error:
        return TableForbidden("Die Tabelle ist nicht mit dem Dienst geteilt.", hint=share_hint(account))
    if status == 404 and error:
        return TableNotFound(
            "Diese Google-Tabelle gibt es nicht.",
            hint="Die Adresse der Tabelle prüfen, oder sie aus dem Papierkorb holen; gelöscht wird hier nichts.",
        )
    # Gateways answer in HTML and with any status; whether the request got through to Google is open.
    return Trouble(PlatformBusy("Google ist gerade nicht erreichbar.", retry_after=after), uncertain=True)


def share_hint(account: str) -> str:
    whom = account or "dem Konto des Dienstes"
    return f"Die Tabelle in Google Sheets unter „Freigeben“ mit {whom} als Bearbeiter teilen."


def protection_hint(account: str) -> str:
    whom = account or "das Konto des Dienstes"
    return (
        f"Unter „Daten › Blätter und Bereiche schützen“ {whom} als Bearbeiter eintragen, "
        "oder den Schutz auf „Warnung anzeigen“ stellen."
    )


def connection_trouble(error: requests.RequestException) -> Exception:
    """What it means that there was no whole answer at all."""
    if isinstance(error, requests.exceptions.SSLError):
        return PlatformBusy(
            "Die Verschlüsselung der Verbindung zu Google lässt sich nicht prüfen.",
            hint="Die Zertifikate des eigenen Netzes in REQUESTS_CA_BUNDLE nennen.",
        )
    unsent = isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError) or isinstance(
        getattr(error.args[0], "reason", None) if error.args else None, NewConnectionError
    )
    return Trouble(PlatformBusy("Google ist gerade nicht erreichbar."), uncertain=not unsent)


def token_trouble(error: GoogleAuthError, account: str) -> Exception:
    """What it means that there was no token. Nothing was asked of a table yet."""
    if isinstance(error.__cause__, requests.exceptions.SSLError):
        return connection_trouble(error.__cause__)
    # A refusal comes as JSON; a page is what a gateway or a network's sign-in puts in between.
    if isinstance(error, TransportError) or error.retryable or str(error).lstrip().startswith("<"):
        return Trouble(PlatformBusy("Die Anmeldung bei Google ist gerade nicht erreichbar."), uncertain=False)
    answer = error.args[1] if isinstance(error, RefreshError) and len(error.args) > 1 else {}
    told = str(answer.get("error_description", "")) if isinstance(answer, dict) else ""
    if any(words in told for words in ("short-lived", "iat and exp")):
        return CredentialsRefused(
            "Google nimmt die Anmeldung nicht an, weil die Uhr dieses Rechners falsch geht.",
            hint="Die Uhr stellen, am besten über einen Zeitserver.",
        )
    return CredentialsRefused(
        f"Google nimmt den Schlüssel des Dienstkontos {account} nicht an.".replace("  ", " "),
        hint=f"Er ist gelöscht oder ersetzt, oder das Konto ist gesperrt: einen neuen Schlüssel anlegen. {GUIDE}",
    )


def credentials_missing(message: str) -> SyncsvcError:
    return CredentialsRefused(
        message,
        hint=f"SYNCSVC_GOOGLE__CREDENTIALS_FILE muss die Schlüsseldatei eines Dienstkontos nennen. {GUIDE}",
    )


def _error(response: requests.Response) -> dict[str, Any]:
    """The error object of a JSON answer; empty for anything else."""
    try:
        body = response.json()
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: dict[str, Any]) -> Iterator[str]:
    for name in ("errors", "details"):
        for item in error.get(name) or ():
            if isinstance(item, dict) and isinstance(item.get("reason"), str):
                yield item["reason"]
    message = str(error.get("message", ""))
    yield from (reason for words, reason in _TOLD.items() if words in message)
