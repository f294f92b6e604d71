"""Who is asking: every page but the login demands a session, and a session ends when the person's epoch moves."""

from __future__ import annotations

from flask import Blueprint, Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from syncsvc.services.runtime import Runtime
from syncsvc.store import users
from syncsvc.store.models import User

PUBLIC = "login"
"""The blueprint that needs no session."""

WATCHED = frozenset({"health", "metrics"})
"""Blueprints for machines that watch the service: nobody is asked who they are, not even of the database."""


STAFF = frozenset({"admin"})
"""The roles whose people see the directory: names and direct dials of staff are for the project's own people."""


def register(app: Flask) -> None:
    """Ask for a session before every page."""
    app.before_request(_demand)


def runtime() -> Runtime:
    """What the services work with."""
    found: Runtime = current_app.extensions["syncsvc"]
    return found


def begin(user_id: int) -> None:
    """Start a session for this person, and forget whatever the browser had before."""
    with runtime().database.read() as database:
        user = users.by_id(database, user_id)
    session.clear()
    if user is not None:
        session.permanent = True
        session["user"] = user.id
        session["epoch"] = user.session_epoch


def end() -> None:
    """End all sessions of the person who asks, also those whose cookie somebody may have copied."""
    if (user_id := session.get("user")) is not None:
        with runtime().database.write() as database:
            users.end_sessions(database, user_id)
    session.clear()


def actor() -> str:
    """The name that histories note for what this person does."""
    name: str = g.user.name
    return name


def for_staff(pages: Blueprint) -> None:
    """Let only the project's own people see these pages; a role that comes later has to be named in ``STAFF``."""

    @pages.before_request
    def refuse() -> None:
        if g.user.role not in STAFF:
            abort(403)


def _demand() -> Response | None:
    if request.blueprint in WATCHED:
        return None
    g.user = _user()
    if g.user is not None or request.blueprint == PUBLIC or request.endpoint is None:
        return None
    return redirect(url_for("login.hint"), 303)


def _user() -> User | None:
    user_id, epoch = session.get("user"), session.get("epoch")
    if user_id is None:
        return None
    with runtime().database.read() as database:
        user = users.by_id(database, user_id)
    return user if user is not None and user.session_epoch == epoch else None
