"""The values everything else speaks of: cells, rows, snapshots, records, bases.

All are frozen. A cell is one of a few Python types, chosen so that two cells are equal exactly when a person
would see no difference in the spreadsheet's content *and* type, and so that a whole row compares in one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum, StrEnum
from typing import Final, TypeAlias

Json: TypeAlias = str | int | float | list["Json"] | dict[str, "Json"] | None
"""A value in normal form, as records keep it. Never a bool: yes/no is ``"yes"``/``"no"``, because ``True == 1``."""


class Side(StrEnum):
    PROJECT = "project"
    JOBCENTRE = "jobcentre"
    BOTH = "both"
    SERVICE = "service"


class Logical(Enum):
    """A boolean cell. Not Python's bool, because ``True == 1.0`` would hide an edit from TRUE to 1."""

    TRUE = "TRUE"
    FALSE = "FALSE"


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A cell that shows an error such as ``#REF!`` or ``#NV``: unknown, neither empty nor text."""

    code: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A computed cell: its text with the leading ``=``, and the value it last showed (None: never computed)."""

    text: str
    value: str | float | Logical | date | datetime | time | ErrorValue | None


@dataclass(frozen=True, slots=True)
class Covered:
    """A cell hidden beneath a merged one: unknown, not empty."""


Cell: TypeAlias = str | float | Logical | date | datetime | time | ErrorValue | Formula | Covered | None
"""What one spreadsheet cell holds. Numbers are always ``float``; a day without a time of day is ``date``; a blank
cell is ``None`` (never ``""``); text is the whole text as typed, rich text flattened."""

BLANK: Cell = None


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a snapshot.

    ``number`` is its 1-based position when read, ``cells`` has exactly the snapshot's ``width`` entries, column A
    first. ``witness`` is the platform's own row metadata (None where the platform has none).
    """

    number: int
    cells: tuple[Cell, ...]
    witness: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a table held when it was read: every row from row 1 to the last with content, hidden ones included.

    ``version`` is the change token of exactly this content. ``width`` is the number of columns. ``locked`` holds
    (row number, column number) of cells the service must not write (protection), those of the row below the last one
    included: there a new row cannot be filled; ``column_anchors`` maps column
    numbers to the platform's own column metadata. ``exposed``: anyone with the link can read the table.
    ``editor`` is the last editor the platform names. ``identity`` holds the platform's own ids of the table: parts to
    add to its location, by which it is found again after it was renamed.
    """

    version: str
    width: int
    rows: tuple[SheetRow, ...]
    locked: frozenset[tuple[int, int]] = frozenset()
    column_anchors: Mapping[int, str] = field(default_factory=dict)
    exposed: bool = False
    locale: str = ""
    editor: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One cell to write. ``row`` and ``column`` are 1-based positions in the snapshot the patch was made from.

    ``ref`` is the participant reference that row carried there (None: a row that had none yet), ``old`` the cell as
    read, ``new`` the literal cell to put: a ``str`` is always stored as text, a ``date`` as a real date.
    """

    ref: str | None
    row: int
    column: int
    old: Cell
    new: Cell


@dataclass(frozen=True, slots=True)
class RowAppend:
    """One row to add behind the table's last row: its reference and its cells by 1-based column number."""

    ref: str
    cells: Mapping[int, Cell]


@dataclass(frozen=True, slots=True)
class Patch:
    """Everything one run writes to one table; a provider applies all of it or raises having applied nothing.

    ``version`` is the snapshot's version it was planned from, ``header_row`` the header's row number,
    ``ref_column`` the column that holds references, ``token`` names this write for ``Table.landed``.
    """

    token: str
    version: str
    header_row: int
    ref_column: int
    writes: tuple[CellWrite, ...]
    appends: tuple[RowAppend, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.writes or self.appends)


class RecordState(StrEnum):
    ACTIVE = "active"
    VOID = "void"
    """Typed by mistake: kept for the history, offered to no table."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a project knows about one participant: values in normal form by field; a missing field is blank.

    ``by`` names the side that last set a field where that was not the project.
    """

    ref: str
    values: Mapping[str, Json]
    by: Mapping[str, Side] = field(default_factory=dict)
    state: RecordState = RecordState.ACTIVE


class RowState(StrEnum):
    PRESENT = "present"
    GONE = "gone"
    """The row vanished from the table; a deletion question is open."""
    ENDED = "ended"
    """Answered: her participation ended; the row stays away and is not asked about again."""
    RESTORE = "restore"
    """Answered: put the row back at the next run."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A value of ours that a person put back: ``old`` stood before our write, ``count`` times it came back."""

    old: Json
    count: int


class Unsettled(Enum):
    """Stands in a base for a field never settled for that row (a column mapped later): equal to no cell, no value."""

    UNSETTLED = "unsettled"


UNSETTLED: Final = Unsettled.UNSETTLED


class Overruled(Enum):
    """In a base's ``agreed``: a person decided that the record's value shall replace the cell as ``raw`` shows it."""

    OVERRULED = "overruled"


OVERRULED: Final = Overruled.OVERRULED


@dataclass(frozen=True, slots=True)
class BaseRow:
    """What both sides last agreed on for one row: the raw cell and its meaning, per field of the base.

    ``raw[i]`` is the cell that stood in the table when field i was last settled, ``agreed[i]`` its normal form;
    both are ``UNSETTLED`` where the field was never settled for this row.
    ``older`` are digests of earlier ``raw`` rows, newest last (to recognise a restored file). ``flips`` by field.
    """

    ref: str
    raw: tuple[Cell | Unsettled, ...]
    agreed: tuple[Json | Unsettled | Overruled, ...]
    state: RowState = RowState.PRESENT
    older: tuple[str, ...] = ()
    flips: Mapping[str, Flip] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Base:
    """The last agreed state of one table: ``fields`` gives the order of every row's values."""

    fields: tuple[str, ...]
    rows: Mapping[str, BaseRow]
    positions: Mapping[str, int] = field(default_factory=dict)
    """Row number of each reference when the table was last read."""
