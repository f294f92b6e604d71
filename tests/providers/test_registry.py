"""Locations open the table they name, or say what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncsvc.errors import ConfigurationError, TableNotFound
from syncsvc.ports.tables import Requests, Tables
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
        ({"provider": "google", "worksheet": "Liste"}, "spreadsheet"),
        ({"provider": "google", "spreadsheet": "1AbC"}, "worksheet"),
        ({"provider": "google", "spreadsheet": "1AbC", "sheet_id": "Liste"}, "#gid="),
        ({"provider": "sharepoint", "worksheet": "Liste"}, "welche Mappe"),
        ({"provider": "sharepoint", "site": "c.example", "path": "/a.xlsx"}, "worksheet"),
        ({"provider": "sharepoint", "site": "c.example", "path": "/a.xlsx", "worksheet": "L", "tab": "x"}, "tab"),
    ],
)
def test_a_location_that_lacks_a_part_is_refused(tmp_path: Path, location: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Registry(tmp_path).open(location)


def test_a_workbook_on_sharepoint_is_located_in_one_spelling(tmp_path: Path) -> None:
    """Without touching the network; what was resolved opens by its ids."""
    registry = Registry(tmp_path)
    typed = {"provider": "sharepoint", "site": "https://C.example/sites/x/", "path": "L/a.xlsx", "worksheet": "Liste"}
    located = registry.locate(typed, tmp_path)

    assert located == {**typed, "site": "c.example:/sites/x", "path": "/L/a.xlsx"}
    identity = {"drive": "b!1", "item": "01A", "worksheet_id": "{1}", "table_id": ""}
    assert registry.open({**located, **identity}).credential == "sharepoint:default"


def test_a_file_is_located_beside_what_names_it(tmp_path: Path) -> None:
    location = {"provider": "workbook", "path": "tables/../BSP.xlsx", "worksheet": "Liste"}

    assert Registry(tmp_path).locate(location, tmp_path / "here") == {
        **location,
        "path": str(tmp_path / "here" / "BSP.xlsx"),
    }


def test_a_spreadsheet_is_located_by_the_id_in_its_address(tmp_path: Path) -> None:
    address = "https://docs.google.com/spreadsheets/d/1AbC_d-E/edit#gid=17"

    assert Registry(tmp_path).locate({"provider": "google", "spreadsheet": address}, tmp_path) == {
        "provider": "google",
        "spreadsheet": "1AbC_d-E",
        "sheet_id": "17",
    }


def test_opening_a_google_table_asks_nothing(tmp_path: Path) -> None:
    """Not even for the key: a table whose key is missing must not keep others from being opened."""
    table = Registry(tmp_path).open({"provider": "google", "spreadsheet": "1AbC", "worksheet": "Liste"})

    assert table.requests == Requests()
    assert table.lags
