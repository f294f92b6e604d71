"""Coming in by a one-time link, and leaving."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from syncsvc.services import users
from syncsvc.web import sessions

pages = Blueprint("login", __name__)


@pages.get("/anmelden")
def hint() -> str:
    """How to get in."""
    return render_template("login_hint.html")


@pages.get("/anmelden/<token>")
def ask(token: str) -> str:
    """A button only: the link previews of mail programs fetch this page and must not use the link up."""
    return render_template("login.html", token=token)


@pages.post("/anmelden/<token>")
def redeem(token: str) -> Response | tuple[str, int]:
    """Use the link up and start a session."""
    user = users.redeem(sessions.whole(), token)
    if user is None:
        return render_template("login_hint.html", stale=True), 403
    sessions.begin(user.id)
    return redirect(url_for("overview.show"), 303)


@pages.post("/abmelden")
def leave() -> Response:
    """End the person's sessions."""
    sessions.end()
    flash("Sie sind abgemeldet, auch auf anderen Geräten.")
    return redirect(url_for("login.hint"), 303)
