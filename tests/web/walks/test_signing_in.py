"""At a local OpenID provider: a project's lead comes in and is refused what is not hers; a stranger stays outside."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.web.walks.conftest import Office, Row

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the provider's own imports are old; ours are not
    from oidc_provider_mock import run_server_in_thread

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]
ROWS: list[Row] = [["Demir, Leyla", "Müller, Anna", "01.09.2024", "kommt donnerstags"]]


@pytest.fixture(scope="module")
def issuer(office: Office) -> Iterator[str]:
    with run_server_in_thread(office.issuer_port, require_nonce=True):
        yield f"http://localhost:{office.issuer_port}"


def come(tab: Tab, office: Office, issuer: str, sub: str, *roles: str) -> None:
    """Sign in at the provider as somebody with these roles there."""
    claims = {"preferred_username": sub, "roles": list(roles)}
    assert requests.put(f"{issuer}/users/{sub}", json=claims, timeout=5).ok
    tab.route(
        re.compile("^https:"), lambda route: route.fulfill(body="")
    )  # the provider's page loads its style from afar
    tab.goto(office.url)
    tab.get_by_role("button", name="Mit Trägerkonto anmelden").click()
    tab.wait_for_url(f"{issuer}/**")
    tab.get_by_role("textbox").first.fill(sub)
    tab.get_by_role("button", name="Authorize").first.click()


def test_a_projects_lead_sees_her_project_and_nothing_else(tab: Tab, office: Office, issuer: str) -> None:
    office.add_table("nah", office.write_book("NAH.xlsx", ROWS))
    office.add_table("fer", office.write_book("FER.xlsx", [["Roth, Sabine", None, "15.10.2024", None]]))

    come(tab, office, issuer, "leyla.lang", "myturn-nah")
    tab.get_by_role("button", name="Gelesen, ich halte mich daran").click()

    expect(tab.get_by_role("row", name="Projekt NAH")).to_be_visible()
    expect(tab.get_by_text("Projekt FER")).to_have_count(0)
    for address, status, heading in (
        ("tabellen/nah", 200, "Jobcenter Beispielstadt"),
        ("tabellen/fer", 404, "nicht"),
        ("tabellen/fer/vorschau", 404, "nicht"),
        ("zugaenge", 403, ""),
    ):
        answer = tab.goto(f"{office.url}/{address}")
        assert answer is not None
        assert (address, answer.status) == (address, status)
        expect(tab.get_by_role("heading", name=re.compile(heading)).first).to_be_visible()
        assert "Roth" not in tab.content()


def test_whoever_has_no_role_there_does_not_come_in(tab: Tab, office: Office, issuer: str) -> None:
    come(tab, office, issuer, "niemand", "something-else")

    expect(tab.get_by_role("alert")).to_contain_text("Sie sind hier noch für nichts freigegeben.")
    assert tab.goto(f"{office.url}/tabellen/nah") is not None
    expect(tab.get_by_role("heading", name="Anmelden", exact=True)).to_be_visible()
