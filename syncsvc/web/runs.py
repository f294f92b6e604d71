"""One run: its receipt, what it changed, and its undo."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from syncsvc.core.access import Right
from syncsvc.errors import PlanMoved
from syncsvc.services import runs, tables
from syncsvc.web import sessions
from syncsvc.web.tables import may_here
from syncsvc.web.wording import SHOWN_CHANGES

pages = Blueprint("runs", __name__, url_prefix="/abgleiche/<int:run_id>")


@pages.app_template_global()
def run_link(run_id: int) -> Markup:
    """A link to another run, for the middle of a sentence."""
    label = gettext("Nr. %(number)s", number=run_id)
    return Markup('<a class="kern-link" href="{}">{}</a>').format(url_for("runs.show", run_id=run_id), label)


@pages.get("")
def show(run_id: int) -> str:
    """The run's receipt as a sum, and the cells it changed, participant by participant."""
    runtime = sessions.runtime()
    run = runs.get_run(runtime, run_id)
    table = tables.get_table(runtime, run.table)
    at, page = max(request.args.get("seite", 1, int), 1), None
    if may_here(Right.CELLS, table):
        page = runs.page_of_changes(runtime, run_id, limit=SHOWN_CHANGES, offset=(at - 1) * SHOWN_CHANGES)
        sessions.looked_at(*(change["ref"] for change in page.changes))
    last = -(-page.total // SHOWN_CHANGES) if page else 1
    return render_template("run.html", run=run, table=table, page=page, at=at, last=last)


@pages.get("/ruecknahme")
def preview_undo(run_id: int) -> str:
    """What taking the run back would change, and what it would leave alone. Writes nothing."""
    return _preview(run_id)


@pages.post("/ruecknahme")
def undo(run_id: int) -> Response | tuple[str, int]:
    """Take the run back as the preview showed it, as a run of its own; if something moved, show the new preview."""
    runtime, plan = sessions.entitled(run=run_id), request.form.get("plan", "")
    try:
        result = runs.undo_run(runtime, run_id, actor=sessions.actor(), expect=plan)
    except PlanMoved:
        return _preview(run_id, moved=True), 409
    if result.outcome is None or result.outcome.run is None:
        flash(gettext("Es gab nichts zurückzunehmen."))
        return redirect(url_for("runs.show", run_id=run_id), 303)
    return redirect(url_for("runs.show", run_id=result.outcome.run), 303)


def _preview(run_id: int, *, moved: bool = False) -> str:
    runtime = sessions.entitled(run=run_id)
    run = runs.get_run(runtime, run_id)
    result = runs.undo_run(runtime, run_id, actor=sessions.actor(), preview=True)
    sessions.looked_at(*(item["ref"] for item in (*result.changes, *result.left_alone)))
    table = tables.get_table(runtime, run.table)
    return render_template("undo.html", run=run, table=table, result=result, moved=moved)
