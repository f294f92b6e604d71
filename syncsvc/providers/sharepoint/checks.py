"""What an admin should know who connects a workbook on SharePoint."""

from __future__ import annotations

from dataclasses import replace

from syncsvc.errors import PlatformRejected, TableNotFound, TableReadOnly
from syncsvc.ports.tables import Check
from syncsvc.providers.a1 import Range
from syncsvc.providers.sharepoint.account import roles_of
from syncsvc.providers.sharepoint.api import Api
from syncsvc.providers.sharepoint.places import Place, tables_on
from syncsvc.providers.sharepoint.protection import is_protected
from syncsvc.providers.sharepoint.ranges import look
from syncsvc.providers.sharepoint.sheet import Sheet

_SHARED_WORK = "Im Browser darf die Mappe offen bleiben."


def checks(api: Api, place: Place, sheet: Sheet) -> list[Check]:
    """The tab, whether it can be written to, and what gets in the way. Raises ``TableError``."""
    name = str(api.get(place.sheet_path, "read", {"$select": "name"}).get("name", ""))
    found = [Check(ok=True, text=f"Die Mappe „{place.file.name}“ ist lesbar, das Blatt „{name}“ ist da.")]
    found.append(_writable(api, place))
    found += _checked_out(api, place)
    if is_protected(api, place):
        found.append(
            Check(
                ok=False,
                text="Das Blatt ist geschützt; in gesperrte Zellen kann der Dienst nichts eintragen.",
                hint="Unter „Überprüfen › Blattschutz aufheben“, oder die Zellen des Dienstes entsperren.",
            )
        )
    if sheet.rows and look(api, place, Range(1, 1, len(sheet.cells), max(sheet.width, 1))).hidden:
        text = "Zeilen sind ausgeblendet oder gefiltert; sie werden gelesen, und der Dienst trägt langsamer ein."
        found.append(Check(ok=True, text=text))
    return [*found, _table(api, place, name)]


def _writable(api: Api, place: Place) -> Check:
    """Ask for a session that may change things, and change nothing in it."""
    refusal = api.session_refusal(place.file.workbook)
    if refusal is None:
        return Check(ok=True, text="Der Dienst darf die Mappe zum Schreiben öffnen.")
    if isinstance(refusal, PlatformRejected | TableNotFound) or (
        isinstance(refusal, TableReadOnly) and _may_write(api)
    ):
        return Check(ok=True, text="Microsoft gewährt der Anwendung keine Sitzung; der Abgleich kommt ohne aus.")
    return Check(ok=False, text=refusal.message, hint=refusal.hint)


def _may_write(api: Api) -> bool:
    """Whether the application's rights say so, or are not known; then a session is refused as Microsoft documents."""
    roles = roles_of(api.account.token())
    return roles is None or any(role.endswith(("ReadWrite.All", "Manage.All", "FullControl.All")) for role in roles)


def _checked_out(api: Api, place: Place) -> list[Check]:
    state = api.hint(place.file.path, params={"$select": "publication"}).get("publication") or {}
    if state.get("level") != "checkout":
        return []
    who = ((state.get("checkedOutBy") or {}).get("user") or {}).get("displayName")
    text = f"Die Mappe ist ausgecheckt{f' von {who}' if who else ''}; der Abgleich wartet so lange."
    return [Check(ok=False, text=text, hint=f"Sie in SharePoint einchecken. {_SHARED_WORK}")]


def _table(api: Api, place: Place, tab: str) -> Check:
    """Whether new rows go where people expect them."""
    tables = tables_on(api, replace(place, worksheet=tab))
    if place.table_id is None:
        if not tables:
            return Check(
                ok=True, text="Es gibt keine Excel-Tabelle auf dem Blatt; neue Zeilen kommen unter die letzte."
            )
        return Check(
            ok=False,
            text=f"Seit dem Verbinden ist auf dem Blatt die Excel-Tabelle „{tables[0].get('name', '')}“ entstanden.",
            hint="Ihren Namen im Ort der Tabelle als table angeben, damit neue Zeilen zu ihr gehören.",
        )
    for table in tables:
        if str(table.get("id")) == place.table_id:
            return Check(ok=True, text=f"Neue Zeilen kommen in die Excel-Tabelle „{table.get('name', '')}“.")
    return Check(
        ok=False,
        text="Die Excel-Tabelle gibt es auf dem Blatt nicht mehr; neue Zeilen kommen unter die letzte.",
        hint="In Excel „Einfügen › Tabelle“ wählen und ihren Namen im Ort der Tabelle als table angeben.",
    )
