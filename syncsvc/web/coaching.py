"""Double coachings: the list by grade and state, one of them side by side, and what people agreed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from syncsvc.core.access import Right
from syncsvc.core.coaching import wording
from syncsvc.core.fields.registry import CATALOGUE
from syncsvc.services.coaching import disclosure, figures, flags
from syncsvc.services.coaching.disclosure import Side
from syncsvc.web import sessions
from syncsvc.web.wording import day

pages = Blueprint("coaching", __name__, url_prefix="/doppelbetreuung")

SHOWN = 50
MARGIN = timedelta(days=30)
"""How far an open end reaches beyond the other ends."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A period as a bar, in percent of the drawing's width."""

    left: float
    width: float
    text: str


@pages.get("")
def show() -> str:
    """Flags by grade (``?stufe=``), state (``?stand=``) and project (``?projekt=``), and the counts of each month."""
    runtime, mine = sessions.runtime(), sessions.projects_of(Right.RECORDS)
    grade, state = _chosen("stufe", wording.GRADES), _chosen("stand", wording.STATES)
    project = request.args.get("projekt")
    found = disclosure.list_flags(
        sessions.whole(), grade=grade, state=state, project=project or None, seen=mine, limit=SHOWN + 1
    )
    sessions.looked_at(*(side.ref for flag in found[:SHOWN] for side in flag.sides))
    return render_template(
        "coachings.html",
        flags=found[:SHOWN],
        more=len(found) > SHOWN,
        grade=grade,
        state=state,
        project=project,
        projects=disclosure.list_projects(sessions.runtime()),
        standing=figures.standing(runtime),
        months=figures.months(runtime),
        words=wording,
        states=[*flags.STATES, disclosure.GONE],
    )


@pages.get("/<int:flag_id>")
def one(flag_id: int) -> str:
    """One flag: both sides, the two periods, the reasons, what people decided."""
    flag = disclosure.show_flag(
        sessions.entitled(flag=flag_id),
        flag_id,
        project=request.args.get("projekt") or None,
        seen=sessions.projects_of(Right.RECORDS),
    )
    sessions.looked_at(*(side.ref for side in flag.sides))
    return render_template(
        "coaching.html",
        flag=flag,
        project=request.args.get("projekt"),
        bars=bars(flag.sides),
        projects=disclosure.list_projects(sessions.runtime()),
        words=wording,
        labels={name: CATALOGUE[name].label for name in flag.compared or ()},
    )


@pages.post("/<int:flag_id>")
def decide(flag_id: int) -> Response:
    """Take down what people agreed; one choice says both the state and with whom it was spoken about."""
    project = request.form.get("projekt") or None
    state, _, spoken_with = request.form.get("choice", "").partition(":")
    flash(
        disclosure.decide(
            sessions.entitled(flag=flag_id),
            flag_id,
            state,
            actor=sessions.actor(),
            spoken_with=spoken_with,
            project=project,
            seen=sessions.projects_of(Right.DECIDE),
        )
    )
    return redirect(url_for("coaching.one", flag_id=flag_id, projekt=project), 303)


def bars(sides: Sequence[Side]) -> list[Bar | None]:
    """Both periods on one scale, None for one the viewer may not see; an open end reaches the edge."""
    known = [day for side in sides for day in (side.start, side.end) if day]
    if not known:
        return [None if not side.visible else Bar(0, 100, period(side)) for side in sides]
    first, last = min(known) - MARGIN, max(known) + MARGIN

    def at(day: date) -> float:
        return round(100 * (day - first) / (last - first), 2)

    found: list[Bar | None] = []
    for side in sides:
        left, right = at(side.start) if side.start else 0, at(side.end) if side.end else 100
        found.append(Bar(left, max(right - left, 1), period(side)) if side.visible else None)
    return found


def period(side: Side) -> str:
    """The period in words: ``01.03.2026 bis offen``."""
    start, stop = (day(at) if at else gettext("offen") for at in (side.start, side.end))
    return str(gettext("%(start)s bis %(stop)s", start=start, stop=stop))


def _chosen(name: str, words: dict[str, str]) -> str | None:
    value = request.args.get(name, "")
    return value if value in words else None
