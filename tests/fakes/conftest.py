"""The servers, and clients as they come, talking to them."""

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

from tests.fakes.google.drive import File
from tests.fakes.google.people import Person
from tests.fakes.google.tokens import Account
from tests.fakes.graph.client import Excel
from tests.fakes.graph_server import GraphServer
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


class Api:
    """Plain requests to one spreadsheet, as the documentation writes them."""

    def __init__(self, session: requests.Session, url: str, file: File) -> None:
        self.session = session
        self.url = url
        self.file = file

    def call(self, verb: str, path: str, *, json: Any = None, **query: Any) -> requests.Response:
        """A request below the spreadsheet (``/values/A1``, ``:batchUpdate``)."""
        address = f"{self.url}/v4/spreadsheets/{self.file.document.id}{path}"
        return self.session.request(verb, address, params=query, json=json, timeout=5)

    def get(self, path: str = "", **query: Any) -> Any:
        """The answer to a request that must go well."""
        response = self.call("GET", path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    def batch(self, *requests_: Any) -> Any:
        response = self.call("POST", ":batchUpdate", json={"requests": requests_})
        assert response.status_code == 200, response.text
        return response.json()["replies"]

    def values(self, area: str, **query: Any) -> Any:
        """The values of an area as the API answers them, blanks cut."""
        return self.get(f"/values/{area}", **query).get("values", [])

    def refused(self, *requests_: Any) -> str:
        """The message with which a batch is refused as invalid."""
        response = self.call("POST", ":batchUpdate", json={"requests": requests_})
        assert response.status_code == 400, response.text
        assert response.json()["error"]["status"] == "INVALID_ARGUMENT"
        return str(response.json()["error"]["message"])

    def drive(self, path: str = "", **query: Any) -> Any:
        """Drive's answer about the file."""
        response = self.session.get(f"{self.url}/drive/v3/files/{self.file.document.id}{path}", params=query, timeout=5)
        assert response.status_code == 200, response.text
        return response.json()


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
    path = account.key_file(tmp_path / "key.json")
    credentials = Regionless.from_service_account_file(path, scopes=SCOPES)  # type: ignore[no-untyped-call]  # google-auth's types are partial
    with AuthorizedSession(credentials) as opened:  # type: ignore[no-untyped-call]  # as above
        opened.mount("https://", Redirected(server.url))
        yield opened
        opened._auth_request.session.close()


@pytest.fixture
def client(session: AuthorizedSession) -> gspread.Client:
    return gspread.Client(session.credentials, session=session)


@pytest.fixture
def file(server: SheetsServer, account: Account) -> File:
    """An empty German spreadsheet, shared with the account."""
    return server.spreadsheet(share=account)


@pytest.fixture
def api(server: SheetsServer, account: Account, file: File) -> Iterator[Api]:
    """With a token at hand: signing for one costs more than most tests."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.tokens.issue(account, SCOPES)}"
        yield Api(session, server.url, file)


@pytest.fixture
def signing_api(server: SheetsServer, session: AuthorizedSession, file: File) -> Api:
    """With google-auth's session, which signs for its tokens and renews them."""
    return Api(session, server.url, file)


@pytest.fixture
def anna(server: SheetsServer, file: File) -> Person:
    """Somebody at the project with the spreadsheet open."""
    return server.person("anna.muster@projekt.example", file)


@pytest.fixture
def graph() -> Iterator[GraphServer]:
    with GraphServer() as running:
        yield running


@pytest.fixture
def excel(graph: GraphServer) -> Iterator[Excel]:
    """An empty workbook on SharePoint, and a client that may write into it."""
    client = Excel(graph, graph.application(), graph.workbook())
    with client.session:
        yield client
