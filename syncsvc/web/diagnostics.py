"""How the service itself is, for whoever runs it; and a file about it for whoever helps from outside."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from syncsvc.services import diagnostics, health, tables
from syncsvc.store.database import is_current
from syncsvc.web import sessions

pages = Blueprint("diagnostics", __name__, url_prefix="/zustand")


@pages.get("")
def show() -> str:
    """Every check of the service but single tables; the mail server is asked only when somebody wants it."""
    runtime = sessions.entitled()
    mail = "mail" in request.args
    engine, found = runtime.database.engine, health.figures_of(runtime)
    return render_template(
        "health.html",
        checks=health.checks(runtime, mail=mail, found=found),
        mail=mail,
        accounts=health.accounts(runtime, found),
        figures=found,
        failing=[table for table in tables.list_tables(runtime) if table.turn == "operator"],
        facts={
            "version": version("syncsvc"),
            "python": platform.python_version(),
            "database": {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine.dialect.name],
            "current": is_current(runtime.database),
        },
    )


@pages.get("/diagnose")
def download() -> Response:
    """The file, as JSON: allow-listed, without persons, names and secrets."""
    runtime = sessions.entitled()
    response = make_response(json.dumps(diagnostics.report(runtime), ensure_ascii=False, indent=2) + "\n")
    response.mimetype = "application/json"
    name = f"tabellenabgleich-diagnose-{runtime.clock.now():%Y%m%d-%H%M}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
