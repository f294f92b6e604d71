"""A table's settings, and where it lies: changed in forms, by the rules of programme files and of connecting."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import Workbook

from syncsvc.core.access import Role
from syncsvc.services.programme import apply_files
from syncsvc.services.sync import sync_table
from syncsvc.store import projects, tables
from syncsvc.store.admission import AuditEntry, Draft
from tests.example import HEADER, Example
from tests.web.browser import Page
from tests.web.people import come_in

TABLE = "/tabellen/bsp-beispielstadt"


def write(path: Path, *rows: list[str | None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Liste"
    for row in (HEADER, *rows):
        sheet.append(row)
    book.save(path)


@pytest.fixture
def moved(example: Example, tmp_path: Path) -> Example:
    """The people copied the table into a file, and one of them went on typing there."""
    sync_table(example.runtime, "bsp-beispielstadt")
    rows = [list(row) for row in example.books["beispielstadt"].rows[1:]]
    rows[0][3] = "kommt donnerstags"
    write(tmp_path / "tabellen" / "bsp" / "Neu.xlsx", *rows)
    return example


def location(example: Example) -> dict[str, str]:
    with example.runtime.database.read() as session:
        return dict(tables.get(session, "bsp-beispielstadt").location)


def test_settings_are_changed_in_a_form_that_says_what_is_wrong(example: Example, browser: Page) -> None:
    browser.open(TABLE).follow("Einstellungen ändern")
    browser.press("Speichern", {"rhythm": "eigener", "cron": "jeden Morgen", "quiet_hours": "19:30-06:00"})
    assert browser.status == 422
    assert "Fünf Angaben wie bei cron erwartet" in browser.text
    assert 'value="jeden Morgen"' in browser.response.text, "what was typed is not lost"

    browser.press("Speichern", {"rhythm": "eigener", "cron": "0 7 * * mon-fri", "land": "BE", "edited_by": ["project"]})

    assert "Die Einstellungen sind gespeichert." in browser.text
    assert "Hier tippen Projekt Zeitplan 0 7 * * mon-fri, Ruhezeit 19:30-06:00, Feiertage BE" in browser.text
    with example.runtime.database.read() as session:
        table = tables.get(session, "bsp-beispielstadt")
        assert table.jobcentre_id is not None
    assert location(example) == {"provider": "memory", "name": "beispielstadt"}


def test_a_usual_schedule_is_chosen_and_shown_in_words(example: Example, browser: Page) -> None:
    """Nobody has to know the five fields; what once stood in them does not count beside a usual one."""
    browser.open(TABLE).follow("Einstellungen ändern")
    browser.press("Speichern", {"rhythm": "0 7,12,16 * * mon-fri", "cron": "*/20 7-17 * * mon-thu"})

    assert "Zeitplan werktags um 7, 12 und 16 Uhr, bundesweite Feiertage" in browser.text
    browser.follow("Einstellungen ändern")
    browser.press("Speichern", {"rhythm": "eigener", "cron": ""})
    assert "Bitte einen Zeitplan eintragen." in browser.text


def test_a_table_that_moved_goes_on_where_it_lies_now(moved: Example, browser: Page) -> None:
    """The preview of the new place comes first; the woman keeps her reference, and nobody is made twice."""
    browser.open(f"{TABLE}/einstellungen").follow("Die Tabelle ist umgezogen")
    browser.press("Nachsehen: Excel-Datei (.xlsx)", {"path": "bsp/Neu.xlsx"})
    assert location(moved)["provider"] == "memory", "nothing is changed by looking"

    browser.press("Hier liegt sie jetzt")

    assert ["BSP-0001-9 Zeile 2", "Notiz", "leer", "kommt donnerstags", "in der Tabelle geändert"] in browser.rows()
    assert browser.text.count("Neue Datensätze") == 0
    assert location(moved)["worksheet"] == "Liste"
    with moved.runtime.database.read() as session:
        assert session.scalars(sa.select(Draft.key)).all() == []
        noted = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "table.changed")).one()
    assert (noted.actor, noted.details) == ("frau-berger", {"settings": "location"})


def test_a_place_that_is_taken_or_not_offered_is_refused(moved: Example, browser: Page, tmp_path: Path) -> None:
    """Neither another table's file nor a path out of the folder."""
    other = {"provider": "workbook", "path": str(tmp_path / "tabellen" / "bsp" / "Neu.xlsx"), "worksheet": "Liste"}
    with moved.runtime.database.write() as session:
        tables.get(session, "bsp-musterkreis").location = moved.runtime.tables.locate(other, tmp_path)

    browser.open(f"{TABLE}/einstellungen/ort")
    browser.press("Nachsehen: Excel-Datei (.xlsx)", {"path": "bsp/Neu.xlsx"}).press("Hier liegt sie jetzt")
    assert (browser.status, "Das Blatt „Liste“ ist schon verbunden." in browser.text) == (422, True)

    browser.open(f"{TABLE}/einstellungen/ort")
    browser.press("Nachsehen: Excel-Datei (.xlsx)", {"path": "../../etc/geheim.xlsx"})
    assert browser.status == 422
    assert location(moved)["provider"] == "memory"


def test_a_project_reaches_neither_foreign_files_nor_foreign_tables(moved: Example, app: Flask, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("projects: [{key: weg, prefix: WEG, name: Wege}]", "utf-8")
    apply_files(moved.runtime, [tmp_path / "other.yaml"])
    write(tmp_path / "tabellen" / "weg" / "Geheim.xlsx")
    with moved.runtime.database.read() as session:
        assert projects.get(session, "weg").id
    mine, foreign = (come_in(moved, app, name, Role.PROJECT, project=key) for name, key in (("a", "bsp"), ("b", "weg")))

    mine.open(f"{TABLE}/einstellungen/ort")

    assert "bsp/Neu.xlsx" in mine.text
    assert "Geheim" not in mine.text
    assert mine.press("Nachsehen: Excel-Datei (.xlsx)", {"path": "weg/Geheim.xlsx"}).status == 422
    assert foreign.open(f"{TABLE}/einstellungen").status == 404
    assert foreign.open(f"{TABLE}/einstellungen/ort").status == 404
