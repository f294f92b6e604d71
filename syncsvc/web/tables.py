"""One table: how it is, what a run would do, and the runs it had."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from syncsvc.errors import PlanMoved
from syncsvc.services import runs, schedules, sync, tables
from syncsvc.services.display import display_of
from syncsvc.services.outcomes import Outcome
from syncsvc.web import sessions

pages = Blueprint("tables", __name__, url_prefix="/tabellen/<key>")

RUNS_SHOWN = 20

WAIT_SECONDS = 10.0
"""How long a person at the button waits for another run of the table."""


@pages.get("")
def show(key: str) -> str:
    """The table's state, its facts and its latest runs."""
    runtime = sessions.runtime()
    table = tables.get_table(runtime, key)
    return render_template(
        "table.html",
        table=table,
        runs=runs.list_runs(runtime, table=key, limit=RUNS_SHOWN),
    )


@pages.get("/vorschau")
def preview(key: str) -> str:
    """What a run would do now. Reads the table, writes nothing."""
    return _preview(key)


@pages.post("/abgleichen")
def run(key: str) -> Response | tuple[str, int]:
    """Carry out exactly the plan the person saw; if something moved, show the new one instead."""
    try:
        outcome = sync.sync_table(
            sessions.entitled(table=key),
            key,
            actor=sessions.actor(),
            expect=request.form.get("plan", ""),
            wait=WAIT_SECONDS,
        )
    except PlanMoved:
        return _preview(key, moved=True), 409
    return _report(outcome)


@pages.post("/freigeben")
def release(key: str) -> Response | tuple[str, int]:
    """Approve what holds the table, as the preview showed it, and let the run happen at once."""
    runtime = sessions.entitled(table=key)
    try:
        shown = request.form.get("question", type=int)
        flash(tables.release_table(runtime, key, actor=sessions.actor(), shown=shown))
    except PlanMoved:
        return _preview(key, moved=True), 409
    return _report(sync.sync_table(runtime, key, actor=sessions.actor(), wait=WAIT_SECONDS))


@pages.post("/anfordern")
def request_sync(key: str) -> Response:
    """Ask for a run at the next tick; the page says how it goes on."""
    schedules.request_sync(sessions.entitled(table=key), key, sessions.actor())
    return redirect(url_for("tables.show", key=key), 303)


@pages.post("/pausieren")
def pause(key: str) -> Response:
    """Sync the table no more by itself."""
    schedules.pause(sessions.entitled(table=key), key, actor=sessions.actor())
    flash("Der Abgleich ist pausiert. Die Tabelle bleibt, wie sie ist, bis Sie ihn fortsetzen.")
    return redirect(url_for("tables.show", key=key), 303)


@pages.post("/fortsetzen")
def resume(key: str) -> Response:
    """Sync the table again by itself, the first time at once."""
    schedules.resume(sessions.entitled(table=key), key, actor=sessions.actor())
    flash("Der Abgleich läuft wieder; er beginnt in wenigen Sekunden.")
    return redirect(url_for("tables.show", key=key), 303)


def _report(outcome: Outcome) -> Response:
    if outcome.run is None:
        flash(outcome.message)
        return redirect(url_for("tables.show", key=outcome.table), 303)
    return redirect(url_for("runs.show", run_id=outcome.run), 303)


def _preview(key: str, *, moved: bool = False) -> str:
    runtime = sessions.entitled(table=key)  # a plan made of a part of what there is would be another plan
    return render_template(
        "preview.html",
        table=tables.get_table(runtime, key),
        outcome=sync.preview_table(runtime, key),
        display=display_of(runtime, key),
        moved=moved,
    )
