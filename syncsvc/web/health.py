"""Signs of life for whatever watches this process; no login, no session, nothing about anybody."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from syncsvc.services import health
from syncsvc.web import sessions

pages = Blueprint("health", __name__, url_prefix="/health")


@pages.get("/live")
def live() -> dict[str, Any]:
    """The process answers; it asks nothing of the database."""
    return {"live": True}


@pages.get("/ready")
def ready() -> tuple[dict[str, Any], int]:
    """Whether the service can work: 200, or 503 with the reason. See ``services.health.look``."""
    found = health.look(sessions.whole())
    age = None if found.tick_age is None else round(found.tick_age.total_seconds(), 1)
    body = {"ready": found.ready, "reason": found.reason, "tick_age_seconds": age}
    return body, 200 if found.ready else 503
