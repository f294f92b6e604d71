"""Who is let in: only whoever shows a valid token, only for its project, only for what it may."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from syncsvc.core.tokens import TokenScope
from syncsvc.services import tokens
from syncsvc.store.admission import Reading
from syncsvc.web.rights import MACHINES
from tests.example import Example
from tests.web.api.conftest import Api, make_token, refs
from tests.web.browser import Page

EVERY_OPERATION = [
    ("GET", "/records"),
    ("GET", "/records/BSP-0001-9"),
    ("GET", "/records/BSP-0001-9/history"),
    ("PATCH", "/records/BSP-0001-9"),
    ("POST", "/records:batch"),
    ("POST", "/records"),
    ("GET", "/fields"),
    ("GET", "/tables"),
    ("GET", "/tables/bsp-beispielstadt"),
    ("POST", "/tables/bsp-beispielstadt/sync"),
    ("GET", "/runs"),
    ("GET", "/runs/1"),
    ("GET", "/questions"),
    ("GET", "/questions/1"),
    ("POST", "/questions/1/answer"),
]


def test_this_list_has_every_operation() -> None:
    assert len(EVERY_OPERATION) == len(MACHINES)


def test_without_a_token_nothing_answers(api: Api) -> None:
    for method, path in EVERY_OPERATION:
        for secret in ("", "syncsvc_wrong", api.secret[:-1], f"{api.secret}x"):
            refused = Api(api.app, "")(method, path, {}, Authorization=f"Bearer {secret}")

            assert (path, refused.status_code) == (path, 401)
            assert refused.mimetype == "application/problem+json"
            assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
            assert api.secret[:-1] not in refused.get_data(as_text=True)


def test_a_browser_that_is_signed_in_gets_nothing(browser: Page, synced: Example) -> None:
    assert browser.client.get("/schnittstelle").status_code == 200, "it is signed in"
    assert browser.client.get("/api/v1/records").status_code == 401
    assert browser.client.patch("/api/v1/records/BSP-0001-9", json={"fields": {"custom.note": "x"}}).status_code == 401


def test_a_token_may_only_what_its_scopes_say(synced: Example, app: Flask) -> None:
    """Each operation with every scope but its own."""
    for number, (method, path) in enumerate(EVERY_OPERATION):
        scope = MACHINES[str(app.url_map.bind("").match(f"/api/v1{path}", method)[0])]
        others = [other for other in TokenScope if other is not scope]

        refused = Api(app, make_token(synced, "bsp", others, f"Nr. {number}"))(method, path, {"fields": {}})

        assert (path, refused.status_code, refused.json["scope"]) == (path, 403, scope)
        assert scope in refused.headers["WWW-Authenticate"]


def test_a_token_ends_with_its_year_and_at_once_when_revoked(synced: Example, app: Flask) -> None:
    first, second = (Api(app, make_token(synced, "bsp", [TokenScope.RUNS_READ], name)) for name in ("eins", "zwei"))
    number = next(token.id for token in tokens.list_tokens(synced.runtime) if token.name == "zwei")
    assert second("GET", "/runs").status_code == 200

    tokens.revoke_token(synced.runtime, number, actor="frau-berger")
    synced.clock.pass_by(days=364)

    assert second("GET", "/runs").status_code == 401
    assert first("GET", "/runs").status_code == 200
    synced.clock.pass_by(days=1)
    assert first("GET", "/runs").status_code == 401


def test_another_projects_things_do_not_exist(api: Api, neighbour: Api) -> None:
    ref = refs(api)["Demir"]
    tag = api("GET", f"/records/{ref}").headers["ETag"]

    assert neighbour("GET", "/records").json["items"] == []
    for method, path, body in (
        ("GET", f"/records/{ref}", None),
        ("GET", f"/records/{ref}/history", None),
        ("PATCH", f"/records/{ref}", {"fields": {"custom.note": "fremd"}}),
        ("GET", "/tables/bsp-beispielstadt", None),
        ("POST", "/tables/bsp-beispielstadt/sync", None),
        ("GET", "/runs/1", None),
        ("GET", "/runs?table=bsp-beispielstadt", None),
        ("GET", "/records?table=bsp-beispielstadt", None),
    ):
        answer = neighbour(method, path, body, If_Match=tag)
        assert (path, answer.status_code) == (path, 404)
        assert "Demir" not in answer.get_data(as_text=True)
    batch = {"records": [{"ref": ref, "if_match": tag.strip('"'), "fields": {"custom.note": "fremd"}}]}
    assert neighbour("POST", "/records:batch", batch).status_code == 422
    assert "custom.note" not in api("GET", f"/records/{ref}").json["fields"]
    assert [table["key"] for table in neighbour("GET", "/tables").json["items"]] == ["nbh-beispielstadt"]
    assert neighbour("GET", "/runs").json["items"] == []


def test_what_was_read_of_whom_is_noted(api: Api, synced: Example) -> None:
    ref = refs(api)["Demir"]  # one page with all four
    api("GET", f"/records/{ref}")
    api("GET", f"/records/{ref}", If_None_Match=api("GET", f"/records/{ref}").headers["ETag"])

    with synced.runtime.database.read() as session:
        noted = session.execute(sa.select(Reading.page, Reading.ref, Reading.actor).order_by(Reading.id)).all()
    assert [row.page for row in noted] == ["api.list_records"] * 4 + ["api.get_record"] * 2, "304 showed nothing"
    assert {row.actor for row in noted} == {"Fallakte (API)"}


def test_the_last_use_is_known_to_the_hour(api: Api, synced: Example) -> None:
    def used() -> object:
        return tokens.list_tokens(synced.runtime)[0].used_at

    api("GET", "/runs")
    first = used()
    synced.clock.pass_by(minutes=59)
    api("GET", "/runs")
    assert used() == first
    synced.clock.pass_by(minutes=1)
    api("GET", "/runs")
    assert used() == synced.clock.now()


def test_who_asks_too_often_waits_for_the_next_minute(
    api: Api, neighbour: Api, synced: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PER_MINUTE", 3)

    assert [api("GET", "/runs").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = api("GET", "/runs")
    assert refused.mimetype == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert neighbour("GET", "/runs").status_code == 200, "others go on"
    synced.clock.pass_by(seconds=60)
    assert api("GET", "/runs").status_code == 200


def test_no_answer_sets_a_cookie(api: Api) -> None:
    assert "Set-Cookie" not in api("GET", "/records").headers
    assert "Set-Cookie" not in Api(api.app, "")("GET", "/records").headers
