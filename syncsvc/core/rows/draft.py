"""What planning the rows of one table gathers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from syncsvc.core.actions import NewRecord, NewRow, Point, RecordChange, Settled, TableWrite
from syncsvc.core.model import Cell, CellWrite, Json, RowState


@dataclass(slots=True)
class Draft:
    """What planning the rows gathers; the names are those of ``Plan``.

    ``edits`` are, by field, the (agreed, new) values of cells a person changed since the last run; ``edited`` are the
    data cells of their rows, ``older_rows`` counts those of them that show an older state again.
    """

    new_records: list[NewRecord] = field(default_factory=list)
    record_changes: list[RecordChange] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    writes: list[TableWrite] = field(default_factory=list)
    notes: list[CellWrite] = field(default_factory=list)
    references: list[CellWrite] = field(default_factory=list)
    new_rows: list[NewRow] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    states: dict[str, RowState] = field(default_factory=dict)
    forget: set[str] = field(default_factory=set)
    seen: dict[str, int] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    edits: dict[str, list[tuple[Json, Json]]] = field(default_factory=lambda: defaultdict(list))
    edited: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    older_rows: int = 0
    vanished: int = 0
    rows: int = 0
    untouched: int = 0
    untouched_values: int = 0
    waiting_values: int = 0
    waiting: set[str] = field(default_factory=set)
    next_number: int = 0
