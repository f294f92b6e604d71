"""A hand-over from our side: every row of hers, nobody else's, with the day, the reasons and the way back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from syncsvc.core.fields import DirectoryContact
from syncsvc.errors import NotFound, UsageError
from syncsvc.services.contacts import daily, directory, handover
from syncsvc.services.records import set_values
from syncsvc.store import contact_events, contacts, responsibilities
from tests.factories import make_organisation
from tests.services.bench import TABLE as KEY
from tests.services.bench import Bench

TABLE = """
    | TN-Nr. | Eintritt   | Ansprechperson JC | Durchwahl | Hinweis |
    |        | 01.09.2024 | Müller, Anna      |           |         |
    |        | 02.09.2024 | Schulz, Peter     |           |         |
    |        | 03.09.2024 | Müller, Anna      |           |         |
    |        | 04.09.2024 | Fr. Müller        |           |         |
"""
REFS = ("BSP-0001-9", "BSP-0002-7", "BSP-0003-5", "BSP-0004-3")
ANNA, PETER, ELIF = "c-1", "c-2", "c-3"
HERS = (REFS[0], REFS[2], REFS[3])


@pytest.fixture(autouse=True)
def _table(bench: Bench) -> None:
    bench.given(TABLE)
    bench.sync()


def contacts_are(bench: Bench, *names: str, phones: tuple[str, ...] = ()) -> None:
    """The names, and where asked the numbers, as the table shows them from top to bottom."""
    header = bench.column_of("Ansprechperson JC") - 1, bench.column_of("Durchwahl") - 1
    rows = [bench.book.rows[bench.row_of(ref) - 1] for ref in REFS]
    assert tuple(row[header[0]] for row in rows) == names
    if phones:
        assert tuple(str(row[header[1]])[-3:] for row in rows) == phones


def hand(bench: Bench, old: str = "Müller", new: str = "Öztürk", **options: object) -> handover.Handover:
    return handover.hand_over(bench.rt, old, new, actor="leitung", **options)  # type: ignore[arg-type]  # a test's options


def test_all_her_rows_go_over_with_the_number_and_nobody_is_asked(bench: Bench) -> None:
    """The column is the job centre's: who decides here decides in its name, so there is nothing to accept."""
    done = hand(bench)
    assert [row.ref for row in done.rows] == list(HERS)
    assert {row.tables for row in done.rows} == {(KEY,)}
    bench.sync()
    names = ("Öztürk, Elif", "Schulz, Peter", "Öztürk, Elif", "Öztürk, Elif")
    contacts_are(bench, *names, phones=("110", "102", "110", "110"))
    bench.nothing_is_asked()


def test_a_preview_says_the_same_and_writes_nothing(bench: Bench) -> None:
    seen = hand(bench, preview=True)
    assert (seen.id, [row.ref for row in seen.rows]) == ("", list(HERS))
    assert bench.sync("unchanged").cells_written == 0


def test_one_hand_over_is_one_event(bench: Bench) -> None:
    hand(bench)
    with bench.database.read() as session:
        (event,) = [one for one in contact_events.latest(session) if one.kind == "handover"]
        assert (event.from_key, event.to_key, event.refs) == (ANNA, ELIF, sorted(HERS))


def test_it_can_be_taken_back_before_and_after_the_tables_have_it(bench: Bench) -> None:
    first = hand(bench)
    handover.undo_handover(bench.rt, first.id, actor="leitung")
    assert bench.sync().cells_written == 0
    second = hand(bench)
    bench.sync()
    assert handover.undo_handover(bench.rt, second.id, actor="leitung").refs == HERS
    bench.sync()
    names = ("Müller, Anna", "Schulz, Peter", "Müller, Anna", "Müller, Anna")
    contacts_are(bench, *names, phones=("101", "102", "101", "101"))
    with bench.database.read() as session:
        assert all(event.undone_at for event in contact_events.latest(session) if event.kind == "handover")


def test_who_was_changed_since_is_left_alone_when_it_is_taken_back(bench: Bench) -> None:
    done = hand(bench)
    bench.sync()
    bench.people_type(REFS[0], "Ansprechperson JC", "Schulz, Peter")
    bench.sync()
    undone = handover.undo_handover(bench.rt, done.id, actor="leitung")
    assert undone.refs == HERS[1:]
    assert [(one.ref, one.reason) for one in undone.stays] == [(REFS[0], "Seitdem geändert.")]


def test_what_the_job_centre_types_meanwhile_wins(bench: Bench) -> None:
    """Its column, its edit: ours stays as a proposal that it can still accept."""
    hand(bench)
    bench.people_type(REFS[0], "Ansprechperson JC", "Schulz, Peter")
    bench.sync()
    contacts_are(bench, "Schulz, Peter", "Schulz, Peter", "Öztürk, Elif", "Öztürk, Elif")
    assert [(one.ref, one.code) for one in bench.open_questions()] == [(REFS[0], "proposal_kept")]


def test_a_row_with_an_open_question_stays_and_says_why(bench: Bench) -> None:
    bench.project_sets(REFS[0], "Ansprechperson JC", "Müller, Anna (Vertr. Schulz)")
    bench.sync()
    done = hand(bench)
    assert [row.ref for row in done.rows] == list(HERS[1:])
    assert [(one.ref, "Klärung offen" in one.reason) for one in done.stays] == [(REFS[0], True)]


def test_nobody_goes_to_somebody_of_another_house(bench: Bench) -> None:
    with bench.database.write() as session:
        make_organisation(session, "jc-musterkreis")
        contacts.upsert(session, DirectoryContact("c-9", "jc-musterkreis", "Weiß", "Tom"))
    done = hand(bench, new="Weiß")
    assert done.rows == ()
    assert {one.reason for one in done.stays} == {"Weiß, Tom arbeitet in einer anderen Organisation."}


def test_a_day_to_come_is_noted_and_changes_nothing_before(bench: Bench) -> None:
    done = hand(bench, day="01.04.2026")
    assert (done.planned, done.day) == (True, date(2026, 4, 1))
    assert bench.sync("unchanged").cells_written == 0
    hand(bench, day="02.04.2026")
    with bench.database.read() as session:
        noted = responsibilities.planned_of(session, REFS)
        assert sorted((one.ref, one.contact_key, one.valid_from) for one in noted) == [
            (ref, ELIF, date(2026, 4, 2)) for ref in HERS
        ]


def test_the_history_ends_on_the_day_before(bench: Bench) -> None:
    with bench.database.write() as session:
        for ref in HERS:
            for row in responsibilities.of_record(session, ref):
                row.valid_from = date(2026, 1, 1)
    hand(bench, day="02.03.2026")
    with bench.database.read() as session:
        spans = [
            (one.contact_key, one.valid_from, one.valid_to) for one in responsibilities.of_record(session, REFS[0])
        ]
    assert spans == [(ANNA, date(2026, 1, 1), date(2026, 3, 1)), (ELIF, date(2026, 3, 2), None)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [("Müller", "Müller", "an eine andere Person"), ("Müller", "Schulz", "ausgeschieden")],
)
def test_what_makes_no_sense_is_refused(bench: Bench, old: str, new: str, sentence: str) -> None:
    directory.mark_left(bench.rt, "Schulz", "01.03.2026", actor="x")
    with pytest.raises(UsageError, match=sentence):
        hand(bench, old, new)


def test_an_unknown_hand_over_cannot_be_taken_back(bench: Bench) -> None:
    with pytest.raises(NotFound):
        handover.undo_handover(bench.rt, "gibtesnicht", actor="x")


def test_only_one_table_if_asked(bench: Bench) -> None:
    with pytest.raises(NotFound):
        hand(bench, table="gibt-es-nicht")
    assert len(hand(bench, table=KEY, preview=True).rows) == 3


def test_what_the_project_only_proposes_is_not_handed_over(bench: Bench) -> None:
    """In the job centre's column stands Schulz until it accepts somebody else, asked about already or not."""
    set_values(bench.rt, REFS[1], {"contact_jc": "Müller, Anna"}, actor="leitung")
    done = hand(bench)
    assert [row.ref for row in done.rows] == list(HERS)
    bench.sync()
    contacts_are(bench, "Öztürk, Elif", "Schulz, Peter", "Öztürk, Elif", "Öztürk, Elif")


def test_a_planned_one_begins_also_where_the_project_owns_the_column(bench: Bench) -> None:
    bench.columns = [
        {**column, "owner": "project"} if column["field"] == "contact_jc" else column for column in bench.columns
    ]
    bench.map()
    bench.sync("held")
    bench.approve()
    bench.sync()
    hand(bench, day="01.04.2026")
    bench.clock.moment += timedelta(days=30)
    daily.new_day(bench.rt)
    bench.sync()
    contacts_are(bench, "Öztürk, Elif", "Schulz, Peter", "Öztürk, Elif", "Öztürk, Elif")
    bench.nothing_is_asked()


def test_taken_back_it_also_leaves_the_hand_over_that_people_had_begun(bench: Bench) -> None:
    """Two rows typed in the morning and one from our side were one; then only the typed ones are told of."""
    for ref in HERS[:2]:
        bench.people_type(ref, "Ansprechperson JC", "Öztürk, Elif")
    bench.sync()
    bench.clock.moment += timedelta(hours=2)
    done = hand(bench)
    handover.undo_handover(bench.rt, done.id, actor="leitung")
    with bench.database.read() as session:
        (event,) = [one for one in contact_events.latest(session) if one.undone_at is None]
        assert event.refs == sorted(HERS[:2])


def test_a_planned_one_can_be_called_off_and_taken_back_after_its_day(bench: Bench) -> None:
    off = hand(bench, day="01.04.2026")
    assert handover.undo_handover(bench.rt, off.id, actor="leitung").refs == HERS
    kept = hand(bench, day="02.04.2026")
    bench.clock.moment += timedelta(days=30)  # 1 April
    daily.new_day(bench.rt)
    assert bench.sync("unchanged").cells_written == 0
    bench.clock.moment += timedelta(days=1)
    daily.new_day(bench.rt)
    bench.sync()
    contacts_are(bench, "Öztürk, Elif", "Schulz, Peter", "Öztürk, Elif", "Öztürk, Elif")
    assert handover.undo_handover(bench.rt, kept.id, actor="leitung").refs == HERS
    bench.sync()
    contacts_are(bench, "Müller, Anna", "Schulz, Peter", "Müller, Anna", "Müller, Anna")


def test_records_from_before_there_was_a_history_get_one_once(bench: Bench) -> None:
    """Since the day the value was set on; nobody is told, and a place that has a history keeps it."""
    with bench.database.write() as session:
        told = len(contact_events.latest(session))
        responsibilities.drop(session, responsibilities.of_record(session, REFS[0]))
    bench.clock.moment += timedelta(days=10)
    for _ in range(2):
        daily.new_day(bench.rt)
    with bench.database.read() as session:
        histories = [responsibilities.of_record(session, ref) for ref in REFS[:2]]
        assert [[(row.role, row.contact_key, row.valid_from, row.source) for row in rows] for rows in histories] == [
            [("contact_jc", ANNA, date(2026, 3, 2), "directory")],
            [("contact_jc", PETER, date(2026, 3, 2), KEY)],
        ]
        assert len(contact_events.latest(session)) == told
        assert responsibilities.counts(session, [ANNA, PETER], bench.rt.today()) == {ANNA: 3, PETER: 1}
