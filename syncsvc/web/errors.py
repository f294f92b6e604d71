"""Pages for what goes wrong. They and the log name the kind of the error, never a value."""

from __future__ import annotations

import logging

from flask import Flask, Response, render_template, request
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from syncsvc import logs
from syncsvc.errors import Forbidden, InvalidAnswer, NotFound, PlanMoved, SyncsvcError, UsageError
from syncsvc.web.api import problems
from syncsvc.web.sentences import say

_LOG = logging.getLogger(__name__)

_TEXTS = {
    400: (
        lazy_gettext("Das hat nicht geklappt"),
        lazy_gettext("Bitte laden Sie die vorige Seite neu und versuchen Sie es noch einmal."),
    ),
    403: (
        lazy_gettext("Kein Zugang"),
        lazy_gettext("Für diese Seite reicht Ihr Zugang nicht. Wer das Programm leitet, kann Ihnen mehr erlauben."),
    ),
    404: (
        lazy_gettext("Seite nicht gefunden"),
        lazy_gettext("Diese Seite gibt es nicht oder nicht mehr. Bitte prüfen Sie die Adresse."),
    ),
    405: (
        lazy_gettext("Das geht hier nicht"),
        lazy_gettext("Diese Adresse lässt sich nicht so aufrufen. Bitte benutzen Sie die Knöpfe der Seiten."),
    ),
    409: (
        lazy_gettext("Inzwischen hat sich etwas geändert"),
        lazy_gettext("Bitte laden Sie die vorige Seite neu und sehen Sie nach, wie es jetzt ist."),
    ),
    413: (
        lazy_gettext("Das ist zu groß"),
        lazy_gettext("Bitte wählen Sie eine kleinere Datei oder schicken Sie weniger auf einmal."),
    ),
    429: (
        lazy_gettext("Zu viele Versuche"),
        lazy_gettext(
            "Zum Schutz vor Missbrauch ist eine Pause nötig. Bitte versuchen Sie es in einigen Minuten noch einmal."
        ),
    ),
    500: (
        lazy_gettext("Unerwarteter Fehler"),
        lazy_gettext("Der Fehler ist vermerkt, ohne persönliche Angaben. Bitte versuchen Sie es noch einmal."),
    ),
    503: (
        lazy_gettext("Gerade nicht erreichbar"),
        lazy_gettext(
            "Der Dienst ist beschäftigt oder wird gewartet. Bitte versuchen Sie es in einer Minute noch einmal."
        ),
    ),
}
"""What happened and what to do, for answers that are not one of our own errors."""

_EXPIRED = (
    lazy_gettext("Ihre Sitzung ist abgelaufen"),
    lazy_gettext("Es wurde nichts geändert. Bitte laden Sie die vorige Seite neu und versuchen Sie es noch einmal."),
)


def register(app: Flask) -> None:
    """Answer every error with a page in plain words."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SyncsvcError, _known)
    app.register_error_handler(OverflowError, _nowhere)
    app.register_error_handler(DataError, _nowhere)
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
    return _page(400, *_EXPIRED)


def _http(error: HTTPException) -> Response | tuple[str, int]:
    if request.path.startswith("/api/"):  # no such operation: the others answer for themselves
        return problems.answer(error)
    code = error.code or 500
    title, text = _TEXTS.get(code, _TEXTS[400 if code < 500 else 500])
    return _page(code, title, text)


def _known(error: SyncsvcError) -> tuple[str, int]:
    code = status(error)
    if code >= 500:
        _LOG.warning("page failed", extra={"page": request.endpoint, **logs.failure(error)})
    return _page(code, say(error.message), say(hint(error)))


def _nowhere(_error: OverflowError | DataError) -> tuple[str, int]:
    """A number or a sign in the address that no database can hold, so nothing stands under it."""
    return _page(404, *_TEXTS[404])


def _unexpected(error: Exception) -> tuple[str, int]:
    _LOG.error("page failed", extra={"page": request.endpoint, **logs.failure(error)})
    return _page(500, *_TEXTS[500])


def _page(code: int, title: object, text: object) -> tuple[str, int]:
    return render_template("error.html", title=title, text=text), code
