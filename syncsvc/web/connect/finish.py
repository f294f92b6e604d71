"""The last steps: when the table is synced, what the first sync would do, switching on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import abort, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.core.schedules import LAENDER
from syncsvc.errors import PlanMoved, SyncsvcError, UsageError
from syncsvc.services.connecting import draft, places, switching
from syncsvc.services.connecting import timing as service
from syncsvc.services.connecting.draft import Connection
from syncsvc.services.display import display_of_mapping, jobcentre_names
from syncsvc.services.runtime import Runtime
from syncsvc.web import mappingform, sessions
from syncsvc.web.connect.steps import at, go, page, pages
from syncsvc.web.wording import DIRECTIONS, OWN, SCHEDULES

GUARDS: Final = ("missing_rows", "changed_column")
"""The shares that this way asks for; the step of the columns has the others."""

SHOWN: Final = 15
"""Places of each part that the dry run shows at first; all of them when only that part is asked for."""


@pages.get("/<key>/zeitplan")
def timing(key: str) -> str:
    """When a run stops and asks, and when the table is synced."""
    runtime, connection = at(key, "timing")
    return _timing(runtime, connection, _times(connection), {})


@pages.post("/<key>/zeitplan")
def change_timing(key: str) -> Response | str | tuple[str, int]:
    """Keep the times, or show what they come to."""
    runtime, connection = at(key, "timing")
    typed = {name: request.form.get(name, "").strip() for name in ("rhythm", "cron", "from", "to", "land", *GUARDS)}
    times = {
        "schedule": typed["cron"] if typed["rhythm"] == OWN else typed["rhythm"],
        "quiet_hours": f"{typed['from']}-{typed['to']}" if typed["from"] or typed["to"] else "",
        "land": typed["land"],
    }
    problems: dict[str, str] = service.problems(times)
    if typed["rhythm"] == OWN and not typed["cron"]:
        problems["schedule"] = gettext("Bitte einen Zeitplan eintragen.")
    body = connection.body
    if body is not None:
        form = mappingform.fields_of(body) | {name: typed[name] for name in GUARDS}
        body, mistakes = mappingform.body_from(form)
        problems |= {name: text for name, text in mistakes.items() if name in GUARDS}
    if problems:
        return _timing(runtime, connection, typed, problems), 200 if request.form.get("act") == "show" else 422
    connection = replace(
        connection, body=body, timed=True, schedule=times["schedule"], quiet_hours=times["quiet_hours"],
        land=times["land"],
    )  # fmt: skip
    connection = draft.keep(runtime, sessions.viewer().id, connection)
    if request.form.get("act") == "show":
        return _timing(runtime, connection, typed, {})
    return go(connection, "dry_run")


def _times(connection: Connection) -> dict[str, str]:
    """The form of the times as they stand in the draft."""
    usual = connection.schedule in SCHEDULES
    begin, _, end = connection.quiet_hours.partition("-")
    guards = mappingform.fields_of(connection.body) if connection.body else {}
    return {
        "rhythm": connection.schedule if usual else OWN,
        "cron": "" if usual else connection.schedule,
        "from": begin,
        "to": end,
        "land": connection.land,
        **{name: guards.get(name, "") for name in GUARDS},
    }


def _timing(runtime: Runtime, connection: Connection, typed: Mapping[str, str], problems: Mapping[str, str]) -> str:
    found = draft.mapping_of(runtime, connection)
    return page(
        "timing", connection, typed=typed, problems=problems, guards=found and found.guards,
        upcoming=service.upcoming(connection, runtime.clock.now()), laender={land: land for land in LAENDER},
    )  # fmt: skip


# -- the end -------------------------------------------------------------------------------------------------------


@pages.get("/<key>/probelauf")
def dry_run(key: str) -> str | tuple[str, int]:
    """Everything that the first sync would do. Writes nothing."""
    runtime, connection = at(key, "dry_run")
    return _dry_run(runtime, connection)


@pages.post("/<key>/einschalten")
def switch_on(key: str) -> Response | tuple[str, int]:
    """Connect the table, if that would still do what was shown."""
    runtime, connection = at(key, "dry_run")
    try:
        table = switching.switch_on(runtime, sessions.viewer(), connection, seen=request.form.get("plan", ""))
    except PlanMoved:
        return _dry_run(runtime, connection, moved=True), 409
    except UsageError as error:
        return _dry_run(runtime, connection, mistake=error), 422
    flash(gettext("Die Tabelle ist verbunden. Der erste Abgleich beginnt in wenigen Sekunden."))
    return redirect(url_for("tables.show", key=table), 303)


@pages.get("/<key>/tabelle.yaml")
def download(key: str) -> Response:
    """The same as a file, which ``syncsvc apply`` and the first step take."""
    runtime, connection = at(key, "dry_run")
    response = make_response(switching.as_file(runtime, connection))
    response.headers["Content-Type"] = "application/yaml; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=tabelle.yaml"
    return response


def _dry_run(
    runtime: Runtime, connection: Connection, *, moved: bool = False, mistake: SyncsvcError | None = None
) -> str:
    mapping = draft.mapping_of(runtime, connection)
    if mapping is None:
        flash(switching.NOT_READY)
        abort(go(connection, "columns"))
    jobcentre = connection.jobcentre or None
    outcome = switching.dry_run(runtime, connection)
    actions = outcome.actions or ()
    sessions.looked_at(*(str(action["ref"]) for action in actions if action["ref"]))
    first = sorted(actions, key=lambda action: action["from"] is None)  # what would be replaced must not be overlooked
    groups = {name: [action for action in first if action["direction"] == name] for name in DIRECTIONS}
    only = request.args.get("nur") if request.args.get("nur") in groups else None
    shown = {name: found if only else found[:SHOWN] for name, found in groups.items() if only in (None, name)}
    return page(
        "dry_run", connection, outcome=outcome, several=len(actions) > SHOWN, groups=groups, shown=shown, only=only,
        moved=moved, mistake=mistake, mapping=mapping,
        display=display_of_mapping(runtime, mapping, project=connection.project, jobcentre=jobcentre),
        projects=places.projects_of(runtime, sessions.viewer()), jobcentres=jobcentre_names(runtime),
        upcoming=service.upcoming(connection, runtime.clock.now()),
    )  # fmt: skip
