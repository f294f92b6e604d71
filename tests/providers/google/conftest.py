"""A local Google for this folder's tests, and the service's own account there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncsvc.providers.google.account import Account
from syncsvc.providers.google.table import GoogleTable
from syncsvc.providers.http import Patience
from tests.fakes.google.drive import File
from tests.fakes.google.people import Value
from tests.fakes.sheets_server import SheetsServer

TAB = "Teilnehmerinnen"
ANNA = "anna.probe@projekt.example"


@dataclass
class Google:
    """The server, and how the service sees it. Waiting lets the server's clock run instead of the real one."""

    server: SheetsServer
    account: Account
    address: str
    key_file: Path

    def file(self, *rows: list[Value], **how: object) -> File:
        """A spreadsheet that is shared with the service; its one tab has these rows."""
        account = self.server.tokens.accounts[self.address]
        return self.server.spreadsheet(rows, tab=TAB, share=account, **how)  # type: ignore[arg-type]  # handed on

    def table(self, file: File, *, worksheet: str = TAB, sheet_id: str = "", title: str = "") -> GoogleTable:
        """A table as a run opens it, with the patience of a run."""
        patience = Patience(sleep=self.server.clock.advance)
        return GoogleTable(
            self.account, file.document.id, worksheet=worksheet, sheet_id=sheet_id, title=title, patience=patience
        )


@pytest.fixture(name="google")
def _google(tmp_path: Path) -> Iterator[Google]:
    with SheetsServer() as server:
        yield make_google(server, tmp_path)


def make_google(server: SheetsServer, folder: Path) -> Google:
    robot = server.account()
    key_file = robot.key_file(folder / "google.json")
    return Google(server, Account(key_file, server.url), robot.email, key_file)
