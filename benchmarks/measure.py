"""Medians of several repeats, and small tables of them."""

from __future__ import annotations

import gc
import resource
import statistics
import time
from collections.abc import Callable, Sequence


def seconds(work: Callable[[], object], *, repeats: int = 5) -> float:
    """Median CPU seconds of ``work``, after one run that does not count. CPU, because a busy machine is no result."""
    work()
    times = []
    for _ in range(repeats):
        gc.collect()
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times)


def peak_memory() -> float:
    """The most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table(title: str, rows: Sequence[Sequence[str]]) -> None:
    """Print rows, the first of them headers, in even columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
