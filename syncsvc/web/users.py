"""Who may come in, for those who decide it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Role
from syncsvc.errors import UsageError
from syncsvc.services import users
from syncsvc.services.display import jobcentre_names, project_names
from syncsvc.services.runtime import Runtime
from syncsvc.web import openid, sessions

pages = Blueprint("users", __name__, url_prefix="/zugaenge")


@pages.get("")
def show() -> str:
    """Everybody."""
    return render_template("users.html", users=users.list_users(sessions.runtime()))


@pages.route("/neu", methods=["GET", "POST"])
def invite() -> str | tuple[str, int]:
    """Let somebody in, and show the link that does, once."""
    runtime = sessions.entitled()
    if request.method == "GET":
        return _form({})
    typed = {name: request.form.get(name, "") for name in ("name", "role", "project", "jobcentre")}
    try:
        made = users.add_user(
            runtime, typed["name"], _role(typed["role"]), project=typed["project"], jobcentre=typed["jobcentre"],
            actor=sessions.actor(),
        )  # fmt: skip
    except UsageError as error:
        return _form(typed, error.message), 400
    return _link(runtime, made)


@pages.get("/<int:user_id>")
def person(user_id: int) -> str:
    """One account."""
    return _person(user_id)


@pages.post("/<int:user_id>/rechte")
def grant(user_id: int) -> Response | tuple[str, int]:
    """Give one more role."""
    typed = {name: request.form.get(name, "") for name in ("role", "project", "jobcentre")}

    def give(runtime: Runtime) -> None:
        users.grant(
            runtime, user_id, _role(typed["role"]), project=typed["project"], jobcentre=typed["jobcentre"],
            actor=sessions.actor(),
        )  # fmt: skip

    return _do(user_id, give, gettext("Das Recht ist gegeben."), typed)


@pages.post("/<int:user_id>/rechte/<int:membership_id>/entziehen")
def revoke(user_id: int, membership_id: int) -> Response | tuple[str, int]:
    """Take a role away."""
    return _do(
        user_id,
        lambda runtime: users.revoke(runtime, user_id, membership_id, actor=sessions.actor()),
        gettext("Das Recht ist entzogen."),
    )


@pages.post("/<int:user_id>/anmeldelink")
def link(user_id: int) -> str | tuple[str, int]:
    """Show a new link, once."""
    runtime = sessions.entitled()
    try:
        return _link(runtime, users.get_user(runtime, user_id))
    except UsageError as error:
        return _person(user_id, error.message), 400


@pages.post("/<int:user_id>/sperren")
def lock(user_id: int) -> Response | tuple[str, int]:
    """Let somebody in no more."""
    return _do(
        user_id,
        lambda runtime: users.lock(runtime, user_id, actor=sessions.actor()),
        gettext("Der Zugang ist gesperrt und überall abgemeldet."),
    )


@pages.post("/<int:user_id>/entsperren")
def unlock(user_id: int) -> Response | tuple[str, int]:
    """Let somebody in again."""
    return _do(
        user_id,
        lambda runtime: users.unlock(runtime, user_id, actor=sessions.actor()),
        gettext("Der Zugang ist wieder offen."),
    )


@pages.post("/<int:user_id>/abmelden")
def end_sessions(user_id: int) -> Response | tuple[str, int]:
    """Sign somebody out on all devices."""
    return _do(
        user_id,
        lambda runtime: users.end_sessions(runtime, user_id, actor=sessions.actor()),
        gettext("Die Person ist überall abgemeldet."),
    )


def _role(text: str) -> Role:
    if text not in list(Role):
        raise UsageError(gettext("Bitte wählen Sie, was die Person darf."))
    return Role(text)


def _do(
    user_id: int, act: Callable[[Runtime], None], told: str, typed: dict[str, str] | None = None
) -> Response | tuple[str, int]:
    try:
        act(sessions.entitled())
    except UsageError as error:
        return _person(user_id, " ".join(part for part in (error.message, error.hint) if part), typed), 400
    flash(told)
    return redirect(url_for("users.person", user_id=user_id), 303)


def _link(runtime: Runtime, user: users.UserView) -> str:
    base = url_for("login.hint", _external=True, _scheme=openid.scheme()).removesuffix("/anmelden")
    shown = users.login_link(runtime, user.name, base_url=base, actor=sessions.actor())
    return render_template("user_link.html", user=user, link=shown)


def _form(values: dict[str, str], mistake: str = "") -> str:
    return render_template("user_form.html", values=values, mistake=mistake, **_places())


def _person(user_id: int, mistake: str = "", values: dict[str, str] | None = None) -> str:
    user = users.get_user(sessions.entitled(), user_id)
    return render_template("user.html", user=user, values=values or {}, mistake=mistake, **_places())


def _places() -> dict[str, dict[str, str]]:
    runtime = sessions.runtime()
    return {"projects": project_names(runtime), "jobcentres": jobcentre_names(runtime)}
