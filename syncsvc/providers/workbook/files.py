"""The .xlsx files that may be connected in the pages: those in the folder that the operator names, nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Set
from itertools import islice
from pathlib import Path

MOST = 500
"""Files that are listed: more than anybody looks through in one list."""


def offered(folder: Path, projects: Set[str] | None) -> tuple[str, ...]:
    """The files below ``folder``, by their paths in it with slashes; empty where there is no such folder.

    ``projects``: only files in folders of these names. Links that lead out of the folder, hidden files and those that
    Excel makes while a file is open (``~$…``) are left out.
    """
    return tuple(sorted(islice(_files(folder, projects), MOST), key=str.casefold))


def _files(folder: Path, projects: Set[str] | None) -> Iterator[str]:
    root = folder.resolve()
    for place, folders, names in os.walk(root):  # does not follow links to folders
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "~")))
        if here == root and projects is not None:
            folders[:] = [name for name in folders if name in projects]
            continue
        for name in sorted(names):
            file = here / name
            if not name.lower().endswith(".xlsx") or name.startswith((".", "~")):
                continue
            if file.resolve().is_relative_to(root):
                yield file.relative_to(root).as_posix()
