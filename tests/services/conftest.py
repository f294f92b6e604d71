"""A runtime on each database, at a fixed morning, and the bench for hostile tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.runtime import Runtime
from syncsvc.store.database import Database
from tests.factories import NOW
from tests.services.bench import Bench, MortalDatabase


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def rt(database: Database, tmp_path: Path) -> Runtime:
    return Runtime(database, Registry(tmp_path), StoppedClock(), vocabularies.load(), "test")


@pytest.fixture
def bench(sqlite_template: Path, tmp_path: Path) -> Iterator[Bench]:
    """One shared table with nothing in it yet."""
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = MortalDatabase(f"sqlite:///{tmp_path / 'syncsvc.db'}")
    yield Bench(tmp_path, database)
    database.dispose()
