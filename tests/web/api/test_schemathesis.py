"""Whatever the document allows is answered as it says, and whatever it does not allow is refused."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from syncsvc.core.tokens import TokenScope
from syncsvc.services import tokens
from syncsvc.services.sync import sync_table
from tests.example import Example
from tests.web.api.conftest import Api, make_token, refs

REFUSED = ["400", "401", "403", "404", "409", "413", "415", "422", "428"]

WRITES = {
    "include-method": ["POST", "PATCH"],
    # A value can be well formed and still be none of its column, name a record that is not there, or come too late.
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "412", "422"]}},
}


@pytest.fixture(autouse=True)
def _many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands, so no minute ever ends. And in a process there is no socket to set up, though it is asked."""
    monkeypatch.setattr(tokens, "PER_MINUTE", 10**9)
    send = WSGITransport.send

    def plain(self: WSGITransport, case: Any, *, session: Any = None, **rest: Any) -> Any:
        for name in ("max_redirects", "verify", "cert", "proxies"):
            rest.pop(name, None)
        return send(self, case, session=session, **rest)

    monkeypatch.setattr(WSGITransport, "send", plain)


def failures(app: Flask, secret: str, *, examples: int, **more: Any) -> list[str]:
    """Everything that Schemathesis finds, with all its checks."""
    settings = {
        "headers": {"Authorization": f"Bearer {secret}"},
        "workers": 1,
        "continue-on-failure": True,
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        "checks": {
            "missing_required_header": {"expected-statuses": ["400", "428"]},
            "negative_data_rejection": {"expected-statuses": REFUSED},
        },
        "operations": [WRITES],
        **more,
    }
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=SchemathesisConfig.from_dict(settings))
    found, tried = [], 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.value!r}")
        if isinstance(event, events.ScenarioFinished):
            tried += len(event.recorder.cases)
            found += [
                f"{event.label}: {check.failure_info.failure.title}: {check.failure_info.failure.message}"
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info is not None
            ]
    assert tried > 300, "it did ask"
    return found


def test_all_checks_find_nothing(synced: Example, app: Flask) -> None:
    secret = make_token(synced, "bsp", list(TokenScope))

    assert failures(app, secret, examples=3, phases={"stateful": {"enabled": False}}) == []


@pytest.mark.soak
def test_nor_do_they_in_many_more_requests_about_real_records(synced: Example, app: Flask) -> None:
    """With references, runs and a question that there are, and requests that follow from each other."""
    secret = make_token(synced, "bsp", list(TokenScope))
    ref = refs(Api(app, secret))["Demir"]
    synced.books["beispielstadt"].rows[1][2] = "Anfang September"
    sync_table(synced.runtime, "bsp-beispielstadt")
    real = {"path.ref": ref, "path.key": "bsp-beispielstadt", "path.run_id": 1, "path.question_id": 1}

    assert failures(app, secret, examples=100) == []
    assert failures(app, secret, examples=100, parameters=real) == []
