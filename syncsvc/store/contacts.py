"""The directory's people."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session

from syncsvc.core.fields.contract import DirectoryContact
from syncsvc.core.model import Json
from syncsvc.store import organisations
from syncsvc.store.bulk import chunks
from syncsvc.store.models import Contact, Organisation
from syncsvc.store.outcome import Outcome, store
from syncsvc.store.vault import Vault, vault_of

_TEXTS = ("family", "given", "role", "team", "phone", "email")
_LATER = {"kind": "person", "deputy": ""}
"""Texts that documents of the first release do not have, and what they mean there."""
_DAYS = ("absent_from", "absent_to", "left_on", "confirmed_on")

_OPENED: WeakKeyDictionary[Vault, dict[str, tuple[bytes, DirectoryContact]]] = WeakKeyDictionary()
"""The contacts each vault has opened, by key, with the document they came from. Nearly every page and run asks for the
whole directory, and opening a programme's 2,000 people would be most of a page's time. Every session still reads the
documents and needs a vault: one that differs by a single byte is opened anew."""


def any_of(session: Session, keys: Collection[str]) -> bool:
    """Whether one of these texts is the key of somebody in the directory."""
    query = select(Contact.id).limit(1)
    return any(session.scalar(query.where(Contact.key.in_(some))) is not None for some in chunks(sorted(keys)))


def directory(session: Session) -> tuple[DirectoryContact, ...]:
    """All contacts, by key."""
    rows = session.execute(
        select(Contact.key, Contact.document, Organisation.key).join(Organisation).order_by(Contact.key)
    )
    return tuple(_contact(session, key, document, organisation) for key, document, organisation in rows)


def houses(session: Session) -> dict[str, str]:
    """The organisation of every contact, both by key."""
    return dict(session.execute(select(Contact.key, Organisation.key).join(Organisation)).all())


def find(session: Session, key: str) -> DirectoryContact | None:
    """The contact with this key."""
    row = session.execute(
        select(Contact.key, Contact.document, Organisation.key).join(Organisation).where(Contact.key == key)
    ).one_or_none()
    return None if row is None else _contact(session, *row)


def new_key() -> str:
    """A key for a new contact. Random: a key made from a name would tell it."""
    return f"c-{secrets.token_hex(5)}"


def upsert(session: Session, contact: DirectoryContact) -> Outcome:
    """Store the contact under its key. Raises ``NotFound`` for an unknown organisation."""
    organisation_id = organisations.get(session, contact.organisation).id
    if find(session, contact.key) == contact:
        return Outcome.UNCHANGED
    row = session.scalar(select(Contact).where(Contact.key == contact.key))
    document = vault_of(session).seal(_document(contact), _aad(contact.key))
    return store(session, row or Contact(key=contact.key), organisation_id=organisation_id, document=document)


def resealed(vault: Vault, row: Contact) -> dict[str, object]:
    """The columns of this row as the key in force seals them."""
    return {"document": vault.reseal(row.document, _aad(row.key))}


def _contact(session: Session, key: str, document: bytes, organisation: str) -> DirectoryContact:
    vault = vault_of(session)
    opened = _OPENED.setdefault(vault, {})
    before, contact = opened.get(key, (b"", None))
    if contact is None or before != document or contact.organisation != organisation:
        contact = _open(vault, key, document, organisation)
        opened[key] = document, contact
    return contact


def _open(vault: Vault, key: str, document: bytes, organisation: str) -> DirectoryContact:
    details = vault.open(document, _aad(key))
    assert isinstance(details, dict)
    known: dict[str, Any] = {name: str(details[name]) for name in _TEXTS}
    known |= {name: str(details.get(name, usual)) for name, usual in _LATER.items()}
    known |= {name: date.fromisoformat(str(details[name])) for name in _DAYS if details.get(name)}
    return DirectoryContact(key=key, organisation=organisation, **known)


def _document(contact: DirectoryContact) -> Json:
    texts: dict[str, Json] = {name: getattr(contact, name) for name in (*_TEXTS, *_LATER)}
    days = {name: day.isoformat() for name in _DAYS if (day := getattr(contact, name))}
    return {**texts, **days}


def _aad(key: str) -> str:
    return f"contacts.document:{key}"
