"""The journal of writes under way: whether one reached its file is known even after a kill."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """A write that is prepared or done. ``target`` is the table's file, ``temp`` the new file that takes its place.

    ``old`` and ``new`` are the versions of both; no value of a cell is in here.
    """

    target: str
    temp: str
    old: str
    new: str


class Journal:
    """One small file per write, in ``folder``, named by the write's token."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, token: str, entry: Entry) -> None:
        """Note the write, safely on disk, before the file is replaced."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path(token).open("w", encoding="utf-8") as file:
            json.dump(asdict(entry), file)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)

    def entry(self, token: str) -> Entry | None:
        """The write's entry; None when it never came as far or is settled."""
        try:
            return Entry(**json.loads(self._path(token).read_text("utf-8")))
        except (FileNotFoundError, json.JSONDecodeError):
            return None  # an entry cut short by a kill: nothing was replaced yet

    def forget(self, token: str) -> None:
        self._path(token).unlink(missing_ok=True)

    def tokens(self, before: datetime) -> list[str]:
        """The tokens of the writes noted earlier than that and not settled."""
        files = self._folder.glob("*.json") if self._folder.is_dir() else ()
        return [path.stem for path in files if _noted(path) < before.timestamp()]

    def _path(self, token: str) -> Path:
        return self._folder / f"{token}.json"


def _noted(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # settled meanwhile
        return math.inf


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to disk; Windows cannot open folders and does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
