"""Participants: find one, and everything that is known of her, with what can be changed right there.

What is searched for is posted, so that no address has a name or a number in it; a reference may stand in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Reach, Right
from syncsvc.errors import NotFound, PlanMoved, UsageError
from syncsvc.services import participantlists, participants
from syncsvc.services.coaching import disclosure
from syncsvc.services.contacts.timeline import role_label
from syncsvc.services.participantlists import Listed
from syncsvc.services.participants import Participant
from syncsvc.web import sessions
from syncsvc.web.sentences import say
from syncsvc.web.wording import day

pages = Blueprint("participants", __name__)

SHOWN = 50
"""Participants, and moments of a history, on one page."""

FOUND = 100
"""Participants that a search shows."""

MARGIN = timedelta(days=30)
"""How far an open end reaches beyond what is known."""

SOURCES = {
    "web": lazy_gettext("hier eingetragen"),
    "project": lazy_gettext("vom Projekt gesetzt"),
    "import": lazy_gettext("aus einer Liste übernommen"),
    "api": lazy_gettext("aus der Software des Projekts"),
    "answer": lazy_gettext("Antwort auf eine Klärung"),
    "directory": lazy_gettext("aus dem Verzeichnis"),
    "handover": lazy_gettext("Übergabe"),
    "sync": lazy_gettext("vom Dienst"),
}
"""Where a value came from, by the first word of its source; any other source is a table."""

LOOKED = {
    "participants": lazy_gettext("Teilnehmerin"),
    "questions": lazy_gettext("Klärungen"),
    "contacts": lazy_gettext("Ansprechpersonen"),
    "monthly": lazy_gettext("Monatsabgleich"),
    "coaching": lazy_gettext("Doppelbetreuung"),
    "tables": lazy_gettext("Tabelle"),
    "runs": lazy_gettext("Abgleich"),
    "api": lazy_gettext("Software des Projekts"),
}
"""On which pages somebody was looked at, by their family."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A period as a bar, in percent of the drawing's width."""

    left: float
    width: float
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A line of the drawing."""

    label: str
    bars: tuple[Bar, ...]


Period: TypeAlias = tuple[str, date | None, date | None]
"""A name with the first and the last day."""


@pages.get("/teilnehmerinnen")
def show() -> str:
    """The participants within reach, of one project (``?projekt=``) or of all, page by page (``?seite=``)."""
    project, at = request.args.get("projekt") or None, _at()
    found = participantlists.list_page(
        sessions.runtime(), reach=_records(), project=project, offset=(at - 1) * SHOWN, limit=SHOWN
    )
    sessions.looked_at(*(one.ref for one in found.found))
    return render_template(
        "participants.html", found=found.found, total=found.total, at=at, last=max(1, -(-found.total // SHOWN)),
        project=project, projects=_projects(), searched=None, more=False, mistake="",
    )  # fmt: skip


@pages.post("/teilnehmerinnen")
def search() -> str | Response | tuple[str, int]:
    """Whoever has this reference or customer number, or parts of this name; the only one is shown at once."""
    text, project = request.form.get("suche", "").strip(), request.form.get("projekt") or None
    mistake, found = "", tuple[Listed, ...]()
    try:
        found = participantlists.search(sessions.runtime(), text, reach=_records(), project=project)
    except (UsageError, NotFound) as error:
        mistake = error.message
    if len(found) == 1:
        return redirect(url_for("participants.one", ref=found[0].ref), 303)
    sessions.looked_at(*(one.ref for one in found[:FOUND]))
    page = render_template(
        "participants.html", found=found[:FOUND], total=len(found), at=1, last=1, project=project,
        projects=_projects(), searched=text, more=len(found) > FOUND, mistake=mistake,
    )  # fmt: skip
    return (page, 400) if mistake else page


@pages.get("/teilnehmerin/<ref>")
def one(ref: str) -> str:
    """Everything the person may see of a participant; the history page by page (``?seite=``)."""
    return _show(ref)


@pages.post("/teilnehmerin/<ref>")
def change(ref: str) -> Response | tuple[str, int]:
    """Set one field in the project's name."""
    name = request.form.get("feld", "")
    value = request.form.get("wert", "").replace("\r\n", "\n")  # as forms send what spreadsheets break with \n
    stand = request.form.get("stand", 0, type=int)
    try:
        done = participants.set_value(
            sessions.entitled(ref=participants.reference(ref)), ref, name, value, stand=stand, actor=sessions.actor()
        )
    except (PlanMoved, UsageError) as error:
        return _show(ref, mistaken=name, typed=value, mistake=error.message), 409 if isinstance(
            error, PlanMoved
        ) else 400
    if not done:
        flash(gettext("Es hat sich nichts geändert."))
    elif done[0].proposal:
        flash(gettext("Das ist jetzt ein Vorschlag an das Jobcenter: Die Spalte gehört ihm, es entscheidet."))
    else:
        flash(gettext("Gespeichert. Die Tabellen folgen beim nächsten Abgleich."))
    return redirect(url_for("participants.one", ref=participants.reference(ref), _anchor=f"feld-{name}"), 303)


def _show(ref: str, *, mistaken: str = "", typed: str = "", mistake: str = "") -> str:
    found = participants.show(sessions.runtime(), ref, reach=_records())
    may_change = sessions.viewer().reach(Right.DECIDE)
    sessions.looked_at(found.ref)
    at = _at()
    moments = found.entries[(at - 1) * SHOWN : at * SHOWN]
    return render_template(
        "participant.html", one=found, lanes=lanes(found, sessions.runtime().today()), moments=moments, at=at,
        last=max(1, -(-len(found.entries) // SHOWN)), changeable=found.whole and bool(may_change),
        mistaken=mistaken, typed=typed, mistake=mistake, sources=SOURCES, looked=LOOKED, role_label=role_label,
        today=sessions.runtime().today(),
        flags=[
            disclosure.show_flag(sessions.whole(), number, seen=sessions.projects_of(Right.RECORDS))
            for number in found.flags
        ],
    )  # fmt: skip


def lanes(one: Participant, today: date) -> list[Lane]:
    """Her time in the project, her measures and who was responsible, on one scale; an open end reaches the edge."""
    lines: list[tuple[str, list[Period]]] = []
    if one.stay:
        lines.append((gettext("Im Projekt"), [("", one.stay.begin, one.stay.end)]))
    if one.measures:
        lines.append((gettext("Maßnahmen"), [(measure.text, measure.begin, measure.end) for measure in one.measures]))
    for role in dict.fromkeys(span.role for span in one.spans):
        spans = [span for span in one.spans if span.role == role]
        held: list[Period] = [(span.name or str(gettext("niemand")), span.begin, span.end) for span in spans]
        lines.append((str(say(role_label(role))), held))
    days = [edge for _, periods in lines for _, *edges in periods for edge in edges if edge]
    if not days:
        return []
    first, last = min(days) - MARGIN, max(*days, today) + MARGIN

    def at(moment: date) -> float:
        return round(100 * (moment - first) / (last - first), 2)

    def bar(name: str, begin: date | None, end: date | None) -> Bar:
        left, right = at(begin) if begin else 0.0, at(end + timedelta(days=1)) if end else 100.0
        return Bar(left, round(max(right - left, 1), 2), period(begin, end), name)

    return [Lane(label, tuple(bar(*period) for period in periods)) for label, periods in lines]


def period(begin: date | None, end: date | None) -> str:
    """A period in words: ``01.03.2026 bis offen``."""
    start, stop = (day(moment) if moment else gettext("offen") for moment in (begin, end))
    return str(gettext("%(start)s bis %(stop)s", start=start, stop=stop))


def _records() -> Reach:
    return sessions.viewer().reach(Right.RECORDS)


def _projects() -> dict[str, str]:
    return disclosure.list_projects(sessions.runtime())


def _at() -> int:
    return max(1, request.args.get("seite", 1, type=int))
