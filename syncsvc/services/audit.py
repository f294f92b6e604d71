"""The log of sign-ins and administrative changes, as those who may see it read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from syncsvc.core.access import Reach
from syncsvc.services.runtime import ZONE, Runtime
from syncsvc.store import audit, projects, users

PAGE = 100
"""Entries on one page."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: ``kind`` is ``anmeldungen``, ``aenderungen`` or empty for both; ``user`` an account's id;
    ``project`` a key; days are local and both included; ``before`` is the entry the page goes on from."""

    kind: str = ""
    user: int | None = None
    project: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class EntryView:
    """``details`` are words and keys."""

    id: int
    at: datetime
    actor: str
    action: str
    target: str
    details: Mapping[str, Any]


def list_entries(rt: Runtime, reach: Reach, wanted: Wanted) -> tuple[list[EntryView], bool]:
    """The newest entries within reach that are wanted, and whether there are older ones.

    Raises ``NotFound`` for an unknown project.
    """
    with rt.database.read() as session:
        user = users.by_id(session, wanted.user) if wanted.user else None
        own = None if reach.whole else reach.projects
        if wanted.project:
            project = projects.get(session, wanted.project).id
            own = frozenset({project}) if own is None else own & {project}
        found = audit.entries(
            session,
            sign_ins={"anmeldungen": True, "aenderungen": False}.get(wanted.kind),
            who=user.name if user else "",
            projects=own,
            since=_midnight(wanted.since),
            until=_midnight(wanted.until + timedelta(days=1)) if wanted.until else None,
            before=wanted.before,
            limit=PAGE + 1,
        )
    views = [EntryView(one.id, one.at, one.actor, one.action, one.target, one.details) for one in found]
    return views[:PAGE], len(views) > PAGE


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), ZONE) if day else None
