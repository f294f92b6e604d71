"""The health page and the diagnostics file: what an operator sees, and that the file tells of nobody."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from syncsvc.core.access import Role
from syncsvc.errors import Actor, PlatformThrottled, TableUnreadable
from syncsvc.services import schedules
from syncsvc.services.backup import backup
from syncsvc.services.diagnostics import code_of
from syncsvc.services.runtime import Host
from syncsvc.services.sync import sync_table
from syncsvc.store import contacts, heartbeats, notices, tables
from tests.example import Example
from tests.factories import make_contact
from tests.jobs.engine import OneAccount, with_one_account
from tests.web.browser import Page
from tests.web.people import come_in

ONE, OTHER = "bsp-beispielstadt", "bsp-musterkreis"


def throttle() -> None:
    raise PlatformThrottled(retry_after=600)


def test_all_is_well_until_ticks_stop_and_backups_grow_old(example: Example, browser: Page, tmp_path: Path) -> None:
    with example.runtime.database.write() as session:
        heartbeats.beat(session, heartbeats.TICK, "maschine:1:1", example.clock.now())
    backup(example.runtime, tmp_path / "copies")
    assert "Alles läuft." in browser.open("/zustand").text
    assert "Der regelmäßige Abgleich läuft auf „maschine“, zuletzt vor 0 s." in browser.text
    assert "Die Datenbank wurde zuletzt heute gesichert." in browser.text

    example.clock.pass_by(days=8)
    browser.come_in(example.runtime).open("/zustand")

    assert "2 Sachen brauchen jemanden." in browser.text
    assert "Der regelmäßige Abgleich hat sich seit 11520 Minuten nicht gemeldet." in browser.text
    assert "Die Datenbank wurde zuletzt vor 8 Tagen gesichert. „syncsvc db backup“" in browser.text


def test_an_account_tells_what_it_asked_and_until_when_it_rests(example: Example, browser: Page) -> None:
    """Two tables of one account: the first is read and written, the second is throttled."""
    runtime = with_one_account(example).runtime
    browser.client.application.extensions["syncsvc"] = runtime
    outcome = sync_table(runtime, ONE)
    example.books["musterkreis"].before_read = throttle
    sync_table(runtime, OTHER)

    account, used, hour, day, state = browser.open("/zustand").rows()[0]

    assert (used, hour, day) == ("2", str(sum(outcome.requests.values())), hour)
    assert int(hour) > 0
    assert state == "ruht bis 02.03.2026, 09:10 Uhr nach 1 Drosselung"
    example.clock.pass_by(hours=2)
    assert browser.open("/zustand").rows()[0][1:] == ["2", "0", day, "keine"]
    assert account


def test_the_mail_server_is_asked_only_on_demand(example: Example, browser: Page) -> None:
    """It may let everybody wait for a minute."""
    assert "Mailserver eingestellt" not in browser.open("/zustand").text
    assert "Kein Mailserver eingestellt" in browser.follow("Auch den Mailserver prüfen").text


@pytest.mark.parametrize(
    ("role", "of"),
    [(Role.PROJECT, {"project": "bsp"}), (Role.AUDITOR, {}), (Role.JOBCENTRE, {"jobcentre": "jc-musterkreis"})],
)
def test_only_whoever_leads_the_programme_sees_it(example: Example, app: Flask, role: Role, of: dict[str, str]) -> None:
    page = come_in(example, app, "andere", role, **of)

    assert page.open("/zustand").status == 403
    assert page.open("/zustand/diagnose").status == 403


CANARIES = [
    *("Demir", "Leyla", "Roth", "Sabine", "kommt donnerstags", "Müller", "030 23125", "BSP-0001", "frau-berger"),
    *("Beispielprojekt", "beispielstadt", "Beispielstadt", "musterkreis", "Geheim", "standard", "Teilnehmerinnenliste"),
    *("Der Server zieht um", "robot@", "Eintritt", "maschine", "unguessable", "encryption.key", "TN-Nr."),
]
"""What stands in the service's database, settings and tables, and must not stand in the file."""


def test_the_file_tells_how_the_service_is_and_of_nobody(
    example: Example, browser: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Persons, references, names of tables, projects, files, accounts and machines, and values of settings are all in
    reach of whoever wrote it."""
    host = Host(tmp_path, ("SYNCSVC_SHAREPOINT__CLIENT_SECRET",))
    monkeypatch.setenv("SYNCSVC_SHAREPOINT__CLIENT_SECRET", "unguessable")
    account = OneAccount(example.runtime.tables, "google:robot@projekt.example")
    runtime = replace(example.runtime, tables=account, host=host)
    browser.client.application.extensions["syncsvc"] = runtime
    with runtime.database.write() as session:
        heartbeats.beat(session, heartbeats.TICK, "maschine:1:1", example.clock.now())
        contacts.upsert(session, make_contact())
        notices.add(
            session, audience=Actor.TABLE, code="x", text="Tabelle „bsp-beispielstadt“", now=example.clock.now()
        )
    book = example.books["beispielstadt"]
    sync_table(runtime, ONE, actor="frau-berger")
    book.set(2, 4, "kommt donnerstags")
    book.set(3, 3, "31.02.2026")
    sync_table(runtime, ONE, actor="frau-berger")

    def unreadable() -> None:
        raise TableUnreadable("Die Datei „Geheim Demir.xlsx“ lässt sich nicht lesen.")

    example.books["musterkreis"].before_read = unreadable
    sync_table(runtime, OTHER)
    schedules.pause(runtime, ONE, actor="frau-berger", reason="Der Server zieht um")
    with runtime.database.write() as session:
        tables.get(session, OTHER).location = {"provider": "Geheim", "name": "Geheim"}

    browser.open("/zustand")
    answer = browser.client.get("/zustand/diagnose")

    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert [canary for canary in CANARIES if canary in answer.text] == []
    found = json.loads(answer.text)
    assert [(one["table"], one["state"], one["enabled"]) for one in found["tables"]] == [
        (1, "ok", False),
        (2, "failed", True),
    ]
    assert found["tables"][1]["error"] == "other"
    assert found["questions"] == [
        {"table": 1, "kind": "unreadable", "code": found["questions"][0]["code"], "age": "day", "open": 1}
    ]
    assert [run["state"] for run in found["runs"]].count("ok") == 2
    assert found["runs"][-1]["receipt"]["lost"] == 0
    assert found["settings"]["variables"] == ["SYNCSVC_SHAREPOINT__CLIENT_SECRET"]
    assert found["accounts"][0]["account"] == 1


def test_an_error_is_told_by_its_name_only() -> None:
    """A message of its own, with a file's name in it, is ``other``."""
    assert code_of(f"{TableUnreadable().message} {TableUnreadable.hint}") == "TableUnreadable"
    assert code_of("Unerwarteter Fehler im Dienst (ValueError).") == "unexpected ValueError"
    assert code_of("Angehalten: 6 Zeilen fehlen.") == "held"
    assert code_of("Die Datei „Demir.xlsx“ fehlt.") == "other"
    assert code_of("") == ""


def test_a_disk_that_fills_up_is_said(
    example: Example, browser: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.client.application.extensions["syncsvc"] = replace(example.runtime, host=Host(tmp_path))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10 * 2**20}))

    browser.open("/zustand")

    assert "Auf der Platte des Datenordners sind 10 MB frei. Platz schaffen" in browser.text
