"""A process of the service whose tables follow stage directions: files ``stage/KEY.DIRECTION`` beside the tables.

    slow    sleep this many seconds before each read
    fail    refuse this many reads, as a platform that is busy does
    die     kill the process with -9 in the middle of a write, once
    stop    stop the process (SIGSTOP) between its plan and its write, once

Every sync notes in ``stage/journal`` when it begins to work and when it ended: time, table, what, process and thread.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from syncsvc import logs, settings, wiring
from syncsvc.cli import cli
from syncsvc.core.model import Patch, Snapshot
from syncsvc.errors import PlatformBusy
from syncsvc.jobs import tasks
from syncsvc.ports.tables import Swept, Table, Tables
from syncsvc.services import leases as leasing
from syncsvc.services.runtime import Runtime
from syncsvc.store import database, leases

STAGE = Path("stage")
LEASE = timedelta(seconds=2)


def note(key: str, what: str, who: str = "") -> None:
    line = f"{time.time():.6f} {key} {what} {who or f'{os.getpid()}:{threading.get_ident()}'}\n"
    with (STAGE / "journal").open("ab", buffering=0) as journal:
        journal.write(line.encode())


@dataclass
class StagedTable:
    inner: Table
    key: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def read(self) -> Snapshot:
        note(self.key, "work")
        fail, slow = self.direction("fail"), self.direction("slow")
        if fail and int(fail.read_text()):
            fail.write_text(str(int(fail.read_text()) - 1))
            raise PlatformBusy
        if slow:
            time.sleep(float(slow.read_text()))
        return self.inner.read()

    def write(self, patch: Patch, permit: Callable[[], None] = lambda: None) -> None:
        if die := self.direction("die"):
            die.unlink()
            note(self.key, "died", str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        if stop := self.direction("stop"):
            stop.rename(stop.with_suffix(".stopped"))
            os.kill(os.getpid(), signal.SIGSTOP)
        self.inner.write(patch, permit)

    def direction(self, name: str) -> Path | None:
        path = STAGE / f"{self.key}.{name}"
        return path if path.exists() else None


@dataclass
class StagedTables:
    inner: Tables

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def open(self, location: Mapping[str, str]) -> Table:
        return StagedTable(self.inner.open(location), Path(location["path"]).stem)

    def sweep(self, *args: object) -> Swept:
        return Swept()


def runtime() -> Runtime:
    """The runtime of the settings, with staged tables, and syncs that note when they ended."""
    sync = tasks.sync

    def noted(rt: Runtime, key: str) -> None:
        sync(rt, key)
        note(key, "end")

    tasks.sync = noted
    rt = wiring.build(settings.load())
    return replace(rt, tables=StagedTables(rt.tables))


def hurry() -> None:
    """Wait for nothing longer than a test can: leases, signs of life and ticks of a few seconds."""
    leases.LEASE, leasing.RENEW_SECONDS, leasing.SILENT_SECONDS = LEASE, 0.5, 1
    database.STOPPED_SECONDS = 3
    if os.environ["SYNCSVC_DATABASE_URL"].startswith("postgresql"):
        from syncsvc.jobs import cluster

        cluster.TICK_SECONDS, cluster.HEARTBEAT_SECONDS, cluster.STALLED_SECONDS = 1, 0.5, 3.0


def work() -> None:
    from syncsvc.jobs.cluster import Worker

    worker = Worker(runtime(), slots=4)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()


def command(*words: str) -> None:
    """``syncsvc`` with these words."""
    cli.main(list(words), prog_name="syncsvc")


def schedule() -> None:
    from syncsvc.jobs.exclusive import exclusive
    from syncsvc.jobs.local import LocalScheduler

    rt, ended = runtime(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with exclusive(settings.load().data_dir):
        scheduler = LocalScheduler(rt, tick=0.5)
        scheduler.start()
        while not ended.wait(1):
            pass
        scheduler.stop()


def sync(key: str) -> None:
    """One sync, as somebody asks for on the command line."""
    tasks.sync_table(runtime(), key, wait=30)


if __name__ == "__main__":
    logs.configure("text", level=logging.INFO)
    hurry()
    {"worker": work, "scheduler": schedule, "sync": sync, "syncsvc": command}[sys.argv[1]](*sys.argv[2:])
