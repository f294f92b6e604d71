"""What Entra ID's refusals of a sign-in mean, in sentences with the next step. Its own text is never repeated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import requests

from syncsvc.errors import CredentialsRefused, PlatformBusy, TableError
from syncsvc.providers.http import Trouble

GUIDE = "Schritt für Schritt steht es in docs/sharepoint.md."

_CODE = re.compile(r"AADSTS([0-9]+)")

_CLOCK = (
    "Microsoft nimmt die Anmeldung nicht an, weil die Uhr dieses Rechners falsch geht.",
    "Die Uhr stellen, am besten über einen Zeitserver.",
)
_CONSENT = (
    "Der Anwendung fehlt die Zustimmung eines Administrators.",
    "In der App-Registrierung unter „API-Berechtigungen“ auf „Administratorzustimmung erteilen“ klicken.",
)
_MEANINGS: Mapping[int, tuple[str, str]] = {
    7000215: (
        "Microsoft nimmt den geheimen Clientschlüssel nicht an.",
        "In SYNCSVC_SHAREPOINT__CLIENT_SECRET gehört die Spalte „Wert“, nicht „Geheime ID“; sonst einen neuen anlegen.",
    ),
    7000222: (
        "Der geheime Clientschlüssel ist abgelaufen.",
        "In der App-Registrierung einen neuen anlegen und in SYNCSVC_SHAREPOINT__CLIENT_SECRET eintragen.",
    ),
    700027: (
        "Microsoft kennt das Zertifikat der Anwendung nicht, oder es ist abgelaufen.",
        "Das Zertifikat (nicht den Schlüssel) in der App-Registrierung unter „Zertifikate & Geheimnisse“ hochladen.",
    ),
    700016: (
        "Diese Anwendung gibt es in diesem Mandanten nicht.",
        "SYNCSVC_SHAREPOINT__CLIENT_ID muss die „Anwendungs-ID (Client)“ sein, SYNCSVC_SHAREPOINT__TENANT ihr Mandant.",
    ),
    90002: (
        "Diesen Mandanten gibt es nicht.",
        "SYNCSVC_SHAREPOINT__TENANT ist die „Verzeichnis-ID (Mandant)“; in nationalen Clouds auch AUTHORITY prüfen.",
    ),
    1002012: (
        "Der verlangte Bereich (scope) passt nicht zu dieser Art der Anmeldung.",
        "SYNCSVC_SHAREPOINT__SCOPE weglassen; sonst muss er auf /.default enden.",
    ),
    500011: (
        "Microsoft Graph unter dieser Adresse gibt es in diesem Mandanten nicht.",
        "SYNCSVC_SHAREPOINT__GRAPH_ROOT und SYNCSVC_SHAREPOINT__AUTHORITY müssen zur selben Cloud gehören.",
    ),
    7000112: ("Die Anwendung ist in diesem Mandanten abgeschaltet.", "Ein Administrator muss sie wieder einschalten."),
    53003: (
        "Eine Regel für bedingten Zugriff verbietet der Anwendung die Anmeldung.",
        "Ein Administrator muss sie für die Anwendung oder die Adresse dieses Rechners ausnehmen.",
    ),
    65001: _CONSENT,
    700024: _CLOCK,
}
_OAUTH = frozenset({"invalid_client", "unauthorized_client", "invalid_tenant", "invalid_scope", "invalid_request"})

_SAME = {900023: 90002, 90013: 90002, 50059: 90002, 7000218: 7000215, 70011: 1002012, 700030: 700027, 500014: 7000112}
"""Codes that mean the same to whoever runs the service."""


def codes_of(answer: Mapping[str, Any]) -> list[int]:
    """The numbers of the refusal, the telling one first; empty for an answer that is no refusal of Entra ID."""
    named = answer.get("error_codes")
    told = [code for code in named if isinstance(code, int)] if isinstance(named, list) else []
    return told or [int(code) for code in _CODE.findall(str(answer.get("error_description", "")))]


def is_refusal(answer: Mapping[str, Any]) -> bool:
    """Whether it says why nobody may sign in so: by a number of Entra ID, or as OAuth has it (RFC 6749, 5.2)."""
    return bool(codes_of(answer)) or str(answer.get("error")) in _OAUTH


def entra_refusal(answer: Mapping[str, Any], client_id: str) -> CredentialsRefused:
    """The refusal in words; for an unknown one its number, which an admin can look up."""
    codes = codes_of(answer)
    if not codes:
        return CredentialsRefused(
            f"Microsoft nimmt die Anmeldung der Anwendung {client_id} nicht an ({answer['error']}).",
            hint=f"Mandant, Anwendungs-ID und Clientschlüssel oder Zertifikat prüfen. {GUIDE}",
        )
    found = next((meaning for code in codes if (meaning := _MEANINGS.get(_SAME.get(code, code)))), None)
    if found is None:
        return CredentialsRefused(
            f"Microsoft nimmt die Anmeldung der Anwendung {client_id} nicht an (AADSTS{codes[0]}).",
            hint=f"Die Nummer erklärt https://login.microsoftonline.com/error?code={codes[0]}. {GUIDE}",
        )
    message, step = found
    return CredentialsRefused(message, hint=f"{step} {GUIDE}")


def consent_missing() -> CredentialsRefused:
    """The token carries no right at all."""
    message, step = _CONSENT
    return CredentialsRefused(message, hint=f"{step} {GUIDE}")


def credentials_missing(tenant: str, client_id: str) -> CredentialsRefused:
    """What of the sign-in is not set."""
    missing = [
        name
        for name, value in (("SYNCSVC_SHAREPOINT__TENANT", tenant), ("SYNCSVC_SHAREPOINT__CLIENT_ID", client_id))
        if not value
    ] or ["SYNCSVC_SHAREPOINT__CLIENT_SECRET oder SYNCSVC_SHAREPOINT__CERTIFICATE_FILE"]
    what = "keine Anwendung" if len(missing) > 1 else "die Anwendung nicht vollständig"
    return CredentialsRefused(
        f"Für SharePoint ist {what} eingerichtet.", hint=f"Es fehlt: {', '.join(missing)}. {GUIDE}"
    )


def untrusted(error: requests.RequestException) -> TableError | None:
    """What a connection means whose certificate nobody here vouches for; None for any other trouble."""
    if not isinstance(error, requests.exceptions.SSLError):
        return None
    return PlatformBusy(
        "Die Verschlüsselung der Verbindung zu Microsoft lässt sich nicht prüfen.",
        hint="Die Zertifikate des eigenen Netzes in REQUESTS_CA_BUNDLE nennen.",
    )


def unreachable() -> Trouble:
    """There was no answer of the sign-in. Nothing was asked of a table yet."""
    return Trouble(PlatformBusy("Die Anmeldung bei Microsoft ist gerade nicht erreichbar."), uncertain=False)
