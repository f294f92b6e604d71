"""One run: its receipt, what it changed, and its undo."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from syncsvc.services import runs, tables
from syncsvc.web import sessions

pages = Blueprint("runs", __name__, url_prefix="/abgleiche/<int:run_id>")


@pages.get("")
def show(run_id: int) -> str:
    """The run's receipt as a sum, and every cell it changed."""
    runtime = sessions.runtime()
    run = runs.get_run(runtime, run_id)
    table = tables.get_table(runtime, run.table)
    return render_template("run.html", run=run, table=table, changes=runs.run_changes(runtime, run_id))


@pages.get("/ruecknahme")
def preview_undo(run_id: int) -> str:
    """What taking the run back would change, and what it would leave alone. Writes nothing."""
    runtime = sessions.entitled(run=run_id)
    run = runs.get_run(runtime, run_id)
    result = runs.undo_run(runtime, run_id, actor=sessions.actor(), preview=True)
    return render_template("undo.html", run=run, table=tables.get_table(runtime, run.table), result=result)


@pages.post("/ruecknahme")
def undo(run_id: int) -> Response:
    """Take the run back, as a run of its own."""
    result = runs.undo_run(sessions.entitled(run=run_id), run_id, actor=sessions.actor())
    if result.outcome is None or result.outcome.run is None:
        flash("Es gab nichts zurückzunehmen.")
        return redirect(url_for("runs.show", run_id=run_id), 303)
    return redirect(url_for("runs.show", run_id=result.outcome.run), 303)
