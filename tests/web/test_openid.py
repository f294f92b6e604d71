"""Signing in at an OpenID provider: who comes in as whom, what she may, and what becomes of answers that are wrong."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from syncsvc.core.access import Role
from syncsvc.core.openid import Provider, Rule
from syncsvc.errors import UsageError
from syncsvc.services import signin, users
from syncsvc.services.users import UserView
from syncsvc.store import audit
from syncsvc.store import users as stored
from syncsvc.web import create_app
from tests.example import Example
from tests.web.browser import Page

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the provider's own imports are old; ours are not
    from oidc_provider_mock import run_server_in_thread

pytestmark = [  # of the provider's, which uses its library in old ways
    pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]

DEMIR = "8f6c0e52-leyla"
RULES = (
    Rule("myturn-leitung", Role.PROGRAMME),
    Rule("myturn-bsp", Role.PROJECT, project="bsp"),
    Rule("jc-beispielstadt", Role.JOBCENTRE, jobcentre="jc-beispielstadt"),
    Rule("myturn-abc", Role.PROJECT, project="gibt-es-nicht"),
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def provider(issuer: str) -> Provider:
    return Provider(issuer, "tabellenabgleich", "geheim", "Trägerkonto", "realm_access.roles", "", RULES)


@pytest.fixture
def app(example: Example, provider: Provider) -> Flask:
    app = create_app(example.runtime, secret_key="not secret", provider=provider)
    app.testing = True
    return app


def known(issuer: str, *roles: str, sub: str = DEMIR, name: str = "leyla.demir") -> None:
    """Let the provider know somebody with these roles."""
    claims = {"preferred_username": name, "realm_access": {"roles": list(roles)}}
    assert requests.put(f"{issuer}/users/{sub}", json=claims, timeout=5).ok


def to_provider(client: FlaskClient) -> str:
    """Press the button; where the provider is asked."""
    page = Page(client).open("/anmelden")
    token = page.tree.find(".//input[@name='csrf_token']").get("value")
    sent = client.post("/anmelden/dienst", data={"csrf_token": token})
    assert sent.status_code == 302
    return str(sent.location)


def answer(asked: str, sub: str = DEMIR, **form: str) -> str:
    """Be that person at the provider; the address it sends the browser back to."""
    back = requests.post(asked, data={"sub": sub, **form}, allow_redirects=False, timeout=5)
    parts = urlsplit(back.headers["Location"])
    assert parts.netloc == "localhost"
    return f"{parts.path}?{parts.query}"


def come_in(app: Flask, sub: str = DEMIR) -> Page:
    client = app.test_client()
    return Page(client).open(answer(to_provider(client), sub))


def view(example: Example, name: str) -> UserView:
    return users.find_user(example.runtime, name)


def held(example: Example, name: str) -> set[tuple[Role, str, str]]:
    return {(one.role, one.project, one.jobcentre) for one in view(example, name).grants}


def test_whoever_has_a_role_there_comes_in_with_what_it_grants(example: Example, app: Flask, issuer: str) -> None:
    known(issuer, "myturn-bsp", "jc-beispielstadt", "anything-else")

    page = come_in(app)

    assert "Übersicht" in page.text
    assert held(example, "leyla.demir") == {
        (Role.PROJECT, "Beispielprojekt", ""),
        (Role.JOBCENTRE, "", "Jobcenter Beispielstadt"),
    }
    assert view(example, "leyla.demir").way == "openid"


def test_the_provider_is_asked_with_state_nonce_and_pkce(app: Flask, stranger: FlaskClient) -> None:
    asked = parse_qs(urlsplit(to_provider(stranger)).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["scope"] == ["openid profile email"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 20
    assert asked["redirect_uri"] == ["http://localhost/anmelden/dienst"]


def test_roles_are_given_and_taken_away_at_each_sign_in_and_those_given_here_stay(
    example: Example, app: Flask, issuer: str
) -> None:
    known(issuer, "myturn-leitung")
    come_in(app)
    mine = view(example, "leyla.demir")
    users.grant(example.runtime, mine.id, Role.AUDITOR, actor="frau-berger")

    known(issuer, "jc-beispielstadt")
    come_in(app)

    assert held(example, "leyla.demir") == {
        (Role.JOBCENTRE, "", "Jobcenter Beispielstadt"),
        (Role.AUDITOR, "", ""),
    }


def test_what_was_also_given_here_is_not_taken_away(example: Example, app: Flask, issuer: str) -> None:
    known(issuer, "myturn-bsp", "jc-beispielstadt")
    come_in(app)
    mine = view(example, "leyla.demir")
    users.grant(example.runtime, mine.id, Role.PROJECT, project="bsp", actor="frau-berger")

    known(issuer, "jc-beispielstadt")
    come_in(app)

    assert (Role.PROJECT, "Beispielprojekt", "") in held(example, "leyla.demir")


@pytest.mark.parametrize("role", ["", "myturn", "MYTURN-LEITUNG", "myturn-abc"])
def test_whoever_nothing_is_granted_is_let_in_nowhere_and_learns_whom_to_ask(
    example: Example, app: Flask, issuer: str, role: str
) -> None:
    """Also for a project that is not there; no pattern matches, no case is folded."""
    known(issuer, role)

    page = come_in(app)

    assert page.status == 403
    assert "wenden Sie sich an Ihre Programmleitung" in page.text
    assert "leyla.demir" not in {user.name for user in users.list_users(example.runtime)}
    assert page.open("/").text.startswith("Anmelden")


def test_whoever_lost_all_roles_loses_her_rights_too(example: Example, app: Flask, issuer: str) -> None:
    known(issuer, "myturn-leitung")
    before = come_in(app)
    known(issuer)

    assert come_in(app).status == 403
    assert held(example, "leyla.demir") == set()
    assert before.open("/").status == 403, "the session of before, at its next click"


def test_a_name_that_an_account_has_already_takes_nothing_over(example: Example, app: Flask, issuer: str) -> None:
    """Names and addresses can be chosen; issuer and subject cannot."""
    known(issuer, "jc-beispielstadt", name="frau-berger")

    come_in(app)

    assert held(example, "frau-berger") == {(Role.PROGRAMME, "", "")}
    assert held(example, "frau-berger (Trägerkonto)") == {(Role.JOBCENTRE, "", "Jobcenter Beispielstadt")}


@pytest.mark.parametrize("name", ["cli", "schedule", "Fallsoftware (API)"])
def test_nobody_comes_in_under_a_name_that_histories_note_for_the_service(
    example: Example, app: Flask, issuer: str, name: str
) -> None:
    """At many providers people choose their name: what she did would read as the service's or a software's work."""
    known(issuer, "myturn-bsp", name=name)
    come_in(app)

    assert f"{name} (Trägerkonto)" in {user.name for user in users.list_users(example.runtime)}


def test_a_new_name_at_the_provider_is_still_the_same_person(example: Example, app: Flask, issuer: str) -> None:
    known(issuer, "myturn-bsp")
    come_in(app)
    known(issuer, "myturn-bsp", name="leyla.kaya")
    come_in(app)

    assert [user.name for user in users.list_users(example.runtime)] == ["frau-berger", "leyla.demir"]


def test_the_same_subject_at_another_issuer_is_somebody_else(example: Example, provider: Provider) -> None:
    claims = {"sub": DEMIR, "preferred_username": "x", "realm_access": {"roles": ["myturn-bsp"]}}
    first = signin.by_openid(example.runtime, provider, {**claims, "iss": "https://a.example"})
    other = signin.by_openid(example.runtime, provider, {**claims, "iss": "https://b.example"})

    assert isinstance(first, int)
    assert isinstance(other, int)
    assert first != other


def test_a_locked_account_stays_out_whatever_the_provider_says(example: Example, app: Flask, issuer: str) -> None:
    known(issuer, "myturn-leitung")
    before = come_in(app)
    users.lock(example.runtime, view(example, "leyla.demir").id, actor="frau-berger")

    assert before.open("/").text.startswith("Anmelden")
    page = come_in(app)
    assert page.status == 403
    assert "gesperrt" in page.text


def test_the_browser_that_comes_back_must_be_the_one_that_went(app: Flask, issuer: str) -> None:
    """Whoever sends somebody a link with her own code signs nobody in."""
    known(issuer, "myturn-leitung")
    attacker, victim = app.test_client(), app.test_client()
    back = answer(to_provider(attacker))

    page = Page(victim).open(back)

    assert page.status == 403
    assert "Bitte beginnen Sie noch einmal" in page.text
    assert page.open("/").text.startswith("Anmelden")


def test_an_altered_state_is_refused(app: Flask, stranger: FlaskClient, issuer: str) -> None:
    known(issuer, "myturn-leitung")
    back = answer(to_provider(stranger))

    page = Page(stranger).open(back.replace("state=", "state=x"))

    assert page.status == 403
    assert "Bitte beginnen Sie noch einmal" in page.text


def test_an_answer_counts_once(app: Flask, issuer: str) -> None:
    """Also with the cookie of before: the provider refuses a code the second time."""
    known(issuer, "myturn-leitung")
    client, thief = app.test_client(), app.test_client()
    back = answer(to_provider(client))
    cookie = client.get_cookie("syncsvc")
    assert cookie is not None
    thief.set_cookie("syncsvc", cookie.value)
    assert "Übersicht" in Page(client).open(back).text

    again = Page(thief).open(back)

    assert again.status == 403
    assert "Bitte beginnen Sie noch einmal" in again.text


def test_an_answer_to_another_question_is_refused(app: Flask, stranger: FlaskClient, issuer: str) -> None:
    """Its nonce is not ours."""
    known(issuer, "myturn-leitung")
    back = answer(to_provider(stranger))
    with stranger.session_transaction() as session:
        (key,) = (key for key in session if key.startswith("_state_"))
        session[key]["data"]["nonce"] = "another"
        session.modified = True

    assert Page(stranger).open(back).status == 403


def test_somebody_who_declines_at_the_provider_comes_back_to_a_sentence(app: Flask, stranger: FlaskClient) -> None:
    page = Page(stranger).open(answer(to_provider(stranger), action="deny"))

    assert page.status == 403
    assert "abgebrochen" in page.text


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=x", "?error=server_error&error_description=Berger"])
def test_whatever_comes_back_is_a_page_and_quotes_nothing(stranger: FlaskClient, query: str) -> None:
    page = Page(stranger).open(f"/anmelden/dienst{query}")

    assert page.status == 403
    assert "Bitte beginnen Sie noch einmal" in page.text
    assert "Berger" not in page.response.text


def test_a_provider_that_is_away_is_a_sentence(example: Example, provider: Provider) -> None:
    away = replace(provider, issuer="http://localhost:1")
    page = Page(create_app(example.runtime, secret_key="x", provider=away).test_client()).open("/anmelden")

    page.press("Mit Trägerkonto anmelden")

    assert page.status == 503
    assert "antwortet gerade nicht" in page.text


def test_a_provider_that_calls_itself_otherwise_is_not_believed(example: Example, provider: Provider) -> None:
    other = replace(provider, issuer=provider.issuer + "/")
    page = Page(create_app(example.runtime, secret_key="x", provider=other).test_client()).open("/anmelden")

    assert page.press("Mit Trägerkonto anmelden").status == 503


def test_signing_in_starts_a_new_session(app: Flask, issuer: str) -> None:
    """What somebody planted in the browser before is gone."""
    known(issuer, "myturn-leitung")
    client = app.test_client()
    asked = to_provider(client)
    with client.session_transaction() as session:
        session["csrf_token"] = planted = "0123456789abcdef0123456789abcdef01234567"

    Page(client).open(answer(asked))

    with client.session_transaction() as session:
        assert session.get("csrf_token") != planted
        assert not [key for key in session if key.startswith("_state_")]


def test_her_account_has_no_password_and_no_link_here(example: Example, app: Flask, issuer: str) -> None:
    """Whoever is dismissed at the provider must not come back by another door."""
    known(issuer, "myturn-bsp")
    page = come_in(app).open("/konto")

    assert "Passwort speichern" not in page.buttons
    with pytest.raises(UsageError):
        users.login_link(example.runtime, "leyla.demir", base_url="")


def test_without_a_provider_there_is_no_button_and_no_way(example: Example) -> None:
    page = Page(create_app(example.runtime, secret_key="x").test_client()).open("/anmelden")

    assert page.buttons == ["Anmelden"]
    token = page.tree.find(".//input[@name='csrf_token']").get("value")
    assert page.client.post("/anmelden/dienst", data={"csrf_token": token}).status_code == 403
    assert page.open("/anmelden/dienst?code=x&state=y").status == 403


def test_what_the_provider_gave_is_not_taken_away_by_hand(example: Example, app: Flask, issuer: str) -> None:
    """It would be back at the next sign-in."""
    known(issuer, "myturn-bsp")
    come_in(app)
    mine = view(example, "leyla.demir")

    with pytest.raises(UsageError, match="Anmeldedienst"):
        users.revoke(example.runtime, mine.id, mine.grants[0].id, actor="frau-berger")


def test_sign_ins_there_are_noted(example: Example, app: Flask, issuer: str) -> None:
    known(issuer, "myturn-bsp")
    come_in(app)
    known(issuer)
    come_in(app)

    with example.runtime.database.read() as session:
        noted = [(one.action, one.target) for one in audit.entries(session, limit=20)]
        assert stored.find(session, "leyla.demir") is not None
    assert noted[0] == ("login.refused", "leyla.demir")
    assert ("login.ok", "leyla.demir") in noted


def test_only_the_page_that_leads_to_the_provider_lets_a_form_lead_elsewhere(stranger: FlaskClient) -> None:
    """Browsers hold the policy against every address that the button ends up at."""
    said = [stranger.get(address).headers["Content-Security-Policy"] for address in ("/anmelden", "/gibt-es-nicht")]

    assert ["form-action" in policy for policy in said] == [False, True]
