from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncsvc.jobs.cluster import prepare
from syncsvc.store.database import Database
from tests.conftest import Postgres
from tests.example import Example, open_example
from tests.factories import make_vault
from tests.fleet import Fleet, make_fleet


@pytest.fixture
def example(example_template: Path, tmp_path: Path) -> Iterator[Example]:
    """Two tables in memory, never synced."""
    shutil.copy(example_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    yield open_example(database, tmp_path)
    database.dispose()


@pytest.fixture
def cluster(postgres: Postgres, postgres_template: str, tmp_path: Path) -> Iterator[Fleet]:
    """A fleet on PostgreSQL with a queue, without tables and processes."""
    with postgres.database(postgres_template) as url:
        fleet = make_fleet(tmp_path, url)
        prepare(fleet.rt.database)
        yield fleet
        fleet.end()
