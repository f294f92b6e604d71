"""A table is connected in the pages, step by step, without a script: what is seen is what is switched on."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from syncsvc.core.access import Role
from syncsvc.providers.memory import MemoryBook
from syncsvc.services.programme import apply_files
from syncsvc.services.retention import tidy
from syncsvc.store import mappings, projects, tables
from syncsvc.store import users as user_store
from syncsvc.store.admission import AuditEntry, Draft, Reading
from tests.example import Example
from tests.jobs.engine import tick
from tests.providers.workbook.corpus import by_openpyxl
from tests.web.browser import Page

START = "/tabellen/verbinden"
ROWS = [
    ["TN-Nr.", "Name, Vorname", "Eintritt", "Wochentag", "Hinweis"],
    [None, "Kowalenko, Olena", "01.09.2024", "Montag", None],
    [None, "Yılmaz, Ayşe", "31.02.2025", "Dienstag", None],
]
CHOSEN = {"tab": "neudorf", "project": "bsp", "jobcentre": "jc-musterkreis", "edited_by": ["project", "jobcentre"]}


@pytest.fixture(autouse=True)
def _new_book(example: Example) -> None:
    example.books["neudorf"] = MemoryBook([list(row) for row in ROWS])


@pytest.fixture
def other_lead(example: Example, app: Flask, tmp_path: Path) -> Page:
    """Leads the second project, which has no table yet."""
    path = tmp_path / "zwei.yaml"
    path.write_text("projects: [{key: zwei, prefix: ZWE, name: Zweites Projekt}]", "utf-8")
    apply_files(example.runtime, [path])
    with example.runtime.database.write() as session:
        user = user_store.add(session, "herr-kaya", now=example.clock.now())
        of = projects.get(session, "zwei").id
        user_store.grant(session, user.id, Role.PROJECT, project_id=of)
    return Page(app.test_client()).come_in(example.runtime, "herr-kaya")


def begin(page: Page, name: str = "neudorf") -> Page:
    return page.open(START).press("Weiter mit Übungstabelle", {"name": name})


def to_columns(page: Page) -> Page:
    """As far as the columns of a new mapping."""
    begin(page).follow("Weiter").press("Blatt lesen und weiter", CHOSEN).press("Weiter")
    return page.press("Weiter", {"mapping": "*"})


def to_dry_run(page: Page) -> Page:
    return to_columns(page).press("Weiter").press("Weiter zum Probelauf", {"rhythm": "0 6 * * *", "land": "NW"})


def test_a_table_is_connected_from_nothing_to_its_first_sync(example: Example, browser: Page) -> None:
    before = [list(row) for row in example.books["neudorf"].rows]
    begin(browser)
    assert "Der Zugriff klappt" in browser.text
    browser.follow("Weiter").press("Blatt lesen und weiter", CHOSEN)
    assert "Gefunden in Zeile 1" in browser.text
    assert "TN-Nr. · Name, Vorname" in browser.text
    browser.press("Weiter")
    browser.press("Weiter", {"mapping": "*"})
    assert "1 von 2 Zeilen können abgeglichen werden" in browser.text
    browser.press("Weiter")
    browser.press("Weiter zum Probelauf", {"rhythm": "0 6 * * *", "land": "NW"})
    assert "2 Zeilen gelesen" in browser.text
    assert "2 Datensätze entstehen" in browser.text
    assert example.books["neudorf"].rows == before

    browser.press("Einschalten")

    assert "Die Tabelle ist verbunden." in browser.text
    with example.runtime.database.read() as session:
        table = tables.get(session, "bsp-musterkreis-2")
        assert (table.schedule, table.land, table.location["name"]) == ("0 6 * * *", "NW", "neudorf")
        assert mappings.current(session, table.mapping_id).source == "frau-berger"
    assert "bsp-musterkreis-2!" in tick(example)  # asked for: somebody waits for it
    assert str(example.books["neudorf"].get(2, 1)).startswith("BSP-")


def test_every_step_can_be_gone_back_to_and_keeps_what_was_said(browser: Page) -> None:
    to_columns(browser).press("Weiter")
    browser.press("Weiter zum Probelauf", {"rhythm": "0 6-19 * * mon-fri", "from": "19:30", "to": "06:00"})

    browser.follow("Zeitplan")
    form = next(form for form in browser.tree.forms if "zeitplan" in form.get("action", ""))
    values = dict(form.form_values())
    assert (values["rhythm"], values["from"], values["to"]) == ("0 6-19 * * mon-fri", "19:30", "06:00")
    browser.follow("Blatt")
    form = next(form for form in browser.tree.forms if "blatt" in form.get("action", ""))
    assert dict(form.form_values())["jobcentre"] == "jc-musterkreis"
    browser.press("Blatt lesen und weiter")

    browser.follow("Probelauf")
    assert "2 Datensätze entstehen" in browser.text


def test_what_was_begun_is_offered_again(browser: Page) -> None:
    to_columns(browser)

    browser.open(START)
    assert "Angefangen: Übungstabelle, neudorf" in browser.text
    browser.follow("Übungstabelle, neudorf")
    assert "Wann wird abgeglichen?" in browser.text, "the last step that is possible"
    browser.press("Entwurf verwerfen")

    assert "Angefangen:" not in browser.open(START).text


def test_a_step_that_is_not_possible_yet_leads_to_the_last_one_that_is(browser: Page) -> None:
    address = begin(browser).response.request.path.rpartition("/")[0]

    assert "Welches Blatt, und für wen?" in browser.open(f"{address}/probelauf").text
    assert "Welches Blatt, und für wen?" in browser.open(f"{address}/spalten").text


def test_no_access_says_the_next_step_and_looking_again_goes_on(example: Example, browser: Page) -> None:
    example.books["neudorf"].gone = True
    begin(browser)
    assert "Hier fehlt noch etwas" in browser.text
    assert "Nächster Schritt:" in browser.text

    example.books["neudorf"].gone = False
    browser.press("Noch einmal prüfen")

    assert "Der Zugriff klappt" in browser.text


def test_a_tab_that_is_connected_already_cannot_be_chosen(browser: Page) -> None:
    begin(browser, "beispielstadt").follow("Weiter")
    assert "ist schon verbunden" in browser.text

    browser.press("Blatt lesen und weiter", CHOSEN | {"tab": "beispielstadt"})

    assert browser.status == 422
    assert "Das Blatt „beispielstadt“ ist schon verbunden." in browser.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"tab": ""}, "Bitte ein Blatt wählen."),
        ({"project": ""}, "Bitte ein Projekt wählen."),
        ({"edited_by": []}, "wer in der Tabelle tippt"),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_that_was_said_is_lost(
    browser: Page, typed: dict[str, object], words: str
) -> None:
    begin(browser).follow("Weiter").press("Blatt lesen und weiter", CHOSEN | typed)

    assert browser.status == 422
    assert words in browser.text
    form = next(form for form in browser.tree.forms if "blatt" in form.get("action", ""))
    assert dict(form.form_values())["jobcentre"] == "jc-musterkreis"


def test_columns_that_contradict_each_other_are_kept_with_the_sentence(browser: Page) -> None:
    to_columns(browser)
    form = next(form for form in browser.tree.forms if form.get("id") == "spalten")
    name = next(name for name, value in form.form_values() if value == "entry_date" and name.endswith("-field"))

    browser.press("Weiter", {name: "participant_name"})

    assert browser.status == 422
    assert "hat schon eine Spalte" in browser.text
    browser.open(START).follow("Übungstabelle, neudorf")
    assert "hat schon eine Spalte" in browser.text
    browser.press("Weiter", {name: "entry_date"})
    assert "Wann wird abgeglichen?" in browser.text


def test_the_preview_follows_a_change_without_going_on(browser: Page) -> None:
    """Two sensible days: without the column nothing is left to check."""
    to_columns(browser)
    form = next(form for form in browser.tree.forms if form.get("id") == "spalten")
    name = next(name for name, value in form.form_values() if value == "entry_date" and name.endswith("-field"))

    browser.press("Vorschau aktualisieren", {name: ""})

    assert "2 von 2 Zeilen können abgeglichen werden" in browser.text


def test_a_mapping_that_is_there_is_taken_or_copied(example: Example, browser: Page) -> None:
    example.books["neudorf"].rows[0][1] = "Name"
    begin(browser).follow("Weiter").press("Blatt lesen und weiter", CHOSEN).press("Weiter")
    assert "4 von 5 Spalten gefunden; es fehlen: Notiz. 2 Tabellen nutzen sie." in browser.text
    browser.press("Weiter", {"mapping": "standard"})
    assert "Sie bleibt hier, wie sie ist." in browser.text

    browser.press("Als eigene Zuordnung kopieren und ändern")

    assert "Vorschau aktualisieren" in browser.buttons


def test_the_next_times_are_shown_and_a_wrong_schedule_is_said(browser: Page) -> None:
    """It is Monday, 2 March 2026, 09:00 in Berlin."""
    to_columns(browser).press("Weiter")
    browser.press("Nächste Termine zeigen", {"rhythm": "0 7,12,16 * * mon-fri"})
    times = re.findall(r"[0-9.]+, [0-9:]+ Uhr", browser.text)
    assert times == ["02.03.2026, 12:00 Uhr", "02.03.2026, 16:00 Uhr", "03.03.2026, 07:00 Uhr"]

    browser.press("Weiter zum Probelauf", {"rhythm": "eigener", "cron": "jede Stunde"})

    assert browser.status == 422
    assert "Fünf Angaben wie bei cron erwartet" in browser.text


def test_guards_of_a_new_mapping_are_kept(example: Example, browser: Page) -> None:
    to_columns(browser).press("Weiter")
    browser.press("Weiter zum Probelauf", {"rhythm": "", "missing_rows": "15", "changed_column": "50"})
    browser.press("Einschalten")

    with example.runtime.database.read() as session:
        body = mappings.current(session, tables.get(session, "bsp-musterkreis-2").mapping_id).body
    assert body["guards"] == {"missing_rows": 0.15, "changed_column": 0.5}


def test_switching_on_shows_the_new_dry_run_when_something_moved(example: Example, browser: Page) -> None:
    to_dry_run(browser)
    example.books["neudorf"].set(2, 4, "Freitag")

    browser.press("Einschalten")

    assert browser.status == 409
    assert "Seit Ihrem Probelauf hat sich etwas geändert" in browser.text
    with example.runtime.database.read() as session:
        assert len(tables.all_tables(session)) == 2
    browser.press("Einschalten")
    assert "Die Tabelle ist verbunden." in browser.text


def test_text_of_the_peoples_own_that_would_go_is_shown_first(example: Example, browser: Page) -> None:
    """They used a column of the service's name for remarks; of 28 rows the dry run shows the first fifteen cells."""
    rows = [[None, "Kowalenko, Olena", f"{day:02}.09.2024", "Montag", None] for day in range(1, 29)]
    rows[-1][4] = "bitte zuerst anrufen"
    example.books["neudorf"] = MemoryBook([list(ROWS[0]), *rows])

    to_dry_run(browser)

    assert "bitte zuerst anrufen" in browser.text


def test_the_file_comes_back_as_the_same_draft(browser: Page) -> None:
    to_dry_run(browser)
    address = browser.response.request.path.rpartition("/")[0]
    response = browser.client.get(f"{address}/tabelle.yaml")
    assert response.headers["Content-Disposition"] == "attachment; filename=tabelle.yaml"

    browser.open(START).press("Übernehmen", {"datei": (BytesIO(response.data), "tabelle.yaml")})
    assert "Was würde der erste Abgleich tun?" in browser.text
    again = browser.client.get(browser.response.request.path.rpartition("/")[0] + "/tabelle.yaml")

    assert again.data == response.data


@pytest.mark.parametrize(
    ("content", "words"), [(b"tables: [", "kein gültiges YAML"), (b"projects: []", "genau eine Tabelle")]
)
def test_a_file_that_is_none_says_why(browser: Page, content: bytes, words: str) -> None:
    browser.open(START).press("Übernehmen", {"datei": (BytesIO(content), "x.yaml")})

    assert browser.status == 422
    assert words in browser.text


def test_a_project_and_a_job_centre_are_made_on_the_way(example: Example, browser: Page) -> None:
    begin(browser).follow("Weiter").press("Projekt anlegen", {"name": "Neues Projekt", "prefix": "neu"})
    browser.press("Jobcenter anlegen", {"name": "Jobcenter Neudorf"})
    browser.press("Blatt lesen und weiter", {"edited_by": ["project"]})

    assert "Welche Zeile enthält die Überschriften?" in browser.text
    with example.runtime.database.read() as session:
        assert projects.get(session, "neu").prefix == "NEU"
        noted = session.scalars(sa.select(AuditEntry.target).where(AuditEntry.action.like("%.added"))).all()
    assert {"neu", "jc-neudorf"} <= set(noted)


def test_a_prefix_that_is_taken_is_said(browser: Page) -> None:
    begin(browser).follow("Weiter").press("Projekt anlegen", {"name": "Noch eins", "prefix": "BSP"})

    assert browser.status == 422
    assert "Das Kürzel BSP gehört schon" in browser.text


def test_rows_read_a_week_ago_are_gone_and_read_again(example: Example, browser: Page) -> None:
    """What was chosen since then is not."""
    to_columns(browser)
    example.clock.pass_by(days=5)
    browser.come_in(example.runtime).open(START).follow("Übungstabelle, neudorf")
    browser.press("Nächste Termine zeigen", {"rhythm": "0 6 * * *"})
    example.clock.pass_by(days=4)
    tidy(example.runtime)

    browser.come_in(example.runtime).open(START).follow("Übungstabelle, neudorf").follow("Spalten")
    assert "Bitte lesen Sie es noch einmal." in browser.text
    browser.press("Blatt lesen und weiter")

    assert "2 Datensätze entstehen" in browser.follow("Probelauf").text


def test_who_leads_one_project_sees_hers_only(example: Example, other_lead: Page) -> None:
    begin(other_lead, "beispielstadt")
    assert other_lead.status == 422
    assert "In dieser Datei arbeitet schon ein anderes Projekt." in other_lead.text

    begin(other_lead).follow("Weiter")
    form = next(form for form in other_lead.tree.forms if "blatt" in form.get("action", ""))
    assert list(form.inputs["project"].value_options) == ["zwei"]
    assert "Projekt anlegen" not in other_lead.buttons
    other_lead.press("Blatt lesen und weiter", CHOSEN)
    assert other_lead.status == 422


def test_nobody_opens_another_persons_draft(browser: Page, other_lead: Page) -> None:
    address = to_columns(browser).response.request.path

    assert other_lead.open(address).status == 404
    assert "Kowalenko" not in other_lead.text


def test_a_grant_that_ended_closes_the_steps_of_its_project(example: Example, other_lead: Page) -> None:
    begin(other_lead).follow("Weiter").press("Blatt lesen und weiter", CHOSEN | {"project": "zwei"})
    address = other_lead.response.request.path
    with example.runtime.database.write() as session:
        user = user_store.get(session, "herr-kaya")
        for one in user_store.memberships(session, user.id):
            session.delete(one)
        user_store.grant(session, user.id, Role.PROJECT, project_id=projects.get(session, "bsp").id)

    assert other_lead.open(address).status in (403, 404)


def test_who_was_shown_what_is_noted(example: Example, browser: Page) -> None:
    """A row that carries a reference already stands for a woman."""
    example.books["neudorf"].set(2, 1, "BSP-0001-9")
    to_columns(browser)

    with example.runtime.database.read() as session:
        assert session.scalars(sa.select(Reading.ref).where(Reading.page.like("connect.%"))).all()


def test_no_value_of_a_row_stands_in_an_address_or_in_the_log(example: Example, browser: Page) -> None:
    to_dry_run(browser).press("Einschalten")

    with example.runtime.database.read() as session:
        noted = " ".join(f"{one.target} {one.details}" for one in session.scalars(sa.select(AuditEntry)))
        assert session.scalars(sa.select(Draft.key)).all() == []
    assert "Kowalenko" not in noted


def test_files_of_the_folder_are_listed_and_connected(example: Example, browser: Page, tmp_path: Path) -> None:
    (tmp_path / "tabellen").mkdir()
    by_openpyxl(tmp_path / "tabellen" / "Liste.xlsx")

    browser.open(START).press("Weiter mit Excel-Datei (.xlsx)", {"path": "Liste.xlsx"})

    assert "Die Datei ist beschreibbar." in browser.text
