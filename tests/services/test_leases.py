"""Leases against processes that die, pause and hang: real processes, on both databases."""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from syncsvc.errors import DatabaseUnreachable, LeaseLost, TableBusy
from syncsvc.services import leases as leasing
from syncsvc.services.leases import leased
from syncsvc.services.records import set_values
from syncsvc.services.sync import sync_table
from syncsvc.store import changes, leases
from syncsvc.store.models import RunState
from tests.fleet import HEADER, Fleet, eventually, make_fleet
from tests.staged import LEASE

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
SLOW_KINDS = [pytest.param("sqlite", marks=pytest.mark.soak), KINDS[1]]
"""For tests that mostly wait, and wait for the same on both."""


@pytest.fixture(params=KINDS)
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fleet]:
    """One table, synced."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "syncsvc.db")
        yield from _with_a_table(make_fleet(tmp_path, f"sqlite:///{tmp_path / 'syncsvc.db'}"))
    else:
        server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
        with server.database(template) as url:
            yield from _with_a_table(make_fleet(tmp_path, url))


def _with_a_table(fleet: Fleet) -> Iterator[Fleet]:
    fleet.add_table("bsp", project="bsp")
    assert sync_table(fleet.rt, "bsp").state == "ok"
    yield fleet
    fleet.end()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases as the staged processes have them."""
    monkeypatch.setattr(leases, "LEASE", LEASE)
    monkeypatch.setattr(leasing, "SILENT_SECONDS", 1)


def cell(fleet: Fleet, row: int, header: str) -> object:
    return fleet.rows("bsp")[row - 2][HEADER.index(header)]


def table_id(fleet: Fleet) -> int:
    return fleet.table("bsp").id


def paused(fleet: Fleet) -> int:
    """A process that is stopped between its plan, which is stored, and its write; its id."""
    fleet.direct("bsp", "stop")
    process = fleet.start("tests.staged", "sync", "bsp")
    assert eventually(lambda: (fleet.stage / "bsp.stopped").exists())
    return process.pid


def wake(fleet: Fleet, pid: int) -> int:
    """Let the paused process go on to its end; its exit code."""
    process = next(process for process in fleet.processes if process.pid == pid)
    process.send_signal(signal.SIGCONT)
    return process.wait(30)


def test_a_paused_process_that_wakes_up_writes_nothing(fleet: Fleet, short: None) -> None:
    """It was about to write "alt"; meanwhile another process wrote that, and then the project's newer "neu"."""
    ref = str(cell(fleet, 2, "TN-Nr."))
    set_values(fleet.rt, ref, {"custom.plan": "alt"}, actor="lead")
    pid = paused(fleet)
    set_values(fleet.rt, ref, {"custom.plan": "neu"}, actor="lead")
    assert sync_table(fleet.rt, "bsp", wait=20).state == "ok"
    assert cell(fleet, 2, "Planung") == "neu"
    content = fleet.path("bsp").read_bytes()
    with fleet.rt.database.read() as session:
        history = changes.of_record(session, ref)

    assert wake(fleet, pid) == 1

    assert fleet.path("bsp").read_bytes() == content
    with fleet.rt.database.read() as session:
        assert changes.of_record(session, ref) == history
    assert "LeaseLost" in (fleet.folder / "log").read_text()
    assert [run.state for run in fleet.runs("bsp")] == [RunState.OK, RunState.INTERRUPTED, RunState.OK]
    assert sync_table(fleet.rt, "bsp").state == "unchanged"


@pytest.mark.parametrize("fleet", SLOW_KINDS, indirect=True)
def test_a_paused_process_does_not_put_back_what_needed_no_write(fleet: Fleet, short: None) -> None:
    """Nothing else moved the file: only the lease tells the woken process that its plan is old."""
    ref, before = str(cell(fleet, 2, "TN-Nr.")), fleet.path("bsp").read_bytes()
    set_values(fleet.rt, ref, {"custom.plan": "alt"}, actor="lead")
    pid = paused(fleet)
    set_values(fleet.rt, ref, {"custom.plan": ""}, actor="lead")
    assert sync_table(fleet.rt, "bsp", wait=20).state == "ok"
    assert fleet.path("bsp").read_bytes() == before

    assert wake(fleet, pid) == 1

    assert fleet.path("bsp").read_bytes() == before
    assert sync_table(fleet.rt, "bsp").state == "unchanged"


def test_a_killed_process_is_inherited_at_once(fleet: Fleet) -> None:
    """Its lease would go on for a minute."""
    ref = str(cell(fleet, 2, "TN-Nr."))
    set_values(fleet.rt, ref, {"custom.plan": "neu"}, actor="lead")
    fleet.direct("bsp", "die")
    assert fleet.start("tests.staged", "sync", "bsp").wait(30) == -signal.SIGKILL

    assert sync_table(fleet.rt, "bsp", wait=0.5).state == "ok"
    assert cell(fleet, 2, "Planung") == "neu"


@pytest.mark.parametrize("fleet", SLOW_KINDS, indirect=True)
def test_a_running_lease_is_prolonged_until_the_run_hangs(
    fleet: Fleet, short: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes the table as long as the run moves on; after that it does not keep it for good."""
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=1))
    monkeypatch.setattr(leasing, "RENEW_SECONDS", 0.1)
    monkeypatch.setattr(leasing, "PHASE_SECONDS", 2.5)
    with leased(fleet.rt, table_id(fleet), wait=0) as lease:
        with pytest.raises(TableBusy), leased(fleet.rt, table_id(fleet), wait=1.5):
            pass
        lease.renew()
        with leased(fleet.rt, table_id(fleet), wait=30):
            for use in (lease.check, lease.renew, lambda: lease.write().__enter__()):
                with pytest.raises(LeaseLost):
                    use()


def test_a_lease_that_ended_unnoticed_forbids_writing_until_it_is_renewed(fleet: Fleet, short: None) -> None:
    """As after a pause in which nobody else came."""
    with leased(fleet.rt, table_id(fleet), wait=0) as lease:
        lease.check()
        time.sleep(LEASE.total_seconds() + 0.1)
        with pytest.raises(LeaseLost):
            lease.check()
        lease.renew()
        lease.check()


def test_no_thread_outlives_its_lease(fleet: Fleet) -> None:
    def keepers() -> int:
        return sum(thread.name == f"lease {table_id(fleet)}" for thread in threading.enumerate())

    assert eventually(lambda: keepers() == 0, 5)  # of the run that took the table over
    with leased(fleet.rt, table_id(fleet), wait=0):
        assert keepers() == 1
    assert eventually(lambda: keepers() == 0, 5)


@pytest.mark.postgres
@pytest.mark.parametrize("fleet", ["postgres"], indirect=True)
class TestOnPostgres:
    def cut(self, fleet: Fleet) -> None:
        """All connections but ours end, as when the server restarts."""
        fleet.rt.database.dispose()
        with psycopg.connect(fleet.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def test_a_holder_whose_connection_is_cut_writes_nothing_more(self, fleet: Fleet) -> None:
        """The server gave its lock back. Nobody has it yet, so nobody may be told that somebody has."""
        with leased(fleet.rt, table_id(fleet), wait=0) as lease:
            lease.check()
            self.cut(fleet)
            with pytest.raises(DatabaseUnreachable):
                lease.check()

    def test_who_waits_for_a_lock_when_the_server_goes_gets_a_plain_error(self, fleet: Fleet) -> None:
        url = fleet.rt.database.engine.url
        fleet.rt.database.engine.url = url.set(port=9)
        with pytest.raises(DatabaseUnreachable), leased(fleet.rt, table_id(fleet), wait=0):
            pass
        fleet.rt.database.engine.url = url

    def test_a_process_that_pauses_inside_a_transaction_does_not_stop_all_others(
        self, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The server ends the transaction; what it had written is undone."""
        monkeypatch.setattr("syncsvc.store.database.STOPPED_SECONDS", 1)
        number = table_id(fleet)

        def pause() -> None:
            with fleet.rt.database.write() as session:
                leases.acquire(session, number, "paused", fleet.rt.clock.now())
                time.sleep(1.5)

        with pytest.raises(DatabaseUnreachable):
            pause()
        assert fleet.table("bsp").lease_holder is None
