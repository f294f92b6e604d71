"""The first page: how many tables are current, and for the others who has to act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Right
from syncsvc.errors import UsageError
from syncsvc.services import notices, schedules, tables
from syncsvc.services.coaching import figures
from syncsvc.services.tables import TURNS, TableView
from syncsvc.web import sessions
from syncsvc.web.wording import number

pages = Blueprint("overview", __name__)

SHOWN = {
    "aktuell": lazy_gettext("aktuell"),
    "nicht-aktuell": lazy_gettext("nicht aktuell"),
    "klaerungen": lazy_gettext("mit offenen Klärungen"),
    "pausiert": lazy_gettext("pausiert"),
}
"""The states one can ask for."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the tables somebody wants to see; empty: all. It stands in the address."""

    search: str = ""
    project: str = ""
    jobcentre: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        return any((self.search, self.project, self.jobcentre, self.state))

    def passes(self, table: TableView) -> bool:
        """Whether the table is among them."""
        names = f"{table.key} {table.jobcentre_name} {table.project_name}".casefold()
        return (
            all(word in names for word in self.search.casefold().split())
            and self.project in ("", table.project)
            and self.jobcentre in ("", table.jobcentre)
            and {
                "aktuell": not table.turn,
                "nicht-aktuell": bool(table.turn),
                "klaerungen": bool(table.open_questions),
                "pausiert": not table.enabled,
            }.get(self.state, True)
        )


@dataclass(frozen=True, slots=True)
class Pause:
    """Tables that one person paused at one moment for one reason; ``at`` None: nobody knows any more."""

    at: datetime | None
    by: str
    reason: str
    tables: tuple[TableView, ...]

    @property
    def together(self) -> bool:
        """Whether they can go on together, for this person."""
        return self.at is not None and len(self.tables) > 1 and all(_decides(table) for table in self.tables)

    @property
    def project(self) -> str:
        """The one project they belong to, empty for several."""
        projects = {table.project for table in self.tables}
        return projects.pop() if len(projects) == 1 else ""


@pages.get("/")
def show() -> str:
    """What needs somebody, by who has to act and the oldest first; then the tables that are current."""
    runtime = sessions.runtime()
    every = tables.list_tables(runtime)
    asked = request.args
    chosen = Filter(*(asked.get(name, "").strip() for name in ("suche", "projekt", "jobcenter", "stand")))
    found = [table for table in every if chosen.passes(table)]
    current = sorted(
        (table for table in found if not table.turn), key=lambda table: (not table.open_questions, _name(table))
    )
    groups = _groups(found)
    return render_template(
        "overview.html",
        every=every,
        found=found,
        current=current,
        groups=groups,
        pauses=_pauses(groups.get("paused", [])),
        chosen=chosen,
        states=SHOWN,
        projects=_choices(every, "project", "project_name"),
        jobcentres=_choices(every, "jobcentre", "jobcentre_name"),
        pausable=_pausable(every),
        notices=notices.unread(runtime),
        coachings=sum(figures.standing(runtime).values()),
    )


@pages.post("/mitteilungen/gelesen")
def read() -> Response:
    """The notices that were shown have been read."""
    runtime, sent = sessions.runtime(), request.form.get("ids", "").split(",")
    everything = sessions.viewer().reach(Right.DECIDE).whole
    mine = {table.key for table in tables.list_tables(runtime) if _decides(table)}
    seen = [notice for notice in notices.unread(runtime) if everything or notice.table in mine]
    notices.mark_read(sessions.whole(), [notice.id for notice in seen if str(notice.id) in sent])
    flash(gettext("Die Mitteilungen sind als gelesen vermerkt."))
    return redirect(url_for("overview.show"), 303)


@pages.post("/pausieren")
def pause() -> Response:
    """Sync no table of a project, or none at all, until somebody resumes them together."""
    project, reason = request.form.get("projekt") or None, request.form.get("grund", "").strip()
    runtime = sessions.entitled(project=project) if project else sessions.entitled()
    if not reason:
        raise UsageError(gettext("Bitte geben Sie einen Grund an."), hint=gettext("Andere sehen sonst nicht, warum."))
    count = schedules.pause_all(runtime, project, actor=sessions.actor(), reason=reason)
    flash(ngettext("%(n)s Tabelle ist pausiert.", "%(n)s Tabellen sind pausiert.", count, n=number(count)))
    return redirect(url_for("overview.show", stand="pausiert"), 303)


@pages.post("/fortsetzen")
def resume() -> Response:
    """Sync the tables again that were paused together."""
    project = request.form.get("projekt") or None
    runtime = sessions.entitled(project=project) if project else sessions.entitled()
    try:
        at = datetime.fromisoformat(request.form.get("seit", ""))
    except ValueError:
        raise UsageError(gettext("Diese Pause gibt es nicht mehr.")) from None
    count = schedules.resume_all(runtime, project, at, actor=sessions.actor())
    flash(ngettext("%(n)s Tabelle läuft wieder.", "%(n)s Tabellen laufen wieder.", count, n=number(count)))
    return redirect(url_for("overview.show"), 303)


def _groups(found: list[TableView]) -> dict[str, list[TableView]]:
    """The tables that are not current, by who has to act, the oldest first."""
    waiting = sorted((table for table in found if table.turn), key=_since)
    return {turn: group for turn in TURNS if (group := [table for table in waiting if table.turn == turn])}


def _since(table: TableView) -> tuple[bool, float, str]:
    at = table.since if table.enabled else table.paused_at
    return at is None, at.timestamp() if at else 0.0, _name(table)


def _name(table: TableView) -> str:
    return (table.jobcentre_name or table.key).casefold()


def _pauses(waiting: list[TableView]) -> list[Pause]:
    """The paused tables by the pause they share."""
    groups: defaultdict[tuple[datetime | None, str, str], list[TableView]] = defaultdict(list)
    for table in waiting:
        groups[table.paused_at, table.paused_by or "", table.paused_reason].append(table)
    return [Pause(*shared, tables=tuple(group)) for shared, group in groups.items()]


def _decides(table: TableView) -> bool:
    return sessions.viewer().reach(Right.DECIDE).covers(table.project_id, None)


def _pausable(every: list[TableView]) -> Mapping[str, str]:
    """The projects that the person may pause as a whole, and everything if she may."""
    mine = {table.project: table.project_name for table in every if not table.is_list and _decides(table)}
    return {"": gettext("alle Projekte"), **mine} if sessions.viewer().reach(Right.DECIDE).whole else mine


def _choices(every: list[TableView], key: str, name: str) -> dict[str, str]:
    pairs = {(str(getattr(table, name)), str(getattr(table, key))) for table in every if getattr(table, key)}
    return {value: label for label, value in sorted(pairs)}
