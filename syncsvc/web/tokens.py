"""Tokens that let a project's own software in: who has one, a new one, and taking one away."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from syncsvc.core.tokens import TokenScope
from syncsvc.errors import UsageError
from syncsvc.services import tokens
from syncsvc.web import sessions

pages = Blueprint("tokens", __name__, url_prefix="/schnittstelle")

SCOPES = {
    TokenScope.RECORDS_READ: lazy_gettext("Datensätze lesen"),
    TokenScope.RECORDS_WRITE: lazy_gettext("Datensätze ändern und anlegen"),
    TokenScope.QUESTIONS_READ: lazy_gettext("Klärungen lesen"),
    TokenScope.QUESTIONS_ANSWER: lazy_gettext("Klärungen beantworten"),
    TokenScope.RUNS_READ: lazy_gettext("Abgleiche lesen"),
    TokenScope.TABLES_READ: lazy_gettext("Tabellen lesen"),
    TokenScope.TABLES_SYNC: lazy_gettext("Abgleiche anfordern"),
}

SPANS = {
    "30": lazy_gettext("30 Tage"),
    "90": lazy_gettext("90 Tage"),
    "365": lazy_gettext("ein Jahr"),
    "730": lazy_gettext("zwei Jahre"),
}
"""How long a token is good for, in days."""

STATES = {
    "valid": lazy_gettext("gültig"),
    "expired": lazy_gettext("abgelaufen"),
    "revoked": lazy_gettext("entzogen"),
}


@pages.get("")
def show() -> str:
    """The tokens of the projects within reach, and a form for a new one."""
    return _page({})


@pages.post("")
def add() -> str | tuple[str, int]:
    """A new token; its secret is shown here and never again."""
    typed = {name: request.form.get(name, "") for name in ("project", "name", "days")}
    scopes = request.form.getlist("scopes")
    runtime = sessions.entitled(project=typed["project"])
    days = int(typed["days"]) if typed["days"] in SPANS else tokens.DAYS
    try:
        made, secret = tokens.add_token(
            runtime, typed["project"], typed["name"], scopes, days=days, actor=sessions.actor()
        )
    except UsageError as error:
        return _page(typed, scopes, error.message), 400
    return render_template("token.html", token=made, secret=secret, words=SCOPES)


@pages.post("/<int(max=2147483647):token_id>/entziehen")
def revoke(token_id: int) -> Response:
    """Let a token in no more."""
    token = tokens.get_token(sessions.runtime(), token_id)
    tokens.revoke_token(sessions.entitled(project=token.project), token_id, actor=sessions.actor())
    flash(gettext("Der Schlüssel gilt nicht mehr."))
    return redirect(url_for("tokens.show"), 303)


def _page(typed: Mapping[str, str], scopes: list[str] | None = None, mistake: str = "") -> str:
    runtime = sessions.runtime()
    return render_template(
        "tokens.html", tokens=tokens.list_tokens(runtime), projects=tokens.projects_for(runtime, sessions.viewer()),
        words=SCOPES, spans=SPANS, states=STATES, typed=typed, chosen=scopes or [], mistake=mistake,
        usual=str(tokens.DAYS),
    )  # fmt: skip
