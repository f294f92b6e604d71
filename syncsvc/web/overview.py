"""The first page: how every table is, and who has to act."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from syncsvc.services import notices, tables
from syncsvc.services.coaching import figures
from syncsvc.services.tables import TableView
from syncsvc.web import sessions

pages = Blueprint("overview", __name__)

_URGENCY = {"failed": 0, "daily": 0, "held": 1}


@pages.get("/")
def show() -> str:
    """Every table, those that need somebody first; above them what nobody has been told yet."""
    views = sorted(tables.list_tables(sessions.runtime()), key=_urgency)
    counts = Counter(view.shown for view in views)
    unread = notices.unread(sessions.runtime())
    coachings = sum(figures.standing(sessions.runtime()).values())
    return render_template("overview.html", tables=views, counts=counts, notices=unread, coachings=coachings)


@pages.post("/mitteilungen/gelesen")
def read() -> Response:
    """The notices that were shown have been read."""
    shown = request.form.get("ids", "").split(",")
    notices.mark_read(sessions.entitled(), [int(number) for number in shown if number.isdecimal()])
    flash("Die Mitteilungen sind als gelesen vermerkt.")
    return redirect(url_for("overview.show"), 303)


def _urgency(view: TableView) -> tuple[int, bool, str]:
    return _URGENCY.get(view.shown, 2), not view.open_questions, view.key
