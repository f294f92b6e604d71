"""Two tables of ours at one tab would write against each other: the later one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from sqlalchemy.orm import Session

from syncsvc.errors import ConfigurationError, TableTaken
from syncsvc.services.runtime import Runtime
from syncsvc.store import tables
from syncsvc.store.models import Table


def refuse_twin(rt: Runtime, session: Session, table: Table, identity: Mapping[str, str]) -> None:
    """Return if no other table is known to be at the tab that was just read.

    ``identity``: what the platform calls it, as the snapshot has it. Locations tell the same tab in many ways, so only
    what was read once can be compared; of two that were, the older table stays. Raises ``TableTaken``.
    """
    place = rt.tables.open({**table.location, **identity}).place if identity else ""
    if not place:
        return
    settled = bool(table.identity)
    for other in tables.all_tables(session):
        if other.id == table.id or not other.enabled or not other.identity or (settled and other.id > table.id):
            continue
        with suppress(ConfigurationError):  # its own sync says what is wrong with it
            if rt.tables.open(tables.whereabouts(other)).place == place:
                raise TableTaken(f"An diesem Blatt arbeitet schon die Tabelle „{other.key}“.")
