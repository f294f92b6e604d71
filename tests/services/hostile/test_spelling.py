"""How something is spelled is nobody's edit, unless the mapping wants one spelling."""

from __future__ import annotations

import pytest

from tests.services.bench import Bench

ONE = """
| TN-Nr.     | Name             | Eintritt   | Austritt   | Status | Stunden | Fahrtkosten | Ansprechperson JC | Durchwahl     | Maßnahme JC   | Hinweis |
| BSP-0137-E | Kowalenko, Olena | 01.09.2024 | 31.12.2025 | aktiv  | 12,5    | ja          | Müller, Anna      | 030 23125-101 | AVGS-Coaching |         |
"""  # noqa: E501  # one line is one row of the table

SPELLINGS = [
    ("Name", ["KOWALENKO, Olena", "Fr. Kowalenko, Olena", "Kowalenko,Olena"]),
    ("Eintritt", ["1.9.24", "seit 01.09.2024", "1. September 2024", "2024-09-01"]),
    ("Austritt", ["bis 31.12.25", "31.12.25"]),
    ("Status", ["AKTIV ", "in Beratung", "laufend"]),
    ("Stunden", ["12,5 Std.", "12,50 h/Woche"]),
    ("Fahrtkosten", ["x", "✓", "WAHR", "bewilligt"]),
    ("Ansprechperson JC", ["Fr. Mueller", "A. Müller", "IFK Müller", "MÜLLER, ANNA"]),
    ("Durchwahl", ["030/23125-101", "+49 (0)30 23125-101", "Tel. 030-23125-101"]),
    ("Maßnahme JC", ["AVGS Coaching", "MAT-E", "Einzelcoaching"]),
]


@pytest.mark.parametrize(("header", "spellings"), SPELLINGS, ids=[header for header, _ in SPELLINGS])
def test_spellings_of_one_value_change_nothing(bench: Bench, header: str, spellings: list[str]) -> None:
    """No write, no record change, no question, no history; the person's spelling stays."""
    bench.given(ONE)
    bench.sync()
    known = bench.records()

    for spelling in spellings:
        bench.people_type("BSP-0137-E", header, spelling)
        outcome = bench.sync()

        assert (outcome.cells_written, outcome.records_changed) == (0, 0)
        assert bench.records() == known
        bench.nothing_is_asked()
        assert bench.history_of("BSP-0137-E", header) == []


def test_another_spelling_beside_a_change_of_the_record_is_no_conflict(bench: Bench) -> None:
    """Only the record moved: its value goes into the cell, whatever the old one was spelled like."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Eintritt", "1.9.24")
    bench.project_sets("BSP-0137-E", "Eintritt", "02.09.2024")
    bench.sync()
    bench.nothing_is_asked()
    bench.table_is("| TN-Nr. | Eintritt |\n| BSP-0137-E | 02.09.2024 |")


def test_a_column_may_want_one_spelling(bench: Bench) -> None:
    """``tidy: true``: the canonical form is written over the typed one, once, and only in this column."""
    bench.given(ONE, change={"Ansprechperson JC": {"tidy": True}})
    bench.sync()
    bench.people_type("BSP-0137-E", "Ansprechperson JC", "Fr. Mueller (Vertr. Schulz)")
    bench.people_type("BSP-0137-E", "Status", "laufend")
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Ansprechperson JC                   | Status  |
        | BSP-0137-E | Müller, Anna (Vertr. Schulz, Peter) | laufend |
    """)
    bench.check_second_run()


def test_what_is_asked_about_is_never_tidied(bench: Bench) -> None:
    bench.given(ONE, change={"Eintritt": {"tidy": True}})
    bench.sync()
    bench.people_type("BSP-0137-E", "Eintritt", "Anfang September")
    bench.sync()
    bench.table_is("| TN-Nr. | Eintritt |\n| BSP-0137-E | Anfang September |")


def test_the_cells_of_a_new_row_are_read_together(bench: Bench) -> None:
    """An end before the beginning is not taken only because both are new."""
    bench.given(ONE)
    bench.sync()
    bench.people_add("""
        | Name         | Eintritt   | Austritt   |
        | Alvarez, Ana | 01.09.2025 | 01.08.2025 |
    """)
    bench.sync()
    assert [question.code for question in bench.open_questions()] == ["exit_before_entry"]
