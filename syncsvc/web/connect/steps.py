"""The steps of connecting a table, and what they have in common. What was chosen waits in a sealed draft.

A draft is found only by whose it is, so its steps work with the whole runtime; as soon as a project is chosen, each
step asks anew for the right to connect tables for it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Flask, abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Right
from syncsvc.core.model import Snapshot
from syncsvc.errors import ConfigurationError, NotFound, TableError, UsageError
from syncsvc.services.connecting import draft
from syncsvc.services.connecting.draft import Connection
from syncsvc.services.runtime import Runtime
from syncsvc.web import sessions

pages = Blueprint("connect", __name__, url_prefix="/tabellen/verbinden")

STEPS: Final = {
    "place": lazy_gettext("Ort"),
    "access": lazy_gettext("Zugriff"),
    "tab": lazy_gettext("Blatt"),
    "header": lazy_gettext("Kopfzeile"),
    "mapping": lazy_gettext("Zuordnung"),
    "columns": lazy_gettext("Spalten"),
    "timing": lazy_gettext("Zeitplan"),
    "dry_run": lazy_gettext("Probelauf"),
}
"""By the endpoints of their pages."""

REFUSED: Final = (ConfigurationError, UsageError, TableError)
"""What a step says at its own place."""


def register(app: Flask) -> None:
    """Let the overview list what this person has begun: ``connections_begun()``."""
    app.jinja_env.globals["connections_begun"] = begun


def at(key: str, step: str) -> tuple[Runtime, Connection]:
    """The runtime and the draft for this step; to the last one that is possible where this is not yet."""
    runtime = sessions.whole()
    connection = draft.find(runtime, sessions.viewer().id, key)
    if connection.project:
        runtime = sessions.entitled(project=connection.project)
    if step not in open_steps(connection):
        abort(go(connection, last(connection)))
    return runtime, connection


def open_steps(connection: Connection) -> list[str]:
    """The steps that somebody can go to: those behind her, and the next one."""
    ready = connection.is_mapped and not connection.mistaken
    possible = {
        "tab": bool(connection.tabs),
        "header": connection.is_read,
        "mapping": connection.is_read,
        "columns": connection.is_mapped,
        "timing": ready,
        "dry_run": ready and connection.timed,
    }
    return [step for step in STEPS if possible.get(step, True)]


def last(connection: Connection) -> str:
    return open_steps(connection)[-1]


def go(connection: Connection, step: str) -> Response:
    return redirect(address(connection, step), 303)


def address(connection: Connection, step: str) -> str:
    return url_for(f"connect.{step}", key=connection.key)


def snapshot_of(runtime: Runtime, connection: Connection) -> Snapshot:
    """What was read of the tab. What was read a week ago is gone before what was chosen: then it is read again."""
    try:
        return draft.snapshot_of(runtime, sessions.viewer().id, connection.key)
    except NotFound:
        unread = draft.keep(runtime, sessions.viewer().id, replace(connection, read_at=""))
        flash(gettext("Das Blatt wurde vor über einer Woche gelesen. Bitte lesen Sie es noch einmal."))
        abort(go(unread, "tab"))


def begun() -> list[tuple[Connection, datetime, str]]:
    """What this person has begun, with its last change and the address where she goes on."""
    if g.viewer is None or not g.viewer.may(Right.CONNECT):
        return []
    found = draft.begun(sessions.whole(), sessions.viewer().id)
    return [(connection, at, address(connection, last(connection))) for connection, at in found]


def page(step: str, connection: Connection | None, **more: Any) -> str:
    possible = open_steps(connection) if connection else []
    steps = [
        (label, address(connection, name) if connection and name in possible else "") for name, label in STEPS.items()
    ]
    read_at = datetime.fromisoformat(connection.read_at) if connection and connection.read_at else None
    doubts = [check for check in connection.checks if not check.ok] if connection else []
    return render_template(
        f"connect/{step}.html", connection=connection, steps=steps, at=list(STEPS).index(step), doubts=doubts,
        read_at=read_at,
        address={name: address(connection, name) for name in possible} if connection else {}, **more,
    )  # fmt: skip
