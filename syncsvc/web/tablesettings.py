"""The settings of one table: when it is synced, who types in it, whose it is, where it lies."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.core.schedules import LAENDER
from syncsvc.errors import ConfigurationError, SyncsvcError, TableError, UsageError
from syncsvc.services import tables
from syncsvc.services.connecting import draft, places
from syncsvc.services.connecting.draft import Connection
from syncsvc.services.display import organisation_names
from syncsvc.services.mappings import list_mappings
from syncsvc.services.programme import change_table
from syncsvc.web import sessions
from syncsvc.web.wording import OWN, SCHEDULES

pages = Blueprint("tablesettings", __name__, url_prefix="/tabellen/<key>/einstellungen")

LINES: Final = ("quiet_hours", "land", "mapping", "jobcentre")
"""What is typed or chosen, one value each; beside them when the table is synced and who types in it."""


@pages.get("")
def edit(key: str) -> str:
    """The form with what holds now."""
    table = tables.get_table(sessions.entitled(table=key), key)
    typed = {name: getattr(table, name) or "" for name in LINES}
    usual = table.schedule in SCHEDULES
    typed |= {"rhythm": table.schedule if usual else OWN, "cron": "" if usual else table.schedule}
    return _form(key, {**typed, "edited_by": list(table.edited_by)}, {})


@pages.post("")
def change(key: str) -> Response | tuple[str, int]:
    """Change what the form says, or show it again with what is wrong."""
    runtime = sessions.entitled(table=key)
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in (*LINES, "rhythm", "cron")}
    typed["edited_by"] = request.form.getlist("edited_by")
    if typed["rhythm"] == OWN and not typed["cron"]:
        return _form(key, typed, {"schedule": gettext("Bitte einen Zeitplan eintragen.")}), 422
    entry: dict[str, Any] = {name: typed[name] for name in (*LINES, "edited_by")}
    entry["jobcentre"] = typed["jobcentre"] or None
    entry["schedule"] = typed["cron"] if typed["rhythm"] == OWN else typed["rhythm"]
    if tables.get_table(runtime, key).is_list:
        del entry["jobcentre"]  # whose list it is does not change
    problems = change_table(runtime, key, entry, actor=sessions.actor())
    if problems:
        return _form(key, typed, {str(problem.path[0]): problem.message for problem in problems if problem.path}), 422
    flash(gettext("Die Einstellungen sind gespeichert."))
    return redirect(url_for("tables.show", key=key), 303)


def _form(key: str, typed: dict[str, Any], problems: dict[str, str]) -> str:
    runtime = sessions.entitled(table=key)
    return render_template(
        "table_settings.html",
        table=tables.get_table(runtime, key),
        typed=typed,
        problems=problems,
        laender={land: land for land in LAENDER},
        mappings={mapping.key: mapping.title for mapping in list_mappings(runtime)},
        jobcentres=organisation_names(runtime),
    )


@pages.get("/ort")
def place(key: str) -> str:
    """Where else the table may lie: what each kind of place asks for."""
    return _place(key, "", {})


@pages.post("/ort")
def look(key: str) -> str | tuple[str, int]:
    """The tabs of the file or spreadsheet that somebody names; nothing is changed yet."""
    kind, typed = _typed(key)
    try:
        found = _looked_up(key, kind, typed)
    except (ConfigurationError, UsageError, TableError) as error:
        return _place(key, kind, typed, mistake=error), 422
    return _place(key, kind, typed, found=found)


@pages.post("/ort/blatt")
def move(key: str) -> Response | tuple[str, int]:
    """The table lies in this tab from now on; its preview shows what a run would do there."""
    runtime, title = sessions.entitled(table=key), request.form.get("blatt", "")
    kind, typed = _typed(key)
    try:
        tab = next((tab for tab in _looked_up(key, kind, typed).tabs if tab.title == title), None)
        if tab is None:
            raise UsageError(gettext("Bitte ein Blatt wählen."))
        places.refuse_taken(runtime, tab)
    except (ConfigurationError, UsageError, TableError) as error:
        return _place(key, kind, typed, mistake=error), 422
    if problems := change_table(runtime, key, {"location": dict(tab.location)}, actor=sessions.actor()):
        return _place(key, kind, typed, mistake=UsageError(problems[0].message)), 422
    flash(gettext("Die Tabelle liegt jetzt dort. So sähe der erste Abgleich aus."))
    return redirect(url_for("tables.preview", key=key), 303)


def _typed(key: str) -> tuple[str, dict[str, str]]:
    kind = request.form.get("art", "")
    kinds = places.kinds(sessions.entitled(table=key), sessions.viewer())
    asks = next((one.asks for one in kinds if one.key == kind), ())
    return kind, {asked.key: request.form.get(asked.key, "").strip() for asked in asks}


def _looked_up(key: str, kind: str, typed: dict[str, str]) -> Connection:
    """What is there, by the rules of connecting a new table; no draft of it stays."""
    runtime, viewer = sessions.entitled(table=key), sessions.viewer()
    found = places.begin(runtime, viewer, kind, typed)
    draft.drop(runtime, viewer.id, found.key)
    return found


def _place(
    key: str, kind: str, typed: dict[str, str], *, found: Connection | None = None, mistake: SyncsvcError | None = None
) -> str:
    runtime = sessions.entitled(table=key)
    return render_template(
        "table_place.html",
        table=tables.get_table(runtime, key),
        kinds=places.kinds(runtime, sessions.viewer()),
        kind=kind,
        typed=typed,
        found=found,
        mistake=mistake,
    )
