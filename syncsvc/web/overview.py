"""The first page: how every table is, and who has to act."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, render_template

from syncsvc.services import tables
from syncsvc.services.tables import TableView
from syncsvc.web import sessions

pages = Blueprint("overview", __name__)

_URGENCY = {"failed": 0, "held": 1}


@pages.get("/")
def show() -> str:
    """Every table, those that need somebody first."""
    views = sorted(tables.list_tables(sessions.runtime()), key=_urgency)
    counts = Counter(shown_state(view) for view in views)
    return render_template("overview.html", tables=views, counts=counts)


def shown_state(view: TableView) -> str:
    """The table's state, or ``paused`` when nobody syncs it."""
    return str(view.state) if view.enabled else "paused"


def _urgency(view: TableView) -> tuple[int, bool, str]:
    return _URGENCY.get(shown_state(view), 2), not view.open_questions, view.key
