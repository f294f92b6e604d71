"""What a mapping would make of real rows: the same that the first run then does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.schema import mapping_from
from syncsvc.errors import NotFound
from syncsvc.providers.memory import MemoryTable
from syncsvc.services.rehearsal import Rehearsal, SampleCell, rehearse
from tests.services.bench import JOBCENTRE, Bench

ROWS = """
|TN-Nr.    |Name            |Eintritt  |Wochentag|Ansprechperson JC|Durchwahl    |Status|Notiz      |Hinweis|
|BSP-0137-E|Kowalenko, Olena|01.09.2024|Mo       |Schulz           |030/23125-101|aktiv |ruft an    |       |
|          |Alvarez, Ana    |          |Di       |Müller           |             |      |           |       |
|BSP-0138-C|Ünal, Ada       |30.02.2025|Mi       |Schulz           |             |ruht  |hat Burnout|       |
|BSP-0138-C|Roth, Ida       |02.09.2024|Mi       |Schulz           |             |      |           |       |
|XYZ-1     |Demir, Eda      |3.9.2024  |         |                 |             |      |           |       |
|Summe     |                |          |         |                 |             |      |           |       |
"""


def run_through(bench: Bench, change: Mapping[str, Any] | None = None, *, rows: int = 10) -> Rehearsal:
    body = {"key": "standard", "title": "Liste", "privacy_level": 3, "columns": bench.columns, **(change or {})}
    mapping = mapping_from(body)
    assert isinstance(mapping, TableMapping), mapping
    snapshot = MemoryTable(bench.book).read()
    return rehearse(bench.rt, snapshot, mapping, project="bsp", jobcentre=JOBCENTRE, rows=rows)


def cell(rehearsal: Rehearsal, row: int, field: str) -> SampleCell:
    (found,) = [cell for one in rehearsal.rows if one.number == row for cell in one.cells if cell.field == field]
    return found


def test_every_row_says_what_the_first_run_writes_into_its_note(bench: Bench) -> None:
    """Unreadable, missing, doubled, foreign: the sentences are the run's own, in the rows they belong to."""
    bench.given(ROWS)

    rehearsal = run_through(bench)

    bench.sync()
    column = bench.column_of("Hinweis") - 1
    notes = {number: row[column] for number, row in enumerate(bench.book.rows, start=1) if number > 1}
    said = {
        row.number: {row.problem} if row.problem else {cell.problem for cell in row.cells if cell.problem}
        for row in rehearsal.rows
    }
    assert said == {row: set(str(note).split(" · ")) if note else set() for row, note in notes.items()}
    assert (rehearsal.ready, len(rehearsal.rows)) == (1, 6)
    assert {(spot.row, spot.field) for spot in rehearsal.spots} >= {(3, "entry_date"), (4, "custom.note"), (5, "")}


def test_each_cell_shows_what_was_typed_and_how_it_is_read(bench: Bench) -> None:
    bench.given(ROWS)

    rehearsal = run_through(bench)

    assert cell(rehearsal, 2, "contact_jc_phone") == SampleCell(
        "contact_jc_phone", "Durchwahl", "030/23125-101", "030 23125-101", "normalise"
    )
    assert cell(rehearsal, 2, "participant_name").level == "ok"
    assert cell(rehearsal, 3, "entry_date") == SampleCell(
        *("entry_date", "Eintritt", "", "", "missing"),
        "Spalte Eintritt: bitte ausfüllen, dann wird die Zeile übernommen.",
    )
    assert cell(rehearsal, 4, "entry_date").text == "30.02.2025"


def test_what_must_not_be_repeated_is_not_shown(bench: Bench) -> None:
    """Neither in its cell nor among the examples of its column, mapped or not."""
    bench.given(ROWS)

    rehearsal = run_through(bench)
    unmapped = run_through(bench, {"columns": [c for c in bench.columns if c["header"] != "Notiz"]})

    assert (cell(rehearsal, 4, "custom.note").text, cell(rehearsal, 4, "custom.note").level) == ("", "reject")
    assert "Burnout" not in repr(rehearsal)
    assert "Burnout" not in repr(unmapped)


def test_columns_say_what_is_read_as_what(bench: Bench) -> None:
    """A column nobody mapped is listed too; one that the privacy level keeps back rests, and none of it is read."""
    bench.given(ROWS)

    rehearsal = run_through(bench, {"privacy_level": 1})

    columns = {column.header: (column.letter, column.field, column.rests) for column in rehearsal.columns}
    assert columns["Eintritt"] == ("C", "entry_date", False)
    assert columns["Wochentag"] == ("D", None, False)
    assert columns["Ansprechperson JC"] == ("E", "contact_jc", False)
    assert columns["Status"] == ("G", "status", True)
    examples = {column.header: column.examples for column in rehearsal.columns}
    assert examples["Wochentag"] == ("Mo", "Di", "Mi")
    assert "status" not in {cell.field for row in rehearsal.rows for cell in row.cells}


def test_a_table_without_references_is_read_as_if_it_had_the_column(bench: Bench) -> None:
    """A run would not begin; how the rows read can be seen all the same."""
    bench.given("| TN-Nr. | Eintritt | Status |\n| BSP-0137-E | 1.9.24 | aktiv |")
    bench.people_change_it_to("| Eintritt | Status |\n| 1.9.24 | aktiv |")

    rehearsal = run_through(bench)

    assert rehearsal.stops == "Spalte „TN-Nr.“ fehlt in der Tabelle."
    assert cell(rehearsal, 2, "entry_date").shown == "01.09.2024"


def test_a_missing_column_is_named_and_the_others_are_read(bench: Bench) -> None:
    bench.given("| TN-Nr. | Eintritt | Status |\n| BSP-0137-E | 1.9.24 | aktiv |")
    bench.people_change_it_to("| TN-Nr. | Eintritt |\n| BSP-0137-E | 1.9.24 |")

    rehearsal = run_through(bench)

    assert rehearsal.held == ("Spalte „Status“ fehlt in der Tabelle.",)
    assert rehearsal.ready == 1


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("| Liste 2025 |", "Kopfzeile nicht gefunden: Die Spaltenüberschriften fehlen oder stehen mehrfach da."),
        ("", "Das Blatt ist leer: Auch die Kopfzeile fehlt."),
    ],
)
def test_without_a_header_there_is_a_reason_and_no_row(bench: Bench, table: str, sentence: str) -> None:
    bench.given("| TN-Nr. | Eintritt |\n| BSP-0137-E | 1.9.24 |")
    bench.people_change_it_to(table)

    rehearsal = run_through(bench)

    assert (rehearsal.stops, rehearsal.rows, rehearsal.header_row) == (sentence, (), None)


def test_only_the_first_rows_are_read_and_nothing_is_stored(bench: Bench) -> None:
    bench.given(ROWS)

    rehearsal = run_through(bench, rows=2)

    assert [row.number for row in rehearsal.rows] == [2, 3]
    assert bench.records() == {}


def test_an_unknown_project_is_not_found(bench: Bench) -> None:
    bench.given(ROWS)
    mapping = mapping_from({"key": "a", "title": "a", "columns": bench.columns})
    assert isinstance(mapping, TableMapping)

    with pytest.raises(NotFound):
        rehearse(bench.rt, MemoryTable(bench.book).read(), mapping, project="fehlt", jobcentre=None)
