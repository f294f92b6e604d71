from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncsvc.store.database import Database
from tests.factories import make_vault
from tests.services.coaching.town import Town, make_town


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    """Four projects, nobody in them."""
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    yield make_town(database, tmp_path)
    database.dispose()
