"""Who may use the web pages, and the one-time links that let them in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from syncsvc.core.access import Role
from syncsvc.errors import UsageError
from syncsvc.services.runtime import Runtime
from syncsvc.store import users
from syncsvc.store.admission import User

LINK_LIFETIME = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class UserView:
    id: int
    name: str


def add_user(rt: Runtime, name: str, role: Role = Role.PROGRAMME) -> UserView:
    """Let somebody use the web pages, in a role for the whole programme. Raises ``UsageError`` for an empty name or
    one in use."""
    name = name.strip()
    if not name:
        raise UsageError("Der Zugang braucht einen Namen.")
    with rt.database.write() as session:
        user = users.add(session, name, now=rt.clock.now())
        users.grant(session, user.id, role)
        return _view(user)


def list_users(rt: Runtime) -> list[UserView]:
    """Everybody who may use the web pages, by name."""
    with rt.database.read() as session:
        return [_view(user) for user in users.all_users(session)]


def login_link(rt: Runtime, name: str, *, base_url: str) -> str:
    """An address that lets this user in once, within 15 minutes. Only a digest of its secret is kept.

    Raises ``NotFound``.
    """
    token = secrets.token_urlsafe(32)
    with rt.database.write() as session:
        user = users.get(session, name)
        users.add_link(session, user.id, _digest(token), rt.clock.now() + LINK_LIFETIME)
    return f"{base_url.rstrip('/')}/anmelden/{token}"


def redeem(rt: Runtime, token: str) -> UserView | None:
    """The user this link lets in, and use the link up; None if it is unknown, used or past its time."""
    with rt.database.write() as session:
        user = users.use_link(session, _digest(token), rt.clock.now())
        return _view(user) if user else None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _view(user: User) -> UserView:
    return UserView(user.id, user.name)
