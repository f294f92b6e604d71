"""Letting people in, and what they may, for those who decide it."""

from __future__ import annotations

import pytest
from flask import Flask

from syncsvc.core.access import Reach, Role
from syncsvc.services import audit, users
from syncsvc.services.audit import Wanted
from syncsvc.services.retention import tidy
from tests.example import Example
from tests.web.browser import Page


def invite(browser: Page, **fields: str) -> Page:
    return browser.open("/zugaenge/neu").send("/zugaenge/neu", **fields)


def shown_link(page: Page) -> str:
    return str(page.tree.find(".//input[@id='link']").get("value"))


def user_id(example: Example, name: str) -> int:
    return users.find_user(example.runtime, name).id


def test_somebody_invited_comes_in_by_the_link_shown_once(app: Flask, browser: Page) -> None:
    page = invite(browser, name="Leyla Demir", role="project", project="bsp")

    link = shown_link(page)
    assert link.startswith("http://localhost/anmelden/")
    guest = Page(app.test_client()).open(link.removeprefix("http://localhost")).press("Anmelden")
    assert guest.text.startswith("Übersicht")
    assert "Projektleitung: Beispielprojekt" in guest.open("/konto").text
    assert link not in browser.open("/zugaenge").response.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "", "role": "programme"}, "braucht einen Namen"),
        ({"name": "x" * 101, "role": "programme"}, "braucht einen Namen"),
        ({"name": "frau-berger", "role": "programme"}, "gibt es schon"),
        ({"name": "Neu"}, "wählen Sie, was die Person darf"),
        ({"name": "Neu", "role": "root"}, "wählen Sie, was die Person darf"),
        ({"name": "Neu", "role": "project"}, "gilt für ein Projekt"),
        ({"name": "Neu", "role": "project", "project": "bsp", "jobcentre": "jc-musterkreis"}, "gilt für ein Projekt"),
        ({"name": "Neu", "role": "jobcentre"}, "gilt für ein Jobcenter"),
        ({"name": "Neu", "role": "programme", "project": "bsp"}, "gilt für das ganze Programm"),
        ({"name": "Neu", "role": "auditor", "project": "bsp", "jobcentre": "jc-musterkreis"}, "Eine Prüfung gilt"),
    ],
)
def test_an_invitation_that_makes_no_sense_invites_nobody_and_says_why(
    example: Example, browser: Page, fields: dict[str, str], said: str
) -> None:
    page = invite(browser, **fields)

    assert page.status == 400
    assert said in page.text
    assert [user.name for user in users.list_users(example.runtime)] == ["frau-berger"]


def test_an_unknown_project_is_not_there(browser: Page) -> None:
    assert invite(browser, name="Neu", role="project", project="gibt-es-nicht").status == 404


def test_the_list_says_who_may_what(example: Example, browser: Page) -> None:
    users.add_user(example.runtime, "Anna Müller", Role.JOBCENTRE, jobcentre="jc-beispielstadt")
    users.add_user(example.runtime, "Revision", Role.AUDITOR)

    assert browser.open("/zugaenge").rows() == [
        ["Anna Müller", "Lesezugang für ein Jobcenter: Jobcenter Beispielstadt", "mit Anmeldelink", "noch nie"],
        ["Revision", "Prüfung", "mit Anmeldelink", "noch nie"],
        ["frau-berger", "Programmleitung", "mit Anmeldelink", "gerade eben"],
    ]


def test_a_right_is_given_and_taken_away_with_the_next_click(app: Flask, example: Example, browser: Page) -> None:
    users.add_user(example.runtime, "Leyla Demir", Role.PROJECT, project="bsp")
    guest = Page(app.test_client()).come_in(example.runtime, "Leyla Demir")
    number = user_id(example, "Leyla Demir")
    assert guest.open("/protokoll").status == 403

    browser.open(f"/zugaenge/{number}").send(f"/zugaenge/{number}/rechte", role="auditor")
    assert guest.open("/protokoll").status == 200

    auditor = users.get_user(example.runtime, number).grants[1]
    browser.open(f"/zugaenge/{number}").send(f"/zugaenge/{number}/rechte/{auditor.id}/entziehen")
    assert guest.open("/protokoll").status == 403
    assert guest.open("/").status == 200


def test_locking_ends_what_is_open_and_keeps_her_out_until_unlocked(
    app: Flask, example: Example, browser: Page
) -> None:
    users.add_user(example.runtime, "Leyla Demir", Role.PROJECT, project="bsp")
    number = user_id(example, "Leyla Demir")
    link = users.login_link(example.runtime, "Leyla Demir", base_url="")
    guest = Page(app.test_client()).come_in(example.runtime, "Leyla Demir")

    browser.open(f"/zugaenge/{number}").press("Sperren")

    assert guest.open("/").text.startswith("Anmelden")
    refused = guest.open(link).press("Anmelden")
    assert (refused.status, "gesperrt" in refused.text) == (403, True)
    assert "gesperrt" in browser.open("/zugaenge").text
    assert browser.open(f"/zugaenge/{number}").send(f"/zugaenge/{number}/anmeldelink").status == 400

    browser.open(f"/zugaenge/{number}").press("Entsperren")
    assert guest.come_in(example.runtime, "Leyla Demir").status == 200


def test_somebody_is_signed_out_everywhere_and_may_come_back(app: Flask, example: Example, browser: Page) -> None:
    users.add_user(example.runtime, "Leyla Demir", Role.PROJECT, project="bsp")
    guests = [Page(app.test_client()).come_in(example.runtime, "Leyla Demir") for _ in range(2)]

    browser.open(f"/zugaenge/{user_id(example, 'Leyla Demir')}").press("Überall abmelden")

    assert [guest.open("/").text[:8] for guest in guests] == ["Anmelden"] * 2
    assert guests[0].come_in(example.runtime, "Leyla Demir").status == 200


def test_the_last_lead_cannot_lock_or_demote_herself_out(example: Example, browser: Page) -> None:
    me = users.find_user(example.runtime, "frau-berger")
    users.add_user(example.runtime, "Leyla Demir", Role.PROJECT, project="bsp")

    locked = browser.open(f"/zugaenge/{me.id}").press("Sperren")
    assert (locked.status, "letzte Zugang der Programmleitung" in locked.text) == (400, True)
    demoted = browser.open(f"/zugaenge/{me.id}").send(f"/zugaenge/{me.id}/rechte/{me.grants[0].id}/entziehen")
    assert (demoted.status, "letzte Zugang der Programmleitung" in demoted.text) == (400, True)
    assert browser.open("/zugaenge").status == 200

    second = users.add_user(example.runtime, "Zweite Leitung")
    users.lock(example.runtime, second.id, actor="frau-berger")
    assert browser.open(f"/zugaenge/{me.id}").press("Sperren").status == 400, "who is locked leads nothing"
    users.unlock(example.runtime, second.id, actor="frau-berger")
    browser.open(f"/zugaenge/{me.id}").press("Sperren")
    assert browser.open("/").text.startswith("Anmelden"), "now somebody else leads"


def test_a_right_of_somebody_else_is_not_taken_by_another_ones_address(example: Example, browser: Page) -> None:
    mine = users.find_user(example.runtime, "frau-berger").grants[0].id
    other = users.add_user(example.runtime, "Zweite Leitung").id

    page = browser.open(f"/zugaenge/{other}").send(f"/zugaenge/{other}/rechte/{mine}/entziehen")

    assert page.status == 404
    assert users.find_user(example.runtime, "frau-berger").grants


@pytest.mark.parametrize("role", [Role.PROJECT, Role.JOBCENTRE, Role.AUDITOR])
def test_nobody_else_lets_people_in(app: Flask, example: Example, role: Role) -> None:
    place = {"project": "bsp"} if role is Role.PROJECT else {}
    place = {"jobcentre": "jc-musterkreis"} if role is Role.JOBCENTRE else place
    users.add_user(example.runtime, "Gast", role, **place)
    guest = Page(app.test_client()).come_in(example.runtime, "Gast")

    for address in ("/zugaenge", "/zugaenge/neu", "/zugaenge/1"):
        assert guest.open(address).status == 403, address
    token = guest.open("/konto").tree.find(".//input[@name='csrf_token']").get("value")
    for address in ("/zugaenge/1/sperren", "/zugaenge/2/rechte", "/zugaenge/1/anmeldelink", "/zugaenge/neu"):
        answer = guest.client.post(address, data={"csrf_token": token, "role": "programme", "name": "x"})
        assert answer.status_code == 403, address


def test_every_change_is_in_the_log_in_words(example: Example, browser: Page) -> None:
    invite(browser, name="Leyla Demir", role="project", project="bsp")
    number = user_id(example, "Leyla Demir")
    browser.open(f"/zugaenge/{number}").send(f"/zugaenge/{number}/rechte", role="auditor")
    browser.open(f"/zugaenge/{number}").press("Überall abmelden")
    browser.open(f"/zugaenge/{number}").press("Sperren")

    rows = browser.open("/protokoll?art=aenderungen").rows()

    assert [row[1:] for row in rows[:6]] == [
        ["frau-berger", "Zugang gesperrt: Leyla Demir", "–"],
        ["frau-berger", "überall abgemeldet: Leyla Demir", "–"],
        ["frau-berger", "Recht gegeben: Leyla Demir", "Prüfung"],
        ["frau-berger", "Anmeldelink gemacht: Leyla Demir", "–"],
        ["frau-berger", "Recht gegeben: Leyla Demir", "Projektleitung, bsp"],
        ["frau-berger", "Zugang angelegt: Leyla Demir", "mit Anmeldelink"],
    ]
    assert "Nichts gefunden" in browser.open(f"/protokoll?konto={number}&art=anmeldungen").text


def test_the_log_of_sign_ins_says_who_came_and_who_was_refused(app: Flask, example: Example, browser: Page) -> None:
    Page(app.test_client()).open("/anmelden").send("/anmelden", name="niemand", password="x")

    rows = [row[1:] for row in browser.open("/protokoll?art=anmeldungen").rows()]

    assert rows[0] == [
        "unbekannt",
        "Anmeldung abgewiesen",
        "mit Passwort, Name oder Passwort falsch, oder Zugang gesperrt",
    ]
    assert ["frau-berger", "hat sich angemeldet", "mit Anmeldelink"] in rows
    assert ["frau-berger", "hat die Vertraulichkeit bestätigt", "–"] in rows


@pytest.mark.parametrize("query", ["von=gestern", "konto=x", "vor=x", "art=x", "konto=999"])
def test_an_odd_address_of_the_log_is_no_error(browser: Page, query: str) -> None:
    assert browser.open(f"/protokoll?{query}").status == 200


def test_an_auditor_reads_the_log_and_a_projects_auditor_its_own(app: Flask, example: Example) -> None:
    users.add_user(example.runtime, "Revision", Role.AUDITOR)
    users.add_user(example.runtime, "Prüfung", Role.AUDITOR, project="bsp")

    assert (
        "Zugang angelegt: Prüfung"
        in Page(app.test_client()).come_in(example.runtime, "Revision").open("/protokoll").text
    )
    own = Page(app.test_client()).come_in(example.runtime, "Prüfung").open("/protokoll").text
    assert "Tabelle angelegt: bsp-beispielstadt" in own
    assert "hat sich angemeldet" not in own


def test_old_sign_ins_go_after_thirteen_months_and_changes_after_ten_years(example: Example, browser: Page) -> None:
    def actions() -> set[str]:
        found, _ = audit.list_entries(example.runtime, Reach(whole=True), Wanted())
        return {one.action for one in found}

    example.clock.pass_by(days=399)
    assert tidy(example.runtime).audit_removed == 0
    example.clock.pass_by(days=2)
    assert tidy(example.runtime).audit_removed == 2
    assert "login.ok" not in actions()
    assert "user.added" in actions()
    example.clock.pass_by(days=3650)
    tidy(example.runtime)
    assert actions() == set()
