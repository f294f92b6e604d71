"""Everything at once: three workers and two web processes on one PostgreSQL, thirty tables, people at work everywhere;
processes are killed and paused at random, and the database crashes. In the end every promise has to hold."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncsvc.jobs.cluster import prepare
from syncsvc.services import leases as leasing
from syncsvc.services.schedules import request_sync
from syncsvc.services.sync import sync_table
from syncsvc.store import database, leases
from syncsvc.store.database import Database, upgrade
from syncsvc.store.models import Intent, RunState
from tests import staged
from tests.chaos.people import People
from tests.chaos.server import Server, serve
from tests.factories import make_vault
from tests.fleet import Fleet, eventually, make_fleet

pytestmark = [pytest.mark.postgres]

PROJECTS = ["pa", "pb", "pc", "pd", "pe", "pf"]
KEYS = [f"{project}{number}" for project in PROJECTS for number in range(5)]


@pytest.fixture
def server() -> Iterator[Server]:
    yield from serve()


@pytest.fixture
def fleet(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    """No table and no process yet; the test's own process is as impatient as the staged ones."""
    monkeypatch.setattr(leases, "LEASE", staged.LEASE)
    monkeypatch.setattr(leasing, "RENEW_SECONDS", 0.5)
    monkeypatch.setattr(leasing, "SILENT_SECONDS", 1)
    monkeypatch.setattr(database, "STOPPED_SECONDS", 3)
    bare = Database(server.url, make_vault())
    upgrade(bare)
    prepare(bare)
    bare.dispose()
    fleet = make_fleet(tmp_path, server.url)
    yield fleet
    fleet.end()


class Chaos:
    """Breaks one thing after the other, and puts back what died."""

    def __init__(self, fleet: Fleet, server: Server, seed: int) -> None:
        self.fleet, self.server, self._source = fleet, server, random.Random(seed)
        self.did: Counter[str] = Counter()
        self.workers: list[subprocess.Popen[str]] = []
        self.webs: dict[int, subprocess.Popen[str]] = {}

    def begin(self) -> list[str]:
        """Start everything; the addresses of the web processes."""
        self.workers = [self._worker() for _ in range(3)]
        self.webs = {port: self._web(port) for port in (_free_port(), _free_port())}
        return [f"http://127.0.0.1:{port}" for port in self.webs]

    def go_on(self, seconds: float) -> None:
        """Break something every second or so."""
        deeds = [self._kill_worker] * 3 + [self._pause_worker] * 3 + [self._kill_web, self._restart, self._dump]
        first = [self._restart, self._kill_worker, self._pause_worker]  # also in a short test
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            (first.pop(0) if first else self._source.choice(deeds))()
            time.sleep(self._source.uniform(0.2, 1.5))

    def _worker(self) -> subprocess.Popen[str]:
        return self.fleet.start("tests.staged", "worker")

    def _web(self, port: int) -> subprocess.Popen[str]:
        return self.fleet.start("tests.staged", "syncsvc", "web", "--port", str(port))

    def _kill_worker(self) -> None:
        number = self._source.randrange(len(self.workers))
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = self._worker()
        self.did["worker killed"] += 1

    def _pause_worker(self) -> None:
        worker = self._source.choice(self.workers)
        worker.send_signal(signal.SIGSTOP)
        time.sleep(self._source.uniform(0.5, 2.5 * staged.LEASE.total_seconds()))
        worker.send_signal(signal.SIGCONT)
        self.did["worker paused"] += 1

    def _kill_web(self) -> None:
        port = self._source.choice(list(self.webs))
        self.webs[port].kill()
        self.webs[port].wait()
        self.webs[port] = self._web(port)
        self.did["web killed"] += 1

    def _restart(self) -> None:
        mode = self._source.choice(["fast", "immediate"])
        self.server.restart(mode)
        self.did[f"database restarted ({mode})"] += 1

    def _dump(self) -> None:
        self.server.dump(self.fleet.folder / "dump.sql")
        self.did["database dumped"] += 1


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("keys", "seconds"), [(KEYS[::3], 6), pytest.param(KEYS, 300, marks=pytest.mark.soak)], ids=["short", "long"]
)
def test_nothing_is_lost_doubled_or_stuck_whatever_dies(
    fleet: Fleet, server: Server, keys: list[str], seconds: float, capsys: pytest.CaptureFixture[str]
) -> None:
    began, seed = time.monotonic(), random.SystemRandom().randrange(10**6)
    chaos = Chaos(fleet, server, seed)
    addresses = chaos.begin()
    for key in keys:
        fleet.direct(key, "slow", 0.1)
        fleet.add_table(key, project=key[:2], rows=10)
    assert eventually(lambda: not fleet.unwell(keys)), fleet.unwell(keys)
    people = People(fleet, keys, seed)
    people.begin(addresses)
    chaos.go_on(seconds)
    people.stop()
    broke_off = time.monotonic()
    for key in keys:
        request_sync(fleet.rt, key, "admin")

    assert eventually(lambda: not fleet.unwell(keys)), fleet.unwell(keys)
    settled = time.monotonic()
    alive = [process.poll() for process in (*chaos.workers, *chaos.webs.values())]
    for process in chaos.workers:
        process.terminate()
        process.wait(20)
    runs = [run for key in keys for run in fleet.runs(key)]
    states = Counter(run.state.value for run in runs)
    account = [f"seed {seed}, {settled - began:.0f} s, settled {settled - broke_off:.1f} s after the last break"]
    account += [
        ", ".join(f"{what}: {count}" for what, count in sorted(each.items()))
        for each in (chaos.did, people.did, states)
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n  ".join(account) + "\n")

    assert alive == [None] * 5
    assert people.lost() == []
    assert people.misplaced() == []
    assert people.unknown() == []
    assert all(map(fleet.nothing_is_doubled, keys))
    assert sum(run.receipt.get("lost", 0) for run in runs) == 0
    assert {key: fleet.overlapping_runs(key) for key in keys} == dict.fromkeys(keys, 0)
    assert RunState.RUNNING not in {run.state for run in runs}
    assert [fleet.table(key).lease_holder for key in keys] == [None] * len(keys)
    with fleet.rt.database.read() as session:
        assert session.query(Intent).count() == 0
    again = [sync_table(fleet.rt, key, wait=0) for key in keys]
    assert {(outcome.state, outcome.cells_written) for outcome in again} <= {("unchanged", 0), ("ok", 0)}
