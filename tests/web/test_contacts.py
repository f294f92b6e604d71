"""The directory's pages: find people, see one, say what is known of her; nobody's name ever stands in an address."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from syncsvc.core.access import Role
from syncsvc.services.contacts import digest
from syncsvc.services.sync import sync_table
from syncsvc.store.admission import Membership
from tests.example import Example
from tests.web.browser import Page
from tests.web.staff import CONTACT, REFS, staff

PAGES = [
    "/ansprechpersonen",
    "/ansprechpersonen/neu",
    "/ansprechpersonen/ohne",
    "/ansprechpersonen/c-mueller",
    "/ansprechpersonen/c-mueller/angaben",
    f"/teilnehmerin/{REFS[0]}",
    "/monatsabgleich",
    "/monatsabgleich/bsp-beispielstadt",
    "/monatsabgleich/projekt/bsp",
]
ANNA = "/ansprechpersonen/c-mueller"


@pytest.fixture
def house(example: Example, tmp_path: Path) -> Example:
    return staff(example, tmp_path)


def names(page: Page) -> list[str]:
    return [row[0].split(",")[0] for row in page.rows()]


def test_the_directory_lists_everybody_by_house(house: Example, browser: Page) -> None:
    """From the navigation; with role, direct dial, mail and how many she is responsible for."""
    browser.open("/").follow("Ansprechpersonen")

    assert names(browser) == ["Lange", "Müller", "Schulz", "Weiß", "Demir"]
    assert browser.rows()[1] == [
        "Müller, Anna Integrationsfachkraft",
        "Jobcenter Beispielstadt",
        "030 23125-101 anna.mueller@jobcenter-beispielstadt.example",
        "3",
        "lange nicht bestätigt",
    ]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"search": "mueller"}, ["Müller"]),
        ({"search": "23125-2"}, ["Weiß"]),
        ({"organisation": "jc-musterkreis"}, ["Weiß"]),
        ({"role": "liaison"}, ["Lange"]),
        ({"search": "anna", "organisation": "jc-musterkreis"}, []),
    ],
)
def test_people_are_found_by_name_number_house_and_role(
    house: Example, browser: Page, fields: dict[str, str], found: list[str]
) -> None:
    """A part is enough, umlauts aside; what nobody matches is said in words."""
    browser.open("/ansprechpersonen").send("/ansprechpersonen", **fields)

    if found:
        assert names(browser) == found
    else:
        assert "Niemand gefunden." in browser.text


def test_a_search_never_stands_in_an_address(house: Example, browser: Page) -> None:
    """Addresses are kept by browsers, proxies and logs."""
    browser.open("/ansprechpersonen")
    (form,) = [one for one in browser.tree.iter("form") if one.find(".//input[@name='search']") is not None]
    assert form.get("method") == "post"

    links = [link.get("href") for link in browser.tree.iter("a")]
    for name in ("ller", "anna", "Anna", "Schulz", "23125"):
        assert not [link for link in links if name in link.replace("c-mueller", "").replace("c-schulz", "")]


def test_an_empty_directory_says_how_to_begin(browser: Page) -> None:
    """Not an empty table."""
    assert "Das Verzeichnis ist noch leer." in browser.open("/ansprechpersonen").text


def test_one_person_shows_whom_she_is_responsible_for(house: Example, browser: Page) -> None:
    """With the way to each of them."""
    browser.open("/ansprechpersonen").follow("Müller, Anna")

    assert "Zuständig für 3 Teilnehmerinnen" in browser.text
    assert "030 23125-101" in browser.text
    browser.follow(REFS[0])
    assert "Ansprechperson JC" in browser.text


def test_an_absence_with_a_deputy_is_entered_and_deleted(house: Example, browser: Page) -> None:
    """The badge and the facts say so; emptied days mean that she is back."""
    browser.open(ANNA).send(f"{ANNA}/abwesend", absent_from="2026-03-01", absent_to="2026-03-20", deputy="c-schulz")
    assert "abwesend Jobcenter Beispielstadt" in browser.text
    assert "Abwesend bis 20.03.2026" in browser.text
    assert "Vertretung Schulz, Peter" in browser.text

    browser.send(f"{ANNA}/abwesend", absent_from="", absent_to="", deputy="c-schulz")
    assert "Die Abwesenheit ist gelöscht." in browser.text

    browser.send(f"{ANNA}/abwesend", absent_from="2026-03-20", absent_to="2026-03-01")
    assert "Das Ende der Abwesenheit liegt vor ihrem Anfang." in browser.text


def test_who_left_is_nobody_to_reach(house: Example, browser: Page) -> None:
    """Her participants appear in the list of those without a contact, with the day."""
    assert browser.open("/ansprechpersonen/ohne").rows() == [[REFS[3], "Jobcenter Beispielstadt", "keine", "fehlt"]]

    browser.open(ANNA).send(f"{ANNA}/ausgeschieden", left_on="2026-02-28")
    assert "ausgeschieden Jobcenter Beispielstadt" in browser.text

    rows = browser.open("/ansprechpersonen/ohne?tabelle=bsp-beispielstadt").rows()
    assert rows[0] == [REFS[0], "Jobcenter Beispielstadt", "Müller, Anna", "ausgeschieden am 28.02.2026"]
    assert len(rows) == 4
    assert "Alle Teilnehmerinnen haben eine" in browser.open("/ansprechpersonen/ohne?tabelle=bsp-musterkreis").text


def test_details_are_confirmed_with_one_click(house: Example, browser: Page) -> None:
    """Then she counts as present."""
    browser.open(ANNA).press("Angaben stimmen")
    assert "Stand bestätigt 02.03.2026" in browser.text
    assert "da Jobcenter Beispielstadt" in browser.text


def test_somebody_new_is_added_and_a_mistake_keeps_what_was_typed(house: Example, browser: Page) -> None:
    """A private mail address is refused with a sentence."""
    typed = {"organisation": "jc-musterkreis", "family": "Aydın", "given": "Derya", "email": "derya@gmail.com"}
    browser.open("/ansprechpersonen/neu").send("/ansprechpersonen/neu", **typed)
    assert browser.status == 400
    assert browser.tree.find(".//input[@name='family']").get("value") == "Aydın"

    typed["email"] = "derya.aydin@jobcenter-musterkreis.example"
    browser.send("/ansprechpersonen/neu", **typed)
    assert "Die Ansprechperson steht jetzt im Verzeichnis." in browser.text
    assert "Aydın, Derya" in browser.text


def test_details_are_changed(house: Example, browser: Page) -> None:
    """The form shows what is known; the history says what it was."""
    browser.open(ANNA).follow("Angaben ändern")
    known = {field.get("name"): field.get("value") for field in browser.tree.iter("input") if field.get("value")}
    assert known["phone"] == "030 23125-101"

    browser.send(f"{ANNA}/angaben", **(known | {"organisation": "jc-beispielstadt", "phone": "030 23125-140"}))

    assert "Durchwahl: 030 23125-101 → danach 030 23125-140 (frau-berger)" in browser.text


def test_mail_is_switched_on_for_one_person(house: Example, browser: Page) -> None:
    """Off at first; nobody without an address, and nothing unknown."""
    assert digest.rhythm_of(house.runtime, "c-lange") == "off"
    browser.open("/ansprechpersonen/c-lange").send("/ansprechpersonen/c-lange/benachrichtigung", rhythm="weekly")
    assert "Die Benachrichtigung kommt montags" in browser.text
    assert digest.rhythm_of(house.runtime, "c-lange") == "weekly"

    browser.open("/ansprechpersonen/c-schulz").send("/ansprechpersonen/c-schulz/benachrichtigung", rhythm="daily")
    assert "Ohne E-Mail-Adresse" in browser.text


def test_a_participant_shows_who_was_responsible_and_what_changed(house: Example, browser: Page) -> None:
    """The newest first, with the run that found it."""
    house.clock.pass_by(days=10)
    house.books["beispielstadt"].set(2, CONTACT, "Schulz, Peter")
    sync_table(house.runtime, "bsp-beispielstadt")

    browser.come_in(house.runtime).open(f"/teilnehmerin/{REFS[0].lower()}")

    assert "02.03.2026 – 11.03.2026 Müller, Anna" in browser.text
    assert "12.03.2026 – heute Schulz, Peter" in browser.text
    assert "Ansprechperson JC: Müller, Anna → danach Schulz, Peter" in browser.text
    assert browser.text.index("Schulz, Peter") < browser.text.index("Eintritt: leer → danach 01.09.2024")


@pytest.mark.parametrize("address", ["/ansprechpersonen/c-niemand", "/teilnehmerin/BSP-9999-X", "/teilnehmerin/x"])
def test_who_is_not_there_is_not_found(house: Example, browser: Page, address: str) -> None:
    """In words, with 404."""
    assert browser.open(address).status == 404


@pytest.mark.parametrize("address", PAGES)
def test_only_the_projects_own_people_see_staff(house: Example, browser: Page, address: str) -> None:
    """Not without a login, not with a role that is not named; and no browser keeps the page."""
    assert browser.open(address).status == 200
    assert browser.response.headers["Cache-Control"] == "no-store"

    with house.runtime.database.write() as session:
        session.execute(update(Membership).values(role=Role.AUDITOR))
    assert browser.open(address).status == 403
    assert "030 23125" not in browser.response.text

    answer = browser.client.application.test_client().get(address)
    assert answer.status_code == 303


def test_a_hand_over_is_previewed_done_and_taken_back(house: Example, browser: Page) -> None:
    """The preview changes nothing; the table follows at the next run."""
    browser.open(ANNA).send(f"{ANNA}/uebergabe", to="c-schulz", day="")
    assert "3 Teilnehmerinnen an Schulz, Peter" in browser.text
    assert "Diese Vorschau hat nichts verändert." in browser.text
    assert "Zuständig für 3 Teilnehmerinnen" in Page(browser.client).open(ANNA).text

    browser.press("Jetzt übergeben")
    assert "Die Übergabe ist eingetragen" in browser.text
    sync_table(house.runtime, "bsp-beispielstadt")
    assert [house.books["beispielstadt"].get(row, CONTACT) for row in (2, 3, 4)] == ["Schulz, Peter"] * 3

    browser.press("Zurücknehmen")
    assert "Die Übergabe ist zurückgenommen: 3 Teilnehmerinnen." in browser.text
    sync_table(house.runtime, "bsp-beispielstadt")
    assert [house.books["beispielstadt"].get(row, CONTACT) for row in (2, 3, 4)] == ["Müller, Anna"] * 3


def test_a_hand_over_that_makes_no_sense_is_refused(house: Example, browser: Page) -> None:
    """To herself, or to nobody."""
    browser.open(ANNA).send(f"{ANNA}/uebergabe", to="c-mueller")
    assert "Übergeben wird an eine andere Person." in browser.text
    browser.send(f"{ANNA}/uebergabe", to="")
    assert "Diese Person steht nicht im Verzeichnis." in browser.text


def test_a_page_that_is_not_there_names_no_command(house: Example, browser: Page) -> None:
    """Whoever reads a page has no terminal at hand."""
    page = browser.open("/ansprechpersonen/c-niemand")
    assert page.status == 404
    assert "Diese Person steht nicht im Verzeichnis." in page.text
    assert "syncsvc contacts" not in page.text
