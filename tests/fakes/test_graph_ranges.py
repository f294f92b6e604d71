"""Ranges and worksheets, against what the reference pages say."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Protection
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from tests.fakes.graph.client import TAB, Excel
from tests.fakes.graph_server import GraphServer

SHAPE = (400, "InvalidArgument", "invalidArgument")


@pytest.mark.parametrize(
    "body",
    [
        {"values": [["a"]]},
        {"values": [["a", "b"], ["c"]]},
        {"values": None},
        {"values": ["a", "b"]},
        {"address": "A1"},
        {"numberFormat": [[1, 2], [3, 4]]},
        {},
    ],
)
def test_bodies_of_another_shape_are_refused(excel: Excel, body: Any) -> None:
    """Resources/excel.md: arrays of the range's dimensions, and no null for a whole property."""
    assert excel.refused("PATCH", f"{TAB}/range(address='A1:B2')", json=body) == SHAPE


def test_unknown_properties_options_and_segments_are_refused(excel: Excel) -> None:
    """OData refuses what a type does not have."""
    area = f"{TAB}/range(address='A1')"

    assert excel.refused("PATCH", area, json={"valuez": 1})[0] == 400
    assert excel.refused("GET", f"{area}?$selct=values")[0] == 400
    assert excel.refused("GET", f"{area}?$select=valuez")[0] == 400
    assert excel.refused("GET", f"{TAB}/autoFilter")[0] == 400
    assert excel.refused("PUT", area, json={"values": 1})[:2] == (405, "methodNotAllowed")
    assert excel.refused("PATCH", area, data=b"{}")[0] == 400
    assert excel.refused("GET", f"{TAB}/range(address='Nix!A1')")[0] == 400


def test_scalars_fill_nulls_leave_and_blanks_clear(excel: Excel) -> None:
    """Resources/excel.md: "Single Input Copy", "Understanding nulls", "Blank Input and Output"."""
    excel.write("A1:B2", "x")
    excel.write("A1:B2", [[None, ""], [5, True]])

    assert excel.values("A1:B2") == [["x", ""], [5, True]]
    assert excel.values("A1:B2", "valueTypes") == [["String", "Empty"], ["Double", "Boolean"]]


def test_unbounded_ranges_have_no_values_and_take_none(excel: Excel) -> None:
    """Resources/excel.md, "Unbounded Range"."""
    assert excel.values("A:B") is None
    assert excel.refused("PATCH", f"{TAB}/range(address='A:B')", json={"values": "x"})[0] == 400


def test_the_used_range_starts_at_the_first_used_cell(excel: Excel) -> None:
    """Api/worksheet-usedrange.md; formats count unless only values are asked for."""
    assert excel.get(f"{TAB}/usedRange")["values"] == [[""]]

    excel.write("C3", "x")
    excel.write("D9", "@", "numberFormat")

    assert excel.get(f"{TAB}/usedRange?$select=address")["address"] == "Tabelle1!C3:D9"
    found = excel.get(f"{TAB}/usedRange(valuesOnly=true)")
    assert (found["address"], found["rowIndex"], found["columnIndex"]) == ("Tabelle1!C3", 2, 2)


def test_formulas_are_computed_and_errors_are_text(excel: Excel) -> None:
    """Resources/range.md: ``values`` has the error string, ``valueTypes`` says Error."""
    excel.write("A1:E1", [[2, "=A1+1", "=SUM(A1:B1)", '=A1&"x"', "=1/0"]])

    assert excel.values("A1:E1") == [[2, 3, 5, "2x", "#DIV/0!"]]
    assert excel.values("A1:E1", "formulas")[0][1] == "=A1+1"
    assert excel.values("E1", "valueTypes") == [["Error"]]


@pytest.mark.parametrize(
    "key", ["Meine%20'Liste'", "('Meine%20''Liste''')", "%7B00000000-0001-0000-0000-000000000000%7D"]
)
def test_tabs_go_by_name_and_by_id(graph: GraphServer, key: str) -> None:
    """Resources/excel.md writes both; OData doubles quotes, and addresses quote names with blanks."""
    file = graph.workbook([["x"]], tab="Meine 'Liste'")
    with (client := Excel(graph, graph.application(), file)).session:
        path = f"/worksheets{key}" if key.startswith("(") else f"/worksheets/{key}"
        found = client.get(f"{path}/usedRange?$select=address,values")

    assert (found["address"], found["values"]) == ("'Meine ''Liste'''!A1", [["x"]])


def test_inserting_and_deleting_cells_moves_the_others(excel: Excel) -> None:
    """Api/range-insert.md, api/range-delete.md."""
    excel.write("A1:B3", [["a", 1], ["b", 2], ["c", 3]])
    excel.call("POST", f"{TAB}/range(address='A2:A2')/insert", json={"shift": "Down"})
    assert excel.values("A1:B4") == [["a", 1], ["", 2], ["b", 3], ["c", ""]]

    excel.call("POST", f"{TAB}/range(address='2:2')/delete", json={"shift": "Up"})
    assert excel.values("A1:B3") == [["a", 1], ["b", 3], ["c", ""]]


def test_one_locked_cell_refuses_the_whole_range(graph: GraphServer, excel: Excel) -> None:
    """Workbook-error-handling.md: ``accessDenied`` for changes to locked cells."""
    excel.write("A1:B2", "x")
    graph.person("anna.muster@projekt.example", excel.file).protect("A1:A9")

    excel.write("A1:A2", "y")
    assert excel.refused("PATCH", f"{TAB}/range(address='A1:B1')", json={"values": "z"}) == (
        403,
        "AccessDenied",
        "accessDenied",
    )
    assert excel.values("A1:B1") == [["y", "x"]]


def test_hidden_columns_and_rows_say_so(excel: Excel) -> None:
    """Resources/range.md: null when mixed (excel.md, "Null-Response")."""
    assert excel.call("PATCH", f"{TAB}/range(address='B:B')", json={"columnHidden": True}).status_code == 200

    assert excel.values("B1", "columnHidden") is True
    assert excel.values("A1:B1", "columnHidden") is None


def test_the_content_is_a_workbook(graph: GraphServer, excel: Excel) -> None:
    """What the API wrote can be opened as a file, and a file can be read through the API."""
    excel.write("A1:B1", [["'=1+1", "=1+1"]])
    content = excel.graph("GET", f"{excel.item}/content").content

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert (sheet["A1"].data_type, sheet["A1"].quotePrefix, sheet["B1"].data_type) == ("s", True, "f")

    again = Excel(graph, excel.app, graph.workbook(content=content, name="Kopie.xlsx"))
    with again.session:
        assert again.values("A1:B1") == [["=1+1", 2]]


def test_errors_may_come_three_deep(graph: GraphServer, excel: Excel) -> None:
    """Workbook-best-practice.md shows an error with the specific code innermost."""
    graph.quirks.nested_errors = True
    error = excel.call("PATCH", f"{TAB}/range(address='A1:B2')", json={"values": [[1]]}).json()["error"]

    inner = error["innerError"]
    assert (error["code"], inner["code"]) == ("invalidRequest", "invalidArgument")
    assert inner["innerError"]["code"] == "InvalidArgument"


def test_a_file_brings_and_keeps_its_furniture(graph: GraphServer) -> None:
    """Hidden rows and columns, filters, tables, names, protection and merges survive the way in and out."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["TN-Nr.", "Seit"], ["BSP-0001-A", date(2026, 5, 1)], ["BSP-0002-B", True]):
        sheet.append(row)
    sheet["B2"].number_format = "dd.mm.yyyy"
    sheet["B3"].protection = Protection(locked=False)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["A"].hidden = True
    sheet.protection.sheet = True
    sheet.add_table(Table(displayName="Liste", ref="A1:B3"))
    sheet.merge_cells("D1:E1")
    other = book.create_sheet("Frei")
    other.append(["Kopf"])
    other.auto_filter.ref = "A1:A5"
    book.defined_names["Kopf"] = DefinedName("Kopf", attr_text="Frei!$A$1")
    content = io.BytesIO()
    book.save(content)

    for given in (content.getvalue(), graph.workbook(content=content.getvalue()).content()):
        with (client := Excel(graph, graph.application(), graph.workbook(content=given))).session:
            found = client.get("/tables/Liste/dataBodyRange?$select=values,text,rowHidden,columnHidden")
            assert found["values"] == [["BSP-0001-A", 46143], ["BSP-0002-B", True]]
            assert (found["text"][0][1], found["rowHidden"], found["columnHidden"]) == ("01.05.2026", None, None)
            assert client.get("/worksheets/Sheet/protection")["protected"] is True
            assert client.call("PATCH", "/worksheets/Sheet/range(address='B3')", json={"values": 1}).status_code == 200
            assert client.call("PATCH", "/worksheets/Sheet/range(address='B2')", json={"values": 1}).status_code == 403
            assert client.get("/names/Kopf/range?$select=values,address")["address"] == "Frei!A1"


def test_protection_lets_through_what_it_was_told_to(excel: Excel) -> None:
    """Api/worksheetprotection-protect.md: options; protecting twice is refused."""
    protect = f"{TAB}/protection/protect"
    assert (
        excel.call("PATCH", f"{TAB}/range(address='A:A')/format/protection", json={"locked": False}).status_code == 200
    )
    assert excel.call("POST", protect, json={"options": {"allowInsertRows": True}}).status_code == 200

    assert excel.refused("POST", protect, json={})[0] == 403
    assert excel.refused("POST", protect, json={"options": {"allowAll": True}})[0] == 400
    excel.write("A1:A3", "x")
    assert excel.refused("PATCH", f"{TAB}/range(address='B1')", json={"values": "x"})[0] == 403
    assert excel.call("POST", f"{TAB}/range(address='2:2')/insert", json={"shift": "Down"}).status_code == 200
    assert excel.values("A1:A4") == [["x"], [""], ["x"], ["x"]]
    assert excel.get(f"{TAB}/range(address='A1:B1')/format/protection")["locked"] is None
