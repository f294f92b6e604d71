"""The service in numbers, on each database."""

from __future__ import annotations

from datetime import timedelta

from syncsvc.errors import Actor
from syncsvc.store import figures, heartbeats, notices, pauses, runs, tables
from syncsvc.store.database import Database
from syncsvc.store.models import RunState, TableState
from tests.factories import NOW, make_run, make_table


def test_figures_of_one_moment(database: Database) -> None:
    with database.write() as session:
        table_id = make_table(session)
        for age in (timedelta(hours=1), timedelta(hours=25)):
            run_id = make_run(session, table_id, now=NOW - age)
            counts = {"cells_written": 3, "requests": {"meta": 1, "read": 2, "write": 1}}
            runs.finish(session, run_id, RunState.OK, NOW, counts=counts)
        table = tables.by_id(session, table_id)
        table.state, table.fault, table.last_agreed_at = TableState.FAILED, Actor.ACCESS.value, NOW
        table.failing_since = NOW - timedelta(hours=2)
        heartbeats.beat(session, heartbeats.TICK, "maschine:1:1", NOW)
        pauses.put(session, "google:1", since=NOW, until=NOW + timedelta(minutes=5), strikes=1)
        notices.add(session, audience=Actor.ACCESS, code="x", text="x", now=NOW, table_id=table_id)

    with database.read() as session:
        found = figures.collect(session, NOW)

    assert [(t.key, t.state, t.fault, t.agreed_at) for t in found.tables] == [
        ("bsp-beispielstadt", "failed", "access", NOW - timedelta(hours=2))
    ]
    assert (found.runs, found.cells) == ({"ok": 1}, {"ok": 3}), "the other run is older than a day"
    assert found.requests == {"meta": 1, "read": 2, "write": 1}
    assert found.pauses == {"google:1": NOW + timedelta(minutes=5)}
    assert (found.tick_at, found.waiting_notices, found.failing_notices) == (NOW, 1, 0)
    assert found.database_bytes > 10_000
    assert found.questions == {}
