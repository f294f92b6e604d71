"""The tables about those who come in: users and what they may, links, tokens, and what was done and looked at.

Beside ``store/models.py``, whose rules hold here too. Names of users are staff's and stand in the clear, as they do in
every history.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from syncsvc.core.access import Role
from syncsvc.store.models import Model, word


class User(Model):
    """Somebody who may use the pages. ``session_epoch`` goes up to end all of a person's sessions.

    ``subject`` is who she is at the OpenID provider (``issuer subject``), None for a local account. ``language`` is
    empty while the browser decides. ``confidential_at``: when she last confirmed the confidentiality notice. ``role``
    is an older version's.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(server_default="none", default="none")
    language: Mapped[str] = mapped_column(server_default="", default="")
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    confidential_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class Membership(Model):
    """A role somebody has: for a project, for a job centre, or, with neither, for the whole programme.

    ``source``: ``local``, or ``oidc`` for what the OpenID provider's claims gave and will take away.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "role", "project_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[Role] = mapped_column(word(Role))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    source: Mapped[str]


class LoginLink(Model):
    """A one-time login; only a digest of its secret is kept."""

    __tablename__ = "login_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    digest: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuditEntry(Model):
    """A sign-in or an administrative change; a trigger refuses to update it.

    ``target`` is the key of what was changed (a table, a mapping, a user's name), ``details`` which settings moved:
    words and keys, never a value of a participant. ``project_id``: whose admins may see it; None: the programme's.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    target: Mapped[str]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    details: Mapped[dict[str, Any]]


class Reading(Model):
    """Somebody was shown what stands about a participant; ``page`` is where."""

    __tablename__ = "readings"
    __table_args__ = (Index(None, "ref", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    page: Mapped[str]
    ref: Mapped[str]


class ApiToken(Model):
    """Lets a project's own software in. Only a digest of its secret is kept; ``scopes`` is what it may."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiCreation(Model):
    """A participant that a project's software had made: asked once more with the same key, it hears of her again.

    ``key`` is a digest of what the software calls its request. ``content`` is a digest of what it said of her, made
    with that key, which stands nowhere: nobody can try out names with it.
    """

    __tablename__ = "api_creations"
    __table_args__ = (UniqueConstraint("project_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    key: Mapped[bytes]
    content: Mapped[bytes]
    ref: Mapped[str] = mapped_column(ForeignKey("records.ref"))
    created_at: Mapped[datetime] = mapped_column(index=True)


class Draft(Model):
    """What somebody is about to connect or change and has not switched on yet. ``document`` is sealed: it may hold
    rows of a table. Gone after some days without a change."""

    __tablename__ = "drafts"

    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    changed_at: Mapped[datetime] = mapped_column(index=True)
    document: Mapped[bytes]


class Allowance(Model):
    """How often something was tried until ``until``, such as passwords from one address: for rate limits."""

    __tablename__ = "allowances"

    name: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
