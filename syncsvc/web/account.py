"""One's own account: what one may, one's password, and the confidentiality notice."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.errors import UsageError
from syncsvc.services import signin, users
from syncsvc.web import sessions

pages = Blueprint("account", __name__)


@pages.get("/konto")
def show() -> str:
    """Who one is here."""
    return _page()


@pages.post("/konto/passwort")
def set_password() -> Response | tuple[str, int]:
    """Set or change one's own password; all other sessions end."""
    mine = sessions.viewer().id
    typed = {name: request.form.get(name, "") for name in ("current", "new", "repeated")}
    try:
        signin.set_password(sessions.whole(), mine, **typed)
    except UsageError as error:
        return _page(error.message), 400
    sessions.begin(mine)
    flash(gettext("Das Passwort ist gespeichert. Auf anderen Geräten sind Sie abgemeldet."))
    return redirect(url_for("account.show"), 303)


@pages.get("/vertraulichkeit")
def notice() -> str:
    """What everybody confirms once a year."""
    return render_template("account_notice.html")


@pages.post("/vertraulichkeit")
def confirm() -> Response:
    """Confirm it."""
    signin.confirm_notice(sessions.whole(), sessions.viewer().id)
    return redirect(url_for("overview.show"), 303)


def _page(mistake: str = "") -> str:
    return render_template("account.html", user=users.get_user(sessions.whole(), sessions.viewer().id), mistake=mistake)
