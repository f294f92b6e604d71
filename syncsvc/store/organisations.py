"""Job centres, projects' providers and other organisations."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from syncsvc.core.fields.contract import DirectoryOrganisation
from syncsvc.errors import NotFound
from syncsvc.store.models import Organisation
from syncsvc.store.outcome import Outcome, store


def get(session: Session, key: str) -> Organisation:
    """The organisation with this key. Raises ``NotFound``."""
    row = session.scalar(select(Organisation).where(Organisation.key == key))
    if row is None:
        raise NotFound(f"Die Organisation „{key}“ gibt es nicht.")
    return row


def key_of(session: Session, organisation_id: int | None) -> str | None:
    """The key of the organisation that another row names."""
    return None if organisation_id is None else session.get_one(Organisation, organisation_id).key


def by_id(session: Session) -> dict[int, Organisation]:
    """All organisations, by id."""
    return {row.id: row for row in session.scalars(select(Organisation))}


def names(session: Session) -> dict[int, str]:
    """The name of each organisation by its id."""
    return dict(session.execute(select(Organisation.id, Organisation.name)).all())


def directory(session: Session) -> tuple[DirectoryOrganisation, ...]:
    """All organisations, by name, as the fields read them."""
    return tuple(
        DirectoryOrganisation(
            key=row.key,
            kind=row.kind,
            name=row.name,
            aliases=tuple(row.aliases),
            trunk=row.trunk,
            mail_domains=tuple(row.mail_domains),
        )
        for row in session.scalars(select(Organisation).order_by(Organisation.name, Organisation.key))
    )


def upsert(session: Session, organisation: DirectoryOrganisation) -> Outcome:
    """Store the organisation under its key."""
    row = session.scalar(select(Organisation).where(Organisation.key == organisation.key))
    return store(
        session,
        row or Organisation(key=organisation.key),
        kind=organisation.kind,
        name=organisation.name,
        aliases=list(organisation.aliases),
        trunk=organisation.trunk,
        mail_domains=list(organisation.mail_domains),
    )
