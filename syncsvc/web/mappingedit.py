"""Changing a mapping: typed into a draft, tried on real rows, weighed against every table that uses it, then saved."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Right
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.mappingchanges import differences, merged
from syncsvc.core.schema import mapping_from, mapping_to
from syncsvc.errors import Forbidden, NotFound, PlanMoved, UsageError
from syncsvc.services import mappingdrafts, mappings, tables
from syncsvc.services.display import display_of
from syncsvc.services.effects import Seen, seen_in
from syncsvc.services.mappingdrafts import MappingDraft
from syncsvc.services.rehearsal import Rehearsal, SampleColumn, rehearse
from syncsvc.web import sessions
from syncsvc.web.mappingform import body_from, drawn, fields_of, lines_of, readable
from syncsvc.web.mappings import listed
from syncsvc.web.mappingwords import told
from syncsvc.web.wording import SHOWN_CHANGES

pages = Blueprint("mappingedit", __name__, url_prefix="/zuordnungen/entwurf")

LOOKING_SECONDS = 5.0
"""How long one request looks at tables; the next one goes on."""

NOT_TYPED = ("csrf_token", "tun", "table")
"""What the editor's form sends beside the mapping itself."""

START = {
    "columns": [
        {"header": "TN-Nr.", "field": "participant_ref", "owner": "service"},
        {"header": "Hinweis", "field": "service_note", "owner": "service"},
    ]
}
"""A new mapping: what no table can do without, and where the rows say what is to be settled."""


@pages.post("")
def begin() -> Response | tuple[str, int]:
    """Begin to change a mapping, or a new one: from nothing, from another one (``copy``), or from a file."""
    mode, key = request.form.get("mode", "edit"), request.form.get("mapping", "")
    if mode == "file":
        file = request.files.get("file")
        found = mappings.read_mapping(file.filename or "Datei", file.read()) if file and file.filename else []
        if isinstance(found, list):
            wrong = [str(problem) for problem in found] or [gettext("Bitte eine Datei wählen.")]
            return render_template("mapping/list.html", **{**listed(), "wrong": wrong}), 422
        known = {one.key: one.revision for one in mappings.list_mappings(sessions.whole())}
        if found.key in known:
            return _begun(mapping_to(found), found.key, known[found.key])
        return _begun(mapping_to(found))
    if mode == "new":
        return _begun(START)
    if mode == "copy":
        body = mappings.current_revision(sessions.whole(), key).body
        title = gettext("%(title)s (Kopie)", title=body["title"])
        return _begun({**body, "key": "", "title": title}, rows=key)
    current = mappings.current_revision(sessions.whole(), key)
    number = request.form.get("revision", current.number, type=int)
    return _begun(mappings.revision(sessions.whole(), key, number).body, key, current.number)


@pages.get("/<key>")
def edit(key: str) -> str:
    """The editor, with the first rows of a table as they would be read."""
    return _editor(_found(key), seen=True)


@pages.post("/<key>")
def change(key: str) -> Response | str | tuple[str, int]:
    """Keep what was typed; then show how rows are read now, read those of a table, or go on to the effect."""
    draft = _typed(_found(key))
    act = request.form.get("tun", "")
    if act == "zeilen" and (table := request.form.get("table", "")):
        draft = mappingdrafts.sampled(sessions.entitled(table=table), draft, table)
    _keep(draft)
    if act == "zeilen":
        return redirect(url_for("mappingedit.edit", key=key), 303)
    if act != "weiter":
        return _editor(draft)
    _, problems = body_from(draft.form)
    if problems:
        return _editor(draft), 422
    return _look(draft)


@pages.get("/<key>/wirkung")
def effect(key: str) -> Response | str:
    """What the change does, to every table that uses the mapping, before it is saved."""
    draft = _found(key)
    if _moved(draft):
        return redirect(url_for("mappingedit.meanwhile", key=key), 303)
    return _effect(draft)


@pages.post("/<key>/wirkung")
def look(key: str) -> Response:
    """Look at the tables that nobody has looked at yet, as far as one request goes."""
    return _look(_found(key))


@pages.get("/<key>/wirkung/<table>")
def detail(key: str, table: str) -> str:
    """Every single place of a table that the change would touch."""
    draft = _found(key)
    runtime = sessions.entitled(table=table)
    found = mappingdrafts.looked(runtime, draft, _mapping(draft), [table], sessions.viewer().id).get(table)
    if found is None:
        raise NotFound(gettext("Diese Tabelle ist noch nicht geprüft."))
    sessions.looked_at(*{action["ref"] for action in found["actions"]})
    return render_template(
        "mapping/detail.html", draft=draft, table=tables.get_table(runtime, table), found=found,
        display=display_of(runtime, table), SHOWN=SHOWN_CHANGES,
    )  # fmt: skip


@pages.post("/<key>/speichern")
def save(key: str) -> Response | tuple[str, int]:
    """Make it the current revision, and release the tables chosen, exactly as they were looked at."""
    draft = _found(key)
    _writable(draft.mapping)
    mapping, reason = _mapping(draft), request.form.get("reason", "").strip()
    if _moved(draft):
        return redirect(url_for("mappingedit.meanwhile", key=key), 303)
    if request.form.get("digest") != mappingdrafts.digest(mapping):
        flash(gettext("Der Entwurf wurde inzwischen geändert. Bitte sehen Sie die Wirkung noch einmal an."))
        return redirect(url_for("mappingedit.effect", key=key), 303)
    if draft.mapping and not reason:
        return _effect(
            draft, gettext("Bitte schreiben Sie in einem Satz, warum, z. B. „Jobcenter führt Kurse jetzt selbst“.")
        ), 422
    release = _seen(draft, mapping, request.form.getlist("release")) if request.form.get("tun") == "freigeben" else {}
    try:
        saved = mappings.save_mapping(
            sessions.whole(), mapping, expect=draft.revision, actor=sessions.actor(), reason=reason, release=release
        )
    except PlanMoved:
        return redirect(url_for("mappingedit.meanwhile", key=key), 303)
    except UsageError as error:
        return _effect(draft, error.message), 422
    mappingdrafts.drop(sessions.whole(), draft, sessions.viewer().id)
    flash(gettext("Gespeichert als Fassung %(number)s.", number=saved.revision))
    if saved.released:
        flash(ngettext("%(num)s Tabelle ist freigegeben.", "%(num)s Tabellen sind freigegeben.", len(saved.released)))
    if saved.moved:
        flash(gettext(
            "Inzwischen geändert und deshalb noch nicht freigegeben: %(tables)s.", tables=", ".join(saved.moved)
        ))  # fmt: skip
    return redirect(url_for("mappings.one", key=mapping.key), 303)


@pages.get("/<key>/inzwischen")
def meanwhile(key: str) -> Response | str:
    """What somebody else changed since this draft was begun, beside what it changes itself."""
    draft = _found(key)
    if not _moved(draft):
        return redirect(url_for("mappingedit.edit", key=key), 303)
    base, theirs, mine = _three(draft)
    _, clashes = merged(base, mine, theirs.body)
    return render_template(
        "mapping/meanwhile.html", draft=draft, theirs=theirs,
        changed=[told(difference) for difference in differences(base, theirs.body)],
        mine=[told(difference) for difference in differences(base, mine)],
        clashes=[told(difference) for difference in clashes],
    )  # fmt: skip


@pages.post("/<key>/zusammen")
def merge(key: str) -> Response:
    """Put this draft's changes on top of what somebody else saved meanwhile."""
    draft = _found(key)
    base, theirs, mine = _three(draft)
    body, _ = merged(base, mine, theirs.body)
    _keep(replace(draft, form=fields_of(body), revision=theirs.number))
    flash(gettext("Beide Änderungen stehen jetzt in Ihrem Entwurf. Gespeichert ist noch nichts."))
    return redirect(url_for("mappingedit.edit", key=key), 303)


@pages.post("/<key>/verwerfen")
def discard(key: str) -> Response:
    """Forget the draft."""
    draft = _found(key)
    mappingdrafts.drop(sessions.whole(), draft, sessions.viewer().id)
    flash(gettext("Der Entwurf ist verworfen."))
    if draft.mapping:
        return redirect(url_for("mappings.one", key=draft.mapping), 303)
    return redirect(url_for("mappings.show"), 303)


# -- the draft ---------------------------------------------------------------------------------------------------


def _found(key: str) -> MappingDraft:
    return mappingdrafts.find(sessions.whole(), key, sessions.viewer().id)


def _typed(draft: MappingDraft) -> MappingDraft:
    """The draft with what was typed. Which mapping it changes is none of it."""
    form = {name: text for name, text in request.form.items() if name not in NOT_TYPED}
    return replace(draft, form={**form, "key": draft.mapping} if draft.mapping else form)


def _keep(draft: MappingDraft) -> None:
    mappingdrafts.keep(sessions.whole(), draft, sessions.viewer().id)


def _begun(body: Mapping[str, Any], key: str = "", revision: int = 0, *, rows: str = "") -> Response:
    """A new draft, with the rows of the first table in reach that uses the mapping (or the one it is copied from)."""
    _writable(key)
    draft = mappingdrafts.begin(fields_of(body), mapping=key, revision=revision)
    source = key or rows
    using = mappings.use_of(sessions.whole(), source, sessions.viewer().reach(Right.CONNECT))[0] if source else ()
    if using:
        draft = mappingdrafts.sampled(sessions.entitled(table=using[0]), draft, using[0])
    _keep(draft)
    return redirect(url_for("mappingedit.edit", key=draft.key), 303)


def _writable(key: str) -> tuple[str, ...]:
    """The tables that use the mapping. Raises ``Forbidden`` where one of them is not this person's to connect."""
    if not key:
        return ()
    mine, others = mappings.use_of(sessions.whole(), key, sessions.viewer().reach(Right.CONNECT))
    if others:
        raise Forbidden(
            gettext("Diese Zuordnung gilt auch für Tabellen anderer Projekte."),
            hint=gettext("Kopieren Sie sie als eigene Zuordnung und ändern Sie die Kopie."),
        )
    return mine


def _mapping(draft: MappingDraft) -> TableMapping:
    """The mapping that the draft describes. Raises ``UsageError`` where it does not describe any."""
    body, problems = body_from(draft.form)
    found = mapping_from(body)
    if problems or not isinstance(found, TableMapping):
        raise UsageError(gettext("Dieser Entwurf ist noch nicht vollständig."))
    return found


def _moved(draft: MappingDraft) -> bool:
    return bool(draft.mapping) and mappings.current_revision(sessions.whole(), draft.mapping).number != draft.revision


def _three(draft: MappingDraft) -> tuple[Mapping[str, Any], mappings.Revision, dict[str, Any]]:
    """What the draft was begun from, what is current now, and what the draft says."""
    base = mappings.revision(sessions.whole(), draft.mapping, draft.revision)
    return base.body, mappings.current_revision(sessions.whole(), draft.mapping), mapping_to(_mapping(draft))


# -- pages -------------------------------------------------------------------------------------------------------


def _editor(draft: MappingDraft, *, seen: bool = False) -> str:
    _writable(draft.mapping)
    _, problems = body_from(draft.form)
    rehearsal = _rehearsal(draft)
    columns = rehearsal.columns if rehearsal else ()
    if seen and rehearsal is not None:
        sessions.looked_at(*(row.ref for row in rehearsal.rows))
    shown = request.method == "POST" or not _untouched(draft)
    form = _with_columns(draft.form, columns)
    return render_template(
        "mapping/edit.html",
        draft=draft,
        new=not draft.mapping,
        rehearsal=rehearsal,
        tables={view.key: view.jobcentre_name or view.key for view in tables.list_tables(sessions.runtime())
                if sessions.viewer().may(Right.CONNECT)},
        **drawn(form, columns, problems if shown else {}),
    )  # fmt: skip


def _untouched(draft: MappingDraft) -> bool:
    """Whether a new draft is as it began: then nobody has made a mistake yet."""
    return not draft.mapping and not draft.form.get("title") and not draft.form.get("key")


def _with_columns(form: Mapping[str, str], columns: Sequence[SampleColumn]) -> dict[str, str]:
    """The form with a line for every column of the table that has none yet, and a blank one at the end."""
    lines = lines_of(form, columns)
    drawn_already = {line.sample.number for line in lines if line.sample}
    headers = [column.header for column in columns if column.number not in drawn_already]
    if not any(line.parts.get("new") and not line.parts["header"] for line in lines):
        headers.append("")
    free = max((int(line.name[1:]) for line in lines), default=-1) + 1
    found = dict(form)
    for number, header in enumerate(headers):
        name = f"c{free + number}"
        found |= {f"{name}-header": header, f"{name}-place": str(len(lines) + number + 1)}
        found |= {} if header else {f"{name}-new": "yes"}
    return found


def _rehearsal(draft: MappingDraft) -> Rehearsal | None:
    """How the draft's rows are read by what is right of it; None where there are no rows, or it is too little."""
    if draft.snapshot is None or (mapping := readable(draft.form)) is None:
        return None
    try:
        runtime = sessions.entitled(table=draft.table)
    except (Forbidden, NotFound):  # the table is hers no more: neither are its rows
        _keep(mappingdrafts.without_sample(draft))
        return None
    table = tables.get_table(runtime, draft.table)
    return rehearse(runtime, draft.snapshot, mapping, project=table.project, jobcentre=table.jobcentre)


def _look(draft: MappingDraft) -> Response:
    mapping, until, user = _mapping(draft), time.monotonic() + LOOKING_SECONDS, sessions.viewer().id
    using = _writable(draft.mapping)
    known = mappingdrafts.looked(sessions.whole(), draft, mapping, using, user)
    for table in using:
        if table not in known:
            mappingdrafts.look(sessions.entitled(table=table), draft, mapping, table, user)
            if time.monotonic() > until:
                break
    return redirect(url_for("mappingedit.effect", key=draft.key), 303)


def _effect(draft: MappingDraft, wrong: str = "") -> str:
    mapping, user = _mapping(draft), sessions.viewer().id
    using = _writable(draft.mapping)
    effects = mappingdrafts.looked(sessions.whole(), draft, mapping, using, user)
    base = mappings.revision(sessions.whole(), draft.mapping, draft.revision).body if draft.mapping else None
    return render_template(
        "mapping/effect.html",
        draft=draft,
        mapping=mapping,
        changes=[told(difference) for difference in differences(base, mapping_to(mapping))] if base else [],
        effects=effects,
        waiting=len(using) - len(effects),
        names={view.key: view.jobcentre_name or view.key for view in tables.list_tables(sessions.runtime())},
        digest=mappingdrafts.digest(mapping),
        reason=request.form.get("reason", ""),
        wrong=wrong,
    )


def _seen(draft: MappingDraft, mapping: TableMapping, chosen: list[str]) -> dict[str, Seen]:
    """When each table to release was looked at. One that nobody has looked at is not released."""
    using = [table for table in _writable(draft.mapping) if table in chosen]
    looked = mappingdrafts.looked(sessions.whole(), draft, mapping, using, sessions.viewer().id)
    return {table: seen for table, effect in looked.items() if (seen := seen_in(effect)) is not None}
