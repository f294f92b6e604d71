"""The first steps: where the table lies, whether the service gets in, and which tab it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.errors import SyncsvcError, UsageError
from syncsvc.services.connecting import draft, files, offices, places
from syncsvc.services.connecting.draft import Connection
from syncsvc.services.display import jobcentre_names
from syncsvc.web import sessions
from syncsvc.web.connect.steps import REFUSED, at, begun, go, last, page, pages


@pages.get("")
def start() -> str:
    """The first step of a new connection, and what was begun and not switched on."""
    return _place(None, {})


@pages.post("")
def begin() -> Response | tuple[str, int]:
    """Look at the file or spreadsheet that somebody names."""
    return _looked_up("")


@pages.get("/<key>/ort")
def place(key: str) -> str:
    """Another file or spreadsheet; what else was chosen stays as far as it fits."""
    _, connection = at(key, "place")
    return _place(connection, {connection.kind: connection.typed})


@pages.post("/<key>/ort")
def move(key: str) -> Response | tuple[str, int]:
    """Look at the other one."""
    at(key, "place")
    return _looked_up(key)


@pages.post("/datei")
def take_in() -> Response | tuple[str, int]:
    """A programme file with one table, instead of the steps."""
    upload = request.files.get("datei")
    try:
        if upload is None or not upload.filename:
            raise UsageError(gettext("Bitte eine Datei wählen."))
        content = upload.stream.read(files.LARGEST + 1)
        connection = files.take_in(sessions.whole(), sessions.viewer(), upload.filename, content)
    except REFUSED as error:
        return _place(None, {}, file_mistakes=error.message.splitlines()), 422
    return go(connection, last(connection))


@pages.post("/<key>/verwerfen")
def drop(key: str) -> Response:
    """Forget what was begun."""
    draft.drop(sessions.whole(), sessions.viewer().id, key)
    flash(gettext("Der Entwurf ist gelöscht. An der Tabelle hat sich nichts geändert."))
    return redirect(url_for("connect.start"), 303)


def _place(connection: Connection | None, typed: Mapping[str, Mapping[str, str]], **more: Any) -> str:
    runtime, viewer = sessions.whole(), sessions.viewer()
    kinds = places.kinds(runtime, viewer)
    return page("place", connection, kinds=kinds, typed=typed, begun=[] if connection else begun(), **more)


def _looked_up(key: str) -> Response | tuple[str, int]:
    kind = request.form.get("kind", "")
    typed = {name: text for name, text in request.form.items() if name not in ("kind", "csrf_token")}
    runtime, viewer = sessions.whole(), sessions.viewer()
    before = draft.find(runtime, viewer.id, key) if key else None
    try:
        if before is None:
            connection = places.begin(runtime, viewer, kind, typed)
        else:
            connection = places.move(runtime, viewer, before, kind, typed)
    except REFUSED as error:
        return _place(before, {kind: typed}, mistakes={kind: error}), 422
    return go(connection, "access")


# -- access and tab ------------------------------------------------------------------------------------------------


@pages.get("/<key>/zugriff")
def access(key: str) -> str:
    """What works, and what exactly is missing."""
    _, connection = at(key, "access")
    return page("access", connection)


@pages.post("/<key>/zugriff")
def look(key: str) -> Response | tuple[str, int]:
    """Ask the platform once more."""
    runtime, connection = at(key, "access")
    try:
        return go(places.look(runtime, sessions.viewer(), connection), "access")
    except UsageError as error:
        return page("access", connection, mistake=error), 422


@pages.get("/<key>/blatt")
def tab(key: str) -> str:
    """Which tab, whose it is, and who types in it."""
    _, connection = at(key, "tab")
    return _tab(connection, connection)


@pages.post("/<key>/blatt")
def choose(key: str) -> Response | tuple[str, int]:
    """Take this tab and read it; or make the project or job centre that is missing."""
    runtime, connection = at(key, "tab")
    said = request.form.get
    typed = replace(
        connection, tab=said("tab", ""), project=said("project", ""), jobcentre=said("jobcentre", ""),
        edited_by=tuple(request.form.getlist("edited_by")),
    )  # fmt: skip
    try:
        found = places.choose(
            runtime, sessions.viewer(), connection, typed.tab, project=typed.project, jobcentre=typed.jobcentre,
            edited_by=typed.edited_by,
        )  # fmt: skip
    except REFUSED as error:
        return _tab(connection, typed, mistake=error), 422
    return go(found, "header")


@pages.post("/<key>/stellen")
def add_office(key: str) -> Response | tuple[str, int]:
    """A project or a job centre that the service does not know yet: for whoever leads the programme."""
    runtime, connection = sessions.entitled(), at(key, "tab")[1]
    name, prefix = request.form.get("name", ""), request.form.get("prefix", "")
    viewer = sessions.viewer()
    try:
        if request.form.get("kind") == "project":
            connection = replace(connection, project=offices.add_project(runtime, viewer, name, prefix))
        else:
            connection = replace(connection, jobcentre=offices.add_jobcentre(runtime, viewer, name))
    except UsageError as error:
        return _tab(connection, connection, mistake=error), 422
    return go(draft.keep(runtime, viewer.id, connection), "tab")


def _tab(connection: Connection, shown: Connection, mistake: SyncsvcError | None = None) -> str:
    runtime = sessions.whole()
    return page(
        "tab", connection, shown=shown, mistake=mistake, taken=places.taken(runtime, connection),
        projects=places.projects_of(runtime, sessions.viewer()), jobcentres=jobcentre_names(runtime),
    )  # fmt: skip
