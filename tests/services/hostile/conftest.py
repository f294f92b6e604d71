"""The bench for hostile tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.bench import Bench, MortalDatabase


@pytest.fixture
def bench(sqlite_template: Path, tmp_path: Path) -> Iterator[Bench]:
    """One shared table with nothing in it yet."""
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = MortalDatabase(f"sqlite:///{tmp_path / 'syncsvc.db'}")
    yield Bench(tmp_path, database)
    database.dispose()
