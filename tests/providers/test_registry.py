"""Locations open the table they name, or say what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncsvc.errors import ConfigurationError, TableNotFound
from syncsvc.ports.tables import Tables
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from tests.providers.workbook.corpus import SHEET, by_openpyxl


def test_a_workbook_is_opened_by_path_and_worksheet(tmp_path: Path) -> None:
    by_openpyxl(tmp_path / "BSP.xlsx")
    tables: Tables = Registry(tmp_path / "var")
    table = tables.open({"provider": "workbook", "path": str(tmp_path / "BSP.xlsx"), "worksheet": SHEET})

    assert table.read().rows[0].cells[0] == "TN-Nr."


def test_a_table_in_memory_is_opened_by_name(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.books["übung"] = MemoryBook([["TN-Nr."]])

    assert registry.open({"provider": "memory", "name": "übung"}).read().rows[0].cells == ("TN-Nr.",)


def test_opening_touches_nothing(tmp_path: Path) -> None:
    """A file that is not there is noticed by the first request, not before."""
    registry = Registry(tmp_path / "var")
    table = registry.open({"provider": "workbook", "path": str(tmp_path / "weg.xlsx"), "worksheet": "Liste"})

    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TableNotFound):
        table.version()


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ({}, "Anbieter"),
        ({"provider": "ods"}, "„ods“"),
        ({"provider": "workbook", "path": "/a.xlsx"}, "worksheet"),
        ({"provider": "workbook", "worksheet": "Liste", "path": ""}, "path"),
        ({"provider": "workbook", "worksheet": "Liste", "path": "/a.xlsx", "tab": "x"}, "tab"),
        ({"provider": "memory"}, "name"),
    ],
)
def test_a_location_that_lacks_a_part_is_refused(tmp_path: Path, location: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Registry(tmp_path).open(location)
