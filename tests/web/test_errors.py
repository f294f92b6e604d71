"""What pages say when something goes wrong: in plain words, with what to do, and nothing about anybody."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.exceptions import abort

from syncsvc.errors import DatabaseBusy, Forbidden, PlanMoved, SyncsvcError
from tests.web.browser import Page

CODES = (400, 403, 404, 405, 409, 413, 429, 500, 503)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_error_says_what_to_do_in_both_languages(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch, code: int, language: str
) -> None:
    """And to a stranger it shows no area of the service, only the way in."""
    monkeypatch.setitem(app.view_functions, "login.ask", lambda **_: abort(code))

    response = stranger.get("/anmelden/x", headers={"Accept-Language": language})

    tree = html.fromstring(response.text)
    assert response.status_code == code
    assert tree.get("lang") == language
    assert tree.findtext(".//h1")
    assert ("Bitte" if language == "de" else "lease") in tree.findtext(".//main//p") or code == 403
    assert not tree.xpath("//nav")
    assert tree.xpath("//main//a/@href") == ["/anmelden"]


@pytest.mark.parametrize(
    ("error", "status", "hint"),
    [
        (Forbidden(), 403, "Wer das Programm leitet, kann Ihnen mehr erlauben."),
        (PlanMoved(), 409, "Bitte die neue Vorschau ansehen und noch einmal bestätigen."),
        (DatabaseBusy(), 503, "Einen Augenblick warten und noch einmal versuchen."),
    ],
)
def test_an_error_of_the_service_shows_its_hint(
    app: Flask, browser: Page, monkeypatch: pytest.MonkeyPatch, error: SyncsvcError, status: int, hint: str
) -> None:
    def fail(**_: object) -> str:
        raise error

    monkeypatch.setitem(app.view_functions, "tables.show", fail)

    page = browser.open("/tabellen/bsp-beispielstadt")

    assert page.status == status
    assert error.message in page.text
    assert hint in page.text
    assert page.follow("Zur Übersicht").status == 200


@pytest.mark.parametrize(
    "address", ["abgleiche/{}", "klaerungen/{}", "zugaenge/{}", "protokoll?vor={}", "teilnehmerinnen?seite={}"]
)
def test_under_a_number_that_no_database_holds_stands_nothing(browser: Page, address: str) -> None:
    assert browser.open("/" + address.format(10**20)).status == 404


def test_a_form_of_an_ended_session_changes_nothing_and_says_so(app: Flask, browser: Page) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    response = browser.client.post("/tabellen/bsp-beispielstadt/pausieren", data={"csrf_token": "alt"})

    assert response.status_code == 400
    assert "Ihre Sitzung ist abgelaufen" in response.text
    assert "Es wurde nichts geändert" in response.text
