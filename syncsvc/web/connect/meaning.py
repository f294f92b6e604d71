"""The steps in the middle: the header row, the mapping and its service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import flash, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.errors import SyncsvcError, UsageError
from syncsvc.services.connecting import columns as service
from syncsvc.services.connecting import draft, places
from syncsvc.services.connecting.draft import Connection
from syncsvc.services.rehearsal import Rehearsal, rehearse
from syncsvc.services.runtime import Runtime
from syncsvc.web import mappingform, sessions
from syncsvc.web.connect.steps import REFUSED, at, go, open_steps, page, pages, snapshot_of

NEW: Final = "*"
"""Stands for a new mapping among those that are there; no key looks like this."""


@pages.get("/<key>/kopfzeile")
def header(key: str) -> str:
    """Which row is the header."""
    runtime, connection = at(key, "header")
    rows = service.header_rows(runtime, connection, snapshot_of(runtime, connection))
    return page("header", connection, rows=rows)


@pages.post("/<key>/kopfzeile")
def choose_header(key: str) -> Response | tuple[str, int]:
    """Take this row as the header."""
    runtime, connection = at(key, "header")
    snapshot = snapshot_of(runtime, connection)
    try:
        found = service.with_header(connection, snapshot, request.form.get("row", type=int))
    except UsageError as error:
        return page("header", connection, rows=service.header_rows(runtime, connection, snapshot), mistake=error), 422
    return go(draft.keep(runtime, sessions.viewer().id, found), "mapping")


@pages.post("/<key>/neu-lesen")
def read_again(key: str) -> Response | tuple[str, int]:
    """Read the tab once more, because somebody changed something there."""
    runtime, connection = at(key, "header")
    back = request.form.get("back", "")
    try:
        connection = places.read(runtime, sessions.viewer(), connection)
    except REFUSED as error:
        flash(f"{error.message} {error.hint}".strip())
    else:
        flash(gettext("Das Blatt ist neu gelesen."))
    return go(connection, back if back in open_steps(connection) else "header")


@pages.get("/<key>/zuordnung")
def mapping(key: str) -> str:
    """A mapping that is there, or a proposal."""
    runtime, connection = at(key, "mapping")
    return _mapping(runtime, connection)


@pages.post("/<key>/zuordnung")
def choose_mapping(key: str) -> Response | tuple[str, int]:
    """Take this one, or propose a new one."""
    runtime, connection = at(key, "mapping")
    snapshot, wanted = snapshot_of(runtime, connection), request.form.get("mapping", "")
    try:
        if wanted == NEW:
            found = service.with_proposal(runtime, connection, snapshot)
        else:
            found = service.with_mapping(runtime, connection, snapshot, wanted)
    except UsageError as error:
        return _mapping(runtime, connection, error), 422
    return go(draft.keep(runtime, sessions.viewer().id, found), "columns")


def _mapping(runtime: Runtime, connection: Connection, mistake: SyncsvcError | None = None) -> str:
    fits = service.fits(runtime, snapshot_of(runtime, connection))
    best = fits[0].key if fits and not fits[0].missing else NEW
    chosen = connection.mapping or (NEW if connection.body else best)
    return page("mapping", connection, fits=fits, chosen=chosen, NEW=NEW, mistake=mistake)


# -- columns -------------------------------------------------------------------------------------------------------


@pages.get("/<key>/spalten")
def columns(key: str) -> str:
    """Each column of the mapping, and ten real rows as it reads them."""
    runtime, connection = at(key, "columns")
    return _columns(runtime, connection)


@pages.post("/<key>/spalten")
def change_columns(key: str) -> Response | str | tuple[str, int]:
    """Keep what was typed, also with mistakes; go on only without."""
    runtime, connection = at(key, "columns")
    viewer = sessions.viewer()
    if request.form.get("act") == "copy":
        return go(draft.keep(runtime, viewer.id, service.with_copy(runtime, connection)), "columns")
    if connection.mapping:
        return go(connection, "timing")
    form = {name: text for name, text in request.form.items() if name not in ("csrf_token", "act")}
    body, problems = mappingform.body_from(form)
    connection = replace(connection, mistaken=form) if problems else replace(connection, body=body, mistaken={})
    connection = draft.keep(runtime, viewer.id, connection)
    if request.form.get("act") == "preview":
        return _columns(runtime, connection, form)
    if problems:
        return _columns(runtime, connection, form), 422
    return go(connection, "timing")


def _columns(runtime: Runtime, connection: Connection, typed: Mapping[str, str] | None = None) -> str:
    """The page; with what was just ``typed``, so that no line moves while somebody is at it."""
    snapshot = snapshot_of(runtime, connection)
    samples = service.samples(runtime, connection, snapshot)
    form = typed or connection.mistaken
    if not form and not connection.mapping:
        form = mappingform.fields_of(connection.body or {}, samples)
    used = draft.mapping_of(runtime, connection) if connection.mapping else mappingform.readable(form)
    rehearsal: Rehearsal | None = None
    if used is not None:
        rehearsal = rehearse(
            runtime, snapshot, used, project=connection.project, jobcentre=connection.jobcentre or None
        )
        sessions.looked_at(*(row.ref for row in rehearsal.rows))
    shown = rehearsal.columns if rehearsal else samples
    drawn = mappingform.drawn(form, shown, mappingform.body_from(form)[1]) if form else {}
    return page("columns", connection, rehearsal=rehearsal, new=False, used=used, **drawn)
