"""What is left on this machine goes once nobody can need it, and not before."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncsvc.ports.tables import Keep, Swept
from syncsvc.providers.workbook.copies import keep_copy
from syncsvc.providers.workbook.journal import Entry, Journal
from syncsvc.providers.workbook.sweep import sweep

NOW = datetime.now(UTC)  # the journal's files bear the time of this machine


def dead_write(data_dir: Path, *, hours: int, token: str = "t1") -> Path:
    """A write of so many hours ago whose process died before its new file took the old one's place."""
    temp = data_dir / "tables" / f"~{token}.tmp"
    temp.parent.mkdir(parents=True, exist_ok=True)
    temp.write_bytes(b"new")
    journal = Journal(data_dir / "journal")
    journal.prepare(token, Entry(str(temp.with_name("BSP.xlsx")), str(temp), "old", "new"))
    noted = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(data_dir / "journal" / f"{token}.json", (noted, noted))
    return temp


def test_leftovers_of_a_dead_write_go_after_a_day(tmp_path: Path) -> None:
    temp = dead_write(tmp_path, hours=25)

    assert sweep(tmp_path, Keep(), set, NOW) == Swept(leftovers=1)
    assert not temp.exists()
    assert Journal(tmp_path / "journal").entry("t1") is None
    assert sweep(tmp_path, Keep(), set, NOW) == Swept()


@pytest.mark.parametrize(("hours", "unsettled"), [(1, set()), (25, {"t1"}), (1000, {"t1"})])
def test_what_a_run_may_still_ask_for_stays(tmp_path: Path, hours: int, unsettled: set[str]) -> None:
    """Without its new file an entry would tell of a write that landed."""
    temp = dead_write(tmp_path, hours=hours)

    assert sweep(tmp_path, Keep(), lambda: unsettled, NOW) == Swept()
    assert temp.exists()
    assert Journal(tmp_path / "journal").entry("t1") is not None


def test_while_the_drive_is_away_its_leftovers_are_remembered(tmp_path: Path) -> None:
    temp = dead_write(tmp_path, hours=25)
    temp.parent.rename(tmp_path / "away")
    assert sweep(tmp_path, Keep(), set, NOW) == Swept()

    (tmp_path / "away").rename(temp.parent)
    assert sweep(tmp_path, Keep(), set, NOW) == Swept(leftovers=1)
    assert not temp.exists()


def test_copies_of_a_table_that_is_written_no_more_go_as_well(tmp_path: Path) -> None:
    for days in (400, 364):
        folder = tmp_path / "copies" / "ended"
        keep_copy(folder, b"x", ".xlsx", NOW - timedelta(days=days), Keep())

    assert sweep(tmp_path, Keep(), set, NOW + timedelta(days=2)) == Swept(copies=2)
    assert list((tmp_path / "copies" / "ended").iterdir()) == []


def test_a_file_that_a_system_or_a_person_put_there_does_not_end_all_tidying(tmp_path: Path) -> None:
    keep_copy(tmp_path / "copies" / "ended", b"x", ".xlsx", NOW - timedelta(days=400), Keep(days=9999))
    (tmp_path / "copies" / ".DS_Store").write_bytes(b"x")

    assert sweep(tmp_path, Keep(), set, NOW) == Swept(copies=1)
    assert (tmp_path / "copies" / ".DS_Store").exists()


def test_nothing_to_sweep_is_fine(tmp_path: Path) -> None:
    assert sweep(tmp_path / "var", Keep(), set, NOW) == Swept()
