from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from syncsvc.jobs import local, tasks
from syncsvc.jobs.dispatch import SILENCE, Submit, dispatch
from syncsvc.jobs.local import LocalScheduler
from syncsvc.services.runtime import Runtime
from syncsvc.services.schedules import request_sync
from syncsvc.services.sync import sync_table
from syncsvc.store import tables
from tests.example import Example
from tests.jobs.engine import add_table


def eventually(condition: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def agreed(example: Example) -> set[str]:
    with example.runtime.database.read() as session:
        return {table.key for table in tables.all_tables(session) if table.last_agreed_at is not None}


class Ticks:
    """Counts the ticks of a scheduler from outside."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._count = 0
        self._moved = threading.Condition()
        monkeypatch.setattr(local, "dispatch", self._dispatch)

    def _dispatch(self, rt: Runtime, submit: Submit) -> None:
        dispatch(rt, submit)
        with self._moved:
            self._count += 1
            self._moved.notify_all()

    def wait_for(self, count: int) -> None:
        """Return after ``count`` more whole ticks."""
        with self._moved:
            target = self._count + count
            assert self._moved.wait_for(lambda: self._count >= target, timeout=5)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> Ticks:
    return Ticks(monkeypatch)


def test_it_syncs_all_tables_at_once_and_again_when_they_are_due(example: Example) -> None:
    book = example.books["beispielstadt"]
    scheduler = LocalScheduler(example.runtime, tick=0.05)
    scheduler.start()
    try:
        assert eventually(lambda: agreed(example) == {"bsp-beispielstadt", "bsp-musterkreis"})

        book.set(4, 2, "Kaya, Derya")
        example.clock.pass_by(seconds=10)

        assert eventually(lambda: book.get(4, 1) is not None), "the new row has no reference yet"
    finally:
        assert scheduler.stop()


def test_a_table_never_runs_twice_at_once_however_often_it_is_asked_for(example: Example, ticks: Ticks) -> None:
    inside, most = 0, 0
    lock, go_on = threading.Lock(), threading.Event()

    def slow_read() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        go_on.wait(5)
        with lock:
            inside -= 1

    example.books["beispielstadt"].before_read = slow_read
    scheduler = LocalScheduler(example.runtime, tick=0.02)
    scheduler.start()
    for _ in range(5):
        request_sync(example.runtime, "bsp-beispielstadt", "frau-berger")
        ticks.wait_for(2)
    go_on.set()
    ticks.wait_for(5)
    scheduler.stop()

    assert most == 1


def test_what_a_person_asks_for_overtakes_the_queue_and_nothing_is_queued_twice(
    example: Example, ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One table is at work, two wait; a person asks for the last one while many ticks go by."""
    monkeypatch.setattr(local, "WORKERS", 1)
    order: list[str] = []
    go_on = threading.Event()

    def sync(rt: Runtime, key: str) -> None:
        order.append(key)
        go_on.wait(5)
        sync_table(rt, key)

    monkeypatch.setattr(tasks, "sync", sync)
    add_table(example, "bsp-neustadt")
    scheduler = LocalScheduler(example.runtime, tick=0.02)
    scheduler.start()
    ticks.wait_for(2)
    request_sync(example.runtime, "bsp-neustadt", "frau-berger")
    ticks.wait_for(2)
    go_on.set()
    ticks.wait_for(5)
    assert eventually(lambda: len(agreed(example)) == 3)
    ticks.wait_for(2)
    assert scheduler.stop()

    assert order == ["bsp-beispielstadt", "bsp-neustadt", "bsp-musterkreis"]


def test_a_second_scheduler_on_the_database_waits_until_the_first_one_is_silent(
    example: Example, caplog: pytest.LogCaptureFixture
) -> None:
    """Two machines on one PostgreSQL; on one machine the lock of the data folder refuses the second one."""
    second = LocalScheduler(replace(example.runtime, holder="anderswo:17:1"), tick=0.02)
    dispatch(example.runtime, lambda key, urgent: None)
    second.start()
    try:
        assert eventually(lambda: "another process ticks" in caplog.text)
        assert agreed(example) == set()

        example.clock.pass_by(seconds=SILENCE.total_seconds())

        assert eventually(lambda: len(agreed(example)) == 2)
    finally:
        assert second.stop()


def test_what_recurs_runs_beside_the_tick(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(local, "RECUR_SECONDS", 0.05)
    monkeypatch.setattr(tasks, "PERIODIC", {"tidy": tasks.Job(timedelta(days=1), lambda rt: done.set())})
    scheduler = LocalScheduler(example.runtime, tick=60)
    scheduler.start()

    assert done.wait(5)
    assert scheduler.stop()


def test_stop_waits_for_a_running_sync_and_starts_no_other(example: Example) -> None:
    reading, go_on, threads = threading.Event(), threading.Event(), threading.active_count()

    def wait() -> None:
        reading.set()
        go_on.wait(5)

    example.books["beispielstadt"].before_read = wait
    scheduler = LocalScheduler(example.runtime, tick=0.05)
    scheduler.start()
    assert reading.wait(5)

    assert scheduler.stop(within=0.1) is False
    go_on.set()
    assert eventually(lambda: threading.active_count() == threads)
    assert "bsp-beispielstadt" in agreed(example)


def test_stop_does_not_wait_for_what_never_began(example: Example) -> None:
    """Tables submitted while the engine shuts down are simply due again at the next start."""
    for _ in range(5):
        scheduler = LocalScheduler(example.runtime, tick=0.01)
        scheduler.start()
        time.sleep(0.03)
        began = time.monotonic()

        assert scheduler.stop()
        assert time.monotonic() - began < 3
