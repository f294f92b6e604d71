"""A snapshot kept in a draft is the one that was read."""

from __future__ import annotations

import json
from datetime import date, datetime, time

from syncsvc.core.model import Covered, ErrorValue, Formula, Logical, SheetRow, Snapshot
from syncsvc.core.snapshots import from_json, to_json

CELLS = (
    *("01067", "=1+1", " Demir, Leyla\n", 1.0, -0.5, Logical.TRUE, None, Covered(), ErrorValue("#NV")),
    *(date(2024, 9, 1), datetime(2024, 9, 1, 8, 30), time(7, 45), Formula("=HEUTE()", date(2026, 3, 2))),  # noqa: DTZ001  # cells have no zone
)


def test_a_snapshot_comes_back_equal_through_json() -> None:
    snapshot = Snapshot(
        version="abc+anyone",
        width=len(CELLS),
        rows=(SheetRow(1, CELLS), SheetRow(4, CELLS[::-1], "zeile-4")),
        locked=frozenset({(2, 1), (5, 3)}),
        column_anchors={3: "entry_date"},
        exposed=True,
        locale="de_DE",
        editor="Frau Müller",
        identity={"sheet_id": "77"},
    )

    assert from_json(json.loads(json.dumps(to_json(snapshot)))) == snapshot
