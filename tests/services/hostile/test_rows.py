"""What people do to rows: sort, cut, copy, wipe, type, delete. The numbers are those of the list of hostile cases."""

from __future__ import annotations

from tests.services.bench import Bench
from tests.services.hostile.tables import THREE, long_table, references


def test_07_a_few_deleted_rows_are_questions_and_everything_else_goes_on(bench: Bench) -> None:
    """Nothing is deleted; the other edit of the same run arrives; a second run asks nothing anew."""
    bench.given(THREE)
    bench.sync()
    bench.people_delete("BSP-0138-C")
    bench.people_type("BSP-0137-E", "Notiz", "neu")

    outcome = bench.sync()

    assert outcome.records_changed == 1
    bench.records_are("""
        | TN-Nr.     | Name             | Eintritt   | Notiz   |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | neu     |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |         |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | montags |
    """)
    bench.questions_are("""
        | Art      | TN-Nr.     |
        | deletion | BSP-0138-C |
    """)


def test_07_200_of_220_deleted_rows_hold_the_table_with_one_question(bench: Bench) -> None:
    """The design's guard: more than 10 % of the rows gone stops the run before it writes; one question, no more."""
    bench.given(long_table(220))
    bench.sync()
    gone = references(220)[:200]
    bench.people_delete(*gone)
    bench.people_type(references(220)[210], "Notiz", "neu")

    bench.sync("held")
    again = bench.sync("held")

    assert len(bench.records()) == 220
    assert again.questions_opened == 0
    bench.questions_are("| Art |\n| held |")


def test_07_the_guard_lets_five_rows_go_and_stops_at_six(bench: Bench) -> None:
    """More than max(5, 10 %) of the rows."""
    bench.given(long_table(20))
    bench.sync()
    bench.people_delete(*references(20)[:5])
    bench.sync()
    assert [question.kind for question in bench.open_questions()] == ["deletion"] * 5

    bench.people_change_it_to(long_table(20))
    bench.sync()
    bench.people_delete(*references(20)[:6])
    bench.sync("held")


def test_07_a_released_deletion_becomes_questions_and_only_to_the_released_extent(bench: Bench) -> None:
    """The release says: these rows are really gone. Deleting is still a question for each of them."""
    bench.given(long_table(20))
    bench.sync()
    bench.people_delete(*references(20)[:6])
    bench.sync("held")
    bench.approve()
    bench.people_delete(*references(20)[6:8])
    bench.sync("held")
    bench.approve()

    bench.sync()

    assert len(bench.records()) == 20
    assert {question.kind for question in bench.open_questions()} == {"deletion"}
    assert len(bench.open_questions()) == 8


def test_07_a_row_that_comes_back_clears_its_question(bench: Bench) -> None:
    """Reappearance, at another place and with an edit made meanwhile."""
    bench.given(THREE)
    bench.sync()
    bench.people_delete("BSP-0138-C")
    bench.sync()
    bench.people_add("""
        | TN-Nr.     | Name         | Eintritt   | Notiz  |
        | BSP-0138-C | Alvarez, Ana | 03.02.2025 | zurück |
    """)
    bench.sync()
    bench.nothing_is_asked()
    bench.records_are("""
        | TN-Nr.     | Name             | Notiz   |
        | BSP-0137-E | Kowalenko, Olena | ruft an |
        | BSP-0138-C | Alvarez, Ana     | zurück  |
        | BSP-0139-A | Demir, Ada       | montags |
    """)


def test_07_the_answers_to_a_deletion(bench: Bench) -> None:
    """Restore puts the row back with its values; ended keeps it away for good; a mistake voids the record."""
    bench.given(THREE + "| BSP-0141-M | Novak, Iva | 05.05.2025 | | | |")
    bench.sync()
    bench.people_delete("BSP-0137-E", "BSP-0138-C", "BSP-0139-A")
    bench.sync()
    bench.answer("BSP-0137-E", "", "restore")
    bench.answer("BSP-0138-C", "", "ended")
    bench.answer("BSP-0139-A", "", "mistake")

    bench.sync()

    bench.table_is("""
        | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Notiz   |
        | BSP-0141-M | Novak, Iva       | 05.05.2025 |                   |         |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | ruft an |
    """)
    bench.nothing_is_asked()
    assert list(bench.records()) == ["BSP-0137-E", "BSP-0138-C", "BSP-0141-M"]


def test_08_a_cleared_sheet_stops_the_run_and_can_be_restored_from_the_records(bench: Bench) -> None:
    """Records and base stay; one question offers the restore; after it the table is whole again."""
    bench.given(THREE)
    bench.sync()
    bench.book.clear()

    bench.sync("held")

    bench.questions_are("| Art | Grund |\n| held | table_empty |")
    assert len(bench.records()) == 3
    bench.approve()
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Notiz   |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | ruft an |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |                   |         |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     | montags |
    """)


def test_08_a_tab_with_a_header_and_no_rows_stops_the_run(bench: Bench) -> None:
    """All rows gone, even of a table smaller than the guard's minimum: a table that lost all is held."""
    bench.given(THREE)
    bench.sync()
    bench.people_delete("BSP-0137-E", "BSP-0138-C", "BSP-0139-A")

    bench.sync("held")

    assert len(bench.records()) == 3


def test_09_rows_pasted_over_visible_ones_are_found_by_their_reference(bench: Bench) -> None:
    """Somebody pastes the first row over the second, reference and all: the pasted one is a copy, Ana is missing."""
    bench.given(THREE)
    bench.sync()
    bench.people_change_it_to("""
        | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Notiz   | Hinweis |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | ruft an |         |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | ruft an |         |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     | montags |         |
    """)
    bench.sync()
    assert bench.records()["BSP-0138-C"].values["participant_name"] == {"family": "Alvarez", "given": "Ana"}
    bench.questions_are("""
        | Art         | TN-Nr.     |
        | deletion    | BSP-0138-C |
        | doubled_row | BSP-0141-M |
    """)


def test_12_of_a_copied_row_the_one_like_the_base_keeps_the_reference(bench: Bench) -> None:
    """The copy stands above the original and was changed: it becomes new, never first wins or last wins."""
    bench.given(THREE)
    bench.sync()
    bench.people_change_it_to("""
        | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Notiz   | Hinweis |
        | BSP-0137-E | Novak, Iva       | 05.05.2025 | Müller, Anna      |         |         |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | ruft an |         |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |                   |         |         |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     | montags |         |
    """)

    bench.sync()

    bench.table_is("""
        | TN-Nr.     | Name             | Eintritt   | Notiz   | Hinweis                    |
        | BSP-0141-M | Novak, Iva       | 05.05.2025 |         | Zeile ist eine Kopie und … |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | ruft an |                            |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |         |                            |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | montags |                            |
    """)
    bench.questions_are("| Art | TN-Nr. |\n| doubled_row | BSP-0141-M |")
    assert bench.records()["BSP-0141-M"].values["participant_name"] == {"family": "Novak", "given": "Iva"}


def test_12_of_two_equal_rows_the_one_at_the_known_place_keeps_the_reference(bench: Bench) -> None:
    """A tie: the copy below gets its own reference, and later edits reach the right one."""
    bench.given(THREE)
    bench.sync()
    bench.book.copy_row(2, 5)
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Name             |
        | BSP-0137-E | Kowalenko, Olena |
        | BSP-0138-C | Alvarez, Ana     |
        | BSP-0139-A | Demir, Ada       |
        | BSP-0141-M | Kowalenko, Olena |
    """)
    bench.people_type("BSP-0141-M", "Name", "Novak, Iva")
    bench.sync()
    assert bench.records()["BSP-0137-E"].values["participant_name"] == {"family": "Kowalenko", "given": "Olena"}


def test_12_two_rows_with_one_unknown_reference_are_asked_about(bench: Bench) -> None:
    """Nothing says which of them it belongs to; neither becomes a second person silently."""
    bench.given("""
        | TN-Nr.     | Name             | Eintritt   | Hinweis |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 |         |
        | BSP-0137-E | Alvarez, Ana     | 03.02.2025 |         |
    """)
    bench.sync()
    bench.questions_are("| Art |\n| doubled_row |\n| doubled_row |")
    assert bench.records() == {}


def test_13_a_row_cut_and_pasted_elsewhere_is_the_same_row(bench: Bench) -> None:
    """Same reference at another place: no deletion, no new woman, no write."""
    bench.given(THREE)
    bench.sync()
    row = bench.book.rows[1]
    bench.book.delete_row(2)
    bench.book.insert_row(4, *row)

    outcome = bench.sync()

    assert (outcome.records_created, outcome.cells_written) == (0, 0)
    bench.nothing_is_asked()


def test_14_a_wiped_reference_is_restored_when_the_row_is_recognised(bench: Bench) -> None:
    """All cells as before: two witnesses say whose row it is."""
    bench.given(THREE)
    bench.sync()
    bench.book.set(2, 1, None)
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Name             |
        | BSP-0137-E | Kowalenko, Olena |
        | BSP-0138-C | Alvarez, Ana     |
        | BSP-0139-A | Demir, Ada       |
    """)
    bench.nothing_is_asked()


def test_14_a_mistyped_reference_is_put_right_and_the_typed_text_kept(bench: Bench) -> None:
    """A slip of the finger: the check character shows it, the content says whose row it is."""
    bench.given(THREE)
    bench.sync()
    bench.book.set(3, 1, "BSP-0136-C")
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Name             |
        | BSP-0137-E | Kowalenko, Olena |
        | BSP-0138-C | Alvarez, Ana     |
        | BSP-0139-A | Demir, Ada       |
    """)
    bench.nothing_is_asked()
    assert bench.history_of("BSP-0138-C", "TN-Nr.") == ["BSP-0136-C"]


def test_14_a_wiped_reference_of_a_changed_row_is_a_question(bench: Bench) -> None:
    """Reference and person changed at once: it may be Olena or somebody else, and nobody is created silently."""
    bench.given("""
        | TN-Nr.     | Eintritt   | Notiz   | Durchwahl     | Hinweis |
        | BSP-0137-E | 01.09.2024 | ruft an | 030 23125-101 |         |
        | BSP-0138-C | 03.02.2025 |         |               |         |
    """)
    bench.sync()
    bench.people_change_it_to("""
        | TN-Nr.     | Eintritt   | Notiz   | Durchwahl     | Hinweis |
        |            | 02.09.2024 | ruft an | 030 23125-102 |         |
        | BSP-0138-C | 03.02.2025 |         |               |         |
    """)
    outcome = bench.sync()
    assert outcome.records_created == 0
    bench.questions_are("| Art | Grund |\n| identity | reference_wiped |")


def test_14_the_answer_whose_row_it_is_gives_the_reference_back(bench: Bench) -> None:
    """An admin says: it is BSP-0137-E; the reference returns and the edits are read as hers."""
    bench.given("""
        | TN-Nr.     | Eintritt   | Notiz   | Durchwahl     | Hinweis |
        | BSP-0137-E | 01.09.2024 | ruft an | 030 23125-101 |         |
        | BSP-0138-C | 03.02.2025 |         |               |         |
    """)
    bench.sync()
    bench.people_change_it_to("""
        | TN-Nr.     | Eintritt   | Notiz   | Durchwahl     | Hinweis |
        |            | 02.09.2024 | ruft an | 030 23125-102 |         |
        | BSP-0138-C | 03.02.2025 |         |               |         |
    """)
    bench.sync()
    bench.answer(None, "", "BSP-0137-E")
    bench.sync()
    bench.nothing_is_asked()
    bench.table_is("""
        | TN-Nr.     | Eintritt   | Notiz   | Durchwahl     | Hinweis |
        | BSP-0137-E | 02.09.2024 | ruft an | 030 23125-102 |         |
        | BSP-0138-C | 03.02.2025 |         |               |         |
    """)
    bench.records_are("""
        | TN-Nr.     | Eintritt   | Notiz   | Durchwahl     |
        | BSP-0137-E | 02.09.2024 | ruft an | 030 23125-102 |
        | BSP-0138-C | 03.02.2025 |         |               |
    """)


def test_14_two_swapped_references_do_not_move_values_between_women(bench: Bench) -> None:
    """Both references are valid and in the table: the row is its reference, so both rows show many edits."""
    bench.given(THREE)
    bench.sync()
    bench.book.set(2, 1, "BSP-0138-C")
    bench.sync()
    assert bench.records()["BSP-0138-C"].values["participant_name"] == {"family": "Alvarez", "given": "Ana"}
    assert bench.records()["BSP-0137-E"].values["participant_name"] == {"family": "Kowalenko", "given": "Olena"}


def test_15_a_new_row_gets_a_record_and_its_reference(bench: Bench) -> None:
    """All valid values are taken, whoever owns the columns; leading blank rows do not matter."""
    bench.given(THREE)
    bench.sync()
    bench.people_add("""
        | Name       | Eintritt   | Ansprechperson JC |
        | Novak, Iva | 05.05.2025 | Müller, Anna      |
    """)
    outcome = bench.sync()
    assert (outcome.records_created, outcome.cells_written) == (1, 1)
    bench.table_is("""
        | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |                   |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     |
        | BSP-0141-M | Novak, Iva       | 05.05.2025 | Müller, Anna      |
    """)
    assert bench.records()["BSP-0141-M"].values["entry_date"] == "2025-05-05"


def test_15_a_mapping_that_asks_first_waits_for_the_answer(bench: Bench) -> None:
    """new_rows: ask."""
    bench.given(THREE, new_rows="ask")
    bench.sync()
    bench.people_add("""
        | Name       | Eintritt   |
        | Novak, Iva | 05.05.2025 |
    """)
    outcome = bench.sync()
    assert outcome.records_created == 0
    bench.questions_are("| Art | Grund |\n| identity | new_row |")
    bench.answer(None, "", "new")
    assert bench.sync().records_created == 1
    bench.nothing_is_asked()


def test_16_a_half_typed_row_waits_with_a_friendly_note_and_is_taken_when_complete(bench: Bench) -> None:
    """Nothing is rejected; the note says what is missing and goes away by itself."""
    bench.given(THREE)
    bench.sync()
    bench.people_add("| Name |\n| Novak, Iva |")
    outcome = bench.sync()
    assert outcome.records_created == 0
    bench.nothing_is_asked()
    assert bench.book.get(5, 6) == "Spalte Eintritt: bitte ausfüllen, dann wird die Zeile übernommen."

    bench.book.set(5, 3, "1.9.24")
    bench.sync()

    bench.table_is("""
        | TN-Nr.     | Name             | Eintritt   | Hinweis |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 |         |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |         |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 |         |
        | BSP-0141-M | Novak, Iva       | 1.9.24     |         |
    """)


def test_30_an_edit_of_a_woman_whose_record_was_voided_survives(bench: Bench) -> None:
    """The project called the record a mistake while somebody edits her row: the edit stays, the row says so."""
    bench.given(THREE)
    bench.sync()
    bench.people_delete("BSP-0138-C")
    bench.sync()
    bench.answer("BSP-0138-C", "", "mistake")
    bench.people_add("""
        | TN-Nr.     | Name         | Eintritt   | Notiz    |
        | BSP-0138-C | Alvarez, Ana | 03.02.2025 | doch da! |
    """)
    bench.sync()
    assert "BSP-0138-C" not in bench.records()
    bench.table_is("""
        | TN-Nr.     | Notiz    | Hinweis                                                                      |
        | BSP-0137-E | ruft an  |                                                                              |
        | BSP-0139-A | montags  |                                                                              |
        | BSP-0138-C | doch da! | Zeile ist im Projekt als Irrtum gelöscht und wird nicht mehr abgeglichen. |
    """)


def test_a_record_of_this_job_centre_without_a_row_gets_one(bench: Bench) -> None:
    """Records match the table by their job centre; others stay away."""
    bench.given(THREE)
    bench.sync()
    bench.project_has("""
        | TN-Nr.     | Name       | Eintritt   | Notiz  |
        | BSP-0144-G | Novak, Iva | 05.05.2025 | '=1+1  |
    """)
    outcome = bench.sync()
    assert (outcome.rows_added, outcome.cells_written) == (1, 4)
    bench.table_is("""
        | TN-Nr.     | Name             | Eintritt   | Notiz   |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | ruft an |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |         |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | montags |
        | BSP-0144-G | Novak, Iva       | 05.05.2025 | '=1+1   |
    """)


def test_a_free_reference_of_the_project_is_adopted_and_a_foreign_one_is_asked_about(bench: Bench) -> None:
    """Unknown but valid: taken if the prefix is the project's, else a question (check characters are right)."""
    bench.given(THREE)
    bench.sync()
    bench.people_add("""
        | TN-Nr.     | Name       | Eintritt   |
        | bsp 0144 g | Novak, Iva | 05.05.2025 |
        | XYZ-0001-T | Klein, Eva | 06.05.2025 |
    """)
    outcome = bench.sync()
    assert outcome.records_created == 1
    assert "BSP-0144-G" in bench.records()
    assert [question.kind for question in bench.open_questions()] == ["identity"]


def test_a_total_below_the_table_is_nobody(bench: Bench) -> None:
    """Sums and section titles are left alone, without a note."""
    bench.given(THREE)
    bench.sync()
    bench.people_add("| Name |\n| Summe: 3 |")
    outcome = bench.sync()
    assert (outcome.records_created, outcome.cells_written, outcome.questions_opened) == (0, 0, 0)
