"""The mappings: which there are, one of them with its history, and what changed between two of its states."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext

from syncsvc.core.access import Right
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.mappingchanges import differences
from syncsvc.core.schema import mapping_from
from syncsvc.errors import ConfigurationError
from syncsvc.services import mappingdrafts, mappings
from syncsvc.services.documents import written
from syncsvc.services.tables import list_tables
from syncsvc.web import sessions
from syncsvc.web.mappingform import LABELS, LEVELS, OWNERS
from syncsvc.web.mappingwords import field_label, told
from syncsvc.web.sentences import say
from syncsvc.web.wording import ACTORS

pages = Blueprint("mappings", __name__, url_prefix="/zuordnungen")


@pages.app_template_global()
def revised_by(source: str) -> str:
    """Who made a revision; a person's name only for those who change mappings too."""
    if source in ACTORS:
        return str(ACTORS[source])
    return source if sessions.viewer().may(Right.CONNECT) else gettext("eine Person")


@pages.get("")
def show() -> str:
    """All mappings, with the tables this person sees that use each."""
    return render_template("mapping/list.html", **listed())


def listed() -> dict[str, Any]:
    """What the list shows."""
    runtime, viewer = sessions.runtime(), sessions.viewer()
    found = mappings.list_mappings(runtime)
    others = {one.key: len(one.tables) for one in mappings.list_mappings(sessions.whole())}  # numbers only
    begun = mappingdrafts.begun(sessions.whole(), viewer.id) if viewer.may(Right.CONNECT) else []
    return {
        "mappings": found,
        "others": {one.key: others[one.key] - len(one.tables) for one in found},
        "names": {view.key: view.jobcentre_name or view.key for view in list_tables(runtime)},
        "begun": begun,
        "wrong": [],
    }


@pages.get("/<key>")
def one(key: str) -> str:
    """One mapping as it is, who uses it, and its history."""
    runtime = sessions.runtime()
    history = mappings.revisions(runtime, key)
    mapping = _read(history[0])
    seen, hidden = mappings.use_of(sessions.whole(), key, sessions.viewer().reach(Right.STRUCTURE))
    _, locked = mappings.use_of(sessions.whole(), key, sessions.viewer().reach(Right.CONNECT))
    return render_template(
        "mapping/one.html",
        mapping=mapping,
        history=history,
        tables=seen,
        hidden=hidden,
        locked=locked,
        names={view.key: view.jobcentre_name or view.key for view in list_tables(runtime)},
        field_label=field_label,
        TYPES=LABELS,
        LEVELS=LEVELS,
        OWNERS=OWNERS,
    )


@pages.get("/<key>/datei")
def export(key: str) -> Response:
    """The mapping as a file, the current state or that of ``?fassung=``."""
    number = request.args.get("fassung", type=int)
    found = mappings.revision(sessions.runtime(), key, number) if number else None
    body = (found or mappings.current_revision(sessions.runtime(), key)).body
    headers = {"Content-Disposition": f'attachment; filename="{key}.yaml"'}
    return Response(written(dict(body)), mimetype="application/yaml", headers=headers)


@pages.get("/<key>/vergleich")
def compare(key: str) -> str:
    """What changed from one state (``?von=``) to another (``?bis=``), the last change if none is named."""
    runtime = sessions.runtime()
    history = mappings.revisions(runtime, key)
    newest = history[0].number
    until = request.args.get("bis", newest, type=int)
    since = request.args.get("von", max(until - 1, 1), type=int)
    before, after = (mappings.revision(runtime, key, number) for number in (since, until))
    return render_template(
        "mapping/compare.html",
        key=key,
        title=_read(history[0]).title,
        history=history,
        before=before,
        after=after,
        told=[told(difference) for difference in differences(before.body, after.body)],
    )


def _read(revision: mappings.Revision) -> TableMapping:
    found = mapping_from(revision.body)
    if not isinstance(found, TableMapping):
        raise ConfigurationError(gettext("Diese Zuordnung ist nicht mehr gültig: %(why)s", why=say(found[0].message)))
    return found
