"""The settings of one table: when it is synced, who types in it, whose it is."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.core.schedules import LAENDER
from syncsvc.services import tables
from syncsvc.services.display import organisation_names
from syncsvc.services.mappings import list_mappings
from syncsvc.services.programme import change_table
from syncsvc.web import sessions

pages = Blueprint("tablesettings", __name__, url_prefix="/tabellen/<key>/einstellungen")

LINES: Final = ("schedule", "quiet_hours", "land", "mapping", "jobcentre")
"""What is typed or chosen, one value each; beside them who types in the table."""


@pages.get("")
def edit(key: str) -> str:
    """The form with what holds now."""
    table = tables.get_table(sessions.entitled(table=key), key)
    typed = {name: getattr(table, name) or "" for name in LINES}
    return _form(key, {**typed, "edited_by": list(table.edited_by)}, {})


@pages.post("")
def change(key: str) -> Response | tuple[str, int]:
    """Change what the form says, or show it again with what is wrong."""
    runtime = sessions.entitled(table=key)
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in LINES}
    typed["edited_by"] = request.form.getlist("edited_by")
    entry = {**typed, "jobcentre": typed["jobcentre"] or None}
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
