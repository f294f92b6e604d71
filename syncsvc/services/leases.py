"""One run at a time for each table: take its lease, wait for it, inherit it from a process that died."""

from __future__ import annotations

import os
import platform
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.orm import Session

from syncsvc.errors import DatabaseBusy, DatabaseUnreachable, LeaseLost, TableBusy
from syncsvc.services.runtime import Runtime
from syncsvc.store import leases, locks
from syncsvc.store.locks import SessionLock

POLL_SECONDS = 0.2

SILENT_SECONDS = 10
"""A process whose lease has ended and of which nothing was heard for so long is paused, or hangs."""

RENEW_SECONDS = 20.0
"""How often a running lease is prolonged: two attempts may fail before it ends."""

PHASE_SECONDS = 300.0
"""How long one phase of a run may take; a run that hangs for longer loses its lease, so that another can go on."""

_SPACE = 0x6C656173
"""The advisory locks of leases ("leas" in ASCII); the second half of each is the table's id."""


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
    """A held lease, prolonged in the background as long as the run moves on.

    A process can be stopped at any instruction and go on much later, when somebody else has the table. So everything
    a run does outside goes through ``write``, or comes right after ``check``.
    """

    def __init__(self, rt: Runtime, table_id: int, fence: int, lock: SessionLock | None, taken: float) -> None:
        self.fence = fence
        self._rt, self._table_id, self._lock = rt, table_id, lock
        self._ends = taken + leases.LEASE.total_seconds()
        self._phase = taken
        self._released = threading.Event()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A write session: the table is ours until it has committed. Raises ``LeaseLost``."""
        with self._rt.database.write() as session:
            if not leases.holds(session, self._table_id, self.fence):
                raise LeaseLost
            yield session

    def renew(self) -> None:
        """Prolong the lease: the run begins a phase that may take long. Raises ``LeaseLost``."""
        self._phase = _now()
        self._prolong()

    def check(self) -> None:
        """Return if the table is ours at this moment. The last thing to do before a write goes out.

        Raises ``LeaseLost``, or ``DatabaseUnreachable`` if the database went away, though it may be back.
        """
        cut: DatabaseUnreachable | None = None
        if self._lock is not None:
            try:
                self._lock.check()
            except DatabaseUnreachable as error:
                cut = error  # with the server, or by who took the table over: the table's row tells
        with self._rt.database.read() as session:
            if not leases.holds(session, self._table_id, self.fence):
                raise LeaseLost
        if cut is not None:
            raise cut
        if _now() >= self._ends:  # we were stopped, maybe since the answers above: who knows what is true by now
            raise LeaseLost

    @contextmanager
    def kept(self) -> Iterator[Lease]:
        """Prolong the lease in the background until the end of the block."""
        threading.Thread(target=self._keep, name=f"lease {self._table_id}", daemon=True).start()
        try:
            yield self
        finally:
            self._released.set()

    def _prolong(self) -> None:
        asked = _now()  # before the question: our end must not be later than the one the database knows
        with self._rt.database.write() as session:
            if not leases.renew(session, self._table_id, self.fence, self._rt.clock.now()):
                raise LeaseLost
        self._ends = asked + leases.LEASE.total_seconds()

    def _keep(self) -> None:
        while not self._released.wait(RENEW_SECONDS) and _now() < self._phase + PHASE_SECONDS:
            with suppress(DatabaseBusy, DatabaseUnreachable):  # the next attempt may come in time
                try:
                    self._prolong()
                except LeaseLost:  # the run notices as soon as it wants to write
                    return


@contextmanager
def leased(rt: Runtime, table_id: int, *, wait: float) -> Iterator[Lease]:
    """Hold the table's lease; waits up to ``wait`` seconds for another holder. Raises ``TableBusy``.

    On PostgreSQL the holder has a session lock as well. It ends with the process, so the lease of a dead one is
    inherited at once; and a process that was paused until its lease had ended loses it for good.
    """
    deadline = time.monotonic() + wait
    with _session_lock(rt, table_id) as lock:
        while True:
            taken = _now()
            if (fence := _take(rt, table_id, lock)) is not None:
                break
            if time.monotonic() >= deadline:
                raise TableBusy
            time.sleep(POLL_SECONDS)
        try:
            with Lease(rt, table_id, fence, lock, taken).kept() as lease:
                yield lease
        finally:
            with suppress(DatabaseBusy, DatabaseUnreachable), rt.database.write() as session:  # else it ends by itself
                leases.release(session, table_id, fence)


@contextmanager
def _session_lock(rt: Runtime, table_id: int) -> Iterator[SessionLock | None]:
    if not locks.are_kept(rt.database):
        yield None
        return
    lock = SessionLock(rt.database, _SPACE, table_id)
    try:
        yield lock
    finally:
        lock.close()


def _take(rt: Runtime, table_id: int, lock: SessionLock | None) -> int | None:
    """The fence of a new lease, or None while somebody else works on the table."""
    now = rt.clock.now()
    if lock is not None and not lock.take():
        with rt.database.read() as session:
            abandoned = leases.has_ended(session, table_id, now)
        if abandoned:
            lock.end_silent_holder(SILENT_SECONDS)
        return None
    with rt.database.write() as session:
        fence = leases.acquire(session, table_id, rt.holder, now)
        if fence is None:
            holder = leases.holder(session, table_id)
            if holder is not None and (lock is not None or is_dead(holder)):
                fence = leases.take_over(session, table_id, holder, rt.holder, now)
        return fence


def _now() -> float:
    """Seconds on a clock that goes on while the machine sleeps, where the system has one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()
