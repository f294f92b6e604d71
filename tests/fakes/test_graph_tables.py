"""Tables, as the reference pages and the facts about them say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.graph.client import TAB, Excel
from tests.fakes.graph.people import Person
from tests.fakes.graph_server import GraphServer

ROWS = [["TN-Nr.", "Ort"], ["BSP-0001-A", "B"], ["BSP-0002-B", "A"]]
LIST = "/tables/Liste"


@pytest.fixture
def excel(graph: GraphServer) -> Iterator[Excel]:
    """A table of two rows with something below it."""
    file = graph.workbook([*ROWS, [], ["unten"]], tab="Tabelle1")
    graph.person("lena.probe@projekt.example", file).make_table("A1:B3", "Liste")
    with (client := Excel(graph, graph.application(), file)).session:
        yield client


@pytest.fixture
def anna(graph: GraphServer, excel: Excel) -> Person:
    return graph.person("anna.muster@projekt.example", excel.file)


def append(excel: Excel, *rows: list[object], index: int | None = None) -> int:
    return excel.call("POST", f"{LIST}/rows", json={"index": index, "values": rows}).status_code


def body(excel: Excel) -> object:
    return excel.get(f"{LIST}/dataBodyRange?$select=values")["values"]


def test_a_table_goes_by_name_and_id_and_tells_its_ranges(excel: Excel) -> None:
    """Api/table-get.md, table-headerrowrange.md, table-databodyrange.md; names regardless of case."""
    table = excel.get("/tables/liste")

    assert excel.get(f"{TAB}/tables")["value"][0]["id"] == table["id"]
    assert excel.get(f"/tables('{table['id'].replace('{', '%7B').replace('}', '%7D')}')")["name"] == "Liste"
    assert excel.get(f"{LIST}/headerRowRange?$select=values,address")["address"] == "Tabelle1!A1:B1"
    assert excel.get(f"{LIST}/range?$select=address")["address"] == "Tabelle1!A1:B3"
    assert excel.refused("GET", f"{LIST}/totalRowRange")[0] == 404
    assert excel.refused("GET", "/tables/Nix") == (404, "ItemNotFound", "itemNotFound")


def test_rows_are_added_at_the_end_many_at_once_and_the_rest_moves(excel: Excel) -> None:
    """Api/table-post-rows.md: index null adds at the end, rows below move down, 201 with the first index."""
    response = excel.call("POST", f"{LIST}/rows", json={"index": None, "values": [["C", None], ["D", "x"]]})

    assert (response.status_code, response.json()["index"]) == (201, 2)
    assert body(excel) == [*ROWS[1:], ["C", ""], ["D", "x"]]
    assert excel.values("A7") == [["unten"]]


def test_rows_of_another_width_are_refused(excel: Excel) -> None:
    """A column a person added breaks a fixed width."""
    assert append(excel, ["C"]) == 400
    assert append(excel, ["C", "x", "y"]) == 400
    assert append(excel, ["C", "x"], index=9) == 400
    assert body(excel) == ROWS[1:]


def test_new_rows_look_like_the_row_above(excel: Excel) -> None:
    """Formats come down, so text stays text; calculated columns fill what is given as null."""
    excel.write("A2:A3", "@", "numberFormat")
    excel.write("B2:B3", [["=1+1"], ["=1+2"]])
    append(excel, ["00123", None])

    assert excel.values("A4:B4") == [["00123", 3]]


def test_rows_go_by_position_only(excel: Excel) -> None:
    """Docs issues 12985 and 14158: rows/{n} answers ApiNotFound; itemAt works."""
    assert excel.refused("GET", f"{LIST}/rows/0")[:2] == (404, "ApiNotFound")
    assert excel.get(f"{LIST}/rows/itemAt(index=1)")["values"] == [ROWS[2]]
    assert excel.call("DELETE", f"{LIST}/rows/$/itemAt(index=0)").status_code == 204
    assert [row["values"][0] for row in excel.get(f"{LIST}/rows?$top=5")["value"]] == [ROWS[2]]


def test_the_last_row_leaves_an_empty_one_that_is_no_row(excel: Excel) -> None:
    """Facts §5: rows = [], and the next row fills it."""
    for _ in range(2):
        excel.call("DELETE", f"{LIST}/rows/itemAt(index=0)")

    assert excel.get(f"{LIST}/rows")["value"] == []
    assert body(excel) == [["", ""]]
    assert append(excel, ["C", "x"]) == 201
    assert body(excel) == [["C", "x"]]


def test_a_filter_hides_rows_from_people_only_and_forbids_deleting(excel: Excel, anna: Person) -> None:
    """Workbook-error-handling.md: filteredRangeConflict; listing has rows a filter hides."""
    anna.filter("B", "B")

    assert excel.values("A2:A3", "rowHidden") is None
    assert len(excel.get(f"{LIST}/rows")["value"]) == 2
    assert excel.get(f"{LIST}/dataBodyRange/visibleView")["values"] == [ROWS[2]]
    assert excel.refused("DELETE", f"{LIST}/rows/itemAt(index=0)")[2] == "filteredRangeConflict"
    assert excel.call("POST", f"{LIST}/clearFilters", json={}).status_code == 200
    assert excel.call("DELETE", f"{LIST}/rows/itemAt(index=0)").status_code == 204


def test_filters_may_swallow_writes_if_a_test_wants_it(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """OfficeDev/office-js issues 224 and 591: answered well, and not there."""
    graph.quirks.filtered_writes_lost = graph.quirks.filtered_appends_lost = True
    anna.filter("B", "B")
    excel.write("A2", "X")

    assert append(excel, ["C", "x"]) == 201
    assert body(excel) == ROWS[1:]


def test_filters_may_misplace_writes_if_a_test_wants_it(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """OfficeDev/office-js issue 224: data does not appear in the correct cells."""
    graph.quirks.filtered_writes_misplaced = True
    anna.filter("B", "B")
    excel.write("A2:A3", [["X"], ["Y"]])

    assert excel.values("A2:A4") == [["BSP-0001-A"], ["X"], ["Y"]]


def test_cutting_through_a_table_is_refused(excel: Excel) -> None:
    """Workbook-error-handling.md: insertDeleteConflict."""
    assert (
        excel.refused("POST", f"{TAB}/range(address='A2')/insert", json={"shift": "Down"})[2] == "insertDeleteConflict"
    )
    assert excel.refused("POST", f"{TAB}/range(address='A2')/delete", json={"shift": "Up"})[2] == "insertDeleteConflict"


def test_typing_below_extends_a_table_writing_there_does_not(excel: Excel, anna: Person) -> None:
    """Support "Resize a table": automatic expansion happens while typing."""
    excel.write("A4", "C")
    assert anna.table() == "A1:B3"

    anna.type("A4", "C")
    assert anna.table() == "A1:B4"

    anna.type("C2", "x")
    assert excel.get(f"{LIST}/headerRowRange?$select=values")["values"] == [["TN-Nr.", "Ort", "Spalte3"]]


def test_columns_keep_their_ids_when_others_come_between(excel: Excel, anna: Person) -> None:
    """Resources/workbooktablecolumn.md: the id identifies the column within the table."""
    anna.insert_column("B")
    anna.type("C1", "Wohnort")

    found = {each["name"]: each["id"] for each in excel.get(f"{LIST}/columns?$select=id,name")["value"]}
    assert (found["TN-Nr."], found["Wohnort"]) == ("1", "2")
    assert excel.get(f"{LIST}/columns/2/dataBodyRange?$select=values")["values"] == [["B"], ["A"]]


def test_headers_are_unique_texts(excel: Excel) -> None:
    """Facts §5: Excel renames doubles and blanks."""
    excel.write("A1:B1", [["Ort", "Ort"]])
    assert excel.values("A1:B1") == [["Ort", "Ort2"]]

    excel.write("B1", "")
    assert excel.values("A1:B1") == [["Ort", "Column2"]]


def test_tables_are_made_and_made_ranges_again(excel: Excel) -> None:
    """Api/table-add.md, table-converttorange.md, table-update.md."""
    assert excel.call("POST", f"{LIST}/convertToRange", json={}).status_code == 200
    assert excel.get("/tables")["value"] == []

    made = excel.call("POST", f"{TAB}/tables/add", json={"address": "A1:B3", "hasHeaders": True})
    assert made.status_code == 201
    assert excel.call("PATCH", f"/tables/{made.json()['name']}", json={"name": "Liste"}).json()["name"] == "Liste"
    assert body(excel) == ROWS[1:]
