"""The engine for many processes, with real ones on a real PostgreSQL; and the traps others fell into with it."""

from __future__ import annotations

import hashlib
import inspect
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from syncsvc.errors import DatabaseOutdated
from syncsvc.jobs import cluster as engine
from syncsvc.jobs import tasks
from syncsvc.jobs.cluster import Worker, is_prepared, prepare
from syncsvc.providers.workbook.lock import exclusive
from syncsvc.services.schedules import request_sync
from syncsvc.services.sync import sync_table
from syncsvc.store.database import Database
from syncsvc.store.models import RunState
from tests.conftest import Postgres
from tests.factories import make_vault
from tests.fleet import Fleet, eventually, make_fleet

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def fleet(postgres: Postgres, postgres_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two workers that go on through all tests of this file; each test brings tables of its own."""
    with postgres.database(postgres_template) as url:
        made = make_fleet(tmp_path_factory.mktemp("fleet"), url)
        prepare(made.rt.database)
        for _ in range(2):
            made.start("tests.staged", "worker")
        yield made
        made.end()


def work_of(fleet: Fleet, key: str) -> list[tuple[str, str]]:
    """What the table's syncs noted: what and which process."""
    journal = fleet.stage / "journal"
    lines = journal.read_text().splitlines() if journal.exists() else []
    return [(what, who.split(":")[0]) for _, which, what, who in map(str.split, lines) if which == key]


def works(fleet: Fleet, key: str) -> int:
    return sum(what == "work" for what, _ in work_of(fleet, key))


def jobs(fleet: Fleet) -> list[tuple[str, str]]:
    """What stands in the queue: task and state; the engine's own bookkeeping apart."""
    with psycopg.connect(fleet.url) as connection:
        rows = connection.execute("SELECT task_name, status::text FROM syncsvc_jobs.procrastinate_jobs").fetchall()
    return [(task, state) for task, state in rows if task == "sync"]


def test_two_workers_share_the_tables_and_leave_no_finished_job(fleet: Fleet) -> None:
    keys = [f"s{letter}" for letter in "abcdef"]
    for key in keys:
        fleet.direct(key, "slow", 1)
        fleet.add_table(key, project=key)

    assert eventually(lambda: all(fleet.table(key).last_agreed_at for key in keys))
    assert len({who for key in keys for _, who in work_of(fleet, key)}) == 2
    assert eventually(lambda: not jobs(fleet))
    assert fleet.overlaps() == 0


def test_a_tick_during_a_run_does_not_make_the_table_run_again_at_once(fleet: Fleet) -> None:
    """Trap 4: it is queued behind the run, and asks whether it is still due once it is its turn."""
    fleet.direct("du", "slow", 2.5)
    fleet.add_table("du", project="du")

    assert eventually(lambda: tuple(what for what, _ in work_of(fleet, "du") if what == "end")[:2] == ("end", "end"))
    assert [run.state for run in fleet.runs("du")] == [RunState.OK]


def test_sync_now_does_not_wait_for_the_back_off(fleet: Fleet) -> None:
    """Trap 2: the engine retries nothing, so no job waits with the table's lock."""
    fleet.direct("bo", "fail", 1)
    fleet.add_table("bo", project="bo")
    assert eventually(lambda: fleet.table("bo").failures == 1)
    planned = fleet.table("bo").next_due_at
    assert planned is not None
    assert (planned - datetime.now(UTC)).total_seconds() > 10

    request_sync(fleet.rt, "bo", "admin")

    assert eventually(lambda: fleet.table("bo").last_agreed_at is not None, seconds=10)
    assert fleet.table("bo").requested_at is None


def test_sync_now_overtakes_what_waits_and_its_own_job_too(cluster: Fleet) -> None:
    """Two ticks without any worker: nothing is queued twice, and what a person asked for comes first."""
    app = engine.build(cluster.rt)
    for key in ("qa", "qb"):
        cluster.add_table(key, project=key)
    with app.open():
        app.tasks["tick"].func(timestamp=0)
        before = app.job_manager.list_jobs(task="sync")
        request_sync(cluster.rt, "qb", "admin")
        app.tasks["tick"].func(timestamp=0)
        after = app.job_manager.list_jobs(task="sync")

    assert sorted((job.lock, job.priority) for job in before) == [("qa", 0), ("qb", 0)]
    first, second = sorted(after, key=lambda job: -job.priority)
    assert (first.lock, second.lock) == ("qb", "qa")
    assert first.priority > second.priority


def test_a_killed_workers_table_runs_again_although_a_request_waits(fleet: Fleet) -> None:
    """Trap 1: the documented recovery would put the dead job back, which the waiting request forbids for good."""
    fleet.direct("ki", "die")
    fleet.add_table("ki", project="ki")
    assert eventually(lambda: "died" in dict(work_of(fleet, "ki")))
    request_sync(fleet.rt, "ki", "admin")
    fleet.start("tests.staged", "worker")  # in the dead one's place

    assert eventually(lambda: fleet.table("ki").last_agreed_at is not None, seconds=30)
    assert [run.state for run in fleet.runs("ki")] == [RunState.INTERRUPTED, RunState.OK]
    assert fleet.nothing_is_doubled("ki")
    assert eventually(lambda: not jobs(fleet))


def test_ended_in_the_middle_of_a_run_a_worker_is_gone_within_ten_seconds(cluster: Fleet) -> None:
    """The real command; its run waits for a file that somebody else is writing. The next run completes the work."""
    cluster.add_table("te", project="te")
    name = hashlib.sha256(os.fsencode(cluster.path("te").resolve())).hexdigest()
    with exclusive(cluster.folder / "var" / "locks" / f"{name}.lock"):
        process = cluster.start("syncsvc", "worker", "--slots", "1")
        assert eventually(lambda: cluster.runs("te"))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert time.monotonic() - began < 10

    assert sync_table(cluster.rt, "te", wait=0).state == "ok"
    assert [run.state for run in cluster.runs("te")] == [RunState.INTERRUPTED, RunState.OK]
    assert cluster.nothing_is_doubled("te")


def test_the_periodic_jobs_tick_every_few_seconds_and_block_no_heartbeat(fleet: Fleet) -> None:
    """Traps 5 and 6: the seconds are the last field, and what works on tables runs in threads."""
    app = engine.build(fleet.rt)
    periodic = {task.task.name: task for task in app.periodic_registry.periodic_tasks.values()}
    start = datetime(2026, 3, 2, 8, 0, 1, tzinfo=UTC).timestamp()

    assert periodic["tick"].croniter.get_next(ret_type=float, start_time=start) - start <= engine.TICK_SECONDS
    assert not any(inspect.iscoroutinefunction(app.tasks[name].func) for name in ("sync", "tick", "recur"))
    assert {identity for name, identity in app.periodic_registry.periodic_tasks if name == "recur"} == {*tasks.PERIODIC}


def test_the_queue_gets_its_tables_once_and_new_ones_with_a_new_version(postgres: Postgres) -> None:
    with postgres.database() as url:
        database = Database(url, make_vault())
        assert not is_prepared(database)
        assert prepare(database)
        assert is_prepared(database)
        assert not prepare(database)
        with psycopg.connect(url) as connection:
            connection.execute("COMMENT ON SCHEMA syncsvc_jobs IS 'what an older version needed'")
        assert not is_prepared(database)
        assert prepare(database)
        database.dispose()


def test_a_worker_without_a_queue_says_what_to_do(postgres: Postgres, postgres_template: str, tmp_path: Path) -> None:
    with postgres.database(postgres_template) as url:
        bare = make_fleet(tmp_path, url)
        with pytest.raises(DatabaseOutdated, match="Warteschlange") as raised:
            Worker(bare.rt, slots=1).run()
        bare.end()
    assert "syncsvc db upgrade" in raised.value.hint
