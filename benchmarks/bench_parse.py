"""How long the service takes to read 100,000 cells of what staff type, on one core.

Run it with: python -m benchmarks.bench_parse
"""

from __future__ import annotations

import csv
import itertools
import time
from datetime import date
from pathlib import Path

from syncsvc.services.parse import parse_cell, read_context

LISTS = Path(__file__).parent.parent / "tests" / "core" / "fields" / "lists"
CELLS, LIMIT = 100_000, 10.0


def main() -> None:
    context = read_context(LISTS / "context.yaml", date(2025, 9, 15))
    with (LISTS / "more.csv").open(encoding="utf-8", newline="") as file:
        cells = [(row["field"], row["raw"]) for row in csv.DictReader(file)]
    started = time.process_time()
    for field, raw in itertools.islice(itertools.cycle(cells), CELLS):
        parse_cell(field, raw, context)
    seconds = time.process_time() - started
    print(
        f"{CELLS:,} cells in {seconds:.1f} s of one core ({seconds / CELLS * 1e6:.0f} µs a cell); limit {LIMIT:.0f} s"
    )


if __name__ == "__main__":
    main()
