"""Contacts as they are stored: all details sealed, and documents of the first release still read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from syncsvc.core.access import Reach
from syncsvc.core.fields import DirectoryContact
from syncsvc.errors import Forbidden, SealBroken
from syncsvc.store import contacts
from syncsvc.store.database import Database
from syncsvc.store.models import Contact
from syncsvc.store.outcome import Outcome
from syncsvc.store.scope import Scope
from syncsvc.store.vault import vault_of
from tests.factories import make_contact, make_organisation, make_vault

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


class TestWhatIsOpenedOnce:
    """The directory is opened once and remembered; that must never show more, or other, than stands there."""

    def test_a_change_by_another_process_is_seen(self, database):
        with database.write() as session:
            make_organisation(session)
            contacts.upsert(session, make_contact())
        other = Database(str(database.engine.url), make_vault())
        with database.read() as session:
            assert contacts.find(session, "c-1") == make_contact()
        with other.write() as session:
            contacts.upsert(session, make_contact(phone="030 23125-102"))
        other.dispose()
        with database.read() as session:
            assert contacts.directory(session) == (make_contact(phone="030 23125-102"),)

    def test_a_document_that_was_moved_to_somebody_else_does_not_open(self, database):
        with database.write() as session:
            make_organisation(session)
            contacts.upsert(session, make_contact())
            contacts.upsert(session, make_contact("c-2", family="Kaya"))
        with database.read() as session:
            assert len(contacts.directory(session)) == 2
        with database.write() as session:
            moved = session.scalar(sa.select(Contact.document).where(Contact.key == "c-1"))
            session.execute(sa.update(Contact).where(Contact.key == "c-2").values(document=moved))
        with database.read() as session, pytest.raises(SealBroken):
            contacts.directory(session)

    def test_who_may_see_nobody_sees_nobody(self, database):
        with database.write() as session:
            make_organisation(session)
            contacts.upsert(session, make_contact())
        with database.read() as session:
            contacts.directory(session)
        whole = Reach(whole=True)
        with database.seen_by(Scope(whole, Reach(), Reach())).read() as session:
            assert contacts.directory(session) == ()
        with database.read() as session:
            session.info["vault"] = None
            with pytest.raises(Forbidden):
                contacts.directory(session)
