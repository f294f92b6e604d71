"""Who may use the web pages, what each may, and the one-time links that let them in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from syncsvc.core.access import Role, Viewer, viewer
from syncsvc.errors import NotFound, UsageError
from syncsvc.store.admission import Draft, LoginLink, Membership, User

LOCAL, OPENID = "local", "oidc"
"""The sources of a membership: somebody gave it here, or the OpenID provider's claims did."""


NOBODYS = frozenset({"schedule", "sync", "demo", "apply", "cli"})
"""What histories note where no person did something: no account is called so."""

OF_SOFTWARE = " (API)"
"""How the names end under which histories note what a project's software did: no account's name ends so."""


def get(session: Session, name: str) -> User:
    """The user with this name. Raises ``NotFound``."""
    user = find(session, name)
    if user is None:
        raise NotFound(f"Den Zugang „{name}“ gibt es nicht.")
    return user


def find(session: Session, name: str) -> User | None:
    """The user with this name, or None."""
    return session.scalar(select(User).where(User.name == name))


def is_free(session: Session, name: str) -> bool:
    """Whether an account may be called so: it is nobody's name yet, and none of the service's own."""
    return name not in NOBODYS and not name.endswith(OF_SOFTWARE) and find(session, name) is None


def by_subject(session: Session, subject: str) -> User | None:
    """The user whom an OpenID provider knows as this (``User.subject``), or None."""
    return session.scalar(select(User).where(User.subject == subject))


def by_id(session: Session, user_id: int) -> User | None:
    """The user with this id, or None if a session outlived it."""
    return session.get(User, user_id)


def all_users(session: Session) -> Sequence[User]:
    """All users, by name."""
    return session.scalars(select(User).order_by(User.name)).all()


def add(
    session: Session, name: str, *, now: datetime, password_hash: str | None = None, subject: str | None = None
) -> User:
    """A new user, who may nothing yet; without a password only one-time links let her in, or with a ``subject`` the
    OpenID provider.

    Raises ``UsageError`` for a name in use.
    """
    if not is_free(session, name):
        raise UsageError(f"Den Zugang „{name}“ gibt es schon.")
    user = User(name=name, password_hash=password_hash, subject=subject, created_at=now)
    session.add(user)
    session.flush()
    return user


def memberships(session: Session, user_id: int) -> Sequence[Membership]:
    """What this user may, oldest first."""
    return session.scalars(select(Membership).where(Membership.user_id == user_id).order_by(Membership.id)).all()


def all_memberships(session: Session) -> Sequence[Membership]:
    """What everybody may, oldest first."""
    return session.scalars(select(Membership).order_by(Membership.id)).all()


def leads(session: Session) -> set[int]:
    """Who leads the whole programme and is not locked out."""
    query = select(User.id).join(Membership, Membership.user_id == User.id)
    return set(session.scalars(query.where(Membership.role == Role.PROGRAMME, User.disabled_at.is_(None))))


def grant(
    session: Session, user_id: int, role: Role, *, project_id: int | None = None, organisation_id: int | None = None,
    source: str = LOCAL,
) -> bool:  # fmt: skip
    """Give a role, for a project, a job centre or the whole programme; whether that changed anything.

    One she has already is not given twice; one that the OpenID provider gave stays hers once it is given here.
    """
    wanted = (role, project_id, organisation_id)
    for one in memberships(session, user_id):
        if (one.role, one.project_id, one.organisation_id) == wanted:
            changed = source == LOCAL != one.source
            if changed:
                one.source = LOCAL
            session.flush()
            return changed
    session.add(
        Membership(user_id=user_id, role=role, project_id=project_id, organisation_id=organisation_id, source=source)
    )
    session.flush()
    return True


def revoke(session: Session, membership_id: int) -> None:
    """Take a role away."""
    session.execute(delete(Membership).where(Membership.id == membership_id))


def viewer_of(session: Session, user: User) -> Viewer:
    """The user as what decides about rights knows her."""
    held = memberships(session, user.id)
    return viewer(user.id, user.name, [(one.role, one.project_id, one.organisation_id) for one in held])


def end_sessions(session: Session, user_id: int) -> None:
    """Make every session of the user so far invalid."""
    session.execute(update(User).where(User.id == user_id).values(session_epoch=User.session_epoch + 1))


def remove(session: Session, user_id: int) -> None:
    """Delete the user with all that lets her in, and her drafts; histories keep her name."""
    for model in (Membership, LoginLink, Draft):
        session.execute(delete(model).where(model.user_id == user_id))
    session.execute(delete(User).where(User.id == user_id))


def add_link(session: Session, user_id: int, digest: bytes, expires_at: datetime) -> None:
    """Let the secret with this digest log the user in, once."""
    session.add(LoginLink(user_id=user_id, digest=digest, expires_at=expires_at))
    session.flush()


def use_link(session: Session, digest: bytes, now: datetime) -> User | None:
    """The user this link lets in, and use the link up; None if it is unknown, used or past its time."""
    user_id = session.scalar(
        update(LoginLink)
        .where(LoginLink.digest == digest, LoginLink.used_at.is_(None), LoginLink.expires_at > now)
        .values(used_at=now)
        .returning(LoginLink.user_id)
    )
    return None if user_id is None else session.get_one(User, user_id)


def expired_links(session: Session, now: datetime) -> Sequence[int]:
    """The links that let nobody in any more because their time is over."""
    return session.scalars(select(LoginLink.id).where(LoginLink.expires_at <= now)).all()


def forget_links(session: Session, ids: Sequence[int]) -> int:
    """Delete these links; how many."""
    return len(session.scalars(delete(LoginLink).where(LoginLink.id.in_(ids)).returning(LoginLink.id)).all())
