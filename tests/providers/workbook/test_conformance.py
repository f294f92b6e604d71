"""A .xlsx file keeps the port's promises; openpyxl plays the people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.providers.conformance import ConformanceSuite
from tests.providers.workbook.people import WorkbookBench


class TestWorkbook(ConformanceSuite):
    @pytest.fixture(name="bench")
    def _bench(self, tmp_path: Path) -> WorkbookBench:
        return WorkbookBench(tmp_path / "BSP.xlsx")
