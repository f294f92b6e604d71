"""Errors as RFC 9457 wants them: ``application/problem+json``, in German or English, naming the place of each mistake.

They never repeat a value: places are named by the keys of the document, and only where those look like keys.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request
from flask_babel import get_locale, lazy_gettext
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from syncsvc import logs
from syncsvc.core.fields import explain
from syncsvc.errors import Forbidden, InvalidAnswer, NotFound, SyncsvcError, TableBusy, UsageError
from syncsvc.services.recordedits import OWN_FIELD, UNKNOWN_FIELD, Fault, KnownAlready, ValuesRefused
from syncsvc.web.sentences import say

_LOG = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 10
KEY = re.compile(r"[a-z_][a-z0-9_.]{0,63}")
"""What looks like a key of ours, names a place and may be repeated: a misplaced name of a person does not."""

TITLES = {
    400: lazy_gettext("Die Anfrage ist so nicht lesbar."),
    401: lazy_gettext("Es fehlt ein gültiger Schlüssel."),
    403: lazy_gettext("Dafür reicht dieser Schlüssel nicht."),
    404: lazy_gettext("Das gibt es nicht."),
    405: lazy_gettext("Das geht unter dieser Adresse nicht."),
    409: lazy_gettext("Das geht so gerade nicht."),
    412: lazy_gettext("Der Datensatz wurde inzwischen geändert."),
    413: lazy_gettext("Die Anfrage ist zu groß."),
    415: lazy_gettext("Erwartet wird JSON."),
    422: lazy_gettext("Einige Angaben passen nicht."),
    428: lazy_gettext("Es fehlt, für welchen Stand die Änderung gilt (If-Match)."),
    429: lazy_gettext("Zu viele Anfragen. Bitte später weitermachen."),
    500: lazy_gettext("Unerwarteter Fehler. Er ist vermerkt, ohne persönliche Angaben."),
    503: lazy_gettext("Der Dienst ist gerade nicht erreichbar."),
}

UNKNOWN = lazy_gettext("Das gibt es hier nicht.")
_FIELD_TEXTS = {
    UNKNOWN_FIELD: lazy_gettext("Dieses Feld gibt es nicht."),
    OWN_FIELD: lazy_gettext("Dieses Feld setzt nur der Dienst."),
}


class Problem(Exception):
    """An answer that is an error. ``errors``: the mistakes, each with ``pointer``, ``parameter`` or ``header``,
    ``code`` and ``detail``; ``members`` are further ones of the document."""

    def __init__(
        self, status: int, code: str, detail: object = "", *, errors: Iterable[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None, **members: object,
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.members = [dict(error) for error in errors], dict(headers or {}), members


def answer(error: Exception) -> Response:
    """The answer for whatever went wrong."""
    problem = error if isinstance(error, Problem) else _problem_of(error)
    document: dict[str, Any] = {
        "type": f"urn:syncsvc:problem:{problem.code}",
        "title": str(TITLES.get(problem.status, TITLES[400 if problem.status < 500 else 500])),
        "status": problem.status,
        **problem.members,
    }
    if problem.detail:
        document["detail"] = str(problem.detail)
    if problem.errors:
        document["errors"] = [{name: str(said) for name, said in one.items()} for one in problem.errors]
    response = Response(json.dumps(document, ensure_ascii=False), problem.status, mimetype=MEDIA_TYPE)
    response.headers.update({**problem.headers, "Content-Language": _language(), "Vary": "Accept-Language"})
    return response


def pointer(*parts: str | int) -> str:
    """The place in the request's document, as a URI fragment (RFC 6901); behind a key that looks like none it ends."""
    place = "#"
    for part in parts:
        if isinstance(part, str) and not KEY.fullmatch(part):
            break
        place += f"/{part}"
    return place


def field_errors(
    faults: Iterable[Fault], places: Mapping[str | None, tuple[str | int, ...]]
) -> list[dict[str, object]]:
    """The mistakes of these fields; ``places``: where each record's fields stand in the request, by its reference."""
    return [
        {
            "pointer": pointer(*places[fault.ref], fault.field),
            "code": fault.code,
            "detail": _FIELD_TEXTS.get(fault.code) or explain(fault.code, fault.field, language=_language()),
        }
        for fault in faults
    ]


def _problem_of(error: Exception) -> Problem:
    match error:
        case RequestEntityTooLarge():
            return Problem(413, "too-large")
        case HTTPException():
            headers = {name: text for name, text in error.get_headers() if name in ("Allow", "Retry-After")}
            code = error.code or 500
            return Problem(code, _CODES.get(code, "http-error"), headers=headers)
        case NotFound():
            return Problem(404, "not-found", UNKNOWN)
        case Forbidden():
            return Problem(403, "forbidden")
        case ValuesRefused():
            return Problem(422, "values-refused", errors=field_errors(error.faults, {None: ("fields",)}))
        case KnownAlready():
            return Problem(409, "known-already", _said(error), ref=error.ref)
        case TableBusy():
            return Problem(409, "table-busy", _said(error), headers={"Retry-After": str(RETRY_SECONDS)})
        case InvalidAnswer() | UsageError():
            return Problem(409, "refused", _said(error))
        case SyncsvcError(retry=True):
            _LOG.warning("page failed", extra={"page": request.endpoint, **logs.failure(error)})
            return Problem(503, "unavailable", headers={"Retry-After": str(RETRY_SECONDS)})
        case _:
            _LOG.error("page failed", extra={"page": request.endpoint, **logs.failure(error)})
            return Problem(500, "unexpected")


_CODES = {404: "not-found", 405: "method-not-allowed", 400: "bad-request", 429: "too-many-requests"}


def _said(error: SyncsvcError) -> str:
    """What the error says, in the language asked for."""
    return say(error.message)


def _language() -> str:
    return str(get_locale() or "de")[:2]
