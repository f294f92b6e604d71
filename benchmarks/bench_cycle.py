"""One cycle over 150 tables of 200 rows: real .xlsx files, SQLite, nothing changed; then one cell changed in each.

Bars: an unchanged cycle takes under 2 s of CPU, and the process never holds more than 300 MB.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.measure import peak_memory, seconds, table
from benchmarks.programme import Programme, add_table, change, make_programme
from syncsvc.services.sync import due_tables, sync_table

TABLES, ROWS = 150, 200


def cycle(programme: Programme) -> Counter[str]:
    """Sync all tables once, as the scheduler does; how many ended in which state."""
    return Counter(sync_table(programme.rt, key).state for key in due_tables(programme.rt))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        programme = make_programme(Path(folder), columns=10)
        keys = [f"t{number:03d}" for number in range(TABLES)]
        for key in keys:
            add_table(programme, key, rows=ROWS)
        assert cycle(programme) == {"ok": TABLES}, "the first cycle takes every table over"
        assert cycle(programme) == {"unchanged": TABLES}
        unchanged = seconds(lambda: cycle(programme))

        def one_cell_each() -> None:
            for key in keys:
                change(programme, key, cells=1)
            assert cycle(programme) == {"ok": TABLES}

        def type_only() -> None:
            for key in keys:
                change(programme, key, cells=1)

        changed = seconds(one_cell_each, repeats=1) - seconds(type_only, repeats=1)
        rows = [
            ["cycle", "CPU", "bar"],
            ["nothing changed", f"{unchanged:.2f} s", "2 s"],
            ["one cell changed in each table", f"{changed:.2f} s", ""],
            ["peak memory", f"{peak_memory():.0f} MB", "300 MB"],
        ]
        table(f"{TABLES} tables x {ROWS} rows", rows)


if __name__ == "__main__":
    main()
