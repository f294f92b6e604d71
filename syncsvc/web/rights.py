"""Which right each page asks for: the one place that says so. A page that is not named here cannot be served."""

from __future__ import annotations

from flask import Flask

from syncsvc.core.access import Right

WATCHED = frozenset({"health.live", "health.ready", "metrics.show"})
"""For machines that watch the service: nobody is asked who they are, not even of the database."""

PUBLIC = frozenset({"login.hint", "login.ask", "login.redeem", "login.leave"})
"""For people who have not come in yet."""

RIGHTS: dict[str, Right] = {
    "overview.show": Right.STRUCTURE,
    "overview.read": Right.DECIDE,
    "languages.switch": Right.STRUCTURE,
    "tables.show": Right.STRUCTURE,
    "tables.preview": Right.CELLS,
    "tables.run": Right.DECIDE,
    "tables.release": Right.DECIDE,
    "tables.request_sync": Right.DECIDE,
    "tables.pause": Right.DECIDE,
    "tables.resume": Right.DECIDE,
    "runs.show": Right.STRUCTURE,
    "runs.preview_undo": Right.DECIDE,
    "runs.undo": Right.DECIDE,
    "questions.show": Right.CELLS,
    "questions.answer": Right.DECIDE,
    "coaching.show": Right.RECORDS,
    "coaching.one": Right.RECORDS,
    "coaching.decide": Right.DECIDE,
    "contacts.show": Right.STAFF,
    "contacts.vacant": Right.STAFF,
    "contacts.add": Right.DECIDE,
    "contacts.person": Right.STAFF,
    "contacts.edit": Right.DECIDE,
    "contacts.absent": Right.DECIDE,
    "contacts.left": Right.DECIDE,
    "contacts.confirm": Right.DECIDE,
    "contacts.subscribe": Right.DECIDE,
    "contacts.hand_over": Right.DECIDE,
    "contacts.take_back": Right.DECIDE,
    "contacts.participant": Right.CELLS,
    "monthly.show": Right.STAFF,
    "monthly.table": Right.STAFF,
    "monthly.project": Right.STAFF,
    "monthly.confirm": Right.DECIDE,
}


def check(app: Flask) -> None:
    """Raise ``LookupError`` unless every page of the application says what it asks for, and once."""
    said = [*WATCHED, *PUBLIC, *RIGHTS]
    served = set(app.view_functions)
    if served != set(said) or len(said) != len(set(said)):
        raise LookupError(f"pages without a right, or rights without a page: {sorted(served ^ set(said))}")
