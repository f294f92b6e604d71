"""Answers to what has moved since it was asked, formulas that must stay, and writes that nobody could confirm."""

from __future__ import annotations

from contextlib import suppress

import pytest

from syncsvc.errors import InvalidAnswer, PlanMoved
from syncsvc.services.questions import answer_question
from syncsvc.services.sync import sync_table
from syncsvc.services.tables import get_table, release_table
from tests.services.bench import TABLE, Bench, Killed
from tests.services.hostile.tables import THREE, long_table, references

TWICE = """
    | TN-Nr.     | Name             | Eintritt   | Hinweis |
    | BSP-0137-E | Kowalenko, Olena | 01.09.2024 |         |
    | BSP-0137-E | {name} | {entry} |         |
"""


def conflict(bench: Bench) -> None:
    """Both sides changed one shared cell."""
    bench.given(THREE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "aus der Tabelle")
    bench.project_sets("BSP-0137-E", "Notiz", "vom Projekt")
    bench.sync()


def answer_first(bench: Bench, choice: str) -> None:
    answer_question(bench.rt, bench.open_questions()[0].id, choice, actor="admin")


def killed_after_its_write(bench: Bench) -> None:
    """A blind write lands, and the run dies before anybody knows."""

    def die() -> None:
        raise Killed

    bench.book.conditional = bench.book.knows_landed = False
    bench.book.after_write = die
    with suppress(Killed):
        sync_table(bench.rt, TABLE)
    bench.book.after_write = lambda: None
    bench.restart()


def test_an_answer_counts_only_for_the_values_it_was_given_to(bench: Bench) -> None:
    """The page was open while somebody typed and a run asked anew: "the table's value" meant the one on the page."""
    conflict(bench)
    (shown,) = bench.open_questions()
    bench.people_type("BSP-0137-E", "Notiz", "ganz anders")
    bench.sync()

    with pytest.raises(InvalidAnswer):
        answer_question(bench.rt, shown.id, "sheet", actor="admin")

    assert bench.records()["BSP-0137-E"].values["custom.note"] == "vom Projekt"
    bench.questions_are("| Art | Tabelle | Datensatz |\n| conflict | ganz anders | vom Projekt |")


@pytest.mark.parametrize("choice", ["sheet", "record"])
def test_an_answer_never_decides_about_a_record_nobody_was_shown(bench: Bench, choice: str) -> None:
    """The project changed the record again, and no run has seen it: refused, and asked with the new value."""
    conflict(bench)
    bench.project_sets("BSP-0137-E", "Notiz", "noch neuer")

    with pytest.raises(InvalidAnswer):
        answer_first(bench, choice)

    bench.sync()
    bench.questions_are("| Art | Tabelle | Datensatz |\n| conflict | aus der Tabelle | noch neuer |")
    answer_first(bench, "sheet")
    assert bench.records()["BSP-0137-E"].values["custom.note"] == "aus der Tabelle"


def test_42_a_release_approves_the_revision_that_was_asked_about(bench: Bench) -> None:
    """The mapping changed once more before the release: the newer revision waits for a preview of its own."""
    bench.given(THREE)
    bench.sync()
    bench.columns = [column for column in bench.columns if column["header"] != "Notiz"]
    bench.map()
    bench.sync("held")
    bench.map(privacy_level=1)

    release_table(bench.rt, TABLE, actor="admin")

    bench.sync("held")
    bench.approve()
    bench.sync()


def test_07_a_release_is_for_what_was_shown(bench: Bench) -> None:
    """Six rows were gone in the preview, seven are by the time of the release: refused, looked at anew."""
    bench.given(long_table(20))
    bench.sync()
    bench.people_delete(*references(20)[:6])
    bench.sync("held")
    shown = get_table(bench.rt, TABLE).releases
    bench.people_delete(references(20)[6])
    bench.sync("held")

    with pytest.raises(PlanMoved):
        release_table(bench.rt, TABLE, actor="admin", shown=shown)

    release_table(bench.rt, TABLE, actor="admin", shown=get_table(bench.rt, TABLE).releases)
    bench.sync()


def test_18_a_lowered_privacy_level_does_not_write_over_a_formula(bench: Bench) -> None:
    """It stays and is asked about; the rest of the table goes on."""
    bench.given("""
        | TN-Nr.     | Name                                   | Eintritt   | Hinweis |
        | BSP-0137-E | ="Kowalenko, Olena" → Kowalenko, Olena | 01.09.2024 |         |
        | BSP-0138-C | Alvarez, Ana                           | 03.02.2025 |         |
    """)
    bench.sync()
    bench.map(privacy_level=1)
    bench.sync("held")
    bench.approve()

    bench.sync()

    bench.table_is("""
        | TN-Nr.     | Name                                   |
        | BSP-0137-E | ="Kowalenko, Olena" → Kowalenko, Olena |
        | BSP-0138-C |                                        |
    """)
    bench.questions_are("| Art | Grund | TN-Nr. | Spalte |\n| column | protected_cell | BSP-0137-E | Name |")


def test_18_a_foreign_formula_can_be_accepted_but_not_written_over(bench: Bench) -> None:
    """To decline would be to write over it: that is not offered; replaced by hand, the proposal is gone."""
    bench.given(
        """
        | TN-Nr.     | Eintritt   | Status | Hinweis |
        | BSP-0137-E | 01.09.2024 | aktiv  |         |
        """,
        edited_by="jobcentre",
    )
    bench.sync()
    bench.people_type("BSP-0137-E", "Status", '="pausiert" → pausiert')
    bench.sync()

    with pytest.raises(InvalidAnswer):
        bench.answer("BSP-0137-E", "Status", "decline")

    bench.people_type("BSP-0137-E", "Status", "aktiv")
    bench.sync()
    bench.nothing_is_asked()


def test_18_a_formula_typed_after_the_answer_stays(bench: Bench) -> None:
    """The record's value was to replace a text; what stands there now computes."""
    conflict(bench)
    bench.answer("BSP-0137-E", "Notiz", "record")
    bench.people_type("BSP-0137-E", "Notiz", '="aus der Tabelle" → aus der Tabelle')
    bench.sync()
    bench.questions_are("| Art | Tabelle | Datensatz |\n| conflict | aus der Tabelle | vom Projekt |")


def test_15_one_answer_makes_one_participant_of_two_equal_rows(bench: Bench) -> None:
    """Pasted twice: "new" was said about one row, the other is asked about, in this run and in the next."""
    bench.given(
        """
        | TN-Nr. | Name             | Eintritt   | Hinweis |
        |        | Kowalenko, Olena | 01.09.2024 |         |
        |        | Kowalenko, Olena | 01.09.2024 |         |
        """,
        new_rows="ask",
    )
    bench.sync()
    answer_first(bench, "new")
    bench.sync()
    assert len(bench.records()) == 1
    bench.questions_are("| Art |\n| identity |")


@pytest.mark.parametrize(
    ("name", "entry"), [("Kowalenko, Olena", "01.09.2024"), ("Alvarez, Ana", "03.02.2025")], ids=["equal", "different"]
)
def test_12_the_answer_whose_reference_it_is_counts_at_once(bench: Bench, name: str, entry: str) -> None:
    """The row that was named keeps it; the other is a copy with a reference of its own, and asked about."""
    bench.given(TWICE.format(name=name, entry=entry))
    bench.sync()

    answer_first(bench, "BSP-0137-E")
    bench.sync()

    bench.table_is(f"""
        | TN-Nr.     | Name             | Eintritt   |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 |
        | BSP-0001-9 | {name} | {entry} |
    """)
    bench.questions_are("| Art | Grund | TN-Nr. |\n| doubled_row | row_copied | BSP-0001-9 |")


def test_38_what_an_unconfirmed_write_replaced_is_in_the_history(bench: Bench) -> None:
    """The overruled text stood in that cell only; no run saw the write arrive, yet nothing is lost."""
    conflict(bench)
    bench.answer("BSP-0137-E", "Notiz", "record")
    killed_after_its_write(bench)
    bench.sync_as_it_is()
    assert bench.history_of("BSP-0137-E", "Notiz") == ["aus der Tabelle"]


def test_38_what_an_unconfirmed_write_replaced_is_in_the_history_after_an_answer(bench: Bench) -> None:
    """Somebody typed a third value over it before the next run: the answer about that one loses neither."""
    conflict(bench)
    bench.answer("BSP-0137-E", "Notiz", "record")
    killed_after_its_write(bench)
    bench.people_type("BSP-0137-E", "Notiz", "etwas Drittes")
    bench.sync_as_it_is()
    bench.answer("BSP-0137-E", "Notiz", "sheet")
    bench.sync_as_it_is()
    assert bench.history_of("BSP-0137-E", "Notiz") == ["aus der Tabelle", "vom Projekt"]


def test_04_questions_of_a_deleted_column_stay_open(bench: Bench) -> None:
    """The question is the only place left for what stood there."""
    conflict(bench)
    bench.book.delete_column(bench.column_of("Notiz"))
    bench.sync()
    bench.questions_are("""
        | Art      | Spalte | Tabelle         | Datensatz   |
        | column   | Notiz  |                 |             |
        | conflict | Notiz  | aus der Tabelle | vom Projekt |
    """)


def test_42_a_header_that_now_means_another_field_is_read_for_that_field_only(bench: Bench) -> None:
    """The notes' column got a new name in the mapping and its old name went to another: never one cell for two."""
    bench.given(THREE)
    bench.sync()
    next(column for column in bench.columns if column["header"] == "Notiz")["header"] = "Vermerk"
    bench.columns.append({"header": "Notiz", "field": "custom.other", "type": "text", "owner": "both"})
    bench.map()
    sync_table(bench.rt, TABLE)
    bench.approve()
    sync_table(bench.rt, TABLE)

    bench.people_type("BSP-0137-E", "Notiz", "neu")
    sync_table(bench.rt, TABLE)

    values = bench.records()["BSP-0137-E"].values
    assert (values["custom.note"], values["custom.other"]) == ("ruft an", "neu")


def test_37_a_header_lost_during_the_write_leaves_the_outcome_to_the_next_run(bench: Bench) -> None:
    """Nobody could read back; a person who put her value back meanwhile keeps it."""
    bench.given(THREE)
    bench.sync()
    bench.project_sets("BSP-0137-E", "Notiz", "vom Projekt")
    header = list(bench.book.rows[0])

    def people() -> None:
        bench.book.set(2, 5, "ruft an")
        bench.book.rows[0] = [None] * len(header)

    bench.book.after_write = people
    assert sync_table(bench.rt, TABLE).state == "held"
    bench.book.after_write = lambda: None
    bench.book.rows[0] = header
    bench.book.revision += 1
    bench.sync_as_it_is()

    assert bench.book.get(2, 5) == "ruft an"
    assert "vom Projekt" in bench.history_of("BSP-0137-E", "Notiz")
