"""Requests about one spreadsheet: counted as Google's log counts them, tried again, refused in sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import requests
from google.auth.exceptions import GoogleAuthError
from gspread.urls import DRIVE_FILES_API_V3_URL

from syncsvc.errors import CredentialsRefused, PlatformBusy
from syncsvc.ports.tables import Requests
from syncsvc.providers.google.account import Account
from syncsvc.providers.google.errors import Expired, connection_trouble, refusal, token_trouble
from syncsvc.providers.http import Patience, Trouble

Json = dict[str, Any]
Kind = Literal["meta", "read", "write"]

_FILE_FIELDS = (
    "version,trashed,mimeType,permissionIds,permissions(type),capabilities(canEdit),lastModifyingUser(displayName,me)"
)


class Api:
    """Raises ``TableError`` for what Google refuses; ``PlatformRejected`` for what it does not understand or allow."""

    def __init__(self, account: Account, spreadsheet: str, counter: Requests, patience: Patience) -> None:
        self.account, self.spreadsheet = account, spreadsheet
        self._counter, self._patience, self._client = counter, patience, account.client

    def file(self) -> Json:
        """What Drive says about the file: one metadata request."""
        url = f"{DRIVE_FILES_API_V3_URL}/{self.spreadsheet}"
        params: dict[str, Any] = {"fields": _FILE_FIELDS, "supportsAllDrives": "true"}
        return self._patience.insist(
            lambda: self._try("meta", lambda: self._client.request("get", url, params=params).json())
        )

    def get(self, fields: str, title: str = "") -> Json:
        """The spreadsheet's ``fields``: one read. With ``title`` only of the tab that has it."""
        return self._patience.insist(lambda: self.look(fields, title))

    def look(self, fields: str, title: str = "") -> Json:
        """``get`` in one attempt. Raises ``Trouble`` where another one may help."""
        params: dict[str, Any] = {"fields": fields}
        if title:
            params["ranges"] = quoted(title)
        return self._try("read", lambda: self._client.spreadsheets_get(self.spreadsheet, params))

    def update(self, asked: list[Json], landed: Callable[[], Json | None], permit: Callable[[], None]) -> Json:
        """All of these requests or none: one write. ``landed`` is asked before an attempt is repeated whose outcome
        is open; it returns None when that did not land. ``permit`` is called right before every attempt.

        Raises ``WriteUncertain`` where it stays open.
        """
        body = {"requests": asked}

        def send() -> Any:
            permit()
            return self._client.batch_update(self.spreadsheet, body)

        return self._patience.insist(lambda: self._try("write", send), landed)

    def _try(self, kind: Kind, call: Callable[[], Any]) -> Json:
        """One attempt; a token that Google does not take any more is renewed once."""
        try:
            return self._count(kind, call)
        except Expired:
            self.account.renew()
        try:
            return self._count(kind, call)
        except Expired:
            raise CredentialsRefused("Google nimmt die Anmeldung des Dienstes nicht an.") from None

    def _count(self, kind: Kind, call: Callable[[], Any]) -> Json:
        found: Exception = Trouble(PlatformBusy("Google hat unvollständig geantwortet."), uncertain=True)
        answer = None
        try:
            answer = call()
        except requests.HTTPError as error:
            found = refusal(error.response, self.account.address)
        except requests.JSONDecodeError:  # a page of a gateway, or half an answer
            pass
        except requests.RequestException as error:
            found = connection_trouble(error)
        except GoogleAuthError as error:  # without a token nothing was asked, so nothing counts
            self.account.renew()
            raise token_trouble(error, self.account.address) from None
        setattr(self._counter, kind, getattr(self._counter, kind) + 1)
        if isinstance(answer, dict):
            return answer
        raise found from None


def quoted(title: str) -> str:
    """A tab's title as a range: the whole tab, whatever the title looks like."""
    return "'" + title.replace("'", "''") + "'"
