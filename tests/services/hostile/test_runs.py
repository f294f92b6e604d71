"""What people do to whole files, and what whole runs promise. The numbers are those of the list of hostile cases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.errors import PlanMoved
from syncsvc.providers.memory import MemoryBook
from syncsvc.services.sync import preview_table, sync_table
from tests.services.bench import TABLE, Bench
from tests.services.hostile.tables import THREE, long_table, references


def test_32_an_older_version_of_the_file_is_not_taken_for_edits(bench: Bench) -> None:
    """Somebody restores last week's file: most edited rows show an older state, so the run stops and asks."""
    bench.given(long_table(20))
    bench.sync()
    old = [list(row) for row in bench.book.rows]
    for ref in references(20)[:9]:
        bench.people_type(ref, "Notiz", f"neu {ref}")
    bench.sync()
    for ref in references(20)[9:18]:
        bench.people_type(ref, "Notiz", f"neu {ref}")
    bench.sync()
    bench.book.rows[:] = old
    bench.book.revision += 1

    bench.sync("held")

    assert bench.records()[references(20)[0]].values["custom.note"] == f"neu {references(20)[0]}"
    bench.questions_are("| Art |\n| held |")


def test_33_a_copy_of_the_table_is_nobodys(bench: Bench) -> None:
    """Only the bound tab is read; what is typed into a copy stays there, and the copy never becomes a second writer."""
    bench.given(THREE)
    bench.sync()
    copy = MemoryBook([list(row) for row in bench.book.rows])
    bench.registry.books["Kopie von BSP"] = copy
    copy.set(2, 5, "in der Kopie")
    bench.sync("unchanged")
    assert copy.get(2, 5) == "in der Kopie"
    assert bench.records()["BSP-0137-E"].values["custom.note"] == "ruft an"


def test_34_a_vanished_file_deletes_nothing(bench: Bench) -> None:
    """The run fails with a sentence, and goes on when the file is back."""
    bench.given(THREE)
    bench.sync()
    bench.book.gone = True
    outcome = sync_table(bench.rt, TABLE)
    assert (outcome.state, outcome.cells_written) == ("failed", 0)
    assert len(bench.records()) == 3
    bench.nothing_is_asked()
    bench.book.gone = False
    bench.sync("unchanged")


def test_41_many_rows_and_empty_formatted_ones_cost_a_bounded_number_of_requests(bench: Bench) -> None:
    """A changed table: at most two reads and one write, however many rows; trailing blanks are no rows."""
    bench.given(long_table(400))
    bench.book.rows.extend([None] * 6 for _ in range(3000))
    bench.sync()
    bench.people_type(references(400)[3], "Notiz", "neu")
    bench.project_sets(references(400)[7], "Notiz", "neu")
    outcome = sync_table(bench.rt, TABLE)
    assert dict(outcome.requests) == {"meta": 1, "read": 2, "write": 1}
    assert (outcome.rows, outcome.cells_written, outcome.records_changed) == (400, 1, 1)


def test_an_unchanged_table_costs_one_metadata_request(bench: Bench) -> None:
    """No read, no write, a receipt of zeros."""
    bench.given(THREE)
    bench.sync()
    outcome = sync_table(bench.rt, TABLE)
    assert (outcome.state, dict(outcome.requests)) == ("unchanged", {"meta": 1, "read": 0, "write": 0})
    assert set(outcome.receipt.values()) == {0}


def test_43_a_hand_over_of_many_rows_is_no_accident(bench: Bench) -> None:
    """The contact person leaves: the same old value becomes the same new one in 40 rows, below no guard."""
    bench.given(long_table(40))
    bench.sync()
    for ref in references(40):
        bench.people_type(ref, "Ansprechperson JC", "Schulz, Peter")
    outcome = bench.sync()
    assert outcome.records_changed == 40
    assert len({str(record.values["contact_jc"]) for record in bench.records().values()}) == 1


def test_43_the_same_change_in_a_text_column_is_an_accident(bench: Bench) -> None:
    """Only contacts are handed over; forty equal notes are a fill-down."""
    bench.given(long_table(40))
    bench.sync()
    for ref in references(40):
        bench.people_type(ref, "Notiz", "erledigt")
    bench.sync("held")


def test_44_a_contact_is_read_however_she_is_typed(bench: Bench) -> None:
    """All the same person of the directory: no ping-pong, the cells stay as typed."""
    bench.given(THREE)
    bench.sync()
    known = bench.records()["BSP-0137-E"].values["contact_jc"]
    for typed in ("Fr. Müller", "Mueller, Anna", "anna.mueller@jobcenter-beispielstadt.example", "Anna Müller"):
        bench.people_type("BSP-0137-E", "Ansprechperson JC", typed)
        outcome = bench.sync()
        assert (outcome.cells_written, outcome.records_changed) == (0, 0)
        assert bench.records()["BSP-0137-E"].values["contact_jc"] == known


def test_44_an_unknown_contact_is_asked_about(bench: Bench) -> None:
    """Nobody of that name is in the directory: the record keeps its contact, the row says so."""
    bench.given(THREE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Ansprechperson JC", "Unbekannt, Uta")
    bench.sync()
    bench.table_is("""
        | TN-Nr.     | Ansprechperson JC |
        | BSP-0137-E | Unbekannt, Uta    |
        | BSP-0138-C |                   |
        | BSP-0139-A | Schulz, Peter     |
    """)
    assert [(question.kind, question.code) for question in bench.open_questions()] == [("contact", "contact_unknown")]
    bench.records_are("""
        | TN-Nr.     | Ansprechperson JC |
        | BSP-0137-E | Müller, Anna      |
        | BSP-0138-C |                   |
        | BSP-0139-A | Schulz, Peter     |
    """)


def test_a_sync_carries_out_exactly_the_previewed_plan_or_nothing(bench: Bench) -> None:
    """A plan that was looked at is bound to what it was computed from."""
    bench.given(THREE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "neu")
    plan = preview_table(bench.rt, TABLE).plan
    bench.people_type("BSP-0138-C", "Notiz", "auch neu")
    with pytest.raises(PlanMoved):
        sync_table(bench.rt, TABLE, expect=plan)
    assert bench.records()["BSP-0137-E"].values["custom.note"] == "ruft an"
    plan = preview_table(bench.rt, TABLE).plan
    assert sync_table(bench.rt, TABLE, expect=plan).records_changed == 2


def test_a_later_day_changes_nothing_by_itself(bench: Bench) -> None:
    """No rule looks at clocks."""
    bench.given(THREE)
    bench.sync()
    bench.clock.moment += timedelta(days=400)
    bench.book.revision += 1
    outcome = bench.sync()
    assert (outcome.cells_written, outcome.records_changed) == (0, 0)
