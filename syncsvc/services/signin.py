"""Coming in: by a one-time link, a password or an OpenID provider; and going, on all devices.

Every try is noted in the log of sign-ins, refused ones without what was typed unless it is an account's name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.core.access import Role
from syncsvc.core.openid import Claims, Provider, Rule, granted, login_name
from syncsvc.errors import UsageError
from syncsvc.services import passwords
from syncsvc.services.runtime import Runtime
from syncsvc.store import audit, users
from syncsvc.store.admission import User
from syncsvc.store.models import Organisation, Project

CONFIRMED_FOR = timedelta(days=365)
"""How long a confirmation of the confidentiality notice holds (§ 78 SGB X: whoever gets social data is told)."""


class Refusal(StrEnum):
    """Why somebody did not come in."""

    LINK = "link"
    """The link is unknown, used or past its time."""
    PASSWORD = "password"  # noqa: S105  # a word of the log
    """Name or password is wrong, or the account is locked: which of them nobody learns."""
    LOCKED = "locked"
    STRANGER = "stranger"
    """We know who she is, and nobody granted her anything."""


def by_link(rt: Runtime, token: str) -> int | Refusal:
    """The id of the user whom this one-time link lets in, and use the link up."""
    with rt.database.write() as session:
        user = users.use_link(session, digest(token), rt.clock.now())
        return (
            _decide(session, user, "link", rt.clock.now())
            if user
            else _refuse(session, None, "link", Refusal.LINK, rt.clock.now())
        )


def by_password(rt: Runtime, name: str, password: str) -> int | Refusal:
    """The id of the user with this name and password. Takes as long for a name that nobody has.

    Raises ``TooBusy``.
    """
    with rt.database.read() as session:
        known = users.find(session, name.strip())
        kept = known.password_hash if known else None
    right = passwords.is_right(kept, password)
    fresh = passwords.hashed(password) if right and kept and passwords.is_outdated(kept) else kept
    with rt.database.write() as session:
        now, user = rt.clock.now(), users.find(session, name.strip())
        if user is None or not right or user.password_hash != kept or user.disabled_at:
            return _refuse(session, user, "password", Refusal.PASSWORD, now)
        user.password_hash = fresh
        return _decide(session, user, "password", now)


def by_openid(rt: Runtime, provider: Provider, claims: Claims) -> int | Refusal:
    """The id of the user whom the provider vouches for by these claims, whose signature and nonce were checked.

    Who she is say issuer and subject together, never her name or address: an account of the same name stays another's.
    What the claims grant is given and taken away here, what was granted by hand stays. Whom nothing lets in gets no
    account.
    """
    subject = f"{claims['iss']} {claims['sub']}"
    with rt.database.write() as session:
        now, wanted = rt.clock.now(), _memberships(session, granted(provider, claims))
        user = users.by_subject(session, subject)
        if user is None and not wanted:
            return _refuse(session, None, "openid", Refusal.STRANGER, now)
        if user is None:
            name = _free_name(session, login_name(provider, claims), provider, subject)
            user = users.add(session, name, now=now, subject=subject)
            audit.note(session, "user.added", name, actor=name, now=now, details={"way": "openid"})
        _follow(session, user, wanted, now)
        return _decide(session, user, "openid", now)


def leave(rt: Runtime, user_id: int) -> None:
    """End all sessions of the user, also those whose cookie somebody may have copied."""
    with rt.database.write() as session:
        if (user := users.by_id(session, user_id)) is not None:
            users.end_sessions(session, user_id)
            audit.note(session, "login.ended", user.name, actor=user.name, now=rt.clock.now())


def must_confirm(user: User, now: datetime) -> bool:
    """Whether the user has to confirm the confidentiality notice, for the first time or again."""
    return user.confidential_at is None or now - user.confidential_at >= CONFIRMED_FOR


def confirm_notice(rt: Runtime, user_id: int) -> None:
    """Note that the user read the confidentiality notice and will keep to it, from now for a year."""
    with rt.database.write() as session:
        if (user := users.by_id(session, user_id)) is not None:
            user.confidential_at = rt.clock.now()
            audit.note(session, "notice.confirmed", user.name, actor=user.name, now=rt.clock.now())


def set_password(rt: Runtime, user_id: int, *, current: str, new: str, repeated: str) -> None:
    """Give the user a password, or another one, and end all her sessions.

    Raises ``UsageError`` that says what is wrong with it, and ``TooBusy``.
    """
    with rt.database.read() as session:
        user = users.by_id(session, user_id)
        assert user is not None, "whoever asks has an account"
    if user.subject:
        raise UsageError("Sie melden sich über den Anmeldedienst an; Ihr Passwort ändern Sie dort.")
    if user.password_hash and not passwords.is_right(user.password_hash, current):
        raise UsageError("Das bisherige Passwort stimmt nicht.")
    if new != repeated:
        raise UsageError("Die beiden neuen Passwörter sind nicht gleich.")
    if mistake := passwords.weakness(new, user.name):
        raise UsageError(mistake)
    kept = passwords.hashed(new)
    with rt.database.write() as session:
        found = users.by_id(session, user_id)
        assert found is not None, "nobody removes somebody who is signed in but the operator"
        found.password_hash = kept
        users.end_sessions(session, user_id)
        audit.note(session, "password.set", found.name, actor=found.name, now=rt.clock.now())


def digest(token: str) -> bytes:
    """What is kept of a one-time link's secret."""
    return hashlib.sha256(token.encode()).digest()


def _decide(session: Session, user: User, way: str, now: datetime) -> int | Refusal:
    """Let in somebody who proved who she is, unless she is locked out or may nothing."""
    if user.disabled_at is not None:
        return _refuse(session, user, way, Refusal.LOCKED, now)
    if not users.memberships(session, user.id):
        return _refuse(session, user, way, Refusal.STRANGER, now)
    user.signed_in_at = now
    audit.note(session, "login.ok", user.name, actor=user.name, now=now, details={"way": way})
    return user.id


def _refuse(session: Session, user: User | None, way: str, why: Refusal, now: datetime) -> Refusal:
    name = user.name if user else ""
    audit.note(session, "login.refused", name, actor=name, now=now, details={"way": way, "why": why.value})
    return why


Held = tuple[Role, int | None, int | None]


def _memberships(session: Session, rules: Iterable[Rule]) -> set[Held]:
    """What these rules give; one that names a project or a job centre we do not know gives nothing."""
    projects = dict(session.execute(sa.select(Project.key, Project.id)).all())
    houses = dict(session.execute(sa.select(Organisation.key, Organisation.id)).all())
    found: set[Held] = set()
    for rule in rules:
        if rule.project and rule.project in projects:
            found.add((rule.role, projects[rule.project], None))
        elif rule.jobcentre and rule.jobcentre in houses:
            found.add((rule.role, None, houses[rule.jobcentre]))
        elif not rule.project and not rule.jobcentre:
            found.add((rule.role, None, None))
    return found


def _follow(session: Session, user: User, wanted: set[Held], now: datetime) -> None:
    """Let the memberships that the provider gave be these."""
    given = taken = 0
    for one in users.memberships(session, user.id):
        if one.source == users.OPENID and (one.role, one.project_id, one.organisation_id) not in wanted:
            users.revoke(session, one.id)
            taken += 1
    for role, project_id, organisation_id in sorted(wanted, key=str):
        given += users.grant(
            session, user.id, role, project_id=project_id, organisation_id=organisation_id, source=users.OPENID
        )
    if given or taken:
        details = {"given": given, "taken": taken, "way": "openid"}
        audit.note(session, "grants.followed", user.name, actor=user.name, now=now, details=details)


def _free_name(session: Session, wanted: str, provider: Provider, subject: str) -> str:
    """The name the provider gives, made different from every account's."""
    wanted = wanted or f"Zugang {hashlib.sha256(subject.encode()).hexdigest()[:8]}"
    for name in (wanted, f"{wanted} ({provider.name})"):
        if users.is_free(session, name):
            return name
    number = 2
    while not users.is_free(session, name := f"{wanted} ({provider.name} {number})"):
        number += 1
    return name
