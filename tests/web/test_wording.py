"""How pages say things."""

from __future__ import annotations

import pytest

from syncsvc.web import wording


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ({"path": "tables/BSP.xlsx", "worksheet": "Liste"}, "tables/BSP.xlsx, Blatt Liste"),
        ({"spreadsheet": "1AbC", "sheet_id": "0"}, "1AbC"),
        ({"site": "t.example:/sites/a", "path": "/BSP.xlsx", "table": "Liste"}, "/BSP.xlsx, Excel-Tabelle Liste"),
        ({"link": "https://t.example/:x:/s/a/Eabc", "worksheet": "Liste"}, "Mappe, Blatt Liste"),
        ({"drive": "b!1", "item": "01A", "worksheet": "Liste"}, "Mappe, Blatt Liste"),
    ],
)
def test_a_place_is_named_without_what_opens_it(location: dict[str, str], said: str) -> None:
    """A pasted link may let in whoever has it."""
    assert wording.place(location) == said
