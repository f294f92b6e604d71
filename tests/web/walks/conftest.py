"""The whole service as one process, a browser, and an office that has not connected anything yet."""

from __future__ import annotations

import base64
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from playwright.sync_api import Page as Tab

from syncsvc import settings, wiring
from syncsvc.services import users
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.store import tables
from tests.factories import KEY
from tests.fakes.sheets_server import SheetsServer
from tests.fleet import eventually
from tests.web.test_in_chromium import CHROMIUM, FLAGS

PATIENCE_MS = 20_000
"""A busy machine takes long to show a page."""

WORKSHEET = "Teilnehmerinnen"
TITLE = "Teilnehmerinnen MY TURN"
HEADER = ["TN-Nr.", "Name", "Ansprechperson JC", "Eintritt", "Notiz", "Hinweis"]
COLUMNS = """
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Name, field: participant_name, owner: project, required: true}
  - {header: Ansprechperson JC, field: contact_jc, owner: jobcentre}
  - {header: Eintritt, field: entry_date, owner: project}
  - {header: Notiz, field: custom.note, type: text, owner: both}
  - {header: Hinweis, field: service_note, owner: service}
"""
HOUSES = """
organisations:
  - {key: traeger, kind: provider, name: Beispielträger}
  - {key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}
contacts:
  - {key: c-mueller, organisation: jc-beispielstadt, family: Müller, given: Anna, role: integration,
     phone: 030 23125-101}
  - {key: c-schulz, organisation: jc-beispielstadt, family: Schulz, given: Peter, role: integration,
     phone: 030 23125-102}
"""
SIGN_IN = """
[login.oidc]
issuer = "http://localhost:%d"
client_id = "tabellenabgleich"
name = "Trägerkonto"
claim = "roles"
[[login.oidc.grants]]
value = "myturn-nah"
role = "project"
project = "nah"
"""

Row = list[str | None]


@dataclass
class Office:
    """A running ``syncsvc serve`` at ``url``; ``rt`` is this process's own view of its database.

    ``issuer_port``: where the OpenID provider is that the service asks, once somebody starts it.
    """

    folder: Path
    env: dict[str, str]
    port: int
    issuer_port: int
    rt: Runtime
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "syncsvc", "serve", "--port", str(self.port)],
                cwd=self.folder, env=self.env, stdout=log, stderr=log, text=True,
            )  # fmt: skip
        assert eventually(self._answers), (self.folder / "log").read_text()

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.rt.database.dispose()

    def add_project(self, key: str) -> None:
        """A project of the provider, named by its key."""
        self.apply(f"projects: [{{key: {key}, prefix: {key.upper()}, name: Projekt {key.upper()}}}]")

    def add_table(self, key: str, path: Path, *, edited_by: str = "project, jobcentre") -> None:
        """A project with a table of the same key that is connected already; come back when its first sync is done.

        It is synced when somebody asks for it and never by itself: after the next tick no answer can be taken back.
        """
        self.add_project(key)
        self.apply(f"key: m-{key}\ntitle: Liste {key.upper()}\nprivacy_level: 3\ncolumns:{COLUMNS}")
        self.apply(
            f"tables: [{{key: {key}, project: {key}, jobcentre: jc-beispielstadt, mapping: m-{key}, "
            f"edited_by: [{edited_by}], schedule: '0 6 1 1 *', quiet_hours: '00:00-23:59', "
            f"location: {{provider: workbook, path: {path}, worksheet: {WORKSHEET}}}}}]"
        )
        self.synced(key)

    def apply(self, text: str) -> None:
        file = self.folder / "datei.yaml"
        file.write_text(text, "utf-8")
        apply_files(self.rt, [file])

    def synced(self, key: str) -> None:
        """Wait until the service has synced the table and nothing is under way."""
        assert eventually(lambda: self._rests(key)), (self.folder / "log").read_text()

    def write_book(self, name: str, rows: list[Row]) -> Path:
        """A table as an office keeps it by hand: a title above the header, no reference anywhere."""
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = WORKSHEET
        sheet.append([TITLE])
        sheet.append(HEADER)
        for row in rows:
            sheet.append([None, *row, None])
        path = self.folder / "var" / "tabellen" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(path)
        return path

    def log_in(self, tab: Tab, name: str = "frau-berger") -> None:
        """Come in by a one-time link; whoever comes the first time confirms the confidentiality notice."""
        tab.goto(users.login_link(self.rt, name, base_url=self.url))
        tab.get_by_role("button", name="Anmelden").click()
        expect(tab.get_by_role("heading", name=re.compile("Vertraulichkeit|Übersicht"))).to_be_visible()
        if tab.url != self.url + "/":
            tab.get_by_role("button", name="Gelesen, ich halte mich daran").click()
        tab.wait_for_url(self.url + "/")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _rests(self, key: str) -> bool:
        with self.rt.database.read() as session:
            table = tables.get(session, key)
            return bool(table.last_agreed_at) and not table.requested_at and not table.lease_holder


def cells(path: Path, columns: int = len(HEADER)) -> list[list[object]]:
    """What the table's file holds below its header, row by row; a day as people read it."""
    sheet = load_workbook(path)[WORKSHEET]
    rows = [list(row) for row in sheet.iter_rows(min_row=3, max_col=columns, values_only=True)]
    return [[cell.strftime("%d.%m.%Y") if isinstance(cell, datetime) else cell for cell in row] for row in rows]


def edit(path: Path, change: Callable[[Worksheet], object]) -> None:
    """Somebody opens the file with an office program, changes something and saves."""
    book = load_workbook(path)
    change(book[WORKSHEET])
    draft = path.with_suffix(".neu")
    book.save(draft)
    draft.replace(path)
    time.sleep(0.02)  # saved at another time than before, also where clocks are coarse


def press(tab: Tab, name: str) -> None:
    """Press a button and wait for the page that comes then, also where it looks like the one before."""
    with tab.expect_navigation():
        tab.get_by_role("button", name=name).click()


def sync_now(tab: Tab, office: Office, key: str) -> None:
    """Ask for a sync on the table's page and wait there until it is done."""
    tab.goto(f"{office.url}/tabellen/{key}")
    press(tab, "Jetzt abgleichen")
    expect(tab.get_by_role("button", name="Jetzt abgleichen")).to_be_visible()  # the page follows by itself
    office.synced(key)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_office(folder: Path, **more: str) -> Office:
    """A service with a job centre and its people but no project and no table; ``more`` are settings as variables."""
    port, issuer_port = free_port(), free_port()
    (folder / "var").mkdir()
    (folder / "var" / "syncsvc.toml").write_text(SIGN_IN % issuer_port, "utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith("SYNCSVC_")} | {
        "SYNCSVC_DATA_DIR": str(folder / "var"),
        "SYNCSVC_WEB__URL": f"http://127.0.0.1:{port}",
        "SYNCSVC_ENCRYPTION_KEYS": base64.b64encode(KEY).decode(),
        "SYNCSVC_SECRET_KEY": "geheim " * 6,
        "SYNCSVC_LOGIN__OIDC__CLIENT_SECRET": "geheim",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        **more,
    }
    rt = wiring.build(settings.load(env=env))
    office = Office(folder, env, port, issuer_port, rt)
    office.apply(HOUSES)
    users.add_user(rt, "frau-berger")
    return office


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def google() -> Iterator[SheetsServer]:
    with SheetsServer() as server:
        yield server


@pytest.fixture(scope="session")
def robot(google: SheetsServer) -> str:
    """The address of the service's account at Google."""
    return google.account().email


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, google: SheetsServer, robot: str) -> Iterator[Office]:
    """One process for all walks: each has a project and a file of its own."""
    folder = tmp_path_factory.mktemp("office")
    key = google.tokens.accounts[robot].key_file(folder / "google.json")
    made = make_office(folder, SYNCSVC_GOOGLE__CREDENTIALS_FILE=str(key), SYNCSVC_GOOGLE__API_ROOT=google.url)
    made.start()
    yield made
    made.end()


@pytest.fixture
def scripts() -> bool:
    """Whether the browser runs scripts."""
    return True


@pytest.fixture
def context(chromium: Browser, *, scripts: bool) -> Iterator[BrowserContext]:
    """A browser of somebody who reads German. What the policy refuses and what fails in a script fails the test."""
    complaints: list[str] = []
    expect.set_options(timeout=PATIENCE_MS)
    with chromium.new_context(
        locale="de-DE", viewport={"width": 1280, "height": 900}, java_script_enabled=scripts
    ) as made:
        made.set_default_timeout(PATIENCE_MS)
        made.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        made.on("weberror", lambda error: complaints.append(str(error.error)))
        yield made
    assert not [text for text in complaints if "status of 40" not in text]  # pages that refuse are part of a walk


@pytest.fixture
def tab(context: BrowserContext) -> Tab:
    return context.new_page()
