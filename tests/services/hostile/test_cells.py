"""What people type into cells. The numbers are those of the list of hostile cases."""

from __future__ import annotations

import unicodedata

import pytest

from tests.services.bench import Bench
from tests.services.hostile.tables import THREE

ONE = """
| TN-Nr. | Name         | Eintritt   | Status | Stunden | Fahrtkosten | PLZ| Durchwahl | Notiz | Hinweis |
| BSP-0137-E | Kowalenko, Olena | 01.09.2024 | aktiv  | 20  | ja      | '01067 | 030 23125-101 | alt   |         |
"""


def test_17_cells_beneath_a_merge_are_unknown_not_empty(bench: Bench) -> None:
    """Merging two rows must not empty the second woman's cell; once unmerged and blank, it is an edit like any."""
    bench.given(THREE)
    bench.sync()
    bench.book.merge(2, 5, rows=3)

    bench.sync()

    bench.records_are("""
        | TN-Nr.     | Notiz   |
        | BSP-0137-E | ruft an |
        | BSP-0138-C |         |
        | BSP-0139-A | montags |
    """)
    assert bench.note_of("BSP-0139-A") == "Spalte Notiz: Zelle ist verbunden – bitte Verbindung aufheben."
    bench.people_type("BSP-0138-C", "Notiz", "")
    bench.people_type("BSP-0139-A", "Notiz", "montags")
    bench.sync()
    bench.nothing_is_asked()
    assert bench.note_of("BSP-0139-A") == ""


def test_17_nothing_is_written_beneath_a_merge(bench: Bench) -> None:
    """The record moved while the cell was hidden: a question, no write."""
    bench.given(THREE)
    bench.sync()
    bench.book.merge(3, 5, rows=2)
    bench.project_sets("BSP-0139-A", "Notiz", "vom Projekt")
    bench.sync()
    bench.questions_are("""
        | Art        | Grund       | TN-Nr.     | Datensatz   |
        | unreadable | merged_cell | BSP-0139-A | vom Projekt |
    """)


def test_18_a_formula_is_read_as_what_it_shows(bench: Bench) -> None:
    """Its result is the edit; the formula itself stays."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Stunden", "=10+15 → 25")
    bench.sync()
    bench.records_are("| TN-Nr. | Stunden |\n| BSP-0137-E | 25 |")
    bench.table_is("| TN-Nr. | Stunden |\n| BSP-0137-E | =10+15 → 25 |")


def test_18_a_formula_is_never_written_over(bench: Bench) -> None:
    """The record moved: a question in the row, the formula stays; typed over by hand, the question is gone."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Stunden", "=10+10 → 20")
    bench.sync()
    bench.project_sets("BSP-0137-E", "Stunden", "30")
    bench.sync()
    bench.table_is("| TN-Nr. | Stunden |\n| BSP-0137-E | =10+10 → 20 |")
    bench.questions_are("""
        | Art      | Grund                | Spalte  | Tabelle | Datensatz |
        | conflict | formula_blocks_value | Stunden | 20      | 30        |
    """)
    bench.people_type("BSP-0137-E", "Stunden", "30")
    bench.sync()
    bench.nothing_is_asked()


def test_18_a_formula_in_a_column_both_sides_moved_stays(bench: Bench) -> None:
    """The project's column, the project's value would win, but a formula is never written over."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Stunden", "=5*5 → 25")
    bench.project_sets("BSP-0137-E", "Stunden", "30")
    bench.sync()
    bench.table_is("| TN-Nr. | Stunden |\n| BSP-0137-E | =5*5 → 25 |")
    bench.records_are("| TN-Nr. | Stunden |\n| BSP-0137-E | 30 |")
    assert [question.kind for question in bench.open_questions()] == ["conflict"]


LOOKS_LIKE_SOMETHING_ELSE = [
    '=HYPERLINK("x")', "=1+1", "+49 30", "+1 Kind seit Mai", "-", "@x", "\tEinzug", "01067", "123E000004", "1.5",
]  # fmt: skip


@pytest.mark.parametrize("text", LOOKS_LIKE_SOMETHING_ELSE)
def test_19_text_stays_text(bench: Bench, text: str) -> None:
    """What the record holds comes out as literal text and reads back as the same, whatever a spreadsheet would make
    of it."""
    bench.given(ONE)
    bench.sync()
    bench.project_sets("BSP-0137-E", "Notiz", f"'{text}")
    bench.sync()
    assert bench.book.get(2, bench.column_of("Notiz")) == text
    assert bench.records()["BSP-0137-E"].values["custom.note"] == text


@pytest.mark.parametrize("error", ["#REF!", "#NV", "#N/A", "#DIV/0!"])
@pytest.mark.parametrize("header", ["Notiz", "Eintritt", "PLZ"])
def test_20_an_error_value_is_neither_empty_nor_text(bench: Bench, error: str, header: str) -> None:
    """The cell keeps it, the record keeps its value, the row says what to do, and it disappears once mended."""
    bench.given(ONE)
    bench.sync()
    before, cell = bench.records(), bench.book.get(2, bench.column_of(header))
    bench.people_type("BSP-0137-E", header, error)
    bench.sync()
    assert bench.records() == before
    bench.table_is(f"| TN-Nr. | {header} |\n| BSP-0137-E | {error} |")
    assert "die Formel zeigt einen Fehler" in bench.note_of("BSP-0137-E")
    bench.book.set(2, bench.column_of(header), cell)
    bench.sync()
    bench.nothing_is_asked()
    assert bench.note_of("BSP-0137-E") == ""


@pytest.mark.parametrize("typed", ["'1.2.26", "'01.02.2026␣", "'2026-02-01", "46054", "01.02.2026", "'1. Februar 2026"])
def test_21_a_date_is_one_day_however_it_is_typed(bench: Bench, typed: str) -> None:
    """One canonical date; the cell stays as it was typed."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Eintritt", typed)
    outcome = bench.sync()
    assert bench.records()["BSP-0137-E"].values["entry_date"] == "2026-02-01"
    assert outcome.cells_written == 0


@pytest.mark.parametrize("typed", ["'31.02.2026", "'13/14", "'demnächst", "'2.26"])
def test_21_a_day_that_is_none_is_not_guessed(bench: Bench, typed: str) -> None:
    """The row says so; the record keeps its day."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Eintritt", typed)
    bench.sync()
    assert bench.records()["BSP-0137-E"].values["entry_date"] == "2024-09-01"
    assert bench.note_of("BSP-0137-E").startswith("Spalte Eintritt: ")
    assert [question.kind for question in bench.open_questions()] == ["unreadable"]


def test_23_a_number_in_a_text_column_is_asked_about(bench: Bench) -> None:
    """A postcode whose zero the spreadsheet ate: never taken over, never destroyed."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "PLZ", "1067")
    bench.people_type("BSP-0137-E", "Notiz", "123000000")
    bench.sync()
    bench.table_is("| TN-Nr. | PLZ | Notiz |\n| BSP-0137-E | 1067 | 123000000 |")
    bench.records_are("| TN-Nr. | PLZ | Notiz |\n| BSP-0137-E | 01067 | alt |")
    bench.questions_are("""
        | Art        | Spalte |
        | unreadable | PLZ    |
        | unreadable | Notiz  |
    """)


@pytest.mark.parametrize(
    ("header", "typed", "shown"),
    [
        ("Stunden", "12,5", "12,5"),
        ("Stunden", "'12,50 Std.", "12,5"),
        ("Fahrtkosten", "nein", "nein"),
        ("Fahrtkosten", "FALSCH", "nein"),
        ("Fahrtkosten", "✓", "ja"),
        ("Fahrtkosten", "x", "ja"),
        ("Status", "PAUSIERT", "pausiert"),
    ],
)
def test_24_numbers_and_yes_or_no_are_read_by_their_type(bench: Bench, header: str, typed: str, shown: str) -> None:
    """The German reading; the cell stays as it was typed."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", header, typed)
    assert bench.sync().cells_written == 0
    bench.records_are(f"| TN-Nr. | {header} |\n| BSP-0137-E | {shown} |")
    bench.nothing_is_asked()


@pytest.mark.parametrize(("header", "typed"), [("Stunden", "'1.5"), ("Stunden", "viel"), ("Fahrtkosten", "vielleicht")])
def test_24_what_is_unclear_gets_a_note(bench: Bench, header: str, typed: str) -> None:
    """Unknown: a note, and the record keeps its value."""
    bench.given(ONE)
    bench.sync()
    before = bench.records()
    bench.people_type("BSP-0137-E", header, typed)
    bench.sync()
    assert bench.records() == before
    assert bench.note_of("BSP-0137-E").startswith(f"Spalte {header}: ")


SPELLINGS = {
    "blank behind": "Straße für Öl ",
    "blank before": " Straße für Öl",
    "two blanks": "Straße  für Öl",
    "no-break space": "Straße\u00a0für Öl",
    "zero width": "Straße\u200b für Öl",
    "soft hyphen": "Stra\u00adße für Öl",
    "Mac umlauts": unicodedata.normalize("NFD", "Straße für Öl"),
    "ss": "Strasse für Öl",
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_25_another_spelling_of_the_same_is_no_change(bench: Bench, name: str) -> None:
    """No ping-pong: no record changes, nothing is written, the typed text stays; later edits still arrive."""
    bench.given(ONE)
    bench.people_type("BSP-0137-E", "Notiz", "Straße für Öl")
    bench.sync()
    bench.book.set(2, bench.column_of("Notiz"), SPELLINGS[name])

    outcome = bench.sync()

    assert (outcome.cells_written, outcome.records_changed) == (0, 0)
    assert bench.book.get(2, bench.column_of("Notiz")) == SPELLINGS[name]
    bench.project_sets("BSP-0137-E", "Notiz", "neu")
    bench.sync()
    assert bench.book.get(2, bench.column_of("Notiz")) == "neu"


def test_26_an_unknown_option_is_kept_and_explained(bench: Bench) -> None:
    """Never dropped to blank."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Status", "vermittelt 3")
    bench.sync()
    bench.table_is("| TN-Nr. | Status |\n| BSP-0137-E | vermittelt 3 |")
    bench.records_are("| TN-Nr. | Status |\n| BSP-0137-E | aktiv |")
    assert "Liste" in bench.note_of("BSP-0137-E")


def test_27_different_edits_of_a_shared_cell_wait_for_a_person(bench: Bench) -> None:
    """Both values are shown; the answer decides, the loser stays in the history."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "aus der Tabelle")
    bench.project_sets("BSP-0137-E", "Notiz", "vom Projekt")
    bench.sync()
    bench.questions_are("""
        | Art      | TN-Nr.     | Spalte | Tabelle         | Datensatz   |
        | conflict | BSP-0137-E | Notiz  | aus der Tabelle | vom Projekt |
    """)
    bench.answer("BSP-0137-E", "Notiz", "record")
    bench.sync()
    bench.table_is("| TN-Nr. | Notiz | Hinweis |\n| BSP-0137-E | vom Projekt | |")
    bench.nothing_is_asked()
    assert "aus der Tabelle" in bench.history_of("BSP-0137-E", "Notiz")


def test_27_the_answer_for_the_table_moves_the_record(bench: Bench) -> None:
    """The other choice."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "aus der Tabelle")
    bench.project_sets("BSP-0137-E", "Notiz", "vom Projekt")
    bench.sync()
    bench.answer("BSP-0137-E", "Notiz", "sheet")
    bench.sync()
    bench.records_are("| TN-Nr. | Notiz |\n| BSP-0137-E | aus der Tabelle |")
    bench.table_is("| TN-Nr. | Notiz | Hinweis |\n| BSP-0137-E | aus der Tabelle | |")
    assert "vom Projekt" in bench.history_of("BSP-0137-E", "Notiz")


def test_27_an_answer_does_not_overwrite_what_was_typed_after_the_question(bench: Bench) -> None:
    """The answer was about "aus der Tabelle"; meanwhile somebody typed something else: asked again, not lost."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "aus der Tabelle")
    bench.project_sets("BSP-0137-E", "Notiz", "vom Projekt")
    bench.sync()
    bench.answer("BSP-0137-E", "Notiz", "record")
    bench.people_type("BSP-0137-E", "Notiz", "noch neuer")
    bench.sync()
    bench.table_is("| TN-Nr. | Notiz |\n| BSP-0137-E | noch neuer |")
    bench.questions_are("""
        | Art      | Tabelle    | Datensatz   |
        | conflict | noch neuer | vom Projekt |
    """)


@pytest.mark.parametrize("choice", ["accept", "decline"])
def test_27_a_foreign_edit_is_accepted_or_declined(bench: Bench, choice: str) -> None:
    """Only the job centre types here; its edit of the project's column waits for the project."""
    bench.given(ONE, edited_by="jobcentre")
    bench.sync()
    bench.people_type("BSP-0137-E", "Status", "pausiert")
    bench.sync()
    assert "wartet auf die Antwort" in bench.note_of("BSP-0137-E")
    bench.answer("BSP-0137-E", "Status", choice)
    bench.sync()
    status = {"accept": "pausiert", "decline": "aktiv"}[choice]
    bench.table_is(f"| TN-Nr. | Status | Hinweis |\n| BSP-0137-E | {status} | |")
    bench.records_are(f"| TN-Nr. | Status |\n| BSP-0137-E | {status} |")
    bench.nothing_is_asked()


@pytest.mark.parametrize("choice", ["accept", "decline"])
def test_27_the_projects_proposal_for_a_job_centre_column(bench: Bench, choice: str) -> None:
    """The sheet keeps its value until the answer."""
    bench.given(ONE)
    bench.sync()
    bench.project_sets("BSP-0137-E", "Durchwahl", "030 23125-102")
    bench.sync()
    bench.table_is("| TN-Nr. | Durchwahl |\n| BSP-0137-E | 030 23125-101 |")
    bench.answer("BSP-0137-E", "Durchwahl", choice)
    bench.sync()
    number = {"accept": "030 23125-102", "decline": "030 23125-101"}[choice]
    bench.table_is(f"| TN-Nr. | Durchwahl | Hinweis |\n| BSP-0137-E | {number} | |")
    bench.records_are(f"| TN-Nr. | Durchwahl |\n| BSP-0137-E | {number} |")
    bench.nothing_is_asked()


@pytest.mark.parametrize("choice", ["accept", "decline"])
def test_27_the_losers_value_can_still_be_taken(bench: Bench, choice: str) -> None:
    """The owner's value won; the other one waits as a proposal."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Durchwahl", "030 23125-102")
    bench.project_sets("BSP-0137-E", "Durchwahl", "030 23125-103")
    bench.sync()
    bench.table_is("| TN-Nr. | Durchwahl |\n| BSP-0137-E | 030 23125-102 |")
    bench.answer("BSP-0137-E", "Durchwahl", choice)
    bench.sync()
    number = {"accept": "030 23125-103", "decline": "030 23125-102"}[choice]
    bench.table_is(f"| TN-Nr. | Durchwahl | Hinweis |\n| BSP-0137-E | {number} | |")
    bench.records_are(f"| TN-Nr. | Durchwahl |\n| BSP-0137-E | {number} |")
    bench.nothing_is_asked()


def test_28_edits_of_different_cells_of_one_row_are_merged(bench: Bench) -> None:
    """Nobody is asked."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "neu")
    bench.project_sets("BSP-0137-E", "Status", "pausiert")
    bench.sync()
    bench.table_is("| TN-Nr. | Status | Notiz | Hinweis |\n| BSP-0137-E | pausiert | neu | |")
    bench.records_are("| TN-Nr. | Status | Notiz |\n| BSP-0137-E | pausiert | neu |")
    bench.nothing_is_asked()


def test_29_the_same_change_on_both_sides_is_agreed(bench: Bench) -> None:
    """No note, no write, whatever the spelling."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Eintritt", "'2.9.24")
    bench.project_sets("BSP-0137-E", "Eintritt", "02.09.2024")
    outcome = bench.sync()
    assert (outcome.cells_written, outcome.records_changed) == (0, 0)
    bench.nothing_is_asked()


def test_31_putting_our_value_back_once_is_an_edit_and_twice_is_a_question(bench: Bench) -> None:
    """Ctrl+Z after our write is an ordinary edit; the second reversal is not fought over."""
    bench.given(ONE)
    bench.sync()
    bench.project_sets("BSP-0137-E", "Notiz", "neu")
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "alt")
    bench.sync()
    bench.records_are("| TN-Nr. | Notiz |\n| BSP-0137-E | alt |")
    bench.nothing_is_asked()

    bench.project_sets("BSP-0137-E", "Notiz", "neu")
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "alt")
    bench.sync()

    bench.questions_are("""
        | Art      | Grund | Tabelle | Datensatz |
        | conflict | flip  | alt     | neu       |
    """)
    bench.answer("BSP-0137-E", "Notiz", "sheet")
    bench.sync()
    bench.records_are("| TN-Nr. | Notiz |\n| BSP-0137-E | alt |")
    bench.nothing_is_asked()


def test_a_required_cell_that_was_emptied_is_asked_about(bench: Bench) -> None:
    """The record keeps the day; the row says that it is needed."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Eintritt", "")
    bench.sync()
    bench.records_are("| TN-Nr. | Eintritt |\n| BSP-0137-E | 01.09.2024 |")
    bench.questions_are("| Art | Grund |\n| unreadable | required_emptied |")
    bench.answer("BSP-0137-E", "Eintritt", "record")
    bench.sync()
    bench.table_is("| TN-Nr. | Eintritt | Hinweis |\n| BSP-0137-E | 01.09.2024 | |")


def test_an_unreadable_cell_of_a_new_row_does_not_keep_the_row_out(bench: Bench) -> None:
    """Her other values are taken; the cell becomes a question about her."""
    bench.given("""
        | TN-Nr. | Name             | Eintritt   | Stunden | Hinweis |
        |        | Kowalenko, Olena | 01.09.2024 | viel    |         |
    """)
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Name             | Eintritt   | Stunden | Hinweis              |
        | BSP-0001-9 | Kowalenko, Olena | 01.09.2024 | viel    | Spalte Stunden: bitte … |
    """)
    bench.questions_are("| Art | TN-Nr. | Spalte |\n| unreadable | BSP-0001-9 | Stunden |")


def test_notes_of_several_cells_stand_in_one_row(bench: Bench) -> None:
    """At most 140 characters each, joined by " · "; each goes away by itself."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Eintritt", "'31.02.2026")
    bench.people_type("BSP-0137-E", "Stunden", "viel")
    bench.sync()
    sentences = bench.note_of("BSP-0137-E").split(" · ")
    assert len(sentences) == 2
    assert all(len(sentence) <= 140 for sentence in sentences)
    bench.people_type("BSP-0137-E", "Stunden", "20")
    bench.sync()
    assert bench.note_of("BSP-0137-E") == sentences[0]


def test_a_note_that_people_typed_over_is_kept_in_the_history(bench: Bench) -> None:
    """The Hinweis column is the service's; what people wrote there is not thrown away silently."""
    bench.given(ONE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Hinweis", "bitte anrufen")
    bench.sync()
    assert bench.note_of("BSP-0137-E") == ""
    assert bench.history_of("BSP-0137-E", "Hinweis") == ["bitte anrufen"]
