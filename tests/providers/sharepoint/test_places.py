"""A workbook is found in every way people name it, and afterwards by ids alone: renames and moves are harmless."""

from __future__ import annotations

import pytest

from syncsvc.errors import TableError, TableForbidden, TableNotFound, TableUnreadable
from syncsvc.providers.sharepoint.links import place as located
from syncsvc.providers.sharepoint.places import Place, find_file, find_place
from tests.fakes.graph.items import Drive, File
from tests.fakes.graph_server import HOST
from tests.providers.sharepoint.conftest import Graph

ROWS = [["TN-Nr.", "Name"], ["BSP-0001-A", "Probe"]]
SITE = f"{HOST}:/sites/myturn"
ANNA = "anna.muster@projekt.example"


@pytest.fixture
def file(graph: Graph) -> File:
    """/Listen/BSP.xlsx in the site's library, one tab, no Excel table."""
    return graph.server.workbook(ROWS)


def find(graph: Graph, **location: str) -> Place:
    api = graph.api()
    there = located({"provider": "sharepoint", **location})
    return find_place(api, find_file(api, there), there)


def lost(graph: Graph, **location: str) -> TableError:
    with pytest.raises(TableError) as raised:
        find(graph, **location)
    assert raised.value.hint
    return raised.value


def ids(file: File) -> dict[str, str]:
    return {"drive": file.drive.id, "item": file.id}


@pytest.mark.parametrize(
    "site", [SITE, f"https://{HOST}/sites/myturn", f"{HOST}/sites/MyTurn/"], ids=["graph", "browser", "case"]
)
@pytest.mark.parametrize("path", ["/Listen/BSP.xlsx", "listen/bsp.xlsx", "/Dokumente/Listen/BSP.xlsx"])
def test_a_workbook_is_found_by_site_and_path(graph: Graph, file: File, site: str, path: str) -> None:
    """In the site's own library, whether or not the path names that one."""
    found = find(graph, site=site, path=path, worksheet="Tabelle1")

    assert (found.file.drive, found.file.item) == (file.drive.id, file.id)
    assert (found.worksheet, found.table_id) == ("Tabelle1", None)


def test_a_workbook_in_another_library_is_found(graph: Graph, file: File) -> None:
    file.drive = Drive("Teilnahme")
    graph.server.site.drives.append(file.drive)

    assert find(graph, site=SITE, path="/Teilnahme/Listen/BSP.xlsx", worksheet="Tabelle1").file.item == file.id


def test_a_workbook_of_the_root_site_is_found(graph: Graph) -> None:
    root = graph.server.workbook(ROWS, site=graph.server.service.library.sites[0], folder="", name="Müller #1.xlsx")

    assert find(graph, site=HOST, path="/Müller #1.xlsx", worksheet="Tabelle1").file.item == root.id


def test_a_workbook_is_found_by_a_pasted_link(graph: Graph, file: File) -> None:
    """The address in the browser, and the one that "Freigeben" copies."""
    shared = f"https://{HOST}/sites/myturn/:x:/s/{file.id}"
    for link in (file.url, f"{file.url}?web=1", shared):
        assert find(graph, link=link, worksheet="Tabelle1").file.item == file.id


def test_an_excel_table_on_the_tab_is_meant(graph: Graph) -> None:
    """Rows that are added belong to it."""
    file = graph.server.workbook(ROWS, table="Liste")
    found = find(graph, **ids(file), worksheet="Tabelle1")

    assert found.table == "Liste"
    assert found.identity.keys() == {"drive", "item", "worksheet_id", "table_id"}


def test_an_excel_table_is_found_by_its_name(graph: Graph) -> None:
    """Names of tables have no case."""
    file = graph.server.workbook(ROWS, table="Liste")
    found = find(graph, **ids(file), table="liste")

    assert (found.worksheet, found.table) == ("Tabelle1", "Liste")


def test_two_excel_tables_on_one_tab_are_a_question(graph: Graph) -> None:
    file = graph.server.workbook(ROWS, table="Liste")
    anna = graph.server.person(ANNA, file)
    anna.paste("F1", [["Kürzel"], ["JC"]])
    anna.make_table("F1:F2", "Kürzel")

    assert "Liste, Kürzel" in lost(graph, **ids(file), worksheet="Tabelle1").hint
    assert find(graph, **ids(file), table="Liste").table == "Liste"


def test_what_was_found_costs_one_request_for_good(graph: Graph, file: File) -> None:
    found = find(graph, site=SITE, path="/Listen/BSP.xlsx", worksheet="Tabelle1")
    graph.server.forget()
    again = find(graph, site=SITE, path="/Listen/BSP.xlsx", worksheet="Tabelle1", **found.identity)

    assert graph.server.counts() == {"meta": 1}
    assert again.identity == found.identity


def test_renames_and_moves_are_harmless(graph: Graph) -> None:
    file = graph.server.workbook(ROWS, table="Liste")
    location = {"site": SITE, "path": "/Listen/BSP.xlsx", "worksheet": "Tabelle1"}
    found = find(graph, **location)
    anna = graph.server.person(ANNA, file)
    anna.rename_file("Teilnahme 2026.xlsx")
    anna.move_file("Ablage/2026")
    anna.rename_tab("Gruppe 'A' {1}")
    anna.rename_table("Liste", "Teilnahme")
    again = find(graph, **location, **found.identity)

    api = graph.api()
    assert again.identity == found.identity
    assert api.get(again.sheet_path, "read")["name"] == "Gruppe 'A' {1}"
    assert api.get(again.table_path, "read")["name"] == "Teilnahme"


def test_a_tab_that_is_gone_is_named_beside_those_that_are_there(graph: Graph, file: File) -> None:
    error = lost(graph, **ids(file), worksheet="Gruppe A")

    assert isinstance(error, TableNotFound)
    assert error.message == "Das Blatt „Gruppe A“ gibt es in der Mappe nicht."
    assert "Tabelle1" in error.hint


def test_an_excel_table_that_is_gone_is_named(graph: Graph, file: File) -> None:
    assert lost(graph, **ids(file), table="Liste").message == "Die Excel-Tabelle „Liste“ gibt es in der Mappe nicht."


def test_a_file_that_is_gone_is_said(graph: Graph, file: File) -> None:
    graph.server.person(ANNA, file).delete_file()

    for location in (ids(file), {"site": SITE, "path": "/Listen/BSP.xlsx"}, {"link": file.url}):
        error = lost(graph, **location, worksheet="Tabelle1")
        assert isinstance(error, TableNotFound)
        assert error.message == "Diese Datei gibt es in SharePoint nicht."


def test_a_site_that_is_not_there_is_said(graph: Graph) -> None:
    error = lost(graph, site=f"{HOST}:/sites/nirgends", path="/BSP.xlsx", worksheet="Tabelle1")

    assert error.message == "Diese Site gibt es nicht, oder der Dienst darf sie nicht sehen."


def test_other_kinds_of_files_are_refused(graph: Graph) -> None:
    """A link or ids may lead to one; old workbooks do not open through Graph."""
    file = graph.server.workbook(ROWS, name="BSP.xls")

    assert isinstance(lost(graph, **ids(file), worksheet="Tabelle1"), TableUnreadable)


def test_sites_selected_needs_a_grant_for_the_site(graph: Graph, file: File) -> None:
    graph.app.roles = {"Sites.Selected"}
    error = lost(graph, **ids(file), worksheet="Tabelle1")

    assert isinstance(error, TableForbidden)
    assert error.message == "Die Anwendung darf nur ausgewählte Sites öffnen, und diese ist ihr nicht erteilt."
    graph.server.grant(graph.app)
    assert find(graph, **ids(file), worksheet="Tabelle1").worksheet == "Tabelle1"
