"""Tables: their description, their state, and the lease that lets one run at a time write."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.core.model import Side
from syncsvc.errors import NotFound, UsageError
from syncsvc.store import tables
from syncsvc.store.models import TableState
from syncsvc.store.outcome import Outcome
from tests.factories import NOW, make_mapping, make_project, make_table


def seconds(count: float):
    return NOW + timedelta(seconds=count)


@pytest.fixture
def table(database) -> int:
    with database.write() as session:
        return make_table(session)


class TestDescription:
    def describe(self, session, key="bsp-beispielstadt", **different):
        description = {
            "project_id": make_project(session),
            "mapping_id": make_mapping(session),
            "location": {"provider": "workbook", "path": "BSP.xlsx", "worksheet": "Tabelle1"},
        }
        return tables.upsert(session, key, **(description | different))

    def test_storing_says_what_it_did(self, database):
        with database.write() as session:
            assert self.describe(session) is Outcome.CREATED
            assert self.describe(session) is Outcome.UNCHANGED
            assert self.describe(session, edited_by=[Side.PROJECT], schedule="*/30 * * * *") is Outcome.CHANGED
        with database.read() as session:
            stored = tables.get(session, "bsp-beispielstadt")
            assert (stored.edited_by, stored.schedule, stored.enabled) == (["project"], "*/30 * * * *", True)
            assert (stored.state, stored.approved_revision) == (TableState.NEW, None)

    def test_one_place_holds_one_table(self, database):
        """Whichever way round its parts are written down."""
        with database.write() as session:
            self.describe(session)
            with pytest.raises(UsageError, match="bsp-beispielstadt"):
                self.describe(
                    session, "zweite", location={"worksheet": "Tabelle1", "path": "BSP.xlsx", "provider": "workbook"}
                )

    def test_a_new_description_leaves_what_the_runs_left(self, database, table):
        with database.write() as session:
            row = tables.by_id(session, table)
            row.seen_version, row.approved_revision = "v1", 1
            tables.set_state(session, table, TableState.HELD, "Die Kopfzeile fehlt.", NOW)
        with database.write() as session:
            make_table(session)
        with database.read() as session:
            row = tables.by_id(session, table)
            assert (row.seen_version, row.approved_revision, row.state) == ("v1", 1, TableState.HELD)

    def test_an_unknown_one_is_named(self, database):
        with database.read() as session, pytest.raises(NotFound, match="nirgends"):
            tables.get(session, "nirgends")

    def test_tables_are_listed_by_key_for_all_or_one_project(self, database):
        with database.write() as session:
            other = make_project(session, "neu", prefix="NEU")
            make_table(session, "neu-1", project_id=other)
            make_table(session, "bsp-1")
            assert [row.key for row in tables.all_tables(session)] == ["bsp-1", "neu-1"]
            assert [row.key for row in tables.all_tables(session, other)] == ["neu-1"]


class TestState:
    def test_since_moves_only_when_something_is_different(self, database, table):
        steps = [
            (TableState.OK, "", seconds(1), seconds(1)),
            (TableState.OK, "", seconds(2), seconds(1)),
            (TableState.HELD, "Datei geöffnet.", seconds(3), seconds(3)),
            (TableState.HELD, "Datei fehlt.", seconds(4), seconds(4)),
        ]
        for state, message, now, since in steps:
            with database.write() as session:
                tables.set_state(session, table, state, message, now)
            with database.read() as session:
                row = tables.by_id(session, table)
                assert (row.state, row.message, row.since) == (state, message, since)

    def test_due_are_enabled_tables_whose_time_has_come_longest_waiting_first(self, database):
        plan = {"never": None, "now": 0, "past": -60, "future": 1, "disabled": -60}
        with database.write() as session:
            for key, offset in plan.items():
                row = tables.by_id(session, make_table(session, key))
                row.next_due_at = None if offset is None else seconds(offset)
                row.enabled = key != "disabled"
            session.flush()
            assert [row.key for row in tables.due(session, NOW)] == ["past", "now"]


class TestLease:
    def acquire(self, database, table, holder, now=NOW):
        with database.write() as session:
            return tables.acquire(session, table, holder, now)

    def holds(self, database, table, fence):
        with database.read() as session:
            return tables.holds(session, table, fence)

    def test_one_holder_at_a_time(self, database, table):
        fence = self.acquire(database, table, "first")
        assert self.holds(database, table, fence)
        assert self.acquire(database, table, "second", seconds(59)) is None
        assert self.acquire(database, table, "first", seconds(59)) is None

    def test_another_table_is_another_lease(self, database, table):
        with database.write() as session:
            other = make_table(session, "other")
        assert self.acquire(database, table, "first") is not None
        assert self.acquire(database, other, "second") is not None

    def test_after_sixty_seconds_a_dead_holders_lease_is_taken(self, database, table):
        dead = self.acquire(database, table, "first")
        fence = self.acquire(database, table, "second", seconds(60))
        assert fence > dead
        assert self.holds(database, table, fence)
        assert not self.holds(database, table, dead)

    def test_renewing_prolongs(self, database, table):
        fence = self.acquire(database, table, "first")
        with database.write() as session:
            assert tables.renew(session, table, fence, seconds(50))
        assert self.acquire(database, table, "second", seconds(109)) is None
        assert self.acquire(database, table, "second", seconds(110)) is not None

    def test_an_ended_lease_nobody_took_can_be_renewed(self, database, table):
        """The holder was slow, not dead, and nobody wrote meanwhile."""
        fence = self.acquire(database, table, "first")
        with database.write() as session:
            assert tables.renew(session, table, fence, seconds(300))
        assert self.holds(database, table, fence)

    def test_who_lost_the_lease_can_neither_renew_nor_release_it(self, database, table):
        dead = self.acquire(database, table, "first")
        fence = self.acquire(database, table, "second", seconds(60))
        with database.write() as session:
            assert not tables.renew(session, table, dead, seconds(61))
            tables.release(session, table, dead)
        assert self.holds(database, table, fence)

    def test_a_released_lease_is_free_and_gone(self, database, table):
        fence = self.acquire(database, table, "first")
        with database.write() as session:
            tables.release(session, table, fence)
            assert not tables.renew(session, table, fence, seconds(1))
        assert not self.holds(database, table, fence)
        assert self.acquire(database, table, "second", seconds(1)) > fence

    def test_the_lease_of_a_holder_known_to_be_dead_is_taken_over_at_once(self, database, table):
        dead = self.acquire(database, table, "first")
        with database.write() as session:
            assert tables.holder(session, table) == "first"
            assert tables.take_over(session, table, "somebody", "second", seconds(1)) is None
            fence = tables.take_over(session, table, "first", "second", seconds(1))
        assert fence > dead
        assert self.holds(database, table, fence)
        assert not self.holds(database, table, dead)
