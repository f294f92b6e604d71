"""Whatever is sent: an answer in words, never an error of our own, and nothing of it repeated."""

from __future__ import annotations

import gzip
import json
import logging

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.web.api.conftest import Api

CANARY = "Kowalenko"


def send(api: Api, body: bytes, content_type: str = "application/json", **headers: str) -> TestResponse:
    """A PATCH of a record with these bytes, for the state it is in."""
    ref = "BSP-0001-9"
    said = {
        "Authorization": f"Bearer {api.secret}",
        "If-Match": api("GET", f"/records/{ref}").headers["ETag"],
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    client = api.app.test_client(use_cookies=False)
    return client.patch(f"/api/v1/records/{ref}", data=body, content_type=content_type, headers=said)


BODIES = {
    "nothing": (b"", 400),
    "no JSON": (b"fields=Kowalenko", 400),
    "half": (b'{"fields": {"custom.note": "Kowalenko', 400),
    "not UTF-8": (b'{"fields": {"custom.note": "Kowalenko\xff"}}', 400),
    "a mark in front": (b'\xef\xbb\xbf{"fields": {"custom.note": "Kowalenko"}}', 400),
    "a key twice": (b'{"fields": {"custom.note": "a", "custom.note": "Kowalenko"}}', 400),
    "very deep": (b'{"fields": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, 400),
    "extremely deep": (b"[" * 200_000, 400),
    "quite deep": (b'{"fields": {"custom.note": ' + b"[" * 30 + b"]" * 30 + b"}}", 400),
    "NaN": (b'{"fields": {"weekly_hours": NaN}}', 400),
    "infinity": (b'{"fields": {"weekly_hours": 1e999}}', 400),
    "a long number": (b'{"fields": {"weekly_hours": ' + b"9" * 5000 + b"}}", 400),
    "a list": (b"[]", 422),
    "null": (b"null", 422),
    "a word": (b'"Kowalenko"', 422),
    "no fields": (b'{"fields": {}}', 422),
    "fields as a list": (b'{"fields": ["Kowalenko"]}', 422),
    "true": (b'{"fields": {"custom.note": true}}', 422),
    "a list as value": (b'{"fields": {"custom.note": ["Kowalenko"]}}', 422),
    "another name": (b'{"fields": {"custom.note": "a"}, "Kowalenko": 1}', 422),
    "a field that is a text": (b'{"fields": {"Frau Kowalenko": "a"}}', 422),
    "NUL": (b'{"fields": {"custom.note": "Kowalenko\\u0000"}}', 422),
    "a control character": (b'{"fields": {"custom.note": "Kowalenko\\u001b"}}', 422),
    "half a pair": (b'{"fields": {"custom.note": "Kowalenko\\ud800"}}', 422),
    "half a pair as key": (b'{"fields": {"\\udfff": "Kowalenko"}}', 422),
    "too long": (json.dumps({"fields": {"custom.note": "Kowalenko" * 4000}}).encode(), 422),
    "another value's shape": (b'{"fields": {"entry_date": {"family": "Kowalenko"}}}', 422),
    "a number for a text": (b'{"fields": {"custom.note": 5}}', 422),
}


def test_no_body_upsets_it(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    before = api("GET", "/records").json
    for name, (body, status) in BODIES.items():
        refused = send(api, body)

        assert (name, refused.status_code) == (name, status)
        assert refused.mimetype == "application/problem+json"
        assert CANARY not in refused.get_data(as_text=True), name
        assert refused.json["status"] == status
    assert CANARY not in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert api("GET", "/records").json == before


def test_other_kinds_of_content_are_refused(api: Api) -> None:
    good = b'{"fields": {"custom.note": "a"}}'

    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert send(api, good, kind).status_code == 415
    assert send(api, gzip.compress(good), Content_Encoding="gzip").status_code == 415
    assert send(api, good, "application/merge-patch+json").status_code == 200


def test_too_much_is_refused_before_it_is_read(api: Api) -> None:
    assert send(api, b" " * (2 * 1024 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/", "/records/", "/tables/", "/nichts", "/records/BSP-0001-9/", "/records/bsp-0001-9", "/records/%00",
     "/records/BSP-0001-8", "/records/..%2f..%2f", "/tables/%00", "/tables/Bsp", "/runs/99999999999999999999",
     "/runs/-1", "/runs/1.0", "/questions/2147483647", "/records/BSP-0001-9%0a", f"/records/{'A' * 5000}"],
)  # fmt: skip
def test_odd_addresses_are_nothing(api: Api, path: str) -> None:
    refused = api("GET", path)

    assert (refused.status_code, refused.mimetype) == (404, "application/problem+json")
    assert refused.json["title"] == "Das gibt es nicht."


def test_a_method_that_does_not_work_says_which_do(api: Api) -> None:
    for method, path, allowed in (
        ("DELETE", "/records/BSP-0001-9", {"GET", "HEAD", "PATCH"}),
        ("PUT", "/records", {"GET", "HEAD", "POST"}),
        ("OPTIONS", "/runs", {"GET", "HEAD"}),
        ("GET", "/records:batch", {"POST"}),
    ):
        refused = api(method, path)

        assert (path, refused.status_code, refused.mimetype) == (path, 405, "application/problem+json")
        assert {word.strip() for word in refused.headers["Allow"].split(",")} == allowed


def test_an_unexpected_error_says_nothing_of_itself(
    api: Api, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"{CANARY}, Olena")

    monkeypatch.setattr("syncsvc.services.recordpages.list_page", broken)
    app.testing = False

    answer = api("GET", "/records")

    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert CANARY not in answer.get_data(as_text=True) + caplog.text
