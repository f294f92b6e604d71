from __future__ import annotations

import pytest

from syncsvc.errors import TableLocked
from syncsvc.jobs import tasks
from syncsvc.jobs.dispatch import dispatch, due
from syncsvc.services.runtime import Runtime
from syncsvc.services.tables import release_table
from syncsvc.store import records, tables
from tests.example import Example, hold

BOTH = ["bsp-beispielstadt", "bsp-musterkreis"]


def tick(example: Example) -> list[str]:
    """One tick of an engine that works everything off at once; the keys it was given."""
    worked: list[str] = []

    def submit(key: str, urgent: bool) -> None:
        worked.append(key)
        tasks.sync(example.runtime, key)

    dispatch(example.runtime, submit)
    return sorted(worked)


def state_of(runtime: Runtime, key: str) -> tuple[str, str]:
    with runtime.database.read() as session:
        table = tables.get(session, key)
        return table.state.value, table.message


def test_every_enabled_table_is_due_on_every_tick(example: Example) -> None:
    assert [tick(example), tick(example)] == [BOTH, BOTH]


def test_a_table_that_is_switched_off_is_never_due(example: Example) -> None:
    with example.runtime.database.write() as session:
        tables.get(session, "bsp-musterkreis").enabled = False

    assert tick(example) == ["bsp-beispielstadt"]


def test_an_edit_in_a_table_reaches_the_record_with_the_next_tick(example: Example) -> None:
    tick(example)
    book = example.books["beispielstadt"]
    book.set(2, 4, "kommt donnerstags")

    tick(example)

    with example.runtime.database.read() as session:
        assert records.get(session, str(book.get(2, 1))).values["custom.note"] == "kommt donnerstags"


def test_the_table_waiting_longest_comes_first(example: Example) -> None:
    tasks.sync(example.runtime, "bsp-beispielstadt")

    assert due(example.runtime) == ["bsp-musterkreis", "bsp-beispielstadt"]


def test_a_failing_table_does_not_stop_the_others(example: Example) -> None:
    example.books["beispielstadt"].gone = True

    tick(example)

    assert state_of(example.runtime, "bsp-beispielstadt")[0] == "failed"
    assert state_of(example.runtime, "bsp-musterkreis")[0] == "ok"


def test_pauses_after_failures_double_up_to_five_minutes(example: Example) -> None:
    """20, 40, 80, 160 seconds, then always 300; the other table goes on meanwhile."""
    example.books["beispielstadt"].gone = True
    pauses = []
    for _ in range(6):
        tick(example)
        seconds = 0
        while "bsp-beispielstadt" not in due(example.runtime):
            example.clock.pass_by(seconds=10)
            seconds += 10
        pauses.append(seconds)

    assert pauses == [20, 40, 80, 160, 300, 300]


def test_a_success_ends_the_pauses(example: Example) -> None:
    book = example.books["beispielstadt"]
    book.gone = True
    tick(example)
    example.clock.pass_by(minutes=5)
    book.gone = False

    tick(example)

    assert state_of(example.runtime, "bsp-beispielstadt") == ("ok", "")
    assert due(example.runtime) == BOTH


def test_an_unexpected_error_is_noted_without_its_message(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    """The message of a foreign exception may quote what stood in a cell."""

    def fail() -> None:
        raise ValueError("Demir, Leyla")

    example.books["beispielstadt"].before_read = fail

    assert tick(example) == BOTH

    assert state_of(example.runtime, "bsp-beispielstadt") == ("failed", "Unerwarteter Fehler im Dienst (ValueError).")
    assert state_of(example.runtime, "bsp-musterkreis")[0] == "ok"
    assert "ValueError" in caplog.text
    assert "Demir" not in caplog.text
    assert due(example.runtime) == ["bsp-musterkreis"]


def test_a_table_taken_out_of_the_programme_is_no_error(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    tasks.sync(example.runtime, "bsp-weg")

    assert caplog.text == ""


def test_a_held_table_rests_until_its_release(example: Example) -> None:
    """Only a person moves it on: a run every few seconds would fill its list of runs with the same sentence."""
    hold(example)
    tick(example)
    example.clock.pass_by(minutes=4)
    assert due(example.runtime) == ["bsp-musterkreis"]

    release_table(example.runtime, "bsp-beispielstadt", actor="test")

    assert sorted(due(example.runtime)) == BOTH
    tick(example)
    assert state_of(example.runtime, "bsp-beispielstadt") == ("ok", "")


def test_a_file_that_is_open_is_tried_again_within_half_a_minute(example: Example) -> None:
    def locked() -> None:
        raise TableLocked

    book = example.books["beispielstadt"]
    book.before_write = locked
    tick(example)
    assert state_of(example.runtime, "bsp-beispielstadt")[0] == "held"
    assert due(example.runtime) == ["bsp-musterkreis"]

    book.before_write = lambda: None
    example.clock.pass_by(seconds=20)
    tick(example)

    assert book.get(2, 1) == "BSP-0001-9"
