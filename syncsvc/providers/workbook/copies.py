"""Dated copies of a table's file, made before each write and thinned out after a while."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

_NAME = "%Y%m%dT%H%M%S.%fZ"
_EVERY = timedelta(hours=48)
_DAILY = timedelta(days=30)
_MONTHLY = timedelta(days=365)


def keep_copy(folder: Path, data: bytes, suffix: str, now: datetime) -> None:
    """Store the file's bytes under the time ``now``, safely on disk, and remove the copies no longer kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = now.astimezone(UTC).strftime(_NAME) + suffix
    copy = folder / name
    copy.touch(mode=0o600)
    with copy.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    dated = {taken: path for path in folder.iterdir() if (taken := _taken(path))}
    for taken in dated.keys() - kept(dated, now):
        dated[taken].unlink(missing_ok=True)


def kept(taken: Iterable[datetime], now: datetime) -> set[datetime]:
    """Which copies stay: all of the last 48 hours, then the last of each day for 30 days, of each month for a year."""
    last: dict[object, datetime] = {}
    for moment in sorted(taken):
        age = now - moment
        if age <= _EVERY:
            last[moment] = moment
        elif age <= _DAILY:
            last[moment.date()] = moment
        elif age <= _MONTHLY:
            last[moment.year, moment.month] = moment
    return set(last.values())


def _taken(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name.rpartition("Z")[0] + "Z", _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
