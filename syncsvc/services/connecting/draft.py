"""What somebody has chosen so far of a table to connect, and what was read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Side, Snapshot
from syncsvc.core.schedules import ZONE
from syncsvc.core.schema import mapping_from
from syncsvc.core.snapshots import from_json, to_json
from syncsvc.errors import NotFound
from syncsvc.ports.tables import Check, Tab
from syncsvc.services import drafts
from syncsvc.services.runtime import Runtime
from syncsvc.store import mappings

KIND, SNAPSHOT = "connect", "snapshot"
"""How the keys of these drafts begin. The rows of the tab are kept apart, so that most steps need not open them."""


@dataclass(frozen=True, slots=True)
class Connection:
    """``kind`` and ``typed`` say where the table lies as people say it, ``book`` as it is stored, without a tab;
    ``called`` is the kind's title.

    ``tab`` is the chosen tab's title, ``location`` its whole location. ``checks`` is what the last look found.
    ``project`` and ``jobcentre`` are keys. ``header_row`` is the row that a proposal takes for the header. ``mapping``
    is the key of a mapping that is there, else ``body`` is a new one (plain data of a mapping file). ``mistaken`` is
    the form of its columns as it was last typed, where that is no mapping yet. ``read_at``: when the tab was last read,
    ISO 8601; empty before. ``wanted``: the table's key that a file gave. ``timed``: somebody looked at the schedule.
    """

    key: str
    kind: str
    typed: Mapping[str, str]
    book: Mapping[str, str]
    called: str = ""
    tabs: tuple[Tab, ...] = ()
    checks: tuple[Check, ...] = ()
    wanted: str = ""
    tab: str = ""
    location: Mapping[str, str] = field(default_factory=dict)
    read_at: str = ""
    project: str = ""
    jobcentre: str = ""
    edited_by: tuple[str, ...] = (str(Side.PROJECT), str(Side.JOBCENTRE))
    header_row: int | None = None
    mapping: str = ""
    body: Mapping[str, Any] | None = None
    mistaken: Mapping[str, str] = field(default_factory=dict)
    timed: bool = False
    schedule: str = ""
    zone: str = ZONE
    quiet_hours: str = ""
    land: str = ""

    @property
    def is_read(self) -> bool:
        """Whether a tab was chosen and its rows are there."""
        return bool(self.tab and self.read_at and self.project)

    @property
    def is_mapped(self) -> bool:
        """Whether there are columns to look at; they are ready unless something is ``mistaken``."""
        return self.is_read and bool(self.mapping or self.body)

    @property
    def title(self) -> str:
        """What a list of drafts calls it: the file and the tab, nobody's name."""
        file = self.book.get("path", "").replace("\\", "/").rpartition("/")[2]
        return ", ".join(part for part in (file or self.called, self.tab) if part)


def keep(rt: Runtime, user_id: int, connection: Connection) -> Connection:
    """Keep it as it is now. Raises ``NotFound`` where its key is another person's."""
    drafts.keep(rt, connection.key, user_id, asdict(connection))
    return connection


def find(rt: Runtime, user_id: int, key: str) -> Connection:
    """What this person has chosen so far. Raises ``NotFound``."""
    if not key.startswith(f"{KIND}-"):
        raise NotFound("Diesen Entwurf gibt es nicht mehr.")
    return _from(drafts.find(rt, key, user_id))


def begun(rt: Runtime, user_id: int) -> list[tuple[Connection, datetime]]:
    """What this person has begun and not switched on, with the last change, the latest first."""
    return [(_from(document), at) for _, at, document in drafts.begun(rt, user_id, KIND)]


def drop(rt: Runtime, user_id: int, key: str) -> None:
    """Forget what was chosen and what was read."""
    drafts.drop(rt, user_id, key, snapshot_key(key))


def snapshot_key(key: str) -> str:
    return f"{SNAPSHOT}-{key.removeprefix(f'{KIND}-')}"


def keep_snapshot(rt: Runtime, user_id: int, key: str, snapshot: Snapshot) -> None:
    """Keep what was read of the tab."""
    drafts.keep(rt, snapshot_key(key), user_id, to_json(snapshot))


def snapshot_of(rt: Runtime, user_id: int, key: str) -> Snapshot:
    """What was last read of the tab. Raises ``NotFound``."""
    data: Any = drafts.find(rt, snapshot_key(key), user_id)
    return from_json(data)


def mapping_of(rt: Runtime, connection: Connection) -> TableMapping | None:
    """The mapping that was chosen or made; None while it has mistakes. Raises ``NotFound`` for one that is gone."""
    body: Any = connection.body
    if connection.mapping:
        with rt.database.read() as session:
            body = mappings.current(session, mappings.get(session, connection.mapping).id).body
    found = mapping_from(body)
    return found if isinstance(found, TableMapping) else None


def _from(document: Any) -> Connection:
    return Connection(
        **{
            **document,
            "tabs": tuple(Tab(**tab) for tab in document["tabs"]),
            "checks": tuple(Check(**check) for check in document["checks"]),
            "edited_by": tuple(document["edited_by"]),
        }
    )
