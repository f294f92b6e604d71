"""A table's life between ticks, on both databases: asked for, throttled, failing, recovering."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncsvc.errors import PlatformThrottled
from syncsvc.services import schedules
from syncsvc.services.programme import change_table
from syncsvc.services.sync import sync_table
from syncsvc.store import mappings, tables
from syncsvc.store.admission import AuditEntry
from syncsvc.store.database import Database
from tests.example import Example, make_example
from tests.jobs.engine import change, row, tick, told, with_one_account

ONE, OTHER = "bsp-beispielstadt", "bsp-musterkreis"


@pytest.fixture
def anywhere(database: Database, tmp_path: Path) -> Example:
    return make_example(database, tmp_path)


def test_requests_are_answered_once_and_failures_recover(anywhere: Example) -> None:
    example = anywhere
    change(example.runtime, schedule="*/30 * * * *", quiet_hours="19:30-06:00", land="BE")
    assert tick(example) == [ONE, OTHER]
    assert row(example.runtime).next_due_at == example.clock.now() + timedelta(minutes=30)

    schedules.request_sync(example.runtime, ONE, "frau-berger")
    assert [tick(example), tick(example)] == [[f"{ONE}!"], []]

    example.books["beispielstadt"].gone = True
    for _ in range(2):
        schedules.request_sync(example.runtime, ONE, "frau-berger")
        tick(example)
    assert told(example.runtime) == [("table", "failing")]

    example.books["beispielstadt"].gone = False
    example.clock.pass_by(minutes=5)
    assert ONE in tick(example)
    assert told(example.runtime)[1:] == [("table", "recovered")]


def test_a_throttled_account_rests_and_goes_on(anywhere: Example) -> None:
    example = with_one_account(anywhere)

    def throttle() -> None:
        raise PlatformThrottled(retry_after=60)

    example.books["beispielstadt"].before_read = throttle
    tick(example)
    assert schedules.due(example.runtime) == []

    example.books["beispielstadt"].before_read = lambda: None
    example.clock.pass_by(seconds=75)
    assert sorted(tick(example)) == [ONE, OTHER]
    assert (row(example.runtime).state, row(example.runtime, OTHER).state) == ("ok", "ok")


def test_a_clock_set_back_puts_no_table_to_sleep(anywhere: Example) -> None:
    change(anywhere.runtime, schedule="0 7 1 * *")
    tick(anywhere)
    anywhere.clock.pass_by(hours=-1)

    assert sorted(tick(anywhere)) == [ONE, OTHER]
    assert tick(anywhere) == []


def test_a_pause_for_all_is_taken_back_as_one_and_leaves_single_pauses_alone(anywhere: Example) -> None:
    """One table was paused by itself before: it stays so when the pause of all ends."""
    example, rt = anywhere, anywhere.runtime
    schedules.pause(rt, "bsp-musterkreis", actor="frau-berger", reason="Datei zieht um")
    example.clock.pass_by(minutes=5)
    assert schedules.pause_all(rt, "bsp", actor="frau-berger", reason="Wartung") == 1
    at = example.clock.now()
    with rt.database.read() as session:
        table = tables.get(session, "bsp-beispielstadt")
        assert (table.enabled, table.paused_at, table.paused_by, table.paused_reason) == (
            False, at, "frau-berger", "Wartung",
        )  # fmt: skip

    example.clock.pass_by(hours=1)
    assert schedules.resume_all(rt, None, at, actor="herr-winter") == 1

    with rt.database.read() as session:
        first, second = (tables.get(session, key) for key in ("bsp-beispielstadt", "bsp-musterkreis"))
        assert (first.enabled, first.paused_at, first.paused_by, first.paused_reason) == (True, None, None, "")
        assert (second.enabled, second.paused_reason) == (False, "Datei zieht um")
        entries = [(one.action, one.target, one.actor) for one in session.scalars(sa.select(AuditEntry))]
    assert entries[-3:] == [
        ("table.paused", "bsp-musterkreis", "frau-berger"),
        ("table.paused", "bsp-beispielstadt", "frau-berger"),
        ("table.resumed", "bsp-beispielstadt", "herr-winter"),
    ]


def test_a_table_that_fails_says_when_it_last_agreed_not_when_it_was_last_tried(anywhere: Example) -> None:
    """Agreed at 09:00, looked at again at 11:00 (nothing new), gone from 12:00 on: 11:00 counts."""
    example = anywhere
    sync_table(example.runtime, "bsp-beispielstadt")
    example.clock.pass_by(hours=2)
    sync_table(example.runtime, "bsp-beispielstadt")
    agreed = example.clock.now()
    example.books["beispielstadt"].gone = True
    for _ in range(2):
        example.clock.pass_by(hours=1)
        sync_table(example.runtime, "bsp-beispielstadt")

    with example.runtime.database.read() as session:
        assert tables.get(session, "bsp-beispielstadt").last_agreed_at == agreed


def test_settings_are_changed_as_a_programme_file_would_and_noted(anywhere: Example) -> None:
    """A wrong one names itself and changes nothing; a right one makes the table due and leaves the rest as it is."""
    rt = anywhere.runtime
    tick(anywhere)
    wrong = change_table(rt, ONE, {"schedule": "jeden Morgen", "land": "XY", "jobcentre": "jc-nirgends"}, actor="lea")
    assert {problem.path for problem in wrong} == {("schedule",), ("land",)}
    wrong = change_table(rt, ONE, {"jobcentre": "jc-nirgends"}, actor="lea")
    assert [problem.path for problem in wrong] == [("jobcentre",)]
    assert row(rt).schedule == ""

    before = row(rt)
    assert change_table(rt, ONE, {"schedule": "0 7 * * mon-fri", "edited_by": ["jobcentre"]}, actor="lea") == []

    after = row(rt)
    assert (after.schedule, after.edited_by, after.next_due_at) == ("0 7 * * mon-fri", ["jobcentre"], None)
    assert (after.location, after.jobcentre_id, after.mapping_id) == (
        before.location, before.jobcentre_id, before.mapping_id,
    )  # fmt: skip
    with rt.database.read() as session:
        entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.target, entry.actor) == ("table.changed", ONE, "lea")
    assert entry.details == {"settings": "edited_by, schedule"}


def test_another_mapping_waits_for_a_release(anywhere: Example) -> None:
    """What it would do has to be looked at first."""
    rt = anywhere.runtime
    tick(anywhere)
    with rt.database.write() as session:
        body = mappings.current(session, mappings.get(session, "standard").id).body
        body = {**body, "key": "kurz", "title": "Kurze Liste"}
        mappings.add_revision(session, "kurz", title="Kurze Liste", body=body, source="test", now=rt.clock.now())

    assert change_table(rt, ONE, {"mapping": "kurz"}, actor="lea") == []

    assert sync_table(rt, ONE).message.startswith("Angehalten: Die Zuordnung wurde geändert")
