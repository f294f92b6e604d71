"""How a workbook's file is replaced: locks, copies, the journal, and kills at every step."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncsvc.core.model import Patch
from syncsvc.errors import TableError, TableLocked, TableMoved, TableReadOnly
from syncsvc.ports.tables import Keep, Landed
from syncsvc.providers.workbook import lock
from syncsvc.providers.workbook import table as table_module
from syncsvc.providers.workbook.copies import keep_copy, kept
from syncsvc.providers.workbook.table import WorkbookTable
from tests.providers.conformance import patch
from tests.providers.workbook.corpus import SHEET, by_openpyxl

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here; no handler of ours runs in a real kill."""


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    path = tmp_path / "tables" / "BSP.xlsx"
    path.parent.mkdir()
    by_openpyxl(path)
    return path


@pytest.fixture(name="data_dir")
def _data_dir(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture(name="table")
def _table(path: Path, data_dir: Path) -> WorkbookTable:
    return WorkbookTable(path, worksheet=SHEET, data_dir=data_dir)


def edit(table: WorkbookTable, text: str = "neu") -> Patch:
    return patch(table.read(), (2, 2, text))


def name_in(table: WorkbookTable) -> object:
    return table.read().rows[1].cells[1]


@pytest.mark.parametrize("name", ["~$BSP.xlsx", ".~lock.BSP.xlsx#"], ids=["Excel", "LibreOffice"])
def test_an_open_file_waits(table: WorkbookTable, path: Path, name: str) -> None:
    """Nothing is written while somebody has it open; reading what was saved last is fine."""
    ours = edit(table)
    before = path.read_bytes()
    path.with_name(name).write_text("")
    with pytest.raises(TableLocked) as error:
        table.write(ours)

    assert error.value.retry
    assert name in error.value.hint
    assert path.read_bytes() == before
    assert name_in(table) == "Probe, Katya"
    assert [check.ok for check in table.check()] == [True, False]


def test_a_file_opened_while_we_prepare_waits(
    table: WorkbookTable, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = edit(table)
    monkeypatch.setattr(table_module, "keep_copy", lambda *_: path.with_name("~$BSP.xlsx").write_text(""))
    with pytest.raises(TableLocked):
        table.write(ours)

    assert table.landed(ours.token) is Landed.NO
    assert sorted(found.name for found in path.parent.iterdir()) == ["BSP.xlsx", "~$BSP.xlsx"]


def test_a_file_saved_while_we_prepare_is_not_replaced(
    table: WorkbookTable, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last look comes right before the replacement."""
    ours = edit(table)
    theirs = path.read_bytes() + b" "
    monkeypatch.setattr(table_module, "keep_copy", lambda *_: path.write_bytes(theirs))
    with pytest.raises(TableMoved):
        table.write(ours)

    assert path.read_bytes() == theirs
    assert table.landed(ours.token) is Landed.NO
    assert [found.name for found in path.parent.iterdir()] == ["BSP.xlsx"]


def test_a_read_only_file_stays(table: WorkbookTable, path: Path) -> None:
    ours = edit(table)
    path.chmod(0o444)
    with pytest.raises(TableReadOnly):
        table.write(ours)

    assert name_in(table) == "Probe, Katya"


def test_the_file_keeps_its_mode_and_its_link(table: WorkbookTable, path: Path, data_dir: Path) -> None:
    path.chmod(0o640)
    link = path.with_name("link.xlsx")
    link.symlink_to(path)
    through = WorkbookTable(link, worksheet=SHEET, data_dir=data_dir)
    through.write(edit(through))

    assert link.is_symlink()
    assert name_in(table) == "neu"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_nothing_but_the_file_remains_in_its_folder(table: WorkbookTable, path: Path) -> None:
    ours = edit(table)
    table.write(ours)
    table.settle(ours.token)

    assert [found.name for found in path.parent.iterdir()] == ["BSP.xlsx"]


KILLS = {
    "before the new file": ("keep_copy", Landed.NO),
    "before the journal": ("Entry", Landed.NO),
    "after the replacement": ("sync_folder", Landed.YES),
}


@pytest.mark.parametrize(("step", "landed"), KILLS.values(), ids=KILLS.keys())
def test_a_kill_leaves_the_old_file_or_the_new_one_and_the_journal_knows(
    table: WorkbookTable, path: Path, monkeypatch: pytest.MonkeyPatch, step: str, landed: Landed
) -> None:
    ours = edit(table)

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(table_module, step, kill)
        with pytest.raises(Killed):
            table.write(ours)

    assert table.landed(ours.token) is landed
    assert name_in(table) == ("neu" if landed is Landed.YES else "Probe, Katya")
    table.settle(ours.token)
    assert [found.name for found in path.parent.iterdir()] == ["BSP.xlsx"]


def test_a_kill_between_journal_and_replacement_did_not_land(
    table: WorkbookTable, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = edit(table)

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", kill)
        with pytest.raises(Killed):
            table.write(ours)

    assert table.landed(ours.token) is Landed.NO
    table.settle(ours.token)
    assert [found.name for found in path.parent.iterdir()] == ["BSP.xlsx"]
    table.write(edit(table, "beim zweiten Mal"))
    assert name_in(table) == "beim zweiten Mal"


def test_a_kill_while_a_refused_write_is_cleared_away_did_not_land(
    table: WorkbookTable, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when people edit the file before anybody asks."""
    ours = edit(table)

    def refuse(*_: object) -> None:
        raise PermissionError

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        patched.setattr(Path, "unlink", _once(Path.unlink, kill))
        with pytest.raises(Killed):
            table.write(ours)
    path.write_bytes(path.read_bytes() + b"\0")

    assert table.landed(ours.token) is Landed.NO


def _once(real: Callable[..., None], then: Callable[..., None]) -> Callable[..., None]:
    """The real thing the first time, something else from then on."""
    calls = iter([real])
    return lambda *args, **kwargs: next(calls, then)(*args, **kwargs)


def test_a_landed_write_that_people_edited_since_is_still_known(table: WorkbookTable, path: Path) -> None:
    ours = edit(table)
    table.write(ours)
    path.write_bytes(path.read_bytes() + b" ")

    assert table.landed(ours.token) is Landed.YES


def test_the_old_file_put_back_after_our_write_leaves_it_open(table: WorkbookTable, path: Path) -> None:
    """Somebody restored it, or the new file was swept away unused: a person has to say."""
    before = path.read_bytes()
    ours = edit(table)
    table.write(ours)
    path.write_bytes(before)

    assert table.landed(ours.token) is Landed.UNKNOWN


def test_whether_a_write_landed_is_open_while_the_drive_is_away(table: WorkbookTable, path: Path) -> None:
    ours = edit(table)
    table.write(ours)
    path.parent.rename(path.parent.with_name("abgehängt"))

    assert table.landed(ours.token) is Landed.UNKNOWN


def test_the_journal_holds_no_value(table: WorkbookTable, data_dir: Path) -> None:
    ours = edit(table, "Kanarienvogel")
    table.write(ours)

    assert [path.name for path in (data_dir / "journal").iterdir()] == [f"{ours.token}.json"]
    assert "Kanarienvogel" not in (data_dir / "journal" / f"{ours.token}.json").read_text()


def test_a_copy_of_the_old_file_is_kept_for_us_alone(table: WorkbookTable, path: Path, data_dir: Path) -> None:
    before = path.read_bytes()
    table.write(edit(table))
    (copy,) = (data_dir / "copies").rglob("*.xlsx")

    assert copy.read_bytes() == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700


def test_without_a_copy_nothing_is_written(table: WorkbookTable, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = edit(table)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(table_module, "keep_copy", full)
    with pytest.raises(TableError, match="Sicherungskopie"):
        table.write(ours)

    assert name_in(table) == "Probe, Katya"


def test_a_full_drive_leaves_the_old_file(table: WorkbookTable, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = edit(table)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(table_module, "keep_copy", lambda *_: None)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(TableError):
            table.write(ours)

    assert name_in(table) == "Probe, Katya"
    assert [found.name for found in path.parent.iterdir()] == ["BSP.xlsx"]


def test_two_tabs_of_one_file_do_not_overwrite_each_other(table: WorkbookTable, path: Path, data_dir: Path) -> None:
    """The second writer sees that the file moved, reads again and writes."""
    other = WorkbookTable(path, worksheet="Auswahl", data_dir=data_dir)
    ours, theirs = edit(table), patch(other.read(), (1, 2, "auch neu"))
    table.write(ours)
    with pytest.raises(TableMoved):
        other.write(theirs)
    other.write(patch(other.read(), (1, 2, "auch neu")))

    assert name_in(table) == "neu"
    assert other.read().rows[0].cells[:2] == ("offen", "auch neu")


def test_two_processes_write_one_after_the_other(
    table: WorkbookTable, path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = edit(table)
    monkeypatch.setattr(lock, "_PATIENCE", 0.05)
    table.write(ours)
    (lock_file,) = (data_dir / "locks").iterdir()
    holder = sqlite3.connect(lock_file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TableLocked):
        table.write(edit(table, "zweite"))
    holder.close()
    table.write(edit(table, "zweite"))

    assert name_in(table) == "zweite"


AGES: dict[str, tuple[list[timedelta], list[timedelta]]] = {
    "everything of the last 48 hours": (
        [timedelta(minutes=m) for m in (1, 2, 3, 2879)],
        [timedelta(minutes=m) for m in (1, 2, 3, 2879)],
    ),
    "the last of each day for 30 days": (
        [timedelta(days=3, hours=h) for h in (0, 1, 2)] + [timedelta(days=4, hours=1)],
        [timedelta(days=3), timedelta(days=4, hours=1)],
    ),
    "the last of each month for a year": (
        [timedelta(days=d) for d in (60, 61, 62, 100, 364)],
        [timedelta(days=d) for d in (60, 100, 364)],
    ),
    "nothing after a year": ([timedelta(days=366), timedelta(days=1000)], []),
}


@pytest.mark.parametrize(("ages", "stay"), AGES.values(), ids=AGES.keys())
def test_copies_are_thinned_out(ages: list[timedelta], stay: list[timedelta]) -> None:
    assert kept({NOON - age: 1 for age in ages}, NOON, Keep()) == {NOON - age for age in stay}


def test_a_table_written_all_day_does_not_push_out_last_weeks_copy() -> None:
    """A thousand copies since yesterday, but only ten may stay: the last of each day goes last."""
    busy = [NOON - timedelta(minutes=m) for m in range(1000)]
    week = [NOON - timedelta(days=d) for d in range(2, 8)]
    stay = kept(dict.fromkeys([*busy, *week], 1), NOON, Keep(count=10))

    assert len(stay) == 10
    assert {*week, NOON} <= stay


def test_large_copies_stay_within_their_size_but_never_fewer_than_the_newest() -> None:
    sizes = {NOON - timedelta(days=d): 40_000_000 for d in range(5)}

    assert kept(sizes, NOON, Keep(megabytes=100)) == {NOON, NOON - timedelta(days=1)}
    assert kept(sizes, NOON, Keep(megabytes=1)) == {NOON}


def test_copies_no_longer_kept_are_removed_and_other_files_left(tmp_path: Path) -> None:
    (tmp_path / "liesmich.txt").write_text("")
    for hours in (100, 99, 1, 0):
        keep_copy(tmp_path, b"x", ".xlsx", NOON - timedelta(hours=hours), Keep())

    assert sorted(path.name[:11] for path in tmp_path.iterdir()) == [
        "20260611T09",
        "20260615T11",
        "20260615T12",
        "liesmich.tx",
    ]


def test_the_price_of_a_run(table: WorkbookTable) -> None:
    """An unchanged table costs one look; a changed one a read, a write and a read back."""
    table.version()
    table.write(edit(table))
    table.read()

    assert (table.requests.meta, table.requests.read, table.requests.write) == (1, 2, 1)


def test_a_write_without_an_earlier_read_is_the_same(table: WorkbookTable, path: Path, data_dir: Path) -> None:
    ours = edit(table)
    WorkbookTable(path, worksheet=SHEET, data_dir=data_dir).write(ours)

    assert name_in(table) == "neu"
