"""Which provider opens which location."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from syncsvc.errors import ConfigurationError
from syncsvc.ports.tables import Keep, Swept, Table
from syncsvc.providers.google.account import Account
from syncsvc.providers.google.links import place
from syncsvc.providers.google.table import GoogleTable
from syncsvc.providers.memory import MemoryBook, MemoryTable
from syncsvc.providers.sharepoint import links as sharepoint
from syncsvc.providers.sharepoint.account import Account as Application
from syncsvc.providers.sharepoint.account import Credential
from syncsvc.providers.sharepoint.api import Gate
from syncsvc.providers.sharepoint.table import SharePointTable
from syncsvc.providers.workbook.sweep import sweep
from syncsvc.providers.workbook.table import WorkbookTable

_KEEP = Keep()


class Registry:
    """Opens tables by their location: the ``Tables`` of ports/tables.py.

    ``data_dir`` is where the workbook provider keeps its journal, its locks and, as ``keep`` says, the dated copies.
    ``google`` is the account all Google tables are shared with, ``application`` the one that opens workbooks on
    SharePoint, and ``writers`` keeps writes of all processes to one such workbook apart. ``books`` holds the tables of
    provider ``memory`` by name; a name that is not among them opens as a table that is gone.
    """

    def __init__(
        self,
        data_dir: Path,
        keep: Keep = _KEEP,
        *,
        google: Account | None = None,
        application: Application | None = None,
        writers: Gate | None = None,
    ) -> None:
        self.books: dict[str, MemoryBook] = {}
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
