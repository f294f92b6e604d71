"""One run at a time for each table: take its lease, wait for it, inherit it from a process that died."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncsvc.errors import LeaseLost, TableBusy
from syncsvc.services.runtime import Runtime
from syncsvc.store import tables

POLL_SECONDS = 0.2


def process_name() -> str:
    """This process as leases name it: host, process id, and when it started (an id is used again)."""
    return f"{platform.node()}:{os.getpid()}:{_started(os.getpid())}"


def _started(pid: int) -> str:
    """The process's start in kernel ticks; empty where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def is_dead(name: str) -> bool:
    """Whether the named process ran on this host and is gone; False when that cannot be known."""
    host, _, rest = name.rpartition(":")[0].rpartition(":")
    started = name.rpartition(":")[2]
    if host != platform.node() or not rest.isdigit():
        return False
    if started and Path("/proc/self/stat").exists():
        return _started(int(rest)) != started
    if os.name != "posix":
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Lease:
    """A held lease. ``check`` raises ``LeaseLost`` once somebody else took the table."""

    def __init__(self, rt: Runtime, table_id: int, fence: int) -> None:
        self._rt, self._table_id, self.fence = rt, table_id, fence

    def renew(self) -> None:
        """Prolong the lease before a long step. Raises ``LeaseLost``."""
        with self._rt.database.write() as session:
            if not tables.renew(session, self._table_id, self.fence, self._rt.clock.now()):
                raise LeaseLost


@contextmanager
def leased(rt: Runtime, table_id: int, *, wait: float) -> Iterator[Lease]:
    """Hold the table's lease; waits up to ``wait`` seconds for another holder. Raises ``TableBusy``."""
    deadline = time.monotonic() + wait
    while (fence := _take(rt, table_id)) is None:
        if time.monotonic() >= deadline:
            raise TableBusy
        time.sleep(POLL_SECONDS)
    try:
        yield Lease(rt, table_id, fence)
    finally:
        with rt.database.write() as session:
            tables.release(session, table_id, fence)


def _take(rt: Runtime, table_id: int) -> int | None:
    now = rt.clock.now()
    with rt.database.write() as session:
        fence = tables.acquire(session, table_id, rt.holder, now)
        if fence is None:
            holder = tables.holder(session, table_id)
            if holder is not None and is_dead(holder):
                fence = tables.take_over(session, table_id, holder, rt.holder, now)
        return fence
