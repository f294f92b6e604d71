"""The mappings' pages: which there are, changing one, what it would do, and who may."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask import Flask

from syncsvc.core.access import Role
from syncsvc.services import mappings
from syncsvc.services.mappings import current_revision, export_mapping
from syncsvc.services.programme import apply_files
from syncsvc.services.sync import sync_table
from syncsvc.store import audit, tables
from tests.example import Example
from tests.factories import make_project
from tests.web.browser import Page
from tests.web.people import come_in

OTHER = """
projects: [{key: nord, prefix: NRD, name: Nordprojekt}]
tables:
  - {key: nord-liste, project: nord, mapping: standard, location: {provider: memory, name: nord}}
"""


@pytest.fixture
def synced(example: Example) -> Example:
    for key in ("bsp-beispielstadt", "bsp-musterkreis"):
        assert sync_table(example.runtime, key).state == "ok"
    return example


def edited(browser: Page) -> Page:
    browser.open("/zuordnungen/standard")
    return browser.press("Bearbeiten")


def number(example: Example) -> int:
    return current_revision(example.runtime, "standard").number


def test_the_list_says_which_tables_use_each(browser: Page) -> None:
    browser.open("/zuordnungen")

    assert browser.rows() == [["Teilnehmerinnenliste standard", "1", "Jobcenter Beispielstadt, Jobcenter Musterkreis"]]


def test_a_change_is_tried_on_real_rows_before_anything_is_stored(browser: Page, synced: Example) -> None:
    """The rows of the first table, each cell as the new type would read it, and the places to look at."""
    edited(browser)
    assert "2 von 2 Zeilen können abgeglichen werden." in browser.text

    browser.press("Vorschau aktualisieren", {"c3-type": "date"})
    assert "2 von 2 Zeilen" in browser.text
    browser.press("Vorschau aktualisieren", {"c2-type": "number"})

    assert "0 von 2 Zeilen können abgeglichen werden." in browser.text
    assert "2 Stellen prüfen" in browser.text
    assert "Zeile 2, Eintritt" in browser.text
    assert number(synced) == 1


def test_a_mistake_is_said_beside_its_input_and_nothing_typed_is_lost(browser: Page, synced: Example) -> None:
    edited(browser).press("Weiter: Wirkung ansehen", {"c2-header": "Notiz", "title": "Neue Liste"})

    assert browser.status == 422
    assert "Diese Überschrift steht schon bei einer anderen Spalte." in browser.text
    assert browser.tree.get_element_by_id("title").get("value") == "Neue Liste"


def test_a_new_column_can_be_typed_step_by_step(browser: Page, synced: Example) -> None:
    """Its header stays where it is typed, and there is always room for another one."""
    edited(browser).press("Vorschau aktualisieren", {"c5-header": "Kurs"})

    shown = browser.tree.get_element_by_id("c5-header")
    assert (shown.get("type", "text"), shown.get("value")) == ("text", "Kurs")
    assert browser.tree.get_element_by_id("c6-header").get("value") == ""
    browser.press("Vorschau aktualisieren", {"c5-field": "language_course"})
    assert browser.tree.get_element_by_id("c5-header").get("value") == "Kurs"


def test_a_change_is_weighed_against_every_table_and_released(browser: Page, synced: Example) -> None:
    """Both tables at once; the next runs use it without another question."""
    for book in synced.books.values():
        book.set(1, 6, "Kurs")
        book.set(2, 6, "B1")
        sync_table(synced.runtime, "bsp-beispielstadt")
        sync_table(synced.runtime, "bsp-musterkreis")
    edited(browser).press(
        "Weiter: Wirkung ansehen",
        {"c5-header": "Kurs", "c5-field": "custom", "c5-name": "kurs", "c5-type": "text", "c5-owner": "both"},
    )
    assert "Spalte „Kurs“ kommt dazu" in browser.text
    assert browser.rows() == [
        ["Jobcenter Beispielstadt bsp-beispielstadt",
         "1 Datensatz geändert Alle Stellen ansehen bsp-beispielstadt", "freigeben bsp-beispielstadt"],
        ["Jobcenter Musterkreis bsp-musterkreis",
         "1 Datensatz geändert Alle Stellen ansehen bsp-musterkreis", "freigeben bsp-musterkreis"],
    ]  # fmt: skip
    assert number(synced) == 1

    browser.press("Speichern und Tabellen freigeben")
    assert "Bitte schreiben Sie in einem Satz, warum" in browser.text
    browser.press("Speichern und Tabellen freigeben", {"reason": "Kurs kam dazu"})

    assert "Gespeichert als Fassung 2." in browser.text
    assert "2 Tabellen sind freigegeben." in browser.text
    assert "Kurs kam dazu" in browser.text
    assert [sync_table(synced.runtime, key).records_changed for key in ("bsp-beispielstadt", "bsp-musterkreis")] == [
        1,
        1,
    ]
    with synced.runtime.database.read() as session:
        entry = audit.entries(session, who="frau-berger", sign_ins=False, limit=5)[0]
        assert (entry.action, entry.target, entry.details["released"]) == (
            "mapping.changed", "standard", ["bsp-beispielstadt", "bsp-musterkreis"],
        )  # fmt: skip


def test_only_saved_the_tables_are_held(browser: Page, synced: Example) -> None:
    edited(browser).press("Weiter: Wirkung ansehen", {"c3-owner": "project"})
    browser.press("Nur speichern", {"reason": "Das Projekt führt die Notiz"})

    assert sync_table(synced.runtime, "bsp-beispielstadt").state == "held"
    assert sync_table(synced.runtime, "bsp-musterkreis").state == "held"


def test_what_changed_since_it_was_shown_is_saved_but_stays_held(browser: Page, synced: Example) -> None:
    edited(browser).press("Weiter: Wirkung ansehen", {"c3-owner": "project"})
    synced.books["musterkreis"].set(2, 4, "ruft an")

    browser.press("Speichern und Tabellen freigeben", {"reason": "Das Projekt führt die Notiz"})

    assert "Inzwischen geändert und deshalb noch nicht freigegeben: bsp-musterkreis." in browser.text
    assert sync_table(synced.runtime, "bsp-beispielstadt").state != "held"
    assert sync_table(synced.runtime, "bsp-musterkreis").state == "held"


def test_every_single_place_can_be_looked_at_and_looking_is_logged(browser: Page, synced: Example) -> None:
    edited(browser).press("Weiter: Wirkung ansehen", {"c3-field": "", "privacy_level": "1"})

    browser.follow("Alle Stellen ansehen bsp-beispielstadt")

    assert ["Demir, Leyla", "leer"] in [row[2:4] for row in browser.rows()]
    with synced.runtime.database.read() as session:
        pages = session.connection().exec_driver_sql("SELECT DISTINCT page FROM readings").scalars().all()
    assert set(pages) == {"mappingedit.edit", "mappingedit.detail"}


def test_the_second_of_two_who_edit_sees_what_changed_and_keeps_both(
    browser: Page, app: Flask, synced: Example
) -> None:
    other = come_in(synced, app, "herr-roth", Role.PROGRAMME)
    edited(browser), edited(other)
    other.press("Weiter: Wirkung ansehen", {"c2-required": "yes"})
    browser.press("Weiter: Wirkung ansehen", {"c3-header": "Bemerkung"})
    other.press("Nur speichern", {"reason": "Eintritt ist Pflicht"})

    browser.press("Nur speichern", {"reason": "Die Spalte heißt anders"})

    assert "Jemand hat diese Zuordnung inzwischen geändert" in browser.text
    assert "herr-roth: Eintritt ist Pflicht" in browser.text
    assert "Spalte „Eintritt“: Muss ausgefüllt sein bisher „nein“, danach „ja“" in browser.text
    assert number(synced) == 2
    browser.press("Beides zusammenführen").press("Weiter: Wirkung ansehen")
    browser.press("Nur speichern", {"reason": "Die Spalte heißt anders"})
    columns = {column["field"]: column for column in current_revision(synced.runtime, "standard").body["columns"]}
    assert (columns["entry_date"]["required"], columns["custom.note"]["header"]) == (True, "Bemerkung")
    assert number(synced) == 3


def test_going_back_is_a_new_revision_whose_effect_is_seen_first(browser: Page, synced: Example) -> None:
    old = current_revision(synced.runtime, "standard").body
    edited(browser).press("Weiter: Wirkung ansehen", {"c3-header": "Bemerkung"})
    browser.press("Nur speichern", {"reason": "Die Spalte heißt anders"})

    browser.open("/zuordnungen/standard").press("Zu Fassung 1 zurückkehren").press("Weiter: Wirkung ansehen")
    assert "bisher „Bemerkung“, danach „Notiz“" in browser.text
    browser.press("Nur speichern", {"reason": "Doch nicht"})

    assert (number(synced), current_revision(synced.runtime, "standard").body) == (3, old)
    browser.open("/zuordnungen/standard/vergleich?von=1&bis=2")
    assert "Spalte „Bemerkung“: Überschrift bisher „Notiz“, danach „Bemerkung“" in browser.text
    assert "Beide sagen dasselbe." in browser.open("/zuordnungen/standard/vergleich?von=1&bis=3").text


def test_a_new_mapping_is_made_from_nothing(browser: Page, example: Example) -> None:
    """No mistake is shown before anything was typed."""
    browser.open("/zuordnungen").press("Leer beginnen")
    assert "stimmt nicht" not in browser.text

    browser.press("Weiter: Wirkung ansehen", {"title": "Kurz", "key": "standard"}).press("Speichern")
    assert "hat schon eine andere Zuordnung" in browser.text
    browser.follow("Zurück zum Entwurf").press("Weiter: Wirkung ansehen", {"key": "kurz"}).press("Speichern")

    assert [column["field"] for column in current_revision(example.runtime, "kurz").body["columns"]] == [
        "participant_ref", "service_note",
    ]  # fmt: skip


def test_a_file_comes_in_and_goes_out_the_same(browser: Page, example: Example, tmp_path: Path) -> None:
    """What is downloaded is what ``mappings export`` writes; taken in again it changes nothing."""
    downloaded = browser.client.get("/zuordnungen/standard/datei")
    assert downloaded.text == export_mapping(example.runtime, "standard")
    assert downloaded.headers["Content-Disposition"] == 'attachment; filename="standard.yaml"'

    upload(browser, downloaded.text.replace("key: standard", "key: kopie")).press("Weiter: Wirkung ansehen")
    browser.press("Speichern")

    assert export_mapping(example.runtime, "kopie") == downloaded.text.replace("key: standard", "key: kopie")


def test_a_file_with_mistakes_says_where_they_are(browser: Page) -> None:
    upload(browser, "key: kopie\ntitle: Kopie\ncolumns:\n  - {header: Eintritt, field: entry_dat}\n")

    assert browser.status == 422
    assert "liste.yaml, Zeile 4, Spalte 24: Feld „entry_dat“ gibt es nicht. Meinten Sie „entry_date“?" in browser.text


def upload(browser: Page, text: str) -> Page:
    browser.open("/zuordnungen")
    return browser.press("Aus Datei übernehmen", {"file": (io.BytesIO(text.encode()), "liste.yaml")})


def test_a_file_that_is_too_large_is_refused_before_it_is_read(browser: Page) -> None:
    browser.open("/zuordnungen").press(
        "Aus Datei übernehmen", {"file": (io.BytesIO(b"#" * (2 * 1024 * 1024)), "liste.yaml")}
    )

    assert browser.status == 413
    assert "Das ist zu groß" in browser.text
    browser.response.close()  # the test's own browser keeps so large a file on disk until then


def test_a_project_cannot_change_what_another_one_uses_but_may_copy_it(
    app: Flask, synced: Example, tmp_path: Path
) -> None:
    """Neither by the button, which is not there, nor by asking for it."""
    (tmp_path / "other.yaml").write_text(OTHER, "utf-8")
    apply_files(synced.runtime, [tmp_path / "other.yaml"])
    lead = come_in(synced, app, "frau-lang", Role.PROJECT, project="bsp")
    lead.open("/zuordnungen/standard")
    assert "1 Tabelle eines anderen Projekts" in lead.text
    assert "nord-liste" not in lead.response.text
    assert "Bearbeiten" not in lead.buttons
    token = lead.tree.xpath("//input[@name='csrf_token']")[0].get("value")
    refused = lead.client.post("/zuordnungen/entwurf", data={"csrf_token": token, "mapping": "standard"})
    assert refused.status_code == 403

    lead.press("Als eigene Zuordnung kopieren", {}).press("Weiter: Wirkung ansehen", {"key": "bsp-eigene"}).press(
        "Speichern"
    )

    assert "bsp-eigene" in {one.key for one in mappings.list_mappings(synced.runtime)}


def test_a_draft_cannot_be_turned_into_a_change_of_another_mapping(browser: Page, synced: Example) -> None:
    """Its key is not what the form says."""
    edited(browser).press("Weiter: Wirkung ansehen", {"key": "fremde", "c3-header": "Bemerkung"})
    browser.press("Nur speichern", {"reason": "Probe"})

    assert {one.key: one.revision for one in mappings.list_mappings(synced.runtime)} == {"standard": 2}


def test_a_draft_is_nobody_elses(browser: Page, app: Flask, synced: Example) -> None:
    """It holds rows of a table."""
    edited(browser)
    address = browser.tree.get_element_by_id("editor").get("action")
    other = come_in(synced, app, "herr-roth", Role.PROGRAMME)

    assert other.open(address).status == 404
    assert other.open(f"{address}/wirkung").status == 404


def test_rows_kept_in_a_draft_go_with_the_right_to_see_the_table(app: Flask, synced: Example) -> None:
    lead = come_in(synced, app, "frau-lang", Role.PROJECT, project="bsp")
    lead.open("/zuordnungen/standard").press("Als eigene Zuordnung kopieren")
    assert "Demir, Leyla" in lead.text
    with synced.runtime.database.write() as session:
        other = make_project(session, "nord", prefix="NRD")
        for key in ("bsp-beispielstadt", "bsp-musterkreis"):
            tables.get(session, key).project_id = other

    address = lead.tree.get_element_by_id("editor").get("action")
    assert "Demir, Leyla" not in lead.open(address).response.text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.JOBCENTRE])
def test_who_may_not_connect_sees_the_structure_without_any_row(app: Flask, synced: Example, role: Role) -> None:
    of = {"jobcentre": "jc-beispielstadt"} if role is Role.JOBCENTRE else {}
    reader = come_in(synced, app, "herr-amt", role, **of)

    reader.open("/zuordnungen/standard")

    assert reader.status == 200
    assert "Eintritt" in reader.text
    assert not re.search("Demir|BSP-0", reader.response.text)
    assert not {"Bearbeiten", "Als eigene Zuordnung kopieren"} & set(reader.buttons)
    token = reader.tree.xpath("//input[@name='csrf_token']")[0].get("value")
    assert reader.client.post("/zuordnungen/entwurf", data={"csrf_token": token, "mode": "new"}).status_code == 403


def test_who_changed_a_mapping_is_named_to_those_only_who_change_mappings_too(
    browser: Page, app: Flask, synced: Example
) -> None:
    edited(browser).press("Weiter: Wirkung ansehen", {"c3-owner": "project"})
    browser.press("Nur speichern", {"reason": "Das Projekt führt die Notiz"})
    auditor = come_in(synced, app, "frau-pruefung", Role.AUDITOR)

    for address in ("/zuordnungen/standard", "/zuordnungen/standard/vergleich"):
        assert "frau-berger" in browser.open(address).text
        assert "eine Person: Das Projekt führt die Notiz" in auditor.open(address).text
        assert "frau-berger" not in auditor.text


def test_a_table_that_cannot_be_read_is_named_and_not_released(browser: Page, synced: Example) -> None:
    edited(browser)
    del synced.books["musterkreis"]
    browser.press("Weiter: Wirkung ansehen", {"c3-owner": "project"})

    assert "erst, wenn sie sich lesen lässt" in browser.rows()[1][2]
    browser.press("Speichern und Tabellen freigeben", {"reason": "Das Projekt führt die Notiz"})
    assert "1 Tabelle ist freigegeben." in browser.text
