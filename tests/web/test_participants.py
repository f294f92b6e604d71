"""The participant page: everything known of her for her project, what its tables show for a job centre; the search."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from syncsvc.core.access import Role
from syncsvc.core.references import make_reference
from syncsvc.providers.memory import MemoryBook
from syncsvc.services import records
from syncsvc.services.programme import apply_files
from syncsvc.services.sync import sync_table
from syncsvc.store.admission import Reading
from tests.example import Example
from tests.web.browser import Page, words
from tests.web.people import come_in
from tests.web.staff import staff

MAPPING = """
key: standard
title: Teilnehmerinnenliste
privacy_level: 2
columns:
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Name, field: participant_name, owner: project}
  - {header: Eintritt, field: entry_date, owner: project, required: true}
  - {header: Rückmeldung, field: custom.feedback, type: text, owner: jobcentre}
  - {header: Notiz, field: custom.note, type: text, owner: both}
  - {header: Hinweis, field: service_note, owner: service}
"""
SECOND = """
projects: [{key: zwei, prefix: ZWE, name: Zweites Projekt}]
tables:
  - {key: zwei-musterkreis, project: zwei, jobcentre: jc-musterkreis, mapping: standard,
     location: {provider: memory, name: zwei}}
"""
REF, OTHER = make_reference("BSP", 1), make_reference("ZWE", 1)
HEADER = ["TN-Nr.", "Name", "Eintritt", "Rückmeldung", "Notiz", "Hinweis"]


@pytest.fixture
def town(example: Example, tmp_path: Path) -> Example:
    """A woman whose name and customer number no table may show, in a table of one job centre; another one elsewhere."""
    for name, text in (("columns", MAPPING), ("second", SECOND)):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    apply_files(example.runtime, [tmp_path / "columns.yaml", tmp_path / "second.yaml"])
    example.books["beispielstadt"] = MemoryBook(
        [list(HEADER), [None, None, "01.09.2024", "rief an", "pünktlich", None]]
    )
    example.books["zwei"] = MemoryBook([list(HEADER), [None, None, "01.10.2024", None, "fremd", None]])
    for key in ("bsp-beispielstadt", "zwei-musterkreis"):
        sync_table(example.runtime, key)
    private = {"participant_name": "Kowalenko, Olena", "customer_no": "123A000001"}
    records.set_values(example.runtime, REF, private, actor="frau-berger")
    sync_table(example.runtime, "bsp-beispielstadt")
    return example


@pytest.fixture
def leads(app: Flask, town: Example) -> Page:
    return come_in(town, app, "frau-acar", Role.PROJECT, project="bsp")


@pytest.fixture
def reads(app: Flask, town: Example) -> Page:
    return come_in(town, app, "herr-jonas", Role.JOBCENTRE, jobcentre="jc-beispielstadt")


def fields(page: Page) -> dict[str, list[str]]:
    """By header: the value, and the words beside it."""
    return {
        words(row.find("h3")): [words(row.find("div").find("p")), words(row.findall("p")[-1])]
        for row in page.tree.iterfind(".//ul[@class='known']/li")
    }


def test_her_project_sees_what_no_table_shows_and_where_each_value_came_from(town: Example, leads: Page) -> None:
    shown = fields(leads.open(f"/teilnehmerin/{REF}"))

    assert shown["Name"][0] == "Kowalenko, Olena"
    assert "vom Projekt gesetzt" in shown["Name"][1]
    assert "frau-berger" in shown["Name"][1]
    assert "bleibt leer in bsp-beispielstadt" in shown["Name"][1]
    assert shown["Kundennummer"][0] == "123A000001"
    assert "in keiner Tabelle zu sehen" in shown["Kundennummer"][1]
    assert shown["Rückmeldung"][0] == "rief an"
    assert "Tabelle bsp-beispielstadt" in shown["Rückmeldung"][1]
    assert "zu sehen in bsp-beispielstadt" in shown["Rückmeldung"][1]


def test_a_job_centre_sees_what_its_table_shows_and_nothing_else(town: Example, reads: Page) -> None:
    """No value above the table's level, no history, nobody who looked, and no form."""
    page = reads.open(f"/teilnehmerin/{REF}")

    assert {name: value for name, (value, _) in fields(page).items()} == {
        "Eintritt": "01.09.2024",
        "Rückmeldung": "rief an",
        "Notiz": "pünktlich",
    }
    text = page.response.text
    assert not any(word in text for word in ("Kowalenko", "123A000001", "Verlauf", "angesehen", "Ändern"))
    assert reads.open(f"/teilnehmerin/{OTHER}").status == 404


def test_a_proposal_is_not_shown_as_if_it_stood_in_the_table(town: Example, leads: Page, reads: Page) -> None:
    """The job centre owns the column: until it decides, its reader sees what stands there."""
    change(leads, "custom.feedback", "meldet sich nicht")

    assert "Vorschlag an das Jobcenter" in leads.text
    assert fields(reads.open(f"/teilnehmerin/{REF}"))["Rückmeldung"][0] == "rief an"


def change(page: Page, name: str, value: str) -> Page:
    """Fill in the form of one field."""
    page.open(f"/teilnehmerin/{REF}")
    form = page.tree.xpath(f"//form[input[@name='feld' and @value='{name}']]")[0]
    stand = form.find("input[@name='stand']").get("value")
    return page.send(f"/teilnehmerin/{REF}", feld=name, wert=value, stand=stand)


def test_a_value_is_changed_right_there_and_follows_into_the_table(town: Example, leads: Page) -> None:
    page = change(leads, "custom.note", "kommt dienstags")

    assert page.status == 200
    assert fields(page)["Notiz"][0] == "kommt dienstags"
    assert "hier eingetragen" in fields(page)["Notiz"][1]
    assert "frau-acar" in fields(page)["Notiz"][1]
    sync_table(town.runtime, "bsp-beispielstadt")
    assert town.books["beispielstadt"].get(2, 5) == "kommt dienstags"


def test_what_cannot_be_read_is_said_beside_the_field_and_changes_nothing(town: Example, leads: Page) -> None:
    page = change(leads, "entry_date", "31.02.2026")

    assert page.status == 400
    typed = page.tree.xpath("//input[@aria-invalid='true']")[0]
    assert typed.get("value") == "31.02.2026"
    assert page.tree.get_element_by_id(typed.get("aria-describedby")).text_content().strip()
    assert fields(leads.open(f"/teilnehmerin/{REF}"))["Eintritt"][0] == "01.09.2024"


def test_who_saw_an_older_value_overwrites_nothing(town: Example, leads: Page) -> None:
    """Somebody else changed the field after the page was opened: she is told, and both values are kept."""
    leads.open(f"/teilnehmerin/{REF}")
    stand = leads.tree.xpath("//form[input[@value='custom.note']]/input[@name='stand']/@value")[0]
    records.set_values(town.runtime, REF, {"custom.note": "neuer"}, actor="frau-berger")
    page = leads.send(f"/teilnehmerin/{REF}", feld="custom.note", wert="meiner", stand=stand)

    assert page.status == 409
    assert "inzwischen geändert" in page.text
    assert "meiner" in page.response.text
    assert fields(leads.open(f"/teilnehmerin/{REF}"))["Notiz"][0] == "neuer"


def test_a_reader_changes_nothing(town: Example, reads: Page) -> None:
    reads.open(f"/teilnehmerin/{REF}")
    assert reads.send(f"/teilnehmerin/{REF}", feld="custom.note", wert="x", stand="1").status == 403


def test_every_look_is_noted_and_told_to_her_project(town: Example, leads: Page, reads: Page) -> None:
    reads.open(f"/teilnehmerin/{REF}")
    page = leads.open(f"/teilnehmerin/{REF}")

    assert "herr-jonas, Teilnehmerin" in page.text
    with town.runtime.database.read() as session:
        assert session.execute(sa.select(Reading.actor, Reading.page, Reading.ref)).all() == [
            ("herr-jonas", "participants.one", REF),
            ("frau-acar", "participants.one", REF),
        ]


@pytest.mark.parametrize("typed", [REF, REF.lower(), "123 A 000001", "123a000001", "Kowalenko", "olena", "kowalénko"])
def test_she_is_found_by_reference_number_and_name(town: Example, leads: Page, typed: str) -> None:
    """The only one found is shown at once; nothing typed stands in an address."""
    page = leads.open("/teilnehmerinnen").send("/teilnehmerinnen", suche=typed)

    assert page.response.request.path == f"/teilnehmerin/{REF}"


@pytest.mark.parametrize("typed", ["Kowalenko", "123A000001", OTHER])
def test_a_search_tells_a_job_centre_nothing_its_tables_do_not_show(town: Example, reads: Page, typed: str) -> None:
    page = reads.open("/teilnehmerinnen").send("/teilnehmerinnen", suche=typed)

    assert "Niemand gefunden." in page.text


def test_a_typing_error_in_a_reference_is_said(town: Example, leads: Page) -> None:
    page = leads.open("/teilnehmerinnen").send("/teilnehmerinnen", suche=f"{REF[:-1]}X")

    assert page.status == 400
    assert "Tippfehler" in page.text


def test_the_list_shows_each_what_is_hers(town: Example, leads: Page, reads: Page, browser: Page) -> None:
    assert [row[:2] for row in leads.open("/teilnehmerinnen").rows()] == [[REF, "Kowalenko, Olena"]]
    assert [row[:2] for row in reads.open("/teilnehmerinnen").rows()] == [[REF, "nicht bekannt"]]
    assert [row[0] for row in browser.open("/teilnehmerinnen").rows()] == [REF, OTHER]
    assert [row[0] for row in browser.open("/teilnehmerinnen?projekt=zwei").rows()] == [OTHER]
    assert leads.open("/teilnehmerinnen?projekt=zwei").status == 404


PAGES = [
    "/ansprechpersonen",
    "/ansprechpersonen/c-mueller",
    "/ansprechpersonen/ohne",
    "/monatsabgleich/bsp-beispielstadt",
    "/monatsabgleich/projekt/bsp",
    f"/teilnehmerin/{REF}",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_project_admin_sees_of_her_own_what_the_programme_sees(
    example: Example, app: Flask, browser: Page, tmp_path: Path, address: str
) -> None:
    """A page that reads through her eyes is not a poorer page: the same words, where everything is hers."""
    staff(example, tmp_path)
    leads = come_in(example, app, "frau-acar", Role.PROJECT, project="bsp")

    first, second = (page.open(address).text.partition("Wer sie angesehen hat")[0] for page in (leads, browser))
    assert first == second
