"""Failures as people live through them: when the service looks again, whom it tells, and how it recovers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from syncsvc.errors import (
    ConfigurationError,
    NotFound,
    PlatformBusy,
    PlatformThrottled,
    TableForbidden,
    TableLocked,
    TableNotFound,
)
from syncsvc.services import schedules
from syncsvc.services.sync import sync_table
from syncsvc.services.tables import get_table
from syncsvc.store import pauses
from syncsvc.store.models import Notice
from tests.example import Example, hold
from tests.jobs.engine import change, row, tick, told, wait_for, with_one_account

ONE, OTHER = "bsp-beispielstadt", "bsp-musterkreis"
MINUTE, HOUR, DAY = 60, 3600, 86400


def refuse(error: Exception) -> Callable[[], None]:
    def hook() -> None:
        raise error

    return hook


def texts(example: Example) -> list[str]:
    with example.runtime.database.read() as session:
        return [notice.text for notice in session.query(Notice).order_by(Notice.id)]


class TestPassing:
    def test_pauses_double_from_20_seconds_to_a_quarter_of_an_hour_while_the_other_table_goes_on(
        self, example: Example
    ) -> None:
        """Each a little shorter than the rule says, so that tables that failed together come back apart."""
        example.books["beispielstadt"].before_read = refuse(PlatformBusy())
        tick(example)
        waited = [wait_for(example, ONE) for _ in range(8)]

        for seconds, rule in zip(waited, [20, 40, 80, 160, 320, 640, 900, 900], strict=True):
            assert 0.75 * rule <= seconds <= rule
        assert row(example.runtime).state == "held"
        assert row(example.runtime).fault == "platform"
        assert row(example.runtime, OTHER).checked_at > example.clock.now() - timedelta(seconds=10)

    def test_the_platforms_own_wish_is_honoured(self, example: Example) -> None:
        example.books["beispielstadt"].before_read = refuse(PlatformBusy(retry_after=300))
        tick(example)

        assert 300 <= wait_for(example, ONE) <= 375

    def test_a_success_ends_the_pauses(self, example: Example) -> None:
        book = example.books["beispielstadt"]
        book.before_read = refuse(PlatformBusy())
        tick(example)
        book.before_read = lambda: None
        wait_for(example, ONE)

        table = row(example.runtime)
        assert (table.state, table.message, table.failures, table.fault, table.failing_since) == (
            "ok",
            "",
            0,
            None,
            None,
        )
        assert wait_for(example, ONE) == 10

    def test_after_six_hours_it_is_told_once_and_so_is_the_recovery(self, example: Example) -> None:
        book = example.books["beispielstadt"]
        book.before_read = refuse(PlatformBusy())
        tick(example)
        example.clock.pass_by(hours=6)
        tick(example)
        assert told(example.runtime) == []
        for _ in range(3):
            example.clock.pass_by(hours=1)
            tick(example)
        assert told(example.runtime) == [("platform", "failing")]

        book.before_read = lambda: None
        for _ in range(3):
            example.clock.pass_by(hours=1)
            tick(example)

        assert told(example.runtime) == [("platform", "failing"), ("platform", "recovered")]

    def test_an_open_file_is_tried_again_within_half_a_minute(self, example: Example) -> None:
        book = example.books["beispielstadt"]
        book.before_write = refuse(TableLocked())
        tick(example)
        assert row(example.runtime).state == "held"
        assert [wait_for(example, ONE) for _ in range(3)] == [20, 20, 20]

        book.before_write = lambda: None
        wait_for(example, ONE)

        assert book.get(2, 1) == "BSP-0001-9"
        assert told(example.runtime) == []

    def test_a_back_off_keeps_the_quiet_hours(self, example: Example) -> None:
        """09:00 in Berlin; a try at night would wake whoever the quiet hours protect."""
        change(example.runtime, schedule="0 7 * * *", quiet_hours="09:00-06:00")
        example.books["beispielstadt"].before_read = refuse(PlatformBusy())

        tick(example)

        assert row(example.runtime).next_due_at - example.clock.now() == timedelta(hours=21)


class TestLasting:
    @pytest.mark.parametrize(
        ("error", "audience", "says"),
        [
            (TableNotFound(), "table", "Zurücklegen"),
            (TableForbidden(), "access", "darf die Tabelle nicht öffnen"),
            (ConfigurationError("Der Anbieter fehlt."), "operator", "Der Anbieter fehlt."),
            (ValueError("Demir, Leyla"), "operator", "Unerwarteter Fehler im Dienst (ValueError)"),
        ],
    )
    def test_who_has_to_act_is_told_once_what_to_do(
        self, example: Example, error: Exception, audience: str, says: str
    ) -> None:
        example.books["beispielstadt"].before_read = refuse(error)
        for _ in range(12):
            tick(example)
            example.clock.pass_by(days=1)

        assert told(example.runtime) == [(audience, "failing")]
        [text] = texts(example)
        assert text.startswith("Tabelle „bsp-beispielstadt“: ")
        assert says in text
        assert "Demir" not in text
        assert row(example.runtime).fault == audience
        assert row(example.runtime).state == "failed"

    def test_a_file_that_is_missing_for_a_moment_bothers_nobody(self, example: Example) -> None:
        """Synced folders replace a file by removing it first."""
        example.books["beispielstadt"].gone = True
        tick(example)
        example.books["beispielstadt"].gone = False

        assert wait_for(example, ONE) == MINUTE
        assert told(example.runtime) == []

    def test_it_slows_down_to_one_try_a_day_and_recovers_by_itself(self, example: Example) -> None:
        book = example.books["beispielstadt"]
        book.gone = True
        tick(example)
        waited = [wait_for(example, ONE) for _ in range(9)]

        assert waited == [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR, HOUR, HOUR, DAY, DAY]
        assert get_table(example.runtime, ONE).daily

        book.gone = False
        assert wait_for(example, ONE) == DAY
        assert row(example.runtime).state == "ok"
        assert not get_table(example.runtime, ONE).daily
        assert told(example.runtime) == [("table", "failing"), ("table", "recovered")]

        assert wait_for(example, ONE) == 10

    def test_a_press_of_the_button_ends_the_daily_rhythm(self, example: Example) -> None:
        book = example.books["beispielstadt"]
        book.gone = True
        for _ in range(10):
            tick(example)
            example.clock.pass_by(days=1)
        tick(example)
        book.gone = False
        schedules.request_sync(example.runtime, ONE, "frau-berger")

        tick(example)

        assert row(example.runtime).state == "ok"

    def test_another_fault_is_told_to_whom_it_concerns(self, example: Example) -> None:
        """The platform was away for hours, then it is the rights that are missing: counted and told anew."""
        book = example.books["beispielstadt"]
        for error in (PlatformBusy(), TableForbidden()):
            book.before_read = refuse(error)
            for _ in range(30):
                tick(example)
                example.clock.pass_by(minutes=15)

        assert told(example.runtime) == [("platform", "failing"), ("access", "failing")]
        assert row(example.runtime).failures < 30

    def test_a_person_who_syncs_by_hand_is_no_other_case(self, example: Example) -> None:
        """The command line counts and recovers like the schedule."""
        book = example.books["beispielstadt"]
        book.gone = True
        for _ in range(2):
            assert sync_table(example.runtime, ONE).state == "failed"
        assert told(example.runtime) == [("table", "failing")]

        book.gone = False
        sync_table(example.runtime, ONE)

        assert told(example.runtime)[1:] == [("table", "recovered")]


def test_what_is_not_found_in_the_middle_of_a_run_is_not_mistaken_for_a_table_that_was_taken_out(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be tried every few seconds for months, and nobody told."""

    def vanished(*_: object) -> int:
        raise NotFound("Den Datensatz BSP-0137-E gibt es nicht.")

    monkeypatch.setattr("syncsvc.store.records.create", vanished)

    tick(example)
    assert ONE not in tick(example)
    example.clock.pass_by(minutes=1)
    tick(example)

    assert row(example.runtime).state == "failed"
    assert ("operator", "failing") in told(example.runtime)
    assert not any("BSP-0137-E" in text for text in texts(example)), "letters name no participant"


def test_a_table_that_awaits_its_release_has_not_failed_and_is_told_once(example: Example) -> None:
    """The design's promise 7: nothing is written, one person is told why."""
    hold(example)

    assert (row(example.runtime).failures, row(example.runtime).fault) == (0, None)
    for _ in range(30):
        example.clock.pass_by(hours=1)
        tick(example)
    assert told(example.runtime) == [("table", "held")]
    assert "bsp-beispielstadt" in texts(example)[0]
    assert "Angehalten: " in texts(example)[0]


def test_a_table_that_comes_back_and_is_held_does_not_say_that_all_is_well(example: Example) -> None:
    book = example.books["beispielstadt"]
    hold(example)
    book.gone = True
    for _ in range(2):
        sync_table(example.runtime, ONE)
    book.gone = False

    sync_table(example.runtime, ONE)

    assert told(example.runtime) == [("table", "held"), ("table", "failing"), ("table", "recovered")]
    assert "Sie ist wieder erreichbar. Angehalten: " in texts(example)[2]


class TestAccount:
    @pytest.fixture
    def throttled(self, example: Example) -> Example:
        """Both tables are opened with one account, and the platform throttled it on the first one."""
        example = with_one_account(example)
        example.books["beispielstadt"].before_read = refuse(PlatformThrottled(retry_after=120))
        assert tick(example) == [ONE, OTHER]
        return example

    def free(self, example: Example) -> None:
        example.books["beispielstadt"].before_read = lambda: None

    def test_all_its_tables_rest_as_long_as_the_platform_asked(self, throttled: Example) -> None:
        assert row(throttled.runtime, OTHER).state == "new"
        throttled.clock.pass_by(seconds=119)
        assert tick(throttled) == []
        throttled.clock.pass_by(seconds=1)
        self.free(throttled)

        assert OTHER in tick(throttled)

    def test_a_request_waits_for_it_and_the_table_says_until_when(self, throttled: Example) -> None:
        """08:00 UTC on 2 March is 09:00 in Berlin; two minutes were asked for."""
        schedules.request_sync(throttled.runtime, OTHER, "frau-berger")
        assert tick(throttled) == []
        assert get_table(throttled.runtime, OTHER).rests_until == throttled.clock.now() + timedelta(minutes=2)
        assert "09:02 Uhr" in sync_table(throttled.runtime, OTHER).message

        throttled.clock.pass_by(minutes=2)

        assert f"{OTHER}!" in tick(throttled)

    def test_strikes_lengthen_the_rest_and_the_first_success_ends_them(self, example: Example) -> None:
        example = with_one_account(example)

        def refuse_after_a_second() -> None:
            example.clock.pass_by(seconds=1)
            raise PlatformThrottled

        example.books["beispielstadt"].before_read = refuse_after_a_second
        rests = []
        for _ in range(4):
            schedules.request_sync(example.runtime, ONE, "frau-berger")
            tick(example)
            until = get_table(example.runtime, ONE).rests_until
            assert until is not None
            rests.append((until - example.clock.now()).total_seconds())
            example.clock.moment = until

        assert rests == [30, 60, 120, 240]

        self.free(example)
        schedules.request_sync(example.runtime, ONE, "frau-berger")
        tick(example)
        with example.runtime.database.read() as session:
            assert pauses.get(session, "konto") is None

    def test_tables_throttled_at_the_same_moment_are_one_strike(self, example: Example) -> None:
        """Four were under way when the platform began to say no."""
        example = with_one_account(example)

        def both() -> None:
            example.clock.pass_by(seconds=1)
            example.books["musterkreis"].before_read = refuse(PlatformThrottled())
            sync_table(example.runtime, OTHER)
            raise PlatformThrottled

        example.books["beispielstadt"].before_read = both
        sync_table(example.runtime, ONE)

        with example.runtime.database.read() as session:
            pause = pauses.get(session, "konto")
            assert pause is not None
            assert pause.strikes == 1

    def test_hours_of_it_are_told_once_for_all_tables_and_so_is_the_end(self, throttled: Example) -> None:
        throttled.books["musterkreis"].before_read = refuse(PlatformThrottled())
        for _ in range(60):
            throttled.clock.pass_by(minutes=15)
            tick(throttled)
        assert told(throttled.runtime) == [("platform", "account_throttled")]

        self.free(throttled)
        throttled.books["musterkreis"].before_read = lambda: None
        for _ in range(4):
            throttled.clock.pass_by(minutes=15)
            tick(throttled)

        assert told(throttled.runtime)[1:] == [("platform", "account_recovered")]
