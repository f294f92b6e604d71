"""What every use case works with: handed in by the composition root, chosen by tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from syncsvc.core.fields import Vocabulary
from syncsvc.ports.clock import Clock
from syncsvc.ports.notify import Notifier, NullNotifier
from syncsvc.ports.tables import Tables

if TYPE_CHECKING:  # what only needs the zone starts without a database
    from syncsvc.store.database import Database

ZONE = ZoneInfo("Europe/Berlin")
"""The local time of all projects: what "today" means in a cell."""


@dataclass(frozen=True)
class Retention:
    """For how many days what nobody needs any more stays (docs/decisions.md, "What is kept for how long").

    ``quiet_runs_days``: runs that changed and asked nothing. ``details_days``: counts and receipts of runs, and what
    closed questions quoted; 13 months let a year be reported on. ``notices_days``: notices once delivered.
    ``sign_ins_days``: who signed in. ``audit_days``: who changed which setting. ``readings_days``: who was shown whose
    data.
    """

    quiet_runs_days: int = 30
    details_days: int = 400
    notices_days: int = 90
    sign_ins_days: int = 400
    audit_days: int = 3650
    readings_days: int = 183


@dataclass(frozen=True, slots=True)
class Digests:
    """Whether people of the directory are told by mail what changed, and whether that names references."""

    on: bool = False
    references: bool = False


@dataclass(frozen=True, slots=True)
class Host:
    """What is around the service: its data folder, and the names of the variables the operator set (no values)."""

    data_dir: Path | None = None
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Runtime:
    """``holder`` names this process in leases (``host:pid:start``)."""

    database: Database
    tables: Tables
    clock: Clock
    vocabularies: Mapping[str, Vocabulary]
    holder: str
    retention: Retention = Retention()
    notifier: Notifier = field(default_factory=NullNotifier)
    digests: Digests = Digests()
    host: Host = Host()

    def today(self) -> date:
        """The local day."""
        return self.clock.now().astimezone(ZONE).date()
