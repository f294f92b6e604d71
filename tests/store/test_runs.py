"""Runs: opened, finished with a receipt, and called interrupted when their process died."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.errors import NotFound
from syncsvc.store import runs
from syncsvc.store.models import RunState
from tests.factories import NOW, make_run, make_table


def start_undo(session, table, run):
    return runs.start(session, table, kind="undo", actor="lead", now=NOW, undoes=run).id


def test_a_finished_run_tells_its_outcome(database):
    with database.write() as session:
        run_id = make_run(session, make_table(session))
    with database.write() as session:
        receipt = {"before": 4, "agreed": 4, "lost": 0}
        end = NOW + timedelta(seconds=1.5)
        runs.finish(session, run_id, RunState.OK, end, message="", counts={"rows": 2}, receipt=receipt)
    with database.read() as session:
        run = runs.get(session, run_id)
        assert (run.state, run.seconds, run.counts, run.receipt) == (RunState.OK, 1.5, {"rows": 2}, receipt)
        assert (run.kind, run.actor, run.started_at) == ("sync", "schedule", NOW)


def test_a_run_left_open_is_interrupted_by_the_tables_next_one(database):
    with database.write() as session:
        table, other = make_table(session), make_table(session, "other")
        dead, elsewhere = make_run(session, table), make_run(session, other)
    with database.write() as session:
        make_run(session, table)
    with database.read() as session:
        assert runs.get(session, dead).state is RunState.INTERRUPTED
        assert runs.get(session, elsewhere).state is RunState.RUNNING


def test_runs_are_listed_newest_first_and_by_page(database):
    with database.write() as session:
        table, other = make_table(session), make_table(session, "other")
        first, second, third = make_run(session, table), make_run(session, other), make_run(session, table)
        assert [run.id for run in runs.latest(session)] == [third, second, first]
        assert [run.id for run in runs.latest(session, table)] == [third, first]
        assert [run.id for run in runs.latest(session, limit=1, before=third)] == [second]


def test_a_run_knows_whether_it_was_undone(database):
    """An undo that failed changed nothing: the run may be undone again."""
    with database.write() as session:
        table = make_table(session)
        run = make_run(session, table)
        runs.finish(session, run, RunState.OK, NOW)
        assert runs.undone_by(session, [run]) == {}
        failed = start_undo(session, table, run)
        runs.finish(session, failed, RunState.FAILED, NOW)
        assert runs.undone_by(session, [run]) == {}
        undo = start_undo(session, table, run)
        runs.finish(session, undo, RunState.OK, NOW)
        assert runs.undone_by(session, [run]) == {run: undo}


def test_an_unknown_run_is_named(database):
    with database.read() as session, pytest.raises(NotFound, match="17"):
        runs.get(session, 17)
