"""A platform whose versions lag by minutes (Google): a version that stands still spares reads and proves nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.services.sync import sync_table
from tests.services.bench import TABLE, Bench
from tests.services.hostile.tables import THREE
from tests.services.hostile.test_crashes import kill_at

HALF_AN_HOUR = timedelta(minutes=30)


def synced(bench: Bench) -> None:
    bench.given(THREE)
    bench.book.conditional = False
    bench.sync()
    bench.book.shown = "7"
    bench.sync_as_it_is()
    assert sync_table(bench.rt, TABLE).state == "unchanged"
    bench.people_type("BSP-0138-C", "Notiz", "neu")


def note(bench: Bench) -> object:
    return bench.records()["BSP-0138-C"].values.get("custom.note")


def test_an_edit_that_the_version_hides_is_read_within_half_an_hour(bench: Bench) -> None:
    synced(bench)
    bench.clock.moment += HALF_AN_HOUR - timedelta(seconds=1)
    assert sync_table(bench.rt, TABLE).state == "unchanged"
    assert note(bench) is None

    bench.clock.moment += timedelta(seconds=1)
    assert sync_table(bench.rt, TABLE).state == "ok"
    assert note(bench) == "neu"


def test_the_mapping_says_how_long_a_version_is_believed(bench: Bench) -> None:
    synced(bench)
    bench.map(full_read_every="5 min")
    sync_table(bench.rt, TABLE)
    bench.approve("mapping_changed")
    sync_table(bench.rt, TABLE)
    bench.people_type("BSP-0139-A", "Notiz", "freitags")

    bench.clock.moment += timedelta(minutes=5)
    sync_table(bench.rt, TABLE)

    assert bench.records()["BSP-0139-A"].values["custom.note"] == "freitags"


def test_a_clock_set_back_hides_no_edit(bench: Bench) -> None:
    synced(bench)
    bench.clock.moment -= timedelta(hours=1)

    sync_table(bench.rt, TABLE)

    assert note(bench) == "neu"


@pytest.mark.parametrize("boundary", range(1, 24))
def test_a_write_is_not_taken_for_lost_while_the_version_may_lag(bench: Bench, boundary: int) -> None:
    """Killed anywhere, then edited: the person's edit is neither taken for ours nor overwritten."""
    synced(bench)
    bench.project_sets("BSP-0139-A", "Notiz", "dienstags")
    kill_at(bench, boundary)
    row = bench.row_of("BSP-0139-A")
    arrived = bench.book.get(row, bench.column_of("Notiz")) == "dienstags"
    if arrived:
        bench.people_type("BSP-0139-A", "Notiz", "montags")  # back to what stood there before

    bench.clock.moment += timedelta(minutes=2)
    sync_table(bench.rt, TABLE)
    if arrived:
        assert bench.book.get(row, bench.column_of("Notiz")) == "montags"
    bench.book.shown = str(bench.book.revision)  # by now the platform shows every write
    bench.clock.moment += HALF_AN_HOUR
    sync_table(bench.rt, TABLE)

    shown, kept = bench.book.get(row, bench.column_of("Notiz")), bench.records()["BSP-0139-A"].values["custom.note"]
    if arrived:
        assert shown == "montags"
        assert kept == "montags" or [(q.ref, q.field) for q in bench.open_questions()] == [
            ("BSP-0139-A", "custom.note")
        ]
    else:
        assert (shown, kept) == ("dienstags", "dienstags")
