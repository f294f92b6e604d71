from __future__ import annotations

import threading
import time
from collections.abc import Callable

from syncsvc.jobs.local import LocalScheduler
from syncsvc.store import tables
from tests.example import Example


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


def test_it_syncs_all_tables_at_once_and_again_with_every_tick(example: Example) -> None:
    book = example.books["beispielstadt"]
    scheduler = LocalScheduler(example.runtime, tick=0.1)
    scheduler.start()
    try:
        assert eventually(lambda: agreed(example) == {"bsp-beispielstadt", "bsp-musterkreis"})

        book.set(4, 2, "Kaya, Derya")

        assert eventually(lambda: book.get(4, 1) is not None), "the new row has no reference yet"
    finally:
        assert scheduler.stop()


def test_a_table_never_runs_twice_at_once(example: Example) -> None:
    inside, most = 0, 0
    lock = threading.Lock()

    def slow_read() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.3)
        with lock:
            inside -= 1

    example.books["beispielstadt"].before_read = slow_read
    scheduler = LocalScheduler(example.runtime, tick=0.05)
    scheduler.start()
    time.sleep(0.8)
    scheduler.stop()

    assert most == 1


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
