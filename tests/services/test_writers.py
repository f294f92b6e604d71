"""One writer at a time for a workbook that several tables live in: real processes, on both databases."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from syncsvc.errors import PlatformBusy
from syncsvc.ports.clock import SystemClock
from syncsvc.services import writers as writing
from syncsvc.services.writers import Writers
from syncsvc.store import leases
from syncsvc.store.database import Database

OTHER = """
import sys, time
from datetime import timedelta
from syncsvc.ports.clock import SystemClock
from syncsvc.services.writers import Writers
from syncsvc.store import leases, writers
from syncsvc.store.database import Database
from tests.factories import make_vault

writers.LEASE = leases.LEASE = timedelta(seconds=float(sys.argv[2]))
with Writers(Database(sys.argv[1], make_vault()), SystemClock())("mappe") as still:
    still()
    print("begun", flush=True)
    sys.stdin.readline()
print("ended", flush=True)
"""


class Other:
    """Another process whose turn it is, until it is told to end it."""

    def __init__(self, url: str, lease: float = 60.0) -> None:
        command = [sys.executable, "-c", OTHER, url, str(lease)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._line() == "begun"

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def die(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def other(url: str, lease: float = 60.0) -> Iterator[Other]:
    process = Other(url, lease)
    try:
        yield process
    finally:
        process.close()


@pytest.fixture
def turn(database: Database) -> Callable[[], float]:
    """Takes a turn at the workbook and says how long that took."""

    def take() -> float:
        begun = time.monotonic()
        with Writers(database, SystemClock())("mappe") as still:
            still()
            return time.monotonic() - begun

    return take


def test_a_writer_waits_for_the_other_process(url: str, turn: Callable[[], float], monkeypatch) -> None:
    """And says so when that takes too long."""
    monkeypatch.setattr(writing, "WAIT_SECONDS", 0.5)
    with other(url) as process:
        with pytest.raises(PlatformBusy):
            turn()
        monkeypatch.setattr(writing, "WAIT_SECONDS", 30.0)
        process.end()
        assert turn() < 10


def test_a_dead_writer_is_in_nobodys_way(url: str, turn: Callable[[], float], monkeypatch) -> None:
    """Its turn ends by itself; here after a second instead of a minute."""
    with other(url, lease=1.0) as process:
        process.die()
        assert turn() < 10


def test_other_workbooks_do_not_wait(url: str, database: Database) -> None:
    with other(url), Writers(database, SystemClock())("andere mappe") as still:
        still()


def test_a_writer_that_slept_notices(database: Database, monkeypatch) -> None:
    """Its turn ended and another one began: it sends nothing more."""
    monkeypatch.setattr(writing, "PROLONG_SECONDS", 0.0)
    monkeypatch.setattr("syncsvc.store.writers.LEASE", timedelta(0))
    writers = Writers(database, SystemClock())
    with writers("mappe") as first, writers("mappe") as second:
        second()
        with pytest.raises(PlatformBusy):
            first()


def test_an_error_ends_the_turn(database: Database, turn: Callable[[], float]) -> None:
    with pytest.raises(ValueError), Writers(database, SystemClock())("mappe"):
        raise ValueError

    assert turn() < leases.LEASE.total_seconds() / 2
