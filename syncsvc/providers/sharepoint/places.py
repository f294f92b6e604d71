"""From a location to Graph's own ids: drive, file, worksheet and table. Ids count before names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, urlsplit

from syncsvc.errors import TableForbidden, TableNotFound, TableUnreadable
from syncsvc.providers.sharepoint.api import Api, Json
from syncsvc.providers.sharepoint.errors import Rejected
from syncsvc.providers.sharepoint.links import quoted_path, share_token
from syncsvc.providers.sharepoint.sheet import incomplete, tab_of

FILE_FIELDS = "id,name,cTag,eTag,parentReference,folder,deleted,shared,lastModifiedBy"

_NOT_OFFERED = (TableNotFound, Rejected)
"""How a Graph answers that does not know a path or an option; sovereign clouds lag behind the documents."""


@dataclass(frozen=True, slots=True)
class File:
    """A workbook as Graph's drive knows it; ``facts`` is the answer (``FILE_FIELDS``), as young as the request."""

    drive: str
    item: str
    facts: Json = field(compare=False, repr=False)

    @property
    def path(self) -> str:
        """Its address below the Graph root, and its name for ``Api.alone``."""
        return f"/drives/{quote(self.drive, safe='!')}/items/{quote(self.item, safe='!')}"

    @property
    def workbook(self) -> str:
        return f"{self.path}/workbook"

    @property
    def name(self) -> str:
        return str(self.facts.get("name", ""))

    @property
    def tag(self) -> str:
        """Changes with the content; late by up to a minute."""
        return str(self.facts.get("cTag") or self.facts.get("eTag") or "")

    @property
    def says_exposed(self) -> bool:
        """Whether its facets tell that anyone with a link can read it."""
        return bool((self.facts.get("shared") or {}).get("scope") == "anonymous")


@dataclass(frozen=True, slots=True)
class Place:
    """One tab of a workbook, or an Excel table in it: ``table_id`` is None for a plain range.

    ``worksheet`` and ``table`` are their names when they were looked up, empty where the ids came with the location.
    """

    file: File
    worksheet_id: str
    table_id: str | None
    worksheet: str = ""
    table: str = ""

    @property
    def book(self) -> str:
        return self.file.path

    @property
    def sheet_path(self) -> str:
        return f"{self.file.workbook}/worksheets/{quote(self.worksheet_id, safe='')}"

    @property
    def table_path(self) -> str:
        """Only where there is a table. Below the workbook, because people move tables to other tabs."""
        assert self.table_id is not None, "a plain range"
        return f"{self.file.workbook}/tables/{quote(self.table_id, safe='')}"

    @property
    def identity(self) -> dict[str, str]:
        """What a snapshot stores beside the location; an empty ``table_id`` says that there is none."""
        return {
            "drive": self.file.drive,
            "item": self.file.item,
            "worksheet_id": self.worksheet_id,
            "table_id": self.table_id or "",
        }


def find_file(api: Api, location: Mapping[str, str]) -> File:
    """The workbook: one metadata request by its ids or a link, two or more by site and path.

    Raises ``TableNotFound``, ``TableUnreadable`` for anything but a living .xlsx file, or another ``TableError``.
    """
    if location.get("drive") and location.get("item"):
        drive, item = quote(location["drive"], safe="!"), quote(location["item"], safe="!")
        facts = _file(api, f"/drives/{drive}/items/{item}")
    elif location.get("link"):
        facts = _file(api, f"/shares/{share_token(location['link'])}/driveItem")
    else:
        facts = _file_in_site(api, location["site"], location["path"])
    _check(facts)
    parent = facts.get("parentReference") or {}
    file = File(str(parent.get("driveId") or location.get("drive", "")), str(facts.get("id", "")), facts)
    if not (file.drive and file.item and file.tag):
        raise incomplete()
    return file


def is_exposed(api: Api, file: File) -> bool:
    """Whether anyone with a link can read the file: one metadata request, or more where many may.

    The list of permissions tells. The facet ``shared`` is deprecated and silent about links; it counts where Graph does
    not let the application list them.
    """
    if file.says_exposed:
        return True
    try:
        permissions = api.every(f"{file.path}/permissions")
    except (TableForbidden, *_NOT_OFFERED):
        return False
    return any((each.get("link") or {}).get("scope") == "anonymous" for each in permissions)


def find_place(api: Api, file: File, location: Mapping[str, str]) -> Place:
    """The tab and its table: no request where their ids are known, else two reads.

    A tab with exactly one Excel table means that table. Raises ``TableNotFound`` for a name that is not there, with the
    names that are; nothing is ever made anew.
    """
    if location.get("worksheet_id") and "table_id" in location:
        return Place(file, location["worksheet_id"], location["table_id"] or None)
    if location.get("table") or location.get("table_id"):
        return _by_table(api, file, location.get("table_id") or location["table"])
    sheets = api.get(f"{file.workbook}/worksheets", "read", {"$select": "id,name"}).get("value", [])
    wanted = location.get("worksheet_id") or location.get("worksheet", "")
    known = "id" if location.get("worksheet_id") else "name"
    sheet = next((sheet for sheet in sheets if str(sheet.get(known, "")).casefold() == wanted.casefold()), None)
    if sheet is None:
        raise TableNotFound(
            f"Das Blatt „{location.get('worksheet') or wanted}“ gibt es in der Mappe nicht.",
            hint=f"Da sind: {', '.join(str(sheet.get('name', '')) for sheet in sheets)}. Gelöscht wird hier nichts.",
        )
    place = Place(file, str(sheet["id"]), None, str(sheet["name"]))
    tables = tables_on(api, place)
    if len(tables) > 1:
        raise TableNotFound(
            f"Auf dem Blatt „{place.worksheet}“ liegen mehrere Excel-Tabellen.",
            hint=f"Im Ort table angeben: {', '.join(str(table.get('name', '')) for table in tables)}.",
        )
    if not tables:
        return place
    return Place(file, place.worksheet_id, str(tables[0]["id"]), place.worksheet, str(tables[0]["name"]))


def tables_on(api: Api, place: Place) -> list[Json]:
    """The Excel tables on the tab, with id and name."""
    try:
        return list(api.get(f"{place.sheet_path}/tables", "read", {"$select": "id,name"}).get("value", []))
    except _NOT_OFFERED:
        pass
    try:
        tables = api.get(f"{place.file.workbook}/tables", "read", {"$select": "id,name"}).get("value", [])
    except _NOT_OFFERED:
        return []
    return [table for table in tables if _tab(api, replace(place, table_id=str(table["id"]))) == place.worksheet]


def _tab(api: Api, place: Place) -> str:
    """The name of the tab that an Excel table is on now."""
    return tab_of(api.get(f"{place.table_path}/range", "read", {"$select": "address"}))


def _by_table(api: Api, file: File, name: str) -> Place:
    path = f"{file.workbook}/tables/{quote(name, safe='')}"
    try:
        table = api.get(path, "read", {"$select": "id,name"})
        sheet = _sheet_of(api, file, str(table["id"]), path)
    except TableNotFound:
        raise TableNotFound(
            f"Die Excel-Tabelle „{name}“ gibt es in der Mappe nicht.",
            hint="Im Ort table prüfen (in Excel unter „Tabellenentwurf › Tabellenname“); gelöscht wird hier nichts.",
        ) from None
    return Place(file, str(sheet["id"]), str(table["id"]), str(sheet["name"]), str(table["name"]))


def _sheet_of(api: Api, file: File, table_id: str, path: str) -> Json:
    """The tab of an Excel table."""
    try:
        return api.get(f"{path}/worksheet", "read", {"$select": "id,name"})
    except _NOT_OFFERED:
        name = _tab(api, Place(file, "", table_id))
    sheets = api.get(f"{file.workbook}/worksheets", "read", {"$select": "id,name"}).get("value", [])
    sheet = next((sheet for sheet in sheets if sheet.get("name") == name), None)
    if sheet is None:
        raise incomplete()
    return dict(sheet)


def _file(api: Api, path: str) -> Json:
    try:
        return api.get(path, "meta", {"$select": FILE_FIELDS})
    except Rejected:
        return api.get(path)


def _file_in_site(api: Api, site: str, path: str) -> Json:
    """By its path in the site's own library, or in the one that the path begins with."""
    try:
        found = str(api.get(f"/sites/{quote(site, safe=':/,')}", "meta", {"$select": "id"})["id"])
    except TableNotFound:
        raise TableNotFound(
            "Diese Site gibt es nicht, oder der Dienst darf sie nicht sehen.",
            hint="site prüfen; bei Sites.Selected muss die Site für die Anwendung freigegeben sein.",
        ) from None
    try:
        return _file(api, f"/sites/{found}/drive/root:/{quoted_path(path)}")
    except _NOT_OFFERED:
        library, _, rest = path.strip("/").partition("/")
        drive = _library(api, found, library) if rest else None
        if drive is None:
            drive, rest = str(api.get(f"/sites/{found}/drive", "meta", {"$select": "id"})["id"]), path
        return _file(api, f"/drives/{quote(drive, safe='!')}/root:/{quoted_path(rest)}")


def _library(api: Api, site: str, name: str) -> str | None:
    """The library of this name; addresses and people call it differently ("Shared Documents", "Dokumente")."""
    for drive in api.every(f"/sites/{site}/drives", "meta", {"$select": "id,name,webUrl"}):
        address = unquote(urlsplit(str(drive.get("webUrl", ""))).path).rpartition("/")[2]
        if name.casefold() in (str(drive.get("name", "")).casefold(), address.casefold()):
            return str(drive["id"])
    return None


def _check(facts: Json) -> None:
    if facts.get("deleted") is not None:
        raise TableNotFound("Die Datei liegt im Papierkorb.", hint="Sie in SharePoint wiederherstellen.")
    if facts.get("folder") is not None or not str(facts.get("name", "")).lower().endswith(".xlsx"):
        raise TableUnreadable(
            "Das ist keine .xlsx-Mappe.", hint="In Excel „Speichern unter › Excel-Arbeitsmappe (.xlsx)“ wählen."
        )
