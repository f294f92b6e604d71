"""Coming in by a one-time link, a password or an OpenID provider, and leaving."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.services import signin
from syncsvc.services.signin import Refusal
from syncsvc.web import openid, sessions

pages = Blueprint("login", __name__)


@pages.get("/anmelden")
def hint() -> str | Response:
    """The ways in."""
    if g.viewer is not None:
        return redirect(url_for("overview.show"), 303)
    return _page()


@pages.post("/anmelden")
def enter() -> Response | tuple[str, int]:
    """Sign in with name and password."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    return _come_in(signin.by_password(sessions.whole(), name, password), name)


@pages.post("/anmelden/dienst")
def start() -> Response | tuple[str, int]:
    """Send the browser to the OpenID provider."""
    try:
        return openid.start(url_for("login.back", _external=True, _scheme=openid.scheme()))
    except openid.Failed as error:
        return _failed(error)


@pages.get("/anmelden/dienst")
def back() -> Response | tuple[str, int]:
    """The browser comes back from the OpenID provider, which says who sits at it."""
    try:
        provider, claims = openid.finish()
    except openid.Failed as error:
        return _failed(error)
    return _come_in(signin.by_openid(sessions.whole(), provider, claims))


@pages.get("/anmelden/<token>")
def ask(token: str) -> str:
    """A button only: the link previews of mail programs fetch this page and must not use the link up."""
    return render_template("login.html", token=token)


@pages.post("/anmelden/<token>")
def redeem(token: str) -> Response | tuple[str, int]:
    """Use the link up and start a session."""
    return _come_in(signin.by_link(sessions.whole(), token))


@pages.post("/abmelden")
def leave() -> Response:
    """End the person's sessions."""
    sessions.end()
    flash(gettext("Sie sind abgemeldet, auch auf anderen Geräten."))
    return redirect(url_for("login.hint"), 303)


def _come_in(who: int | Refusal, name: str = "") -> Response | tuple[str, int]:
    if isinstance(who, Refusal):
        return _page(why=who, name=name), 403
    sessions.begin(who)
    return redirect(url_for("overview.show"), 303)


def _failed(error: openid.Failed) -> tuple[str, int]:
    return _page(failed=error.why), 503 if error.why == "away" else 403


def _page(**said: object) -> str:
    provider = openid.provider()
    return render_template("login_hint.html", provider=provider.name if provider else "", **said)
