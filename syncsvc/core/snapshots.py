"""Whole snapshots as JSON values and back again, for drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncsvc.core.cells import decode, encode
from syncsvc.core.model import Json, SheetRow, Snapshot


def to_json(snapshot: Snapshot) -> dict[str, Json]:
    """The snapshot as a JSON value; ``from_json`` gives an equal one."""
    return {
        "version": snapshot.version,
        "width": snapshot.width,
        "rows": [[row.number, row.witness, [encode(cell) for cell in row.cells]] for row in snapshot.rows],
        "locked": [[row, column] for row, column in sorted(snapshot.locked)],
        "anchors": {str(column): name for column, name in snapshot.column_anchors.items()},
        "exposed": int(snapshot.exposed),
        "locale": snapshot.locale,
        "editor": snapshot.editor,
        "identity": dict(snapshot.identity),
    }


def from_json(data: Mapping[str, Any]) -> Snapshot:
    """The snapshot that ``to_json`` turned into this value."""
    return Snapshot(
        version=data["version"],
        width=data["width"],
        rows=tuple(SheetRow(number, tuple(map(decode, cells)), witness) for number, witness, cells in data["rows"]),
        locked=frozenset((row, column) for row, column in data["locked"]),
        column_anchors={int(column): name for column, name in data["anchors"].items()},
        exposed=bool(data["exposed"]),
        locale=data["locale"],
        editor=data["editor"],
        identity=data["identity"],
    )
