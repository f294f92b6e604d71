from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from syncsvc.services import users
from syncsvc.store import users as stored
from syncsvc.web import create_app, rights
from tests.example import Example
from tests.web.browser import Page

HINT = "Mit einem Anmeldelink"


@pytest.fixture
def link(example: Example) -> str:
    return users.login_link(example.runtime, "frau-berger", base_url="")


def test_a_link_preview_does_not_use_the_link_up(stranger: FlaskClient, link: str) -> None:
    """Mail programs fetch every address of a mail; only the button logs in."""
    for _ in range(3):
        assert stranger.get(link).status_code == 200

    assert "frau-berger" in Page(stranger).open(link).press("Anmelden").response.text


def test_a_link_lets_in_once(app: Flask, link: str) -> None:
    Page(app.test_client()).open(link).press("Anmelden")

    second = Page(app.test_client()).open(link).press("Anmelden")

    assert second.status == 403
    assert "gilt nicht mehr" in second.text
    assert HINT in second.open("/").text


def test_a_link_lets_in_for_fifteen_minutes(stranger: FlaskClient, example: Example, link: str) -> None:
    page = Page(stranger).open(link)
    example.clock.pass_by(minutes=15)

    assert page.press("Anmelden").status == 403


def test_every_page_but_the_login_demands_a_session(app: Flask, stranger: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<int(\(.*?\))?:\w+>", "1", rule.rule)
        address = re.sub(r"<\w+>", "bsp-beispielstadt", address)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if rule.endpoint in rights.PUBLIC | rights.WATCHED:
                continue
            response = stranger.open(address, method=method)
            wanted = (401, None) if rule.endpoint in rights.MACHINES else (303, "/anmelden")
            assert (response.status_code, response.location) == wanted, (method, address)


def test_leaving_ends_the_session_also_for_a_copied_cookie(app: Flask, browser: Page) -> None:
    cookie = browser.client.get_cookie("syncsvc")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("syncsvc", cookie.value)
    assert "Übersicht" in Page(thief).open("/").text

    browser.press("Abmelden")

    assert HINT in browser.open("/").text
    assert HINT in Page(thief).open("/").text


def test_a_session_ends_when_the_operator_ends_it(example: Example, browser: Page) -> None:
    with example.runtime.database.write() as session:
        stored.end_sessions(session, stored.get(session, "frau-berger").id)

    assert HINT in browser.open("/").text


def test_a_forged_session_is_none(app: Flask) -> None:
    forger = create_app(app.extensions["syncsvc"], secret_key="guessed").test_client()
    with forger.session_transaction() as session:
        session.update(user=1, epoch=0)
    cookie = forger.get_cookie("syncsvc")
    assert cookie is not None
    client = app.test_client()
    client.set_cookie("syncsvc", cookie.value)

    assert HINT in Page(client).open("/").text


@pytest.mark.parametrize("https", [True, False])
def test_the_session_cookie_stays_out_of_reach(example: Example, link: str, *, https: bool) -> None:
    """No script reads it, no other site sends it, and over https nothing else carries it."""
    page = Page(create_app(example.runtime, secret_key="not secret", https=https).test_client())
    with page.client:
        page.client.environ_base["wsgi.url_scheme"] = "https" if https else "http"
        page.open(link)

    cookie = page.response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert ("Secure" in cookie) is https


def test_a_form_without_its_token_changes_nothing(browser: Page) -> None:
    """Another site cannot make an admin's browser act."""
    response = browser.client.post("/tabellen/bsp-beispielstadt/abgleichen")

    assert response.status_code == 400
    assert "Ihre Sitzung ist abgelaufen" in response.text


def test_the_cookie_of_somebody_removed_is_not_the_next_persons(example: Example, app: Flask) -> None:
    """The database may give the number of a removed account to the next one."""
    users.add_user(example.runtime, "frau-alt")
    left = Page(app.test_client()).come_in(example.runtime, "frau-alt")
    gone = users.find_user(example.runtime, "frau-alt").id
    users.remove(example.runtime, gone, actor="cli")
    example.clock.pass_by(minutes=1)
    users.add_user(example.runtime, "frau-neu")

    assert users.find_user(example.runtime, "frau-neu").id == gone
    assert left.client.get("/").location == "/anmelden"
