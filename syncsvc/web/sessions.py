"""Who is asking, what she sees, and what she may: asked before every page.

A session ends after twelve hours, and when the person's epoch moves. Before anything else, once a year, she confirms
the confidentiality notice. Pages read from ``runtime()``, which finds only what the person's grants reach, and write
through ``entitled(...)``, which first makes sure of the right that ``web/rights.py`` demands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask import Flask, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from syncsvc.core.access import Right, Viewer
from syncsvc.errors import Forbidden
from syncsvc.services import entitlement, signin
from syncsvc.services.runtime import Runtime
from syncsvc.store import users
from syncsvc.store.admission import User
from syncsvc.web.rights import MACHINES, PUBLIC, RIGHTS, UNCONFIRMED, WATCHED, asked

LIFETIME: Final = timedelta(hours=12)
"""After this time somebody signs in again, however busy she is: a copied cookie does not live on."""


def register(app: Flask) -> None:
    """Ask for a session and its right before every page, and let templates ask ``may("decide")``."""
    app.before_request(_demand)
    app.jinja_env.globals["may"] = lambda right: g.viewer is not None and g.viewer.may(Right(right))


def whole() -> Runtime:
    """The runtime without a viewer's limits: for coming in, and for what concerns nobody's data."""
    found: Runtime = current_app.extensions["syncsvc"]
    return found


def runtime() -> Runtime:
    """What the person who asks may see on this page, by those of her roles that open it: for reading only."""
    seen: Runtime = g.seen
    return seen


def entitled(**part: Any) -> Runtime:
    """The whole runtime, for somebody who has this page's right for the part named (as ``entitlement.require``).

    For everything that writes, and for what would be wrong if it read only a part, such as a preview. Raises
    ``NotFound`` or ``Forbidden``.
    """
    assert request.endpoint is not None, "a page is asked for"
    entitlement.require(whole(), viewer(), asked(request.endpoint), **part)
    return whole()


def projects_of(right: Right) -> frozenset[int] | None:
    """The projects the person has this right for, by id; None: all. For services that ask whose view it is."""
    reach = viewer().reach(right)
    return None if reach.whole else reach.projects


def viewer() -> Viewer:
    """Who is asking. Only where a session is demanded."""
    found: Viewer | None = g.viewer
    assert found is not None, "this page demands a session"
    return found


def actor() -> str:
    """The name that histories note for what this person does."""
    return viewer().name


def looked_at(*refs: str | None) -> None:
    """Note in the access log that this page shows what stands about these participants."""
    if any(refs):
        entitlement.note_readings(whole(), viewer(), str(request.endpoint), *(ref for ref in refs if ref))


def begin(user_id: int) -> None:
    """Start a session for this person, and forget whatever the browser had before."""
    with whole().database.read() as database:
        user = users.by_id(database, user_id)
    session.clear()
    if user is not None:
        session.permanent = True
        session["user"] = user.id
        session["epoch"] = user.session_epoch
        session["since"] = whole().clock.now().timestamp()


def end() -> None:
    """End all sessions of the person who asks, also those whose cookie somebody may have copied."""
    if g.viewer is not None:  # nobody else's: a cookie that ended long ago ends nothing
        signin.leave(whole(), g.viewer.id)
    session.clear()


def _demand() -> Response | None:
    g.user = g.viewer = None
    g.unconfirmed = False
    if request.endpoint in WATCHED or request.endpoint in MACHINES:  # those ask for a token instead
        return None
    _recognise()
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    if g.viewer is None:
        return redirect(url_for("login.hint"), 303)
    if g.unconfirmed and request.endpoint not in UNCONFIRMED:
        return redirect(url_for("account.notice"), 303)
    if not g.viewer.may(RIGHTS[request.endpoint]):
        raise Forbidden
    g.seen = entitlement.seen_by(whole(), g.viewer.by(RIGHTS[request.endpoint]))
    return None


def _recognise() -> None:
    user_id, epoch = session.get("user"), session.get("epoch")
    now = whole().clock.now()
    if user_id is None or now.timestamp() - session.get("since", 0) >= LIFETIME.total_seconds():
        return
    with whole().database.read() as database:
        user: User | None = users.by_id(database, user_id)
        if user is None or user.session_epoch != epoch or user.disabled_at is not None:
            return
        if user.created_at.timestamp() <= session["since"]:  # SQLite gives a removed person's number to the next one
            g.user, g.viewer = user, users.viewer_of(database, user)
            g.unconfirmed = signin.must_confirm(user, now)
