"""What Graph's refusals mean, in sentences. Decided by codes, the inner one first, never by a text.

Nothing of an answer's text is repeated: it may quote cells or names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from datetime import datetime
from typing import Any, Literal

import requests
from urllib3.exceptions import NewConnectionError

from syncsvc.errors import (
    CredentialsRefused,
    PlatformBusy,
    PlatformRejected,
    PlatformThrottled,
    TableError,
    TableForbidden,
    TableLocked,
    TableMoved,
    TableNotFound,
    TableReadOnly,
    TableUnreadable,
)
from syncsvc.providers.http import Trouble, retry_after
from syncsvc.providers.sharepoint.entra import GUIDE, consent_missing, untrusted
from syncsvc.services.runtime import ZONE

Kind = Literal["meta", "read", "write"]

_PASSING = frozenset({500, 502, 503, 504})

_SAYS_STATUS = frozenset({"conflict", "conflictuncategorized"})
"""What Graph calls a conflict of which it says no more."""


class Expired(Exception):
    """Graph does not take the token any more."""


class TooLarge(PlatformRejected):
    """Die Antwort wäre für Microsoft zu groß; in Teilen geht es."""


class Rejected(PlatformRejected):
    """Microsoft hat die Anfrage nicht angenommen."""

    codes: frozenset[str] = frozenset()
    """What Graph calls it, in lower case."""


class SessionLost(TableMoved):
    """Die Sitzung an der Mappe ist abgelaufen; sie wird neu gelesen."""


def refusal(response: requests.Response, kind: Kind, roles: Set[str] | None) -> Exception:
    """What an answer that is no success means: an error of ours, ``Trouble`` where waiting helps, or ``Expired``.

    ``kind``: what was asked for, because Graph says ``accessDenied`` to whatever it does not allow. ``roles``: the
    application's rights, None where they are not known.
    """
    return meaning(error_of(response), response.status_code, kind, roles, after=retry_after(response.headers))


def meaning(
    error: Mapping[str, Any], status: int, kind: Kind, roles: Set[str] | None = None, *, after: float | None = None
) -> Exception:
    """``refusal`` of an error object, which an operation may also carry in an answer that is a success (200)."""
    codes = list(codes_of(error))
    for code in codes:
        if (found := _by_code(code, after)) is not None:
            return found
    if status == 429:
        return throttled(after)
    if status == 423 or (status == 409 and _SAYS_STATUS.issuperset(codes)):
        return _locked()
    if status in (405, 501):
        return _rejected(codes)
    if status == 503 and error:  # said by Graph itself: nothing was done
        return Trouble(_busy(after), uncertain=False)
    if status in _PASSING or not error:
        # Gateways answer in HTML and with any status; whether the request got through to Graph is open.
        return Expired() if status == 401 else Trouble(_busy(after), uncertain=True)
    return _by_status(status, kind, roles, codes)


def _by_code(code: str, after: float | None) -> Exception | None:
    if code.startswith("invalidsession") and code != "invalidsessionrecreatable":
        return PlatformBusy("Microsoft hält die Mappe gerade anders geöffnet.")
    made = _CODES.get(code)
    return made(after) if made else None


def throttled(after: float | None) -> Trouble:
    """Graph wants the whole application to wait; nothing was done."""
    error = PlatformThrottled("Microsoft bremst die Anwendung des Dienstes.", retry_after=after)
    return Trouble(error, uncertain=False)


def _crowded(after: float | None) -> Exception:
    error = PlatformBusy("An der Mappe wird gerade zu viel auf einmal geändert.", retry_after=after)
    return Trouble(error, uncertain=False)


def _locked(_: float | None = None) -> Exception:
    return TableLocked(_LOCKED_TEXT, hint=_LOCKED_HINT)


def _full(_: float | None = None) -> Exception:
    return TableReadOnly("In SharePoint ist kein Speicherplatz mehr frei.", hint="Dort Platz schaffen.")


def _unreadable(_: float | None) -> Exception:
    return TableUnreadable("Microsoft kann die Mappe nicht öffnen.", hint="Sie in Excel neu als .xlsx speichern.")


def _labelled(_: float | None) -> Exception:
    return TableForbidden(
        "Microsoft öffnet die Mappe nicht für den Dienst, weil sie eine Vertraulichkeitsbezeichnung trägt.",
        hint="Sie in Excel ändern: die Bezeichnung darf nicht verschlüsseln.",
    )


def _not_in_browser(_: float | None) -> Exception:
    return TableForbidden("Der Dienst darf die Mappe nicht in Excel im Web öffnen.", hint=RIGHTS_HINT)


_LOCKED_TEXT = "Die Mappe ist gerade gesperrt; der Abgleich wartet, bis sie frei ist."
_LOCKED_HINT = "Sie in Excel schließen oder einchecken; im Browser darf sie offen bleiben."

RIGHTS_HINT = (
    "Die Anwendung braucht Files.ReadWrite.All und Sites.ReadWrite.All mit Zustimmung eines Administrators, oder "
    f"Sites.Selected und für diese Site eine Erteilung (write). {GUIDE}"
)

# Inner codes that end in "uncategorized" say no more than the status.
_CODES: Mapping[str, Callable[[float | None], Exception]] = {
    "editmodecannotacquirelocktoomanyrequests": _crowded,  # about this workbook, not about the application
    "toomanyrequests": throttled,
    "activitylimitreached": throttled,
    "editmodecannotacquirelock": _locked,
    "accessconflict": _locked,
    "resourcelocked": _locked,
    "invalidsessionrecreatable": lambda _: SessionLost(),
    "responsepayloadsizelimitexceeded": lambda _: TooLarge(),
    "requestpayloadsizelimitexceeded": lambda _: TooLarge(),
    "rangeexceedslimit": lambda _: TooLarge(),
    "quotalimitreached": _full,
    "unsupportedworkbook": _unreadable,
    "filecorrupttryrepair": _unreadable,
    "openworkbookaccessdenied": _labelled,
    "fileopenuserunauthorized": _not_in_browser,
}


def _by_status(status: int, kind: Kind, roles: Set[str] | None, codes: list[str]) -> Exception:
    if status == 401:
        return Expired()
    if status == 403:
        return _forbidden(kind, roles)
    if status in (404, 410):
        return TableNotFound(
            "Diese Datei gibt es in SharePoint nicht."
            if kind == "meta"
            else "Das Blatt oder die Excel-Tabelle gibt es in der Mappe nicht mehr.",
            hint="Aus Papierkorb oder Versionsverlauf holen, oder den Ort neu angeben; gelöscht wird hier nichts.",
        )
    if status == 413:
        return TooLarge()
    if status == 507:
        return _full()
    return _rejected(codes)


def _rejected(codes: list[str]) -> Rejected:
    rejected = Rejected()
    rejected.codes = frozenset(codes)
    return rejected


def _forbidden(kind: Kind, roles: Set[str] | None) -> TableError:
    if roles is not None and not roles:
        return consent_missing()
    if kind == "meta" and roles and all("Selected" in role for role in roles):
        return TableForbidden(
            "Die Anwendung darf nur ausgewählte Sites öffnen, und diese ist ihr nicht erteilt.",
            hint=f"Ein Administrator erteilt sie mit der Rolle write. {GUIDE}",
        )
    if kind == "meta":
        return TableForbidden("Der Dienst darf diese Datei nicht öffnen.", hint=RIGHTS_HINT)
    if kind == "read":
        return TableForbidden("Microsoft öffnet die Mappe nicht für den Dienst.", hint=RIGHTS_HINT)
    return TableReadOnly(
        "Der Dienst darf in dieser Mappe nichts ändern, oder das Blatt ist geschützt.",
        hint=f"Den Blattschutz aufheben oder die Spalten des Dienstes davon ausnehmen. {RIGHTS_HINT}",
    )


def lock_told(facts: Mapping[str, Any], application: str = "") -> TableLocked:
    """Who keeps the workbook to themselves, as far as Graph tells: by ``publication`` and ``lastModifiedBy``. The
    service's own ``application`` is nobody.

    Names a member of staff as Microsoft shows them (docs/decisions.md).
    """
    publication = facts.get("publication") or {}
    holder = _name(publication.get("checkedOutBy"))
    if publication.get("level") == "checkout":
        by = f" von {holder}" if holder else ""
        return TableLocked(f"Die Mappe ist{by} ausgecheckt; der Abgleich wartet.", hint="Sie in SharePoint einchecken.")
    editor, moment = editor_of(facts, application), _moment(str(facts.get("lastModifiedDateTime", "")))
    last = f" Zuletzt hat {editor} sie {moment} geändert." if editor and moment else ""
    return TableLocked(f"{_LOCKED_TEXT}{last}", hint=_LOCKED_HINT)


def editor_of(facts: Mapping[str, Any], application: str) -> str:
    """Who saved last; empty where it was the ``application``, to which Microsoft lends a name, "SharePoint App"."""
    by = facts.get("lastModifiedBy")
    if isinstance(by, dict) and (by.get("application") or {}).get("id", "") == application != "":
        return ""
    return _name(by)


def _name(who: Any) -> str:
    """A person's name."""
    user = who.get("user") if isinstance(who, dict) else None
    return str(user.get("displayName") or "") if isinstance(user, dict) else ""


def _moment(text: str) -> str:
    """``2026-11-22T13:10:05Z`` as local time."""
    try:
        return f"{datetime.fromisoformat(text).astimezone(ZONE):am %d.%m. um %H:%M Uhr}"
    except ValueError:
        return ""


def connection_trouble(error: requests.RequestException) -> Exception:
    """What it means that there was no whole answer at all."""
    if (found := untrusted(error)) is not None:
        return found
    unsent = isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError) or isinstance(
        getattr(error.args[0], "reason", None) if error.args else None, NewConnectionError
    )
    return Trouble(_busy(None), uncertain=not unsent)


def cut_short() -> Trouble:
    """A page of a gateway, or half an answer."""
    return Trouble(PlatformBusy("Microsoft hat unvollständig geantwortet."), uncertain=True)


def token_refused() -> CredentialsRefused:
    return CredentialsRefused("Microsoft nimmt die Anmeldung des Dienstes nicht an.", hint=RIGHTS_HINT)


def error_of(response: requests.Response) -> Mapping[str, Any]:
    """The error object of a JSON answer; empty for anything else."""
    try:
        body = response.json()
    except ValueError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def codes_of(error: Mapping[str, Any]) -> Iterator[str]:
    """Graph's codes in lower case, in the order in which they count: the second level, deeper ones, the top."""
    inner = error.get("innerError", error.get("innererror"))
    while isinstance(inner, dict):
        if isinstance(inner.get("code"), str):
            yield inner["code"].casefold()
        inner = inner.get("innerError", inner.get("innererror"))
    if isinstance(error.get("code"), str):
        yield error["code"].casefold()


def _busy(after: float | None) -> PlatformBusy:
    return PlatformBusy("Microsoft ist gerade nicht erreichbar.", retry_after=after)
