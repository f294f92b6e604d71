"""One scenario on both engines, with real processes: everything ends well, whatever fails or dies."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncsvc.services.schedules import request_sync
from syncsvc.store.models import RunState
from tests.fleet import Fleet, eventually, make_fleet

TABLES = [f"t{letter}" for letter in "abcdefgh"]
FAILING, KILLED = "tb", "tc"


@pytest.fixture(params=["embedded", pytest.param("cluster", marks=pytest.mark.postgres)])
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fleet]:
    """Eight tables; the command that starts an engine is the fleet's parameter."""
    if request.param == "embedded":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "syncsvc.db")
        made = make_fleet(tmp_path, f"sqlite:///{tmp_path / 'syncsvc.db'}")
        yield made
        made.end()
    else:
        made = request.getfixturevalue("cluster")
        yield made


def test_everything_ends_well_whatever_fails_or_dies(fleet: Fleet, request: pytest.FixtureRequest) -> None:
    """Eight tables, one refuses twice, one kills its process in the middle of its write."""
    on_postgres = fleet.url.startswith("postgresql")
    for key in TABLES:
        fleet.add_table(key, project=key)
        fleet.direct(key, "slow", 0.3)
    fleet.direct(FAILING, "fail", 2)
    fleet.direct(KILLED, "die")
    engines = [fleet.start("tests.staged", "worker" if on_postgres else "scheduler") for _ in range(1 + on_postgres)]

    assert eventually(lambda: -signal.SIGKILL in [process.poll() for process in engines])
    request_sync(fleet.rt, KILLED, "admin")  # with the dead one's job still in the queue
    if not on_postgres:
        fleet.start("tests.staged", "scheduler")
    for failures in (1, 2):
        assert eventually(lambda count=failures: fleet.table(FAILING).failures == count)
        request_sync(fleet.rt, FAILING, "admin")

    assert eventually(lambda: not fleet.unwell(TABLES)), fleet.unwell(TABLES)
    assert fleet.overlaps() == 0
    assert [run.state for run in fleet.runs(KILLED)] == [RunState.INTERRUPTED, RunState.OK]
    assert fleet.table(FAILING).failures == 0
    assert all(map(fleet.nothing_is_doubled, TABLES))
