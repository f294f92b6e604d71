"""Two projects, one with a token of each kind, and a client that speaks JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from syncsvc.core.tokens import TokenScope
from syncsvc.services import tokens
from syncsvc.services.programme import apply_files
from syncsvc.services.sync import sync_table
from tests.example import Example

OTHER = """
projects: [{key: nbh, prefix: NBH, name: Nachbarprojekt}]
tables:
  - key: nbh-beispielstadt
    project: nbh
    jobcentre: jc-beispielstadt
    mapping: standard
    location: {provider: memory, name: nachbarn}
"""

NAME = {"family": "Kowalenko", "given": "Olena"}


@dataclass
class Api:
    """A project's software: it shows its token with every request."""

    app: Flask
    secret: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """``If_Match="…"`` becomes the header ``If-Match``."""
        said = {name.replace("_", "-"): text for name, text in headers.items()}
        auth = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        client = self.app.test_client(use_cookies=False)
        return client.open(f"/api/v1{path}", method=method, json=body, headers={**auth, **said})


@pytest.fixture
def synced(example: Example, tmp_path: Path) -> Example:
    """Both tables of the project were synced once: four women have records."""
    for key in ("bsp-beispielstadt", "bsp-musterkreis"):
        sync_table(example.runtime, key)
    (tmp_path / "other.yaml").write_text(OTHER, "utf-8")
    apply_files(example.runtime, [tmp_path / "other.yaml"])
    return example


@pytest.fixture
def api(synced: Example, app: Flask) -> Api:
    """With a token that may do everything an API token can."""
    return Api(app, make_token(synced, "bsp", list(TokenScope)))


@pytest.fixture
def neighbour(synced: Example, app: Flask) -> Api:
    """The same of another project."""
    return Api(app, make_token(synced, "nbh", list(TokenScope)))


def make_token(example: Example, project: str, scopes: list[TokenScope], name: str = "Fallakte") -> str:
    return tokens.add_token(example.runtime, project, name, scopes, actor="frau-berger")[1]


def refs(api: Api) -> dict[str, str]:
    """The references by family name."""
    items = api("GET", "/records").json["items"]
    return {item["fields"]["participant_name"]["family"]: item["ref"] for item in items}
