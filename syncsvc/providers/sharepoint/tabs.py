"""The tabs of a workbook on SharePoint, for whoever connects one."""

from __future__ import annotations

from collections.abc import Mapping

from syncsvc.ports.tables import Requests
from syncsvc.providers.http import Patience
from syncsvc.providers.sharepoint.account import Account
from syncsvc.providers.sharepoint.api import Api, Gate
from syncsvc.providers.sharepoint.places import Place, find_file, tables_on


def tabs(
    account: Account, book: Mapping[str, str], gate: Gate, patience: Patience
) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """Title, location and ids of each tab, in their order; of a tab with several Excel tables, of each of these.

    One read for the tabs, and one for the Excel tables of each. Raises ``TableError``.
    """
    api = Api(account, Requests(), patience, gate)
    file = find_file(api, book)
    found: list[tuple[str, dict[str, str], dict[str, str]]] = []
    for sheet in api.get(f"{file.workbook}/worksheets", "read", {"$select": "id,name"}).get("value", []):
        place = Place(file, str(sheet["id"]), None, str(sheet["name"]))
        tables = tables_on(api, place)
        names = [str(table.get("name", "")) for table in tables] if len(tables) > 1 else []
        found += [(f"{place.worksheet}, Tabelle {name}", {**book, "table": name}, place.identity) for name in names]
        if not names:
            found.append((place.worksheet, {**book, "worksheet": place.worksheet}, place.identity))
    return found
