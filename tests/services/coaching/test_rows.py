"""What staff see: the note in both tables with the same run, gone once people decided."""

from __future__ import annotations

import pytest

from syncsvc.errors import InvalidAnswer
from syncsvc.services.coaching import flags
from syncsvc.services.questions import answer_question, list_questions, take_back
from syncsvc.services.records import set_values
from syncsvc.services.sync import preview_table, sync_table
from tests.services.coaching.town import AVGS, OLENA, Town

BOTH = "Bitte abstimmen: zwei Begleitungen ab 01.10.2025."
ACROSS = "Bitte abstimmen: zwei Begleitungen ab 01.09.2025."


def type_olena(town: Town, table: str, **cells: str) -> None:
    town.type(
        table, Name="Kowalenko, Olena", Geburtsdatum="14.03.1988", Kundennummer="123A000001", PLZ="01067",
        Eintritt="01.09.2025", Status="aktiv", **cells,
    )  # fmt: skip


def test_a_measure_typed_beside_the_project_is_told_by_the_very_run_that_reads_it(town: Town) -> None:
    """And the preview announces it, and a second run writes nothing."""
    type_olena(town, "still", Massnahme="AVGS-Einzelcoaching", von_bis="01.10.2025 – 30.06.2026")
    announced = preview_table(town.rt, "still")
    outcome = sync_table(town.rt, "still")
    assert (announced.cells_written, outcome.cells_written) == (2, 2)  # the reference and the note
    assert town.note("still", town.ref("still")) == BOTH
    again = sync_table(town.rt, "still")
    assert (again.state, again.cells_written) == ("unchanged", 0)


def test_the_other_projects_table_says_it_with_its_next_run(town: Town) -> None:
    """Neither note names anybody, and the other table is looked at by the next tick."""
    type_olena(town, "anker")
    sync_table(town.rt, "anker")
    type_olena(town, "bilden")
    sync_table(town.rt, "bilden")
    assert town.note("bilden", town.ref("bilden")) == ACROSS
    assert town.note("anker", town.ref("anker")) is None
    sync_table(town.rt, "anker")
    assert town.note("anker", town.ref("anker")) == ACROSS
    assert [sync_table(town.rt, key).cells_written for key in ("anker", "bilden")] == [0, 0]


def test_a_decision_takes_the_note_out_of_both_tables(town: Town) -> None:
    for key in ("anker", "bilden"):
        type_olena(town, key)
    for key in ("anker", "bilden", "anker"):
        sync_table(town.rt, key)
    flags.decide(town.rt, town.flag().id, flags.DISCUSSED, actor="frau-berger", spoken_with=flags.HER)
    sync_table(town.rt, "anker")
    assert town.note("anker", town.ref("anker")) == ACROSS  # talked about is not decided
    flags.decide(town.rt, town.flag().id, flags.AGREED, actor="frau-berger")
    for key in ("anker", "bilden"):
        assert sync_table(town.rt, key).cells_written == 1
        assert town.note(key, town.ref(key)) is None


def test_an_answer_to_its_question_decides_too(town: Town) -> None:
    type_olena(town, "still", Massnahme="AVGS-Einzelcoaching", von_bis="01.10.2025 – 30.06.2026")
    sync_table(town.rt, "still")
    [question] = list_questions(town.rt)
    assert (question.kind, question.table, [c.key for c in question.choices]) == (
        "coaching",
        None,
        ["discussed_her", "discussed_jobcentre", "agreed_parallel", "ended", "mistake"],
    )
    answer_question(town.rt, question.id, "discussed_jobcentre", actor="frau-berger")
    assert [q.id for q in list_questions(town.rt)] == [question.id]  # still open: nothing is decided
    answer_question(town.rt, question.id, "ended", actor="frau-berger")
    assert list_questions(town.rt) == []
    assert town.flag().state == "ended"


def test_a_record_edit_counts_and_its_undoing_closes_the_question(town: Town) -> None:
    ref = town.has("still", **OLENA, **AVGS)
    set_values(town.rt, ref, {"exit_date": "05.10.2025"}, actor="lead")
    assert flags.sentence(town.flag().weight, "2025-10-01") == "Übergabe? Zwei Begleitungen ab 01.10.2025."
    set_values(town.rt, ref, {"exit_date": "30.09.2025"}, actor="lead")
    assert town.flags() == []
    assert list_questions(town.rt) == []


def test_a_possible_match_is_not_told_in_any_row(town: Town) -> None:
    """A false note in a row costs trust; whoever coordinates finds it on the list."""
    for key, name in (("anker", "Kowalenko, Olena"), ("bilden", "Petrova, Olena")):
        town.type(key, Name=name, Geburtsdatum="14.03.1988", Eintritt="01.09.2025", Status="aktiv")
        sync_table(town.rt, key)
    sync_table(town.rt, "anker")
    assert town.flag().grade == "possible"
    assert [town.note(key, town.ref(key)) for key in ("anker", "bilden")] == [None, None]
    assert list_questions(town.rt) == []


def test_an_answer_to_its_question_can_be_taken_back(town: Town) -> None:
    """The same question is open again, and the row asks again."""
    type_olena(town, "still", Massnahme="AVGS-Einzelcoaching", von_bis="01.10.2025 – 30.06.2026")
    sync_table(town.rt, "still")
    note = town.note("still", town.ref("still"))
    [question] = list_questions(town.rt)
    answer_question(town.rt, question.id, "discussed_her", actor="frau-berger")
    answer_question(town.rt, question.id, "ended", actor="frau-berger")
    sync_table(town.rt, "still")

    take_back(town.rt, question.id, actor="frau-berger")

    assert [one.id for one in list_questions(town.rt)] == [question.id]
    assert town.flag().state == "discussed"
    sync_table(town.rt, "still")
    assert note is not None
    assert town.note("still", town.ref("still")) == note
    with pytest.raises(InvalidAnswer):
        take_back(town.rt, question.id, actor="frau-berger")
