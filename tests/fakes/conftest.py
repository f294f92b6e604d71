"""The server, and gspread as it comes, talking to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gspread
import pytest
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.service_account import Credentials
from requests.adapters import HTTPAdapter

from tests.fakes.google.tokens import Account
from tests.fakes.sheets_server import SheetsServer

SCOPES = ["https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive.readonly"]


class Redirected(HTTPAdapter):
    """Sends what is meant for Google to the fake: gspread's addresses are constants."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url is not None
        _, _, path = request.url.removeprefix("https://").partition("/")
        request.url = f"{self._url}/{path}"
        return super().send(request, *args, **kwargs)


class Regionless(Credentials):
    """Does not ask in the background where the account may be used: there is no such server here."""

    def _maybe_start_regional_access_boundary_refresh(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture
def account(server: SheetsServer) -> Account:
    return server.account()


@pytest.fixture
def session(server: SheetsServer, account: Account, tmp_path: Path) -> Iterator[AuthorizedSession]:
    """A session with the account's token, whose calls to Google end at the fake."""
    credentials = Regionless.from_service_account_file(account.key_file(tmp_path / "key.json"), scopes=SCOPES)
    with AuthorizedSession(credentials) as opened:
        opened.mount("https://", Redirected(server.url))
        yield opened
        opened._auth_request.session.close()


@pytest.fixture
def client(session: AuthorizedSession) -> gspread.Client:
    return gspread.Client(session.credentials, session=session)
