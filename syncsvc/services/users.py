"""Who may use the web pages, what each may, and the one-time links that let them in.

Every change is noted in the log of administrative changes, and takes effect with the person's next click.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from syncsvc.core.access import Role, misfit
from syncsvc.errors import NotFound, UsageError
from syncsvc.services.runtime import Runtime
from syncsvc.services.signin import digest
from syncsvc.store import audit, organisations, projects, users
from syncsvc.store.admission import Membership, User

LINK_LIFETIME = timedelta(minutes=15)

LONGEST_NAME = 100

CLI = "cli"
"""Who does what nobody signed in for."""


@dataclass(frozen=True, slots=True)
class GrantView:
    """A role somebody has. ``project`` and ``jobcentre`` are names, empty for the whole programme; ``by_provider``:
    the OpenID provider gave it and takes it away."""

    id: int
    role: Role
    project: str
    jobcentre: str
    by_provider: bool


@dataclass(frozen=True, slots=True)
class UserView:
    """``way`` is how somebody signs in: openid, password or link."""

    id: int
    name: str
    way: str
    grants: tuple[GrantView, ...]
    created: datetime
    signed_in: datetime | None
    confirmed: datetime | None
    locked: bool


def add_user(
    rt: Runtime, name: str, role: Role = Role.PROGRAMME, *, project: str | None = None, jobcentre: str | None = None,
    actor: str = CLI,
) -> UserView:  # fmt: skip
    """Let somebody use the web pages, in a role for the project or the job centre with this key, or for the programme.

    Raises ``UsageError`` for an empty name, one in use, or a role that cannot be given like that; ``NotFound``.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise UsageError(f"Der Zugang braucht einen Namen von höchstens {LONGEST_NAME} Zeichen.")
    with rt.database.write() as session:
        user = users.add(session, name, now=rt.clock.now())
        audit.note(session, "user.added", name, actor=actor, now=rt.clock.now(), details={"way": "link"})
        _give(rt, session, user, role, project, jobcentre, actor)
        return _view(session, user)


def list_users(rt: Runtime) -> list[UserView]:
    """Everybody who may use the web pages, by name."""
    with rt.database.read() as session:
        return _views(session, users.all_users(session))


def get_user(rt: Runtime, user_id: int) -> UserView:
    """One of them. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _view(session, _known(session, user_id))


def find_user(rt: Runtime, name: str) -> UserView:
    """The one with this name. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _view(session, users.get(session, name.strip()))


def login_link(rt: Runtime, name: str, *, base_url: str, actor: str = CLI) -> str:
    """An address that lets this user in once, within 15 minutes. Only a digest of its secret is kept.

    Raises ``NotFound``, or ``UsageError`` for somebody locked out or whom only the OpenID provider may let in.
    """
    token = secrets.token_urlsafe(32)
    with rt.database.write() as session:
        user, now = users.get(session, name), rt.clock.now()
        if user.subject:
            raise UsageError("Dieser Zugang meldet sich über den Anmeldedienst an; dort wird er auch gesperrt.")
        if user.disabled_at:
            raise UsageError("Dieser Zugang ist gesperrt.", hint="Bitte zuerst entsperren.")
        users.add_link(session, user.id, digest(token), now + LINK_LIFETIME)
        audit.note(session, "link.made", user.name, actor=actor, now=now)
    return f"{base_url.rstrip('/')}/anmelden/{token}"


def grant(
    rt: Runtime, user_id: int, role: Role, *, project: str | None = None, jobcentre: str | None = None, actor: str
) -> None:
    """Give one more role. Raises ``NotFound``, or ``UsageError`` for a role that cannot be given like that."""
    with rt.database.write() as session:
        _give(rt, session, _known(session, user_id), role, project, jobcentre, actor)


def revoke(rt: Runtime, user_id: int, membership_id: int, *, actor: str) -> None:
    """Take a role away that was given here.

    Raises ``NotFound``, or ``UsageError`` for one that the OpenID provider gives, and for the last lead's.
    """
    with rt.database.write() as session, _somebody_still_leads(session):
        user = _known(session, user_id)
        held = {one.id: one for one in users.memberships(session, user_id)}
        if (one := held.get(membership_id)) is None:
            raise NotFound("Dieses Recht gibt es nicht mehr.")
        if one.source == users.OPENID:
            raise UsageError("Dieses Recht kommt vom Anmeldedienst; dort wird es auch entzogen.")
        users.revoke(session, membership_id)
        _note(rt, session, "grant.revoked", user, actor, one)


def lock(rt: Runtime, user_id: int, *, actor: str) -> None:
    """Let somebody in no more, whatever way, and end her sessions. Raises ``NotFound``, ``UsageError`` for the last
    lead."""
    with rt.database.write() as session, _somebody_still_leads(session):
        user = _known(session, user_id)
        if user.disabled_at is None:
            user.disabled_at = rt.clock.now()
            users.end_sessions(session, user_id)
            _note(rt, session, "user.locked", user, actor)


def unlock(rt: Runtime, user_id: int, *, actor: str) -> None:
    """Let somebody in again. Raises ``NotFound``."""
    with rt.database.write() as session:
        user = _known(session, user_id)
        if user.disabled_at is not None:
            user.disabled_at = None
            _note(rt, session, "user.unlocked", user, actor)


def end_sessions(rt: Runtime, user_id: int, *, actor: str) -> None:
    """Sign somebody out on all devices. Raises ``NotFound``."""
    with rt.database.write() as session:
        user = _known(session, user_id)
        users.end_sessions(session, user_id)
        _note(rt, session, "sessions.ended", user, actor)


def remove(rt: Runtime, user_id: int, *, actor: str) -> None:
    """Delete somebody's account; what she did stays in the histories under her name.

    Raises ``NotFound``, ``UsageError`` for the last lead.
    """
    with rt.database.write() as session, _somebody_still_leads(session):
        user = _known(session, user_id)
        users.remove(session, user_id)
        _note(rt, session, "user.removed", user, actor)


def _known(session: Session, user_id: int) -> User:
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound("Diesen Zugang gibt es nicht.")
    return user


@contextmanager
def _somebody_still_leads(session: Session) -> Iterator[None]:
    """Refuse what would leave nobody who can let people in. Nobody else writes meanwhile."""
    before = users.leads(session)
    yield
    session.flush()
    if before and not users.leads(session):
        raise UsageError(
            "Das ist der letzte Zugang der Programmleitung.", hint="Bitte zuerst jemand anderem dieses Recht geben."
        )


def _give(
    rt: Runtime, session: Session, user: User, role: Role, project: str | None, jobcentre: str | None, actor: str
) -> None:
    if mistake := misfit(role, project=bool(project), jobcentre=bool(jobcentre)):
        raise UsageError(mistake)
    project_id = projects.get(session, project).id if project else None
    house = organisations.get(session, jobcentre) if jobcentre else None
    if house and house.kind == "provider":
        raise UsageError(f"„{house.name}“ ist kein Jobcenter.")
    if users.grant(session, user.id, role, project_id=project_id, organisation_id=house.id if house else None):
        details = {"role": role.value, "project": project or "", "jobcentre": jobcentre or ""}
        now = rt.clock.now()
        audit.note(session, "grant.given", user.name, actor=actor, now=now, project_id=project_id, details=details)


def _note(
    rt: Runtime, session: Session, action: str, user: User, actor: str, membership: Membership | None = None
) -> None:
    details, project_id = {}, None
    if membership is not None:
        project_id = membership.project_id
        project = projects.by_id(session, project_id).key if project_id else ""
        house = organisations.key_of(session, membership.organisation_id) or ""
        details = {"role": membership.role.value, "project": project, "jobcentre": house}
    audit.note(session, action, user.name, actor=actor, now=rt.clock.now(), project_id=project_id, details=details)


def _view(session: Session, user: User) -> UserView:
    return _views(session, [user])[0]


def _views(session: Session, found: Iterable[User]) -> list[UserView]:
    names = {project.id: project.name for project in projects.all_projects(session)}
    houses = organisations.names(session)
    held: dict[int, list[GrantView]] = {}
    for one in users.all_memberships(session):
        place = (names.get(one.project_id or 0, ""), houses.get(one.organisation_id or 0, ""))
        held.setdefault(one.user_id, []).append(GrantView(one.id, one.role, *place, one.source == users.OPENID))
    return [
        UserView(
            id=user.id,
            name=user.name,
            way="openid" if user.subject else "password" if user.password_hash else "link",
            grants=tuple(held.get(user.id, ())),
            created=user.created_at,
            signed_in=user.signed_in_at,
            confirmed=user.confidential_at,
            locked=user.disabled_at is not None,
        )
        for user in found
    ]
