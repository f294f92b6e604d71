"""A runtime on each database, at a fixed morning."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.runtime import Runtime
from syncsvc.store.database import Database
from tests.factories import NOW


class StoppedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def rt(database: Database, tmp_path: Path) -> Runtime:
    return Runtime(database, Registry(tmp_path), StoppedClock(), vocabularies.load(), "test")
