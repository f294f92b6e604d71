"""Which provider opens which location."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from syncsvc.errors import ConfigurationError
from syncsvc.ports.tables import Asked, Keep, Kind, Swept, Tab, Table
from syncsvc.providers.google import tabs as google
from syncsvc.providers.google.account import Account
from syncsvc.providers.google.links import place
from syncsvc.providers.google.table import GoogleTable
from syncsvc.providers.http import Patience
from syncsvc.providers.memory import MemoryBook, MemoryTable
from syncsvc.providers.sharepoint import links as sharepoint
from syncsvc.providers.sharepoint.account import Account as Application
from syncsvc.providers.sharepoint.account import Credential
from syncsvc.providers.sharepoint.api import Gate
from syncsvc.providers.sharepoint.table import SharePointTable
from syncsvc.providers.sharepoint.tabs import tabs as sharepoint_tabs
from syncsvc.providers.workbook.files import offered
from syncsvc.providers.workbook.sweep import sweep
from syncsvc.providers.workbook.table import WorkbookTable, sheet_names

_KEEP = Keep()
FOLDER = "tabellen"
"""Where in the data folder the files are that can be connected in the pages, unless the operator names a folder."""

_AT_THE_PAGE = 20.0
"""Seconds for which a person who connects a table waits for a platform that has trouble."""

_OPERATOR = "Das richtet ein, wer den Dienst betreibt; erst danach lässt sich so eine Tabelle verbinden."


class Registry:
    """Opens tables by their location: the ``Tables`` of ports/tables.py.

    ``data_dir`` is where the workbook provider keeps its journal, its locks and, as ``keep`` says, the dated copies.
    ``google`` is the account all Google tables are shared with, ``application`` the one that opens workbooks on
    SharePoint, and ``writers`` keeps writes of all processes to one such workbook apart. ``books`` holds the tables of
    provider ``memory`` by name; a name that is not among them opens as a table that is gone. ``folder`` holds the files
    that people may choose from, those of one project in a folder named by its key.
    """

    def __init__(
        self,
        data_dir: Path,
        keep: Keep = _KEEP,
        *,
        google: Account | None = None,
        application: Application | None = None,
        writers: Gate | None = None,
        folder: Path | None = None,
    ) -> None:
        self.books: dict[str, MemoryBook] = {}
        self._folder = folder or data_dir / FOLDER
        self._data_dir, self._keep = data_dir, keep
        self._google_account = google or Account(None, "")
        self._application = application or Application(Credential())
        self._writers = writers or _unshared
        self._openers = {
            "google": self._google,
            "memory": self._memory,
            "sharepoint": self._sharepoint,
            "workbook": self._workbook,
        }

    def locate(self, location: Mapping[str, str], folder: Path) -> dict[str, str]:
        location = dict(location)
        if location.get("provider") == "workbook" and "path" in location:
            location["path"] = str((folder / location["path"]).resolve())
        if location.get("provider") == "google" and "spreadsheet" in location:
            found = place(location)
            if found is None:
                raise ConfigurationError(
                    "spreadsheet nennt keine Google-Tabelle.",
                    hint="Die Adresse aus dem Browser oder den Teil zwischen /d/ und /edit angeben.",
                )
            location = found
        if location.get("provider") == "sharepoint":
            location = _sharepoint_place(location)
        self.open(location)
        return location

    def kinds(self, projects: Set[str] | None = None) -> Sequence[Kind]:
        google_address, files = self._google_account.address, offered(self._folder, projects)
        kinds = [
            Kind(
                "google",
                "Google Sheets",
                (
                    Asked(
                        "spreadsheet",
                        "Adresse der Tabelle",
                        "Die Tabelle im Browser öffnen und die ganze Adresse aus der Adresszeile kopieren.",
                    ),
                ),
                ready=bool(google_address),
                hint=f"Geben Sie die Tabelle zuerst für {google_address} frei, als Bearbeiter."
                if google_address
                else f"Für Google fehlt noch das Dienstkonto. {_OPERATOR}",
            ),
            Kind(
                "sharepoint",
                "Excel auf SharePoint",
                (
                    Asked("link", "Adresse der Mappe", "Aus der Adresszeile des Browsers oder aus „Freigeben“."),
                    Asked("site", "Oder: Site", "Zum Beispiel contoso.sharepoint.com:/sites/myturn"),
                    Asked("path", "und Pfad der Mappe in ihr", "Zum Beispiel /Listen/Teilnehmerinnen.xlsx"),
                ),
                ready=self._application.is_set,
                hint="" if self._application.is_set else f"Für Microsoft fehlt noch die Anmeldung. {_OPERATOR}",
            ),
            Kind(
                "workbook",
                "Excel-Datei (.xlsx)",
                (Asked("path", "Datei", choices=files),),
                ready=bool(files),
                hint=_files_hint(self._folder.name, files, projects),
            ),
        ]
        if self.books:
            asked = Asked("name", "Tabelle", choices=tuple(sorted(self.books)))
            kinds.append(Kind("memory", "Übungstabelle", (asked,), ready=True))
        return kinds

    def pick(self, kind: str, typed: Mapping[str, str], projects: Set[str] | None = None) -> dict[str, str]:
        given = {name: text.strip() for name, text in typed.items() if text.strip()}
        if kind == "google":
            found = place({"spreadsheet": given.get("spreadsheet", "")})
            if found is None:
                raise ConfigurationError(
                    "Das ist keine Adresse einer Google-Tabelle.",
                    hint="Sie beginnt mit https://docs.google.com/spreadsheets/d/ und steht in der Adresszeile.",
                )
            return {"provider": kind, "spreadsheet": found["spreadsheet"]}
        if kind == "sharepoint":
            return {"provider": kind, **_sharepoint_book(given)}
        if kind == "workbook":
            return {"provider": kind, "path": str(self._file(given.get("path", ""), projects))}
        if kind == "memory" and given.get("name") in self.books:
            return {"provider": kind, "name": given["name"]}
        raise ConfigurationError("Bitte wählen Sie, wo die Tabelle liegt.")

    def tabs(self, book: Mapping[str, str]) -> Sequence[Tab]:
        patience = Patience(_AT_THE_PAGE)
        if book["provider"] == "google":
            found = google.tabs(self._google_account, book["spreadsheet"], patience)
            return [self._tab(title, {**book, "worksheet": title}, {"sheet_id": id_}) for title, id_ in found]
        if book["provider"] == "sharepoint":
            return [self._tab(*tab) for tab in sharepoint_tabs(self._application, book, self._writers, patience)]
        if book["provider"] == "workbook":
            names = sheet_names(Path(book["path"]))
            return [self._tab(name, {**book, "worksheet": name}, {}) for name in names]
        return [self._tab(book["name"], dict(book), {})]

    def _tab(self, title: str, location: dict[str, str], ids: Mapping[str, str]) -> Tab:
        return Tab(title, location, self.open({**location, **ids}).place)

    def _file(self, typed: str, projects: Set[str] | None) -> Path:
        """One of the files on offer, by its path in the folder or its whole path."""
        folder = self._folder.resolve()
        file = (folder / typed).resolve()
        known = offered(self._folder, projects)
        if not file.is_relative_to(folder) or file.relative_to(folder).as_posix() not in known:
            raise ConfigurationError(
                "Diese Datei steht hier nicht zur Auswahl.",
                hint=_files_hint(self._folder.name, known, projects),
            )
        return file

    def open(self, location: Mapping[str, str]) -> Table:
        opener = self._openers.get(location.get("provider", ""))
        if opener is None:
            raise ConfigurationError(
                f"Den Anbieter „{location.get('provider', '')}“ gibt es nicht.",
                hint=f"Möglich sind: {', '.join(sorted(self._openers))}.",
            )
        return opener(location)

    def sweep(self, unsettled: Callable[[], Set[str]], now: datetime) -> Swept:
        return sweep(self._data_dir, self._keep, unsettled, now)

    def _memory(self, location: Mapping[str, str]) -> Table:
        _check_keys(location, required={"name"})
        return MemoryTable(self.books.get(location["name"]) or MemoryBook(gone=True))

    def _google(self, location: Mapping[str, str]) -> Table:
        _check_keys(location, required={"spreadsheet"}, optional={"worksheet", "sheet_id", "title"})
        if not location.get("worksheet") and not location.get("sheet_id"):
            raise ConfigurationError("Im Ort der Tabelle fehlt: worksheet.")
        if not location.get("sheet_id", "0").isdecimal():
            raise ConfigurationError("sheet_id ist die Zahl hinter #gid= in der Adresse der Tabelle.")
        return GoogleTable(
            self._google_account,
            location["spreadsheet"],
            worksheet=location.get("worksheet", ""),
            sheet_id=location.get("sheet_id", ""),
            title=location.get("title", ""),
        )

    def _sharepoint(self, location: Mapping[str, str]) -> Table:
        return SharePointTable(self._application, _sharepoint_place(location), gate=self._writers)

    def _workbook(self, location: Mapping[str, str]) -> Table:
        _check_keys(location, required={"path", "worksheet"}, optional={"sheet_id"})
        return WorkbookTable(
            Path(location["path"]),
            worksheet=location["worksheet"],
            sheet_id=location.get("sheet_id", ""),
            data_dir=self._data_dir,
            keep=self._keep,
        )


@contextmanager
def _unshared(_: str) -> Iterator[Callable[[], None]]:
    """Where no other process is."""
    yield lambda: None


def _files_hint(folder: str, files: Sequence[str], projects: Set[str] | None) -> str:
    """Where files have to lie to be offered."""
    places = [folder] if projects is None else [f"{folder}/{project}" for project in sorted(projects)]
    where = " oder ".join(f"„{place}“" for place in places)
    return (
        f"Zur Auswahl stehen .xlsx-Dateien im Ordner {where} des Dienstes{'' if files else '; dort liegt noch keine'}."
    )


def _sharepoint_book(given: Mapping[str, str]) -> dict[str, str]:
    """Link, or site and path, in one spelling."""
    asked = {name: given[name] for name in ("link", "site", "path") if given.get(name)}
    if not asked.get("link") and not {"site", "path"} <= asked.keys():
        raise ConfigurationError("Die Adresse der Mappe fehlt.", hint="Statt ihrer gehen auch Site und Pfad zusammen.")
    if asked.get("link"):
        asked = {"link": asked["link"]}
    found = sharepoint.place({**asked, "worksheet": "?"})
    return {name: text for name, text in found.items() if name != "worksheet"}


def _sharepoint_place(location: Mapping[str, str]) -> dict[str, str]:
    """The location in one spelling, with no part that would be ignored."""
    _check_keys(location, required=set(), optional=sharepoint.KEYS)
    return sharepoint.place(location)


def _check_keys(
    location: Mapping[str, str], *, required: set[str], optional: frozenset[str] | set[str] = frozenset()
) -> None:
    """Refuse a location that lacks a part or carries one that would be ignored."""
    if missing := sorted(key for key in required if not location.get(key)):
        raise ConfigurationError(f"Im Ort der Tabelle fehlt: {', '.join(missing)}.")
    if unknown := sorted(location.keys() - required - optional - {"provider"}):
        raise ConfigurationError(
            f"Unbekannte Angabe im Ort der Tabelle: {', '.join(unknown)}.",
            hint=f"Möglich sind: {', '.join(sorted({'provider', *required, *optional}))}.",
        )
