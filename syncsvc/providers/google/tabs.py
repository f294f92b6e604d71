"""The tabs of a Google spreadsheet, for whoever connects one."""

from __future__ import annotations

from syncsvc.ports.tables import Requests
from syncsvc.providers.google.account import Account
from syncsvc.providers.google.api import Api
from syncsvc.providers.google.sheet import PROPERTIES
from syncsvc.providers.http import Patience


def tabs(account: Account, spreadsheet: str, patience: Patience) -> list[tuple[str, str]]:
    """Title and id of each tab with cells, in their order: one read. Raises ``TableError``."""
    found = Api(account, spreadsheet, Requests(), patience).get(PROPERTIES).get("sheets", ())
    properties = [tab["properties"] for tab in found]
    return [
        (str(one.get("title", "")), str(one.get("sheetId", 0)))
        for one in sorted(properties, key=lambda one: int(one.get("index", 0)))
        if one.get("sheetType", "GRID") == "GRID"
    ]
