"""The web application, as a table of contents."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from syncsvc.core.openid import Provider
from syncsvc.services.runtime import Runtime
from syncsvc.web import (
    account,
    admission,
    areas,
    assets,
    audit,
    coaching,
    connect,
    contacts,
    diagnostics,
    errors,
    headers,
    health,
    languages,
    limits,
    login,
    mappingedit,
    mappings,
    metrics,
    monthly,
    openid,
    overview,
    participants,
    questions,
    rights,
    runs,
    sessions,
    tables,
    tablesettings,
    tokens,
    users,
    wording,
)
from syncsvc.web.api import api, bodies


def create_app(
    runtime: Runtime,
    *,
    secret_key: str,
    https: bool = False,
    metrics_token: str = "",
    provider: Provider | None = None,
) -> Flask:
    """The pages over ``runtime``. Starts no scheduler and opens nothing by itself.

    ``secret_key`` signs sessions: all processes that serve the same people need the same one. ``https``: people reach
    the pages over https, so cookies are never sent without it. ``metrics_token``: whoever sends it sees single tables
    in ``/metrics``; empty: nobody does. ``provider``: where people sign in besides links and passwords.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=bodies.LIMIT,
        PERMANENT_SESSION_LIFETIME=sessions.LIFETIME,
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
    limits.register(app, runtime)
    CSRFProtect(app).exempt(api)  # no cookie counts there
    openid.register(app, provider)
    assets.register(app)
    areas.register(app)
    languages.register(app)
    wording.register(app)
    connect.register(app)
    admission.register(app)
    for pages in (
        health.pages,
        metrics.pages,
        diagnostics.pages,
        login.pages,
        languages.pages,
        overview.pages,
        connect.pages,
        tables.pages,
        tablesettings.pages,
        runs.pages,
        questions.pages,
        coaching.pages,
        contacts.pages,
        monthly.pages,
        mappings.pages,
        mappingedit.pages,
        participants.pages,
        api,
        tokens.pages,
        account.pages,
        users.pages,
        audit.pages,
    ):
        app.register_blueprint(pages)
    rights.check(app)
    return app
