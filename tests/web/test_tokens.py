"""The page where tokens are handed out."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from syncsvc.core.access import Role
from syncsvc.services import tokens, users
from syncsvc.store import projects
from syncsvc.store.admission import ApiToken, AuditEntry
from tests.example import Example
from tests.web.api.conftest import Api
from tests.web.browser import Page


def make(browser: Page, **typed: object) -> Page:
    fields = {"project": "bsp", "name": "Fallakte", "days": "365", "scopes": ["records:read"]}
    return browser.open("/schnittstelle").send("/schnittstelle", **{**fields, **typed})


def test_a_token_is_made_shown_once_and_lets_the_software_in(browser: Page, example: Example, app: Flask) -> None:
    make(browser)

    secret = browser.tree.find(".//input[@id='secret']").get("value")
    assert secret.startswith("syncsvc_")
    assert Api(app, secret)("GET", "/records").status_code == 200
    assert Api(app, secret)("GET", "/runs").status_code == 403, "that was not ticked"
    browser.open("/schnittstelle")
    assert secret not in browser.response.get_data(as_text=True)
    assert "Fallakte" in browser.text
    assert "02.03.2027" in browser.text, "a year from 2 March 2026"


def test_the_database_keeps_a_digest_only_and_the_audit_says_who_made_it(browser: Page, example: Example) -> None:
    make(browser)

    secret = browser.tree.find(".//input[@id='secret']").get("value")
    with example.runtime.database.read() as session:
        kept = session.scalars(sa.select(ApiToken)).one()
        noted = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "token.added")).one()
    assert secret.encode() not in kept.digest
    assert (noted.actor, noted.target) == ("frau-berger", "Fallakte")
    assert secret not in str(noted.details)


def test_a_revoked_token_lets_nobody_in_any_more(browser: Page, example: Example, app: Flask) -> None:
    make(browser)
    secret = browser.tree.find(".//input[@id='secret']").get("value")

    browser.open("/schnittstelle").press("Entziehen")

    assert "entzogen" in browser.text
    assert Api(app, secret)("GET", "/records").status_code == 401


@pytest.mark.parametrize("typed", [{"name": " "}, {"scopes": []}, {"scopes": ["alles"]}, {"name": "x" * 61}])
def test_a_mistake_is_said_and_nothing_is_made(browser: Page, example: Example, typed: dict[str, object]) -> None:
    make(browser, **typed)

    assert browser.status == 400
    assert browser.tree.find(".//main").find(".//*[@role='alert']") is not None
    assert tokens.list_tokens(example.runtime) == []


def test_two_valid_tokens_of_a_project_have_different_names(browser: Page, example: Example) -> None:
    make(browser)
    make(browser, name="FALLAKTE")

    assert browser.status == 400
    assert len(tokens.list_tokens(example.runtime)) == 1


def test_who_leads_another_project_neither_sees_nor_makes_its_tokens(example: Example, app: Flask) -> None:
    with example.runtime.database.write() as session:
        projects.upsert(session, "nbh", prefix="NBH", name="Nachbarprojekt")
    tokens.add_token(example.runtime, "bsp", "Aktenschrank", ["runs:read"], actor="frau-berger")
    number = tokens.list_tokens(example.runtime)[0].id
    users.add_user(example.runtime, "nachbarin", Role.PROJECT, project="nbh")
    page = Page(app.test_client())
    page.come_in(example.runtime, "nachbarin")

    page.open("/schnittstelle")

    assert "Aktenschrank" not in page.response.get_data(as_text=True)
    assert [option.get("value") for option in page.tree.find(".//select[@id='project']")] == ["nbh"]
    make(page, project="bsp")
    assert page.status == 404
    token = page.open("/schnittstelle").tree.find(".//main").find(".//input[@name='csrf_token']").get("value")
    refused = page.client.post(f"/schnittstelle/{number}/entziehen", data={"csrf_token": token})
    assert refused.status_code == 404
    assert [one.state for one in tokens.list_tokens(example.runtime)] == ["valid"]
