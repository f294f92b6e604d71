"""Case 11: cells that the platform lets only others write. The rest is written; each closed cell is asked about."""

from __future__ import annotations

from tests.services.bench import Bench
from tests.services.hostile.tables import THREE

BELOW = 5
"""The row below the last one of THREE."""


def lock(bench: Bench, *headers: str, rows: range = range(2, 20)) -> None:
    bench.book.lock(*((row, bench.column_of(header)) for header in headers for row in rows))


def test_11_the_others_are_written_and_the_closed_cell_is_asked_about(bench: Bench) -> None:
    bench.given(THREE)
    bench.sync()
    lock(bench, "Notiz", rows=range(2, 3))
    bench.project_sets("BSP-0137-E", "Notiz", "neu")
    bench.project_sets("BSP-0138-C", "Notiz", "auch neu")

    bench.sync()

    assert bench.book.get(2, bench.column_of("Notiz")) == "ruft an"
    assert bench.book.get(3, bench.column_of("Notiz")) == "auch neu"
    bench.questions_are("| Art | Grund | TN-Nr. | Spalte |\n| column | protected_cell | BSP-0137-E | Notiz |")

    bench.book.lock()
    bench.sync()

    assert bench.book.get(2, bench.column_of("Notiz")) == "neu"
    bench.nothing_is_asked()


def test_11_a_new_row_without_a_place_for_its_reference_waits(bench: Bench) -> None:
    """Without a reference nobody would know her row again, so no record is made before it can be written."""
    bench.given(THREE)
    bench.sync()
    lock(bench, "TN-Nr.")
    bench.people_add("| Name | Eintritt |\n| Novak, Iva | 05.05.2025 |")

    bench.sync()

    assert len(bench.records()) == 3
    assert [question.code for question in bench.open_questions()] == ["reference_locked"]
    assert "geschützt" in str(bench.book.get(BELOW, bench.column_of("Hinweis")))

    bench.book.lock()
    bench.sync()

    assert len(bench.records()) == 4
    assert bench.book.get(BELOW, bench.column_of("Hinweis")) is None
    bench.nothing_is_asked()


def test_11_a_row_is_appended_without_its_closed_cells(bench: Bench) -> None:
    bench.given(THREE)
    bench.sync()
    lock(bench, "Notiz", rows=range(BELOW, 20))
    bench.project_has("| TN-Nr. | Name | Eintritt | Notiz |\n| BSP-0141-M | Novak, Iva | 05.05.2025 | montags |")

    bench.sync()

    row = bench.row_of("BSP-0141-M")
    assert bench.book.get(row, bench.column_of("Name")) == "Novak, Iva"
    assert bench.book.get(row, bench.column_of("Notiz")) is None
    assert [(q.code, q.ref, q.field) for q in bench.open_questions()] == [
        ("protected_cell", "BSP-0141-M", "custom.note")
    ]


def test_11_no_row_is_appended_where_no_reference_can_stand(bench: Bench) -> None:
    bench.given(THREE)
    bench.sync()
    lock(bench, "TN-Nr.", rows=range(BELOW, 20))
    bench.project_has("| TN-Nr. | Name | Eintritt |\n| BSP-0141-M | Novak, Iva | 05.05.2025 |")

    bench.sync()

    assert len(bench.book.rows) == 4
    assert [(q.code, q.ref) for q in bench.open_questions()] == [("protected_cell", "BSP-0141-M")]
