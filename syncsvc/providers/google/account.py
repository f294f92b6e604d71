"""The service's own Google account: its key, its token, and one session for all threads of this process."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import google.auth
import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, TransportError
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from gspread.http_client import HTTPClient
from requests.auth import AuthBase

from syncsvc.providers.google.errors import credentials_missing
from syncsvc.providers.http import TIMEOUT, Session

SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive.metadata.readonly")
"""Cells of the tables shared with the account, and what Drive says about their files, not their contents."""

_HOSTS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
"""The hosts of gspread's addresses, which are constants there."""


class Account:
    """A service account by its key file, or without one whatever the machine's own sign-in is (ADC).

    Nothing is asked of Google before the first request. A key that is refused is read again at the next one, so that
    a replaced file needs no restart.
    """

    def __init__(self, file: Path | None, api_root: str) -> None:
        self._file = file
        self._credentials: Credentials | None = None
        self._lock = Lock()
        self._tokens = Session()
        self.client = HTTPClient(None, _Session(self, api_root))  # type: ignore[arg-type]  # its way to take a session
        self.client.set_timeout(TIMEOUT)

    @property
    def address(self) -> str:
        """The e-mail address tables have to be shared with; empty where it is not known yet."""
        if self._file is None:
            return str(getattr(self._credentials, "service_account_email", None) or "")
        try:
            address = json.loads(self._file.read_bytes()).get("client_email")
        except (OSError, ValueError, AttributeError):
            return ""
        return address if isinstance(address, str) else ""

    @property
    def name(self) -> str:
        """What tables of one account have in common: a robot's address, no person's."""
        return f"google:{self.address or 'default'}"

    def sign(self, headers: Any) -> None:
        """Put a valid token into a request's headers; made or renewed as needed.

        Raises ``CredentialsRefused`` without a usable key, else google-auth's errors.
        """
        with self._lock:
            if self._credentials is None:
                self._credentials = self._load()
            # Not credentials.before_request: that also asks iamcredentials.googleapis.com in the background, which
            # would be a second, unknown host to let through.
            if not self._credentials.valid:
                try:
                    self._credentials.refresh(partial(Request(self._tokens), timeout=TIMEOUT))  # type: ignore[no-untyped-call]  # google-auth
                except (AttributeError, TypeError, ValueError) as error:  # a page instead of a token
                    raise TransportError(error) from None  # type: ignore[no-untyped-call]  # google-auth
            self._credentials.apply(headers)  # type: ignore[no-untyped-call]  # google-auth

    def renew(self) -> None:
        """Forget token and key: Google refused them."""
        with self._lock:
            self._credentials = None

    def _load(self) -> Credentials:
        if self._file is None:
            try:
                return google.auth.default(scopes=SCOPES)[0]
            except DefaultCredentialsError:
                raise credentials_missing("Für Google ist kein Konto eingerichtet.") from None
        try:
            info = json.loads(self._file.read_bytes())
            return service_account.Credentials.from_service_account_info(info, scopes=SCOPES)  # type: ignore[no-untyped-call,no-any-return]  # google-auth
        except OSError:
            raise credentials_missing(f"Die Schlüsseldatei {self._file} ist nicht lesbar.") from None
        except (ValueError, AttributeError, KeyError, TypeError):
            raise credentials_missing(f"Die Datei {self._file} ist kein Schlüssel eines Dienstkontos.") from None


class _Signed(AuthBase):
    def __init__(self, account: Account) -> None:
        self._account = account

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self._account.sign(request.headers)
        return request


class _Session(Session):
    """The session of all requests; ``api_root``, where given, stands in for both hosts of gspread's addresses.

    A refusal is raised here as ``requests.HTTPError``: gspread's own error stumbles over one that is not Google's.
    """

    def __init__(self, account: Account, api_root: str) -> None:
        super().__init__()
        self.auth = _Signed(account)
        self._root = api_root.rstrip("/")

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        host = next((host for host in _HOSTS if self._root and str(url).startswith(f"{host}/")), "")
        address = self._root + str(url).removeprefix(host) if host else url
        response = super().request(method, address, *args, **kwargs)
        if not response.ok:
            raise requests.HTTPError(response=response)
        return response
