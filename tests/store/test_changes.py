"""The change log: in order, complete, and not to be rewritten."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from syncsvc.store import changes
from syncsvc.store.changes import Change, Where
from tests.factories import NOW, make_run, make_table


def make_change(ref="BSP-0137-E", field="entry_date", **different):
    ordinary = {
        "at": NOW,
        "side": Where.RECORD,
        "source": "table",
        "actor": "",
        "old": "2024-09-01",
        "new": {"from": "2024-10-01", "to": None},
    }
    return Change(ref=ref, field=field, **(ordinary | different))


def test_changes_come_back_by_record_and_by_run_in_their_order(database):
    with database.write() as session:
        table = make_table(session)
        run = make_run(session, table)
        hers = [
            make_change(run_id=run, table_id=table),
            make_change(old=None, new=1.5, side=Where.TABLE, run_id=run, table_id=table),
            make_change(source="web", actor="lead"),
        ]
        another = make_change("BSP-0138-C", run_id=run, table_id=table)
        changes.append(session, [*hers[:2], another, hers[2]])
    with database.read() as session:
        assert changes.of_record(session, "BSP-0137-E") == hers
        assert changes.of_run(session, run) == [*hers[:2], another]


def test_the_database_refuses_to_rewrite_history(database):
    with database.write() as session:
        changes.append(session, [make_change()])
    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(sa.text("UPDATE changes SET actor = 'nobody'"))
    with database.read() as session:
        assert changes.of_record(session, "BSP-0137-E") == [make_change()]
