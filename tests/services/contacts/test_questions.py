"""Questions about contacts: one for all rows that ask the same, and what each answer does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncsvc.errors import InvalidAnswer
from syncsvc.services.contacts import directory
from syncsvc.services.contacts.daily import new_day
from syncsvc.services.questions import QuestionView, answer_question, list_questions
from syncsvc.services.records import show_record
from syncsvc.store import contacts
from tests.services.bench import Bench

FOUR = """
    | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Durchwahl     | Hinweis |
    | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | 030 23125-101 |         |
    | BSP-0138-C | Alvarez, Ana     | 03.02.2025 | Müller, Anna      | 030 23125-101 |         |
    | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     | 030 23125-102 |         |
    | BSP-0142-K | Nowak, Ewa       | 18.06.2024 | Müller, Anna      | 030 23125-101 |         |
"""
REFS = ("BSP-0137-E", "BSP-0138-C", "BSP-0139-A", "BSP-0142-K")
WHO = "Ansprechperson JC"


def given(bench: Bench, **options: Any) -> None:
    bench.given(FOUR, **options)
    bench.sync()


def type_all(bench: Bench, typed: str, *refs: str) -> None:
    for ref in refs:
        bench.people_type(ref, WHO, typed)


def asked(bench: Bench) -> QuestionView:
    """The one open question."""
    (question,) = list_questions(bench.rt)
    return question


def choose(bench: Bench, choice: str) -> None:
    answer_question(bench.rt, asked(bench).id, choice, actor="lead")


def who(bench: Bench) -> dict[str, str]:
    """The contact of each participant, as people read it."""
    column = bench._column(WHO)
    return {ref: bench._show(column, record.values.get("contact_jc")) for ref, record in bench.records().items()}


def test_an_unknown_name_in_many_rows_is_one_question_with_its_choices(bench: Bench) -> None:
    given(bench)
    type_all(bench, "Yilmaz, Elif", *REFS[:3])
    bench.sync()
    question = asked(bench)
    assert (question.kind, question.code, question.ref) == ("contact", "contact_unknown", "BSP-0137-E")
    assert [row["ref"] for row in question.rows] == list(REFS[:3])
    assert question.text == (
        "Spalte Ansprechperson JC, 3 Zeilen (BSP-0137-E, BSP-0138-C, BSP-0139-A): "
        "„Yilmaz, Elif“ steht nicht im Verzeichnis. Ist Yilmaz, Elif neu?"
    )
    assert [(choice.key, choice.text) for choice in question.choices] == [
        ("new", "Ja, Yilmaz, Elif ins Verzeichnis aufnehmen"),
        ("c-3", "Gemeint ist Öztürk, Elif"),
        ("record", "Nein, der alte Wert bleibt"),
    ]


@pytest.mark.parametrize(
    ("choice", "then"),
    [
        ("new", ["Yilmaz, Elif", "Yilmaz, Elif", "Yilmaz, Elif", "Müller, Anna"]),
        ("c-3", ["Öztürk, Elif", "Öztürk, Elif", "Öztürk, Elif", "Müller, Anna"]),
        ("record", ["Müller, Anna", "Müller, Anna", "Schulz, Peter", "Müller, Anna"]),
    ],
)
def test_one_answer_settles_all_rows(bench: Bench, choice: str, then: list[str]) -> None:
    """Also the notes in the rows go, and the next run asks nothing again."""
    given(bench)
    type_all(bench, "Yilmaz, Elif", *REFS[:3])
    bench.sync()
    choose(bench, choice)
    bench.sync()
    assert list(who(bench).values()) == then
    assert list_questions(bench.rt) == []
    assert [bench.note_of(ref) for ref in REFS] == ["", "", "", ""]


def test_a_new_colleague_is_entered_with_what_her_rows_say(bench: Bench) -> None:
    """What was typed beside her waits with her; what stood there before is her predecessor's and is not hers."""
    given(bench)
    type_all(bench, "Yilmaz, Elif", *REFS[:2])
    bench.people_type("BSP-0137-E", "Durchwahl", "030 23125-140")
    bench.sync()
    choose(bench, "new")
    bench.sync()
    with bench.database.read() as session:
        new = next(contact for contact in contacts.directory(session) if contact.family == "Yilmaz")
    assert (new.given, new.organisation, new.phone) == ("Elif", "jc-beispielstadt", "030 23125-140")
    bench.table_is("""
        | TN-Nr.     | Ansprechperson JC | Durchwahl     |
        | BSP-0137-E | Yilmaz, Elif      | 030 23125-140 |
        | BSP-0138-C | Yilmaz, Elif      | 030 23125-140 |
        | BSP-0139-A | Schulz, Peter     | 030 23125-102 |
        | BSP-0142-K | Müller, Anna      | 030 23125-101 |
    """)


def test_a_row_that_joins_later_is_not_decided_by_an_answer_to_the_old_question(bench: Bench) -> None:
    """Who answers has seen two rows; the question about three is another one."""
    given(bench)
    type_all(bench, "Yilmaz, Elif", *REFS[:2])
    bench.sync()
    old = asked(bench).id
    type_all(bench, "Yilmaz, Elif", REFS[2])
    bench.sync()
    with pytest.raises(InvalidAnswer):
        answer_question(bench.rt, old, "new", actor="lead")
    assert [row["ref"] for row in asked(bench).rows] == list(REFS[:3])


def test_sorting_the_table_leaves_the_question_as_it_is(bench: Bench) -> None:
    given(bench)
    type_all(bench, "Yilmaz, Elif", *REFS[:2])
    bench.sync()
    old = asked(bench).id
    bench.people_sort_by("Name")
    bench.sync()
    assert asked(bench).id == old
    assert [row["row"] for row in asked(bench).rows] == [bench.row_of(ref) for ref in REFS[:2]]


def test_a_question_without_rows_is_obsolete(bench: Bench) -> None:
    given(bench)
    type_all(bench, "Yilmaz, Elif", *REFS[:2])
    bench.sync()
    type_all(bench, "Schulz, Peter", *REFS[:2])
    bench.sync()
    assert list_questions(bench.rt) == []


@pytest.mark.parametrize(
    ("typed", "keys", "choice", "then"),
    [
        ("Muller, Ana", ["new", "c-1", "record"], "c-1", "Müller, Anna"),
        ("Schultz, Peter", ["proposal", "new", "record"], "proposal", "Schulz, Peter"),
        ("Schultz, Peter", ["proposal", "new", "record"], "new", "Schultz, Peter"),
        ("Elif", ["proposal", "record"], "proposal", "Öztürk, Elif"),
        ("Vertr. Schulz", ["deputy", "second", "record"], "deputy", "Müller, Anna (Vertr. Schulz, Peter)"),
        ("Vertr. Schulz", ["deputy", "second", "record"], "second", "Schulz, Peter"),
        ("Müller/Schulz", ["deputy", "proposal", "second", "record"], "deputy", "Müller, Anna (Vertr. Schulz, Peter)"),
        ("Müller/Schulz", ["deputy", "proposal", "second", "record"], "second", "Schulz, Peter"),
        ("NEU: Schulz", ["second", "vacant", "record"], "second", "Schulz, Peter"),
        ("wechselt gerade", ["vacant", "record"], "vacant", ""),
    ],
)
def test_each_doubt_has_answers_that_fit_it(bench: Bench, typed: str, keys: list[str], choice: str, then: str) -> None:
    given(bench)
    type_all(bench, typed, "BSP-0137-E")
    bench.sync()
    assert [option.key for option in asked(bench).choices] == keys
    choose(bench, choice)
    bench.sync()
    assert who(bench)["BSP-0137-E"] == then
    assert list_questions(bench.rt) == []


def test_somebody_who_left_is_noted_in_the_directory_and_her_rows_ask_for_another(bench: Bench) -> None:
    """On 1 March, a day before today, she was not there any more."""
    given(bench)
    type_all(bench, "Müller (nicht mehr da)", *REFS[:2])
    bench.sync()
    assert [choice.key for choice in asked(bench).choices] == ["left", "record"]
    choose(bench, "left")
    bench.sync()
    sentence = "Müller, Anna ist seit 02.03. nicht mehr da – bitte neue Ansprechperson eintragen."
    assert [bench.note_of(ref) for ref in REFS] == [sentence, sentence, "", sentence]
    assert list_questions(bench.rt) == []


def test_a_planned_hand_over_begins_on_its_day(bench: Bench) -> None:
    """Until then everything stays, the cell as well."""
    given(bench)
    type_all(bench, "Müller bis 15.3., dann Schulz", "BSP-0137-E")
    bench.sync()
    assert (asked(bench).kind, [choice.key for choice in asked(bench).choices]) == (
        "handover",
        ["planned", "second", "record"],
    )
    choose(bench, "planned")
    new_day(bench.rt)
    bench.sync()
    assert who(bench)["BSP-0137-E"] == "Müller, Anna"
    bench.clock.moment += timedelta(days=14)
    new_day(bench.rt)
    bench.sync()
    assert who(bench)["BSP-0137-E"] == "Schulz, Peter"
    assert bench.book.get(bench.row_of("BSP-0137-E"), bench.column_of(WHO)) == "Schulz, Peter"
    shown = [(one["contact"], one["from"], one["to"]) for one in show_record(bench.rt, "BSP-0137-E")["contacts"]]
    assert shown == [("c-1", "2026-03-02", "2026-03-15"), ("c-2", "2026-03-16", None)]


def test_back_to_the_former_contact_within_two_runs_is_asked_about(bench: Bench) -> None:
    """Probably two people correct each other. Nothing moves until somebody decides, however many runs pass."""
    given(bench)
    type_all(bench, "Schulz, Peter", "BSP-0137-E")
    bench.sync()
    type_all(bench, "Müller, Anna", "BSP-0137-E")
    bench.sync()
    assert (asked(bench).code, [choice.key for choice in asked(bench).choices]) == ("contact_flip", ["sheet", "record"])
    bench.people_type("BSP-0139-A", "Name", "Demir, Adah")
    bench.sync()
    bench.people_type("BSP-0139-A", "Name", "Demir, Ada")
    bench.sync()
    assert who(bench)["BSP-0137-E"] == "Schulz, Peter"
    choose(bench, "sheet")
    bench.sync()
    assert who(bench)["BSP-0137-E"] == "Müller, Anna"
    assert list_questions(bench.rt) == []


def test_a_new_direct_dial_is_confirmed_once_for_all_rows_of_a_person(bench: Bench) -> None:
    given(bench)
    for ref in ("BSP-0137-E", "BSP-0138-C"):
        bench.people_type(ref, "Durchwahl", "030 23125-140")
    bench.sync()
    assert asked(bench).text.endswith("Durchwahl von Müller, Anna: neu „030 23125-140“?")
    choose(bench, "yes")
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Ansprechperson JC | Durchwahl     |
        | BSP-0137-E | Müller, Anna      | 030 23125-140 |
        | BSP-0138-C | Müller, Anna      | 030 23125-140 |
        | BSP-0139-A | Schulz, Peter     | 030 23125-102 |
        | BSP-0142-K | Müller, Anna      | 030 23125-140 |
    """)
    with bench.database.read() as session:
        anna = contacts.find(session, "c-1")
    assert anna is not None
    assert anna.phone == "030 23125-140"


def test_a_mistyped_direct_dial_is_put_back(bench: Bench) -> None:
    given(bench)
    bench.people_type("BSP-0137-E", "Durchwahl", "030 23125-140")
    bench.sync()
    choose(bench, "record")
    bench.sync()
    assert bench.book.get(bench.row_of("BSP-0137-E"), bench.column_of("Durchwahl")) == "030 23125-101"
    assert list_questions(bench.rt) == []


def test_the_same_proposal_in_three_rows_is_one_hand_over(bench: Bench) -> None:
    """The project works in the table, the column is the job centre's: accepted or declined for all at once."""
    given(bench, edited_by="project")
    type_all(bench, "Schulz, Peter", "BSP-0137-E", "BSP-0138-C")
    bench.sync()
    assert [question.kind for question in list_questions(bench.rt)] == ["proposal", "proposal"]
    type_all(bench, "Schulz, Peter", "BSP-0142-K")
    bench.sync()
    assert (asked(bench).kind, [choice.key for choice in asked(bench).choices]) == ("handover", ["accept", "decline"])
    choose(bench, "accept")
    bench.sync()
    assert set(who(bench).values()) == {"Schulz, Peter"}


def test_a_planned_hand_over_whose_day_is_moved_begins_on_the_new_day(bench: Bench) -> None:
    given(bench)
    for typed in ("Müller bis 15.3., dann Schulz", "Müller bis 22.3., dann Schulz"):
        type_all(bench, typed, "BSP-0137-E")
        bench.sync()
        choose(bench, "planned")
    bench.clock.moment += timedelta(days=14)  # 16 March
    new_day(bench.rt)
    bench.sync()
    assert who(bench)["BSP-0137-E"] == "Müller, Anna"
    bench.clock.moment += timedelta(days=7)
    new_day(bench.rt)
    bench.sync()
    assert who(bench)["BSP-0137-E"] == "Schulz, Peter"


@pytest.mark.parametrize(("typed", "choice"), [("Müller, Anna", None), ("Müller bis 22.3., dann Öztürk", "record")])
def test_a_planned_hand_over_is_off_once_its_cell_says_so(bench: Bench, typed: str, choice: str | None) -> None:
    """The job centre takes its word back: nobody is written over hers on the day."""
    given(bench)
    type_all(bench, "Müller bis 15.3., dann Schulz", "BSP-0137-E")
    bench.sync()
    choose(bench, "planned")
    type_all(bench, typed, "BSP-0137-E")
    bench.sync()
    if choice:
        choose(bench, choice)
        bench.sync()
    bench.clock.moment += timedelta(days=30)
    new_day(bench.rt)
    bench.sync_as_it_is()
    assert bench.book.get(bench.row_of("BSP-0137-E"), bench.column_of(WHO)) == "Müller, Anna"


def test_an_absence_that_people_type_does_not_end_with_the_last_one(bench: Bench) -> None:
    given(bench)
    directory.set_details(bench.rt, "c-1", {"absent_from": "02.02.2026", "absent_to": "13.02.2026"}, actor="lead")
    type_all(bench, "Müller (Elternzeit)", "BSP-0137-E")
    bench.sync()
    choose(bench, "absent")
    bench.sync()
    assert bench.note_of("BSP-0138-C") == "Müller, Anna ist zurzeit abwesend."


def test_somebody_who_is_known_to_have_left_keeps_her_last_day(bench: Bench) -> None:
    given(bench)
    directory.mark_left(bench.rt, "c-1", "13.02.2026", actor="lead")
    type_all(bench, "Müller (nicht mehr da)", "BSP-0137-E")
    bench.sync()
    choose(bench, "left")
    assert directory.show_contact(bench.rt, "c-1")["left_on"] == "2026-02-13"


def test_the_row_of_a_participation_that_ended_asks_for_nobody(bench: Bench) -> None:
    bench.given(FOUR.replace("Hinweis |", "Status | Hinweis |").replace("|         |\n", "| beendet | |\n"))
    bench.sync()
    directory.mark_left(bench.rt, "c-1", "13.02.2026", actor="lead")
    bench.sync_as_it_is()
    assert bench.note_of("BSP-0137-E") == ""
