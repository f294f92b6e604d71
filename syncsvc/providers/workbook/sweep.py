"""What the workbook provider leaves on this machine, removed once nobody needs it any more."""

from __future__ import annotations

from collections.abc import Callable, Set
from datetime import datetime, timedelta
from pathlib import Path

from syncsvc.ports.tables import Keep, Swept
from syncsvc.providers.workbook.copies import thin
from syncsvc.providers.workbook.journal import Journal

_DEAD_AFTER = timedelta(days=1)
"""No write takes that long: whatever is older belongs to one that died."""


def sweep(data_dir: Path, keep: Keep, unsettled: Callable[[], Set[str]], now: datetime) -> Swept:
    """As ``Tables.sweep`` promises, for all tables that keep their copies and journal in ``data_dir``."""
    copies = data_dir / "copies"
    folders = [folder for folder in copies.iterdir() if folder.is_dir()] if copies.is_dir() else []
    thinned = sum(thin(folder, now, keep) for folder in folders)
    journal = Journal(data_dir / "journal")
    listed = journal.tokens(now - _DEAD_AFTER)  # before asking: what is noted later is not in the list
    waiting = unsettled() if listed else frozenset()
    return Swept(thinned, sum(_clear(journal, token) for token in listed if token not in waiting))


def _clear(journal: Journal, token: str) -> bool:
    """Forget a write whose outcome nobody will ask for; not while the drive that may hold its new file is away."""
    entry = journal.entry(token)
    if entry is not None:
        temp = Path(entry.temp)
        if not temp.parent.is_dir():
            return False
        try:
            temp.unlink(missing_ok=True)
        except OSError:
            return False  # the next tidying tries again
    journal.forget(token)
    return True
