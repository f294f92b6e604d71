"""The log of sign-ins and administrative changes."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from syncsvc.core.access import Right
from syncsvc.services import audit, users
from syncsvc.services.audit import Wanted
from syncsvc.services.display import project_names
from syncsvc.web import sessions

pages = Blueprint("audit", __name__)


@pages.get("/protokoll")
def show() -> str:
    """The newest entries, or those that the address asks for."""
    runtime = sessions.runtime()
    wanted = Wanted(
        kind=request.args.get("art", ""),
        user=request.args.get("konto", type=int),
        project=request.args.get("projekt", ""),
        since=request.args.get("von", type=date.fromisoformat),
        until=request.args.get("bis", type=date.fromisoformat),
        before=request.args.get("vor", type=int),
    )
    entries, older = audit.list_entries(runtime, sessions.viewer().reach(Right.AUDIT), wanted)
    filters = {name: text for name, text in request.args.items() if text and name != "vor"}
    return render_template(
        "audit.html", entries=entries, older=older, wanted=wanted, filters=filters, filtered=bool(request.args),
        users=users.list_users(runtime), projects=project_names(runtime),
    )  # fmt: skip
