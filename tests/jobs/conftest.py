from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncsvc.store.database import Database
from tests.example import Example, make_example
from tests.factories import make_vault


@pytest.fixture
def example(sqlite_template: Path, tmp_path: Path) -> Iterator[Example]:
    """Two tables in memory, never synced."""
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    yield make_example(database, tmp_path)
    database.dispose()
