"""Tokens: a project's own software shows one and may do what its scopes say, for this project only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from syncsvc.core.access import Right, Role, Viewer, viewer
from syncsvc.core.strict import unknown
from syncsvc.core.tokens import TokenScope
from syncsvc.errors import UsageError
from syncsvc.services.runtime import Runtime
from syncsvc.store import allowances, audit, projects, tokens, users
from syncsvc.store.admission import ApiToken

PREFIX = "syncsvc_"
"""How a secret begins: whoever finds one somewhere sees what it is."""

DAYS, DAYS_AT_MOST = 365, 730
"""How long a token is good for: usually, and at most."""

NAME_LIMIT = 60

PER_MINUTE = 600
"""Requests with one token: a project's software can read all it has in that time, and others go on working."""

USED_EVERY = timedelta(hours=1)
"""How exactly the last use is known: not every request has to write."""


@dataclass(frozen=True, slots=True)
class TokenView:
    """``state`` is valid, expired or revoked."""

    id: int
    project: str
    project_name: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who shows a token: what it may, and for which project. ``viewer`` is how rights and histories know it."""

    token: int
    project: str
    scopes: frozenset[TokenScope]
    viewer: Viewer


def projects_for(rt: Runtime, who: Viewer) -> dict[str, str]:
    """The names of the projects that she may hand out tokens for, by key."""
    reach = who.reach(Right.CONNECT)
    with rt.database.read() as session:
        return {one.key: one.name for one in projects.all_projects(session) if reach.covers(one.id, None)}


def add_token(
    rt: Runtime, project: str, name: str, scopes: Iterable[str], *, days: int = DAYS, actor: str
) -> tuple[TokenView, str]:
    """A new token for a project, good for so many days, and its secret, which is shown this once: only a digest stays.

    Raises ``NotFound`` for the project, ``UsageError`` for a name that is empty, too long or in use by a valid token of
    the project, for no or an unknown scope, and for more than two years.
    """
    name = name.strip()
    wanted = _scopes(scopes)
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise UsageError(f"Der Schlüssel braucht einen Namen mit höchstens {NAME_LIMIT} Zeichen.")
    if not 1 <= days <= DAYS_AT_MOST:
        raise UsageError(f"Ein Schlüssel gilt 1 bis {DAYS_AT_MOST} Tage.")
    secret, now = PREFIX + secrets.token_urlsafe(32), rt.clock.now()
    with rt.database.write() as session:
        owner = projects.get(session, project)
        for other in tokens.all_tokens(session, owner.id):
            if other.name.casefold() == name.casefold() and _state(other, now) == "valid":
                raise UsageError(f"Einen gültigen Schlüssel „{other.name}“ hat das Projekt schon.")
        token = tokens.add(
            session, owner.id, name, _digest(secret), wanted, by=actor, now=now, expires=now + timedelta(days=days)
        )
        details = {"scopes": list(wanted), "days": days}
        audit.note(session, "token.added", name, actor=actor, now=now, project_id=owner.id, details=details)
        return _view(session, token, now), secret


def list_tokens(rt: Runtime, project: str | None = None) -> list[TokenView]:
    """All tokens, or one project's: valid ones first, then the newest. Raises ``NotFound``."""
    now = rt.clock.now()
    with rt.database.read() as session:
        owner = projects.get(session, project).id if project else None
        found = [_view(session, token, now) for token in tokens.all_tokens(session, owner)]
    return sorted(found, key=lambda token: (token.project_name, token.state != "valid"))


def get_token(rt: Runtime, token_id: int) -> TokenView:
    """One token. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _view(session, tokens.get(session, token_id), rt.clock.now())


def revoke_token(rt: Runtime, token_id: int, *, actor: str) -> TokenView:
    """Let this token in no more, from now on. Doing it again changes nothing. Raises ``NotFound``."""
    now = rt.clock.now()
    with rt.database.write() as session:
        token = tokens.get(session, token_id)
        if token.revoked_at is None:
            token.revoked_at = now
            audit.note(session, "token.revoked", token.name, actor=actor, now=now, project_id=token.project_id)
        return _view(session, token, now)


def recognise(rt: Runtime, secret: str) -> Bearer | None:
    """Who shows this secret; None if it is unknown, revoked or past its time.

    It is looked for by its digest: how long that takes tells something of the digest only, and nobody can choose a
    secret by what its digest shall be.
    """
    now = rt.clock.now()
    with rt.database.read() as session:
        token = tokens.by_digest(session, _digest(secret))
        if token is None or _state(token, now) != "valid":
            return None
        project = projects.by_id(session, token.project_id)
    if token.used_at is None or token.used_at <= now - USED_EVERY:
        with rt.database.write() as session:
            tokens.get(session, token.id).used_at = now
    return Bearer(
        token.id,
        project.key,
        frozenset(TokenScope(scope) for scope in token.scopes if scope in set(TokenScope)),
        # No person has this id, or such a name.
        viewer(0, f"{token.name}{users.OF_SOFTWARE}", [(Role.PROJECT, project.id, None)]),
    )


def seconds_to_wait(rt: Runtime, bearer: Bearer) -> int:
    """Count a request with this token; how long it has to wait if there were too many in a minute, else 0.

    All processes count together.
    """
    now, name = rt.clock.now(), f"token {bearer.token}"
    with rt.database.write() as session:
        if allowances.count(session, name, amount=1, seconds=60, now=now) <= PER_MINUTE:
            return 0
        _, until = allowances.standing(session, name, now)
    return max(1, ceil((until - now).total_seconds()))


def _scopes(given: Iterable[str]) -> Sequence[TokenScope]:
    wanted = set(given)
    for scope in sorted(wanted - set(TokenScope)):
        raise UsageError(unknown("Recht", scope, TokenScope))
    if not wanted:
        raise UsageError("Der Schlüssel braucht mindestens ein Recht.", hint=f"Möglich sind: {', '.join(TokenScope)}.")
    return [scope for scope in TokenScope if scope in wanted]


def _state(token: ApiToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "valid" if token.expires_at is not None and now < token.expires_at else "expired"


def _view(session: Session, token: ApiToken, now: datetime) -> TokenView:
    project = projects.by_id(session, token.project_id)
    return TokenView(
        id=token.id,
        project=project.key,
        project_name=project.name,
        name=token.name,
        scopes=tuple(token.scopes),
        created_at=token.created_at,
        created_by=token.created_by,
        expires_at=token.expires_at or token.created_at,
        used_at=token.used_at,
        revoked_at=token.revoked_at,
        state=_state(token, now),
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()
