"""What a closed door does: a locked file, a drive that goes away, and runs taken back afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncsvc.errors import PlatformBusy, TableLocked, UsageError
from syncsvc.services.runs import list_runs, run_changes, undo_run
from syncsvc.services.sync import sync_table
from syncsvc.services.tables import get_table, release_table
from syncsvc.store import intents
from tests.services.bench import TABLE, Bench
from tests.services.hostile.tables import THREE


def refuse(error: Exception) -> Callable[[], None]:
    def hook() -> None:
        raise error

    return hook


def open_intents(bench: Bench) -> int:
    with bench.database.read() as session:
        return len(intents.open_for(session, 1))


def test_36_an_open_file_holds_the_table_and_history_tells_no_write_that_was_none(bench: Bench):
    """While Excel has the file open nothing is written; trying again and again leaves one run, not hundreds."""
    bench.given(THREE)
    bench.sync()
    bench.project_sets("BSP-0139-A", "Notiz", "dienstags")
    told, runs = bench.history_of("BSP-0139-A", "Notiz"), len(list_runs(bench.rt))
    bench.book.before_write = refuse(TableLocked())
    outcomes = [sync_table(bench.rt, TABLE) for _ in range(4)]

    assert [outcome.state for outcome in outcomes] == ["held"] * 4
    assert all(outcome.cells_written == 0 for outcome in outcomes)
    assert len(list_runs(bench.rt)) == runs + 1
    assert get_table(bench.rt, TABLE).message.startswith("Die Datei ist gerade geöffnet")
    assert bench.history_of("BSP-0139-A", "Notiz") == told
    assert open_intents(bench) == 0

    bench.book.before_write = lambda: None
    bench.sync()
    bench.table_is(THREE.replace("montags", "dienstags"))
    assert get_table(bench.rt, TABLE).message == ""


def test_37_a_drive_that_goes_away_after_the_write_leaves_the_outcome_to_the_next_run(bench: Bench):
    """The write landed and could not be read back: a person who takes the value out again keeps her edit."""
    bench.given(THREE)
    bench.sync()
    before = bench.book.get(bench.row_of("BSP-0139-A"), bench.column_of("Notiz"))
    bench.project_sets("BSP-0139-A", "Notiz", "dienstags")

    def goes_away() -> None:
        bench.book.before_read = refuse(PlatformBusy())

    bench.book.after_write = goes_away
    assert sync_table(bench.rt, TABLE).state == "held"
    assert open_intents(bench) > 0
    bench.book.after_write = bench.book.before_read = lambda: None
    bench.book.set(bench.row_of("BSP-0139-A"), bench.column_of("Notiz"), before)

    sync_table(bench.rt, TABLE)
    assert bench.book.get(bench.row_of("BSP-0139-A"), bench.column_of("Notiz")) == before
    assert bench.records()["BSP-0139-A"].values.get("custom.note") == before
    assert open_intents(bench) == 0


def test_undo_takes_both_directions_back_and_leaves_later_edits_alone(bench: Bench):
    """One edit of the sheet and one of the record are taken back; a cell typed anew since is named and stays."""
    bench.given(THREE)
    bench.sync()
    old = bench.book.get(bench.row_of("BSP-0137-E"), bench.column_of("Notiz"))
    bench.people_type("BSP-0137-E", "Notiz", "vom Jobcenter")
    bench.people_type("BSP-0138-C", "Notiz", "erst so")
    bench.project_sets("BSP-0139-A", "Notiz", "vom Projekt")
    run = bench.sync().run
    assert run is not None
    bench.people_type("BSP-0138-C", "Notiz", "dann so")

    shown = undo_run(bench.rt, run, actor="test", preview=True)
    result = undo_run(bench.rt, run, actor="test")

    assert result.changes == shown.changes
    assert [(change["ref"], change["header"]) for change in result.changes] == [
        ("BSP-0137-E", "Notiz"),
        ("BSP-0139-A", "Notiz"),
    ]
    assert [(item["ref"], item["reason"]) for item in result.left_alone] == [("BSP-0138-C", "Seitdem geändert.")]
    assert bench.book.get(bench.row_of("BSP-0137-E"), bench.column_of("Notiz")) == old
    bench.sync()
    assert bench.records()["BSP-0137-E"].values.get("custom.note") == old
    assert bench.records()["BSP-0138-C"].values.get("custom.note") == "dann so"
    with pytest.raises(UsageError):
        undo_run(bench.rt, run, actor="test")


def test_a_held_run_changed_nothing_that_could_be_taken_back(bench: Bench):
    bench.given(THREE)
    bench.sync()
    bench.book.clear()
    held = sync_table(bench.rt, TABLE)
    assert (held.state, held.cells_written) == ("held", 0)
    assert held.run is not None
    assert run_changes(bench.rt, held.run) == []
    with pytest.raises(UsageError):
        undo_run(bench.rt, held.run, actor="test")


def test_08_an_emptied_sheet_is_rebuilt_from_the_records_once_a_person_asks(bench: Bench):
    """Nothing is deleted, nothing is written until the release; then header and rows stand there again."""
    bench.given(THREE)
    bench.sync()
    records = bench.records()
    bench.book.clear()
    assert sync_table(bench.rt, TABLE).state == "held"
    assert bench.records() == records
    assert "leer" in release_table(bench.rt, TABLE, actor="test")

    outcome = sync_table(bench.rt, TABLE)
    assert (outcome.state, outcome.rows_added, outcome.receipt["lost"]) == ("ok", 3, 0)
    assert {bench.book.get(row, 1) for row in (2, 3, 4)} == {"BSP-0137-E", "BSP-0138-C", "BSP-0139-A"}
    assert bench.records() == records


def test_release_says_that_nothing_is_held(bench: Bench):
    bench.given(THREE)
    bench.sync()
    with pytest.raises(UsageError, match="nicht angehalten"):
        release_table(bench.rt, TABLE, actor="test")
