"""Dated copies of a table's file, made before each write and thinned out after a while."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from syncsvc.ports.tables import Keep

_NAME = "%Y%m%dT%H%M%S.%fZ"
_EVERY = timedelta(hours=48)
_DAILY = timedelta(days=30)
_MEGABYTE = 1_000_000


def keep_copy(folder: Path, data: bytes, suffix: str, now: datetime, keep: Keep) -> None:
    """Store the file's bytes under the time ``now``, safely on disk, and remove the copies no longer kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = now.astimezone(UTC).strftime(_NAME) + suffix
    copy = folder / name
    copy.touch(mode=0o600)
    with copy.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    thin(folder, now, keep)


def thin(folder: Path, now: datetime, keep: Keep) -> int:
    """Remove the folder's copies that are no longer kept; how many. Other files stay."""
    dated = {taken: path for path in folder.iterdir() if (taken := _taken(path))}
    sizes = {}
    for taken, path in dated.items():
        try:
            sizes[taken] = path.stat().st_size
        except FileNotFoundError:  # another process thins, too
            continue
    gone = sizes.keys() - kept(sizes, now, keep)
    for taken in gone:
        dated[taken].unlink(missing_ok=True)
    return len(gone)


def kept(sizes: Mapping[datetime, int], now: datetime, keep: Keep) -> set[datetime]:
    """Which copies stay: all of the last 48 hours, then the last of each day for 30 days, of each month after that.

    ``sizes`` are the bytes by the time of the copy. Beyond ``keep`` the last of each day and month go last of all: a
    table that is written all day must not push out the copy of last week.
    """
    last: dict[object, datetime] = {}
    recent: list[datetime] = []
    for moment in sorted(sizes):
        age = now - moment
        if age > timedelta(days=keep.days):
            continue
        if age <= _EVERY:
            recent.append(moment)
        last[moment.date() if age <= _DAILY else (moment.year, moment.month)] = moment
    milestones = sorted(last.values(), reverse=True)
    stay: set[datetime] = set()
    size = 0
    for moment in dict.fromkeys([*milestones, *reversed(recent)]):
        size += sizes[moment]
        if stay and (len(stay) == keep.count or size > keep.megabytes * _MEGABYTE):
            break
        stay.add(moment)
    return stay


def _taken(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name.rpartition("Z")[0] + "Z", _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
