"""One table: how it is, what a run would do, and the runs it had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Right
from syncsvc.errors import PlanMoved
from syncsvc.services import activity, runs, schedules, sync, tables
from syncsvc.services.display import display_of
from syncsvc.services.outcomes import Outcome
from syncsvc.services.tables import TableView
from syncsvc.web import sessions, wording

pages = Blueprint("tables", __name__, url_prefix="/tabellen/<key>")

RUNS_SHOWN = 20

PROMPT = timedelta(minutes=1)
"""Within this a run begins that somebody asked for: ticks come every few seconds."""

WAIT_SECONDS = 10.0
"""How long a person at the button waits for another run of the table."""

TURN_NAMES = {
    "you": lazy_gettext("Sie"),
    "project": lazy_gettext("Projekt: wer die Tabelle pflegt"),
    "jobcentre": lazy_gettext("Jobcenter: wer die Tabelle pflegt"),
    "access": lazy_gettext("Wer die Freigaben erteilt"),
    "operator": lazy_gettext("Betrieb: wer den Dienst betreibt"),
    "platform": lazy_gettext("Plattform: niemand muss etwas tun"),
    "soon": lazy_gettext("Niemand: der erste Abgleich kommt von selbst"),
    "paused": lazy_gettext("Pausiert"),
}
"""Who has to act for a table that is not current (``services.tables.TURNS``)."""

TURN_SHORT = {
    "you": lazy_gettext("bei Ihnen"),
    "project": lazy_gettext("beim Projekt"),
    "jobcentre": lazy_gettext("beim Jobcenter"),
    "access": lazy_gettext("ohne Zugang"),
    "operator": lazy_gettext("beim Betrieb"),
    "platform": lazy_gettext("bei der Plattform"),
    "soon": lazy_gettext("vor dem ersten Abgleich"),
    "paused": lazy_gettext("pausiert"),
}
"""The same in the middle of a sentence."""

OWNERS = {
    "project": lazy_gettext("Projekt"),
    "jobcentre": lazy_gettext("Jobcenter"),
    "both": lazy_gettext("beiden"),
    "service": lazy_gettext("Abgleich (nur lesen)"),
}
"""Of columns."""

GROUPS = {
    "records": lazy_gettext("Neue Datensätze"),
    "record": lazy_gettext("In den Datensatz"),
    "rows": lazy_gettext("Neue Zeilen in der Tabelle"),
    "table": lazy_gettext("In die Tabelle"),
    "question": lazy_gettext("Zu klären"),
    "own": lazy_gettext("TN-Nr. und Hinweise in der Tabelle"),
}
"""What happens to the places of a preview, the people's own values first."""

_NEW = {"new_row": "records", "new_record": "rows"}
_OWN = {"reference", "note", "header"}


@pages.app_template_global()
def may_here(right: str, table: TableView) -> bool:
    """Whether the person who asks has this right for this very table."""
    return sessions.viewer().reach(Right(right)).covers(table.project_id, table.jobcentre_id)


@pages.app_template_global()
def started_by(actor: str, table: TableView) -> str:
    """Who started something; a person's name only for those who work with her."""
    if actor in wording.ACTORS:
        return str(wording.ACTORS[actor])
    return actor if may_here(Right.DECIDE, table) else gettext("eine Person")


@pages.app_template_global()
def late(requested_at: datetime) -> bool:
    """Whether a run that somebody asked for should have begun by now."""
    return sessions.runtime().clock.now() - requested_at > PROMPT


@pages.app_context_processor
def _words() -> dict[str, Any]:
    return {"TURN_NAMES": TURN_NAMES, "TURN_SHORT": TURN_SHORT, "OWNERS": OWNERS}


@pages.get("")
def show(key: str) -> str:
    """The table's state, its latest weeks, its runs and how it is set up."""
    runtime = sessions.runtime()
    table = tables.get_table(runtime, key)
    state, before = request.args.get("ergebnis", ""), request.args.get("vor", type=int)
    found = runs.list_runs(
        runtime, table=key, limit=RUNS_SHOWN + 1, before=before, state=state if state in wording.RUN_STATES else ""
    )
    return render_template(
        "table.html",
        table=table,
        setup=tables.setup_of(runtime, key),
        days=activity.days_of(runtime, key),
        runs=found[:RUNS_SHOWN],
        older=found[RUNS_SHOWN - 1].id if len(found) > RUNS_SHOWN else None,
        chosen=state,
        before=before,
    )


@pages.get("/stand")
def progress(key: str) -> Response:
    """How the run that somebody waits for goes on; a script asks for it every two seconds."""
    table = tables.get_table(sessions.runtime(), key)
    response = make_response(render_template("table_progress.html", table=table))
    if not (table.working or table.requested_at):
        response.headers["HX-Refresh"] = "true"  # it is over: the whole page has news
    return response


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
    return _back(key)


@pages.post("/pausieren")
def pause(key: str) -> Response:
    """Sync the table no more by itself."""
    reason = request.form.get("grund", "").strip()
    schedules.pause(sessions.entitled(table=key), key, actor=sessions.actor(), reason=reason)
    flash(gettext("Der Abgleich ist pausiert. Die Tabelle bleibt, wie sie ist, bis Sie ihn fortsetzen."))
    return _back(key)


@pages.post("/fortsetzen")
def resume(key: str) -> Response:
    """Sync the table again by itself, the first time at once."""
    schedules.resume(sessions.entitled(table=key), key, actor=sessions.actor())
    flash(gettext("Der Abgleich läuft wieder; er beginnt in wenigen Sekunden."))
    return _back(key)


def _back(key: str) -> Response:
    return redirect(url_for("tables.show", key=key), 303)


def _report(outcome: Outcome) -> Response:
    if outcome.run is None:
        flash(outcome.message)
        return _back(outcome.table)
    return redirect(url_for("runs.show", run_id=outcome.run), 303)


def _preview(key: str, *, moved: bool = False) -> str:
    runtime = sessions.entitled(table=key)  # a plan made of a part of what there is would be another plan
    outcome = sync.preview_table(runtime, key)
    groups: dict[str, list[Mapping[str, Any]]] = {name: [] for name in GROUPS}
    for action in outcome.actions or ():
        groups[_group(action)].append(action)
    only = request.args.get("nur", "")
    room = wording.SHOWN_CHANGES
    shown = {}
    for name in (only,) if only in groups else groups:
        shown[name] = groups[name][:room]
        room -= len(shown[name])
    sessions.looked_at(*(action["ref"] for actions in shown.values() for action in actions))
    return render_template(
        "preview.html",
        table=tables.get_table(runtime, key),
        outcome=outcome,
        groups=groups,
        shown=shown,
        titles=GROUPS,
        only=only if only in groups else "",
        display=display_of(runtime, key),
        moved=moved,
    )


def _group(action: Mapping[str, Any]) -> str:
    reason = str(action["reason"])
    if action["direction"] == "question":
        return "question"
    if reason in _OWN:
        return "own"
    return _NEW.get(reason) or ("record" if action["direction"] == "to_record" else "table")
