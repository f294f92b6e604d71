"""One workbook of 1,000 x 20 and of 20,000 x 20 cells: read, write 1 % of the cells, sync; against openpyxl.

Each figure comes from a process of its own, because peak memory belongs to a process. openpyxl's load and save loses
drop-downs and pictures, so it could not do the job; it is what most programs would use.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from benchmarks.measure import peak_memory, table
from benchmarks.programme import WORKSHEET, Programme, add_table, change, make_programme, path_of
from syncsvc.core.model import CellWrite, Patch
from syncsvc.ports.tables import Table
from syncsvc.services.sync import sync_table

SIZES, COLUMNS = (1_000, 20_000), 20
KEY = "t1"


def open_table(programme: Programme) -> Table:
    location = {"provider": "workbook", "path": str(path_of(programme, KEY)), "worksheet": WORKSHEET}
    return programme.rt.tables.open(location)


def read(programme: Programme) -> Callable[[], object]:
    return open_table(programme).read


def write(programme: Programme) -> Callable[[], object]:
    """Write 1 % of the cells, reading the file included, as openpyxl must too."""

    def work() -> None:
        opened = open_table(programme)
        snapshot = opened.read()
        places = [(row.number, column) for row in snapshot.rows[1:] for column in range(2, COLUMNS)]
        chosen = programme.source.sample(places, len(snapshot.rows) * COLUMNS // 100)
        writes = tuple(CellWrite(None, r, c, snapshot.rows[r - 1].cells[c - 1], "neu") for r, c in chosen)
        opened.write(Patch("bench", snapshot.version, 1, 1, writes))

    return work


def load_and_save(programme: Programme) -> Callable[[], object]:
    def work() -> None:
        book = load_workbook(path_of(programme, KEY))
        sheet = book[WORKSHEET]
        for row in range(2, 2 + sheet.max_row * COLUMNS // 100):
            sheet.cell(row, 2, "neu")
        book.save(path_of(programme, KEY))

    return work


def first_sync(programme: Programme) -> Callable[[], object]:
    return lambda: sync_table(programme.rt, KEY)


def next_sync(programme: Programme) -> Callable[[], object]:
    """A sync after 1 % of the rows were edited."""
    sync_table(programme.rt, KEY)
    change(programme, KEY, cells=len(open_table(programme).read().rows) // 100)
    return lambda: sync_table(programme.rt, KEY)


WORKS = {
    "read": read,
    "write 1 % of the cells": write,
    "openpyxl load + save": load_and_save,
    "first sync (takes all rows over)": first_sync,
    "sync, 1 % of the rows edited": next_sync,
}


def measure(name: str, rows: int) -> None:
    """Print CPU seconds of the work and the process's peak memory, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        programme = make_programme(Path(folder), columns=COLUMNS)
        add_table(programme, KEY, rows=rows)
        work = WORKS[name](programme)
        started = time.process_time()
        work()
        print(time.process_time() - started, peak_memory())


def main() -> None:
    for size in SIZES:
        rows = [["work", "CPU", "peak memory", "openpyxl : this"]]
        figures = {}
        for name in WORKS:
            command = [sys.executable, "-m", "benchmarks.bench_workbook", name, str(size)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            figures[name] = [float(part) for part in output.split()]
        peer = figures["openpyxl load + save"][0]
        for name, (cpu, peak) in figures.items():
            rows.append([name, f"{cpu:.2f} s", f"{peak:.0f} MB", f"{peer / cpu:.1f}"])
        table(f"One workbook of {size:,} x {COLUMNS}", rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], int(sys.argv[2]))
    else:
        main()
