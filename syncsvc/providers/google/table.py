"""A tab of a Google spreadsheet as a shared table: the provider ``google``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from secrets import token_hex
from typing import Any

from syncsvc.core.layout import Layout
from syncsvc.core.model import Patch, Snapshot
from syncsvc.errors import (
    PlatformRejected,
    TableError,
    TableMoved,
    TableNotFound,
    TableReadOnly,
    TableUnreadable,
)
from syncsvc.ports.tables import Check, Landed, Requests
from syncsvc.providers.google.account import Account
from syncsvc.providers.google.api import Api
from syncsvc.providers.google.errors import protection_hint, share_hint
from syncsvc.providers.google.marks import Marks
from syncsvc.providers.google.patcher import Request, patch_requests
from syncsvc.providers.google.setup import FIELDS as MADE_FIELDS
from syncsvc.providers.google.setup import Setup
from syncsvc.providers.google.sheet import FIELDS, MARK_FIELDS, PROPERTIES, Sheet, read_sheet
from syncsvc.providers.http import Patience

INTERVAL = timedelta(minutes=5)
"""Looking costs a request of the account's quota."""

_MIME_TYPE = "application/vnd.google-apps.spreadsheet"
_ANYONE = frozenset({"anyone", "anyoneWithLink"})


class GoogleTable:
    """One tab. The version is Drive's, which may lag behind the cells for minutes, never run ahead of them.

    The tab is read by its title, which people change, and known by its id, which they cannot: a title that has become
    stale costs two more reads once. Writes go by position, because Google knows no condition; but of all writes planned
    from one state of the sheet only one lands (``marks.py``), so that a lost answer never doubles anything.
    """

    lags = True

    def __init__(
        self,
        account: Account,
        spreadsheet: str,
        *,
        worksheet: str,
        sheet_id: str = "",
        title: str = "",
        patience: Patience | None = None,
    ) -> None:
        self.requests = Requests()
        self.credential = account.name
        self.place = f"google:{spreadsheet}/{sheet_id}" if sheet_id else ""
        tab = f"#gid={sheet_id}" if sheet_id else ""
        self.address = f"https://docs.google.com/spreadsheets/d/{spreadsheet}/edit{tab}"
        self.interval = INTERVAL
        self._api = Api(account, spreadsheet, self.requests, patience or Patience())
        self._spreadsheet = spreadsheet
        self._worksheet = worksheet
        self._sheet_id = int(sheet_id) if sheet_id else None
        self._title = title or worksheet
        self._seen: Sheet | None = None
        self._marks: Marks | None = None
        self._may_edit = True
        self._rejected = False

    def version(self) -> str:
        return _version(self._file())

    def read(self) -> Snapshot:
        file = self._file()
        sheet = self._load()
        user = file.get("lastModifyingUser", {})
        return Snapshot(
            version=_version(file),
            width=sheet.width,
            rows=sheet.rows,
            locked=sheet.locked,
            column_anchors=sheet.anchors,
            exposed=_is_exposed(file),
            locale=sheet.locale,
            editor="" if user.get("me") else user.get("displayName", ""),
            identity={"sheet_id": str(sheet.sheet_id), "title": sheet.title},
        )

    def write(self, patch: Patch, permit: Callable[[], None] = lambda: None) -> None:
        sheet = self._seen or self._load()
        try:
            self._carry_out(sheet, patch_requests(sheet, patch), patch.token, permit)
        except PlatformRejected:
            # A grid that shrank, a protection set, another write of ours: a new look finds out, but only once.
            if self._rejected:
                raise
            self._rejected = True
            raise TableMoved from None

    def landed(self, token: str) -> Landed:
        if self._marks is None:
            self._marks = self._load().marks
        return Landed.UNKNOWN if token in self._marks else Landed.NO

    def settle(self, token: str) -> None:
        """Nothing to forget: marks give way to younger ones."""

    def prepare(self, layout: Layout, permit: Callable[[], None] = lambda: None) -> list[str]:
        sheet = self._load()
        made = self._tab(self._api.get(MADE_FIELDS, self._title))
        if made is None:
            raise TableMoved
        setup = Setup(sheet, made, layout)
        if not setup.requests:
            return ["Es war schon alles eingerichtet."]
        self._carry_out(sheet, setup.requests, token_hex(8), permit)
        return [*setup.done, *setup.left]

    def check(self) -> list[Check]:
        account = self._api.account.address
        try:
            file = self._file()
            sheet = self._load()
        except TableError as error:
            return [Check(ok=False, text=error.message, hint=error.hint)]
        found = [Check(ok=True, text=f"Die Google-Tabelle ist lesbar, das Blatt „{sheet.title}“ ist da.")]
        if self._may_edit:
            found.append(Check(ok=True, text="Der Dienst darf in ihr schreiben."))
        else:
            found.append(Check(ok=False, text="Der Dienst darf sie nur lesen.", hint=share_hint(account)))
        if self._may_edit and "permissionIds" not in file and "permissions" not in file:
            found.append(
                Check(
                    ok=False,
                    text="Google sagt dem Dienst nicht, für wen die Tabelle freigegeben ist.",
                    hint="Unter „Freigeben“ in den Einstellungen den Bearbeitern erlauben, die Freigabe zu sehen.",
                )
            )
        found += [
            Check(
                ok=False,
                text=f"{protection.area.text} ist geschützt; der Dienst kann dort nichts eintragen.",
                hint=protection_hint(account),
            )
            for protection in sheet.protections
        ]
        return found

    def _file(self) -> Mapping[str, Any]:
        """The file as Drive knows it. Raises ``TableError`` for one that is no live Google spreadsheet."""
        try:
            file = self._api.file()
        except TableNotFound:
            # Drive does not tell a file that is gone from one that is not shared. Sheets does.
            self._api.get("spreadsheetId")
            raise
        if file.get("trashed"):
            raise TableNotFound("Die Google-Tabelle liegt im Papierkorb.", hint="Sie in Google Drive wiederherstellen.")
        if file.get("mimeType", _MIME_TYPE) != _MIME_TYPE:
            raise TableUnreadable(
                "Das ist keine Google-Tabelle, sondern eine Datei in Google Drive.",
                hint="In Google Sheets öffnen, „Datei › Als Google-Tabelle speichern“, dann deren Adresse angeben.",
            )
        self._may_edit = bool(file.get("capabilities", {}).get("canEdit", True))
        return file

    def _carry_out(self, sheet: Sheet, asked: list[Request], token: str, permit: Callable[[], None]) -> None:
        if not self._may_edit:
            raise TableReadOnly("Der Dienst darf diese Tabelle nur lesen.", hint=share_hint(self._api.account.address))
        self._seen = self._marks = None
        asked = [*asked, *sheet.marks.requests(token)]
        self._api.update(asked, lambda: {} if token in self._look() else None, permit)

    def _load(self) -> Sheet:
        """The tab as it is now; what is remembered of it for the next write."""
        answer, found = self._ask(FIELDS)
        self._seen = read_sheet(self._spreadsheet, answer, found)
        self._marks = self._seen.marks
        self._sheet_id, self._title = self._seen.sheet_id, self._seen.title
        return self._seen

    def _look(self) -> Marks:
        """The tab's marks, in one attempt."""
        answer = self._api.look(MARK_FIELDS)
        tab = self._tab(answer) or {}
        return Marks.of(self._spreadsheet, self._sheet_id or 0, tab.get("developerMetadata", ()))

    def _ask(self, fields: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Google's answer and the tab's entry in it."""
        if self._title:
            try:
                answer = self._api.get(fields, self._title)
            except PlatformRejected:  # no tab has this title any more
                answer = {}
            if (found := self._tab(answer)) is not None:
                return answer, found
        tab = self._tab(self._api.get(PROPERTIES))
        if tab is None:
            raise TableNotFound(
                f"Das Blatt „{self._title or self._sheet_id}“ gibt es in der Google-Tabelle nicht.",
                hint="Es wiederherstellen oder in der Programmdatei das richtige angeben; gelöscht wird hier nichts.",
            )
        self._title = tab["properties"].get("title", "")
        answer = self._api.get(fields, self._title)
        if (found := self._tab(answer)) is None:
            raise TableMoved  # renamed again, between two requests
        return answer, found

    def _tab(self, answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The tab in an answer: by its id, before that is known by its title."""
        for tab in answer.get("sheets", ()):
            properties = tab["properties"]
            if self._sheet_id is None:
                if properties.get("title") == self._worksheet:
                    return tab  # type: ignore[no-any-return]  # JSON
            elif properties.get("sheetId", 0) == self._sheet_id:
                return tab  # type: ignore[no-any-return]  # JSON
        return None


def _version(file: Mapping[str, Any]) -> str:
    """Drive's version, and whether the file is exposed: that sharing moves the number at once is nowhere promised."""
    return f"{file['version']}{'+anyone' if _is_exposed(file) else ''}"


def _is_exposed(file: Mapping[str, Any]) -> bool:
    """Whether anyone with the link can read the file."""
    kinds = {permission.get("type") for permission in file.get("permissions", ())}
    return "anyone" in kinds or not _ANYONE.isdisjoint(file.get("permissionIds", ()))
