"""Organisations, contacts and projects: stored under their keys, and what storing them did is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from syncsvc.core.fields.contract import DirectoryOrganisation
from syncsvc.errors import NotFound, SealBroken, UsageError
from syncsvc.store import contacts, organisations, projects
from syncsvc.store.outcome import Outcome
from tests.factories import make_contact, make_organisation, make_project

JOBCENTRE = DirectoryOrganisation(
    key="jc-beispielstadt",
    kind="jobcentre",
    name="Jobcenter Beispielstadt",
    aliases=("JC Beispielstadt", "Beispielstadt"),
    trunk="+493023125",
    mail_domains=("jobcenter-beispielstadt.example",),
)


class TestOrganisations:
    def test_storing_says_what_it_did_and_reading_gives_it_back(self, database):
        renamed = replace(JOBCENTRE, name="Jobcenter Beispielstadt-Mitte")
        with database.write() as session:
            assert organisations.upsert(session, JOBCENTRE) is Outcome.CREATED
            assert organisations.upsert(session, JOBCENTRE) is Outcome.UNCHANGED
            assert organisations.upsert(session, renamed) is Outcome.CHANGED
        with database.read() as session:
            assert organisations.directory(session) == (renamed,)

    def test_an_unknown_one_is_named(self, database):
        with database.read() as session, pytest.raises(NotFound, match="jc-nirgends"):
            organisations.get(session, "jc-nirgends")


class TestContacts:
    def test_storing_says_what_it_did_and_reading_gives_it_back(self, database):
        anna, promoted = make_contact(), make_contact(role="team_lead")
        with database.write() as session:
            make_organisation(session)
            assert contacts.upsert(session, anna) is Outcome.CREATED
            assert contacts.upsert(session, anna) is Outcome.UNCHANGED
            assert contacts.upsert(session, promoted) is Outcome.CHANGED
        with database.read() as session:
            assert contacts.directory(session) == (promoted,)
            assert contacts.find(session, anna.key) == promoted
            assert contacts.find(session, "c-2") is None

    def test_a_contact_can_move_to_another_organisation(self, database):
        with database.write() as session:
            make_organisation(session)
            make_organisation(session, "jc-musterkreis")
            contacts.upsert(session, make_contact())
            assert contacts.upsert(session, make_contact(organisation="jc-musterkreis")) is Outcome.CHANGED
        with database.read() as session:
            assert contacts.directory(session) == (make_contact(organisation="jc-musterkreis"),)

    def test_a_contact_needs_its_organisation(self, database):
        with pytest.raises(NotFound, match="jc-beispielstadt"), database.write() as session:
            contacts.upsert(session, make_contact())

    def test_new_keys_are_not_made_from_names_and_differ(self):
        assert len({contacts.new_key() for _ in range(100)}) == 100

    def test_a_document_put_under_another_key_does_not_open(self, database):
        with database.write() as session:
            make_organisation(session)
            contacts.upsert(session, make_contact("c-1"))
            session.execute(sa.text("UPDATE contacts SET key = 'c-2'"))
        with database.read() as session, pytest.raises(SealBroken):
            contacts.directory(session)


class TestProjects:
    def test_storing_says_what_it_did(self, database):
        with database.write() as session:
            assert projects.upsert(session, "bsp", prefix="BSP", name="Beispiel") is Outcome.CREATED
            assert projects.upsert(session, "bsp", prefix="BSP", name="Beispiel") is Outcome.UNCHANGED
            assert projects.upsert(session, "bsp", prefix="BSP", name="Beispielprojekt") is Outcome.CHANGED
        with database.read() as session:
            assert [project.name for project in projects.all_projects(session)] == ["Beispielprojekt"]

    def test_a_prefix_belongs_to_one_project(self, database):
        with database.write() as session:
            make_project(session, "bsp", prefix="BSP")
            with pytest.raises(UsageError, match="bsp"):
                projects.upsert(session, "neu", prefix="BSP", name="Neu")

    def test_an_unknown_one_is_named(self, database):
        with database.read() as session, pytest.raises(NotFound, match="nirgends"):
            projects.get(session, "nirgends")

    def test_numbers_are_given_out_once_and_without_gaps(self, database):
        with database.write() as session:
            project_id = make_project(session)
            assert projects.take_numbers(session, project_id, 3) == range(1, 4)
        with database.write() as session:
            assert projects.take_numbers(session, project_id, 2) == range(4, 6)

    def test_numbers_of_adopted_references_are_skipped(self, database):
        """A reference typed by hand or imported must not be given to another woman later."""
        with database.write() as session:
            project_id = make_project(session)
            projects.skip_numbers(session, project_id, 137)
            projects.skip_numbers(session, project_id, 20)
            assert projects.take_numbers(session, project_id, 1) == range(138, 139)

    def test_revisions_count_up(self, database):
        with database.write() as session:
            project_id = make_project(session)
            assert [projects.bump(session, project_id), projects.bump(session, project_id)] == [1, 2]
