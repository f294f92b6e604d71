"""The job centre of a table whose list has a column for it: rows that leave it blank."""

from __future__ import annotations

from tests.services.bench import Bench


def test_a_blank_job_centre_is_filled_in_by_the_run_that_takes_the_row(bench: Bench) -> None:
    """The bench proves that a second run finds nothing left to write."""
    bench.given("""
        | TN-Nr. | Name             | Eintritt   | Jobcenter               |
        |        | Kowalenko, Olena | 01.09.2024 |                         |
        |        | Alvarez, Ana     | 03.02.2025 | Jobcenter Beispielstadt |
    """)

    bench.sync()
    bench.check_second_run()

    column = bench.column_of("Jobcenter")
    assert [bench.book.get(row, column) for row in (2, 3)] == ["Jobcenter Beispielstadt"] * 2
    assert {record.values["jobcenter"] for record in bench.records().values()} == {"jc-beispielstadt"}
