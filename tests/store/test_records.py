"""Records: whole documents by reference, found by exact content, each change counted in its project."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from syncsvc.core.model import Record, RecordState, Side
from syncsvc.errors import NotFound, SealBroken
from syncsvc.store import projects, records
from syncsvc.store.records import Lookup
from tests.factories import NOW, make_project, make_record

ONE = Record(
    ref="BSP-0137-E",
    values={
        "participant_name": {"family": "Müller-Weiß", "given": "Zoë"},
        "birth_date": "1990-02-28",
        "customer_no": "123A456789",
        "entry_date": "2024-09-01",
        "hours": 19.5,
        "note": "=1+1\n\tzwei",
        "list": ["a", None],
    },
    by={"customer_no": Side.JOBCENTRE},
)
TWO = Record(ref="BSP-0138-C", values={}, state=RecordState.VOID)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def project(database) -> int:
    with database.write() as session:
        project_id = make_project(session)
        records.create(session, project_id, [ONE, TWO], NOW)
    return project_id


def test_records_come_back_as_they_were(database, project):
    with database.read() as session:
        assert records.of_project(session, project) == {"BSP-0137-E": ONE, "BSP-0138-C": TWO}
        assert records.get(session, "BSP-0137-E") == ONE
        assert records.project_of(session, "BSP-0138-C") == project


def test_a_project_holds_its_own_records_only(database, project):
    with database.write() as session:
        other = make_project(session, "neu", prefix="NEU")
        records.create(session, other, [make_record("NEU-0001-A")], NOW)
        assert list(records.of_project(session, other)) == ["NEU-0001-A"]


def test_saving_replaces_the_whole_record(database, project):
    changed = Record("BSP-0137-E", {"entry_date": "2024-10-01"}, {"entry_date": Side.JOBCENTRE})
    with database.write() as session:
        records.save(session, project, [changed], LATER)
    with database.read() as session:
        assert records.of_project(session, project) == {"BSP-0137-E": changed, "BSP-0138-C": TWO}


def test_every_change_counts_once_and_is_stamped(database, project):
    """The project's revision tells whether anything changed since a run looked; the record's stamp tells what."""
    with database.write() as session:
        assert records.save(session, project, [ONE], LATER) == 2
    with database.read() as session:
        assert projects.get(session, "bsp").revision == 2
        stamps = session.execute(sa.text("SELECT ref, revision FROM records ORDER BY ref")).all()
        assert [tuple(stamp) for stamp in stamps] == [("BSP-0137-E", 2), ("BSP-0138-C", 1)]


def test_saving_nothing_counts_as_no_change(database, project):
    """A counted change makes every table of the project read its records again."""
    with database.write() as session:
        assert records.create(session, project, [], LATER) == 1
        assert records.save(session, project, [], LATER) == 1


@pytest.mark.parametrize("ref", ["BSP-9999-X", "NEU-0001-A"])
def test_a_record_that_is_not_the_projects_is_never_saved_into_it(database, project, ref):
    with database.write() as session:
        records.create(session, make_project(session, "neu", prefix="NEU"), [make_record("NEU-0001-A")], NOW)
    with pytest.raises(NotFound, match=ref), database.write() as session:
        records.save(session, project, [Record("BSP-0137-E", {}), Record(ref, {})], LATER)
    with database.read() as session:
        assert records.get(session, "BSP-0137-E") == ONE


def test_a_reference_exists_once_in_the_whole_database(database, project):
    with pytest.raises(IntegrityError), database.write() as session:
        records.create(session, make_project(session, "neu", prefix="NEU"), [make_record("BSP-0137-E")], NOW)


def test_an_unknown_reference_is_named(database):
    with database.read() as session:
        for read in (records.get, records.project_of):
            with pytest.raises(NotFound, match="BSP-0001-X"):
                read(session, "BSP-0001-X")


def test_a_document_put_into_another_womans_row_does_not_open(database, project):
    swap = (
        "UPDATE records SET document = (SELECT document FROM records WHERE ref = 'BSP-0137-E') WHERE ref = 'BSP-0138-C'"
    )
    with database.write() as session:
        session.execute(sa.text(swap))
    with database.read() as session, pytest.raises(SealBroken):
        records.get(session, "BSP-0138-C")


class TestLookups:
    @pytest.mark.parametrize(
        "values",
        [
            pytest.param({"customer_no": "123a456789"}, id="case"),
            pytest.param({"customer_no": " 123A 456789"}, id="blanks"),
        ],
    )
    def test_found_by_customer_number_in_any_spelling(self, database, project, values):
        with database.read() as session:
            assert records.find(session, Lookup.CUSTOMER_NO, records.lookups(values)[Lookup.CUSTOMER_NO]) == [ONE.ref]

    @pytest.mark.parametrize(
        ("family", "given"),
        [("Müller-Weiß", "Zoë"), ("MÜLLER WEISS", "Zoe"), ("Mueller-Weiss", "zoe"), ("Zoë", "Müller-Weiß")],
    )
    def test_found_by_name_and_birth_date_in_any_spelling_and_order(self, database, project, family, given):
        values = {"participant_name": {"family": family, "given": given}, "birth_date": "1990-02-28"}
        with database.read() as session:
            text = records.lookups(values)[Lookup.NAME_AND_BIRTH]
            assert records.find(session, Lookup.NAME_AND_BIRTH, text) == [ONE.ref]

    def test_another_birth_date_is_another_person(self, database, project):
        values = dict(ONE.values) | {"birth_date": "1990-03-28"}
        with database.read() as session:
            assert records.find(session, Lookup.NAME_AND_BIRTH, records.lookups(values)[Lookup.NAME_AND_BIRTH]) == []

    def test_what_is_blank_finds_nothing(self):
        assert records.lookups({}) == {}
        assert records.lookups({"customer_no": None, "participant_name": {"family": "Roth", "given": None}}) == {}
        assert records.lookups({"customer_no": " ", "birth_date": "1990-02-28"}) == {}

    def test_indexes_follow_the_values(self, database, project):
        changed = Record(ONE.ref, {"customer_no": "987B654321"})
        with database.write() as session:
            records.save(session, project, [changed], LATER)
        with database.read() as session:
            assert records.find(session, Lookup.CUSTOMER_NO, "123a456789") == []
            assert records.find(session, Lookup.CUSTOMER_NO, "987b654321") == [ONE.ref]
            name = records.lookups(ONE.values)[Lookup.NAME_AND_BIRTH]
            assert records.find(session, Lookup.NAME_AND_BIRTH, name) == []

    def test_all_records_with_the_same_number_are_found_in_all_projects(self, database, project):
        with database.write() as session:
            other = make_project(session, "neu", prefix="NEU")
            records.create(session, other, [make_record("NEU-0001-A", customer_no="123A456789")], NOW)
            assert records.find(session, Lookup.CUSTOMER_NO, "123a456789") == [ONE.ref, "NEU-0001-A"]
