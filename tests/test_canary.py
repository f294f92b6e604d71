"""Promise 10, tried on everything at once: no log line, address, mail, error page or figure ever holds a person's data.

All rows are full of birds that exist nowhere else. Whatever happens, wherever it breaks, no bird may sing outside:
not in what processes say on stderr, not in metrics, mails, links, redirects and error pages, not in any clear column
of the database. The pages behind the login that show values on purpose are exempt.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import LargeBinary, event, select

from syncsvc import logs
from syncsvc.jobs import tasks
from syncsvc.services import notices, questions, records, runs, users
from syncsvc.services.sync import preview_table, sync_table
from syncsvc.store.database import Database
from syncsvc.store.models import Model
from syncsvc.web import create_app
from tests.cli.conftest import Shell
from tests.example import Example, make_example
from tests.factories import make_vault
from tests.notifiers.mailserver import MailServer, mail_server, notifier_for
from tests.web.browser import Page

NAME, NOTE, DAY, NUMBER = "Zitronengirlitz, Wiedehopfia", "Zaunkönigin pfeift 4711", "Kuckuckstag", "815D004711"
BIRDS = ("zitronengirlitz", "wiedehopf", "zaunkönig", "kuckuck", "815d004711", "23125-4711")
TABLE = "bsp-beispielstadt"
TOKEN, PASSWORD = "metrics-token-nightingale", "mail-password-nightingale"
SECRETS = ("nightingale",)


def assert_silent(text: str, where: str) -> None:
    """No bird and no secret sings in ``text``."""
    low = text.lower()
    for bird in (*BIRDS, *SECRETS):
        place = low.find(bird)
        assert place < 0, f"{where}: …{text[max(0, place - 80) : place + 40]}…"


class Leak(RuntimeError):
    """An error nobody foresaw, whose text quotes a whole row."""

    def __init__(self, *_: object) -> None:
        super().__init__(f"{NAME} {NOTE} {DAY} {NUMBER}")


class Locked(sqlite3.OperationalError):
    """An error of the database's driver that quotes a whole row."""

    def __init__(self) -> None:
        super().__init__(f"{NAME} {NOTE} {DAY} {NUMBER}")


@dataclass
class Aviary:
    """A service full of birds, and everything it says. ``pages`` are answers that nobody may find a bird in."""

    example: Example
    app: Flask
    server: MailServer
    terminal: pytest.CaptureFixture[str]
    heard: str = ""
    pages: list[tuple[str, str]] = field(default_factory=list)

    @property
    def rt(self) -> Any:
        return self.example.runtime

    @property
    def said(self) -> str:
        """Everything on stderr and stdout so far."""
        self.heard += "".join(self.terminal.readouterr())
        return self.heard

    def type(self, row: int, note: str) -> None:
        """Somebody types into the column for notes."""
        self.example.books["beispielstadt"].set(row, 4, note)

    def fails_at(self, number: int, error: Callable[[], Exception]) -> Any:
        """The database fails at its n-th statement from now on, once."""
        return _failing(self.rt.database, number, error)

    def go_on(self) -> None:
        """The next look at the table is due."""
        self.example.clock.pass_by(days=2)
        tasks.sync(self.rt, TABLE)

    def login(self) -> Page:
        page = Page(self.app.test_client())
        page.open(users.login_link(self.rt, "frau-berger", base_url=""))
        return page.press("Anmelden")

    def check(self) -> None:
        """Nothing sings, anywhere outside."""
        assert_silent(self.said, "log")
        for where, text in self.pages:
            assert_silent(text, where)
        for mail in self.server.mails:
            assert_silent(mail.as_string() + mail.get_content(), "mail")
        client = self.app.test_client()
        for token in ("", TOKEN):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            assert_silent(client.get("/metrics", headers=headers).text, "metrics")
        assert_silent(client.get("/health/ready").text, "health")
        for where, text in clear_columns(self.rt.database):
            assert_silent(text, where)


def clear_columns(database: Database) -> Iterator[tuple[str, str]]:
    """Everything the database keeps unsealed, but for the description of organisations and mappings."""
    with database.read() as session:
        for table in Model.metadata.sorted_tables:
            columns = [column for column in table.columns if not isinstance(column.type, LargeBinary)]
            for row in session.execute(select(*columns)):
                yield table.name, repr(tuple(row))


@contextmanager
def _failing(database: Database, number: int, error: Callable[[], Exception]) -> Iterator[list[str]]:
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)
        if len(seen) - 1 == number:
            raise error()

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", count)


@pytest.fixture
def aviary(sqlite_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Aviary]:
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    logs.configure("json", level=1)
    with mail_server() as server:
        example = make_example(database, tmp_path)
        example.runtime = replace(example.runtime, notifier=notifier_for(server, password=PASSWORD))
        users.add_user(example.runtime, "frau-berger")
        book = example.books["beispielstadt"]
        for row, (name, day) in enumerate([(NAME, "01.09.2024"), (f"{NAME}-Zwei", DAY)], start=2):
            book.set(row, 2, name)
            book.set(row, 3, day)
            book.set(row, 4, NOTE)
        sync_table(example.runtime, TABLE)
        app = create_app(example.runtime, secret_key="session-key-nightingale", metrics_token=TOKEN)
        yield Aviary(example, app, server, capsys)
    logs.configure()
    database.dispose()


def answers(client: FlaskClient) -> list[str]:
    """Addresses of every page of the example."""
    return [
        "/",
        "/klaerungen",
        f"/tabellen/{TABLE}",
        f"/tabellen/{TABLE}/vorschau",
        "/abgleiche/1",
        "/abgleiche/1/ruecknahme",
    ]


def test_the_birds_are_inside(aviary: Aviary) -> None:
    """The search means something only if the service really works with them."""
    page = aviary.login()

    assert NOTE in page.open(f"/tabellen/{TABLE}/vorschau").text or NOTE in page.open("/abgleiche/1").text
    assert DAY in page.open("/klaerungen").text
    assert records.list_records(aviary.rt)
    aviary.check()


@pytest.mark.parametrize("hook", ["before_read", "before_write", "during", "after_write"])
@pytest.mark.parametrize("error", [Leak, lambda *_: OSError(5, NAME, NOTE)])
def test_a_table_that_breaks_while_it_is_read_or_written(
    aviary: Aviary, hook: str, error: Callable[[], Exception]
) -> None:
    book = aviary.example.books["beispielstadt"]
    page = aviary.login()
    ref = str(book.get(2, 1))
    for attempt in range(2):
        records.set_values(aviary.rt, ref, {"custom.note": f"{NOTE} {attempt}"}, actor="test")

        def breaks(*_: object) -> None:
            raise error()

        setattr(book, hook, breaks)
        aviary.go_on()
        for address in (f"/tabellen/{TABLE}/vorschau", f"/tabellen/{TABLE}"):
            answer = page.client.get(address)
            if answer.status_code >= 400:
                aviary.pages.append((address, answer.text))
        setattr(book, hook, lambda *_: None)
    notices.deliver(aviary.rt)

    assert '"error": "' in aviary.said
    assert aviary.server.mails, "the operator is told"
    aviary.check()


@pytest.mark.parametrize("error", [Leak, Locked])
def test_a_database_that_breaks_at_any_statement_of_a_sync(aviary: Aviary, error: Callable[[], Exception]) -> None:
    ref = str(aviary.example.books["beispielstadt"].get(2, 1))
    number, reached = 0, True
    while reached:
        aviary.example.clock.pass_by(days=2)
        aviary.type(3, f"{NOTE} {number}")
        records.set_values(aviary.rt, ref, {"entry_date": f"{1 + number % 28:02}.09.2024"}, actor="test")
        with aviary.fails_at(number, error) as seen:
            tasks.sync(aviary.rt, TABLE)
        reached = len(seen) > number
        number += 7
    aviary.go_on()
    notices.deliver(aviary.rt)

    assert number > 50, "a sync has many statements"
    assert '"event": "sync failed"' in aviary.said
    aviary.check()


@pytest.mark.parametrize("error", [Leak, pytest.param(Locked, marks=pytest.mark.soak)])
def test_error_pages(aviary: Aviary, error: Callable[[], Exception]) -> None:
    """Every page, its database failing at every statement; and what people may press, with nonsense in it."""
    aviary.app.config["WTF_CSRF_ENABLED"] = False
    client = aviary.login().client
    for address in answers(client):
        number = 0
        while True:
            with aviary.fails_at(number, error) as seen:
                answer = client.get(address)
            if len(seen) <= number:
                break
            assert answer.status_code >= 500, (address, number)
            aviary.pages.append((address, answer.text))
            number += 7
    (question,) = [found for found in questions.list_questions(aviary.rt) if found.kind == "unreadable"]
    # Refused beside the question itself, which she may see; what she sent is not repeated there.
    assert NOTE not in client.post(f"/klaerungen/{question.id}", data={"choice": NOTE}).text
    for address, form in (
        (f"/tabellen/{TABLE}/abgleichen", {"plan": NOTE}),
        (f"/tabellen/{TABLE}/freigeben", {"shown": NOTE}),
        ("/mitteilungen/gelesen", {"ids": NOTE}),
        ("/anmelden/nonsense", {}),
    ):
        answer = client.post(address, data=form)
        aviary.pages.append((address, answer.text if answer.status_code >= 400 else answer.location or ""))

    aviary.check()


def test_links_and_redirects(aviary: Aviary) -> None:
    """Addresses end up in browsers' histories and proxies' logs."""
    page = aviary.login()
    for address in answers(page.client):
        page.open(address)
        for element in page.tree.iter():
            for name in ("href", "src", "action", "hx-get", "hx-post"):
                if element.get(name):
                    aviary.pages.append((f"{address} {name}", element.get(name)))
    with suppress(AssertionError):
        page.open("/klaerungen").press("Übernehmen")
    aviary.check()


def test_questions_undo_and_previews_that_break(aviary: Aviary) -> None:
    (question,) = [found for found in questions.list_questions(aviary.rt) if found.kind == "unreadable"]
    run = runs.list_runs(aviary.rt, table=TABLE)[0]
    for work in (
        lambda: questions.answer_question(aviary.rt, question.id, NOTE, actor="test"),
        lambda: preview_table(aviary.rt, TABLE),
        lambda: runs.undo_run(aviary.rt, run.id, actor="test"),
    ):
        for number in range(0, 40, 8):
            with aviary.fails_at(number, Leak), suppress(Exception):
                work()
    aviary.go_on()
    aviary.check()


# -- as processes ------------------------------------------------------------------------------------------------


PROGRAMME = """
organisations: [{key: jc-beispielstadt, kind: jobcentre, name: Jobcenter Beispielstadt}]
projects: [{key: bsp, prefix: BSP, name: Beispielprojekt}]
contacts:
  - {organisation: jc-beispielstadt, family: Zitronengirlitz, given: Anna, role: integration, phone: 030 23125-4711,
     email: zaunkönigin@jobcenter-beispielstadt.example}
tables:
  - {key: bsp-beispielstadt, project: bsp, jobcentre: jc-beispielstadt, mapping: standard,
     location: {provider: workbook, path: Liste.xlsx, worksheet: Tabelle1}}
"""
MAPPING = """
key: standard
title: Teilnehmerinnenliste
privacy_level: 3
columns:
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Name, field: participant_name, owner: project, required: true}
  - {header: Kundennummer, field: customer_no, owner: both}
  - {header: Ansprechperson JC, field: contact_jc, owner: jobcentre}
  - {header: Eintritt, field: entry_date, owner: project}
  - {header: Notiz, field: custom.note, type: text, owner: both}
  - {header: Hinweis, field: service_note, owner: service}
"""
QUIET = [
    ("coaching", "check"),
    ("coaching", "list"),
    ("coaching", "decide", "1", "discussed"),
    ("apply", "zuordnung.yaml", "programm.yaml"),
    ("sync",),
    ("tables", "list"),
    ("tables", "check", TABLE),
    ("runs", "list", "--json"),
    ("doctor",),
]
"""Commands whose answer is about tables, not about people."""

TALKING = [
    ("sync", "--preview"),
    ("records", "list"),
    ("questions", "list"),
    ("records", "import", "liste.csv", "--project", "bsp"),
    ("records", "import", "zuordnung.yaml", "--project", "bsp"),
    ("questions", "answer", "1", NOTE),
    ("runs", "show", "1"),
    ("runs", "undo", "1"),
]
"""Commands that show values on their standard output, as they were asked to: only stderr must be silent."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a programme, a table and a list to import, all full of birds."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Tabelle1"
    sheet.append(["TN-Nr.", "Name", "Kundennummer", "Ansprechperson JC", "Eintritt", "Notiz", "Hinweis"])
    sheet.append([None, NAME, NUMBER, "Zitronengirlitz, Anna", "01.09.2024", NOTE, None])
    sheet.append([None, f"{NAME}-Zwei", NUMBER, "Wiedehopf", DAY, NOTE, None])
    book.save(tmp_path / "Liste.xlsx")
    (tmp_path / "programm.yaml").write_text(PROGRAMME, "utf-8")
    (tmp_path / "zuordnung.yaml").write_text(MAPPING, "utf-8")
    (tmp_path / "liste.csv").write_text(
        f"TN-Nr.;entry_date;custom.note\n{NAME};{DAY};{NOTE}\nBSP-0101-X;{DAY};{NOTE}\n"
    )
    return tmp_path


def environment(folder: Path, address: str) -> dict[str, str]:
    return {
        **os.environ,
        "SYNCSVC_DATA_DIR": str(folder),
        "SYNCSVC_WEB__URL": address,
        "SYNCSVC_SECRET_KEY": "session-key-nightingale-which-is-long-enough",
        "SYNCSVC_METRICS__TOKEN": TOKEN,
        "SYNCSVC_MAIL__PASSWORD": PASSWORD,
    }


def test_commands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    env = environment(folder, "http://127.0.0.1:9")
    shell = Shell(folder)
    for round_ in range(2):
        for words in QUIET:
            result = shell(*words, env=env)
            assert_silent(result.output, f"{words} in round {round_}")
        for words in TALKING:
            assert_silent(shell(*words, env=env).stderr, f"{words} in round {round_}")
        for file in folder.glob("syncsvc.db*"):
            assert_silent(file.read_bytes().decode("utf-8", "ignore"), file.name)
        if round_ == 0:
            (folder / "Liste.xlsx").write_text(f"{NAME} {NOTE}", "utf-8")  # no workbook any more


def wait_for(look: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_serving_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first sync over a broken workbook to SIGTERM: what it said on stderr, its addresses, its figures."""
    monkeypatch.chdir(folder)
    port = 30_000 + os.getpid() % 10_000
    address = f"http://127.0.0.1:{port}"
    env = environment(folder, address)
    shell = Shell(folder)
    assert shell("apply", "zuordnung.yaml", "programm.yaml", env=env).exit_code == 0
    link = shell("users", "add", "frau-berger", env=env).stdout.split()[-1]
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "syncsvc", "serve", "--port", str(port)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        process.stdout.readline()

        def figures() -> str:
            with suppress(requests.ConnectionError):
                return requests.get(f"{address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=9).text
            return ""

        wait_for(lambda: 'state="ok",table="bsp-beispielstadt"' in figures())
        browser = requests.Session()

        def press(page: str, action: str) -> None:
            form = html.fromstring(browser.get(page, timeout=9).text)
            data = {"csrf_token": form.xpath("//input[@name='csrf_token']/@value")[0]}
            answer = browser.post(action, data=data, timeout=9)
            assert answer.ok
            for step in (*answer.history, answer):
                assert_silent(step.url.replace(link, "") + str(step.headers), action)

        press(link, link)
        (folder / "Liste.xlsx").write_text(f"{NAME} {NOTE}", "utf-8")
        press(f"{address}/tabellen/{TABLE}", f"{address}/tabellen/{TABLE}/anfordern")
        wait_for(lambda: 'state="failed",table="bsp-beispielstadt"' in figures())
        for page in (f"/tabellen/{TABLE}", f"/tabellen/{TABLE}/vorschau", "/abgleiche/99", "/klaerungen/99", "/x"):
            assert_silent(browser.get(f"{address}{page}", timeout=9).url, page)
        assert_silent(figures(), "metrics")
        assert_silent(browser.get(f"{address}/health/ready", timeout=9).text, "health")
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)

    assert_silent(out + err, "what the process said")
    assert re.search(r'"event": "run".*"table": "bsp-beispielstadt"', err), "one line per run"
    assert link.rpartition("/")[2] not in err
