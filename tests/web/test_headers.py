from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from syncsvc.web import create_app
from tests.example import Example
from tests.web.browser import Page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


@pytest.mark.parametrize(
    "address", ["/", "/anmelden/x", "/klaerungen", "/tabellen/bsp-beispielstadt", "/gibt-es-nicht"]
)
def test_every_page_is_hardened_and_kept_nowhere(browser: Page, address: str) -> None:
    headers = browser.open(address).response.headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_pages_hold_no_inline_style_or_script(browser: Page) -> None:
    """The policy would refuse them, and a page would look or act differently from what we tested."""
    for address in ("/", "/klaerungen", "/tabellen/bsp-beispielstadt", "/tabellen/bsp-beispielstadt/vorschau"):
        tree = browser.open(address).tree
        assert not tree.xpath("//style | //script[not(@src)] | //@style | //@*[starts-with(name(), 'on')]"), address


def test_static_files_are_kept_for_a_year_under_an_address_of_their_content(browser: Page) -> None:
    browser.open("/")
    for address in browser.tree.xpath("//link/@href | //script/@src"):
        with browser.client.get(address) as response:
            assert response.status_code == 200, address
            assert "?v=" in address
            assert "max-age=31536000" in response.headers["Cache-Control"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_page_says_so_and_where_to_go(browser: Page) -> None:
    page = browser.open("/gibt-es-nicht")

    assert page.status == 404
    assert "Diese Seite gibt es nicht" in page.text
    assert page.follow("Zur Übersicht").status == 200


def test_an_unknown_table_is_not_found(browser: Page) -> None:
    assert browser.open("/tabellen/bsp-weg").status == 404


def test_an_unexpected_error_shows_and_logs_no_value(
    app: Flask, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> str:
        raise ValueError("Demir, Leyla")

    monkeypatch.setitem(app.view_functions, "login.hint", fail)

    response = stranger.get("/anmelden")

    assert response.status_code == 500
    assert "Unerwarteter Fehler" in response.text
    assert "Demir" not in response.text + caplog.text
    assert [vars(record)["error"] for record in caplog.records] == ["ValueError"]


def test_browsers_that_came_over_https_are_told_to_stay_there(example: Example) -> None:
    plain, secure = (create_app(example.runtime, secret_key="x", https=https).test_client() for https in (False, True))

    assert "Strict-Transport-Security" not in plain.get("/anmelden").headers
    assert secure.get("/anmelden").headers["Strict-Transport-Security"] == "max-age=31536000"
