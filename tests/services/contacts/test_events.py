"""Changes of contacts become a history and events, wherever they are made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete

from syncsvc.services.contacts.directory import show_contact
from syncsvc.services.records import set_values, show_record
from syncsvc.services.runs import undo_run
from syncsvc.store import contact_events
from syncsvc.store.models import Responsibility
from tests.services.bench import Bench
from tests.services.hostile.tables import long_table, references

WHO = "Ansprechperson JC"


def told(bench: Bench) -> list[tuple[str, str | None, str | None, int]]:
    """Kind, from, to and number of rows of every event that was not undone, oldest first."""
    with bench.database.read() as session:
        found = contact_events.latest(session)
    return [(e.kind, e.from_key, e.to_key, len(e.refs)) for e in reversed(found) if e.undone_at is None]


def spans(bench: Bench, ref: str) -> list[tuple[str, str, str | None]]:
    return [(one["contact"], one["from"], one["to"]) for one in show_record(bench.rt, ref)["contacts"]]


def type_all(bench: Bench, typed: str, refs: list[str]) -> None:
    for ref in refs:
        bench.people_type(ref, WHO, typed)


@pytest.fixture
def ten(bench: Bench) -> list[str]:
    """Ten women of Anna Müller's, synced on Monday, 2 March; today is the Thursday after it."""
    bench.given(long_table(10))
    bench.sync()
    bench.clock.moment += timedelta(days=3)
    return references(10)


def test_the_first_sync_opens_a_history_and_tells_nothing(bench: Bench, ten: list[str]) -> None:
    assert told(bench) == []
    assert spans(bench, ten[0]) == [("c-1", "2026-03-02", None)]


def test_a_hand_over_is_one_event_with_a_history_and_one_undo(bench: Bench, ten: list[str]) -> None:
    type_all(bench, "Schulz, Peter", ten)
    run = bench.sync().run
    assert told(bench) == [("handover", "c-1", "c-2", 10)]
    assert spans(bench, ten[4]) == [("c-1", "2026-03-02", "2026-03-04"), ("c-2", "2026-03-05", None)]
    assert run is not None
    undo_run(bench.rt, run, actor="lead")
    assert told(bench) == []
    assert spans(bench, ten[4])[-1] == ("c-1", "2026-03-05", None)
    assert {str(record.values["contact_jc"]) for record in bench.records().values()} == {str({"contact": "c-1"})}


def test_a_hand_over_in_two_goes_is_one_and_either_go_can_be_taken_back(bench: Bench, ten: list[str]) -> None:
    type_all(bench, "Schulz, Peter", ten[:2])
    bench.sync()
    assert told(bench) == [("change", "c-1", "c-2", 2)]
    bench.clock.moment += timedelta(hours=5)
    type_all(bench, "Herr Schulz", ten[2:5])
    run = bench.sync().run
    assert told(bench) == [("handover", "c-1", "c-2", 5)]
    assert run is not None
    undo_run(bench.rt, run, actor="lead")
    assert [event[3] for event in told(bench)] == [2]


def test_two_unknown_names_in_one_run_are_two_events(bench: Bench, ten: list[str]) -> None:
    """And each is told once, though another row joins the question later."""
    type_all(bench, "Yilmaz, Elif", ten[:2])
    type_all(bench, "Novak, Jan", ten[2:3])
    bench.sync()
    type_all(bench, "Frau Yilmaz, Elif", ten[3:4])
    bench.sync()
    assert sorted(told(bench)) == [("unknown", "c-1", None, 1), ("unknown", "c-1", None, 2)]


def test_after_a_day_it_is_another_event(bench: Bench, ten: list[str]) -> None:
    type_all(bench, "Schulz, Peter", ten[:3])
    bench.sync()
    bench.clock.moment += timedelta(hours=25)
    type_all(bench, "Schulz, Peter", ten[3:4])
    bench.sync()
    assert told(bench) == [("handover", "c-1", "c-2", 3), ("change", "c-1", "c-2", 1)]


def test_a_proposal_changes_nobody_s_responsibility_until_it_is_accepted(bench: Bench, ten: list[str]) -> None:
    """The column is the job centre's: the project may propose, and the history knows nothing of it."""
    for ref in ten[:2]:
        set_values(bench.rt, ref, {"contact_jc": "Schulz, Peter"}, actor="lead")
    bench.sync()
    assert told(bench) == []
    bench.answer(ten[0], WHO, "decline")
    bench.answer(ten[1], WHO, "accept")
    bench.sync()
    assert told(bench) == [("change", "c-1", "c-2", 1)]
    assert [spans(bench, ref)[-1][0] for ref in ten[:2]] == ["c-1", "c-2"]


def test_a_proposal_that_people_type_themselves_counts_from_then_on(bench: Bench, ten: list[str]) -> None:
    set_values(bench.rt, ten[0], {"contact_jc": "Schulz, Peter"}, actor="lead")
    bench.sync()
    type_all(bench, "P. Schulz", ten[:1])
    bench.sync()
    assert told(bench) == [("change", "c-1", "c-2", 1)]
    assert spans(bench, ten[0])[-1] == ("c-2", "2026-03-05", None)


def test_records_older_than_the_history_get_theirs_with_the_first_change(bench: Bench, ten: list[str]) -> None:
    """An updated database knows no responsibilities: who it was until now counts from the day she was set."""
    with bench.database.write() as session:
        session.execute(delete(Responsibility))
    assert spans(bench, ten[0]) == [("c-1", "2026-03-02", None)]
    type_all(bench, "Schulz, Peter", ten[:1])
    bench.sync()
    assert told(bench) == [("change", "c-1", "c-2", 1)]
    assert spans(bench, ten[0]) == [("c-1", "2026-03-02", "2026-03-04"), ("c-2", "2026-03-05", None)]


def test_several_hand_overs_and_a_single_change_in_one_run_are_no_accident(bench: Bench, ten: list[str]) -> None:
    """Half of the rows go to one colleague, four to another: more than 30 % of the column, and the run is not held."""
    bench.given(long_table(40))
    refs = references(40)
    bench.sync()
    type_all(bench, "Schulz, Peter", refs[:20])
    type_all(bench, "Öztürk, Elif", refs[20:24])
    bench.people_type(refs[30], WHO, "N.N.")
    bench.sync()
    assert sorted(told(bench)) == [
        ("handover", "c-1", "c-2", 20),
        ("handover", "c-1", "c-3", 4),
        ("vacancy", "c-1", None, 1),
    ]


def test_a_contact_column_sorted_alone_is_an_accident(bench: Bench) -> None:
    """All come and go there; nobody takes over from anybody."""
    bench.given(long_table(40))
    refs = references(40)
    for number, ref in enumerate(refs):
        bench.people_type(ref, WHO, ("Müller, Anna", "Schulz, Peter", "Öztürk, Elif")[number % 3])
    bench.sync()
    names = sorted(str(bench.book.get(bench.row_of(ref), bench.column_of(WHO))) for ref in refs)
    for ref, name in zip(refs, names, strict=True):
        bench.people_type(ref, WHO, name)
    bench.sync("held")


def test_a_vacancy_is_said_in_the_row_and_goes_with_it(bench: Bench, ten: list[str]) -> None:
    type_all(bench, "", ten[:1])
    bench.sync()
    assert bench.note_of(ten[0]) == "Ansprechperson JC fehlt seit 05.03."
    type_all(bench, "Schulz, Peter", ten[:1])
    bench.sync()
    assert bench.note_of(ten[0]) == ""
    assert [event[0] for event in told(bench)] == ["vacancy", "filled"]


def test_somebody_for_an_hour_is_responsible_no_more(bench: Bench, ten: list[str]) -> None:
    """Corrected on the same day: she stands in the history, and nobody counts as hers."""
    type_all(bench, "Schulz, Peter", ten[:1])
    bench.sync()
    type_all(bench, "Öztürk, Elif", ten[:1])
    bench.sync()
    assert show_contact(bench.rt, "c-2")["responsible_for"] == []
    assert show_contact(bench.rt, "c-2")["participants"] == 0
    assert spans(bench, ten[0]) == [
        ("c-1", "2026-03-02", "2026-03-04"),
        ("c-2", "2026-03-05", "2026-03-05"),
        ("c-3", "2026-03-05", None),
    ]
