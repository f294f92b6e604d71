"""The web application, as a table of contents."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from syncsvc.services.runtime import Runtime
from syncsvc.web import (
    areas,
    assets,
    coaching,
    contacts,
    errors,
    headers,
    health,
    languages,
    login,
    metrics,
    monthly,
    overview,
    questions,
    rights,
    runs,
    sessions,
    tables,
    wording,
)

SESSION_LIFETIME = timedelta(hours=12)


def create_app(runtime: Runtime, *, secret_key: str, https: bool = False, metrics_token: str = "") -> Flask:
    """The pages over ``runtime``. Starts no scheduler and opens nothing by itself.

    ``secret_key`` signs sessions: all processes that serve the same people need the same one. ``https``: people reach
    the pages over https, so cookies are never sent without it. ``metrics_token``: whoever sends it sees single tables
    in ``/metrics``; empty: nobody does.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=secret_key,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        SESSION_COOKIE_NAME="syncsvc",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: pages stay open for a morning
        WTF_CSRF_SSL_STRICT=False,  # it would demand the referrer that our own policy withholds
    )
    app.config[metrics.TOKEN] = metrics_token
    app.extensions["syncsvc"] = runtime
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    headers.register(app)
    errors.register(app)
    sessions.register(app)  # before CSRF: without a session there is no page to protect
    CSRFProtect(app)
    assets.register(app)
    areas.register(app)
    languages.register(app)
    wording.register(app)
    for pages in (
        health.pages,
        metrics.pages,
        login.pages,
        languages.pages,
        overview.pages,
        tables.pages,
        runs.pages,
        questions.pages,
        coaching.pages,
        contacts.pages,
        monthly.pages,
    ):
        app.register_blueprint(pages)
    rights.check(app)
    return app
