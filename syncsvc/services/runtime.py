"""What every use case works with: handed in by the composition root, chosen by tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from syncsvc.core.fields import Vocabulary
from syncsvc.ports.clock import Clock
from syncsvc.ports.tables import Tables
from syncsvc.store.database import Database

ZONE = ZoneInfo("Europe/Berlin")
"""The local time of all projects: what "today" means in a cell."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """``holder`` names this process in leases (``host:pid:start``)."""

    database: Database
    tables: Tables
    clock: Clock
    vocabularies: Mapping[str, Vocabulary]
    holder: str

    def today(self) -> date:
        """The local day."""
        return self.clock.now().astimezone(ZONE).date()
