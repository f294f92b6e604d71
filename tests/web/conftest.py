from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from syncsvc.services import users
from syncsvc.store.database import Database
from syncsvc.web import create_app
from tests.example import Example, open_example
from tests.factories import make_vault
from tests.web.browser import Page


@pytest.fixture
def example(example_template: Path, tmp_path: Path) -> Iterator[Example]:
    """Two tables in memory, never synced, and one admin."""
    shutil.copy(example_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    example = open_example(database, tmp_path)
    users.add_user(example.runtime, "frau-berger")
    yield example
    database.dispose()


@pytest.fixture
def app(example: Example) -> Flask:
    app = create_app(example.runtime, secret_key="not secret")
    app.testing = True
    return app


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A browser without a session."""
    return app.test_client()


@pytest.fixture
def browser(example: Example, app: Flask) -> Page:
    """A browser that came in by a one-time link."""
    page = Page(app.test_client())
    page.come_in(example.runtime)
    assert page.status == 200
    return page
