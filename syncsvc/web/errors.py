"""Pages for what goes wrong. They and the log name the kind of the error, never a value."""

from __future__ import annotations

import logging

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from syncsvc import logs
from syncsvc.errors import Forbidden, InvalidAnswer, NotFound, PlanMoved, SyncsvcError, UsageError

_LOG = logging.getLogger(__name__)

_TEXTS = {
    400: ("Das hat nicht geklappt", "Bitte laden Sie die Seite neu und versuchen Sie es noch einmal."),
    403: ("Kein Zugang", "Für diese Seite reicht Ihr Zugang nicht."),
    404: ("Seite nicht gefunden", "Diese Seite gibt es nicht oder nicht mehr."),
    405: ("Das geht hier nicht", "Bitte gehen Sie zurück zur Übersicht."),
    500: (
        "Unerwarteter Fehler",
        "Der Fehler ist vermerkt, ohne persönliche Angaben. Bitte versuchen Sie es noch einmal.",
    ),
}


def register(app: Flask) -> None:
    """Answer every error with a page in plain words."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SyncsvcError, _known)
    app.register_error_handler(Exception, _unexpected)


def status(error: SyncsvcError) -> int:
    """The HTTP status of one of our errors."""
    match error:
        case NotFound():
            return 404
        case Forbidden():
            return 403
        case PlanMoved() | InvalidAnswer():
            return 409
        case UsageError():
            return 400
        case _:
            return 503 if error.retry else 500


def hint(error: SyncsvcError) -> str:
    """The next step, for a page: empty where it is a command, which nobody can type there."""
    return "" if "syncsvc " in error.hint else error.hint


def _csrf(_error: CSRFError) -> tuple[str, int]:
    return _page(
        400, "Ihre Sitzung ist abgelaufen", "Bitte laden Sie die vorige Seite neu und versuchen Sie es noch einmal."
    )


def _http(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    title, text = _TEXTS.get(code, _TEXTS[400 if code < 500 else 500])
    return _page(code, title, text)


def _known(error: SyncsvcError) -> tuple[str, int]:
    code = status(error)
    if code >= 500:
        _LOG.warning("page failed", extra={"page": request.endpoint, **logs.failure(error)})
    return _page(code, error.message, hint(error))


def _unexpected(error: Exception) -> tuple[str, int]:
    _LOG.error("page failed", extra={"page": request.endpoint, **logs.failure(error)})
    return _page(500, *_TEXTS[500])


def _page(code: int, title: str, text: str) -> tuple[str, int]:
    return render_template("error.html", title=title, text=text), code
