"""One scheduler per data folder: an exclusive lock that the operating system drops when its process dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from syncsvc.errors import AlreadyRunning

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


FILE = "syncsvc.lock"


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Be the only one working on this data folder until the end of the block. Raises ``AlreadyRunning``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("ab") as file:
        try:
            _lock(file)
        except OSError as error:
            raise AlreadyRunning from error
        yield  # closing the file gives the lock back
