"""Ticks: which tables are due, what people ask for in between, and what a clock that jumps does."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from syncsvc.errors import PlatformBusy, UsageError
from syncsvc.jobs import tasks
from syncsvc.jobs.dispatch import SILENCE, dispatch, other_leader
from syncsvc.ports.tables import Table
from syncsvc.services import schedules
from syncsvc.services.leases import leased
from syncsvc.services.questions import answer_question, list_questions
from syncsvc.services.records import set_values
from syncsvc.services.runs import list_runs, undo_run
from syncsvc.services.sync import sync_table
from syncsvc.services.tables import release_table
from syncsvc.store import heartbeats, records
from tests.example import Example, hold
from tests.jobs.engine import change, row, tick, wait_for

ONE, OTHER = "bsp-beispielstadt", "bsp-musterkreis"


def refuse() -> None:
    raise PlatformBusy


class TestDue:
    def test_tables_without_a_schedule_are_looked_at_in_the_rhythm_of_their_provider(self, example: Example) -> None:
        """Ten seconds for tables in memory; what one look costs decides, so ticks may come more often."""
        assert tick(example) == [ONE, OTHER]
        assert tick(example) == []
        example.clock.pass_by(seconds=9.9)
        assert tick(example) == []
        example.clock.pass_by(seconds=0.1)
        assert tick(example) == [ONE, OTHER]

    def test_a_schedule_is_kept_whatever_the_rhythm_of_the_provider(self, example: Example) -> None:
        """It is 09:00 in Berlin on 2 March 2026; the quiet hours begin at 19:30."""
        change(example.runtime, schedule="0 7,12,21 * * *", quiet_hours="19:30-06:00")
        tick(example)
        planned = []
        for _ in range(3):
            planned.append(row(example.runtime).next_due_at)
            example.clock.moment = planned[-1] - timedelta(seconds=1)
            assert ONE not in tick(example)
            example.clock.pass_by(seconds=1)
            assert ONE in tick(example)

        assert [f"{moment:%d. %H:%M}" for moment in planned] == ["02. 11:00", "03. 05:00", "03. 06:00"]

    def test_a_table_that_is_switched_off_is_never_due(self, example: Example) -> None:
        schedules.pause(example.runtime, OTHER, actor="test")
        assert tick(example) == [ONE]

        schedules.resume(example.runtime, OTHER, actor="test")
        assert tick(example) == [OTHER]

    def test_an_edit_in_a_table_reaches_the_record_with_its_next_look(self, example: Example) -> None:
        tick(example)
        book = example.books["beispielstadt"]
        book.set(2, 4, "kommt donnerstags")
        example.clock.pass_by(seconds=10)

        tick(example)

        with example.runtime.database.read() as session:
            assert records.get(session, str(book.get(2, 1))).values["custom.note"] == "kommt donnerstags"

    def test_the_table_waiting_longest_comes_first(self, example: Example) -> None:
        tasks.sync(example.runtime, OTHER)
        example.clock.pass_by(seconds=1)
        tasks.sync(example.runtime, ONE)
        example.clock.pass_by(seconds=20)

        assert tick(example) == [OTHER, ONE]

    def test_a_table_that_was_synced_since_the_tick_is_not_synced_again(self, example: Example) -> None:
        """Two processes were given the same table, or its run ended while it was queued: looked at once."""
        reads = []
        example.books["beispielstadt"].before_read = lambda: reads.append(1)
        tasks.sync(example.runtime, ONE)
        after_one = len(reads)
        example.books["beispielstadt"].set(2, 4, "kommt donnerstags")

        tasks.sync(example.runtime, ONE)

        assert len(reads) == after_one

    def test_a_run_that_waited_for_another_one_asks_again_whether_it_is_due(self, example: Example) -> None:
        """The first answer was right when it was given: the other run ended between it and the lease."""
        reads = []
        example.books["beispielstadt"].before_read = lambda: reads.append(1)
        inner = example.runtime.tables

        class OtherRunEnds:
            def open(self, location: Mapping[str, str]) -> Table:
                change(example.runtime, next_due_at=example.clock.now() + timedelta(minutes=1))
                return inner.open(location)

        example.runtime = replace(example.runtime, tables=OtherRunEnds())

        tasks.sync(example.runtime, ONE)

        assert reads == []

    def test_a_table_taken_out_of_the_programme_is_no_error(
        self, example: Example, caplog: pytest.LogCaptureFixture
    ) -> None:
        tasks.sync(example.runtime, "bsp-weg")

        assert caplog.text == ""

    def test_a_held_table_rests_until_its_release(self, example: Example) -> None:
        """Only a person moves it on: a run every few seconds would read the whole table for nothing."""
        hold(example)
        example.clock.pass_by(minutes=4)
        assert tick(example) == [OTHER]

        release_table(example.runtime, ONE, actor="test")

        assert ONE in tick(example)
        assert (row(example.runtime).state, row(example.runtime).message) == ("ok", "")


class TestAnswer:
    """An admin answers, and the people in a table that is synced once a month see it soon."""

    def ask(self, example: Example, **values: object) -> None:
        """A question in a table with a monthly schedule: both sides wrote something else into the same cell."""
        tick(example)
        book = example.books["beispielstadt"]
        book.set(2, 4, "kommt donnerstags")
        set_values(example.runtime, str(book.get(2, 1)), {"custom.note": "kommt freitags"}, actor="test")
        change(example.runtime, schedule="0 7 1 * *", next_due_at=None, **values)
        assert ONE in tick(example)

    def answer(self, example: Example) -> None:
        (question,) = list_questions(example.runtime, table=ONE)
        answer_question(example.runtime, question.id, "record", actor="test")

    def test_it_is_carried_out_when_there_was_time_to_take_it_back(self, example: Example) -> None:
        self.ask(example)
        example.clock.pass_by(minutes=1)
        assert ONE not in tick(example)

        self.answer(example)
        example.clock.pass_by(seconds=19)
        assert ONE not in tick(example)
        example.clock.pass_by(seconds=1)

        assert ONE in tick(example)
        assert example.books["beispielstadt"].get(2, 4) == "kommt freitags"

    def test_quiet_hours_stay_quiet(self, example: Example) -> None:
        self.ask(example, quiet_hours="08:30-12:00", zone="UTC")
        example.clock.pass_by(hours=1)  # nine o'clock

        self.answer(example)

        assert ONE not in tick(example)
        assert wait_for(example, ONE) == timedelta(hours=3).total_seconds()

    def test_a_failing_table_keeps_its_pause(self, example: Example) -> None:
        self.ask(example)
        example.books["beispielstadt"].gone = True
        schedules.request_sync(example.runtime, ONE, "test")
        tick(example)
        planned = row(example.runtime).next_due_at

        self.answer(example)

        assert row(example.runtime).next_due_at == planned

    def test_an_answer_given_during_a_look_is_not_forgotten(self, example: Example) -> None:
        """The look found nothing new, and has not said yet when the table is due again."""
        self.ask(example)
        schedules.request_sync(example.runtime, ONE, "test")
        inner, answer = example.runtime.tables, lambda: self.answer(example)

        class Answered:
            def open(self, location: Mapping[str, str]) -> Table:
                table = inner.open(location)
                look = table.version

                def version() -> str:
                    answer()
                    return look()

                table.version = version  # type: ignore[method-assign]  # once, for the one look
                return table

        looking = replace(example.runtime, tables=Answered())
        tasks.sync(looking, ONE)

        assert ONE in [key.rstrip("!") for key in tick(example)]
        assert example.books["beispielstadt"].get(2, 4) == "kommt freitags"


class TestRequest:
    def test_an_undo_is_no_answer_to_it(self, example: Example) -> None:
        """Taking a run back reads nobody's edits: whoever asked for a sync waits for one."""
        tick(example)
        change(example.runtime, schedule="0 7 1 * *")
        book = example.books["beispielstadt"]
        ref = str(book.get(2, 1))
        set_values(example.runtime, ref, {"custom.note": "kommt freitags"}, actor="test")
        written = sync_table(example.runtime, ONE).run
        assert written is not None
        book.set(3, 4, "kommt donnerstags")
        schedules.request_sync(example.runtime, ONE, "frau-berger")

        undo_run(example.runtime, written, actor="test")

        assert tick(example) == [f"{ONE}!"]
        with example.runtime.database.read() as session:
            assert records.get(session, str(book.get(3, 1))).values["custom.note"] == "kommt donnerstags"

    def test_what_a_person_asks_for_comes_first_and_once(self, example: Example) -> None:
        tick(example)
        schedules.request_sync(example.runtime, OTHER, "frau-berger")
        schedules.request_sync(example.runtime, OTHER, "frau-berger")
        assert row(example.runtime, OTHER).requested_by == "frau-berger"

        assert tick(example) == [f"{OTHER}!"]

        assert row(example.runtime, OTHER).requested_at is None
        assert tick(example) == []

    def test_it_overtakes_the_tables_that_have_waited_for_longer(self, example: Example) -> None:
        schedules.request_sync(example.runtime, OTHER, "frau-berger")

        assert tick(example) == [f"{OTHER}!", ONE]

    def test_it_does_not_wait_for_the_end_of_a_back_off(self, example: Example) -> None:
        example.books["beispielstadt"].before_read = refuse
        tick(example)
        example.books["beispielstadt"].before_read = lambda: None
        assert row(example.runtime).next_due_at > example.clock.now()

        schedules.request_sync(example.runtime, ONE, "frau-berger")

        assert tick(example) == [f"{ONE}!"]
        assert row(example.runtime).state == "ok"

    def test_it_does_not_wait_for_the_end_of_quiet_hours(self, example: Example) -> None:
        change(example.runtime, schedule="0 7 * * *", quiet_hours="08:00-06:00")
        tick(example)

        schedules.request_sync(example.runtime, ONE, "frau-berger")

        assert tick(example) == [f"{ONE}!"]

    def test_an_attempt_that_fails_answers_it_too(self, example: Example) -> None:
        """The page shows why; asking for ever would hammer a platform that is down."""
        example.books["beispielstadt"].before_read = refuse
        schedules.request_sync(example.runtime, ONE, "frau-berger")

        assert [tick(example), tick(example)] == [[f"{ONE}!", OTHER], []]

    def test_one_that_comes_during_a_run_gets_a_run_of_its_own(self, example: Example) -> None:
        """The run may have read the table already when the person typed and pressed."""
        book = example.books["beispielstadt"]
        schedules.request_sync(example.runtime, ONE, "frau-berger")

        def press() -> None:
            book.before_read = lambda: None
            example.clock.pass_by(seconds=1)
            schedules.request_sync(example.runtime, ONE, "herr-klein")

        book.before_read = press
        tick(example)
        assert row(example.runtime).requested_by == "herr-klein"

        assert tick(example) == [f"{ONE}!"]
        assert tick(example) == []

    def test_it_survives_the_process_that_died_over_it(self, example: Example) -> None:
        class Killed(BaseException):
            pass

        def die() -> None:
            raise Killed

        schedules.request_sync(example.runtime, ONE, "frau-berger")
        example.books["beispielstadt"].before_read = die
        with pytest.raises(Killed):
            tick(example)

        example.books["beispielstadt"].before_read = lambda: None
        example.clock.pass_by(minutes=2)

        assert f"{ONE}!" in tick(example)

    def test_it_waits_for_a_run_that_is_going_on(self, example: Example) -> None:
        schedules.request_sync(example.runtime, ONE, "frau-berger")
        with leased(example.runtime, row(example.runtime).id, wait=0):
            tick(example)
            assert row(example.runtime).requested_at is not None

        assert tick(example) == [f"{ONE}!"]
        assert row(example.runtime).requested_at is None

    def test_a_table_that_is_switched_off_has_to_be_switched_on_first(self, example: Example) -> None:
        schedules.pause(example.runtime, ONE, actor="test")

        with pytest.raises(UsageError, match="pausiert"):
            schedules.request_sync(example.runtime, ONE, "frau-berger")


class TestClock:
    @pytest.mark.parametrize("cron", ["", "0 7 1 * *"])
    def test_set_back_by_an_hour_or_a_year_puts_no_table_to_sleep(self, example: Example, cron: str) -> None:
        """A machine that started with a wrong clock has planned everything a year ahead."""
        change(example.runtime, schedule=cron)
        tick(example)
        for back in (timedelta(hours=1), timedelta(days=365)):
            example.clock.moment -= back
            assert sorted(tick(example)) == [ONE, OTHER]
            assert tick(example) == []

    def test_a_request_from_the_future_is_answered_once(self, example: Example) -> None:
        schedules.request_sync(example.runtime, ONE, "frau-berger")
        example.clock.pass_by(hours=-1)

        assert [tick(example), tick(example)] == [[f"{ONE}!", OTHER], []]

    def test_two_machines_a_minute_apart_do_not_hound_each_other(self, example: Example) -> None:
        tick(example)
        example.clock.pass_by(minutes=-1)

        assert tick(example) == []

    def test_a_day_of_sleep_is_caught_up_by_one_run(self, example: Example) -> None:
        change(example.runtime, schedule="*/30 * * * *")
        tick(example)
        example.clock.pass_by(days=1)

        assert [ONE in tick(example) for _ in range(3)] == [True, False, False]


class TestRuns:
    def test_a_run_that_stumbled_is_closed_and_its_table_goes_on_later(
        self, example: Example, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The message of a foreign exception may quote what stood in a cell."""

        def fail() -> None:
            raise ValueError("Demir, Leyla")

        example.books["beispielstadt"].before_write = fail
        tick(example)

        table = row(example.runtime)
        assert (table.state, table.message) == ("failed", "Unerwarteter Fehler im Dienst (ValueError).")
        assert table.fault == "operator"
        run = list_runs(example.runtime, table=ONE)[0]
        assert (run.state, run.message) == ("failed", table.message)
        assert row(example.runtime, OTHER).state == "ok"
        assert "Demir" not in caplog.text

        example.books["beispielstadt"].before_write = lambda: None
        assert wait_for(example, ONE) == 60
        assert row(example.runtime).state == "ok"
        assert example.books["beispielstadt"].get(2, 1) == "BSP-0001-9"

    def test_the_run_of_a_process_that_died_is_closed_although_there_is_nothing_left_to_do(
        self, example: Example
    ) -> None:
        """She typed, the run was killed, she took it back: no other run would ever be opened."""

        class Killed(BaseException):
            pass

        def die() -> None:
            raise Killed

        tick(example)
        book = example.books["beispielstadt"]
        book.set(2, 1, None)
        book.before_write = die
        with pytest.raises(Killed):
            sync_table(example.runtime, ONE)
        change(example.runtime, lease_holder="nowhere:1:1", lease_until=example.clock.now())  # nobody gave it back
        book.set(2, 1, "BSP-0001-9")
        book.before_write = lambda: None
        example.clock.pass_by(minutes=2)

        tick(example)

        assert "running" not in {run.state for run in list_runs(example.runtime, table=ONE)}

    def test_a_change_for_one_table_leaves_no_empty_run_at_its_sisters(self, example: Example) -> None:
        """They are looked at, because a record of their project changed; a list of empty runs hides the real ones."""
        tick(example)
        for number in range(3):
            example.books["beispielstadt"].set(2, 4, f"Termin {number}")
            for _ in range(2):
                example.clock.pass_by(seconds=10)
                tick(example)

        assert len(list_runs(example.runtime, table=ONE)) == 4
        assert len(list_runs(example.runtime, table=OTHER)) == 1
        assert row(example.runtime, OTHER).checked_at == example.clock.now()


class TestLeader:
    def test_every_tick_gives_a_sign_of_life(self, example: Example) -> None:
        for _ in range(2):
            tick(example)
            with example.runtime.database.read() as session:
                last = heartbeats.last(session, heartbeats.TICK)
            assert last is not None
            assert (last.at, last.holder) == (example.clock.now(), "test")
            example.clock.pass_by(seconds=2)

    def test_a_second_process_steps_back_until_the_first_one_is_silent(self, example: Example) -> None:
        tick(example)
        second = _as(example, "anderswo:17:1")
        assert other_leader(second.runtime) == "test"
        assert other_leader(example.runtime) is None

        example.clock.pass_by(seconds=SILENCE.total_seconds())
        assert other_leader(second.runtime) is None
        dispatch(second.runtime, lambda key, urgent: None)

        assert other_leader(example.runtime) == "anderswo:17:1"

    def test_a_process_that_last_ticked_in_the_future_leads_no_more(self, example: Example) -> None:
        """It died, and then the clock that had been wrong by a day was set right: nobody may wait for that day."""
        tick(example)
        example.clock.pass_by(days=-1)

        assert other_leader(_as(example, "anderswo:17:1").runtime) is None

    def test_a_process_of_this_machine_that_died_is_followed_at_once(self, example: Example) -> None:
        gone = _as(example, f"{platform.node()}:999999:1")
        dispatch(gone.runtime, lambda key, urgent: None)

        assert other_leader(example.runtime) is None


def _as(example: Example, holder: str) -> Example:
    return replace(example, runtime=replace(example.runtime, holder=holder))


def test_looking_for_due_tables_opens_none(example: Example) -> None:
    """With 150 tables every tick would open files and clients for nothing."""
    example.runtime = replace(example.runtime, tables=None)

    assert schedules.due(example.runtime) == [(ONE, False), (OTHER, False)]
