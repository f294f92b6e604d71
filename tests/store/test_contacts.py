"""Contacts as they are stored: all details sealed, and documents of the first release still read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from syncsvc.core.fields import DirectoryContact
from syncsvc.store import contacts
from syncsvc.store.models import Contact
from syncsvc.store.outcome import Outcome
from syncsvc.store.vault import vault_of
from tests.factories import make_contact, make_organisation

ALL = replace(
    make_contact(),
    kind="mailbox",
    deputy="c-2",
    absent_from=date(2026, 10, 1),
    absent_to=date(2026, 10, 14),
    left_on=date(2026, 12, 31),
    confirmed_on=date(2026, 9, 1),
)


def test_every_detail_comes_back(database):
    with database.write() as session:
        make_organisation(session)
        assert contacts.upsert(session, ALL) is Outcome.CREATED
        assert contacts.upsert(session, ALL) is Outcome.UNCHANGED
        assert contacts.upsert(session, replace(ALL, absent_to=None)) is Outcome.CHANGED
    with database.read() as session:
        assert contacts.find(session, ALL.key) == replace(ALL, absent_to=None)


def test_no_detail_stands_readable_in_the_database(database):
    with database.write() as session:
        make_organisation(session)
        contacts.upsert(session, ALL)
        stored = b" ".join(
            value.encode() if isinstance(value, str) else bytes(value) if isinstance(value, bytes | memoryview) else b""
            for value in session.execute(sa.text("SELECT * FROM contacts")).one()
        )
    assert not [text for text in ("Müller", "Anna", "23125", "2026-", "mailbox") if text.encode() in stored]


def test_a_document_of_the_first_release_reads_as_somebody_who_is_there(database):
    """It knew neither kind nor days; and it goes on writing such documents while it is exchanged."""
    first = {"family": "Weiß", "given": "Tom", "role": "", "team": "", "phone": "", "email": ""}
    with database.write() as session:
        house = make_organisation(session)
        document = vault_of(session).seal(first, "contacts.document:c-9")
        session.add(Contact(key="c-9", organisation_id=house, document=document))
    with database.read() as session:
        assert contacts.directory(session) == (DirectoryContact("c-9", "jc-beispielstadt", "Weiß", "Tom"),)
