"""What people do to columns and headers. The numbers are those of the list of hostile cases."""

from __future__ import annotations

import pytest

from syncsvc.errors import UsageError
from syncsvc.services.sync import sync_table
from tests.services.bench import TABLE, Bench
from tests.services.hostile.tables import THREE, long_table, references


def test_02_a_column_inserted_left_of_everything_is_not_ours(bench: Bench) -> None:
    """Columns are found by their header in every run; the foreign one is neither read nor written."""
    bench.given(THREE)
    bench.sync()
    bench.book.insert_column(1, "erledigt?", "x", None, "x")
    bench.people_type("BSP-0138-C", "Notiz", "neu")
    bench.project_sets("BSP-0139-A", "Notiz", "dienstags")
    bench.sync()
    bench.sheet_is("""
        | erledigt? | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Notiz     | Hinweis |
        | x         | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | ruft an   |         |
        |           | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |                   | neu       |         |
        | x         | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     | dienstags |         |
    """)


def test_03_a_title_above_the_header_does_not_matter(bench: Bench) -> None:
    """The header is searched in the first 20 rows."""
    bench.given(THREE)
    bench.sync()
    bench.book.insert_row(1, "Liste des Projekts, Stand März")
    bench.book.insert_row(2)
    bench.people_type("BSP-0138-C", "Notiz", "neu")
    assert bench.sync().records_changed == 1


def test_03_a_header_further_down_than_row_20_is_not_found(bench: Bench) -> None:
    """Stop: "Kopfzeile nicht gefunden"."""
    bench.given(THREE)
    bench.sync()
    for _ in range(20):
        bench.book.insert_row(1, "Notizen")
    outcome = bench.sync("held")
    assert "Kopfzeile nicht gefunden" in outcome.message
    with pytest.raises(UsageError):
        bench.approve()


def test_03_two_header_rows_are_ambiguous(bench: Bench) -> None:
    """Somebody pasted the header again among the first rows."""
    bench.given(THREE)
    bench.sync()
    bench.book.insert_row(3, *bench.book.rows[0])
    assert "Kopfzeile nicht gefunden" in bench.sync("held").message


def test_03_a_run_goes_on_by_itself_once_the_header_is_back(bench: Bench) -> None:
    """A held table needs no release when only the table had to be mended."""
    bench.given(THREE)
    bench.sync()
    header = list(bench.book.rows[0])
    bench.book.delete_row(1)
    bench.sync("held")
    bench.book.insert_row(1, *header)
    bench.sync()
    bench.nothing_is_asked()


def test_04_a_renamed_header_is_proposed_and_only_its_column_waits(bench: Bench) -> None:
    """Never guessed: an admin confirms, then the column syncs under its new name."""
    bench.given(THREE)
    bench.sync()
    bench.book.set(1, 5, "Bemerkungen")
    bench.book.set(2, 5, "neu")
    bench.people_type("BSP-0138-C", "Eintritt", "04.02.2025")

    bench.sync()

    bench.questions_are("""
        | Art    | Grund          | Spalte | Vorschlag   |
        | column | column_renamed | Notiz  | Bemerkungen |
    """)
    bench.records_are("""
        | TN-Nr.     | Eintritt   | Notiz   |
        | BSP-0137-E | 01.09.2024 | ruft an |
        | BSP-0138-C | 04.02.2025 |         |
        | BSP-0139-A | 17.06.2024 | montags |
    """)
    bench.answer(None, "Notiz", "yes")
    bench.sync()
    bench.nothing_is_asked()
    bench.records_are("""
        | TN-Nr.     | Notiz   |
        | BSP-0137-E | neu     |
        | BSP-0138-C |         |
        | BSP-0139-A | montags |
    """)


@pytest.mark.parametrize("header", ["IFK", " ansprechperson   jc ", "Ansprechperson-JC:"])
def test_04_an_alias_or_another_spelling_of_the_header_is_the_same_column(bench: Bench, header: str) -> None:
    """Case, blanks and punctuation do not matter."""
    bench.given(THREE)
    bench.sync()
    bench.book.set(1, 4, header)
    bench.book.set(3, 4, "Schulz, Peter")
    assert bench.sync().records_changed == 1
    bench.nothing_is_asked()


def test_04_a_deleted_column_is_held_and_nothing_is_emptied(bench: Bench) -> None:
    """A missing column holds that column only; its values stay in the records, and come back with the column."""
    bench.given(THREE)
    bench.sync()
    bench.book.delete_column(5)
    bench.project_sets("BSP-0137-E", "Notiz", "vom Projekt")
    bench.people_type("BSP-0138-C", "Eintritt", "04.02.2025")
    bench.sync()
    bench.questions_are("| Art | Grund | Spalte |\n| column | column_missing | Notiz |")
    bench.records_are("""
        | TN-Nr.     | Eintritt   | Notiz       |
        | BSP-0137-E | 01.09.2024 | vom Projekt |
        | BSP-0138-C | 04.02.2025 |             |
        | BSP-0139-A | 17.06.2024 | montags     |
    """)


def test_04_without_the_reference_column_nothing_is_done(bench: Bench) -> None:
    """No reference, no identity: the whole table is held."""
    bench.given(THREE)
    bench.sync()
    bench.book.delete_column(1)
    bench.sync("held")
    assert len(bench.records()) == 3


def test_05_swapped_headers_hold_both_columns(bench: Bench) -> None:
    """The headers moved and the data did not: nothing is half-written."""
    bench.given("""
        | TN-Nr.     | Eintritt   | Austritt   | Notiz | Hinweis |
        | BSP-0137-E | 01.09.2024 | 31.08.2025 | eins  |         |
        | BSP-0138-C | 03.02.2025 | 02.02.2026 | zwei  |         |
        | BSP-0139-A | 17.06.2024 | 16.06.2025 | drei  |         |
    """)
    bench.sync()
    bench.book.set(1, 2, "Austritt")
    bench.book.set(1, 3, "Eintritt")
    bench.people_type("BSP-0137-E", "Notiz", "neu")

    bench.sync()

    bench.questions_are("| Art | Grund |\n| column | column_swapped |\n| column | column_swapped |")
    bench.records_are("""
        | TN-Nr.     | Eintritt   | Austritt   | Notiz |
        | BSP-0137-E | 01.09.2024 | 31.08.2025 | neu   |
        | BSP-0138-C | 03.02.2025 | 02.02.2026 | zwei  |
        | BSP-0139-A | 17.06.2024 | 16.06.2025 | drei  |
    """)


def test_05_a_column_moved_with_its_data_is_just_elsewhere(bench: Bench) -> None:
    """Cut and pasted as a whole."""
    bench.given(THREE)
    bench.sync()
    cells = [row[4] if len(row) > 4 else None for row in bench.book.rows]
    bench.book.delete_column(5)
    bench.book.insert_column(2, *cells)
    outcome = bench.sync()
    assert (outcome.cells_written, outcome.records_changed) == (0, 0)
    bench.nothing_is_asked()


def test_06_a_doubled_header_holds_that_column_and_names_both_letters(bench: Bench) -> None:
    """The rest of the table syncs; once one is renamed, the column syncs again."""
    bench.given(THREE)
    bench.sync()
    bench.book.insert_column(6, "Notiz", "andere")
    bench.people_type("BSP-0138-C", "Eintritt", "04.02.2025")
    assert bench.sync().records_changed == 1
    (question,) = bench.open_questions()
    assert question.code == "column_doubled"
    assert "E, F" in str(question.document["detail"])

    bench.book.set(1, 6, "Notiz alt")
    bench.book.set(2, 5, "neu")
    bench.sync()
    bench.nothing_is_asked()
    assert bench.records()["BSP-0137-E"].values["custom.note"] == "neu"


def test_42_a_changed_mapping_waits_for_its_preview_to_be_approved(bench: Bench) -> None:
    """Nothing is written before; after the release the new column is filled from the records, and none deleted."""
    bench.given(THREE)
    bench.sync()
    bench.people_type("BSP-0138-C", "Notiz", "neu")
    bench.columns = [column for column in bench.columns if column["header"] != "Notiz"]
    bench.map()

    bench.sync("held")
    bench.questions_are("| Art | Grund |\n| held | mapping_changed |")
    bench.approve()
    outcome = bench.sync()

    assert (outcome.cells_written, outcome.records_changed) == (0, 0)
    assert bench.records()["BSP-0137-E"].values["custom.note"] == "ruft an"
    bench.sheet_is("""
        | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Notiz   | Hinweis |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | ruft an |         |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |                   | neu     |         |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     | montags |         |
    """)


def test_42_a_column_mapped_later_meets_what_stands_there(bench: Bench) -> None:
    """Nothing was agreed in it: what stands on one side only is taken over."""
    bench.given(THREE)
    bench.columns = [column for column in bench.columns if column["header"] != "Notiz"]
    bench.map()
    bench.sync()
    bench.columns.insert(4, {"header": "Notiz", "field": "custom.note", "type": "text", "owner": "both"})
    bench.map()
    bench.sync("held")
    bench.approve()
    bench.sync()
    bench.records_are("""
        | TN-Nr.     | Notiz   |
        | BSP-0137-E | ruft an |
        | BSP-0138-C |         |
        | BSP-0139-A | montags |
    """)


def test_values_above_the_privacy_level_never_leave(bench: Bench) -> None:
    """Level 1 shows no names: nothing is written there, and what people type there is not read."""
    bench.given(
        """
        | TN-Nr.     | Name | Eintritt   | Hinweis |
        | BSP-0137-E |      | 01.09.2024 |         |
        """,
        records="""
        | TN-Nr.     | Name             | Eintritt   |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |
        """,
        privacy_level=1,
    )
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Name | Eintritt   |
        | BSP-0137-E |      | 01.09.2024 |
        | BSP-0138-C |      | 03.02.2025 |
    """)


def test_a_lowered_privacy_level_takes_back_what_the_service_wrote(bench: Bench) -> None:
    """After the release the names are blanked in the table; the records keep them."""
    bench.given(THREE)
    bench.sync()
    bench.project_sets("BSP-0137-E", "Name", "Kowalenko, Oksana")
    bench.sync()
    bench.map(privacy_level=1)
    bench.sync("held")
    bench.approve()
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Name | Eintritt   |
        | BSP-0137-E |      | 01.09.2024 |
        | BSP-0138-C |      | 03.02.2025 |
        | BSP-0139-A |      | 17.06.2024 |
    """)
    bench.records_are("""
        | TN-Nr.     | Name              |
        | BSP-0137-E | Kowalenko, Oksana |
        | BSP-0138-C | Alvarez, Ana      |
        | BSP-0139-A | Demir, Ada        |
    """)


def test_a_column_emptied_in_many_rows_stops_the_run_and_can_be_released(bench: Bench) -> None:
    """More than 30 % of the rows and at least 10: stop; released, the record takes what the table shows."""
    bench.given(long_table(20))
    bench.sync()
    for ref in references(20)[:10]:
        bench.people_type(ref, "Notiz", "")
    bench.sync("held")
    bench.questions_are("| Art | Grund |\n| held | column_changed:custom.note |")
    bench.approve()
    assert bench.sync().records_changed == 10


def test_nine_changed_cells_of_a_column_are_ordinary_work(bench: Bench) -> None:
    """Below the guard's minimum of ten."""
    bench.given(long_table(20))
    bench.sync()
    for ref in references(20)[:9]:
        bench.people_type(ref, "Notiz", f"neu {ref}")
    assert bench.sync().records_changed == 9


def test_ten_changed_cells_of_forty_are_ordinary_work(bench: Bench) -> None:
    """Ten, but not more than 30 % of the rows."""
    bench.given(long_table(40))
    bench.sync()
    for ref in references(40)[:12]:
        bench.people_type(ref, "Notiz", f"neu {ref}")
    assert bench.sync().records_changed == 12
    for ref in references(40)[:13]:
        bench.people_type(ref, "Notiz", f"anders {ref}")
    bench.sync("held")


def test_one_column_sorted_alone_stops_the_run(bench: Bench) -> None:
    """The classic: somebody sorts a single column, and every value stands in another woman's row."""
    bench.given(long_table(20))
    bench.sync()
    notes = [row[4] for row in bench.book.rows[1:]]
    for row, note in zip(bench.book.rows[1:], reversed(notes), strict=True):
        row[4] = note
    bench.book.revision += 1
    bench.sync("held")
    assert bench.records()[references(20)[0]].values["custom.note"] == f"Notiz {references(20)[0]}"


def test_05_references_sorted_alone_hold_even_a_small_table(bench: Bench) -> None:
    """Sorting the column TN-Nr. alone would give every woman another one's data: nothing moves until a person looks."""
    bench.given(THREE)
    bench.sync()
    records = bench.records()
    first, last = bench.row_of("BSP-0137-E"), bench.row_of("BSP-0139-A")
    bench.book.set(first, 1, "BSP-0139-A")
    bench.book.set(last, 1, "BSP-0137-E")

    outcome = sync_table(bench.rt, TABLE)

    assert (outcome.state, outcome.cells_written) == ("held", 0)
    assert "vertauscht" in outcome.message
    assert bench.records() == records
