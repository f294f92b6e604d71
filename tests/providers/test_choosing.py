"""Whoever connects a table is offered what is hers, and what she types is found or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncsvc.errors import ConfigurationError, TableNotFound
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from tests.fakes.google.tabs import duplicated
from tests.fakes.graph_server import GraphServer
from tests.fakes.sheets_server import SheetsServer
from tests.providers.google.conftest import ANNA, make_google
from tests.providers.google.conftest import TAB as GOOGLE_TAB
from tests.providers.sharepoint.conftest import make_graph
from tests.providers.sharepoint.scene import TAB as SHAREPOINT_TAB
from tests.providers.workbook.corpus import SHEET, by_openpyxl


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> Registry:
    """Two projects' files, one that is nobody's, and what must never be offered."""
    for place in ("bsp", "zwei"):
        (tmp_path / "tabellen" / place).mkdir(parents=True)
        by_openpyxl(tmp_path / "tabellen" / place / "Liste.xlsx")
    by_openpyxl(tmp_path / "tabellen" / "Alle.xlsx")
    by_openpyxl(tmp_path / "geheim.xlsx")
    for name in ("~$Liste.xlsx", ".Liste.xlsx", "Liste.csv"):
        (tmp_path / "tabellen" / "bsp" / name).write_bytes(b"")
    (tmp_path / "tabellen" / "bsp" / "hinaus.xlsx").symlink_to(tmp_path / "geheim.xlsx")
    return Registry(tmp_path)


def offered(registry: Registry, projects: frozenset[str] | None = None) -> tuple[str, ...] | None:
    (kind,) = [kind for kind in registry.kinds(projects) if kind.key == "workbook"]
    return kind.asks[0].choices


def test_files_of_the_operators_folder_are_offered_and_nothing_else(files: Registry) -> None:
    assert offered(files) == ("Alle.xlsx", "bsp/Liste.xlsx", "zwei/Liste.xlsx")


def test_who_leads_one_project_is_offered_the_files_in_its_folder(files: Registry) -> None:
    assert offered(files, frozenset({"bsp"})) == ("bsp/Liste.xlsx",)
    with pytest.raises(ConfigurationError, match="nicht zur Auswahl"):
        files.pick("workbook", {"path": "zwei/Liste.xlsx"}, frozenset({"bsp"}))


def test_a_file_is_picked_and_its_tabs_open(files: Registry, tmp_path: Path) -> None:
    book = files.pick("workbook", {"path": "bsp/Liste.xlsx"})
    assert book == {"provider": "workbook", "path": str(tmp_path / "tabellen" / "bsp" / "Liste.xlsx")}
    assert files.pick("workbook", {"path": book["path"]}) == book

    tabs = {tab.title: tab for tab in files.tabs(book)}

    assert files.open(tabs[SHEET].location).read().rows[0].cells[0] == "TN-Nr."


@pytest.mark.parametrize(
    "path", ["../geheim.xlsx", "bsp/../../geheim.xlsx", "bsp/hinaus.xlsx", "bsp/weg.xlsx", "", "/etc/passwd"]
)
def test_no_way_leads_out_of_the_folder(files: Registry, path: str) -> None:
    with pytest.raises(ConfigurationError):
        files.pick("workbook", {"path": path})


def test_the_operator_may_name_another_folder(tmp_path: Path) -> None:
    (tmp_path / "laufwerk").mkdir()
    by_openpyxl(tmp_path / "laufwerk" / "Liste.xlsx")

    assert offered(Registry(tmp_path / "var", folder=tmp_path / "laufwerk")) == ("Liste.xlsx",)


def test_a_file_that_went_meanwhile_is_a_sentence(files: Registry) -> None:
    book = files.pick("workbook", {"path": "Alle.xlsx"})
    Path(book["path"]).unlink()

    with pytest.raises(TableNotFound):
        files.tabs(book)


def test_tables_in_memory_are_offered_where_there_are_any(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    assert "memory" not in {kind.key for kind in registry.kinds()}

    registry.books["übung"] = MemoryBook([["TN-Nr."]])
    (tab,) = registry.tabs(registry.pick("memory", {"name": "übung"}))

    assert registry.open(tab.location).read().rows[0].cells == ("TN-Nr.",)


def test_what_the_operator_still_has_to_set_up_is_said(tmp_path: Path) -> None:
    kinds = {kind.key: kind for kind in Registry(tmp_path).kinds()}

    assert not kinds["google"].ready
    assert "wer den Dienst betreibt" in kinds["google"].hint
    assert "wer den Dienst betreibt" in kinds["sharepoint"].hint
    assert "„tabellen“" in kinds["workbook"].hint


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("google", {"spreadsheet": "https://projekt.example/liste"}, "keine Adresse einer Google-Tabelle"),
        ("google", {}, "keine Adresse einer Google-Tabelle"),
        ("sharepoint", {}, "Adresse der Mappe fehlt"),
        ("sharepoint", {"site": "contoso.example"}, "Adresse der Mappe fehlt"),
        ("sharepoint", {"link": "Listen/BSP.xlsx"}, "https"),
        ("ods", {"path": "x"}, "wo die Tabelle liegt"),
    ],
)
def test_what_names_no_table_is_refused_in_a_sentence(
    tmp_path: Path, kind: str, typed: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Registry(tmp_path).pick(kind, typed)


def test_site_and_path_are_stored_in_one_spelling(tmp_path: Path) -> None:
    typed = {"site": "https://Contoso.sharepoint.example/sites/myturn", "path": "Listen/BSP.xlsx"}

    assert Registry(tmp_path).pick("sharepoint", typed) == {
        "provider": "sharepoint", "site": "contoso.sharepoint.example:/sites/myturn", "path": "/Listen/BSP.xlsx",
    }  # fmt: skip


def test_the_tabs_of_a_google_spreadsheet_are_found_by_its_address(tmp_path: Path) -> None:
    with SheetsServer() as server:
        google = make_google(server, tmp_path)
        file = google.file(["TN-Nr.", "Name"])
        with server.service.changing(file, ANNA, human=True) as document:
            document.sheets.append(duplicated(document, document.sheets[0], 77, "Archiv"))
        registry = Registry(tmp_path, google=google.account)

        book = registry.pick(
            "google", {"spreadsheet": f"https://docs.google.com/spreadsheets/d/{file.document.id}/edit"}
        )
        tabs = {tab.title: tab for tab in registry.tabs(book)}

        assert tabs.keys() == {GOOGLE_TAB, "Archiv"}
        assert tabs["Archiv"].place == f"google:{file.document.id}/77"
        assert registry.open(tabs[GOOGLE_TAB].location).read().rows[0].cells == ("TN-Nr.", "Name")
        (kind,) = [kind for kind in registry.kinds() if kind.key == "google"]
        assert kind.ready
        assert google.address in kind.hint
        google.account.client.session.close()


def test_the_tabs_of_a_workbook_on_sharepoint_are_found_by_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GraphServer() as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
        graph = make_graph(server)
        file = server.workbook([["TN-Nr.", "Name"]], tab=SHAREPOINT_TAB)
        registry = Registry(tmp_path, application=graph.account)

        (tab,) = registry.tabs({"provider": "sharepoint", "drive": file.drive.id, "item": file.id})

        assert tab.title == SHAREPOINT_TAB
        assert registry.open(tab.location).read().rows[0].cells == ("TN-Nr.", "Name")
        assert tab.place.startswith("sharepoint:")
        graph.account.requests.close()
