"""The OpenAPI document: for everybody, complete, and the same as what is served."""

from __future__ import annotations

import re

from flask import Flask

from syncsvc.web.rights import MACHINES
from tests.web.api.conftest import Api


def test_it_needs_no_token_and_shows_no_data(app: Flask) -> None:
    answer = Api(app, "")("GET", "/openapi.json")

    assert (answer.status_code, answer.json["openapi"]) == (200, "3.1.0")
    assert "Demir" not in answer.get_data(as_text=True)


def test_it_describes_exactly_what_is_served(app: Flask) -> None:
    document = Api(app, "")("GET", "/openapi.json").json
    described = {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }

    served = {
        (method, re.sub(r"<(?:[^:<>]+:)?([a-z_]+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))): rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint in MACHINES
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert {place: f"api.{operation['operationId']}" for place, operation in described.items()} == served
    for operation in described.values():
        assert {"400", "401", "403", "429"} <= operation["responses"].keys()
        assert operation["description"].endswith(f"Recht: `{MACHINES['api.' + operation['operationId']]}`.")
        assert operation["summary"]
    assert document["security"] == [{"token": []}]
