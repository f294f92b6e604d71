"""Name and password, rate limits, and one's own account."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from syncsvc.core.access import Role
from syncsvc.services import passwords, users
from syncsvc.store import audit
from syncsvc.store import users as stored
from syncsvc.store.admission import Allowance, AuditEntry
from tests.example import Example
from tests.web.browser import NOTICE, Page

GOOD = "Kanne Wolke Teppich vier"
OTHER = "Fenster Gabel Sommer neun"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As sure as needed here: a test should not wait for a third of a second at each check."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))


@pytest.fixture
def known(example: Example) -> Example:
    """Frau Berger has a password."""
    with example.runtime.database.write() as session:
        stored.get(session, "frau-berger").password_hash = passwords.hashed(GOOD)
    return example


def enter(app: Flask, name: str = "frau-berger", password: str = GOOD) -> Page:
    return Page(app.test_client()).open("/anmelden").send("/anmelden", name=name, password=password)


def noted(example: Example) -> list[tuple[str, str, str]]:
    with example.runtime.database.read() as session:
        found = audit.entries(session, limit=50)
    return [(one.action, one.actor, str(one.details.get("why", one.details.get("way", "")))) for one in found]


def test_name_and_password_let_in(app: Flask, known: Example) -> None:
    assert "Übersicht" in enter(app).text
    assert ("login.ok", "frau-berger", "password") in noted(known)


@pytest.mark.parametrize(
    ("name", "password"),
    [("frau-berger", "falsch"), ("frau-berger", ""), ("niemand", GOOD), ("", ""), ("Frau-Berger", GOOD)],
)
def test_anything_else_lets_nobody_in_and_says_always_the_same(
    app: Flask, known: Example, name: str, password: str
) -> None:
    page = enter(app, name, password)

    assert page.status == 403
    assert "Name oder Passwort stimmen nicht, oder der Zugang ist gesperrt." in page.text
    assert page.open("/").text.startswith("Anmelden")


def test_without_a_password_none_is_right(app: Flask, example: Example) -> None:
    """There is no default one, and the empty one is not it."""
    for password in ("", "admin", "frau-berger", "None"):
        assert enter(app, password=password).status == 403


def test_a_locked_account_says_no_more_than_a_wrong_password(app: Flask, known: Example) -> None:
    users.add_user(known.runtime, "Leitung")
    users.lock(known.runtime, users.find_user(known.runtime, "frau-berger").id, actor="Leitung")

    page = enter(app)

    assert page.status == 403
    assert "Name oder Passwort stimmen nicht" in page.text


def test_a_refused_name_is_noted_only_if_it_is_an_accounts(app: Flask, known: Example) -> None:
    """People type their password there by mistake."""
    enter(app, "mein geheimes Passwort")
    enter(app, password="falsch")

    assert noted(known)[:2] == [("login.refused", "frau-berger", "password"), ("login.refused", "", "password")]
    with known.runtime.database.read() as session:
        assert not any("geheimes" in str(vars(one)) for one in session.scalars(select(AuditEntry)))


def test_a_password_kept_with_weaker_parameters_is_kept_anew_at_the_next_sign_in(app: Flask, known: Example) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(GOOD)
    with known.runtime.database.write() as session:
        stored.get(session, "frau-berger").password_hash = weak

    assert enter(app).status == 200

    with known.runtime.database.read() as session:
        kept = stored.get(session, "frau-berger").password_hash
    assert kept != weak
    assert not passwords.is_outdated(str(kept))
    assert enter(app).status == 200


def test_whoever_guesses_one_accounts_password_is_stopped_wherever_she_comes_from(app: Flask, known: Example) -> None:
    """Ten tries in ten minutes; then also the right one waits."""
    for number in range(10):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        page = (
            Page(client)
            .open("/anmelden")
            .send(
                "/anmelden",
                name="Frau-Berger" if number % 2 else "frau-berger",
                password=str(number),
            )
        )
        assert page.status == 403

    page = enter(app)

    assert page.status == 429
    assert page.text.startswith("Zu viele Versuche Bitte warten Sie 10 Minuten")
    assert page.response.headers["Retry-After"] == "600"
    assert enter(app, "niemand").status == 403, "others come in"


def test_being_signed_in_gives_nobody_more_tries_at_anothers_password(
    app: Flask, known: Example, browser: Page
) -> None:
    for number in range(10):
        browser.open("/konto").send("/anmelden", name="frau-roth", password=str(number))

    assert enter(app, "frau-roth").status == 429
    assert enter(app).status == 200


def test_nobody_is_locked_out_for_good(app: Flask, known: Example) -> None:
    for _ in range(12):
        enter(app, password="falsch")
    assert enter(app).status == 429
    link = users.login_link(known.runtime, "frau-berger", base_url="")
    assert Page(app.test_client()).open(link).press("Anmelden").status == 200, "a link still lets in"

    known.clock.pass_by(minutes=10)

    assert enter(app).status == 200


def test_an_address_that_tries_many_names_is_stopped(app: Flask, known: Example) -> None:
    codes = [enter(app, f"name-{number}").status for number in range(31)]

    assert codes == [403] * 30 + [429]
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert Page(client).open("/anmelden").send("/anmelden", name="frau-berger", password=GOOD).status == 200


def test_all_addresses_of_one_network_are_one_in_ipv6(app: Flask, known: Example) -> None:
    def status(number: int) -> int:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"2001:db8:0:1::{number:x}"
        return Page(client).open("/anmelden").send("/anmelden", name=f"name-{number}", password="x").status

    assert [status(number) for number in range(31)][-1] == 429


def test_reading_is_never_counted(browser: Page, known: Example) -> None:
    """So it never waits for whoever is writing."""
    with known.runtime.database.read() as session:
        before = {one.name: one.count for one in session.scalars(select(Allowance))}
    for _ in range(5):
        browser.open("/konto")
        browser.open("/anmelden")
    with known.runtime.database.read() as session:
        assert {one.name: one.count for one in session.scalars(select(Allowance))} == before


def test_what_is_counted_names_nobody(app: Flask, known: Example) -> None:
    enter(app, "mein geheimes Passwort")
    with known.runtime.database.read() as session:
        names = " ".join(session.scalars(select(Allowance.name)))
    assert names
    assert "127.0.0.1" not in names
    assert "geheim" not in names


def test_one_person_posts_no_more_than_a_machine_would(browser: Page, known: Example) -> None:
    token = browser.open("/konto").tree.find(".//input[@name='csrf_token']").get("value")
    codes = {
        browser.client.post("/sprache", data={"csrf_token": token, "language": "de"}).status_code for _ in range(320)
    }
    assert 429 in codes


def test_a_new_password_ends_all_other_sessions(app: Flask, browser: Page, example: Example) -> None:
    other = Page(app.test_client()).come_in(example.runtime)

    browser.open("/konto").send("/konto/passwort", new=GOOD, repeated=GOOD)

    assert "Das Passwort ist gespeichert" in browser.text
    assert other.open("/").text.startswith("Anmelden")
    assert enter(app).status == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"new": OTHER, "repeated": OTHER}, "Das bisherige Passwort stimmt nicht."),
        ({"current": "falsch", "new": OTHER, "repeated": OTHER}, "Das bisherige Passwort stimmt nicht."),
        ({"current": GOOD, "new": OTHER, "repeated": GOOD}, "nicht gleich"),
        ({"current": GOOD, "new": "kurz", "repeated": "kurz"}, "mindestens 12 Zeichen"),
    ],
)
def test_a_change_that_is_not_right_changes_nothing(
    app: Flask, browser: Page, known: Example, fields: dict[str, str], said: str
) -> None:
    page = browser.open("/konto").send("/konto/passwort", **fields)

    assert page.status == 400
    assert said in page.text
    assert enter(app).status == 200


def test_trying_the_present_password_is_limited_too(browser: Page, known: Example) -> None:
    """Somebody sits down at a machine that was left open."""
    for _ in range(10):
        browser.open("/konto").send("/konto/passwort", current="geraten", new=OTHER, repeated=OTHER)
    assert browser.open("/konto").send("/konto/passwort", current=GOOD, new=OTHER, repeated=OTHER).status == 429


def test_before_anything_else_the_notice_is_confirmed(app: Flask, example: Example) -> None:
    page = Page(app.test_client(), confirms=False).come_in(example.runtime)

    assert page.text.startswith("Vertraulichkeit")
    for address in ("/", "/klaerungen", "/zugaenge", "/konto"):
        assert page.open(address).text.startswith("Vertraulichkeit"), address
    token = page.tree.find(".//input[@name='csrf_token']").get("value")
    sent = page.client.post("/tabellen/bsp-beispielstadt/pausieren", data={"csrf_token": token})
    assert (sent.status_code, sent.location) == (303, "/vertraulichkeit")

    assert page.press(NOTICE).text.startswith("Übersicht")
    assert ("notice.confirmed", "frau-berger", "") in noted(example)


def test_the_notice_is_asked_again_after_a_year(app: Flask, example: Example) -> None:
    Page(app.test_client()).come_in(example.runtime)

    example.clock.pass_by(days=364)
    assert Page(app.test_client(), confirms=False).come_in(example.runtime).text.startswith("Übersicht")
    example.clock.pass_by(days=1)
    assert Page(app.test_client(), confirms=False).come_in(example.runtime).text.startswith("Vertraulichkeit")


def test_a_session_ends_after_twelve_hours_however_busy(browser: Page, example: Example) -> None:
    for _ in range(11):
        example.clock.pass_by(hours=1)
        assert browser.open("/konto").text.startswith("Mein Zugang")
    example.clock.pass_by(hours=1)
    assert browser.open("/konto").text.startswith("Anmelden")


def test_a_project_admin_sees_what_she_may_and_changes_her_password(app: Flask, example: Example) -> None:
    users.add_user(example.runtime, "Leyla Demir", Role.PROJECT, project="bsp")
    page = Page(app.test_client()).come_in(example.runtime, "Leyla Demir").open("/konto")

    assert "Projektleitung: Beispielprojekt" in page.text
    assert "gespeichert" in page.send("/konto/passwort", new=GOOD, repeated=GOOD).text
    assert enter(app, "Leyla Demir").status == 200
