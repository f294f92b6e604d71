"""The monthly meeting of project and job centre: what to talk about for each table, and both sides' confirmation."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from syncsvc.core.model import Side
from syncsvc.errors import UsageError
from syncsvc.services import tables
from syncsvc.services.contacts import confirmation, monthly
from syncsvc.services.contacts.monthly import Review
from syncsvc.services.tables import TableView
from syncsvc.web import errors, sessions

pages = Blueprint("monthly", __name__, url_prefix="/monatsabgleich")


@pages.get("")
def show() -> str:
    """Every project's tables, and how both sides stand with each."""
    runtime = sessions.runtime()
    projects: dict[tuple[str, str], list[TableView]] = defaultdict(list)
    for table in tables.list_tables(runtime):
        projects[table.project_name, table.project].append(table)
    return render_template("monthly.html", projects=sorted(projects.items()), standings=confirmation.standings(runtime))


@pages.get("/<key>")
def table(key: str) -> str:
    """One table's review, since the last confirmation or since ``?seit=`` (ISO 8601)."""
    return _reviews([monthly.review(sessions.runtime(), key, _since())])


@pages.get("/projekt/<key>")
def project(key: str) -> str:
    """The reviews of all tables of a project, one below the other; printed, each on a page of its own."""
    sessions.entitled(project=key)
    runtime = sessions.runtime()
    found = [one.key for one in tables.list_tables(runtime) if one.project == key]
    return _reviews([monthly.review(runtime, one, _since()) for one in found], project=key)


@pages.post("/<key>/bestaetigen")
def confirm(key: str) -> Response | tuple[str, int]:
    """Note that a side says its part of the table is right, for the present month or the one that was typed."""
    side = Side.JOBCENTRE if request.form.get("seite") == Side.JOBCENTRE else Side.PROJECT
    month = request.form.get("monat", "").strip() or None
    try:
        flash(confirmation.confirm(sessions.entitled(table=key), key, side, month=month, actor=sessions.actor()))
    except UsageError as error:
        flash(f"{error.message} {errors.hint(error)}".strip())
    return redirect(url_for("monthly.table", key=key), 303)


def _reviews(reviews: list[Review], project: str | None = None) -> str:
    for one in reviews:
        told = [*(group.refs for group in one.groups), *(question.refs for question in one.questions)]
        sessions.looked_at(*(ref for refs in told for ref in refs), *(vacancy.ref for vacancy in one.vacant))
    return render_template("review.html", reviews=reviews, since=_since(), project=project)


def _since() -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(request.args.get("seit", ""))
    return None
