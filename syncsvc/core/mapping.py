"""Mappings: which column holds which field, in which type, owned by whom.

``core/schema.py`` reads a mapping from plain data; ``core/binding.py`` finds its columns in a snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from syncsvc.core.model import Side

REFERENCE_FIELD = "participant_ref"
NOTE_FIELD = "service_note"
JOBCENTRE_FIELD = "jobcenter"
STATUS_FIELD, ENDED_STATUS = "status", "ended"
OWN_FIELDS = (REFERENCE_FIELD, NOTE_FIELD)
"""Fields that the service fills, not the records."""


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Column:
    """One mapped column. ``level`` is the privacy level the field needs, 1 to 3; ``vocabulary`` a vocabulary's name."""

    header: str
    field: str
    type: str
    owner: Side
    aliases: tuple[str, ...] = ()
    required: bool = False
    choices: tuple[Choice, ...] = ()
    vocabulary: str = ""
    max_length: int | None = None
    level: int = 1
    tidy: bool = False


@dataclass(frozen=True, slots=True)
class Guards:
    """When a run stops before it writes. Shares are fractions (0.1 = 10 %), the minima counts of rows."""

    missing_rows: float = 0.10
    missing_rows_minimum: int = 5
    changed_column: float = 0.30
    changed_column_minimum: int = 10


@dataclass(frozen=True, slots=True)
class Mapping:
    """``new_rows`` is ``accept`` or ``ask``; ``full_read_every`` is in seconds.

    ``matching``: whoever is in a table with this mapping may be looked for in other projects, by keyed hashes only.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    privacy_level: int = 1
    guards: Guards = field(default_factory=Guards)
    new_rows: str = "accept"
    full_read_every: int = 1800
    matching: bool = False

    def column(self, name: str) -> Column | None:
        """The column of a field, or None."""
        return next((column for column in self.columns if column.field == name), None)

    @property
    def shown(self) -> frozenset[str]:
        """The fields this mapping's privacy level lets out."""
        return frozenset(column.field for column in self.columns if column.level <= self.privacy_level)
