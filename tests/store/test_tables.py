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

    @pytest.mark.parametrize(
        ("values", "due"),
        [
            ({}, True),  # never planned
            ({"next_due_at": NOW}, True),
            ({"next_due_at": seconds(1)}, False),
            ({"next_due_at": seconds(-60), "enabled": False}, False),
            ({"next_due_at": seconds(60), "requested_at": seconds(-1)}, True),
            ({"next_due_at": seconds(60), "requested_at": seconds(3600)}, True),
            ({"requested_at": NOW, "enabled": False}, False),
            ({"next_due_at": seconds(7200), "checked_at": seconds(3600)}, True),  # the clock was set back
            ({"next_due_at": seconds(120), "checked_at": seconds(60)}, False),  # another machine's clock
        ],
    )
    def test_when_a_table_is_due(self, database, table, values, due):
        with database.write() as session:
            for name, value in values.items():
                setattr(tables.by_id(session, table), name, value)
        with database.read() as session:
            assert tables.is_due(session, table, NOW) is due
            assert [row.id for row in tables.due(session, NOW)] == [table] * due

    def test_requested_tables_come_first_then_the_longest_waiting(self, database):
        plan = {"late": (-10, None), "later": (-60, None), "never": (None, None), "asked": (60, -5), "first": (60, -9)}
        with database.write() as session:
            for key, (due, asked) in plan.items():
                row = tables.by_id(session, make_table(session, key))
                row.next_due_at = None if due is None else seconds(due)
                row.requested_at = None if asked is None else seconds(asked)
        with database.read() as session:
            found = [row.key for row in tables.due(session, NOW)]
            assert found == ["first", "asked", "never", "later", "late"]
