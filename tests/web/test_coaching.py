"""The pages of double coachings: found by grade and state, decided with one button, nobody shown to whom she is not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from syncsvc.services import users
from syncsvc.services.coaching.disclosure import Call, Side
from syncsvc.store.database import Database
from syncsvc.web import create_app
from syncsvc.web.coaching import bars
from tests.factories import make_vault
from tests.services.coaching.town import AVGS, OLENA, Town, make_town
from tests.web.browser import Page, words

CALL = Call("Jobcenter")


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    yield make_town(database, tmp_path)
    database.dispose()


@pytest.fixture
def app(town: Town) -> Flask:
    app = create_app(town.rt, secret_key="not secret")
    app.testing = True
    return app


@pytest.fixture
def browser(town: Town, app: Flask) -> Page:
    """A browser that came in by a one-time link."""
    users.add_user(town.rt, "frau-berger")
    page = Page(app.test_client())
    page.open(users.login_link(town.rt, "frau-berger", base_url=""))
    return page.press("Anmelden")


def test_without_any_the_page_says_so(browser: Page) -> None:
    assert "Keine doppelte Begleitung ist offen." in browser.open("/doppelbetreuung").text
    assert "mit dieser Auswahl" in browser.open("/doppelbetreuung?stufe=possible").text


def test_the_list_is_narrowed_by_its_address(town: Town, browser: Page) -> None:
    ref = town.has("still", **OLENA, **AVGS)
    [row] = browser.open("/doppelbetreuung").rows()
    assert row[:4] == [ref, "Klärungsbedarf", "sicher", "01.10.2025"]
    for address, count in (
        ("?stufe=certain&stand=open&projekt=still", 1),
        ("?stufe=probable", 0),
        ("?stand=mistake", 0),
        ("?projekt=anker", 0),
    ):
        page = browser.open(f"/doppelbetreuung{address}")
        assert ("mit dieser Auswahl" in page.text) is (count == 0), address


def test_one_button_takes_down_what_was_agreed(town: Town, browser: Page) -> None:
    town.has("still", **OLENA, **AVGS)
    page = browser.open("/doppelbetreuung").follow(town.ref("still"))
    assert "Zeitraum" in page.response.text
    assert "01.10.2025 bis 30.06.2026" in page.text
    page.press("Mit der Teilnehmerin besprochen")
    assert "besprochen mit der Teilnehmerin, frau-berger" in page.text
    page.press("Abgestimmt: Beide laufen nebeneinander")
    assert "nimmt den Hinweis aus den Tabellen" in page.text
    assert page.buttons == ["Entscheidung zurücknehmen"]
    assert browser.open("/doppelbetreuung?stand=agreed_parallel").rows()[0][0] == town.ref("still")


def test_between_projects_no_page_shows_a_value_of_either(town: Town, browser: Page) -> None:
    """And a project's own view does not even show the other one's reference."""
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    number = town.flag().id
    for address in ("/doppelbetreuung", f"/doppelbetreuung/{number}", f"/doppelbetreuung/{number}?projekt=anker"):
        text = browser.open(address).response.text
        assert not any(value in text for value in ("Kowalenko", "1988", "123A000001", "01067")), address
    page = browser.open(f"/doppelbetreuung/{number}?projekt=anker")
    assert "bereits in Begleitung" in page.text
    assert "Bildungswerk Neudorf Sabine Roth 030 23125-120" in page.text
    assert town.ref("bilden") not in page.response.text
    assert "Der Zeitraum wird nicht gezeigt." in page.text


def test_a_project_that_is_not_concerned_finds_no_page(town: Town, browser: Page) -> None:
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    assert browser.open(f"/doppelbetreuung/{town.flag().id}?projekt=still").status == 404


def test_inside_one_project_both_stand_side_by_side(town: Town, browser: Page) -> None:
    town.has("verbund", number=1, **OLENA, coach="c-a")
    town.has("verbund", number=2, **{**OLENA, "postcode": "10115"}, coach="c-b")
    page = browser.open(f"/doppelbetreuung/{town.flag().id}")
    assert ["PLZ", "01067", "10115"] in page.rows()


def test_a_side_is_called_by_its_projects_name_and_the_area_stays_marked(town: Town, browser: Page) -> None:
    ref = town.has("still", **OLENA, **AVGS)
    page = browser.open(f"/doppelbetreuung/{town.flag().id}")
    assert f"Still · {ref}" in page.text
    assert [words(one) for one in page.tree.xpath("//nav//a[@aria-current='page']")] == ["Doppelbetreuung"]


def test_the_programme_is_counted_by_month(town: Town, browser: Page) -> None:
    town.has("still", **OLENA, **AVGS)
    page = browser.open("/doppelbetreuung")
    assert "1 doppelte Begleitung wartet auf ein Gespräch: 1 sicher." in page.text
    assert page.rows(1) == [["03/2026", "1", "0", "0", "0", "0"]]
    assert "1 doppelte Begleitung" in browser.open("/").text


def test_the_question_stands_among_the_others_and_can_be_answered_there(town: Town, browser: Page) -> None:
    ref = town.has("still", **OLENA, **AVGS)
    page = browser.open("/klaerungen")
    assert f"{ref}: Bitte abstimmen: zwei Begleitungen ab 01.10.2025." in page.text
    page.press("Irrtum: Es ist keine doppelte Begleitung")
    assert town.flag().state == "mistake"


def test_bars_share_one_scale_and_an_open_end_reaches_the_edge() -> None:
    """A year and its second half, with thirty days of margin: 425 days are the whole width."""
    sides = [
        Side(visible=True, call=CALL, start=date(2025, 1, 1), end=date(2026, 1, 1)),
        Side(visible=True, call=CALL, start=date(2025, 7, 2)),
        Side(visible=False, call=CALL),
    ]
    first, second, hidden = bars(sides)
    assert first is not None
    assert second is not None
    assert (first.left, round(first.left + first.width)) == (7.06, 93)
    assert (second.left, second.left + second.width) == (49.88, 100)
    assert second.text == "02.07.2025 bis offen"
    assert hidden is None
