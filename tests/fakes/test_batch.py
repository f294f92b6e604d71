"""spreadsheets.batchUpdate and what hangs on rows and columns: section 5 of the facts about Google Sheets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.conftest import Api
from tests.fakes.google.formulas import Formula
from tests.fakes.google.people import Person
from tests.fakes.sheets_server import SheetsServer

PEOPLE = [["Name", "Ort"], ["Probe", "A"], ["Muster", "B"], ["Beispiel", "C"]]


def box(top: int, bottom: int, left: int, right: int) -> dict[str, int]:
    return {"startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}


def lines(start: int, end: int) -> dict[str, Any]:
    return {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def columns(start: int, end: int) -> dict[str, Any]:
    return lines(start, end) | {"dimension": "COLUMNS"}


def text(value: str) -> dict[str, Any]:
    return {"userEnteredValue": {"stringValue": value}}


# Cells


def test_literal_values_are_never_interpreted(api: Api, anna: Person) -> None:
    texts = ["01067", "=1+1", "+49 30", "123E000004", "'x", "1.2.26", "WAHR", "#NV", "\tx", "  x  "]
    values = [text(each) for each in texts]
    values += [{"userEnteredValue": {"numberValue": 1.5}}, {"userEnteredValue": {"boolValue": True}}]
    update = {"start": {"sheetId": 0}, "rows": [{"values": values}], "fields": "userEnteredValue"}
    api.batch({"updateCells": update})

    assert anna.rows() == [[*texts, 1.5, True]]


def test_formulas_are_formulas_only_as_formula_value(api: Api, anna: Person) -> None:
    cell = {"userEnteredValue": {"formulaValue": "=1+1"}}
    api.batch({"updateCells": {"start": {}, "rows": [{"values": [cell, text("=1+1")]}], "fields": "userEnteredValue"}})

    grid = api.get(fields="sheets.data.rowData.values(userEnteredValue,effectiveValue)")["sheets"][0]["data"][0]
    assert grid["rowData"][0]["values"] == [
        {"userEnteredValue": {"formulaValue": "=1+1"}, "effectiveValue": {"numberValue": 2}},
        {"userEnteredValue": {"stringValue": "=1+1"}, "effectiveValue": {"stringValue": "=1+1"}},
    ]


def test_a_masked_field_left_out_is_cleared_and_an_unmasked_one_stays(api: Api, anna: Person) -> None:
    anna.type("A1", "1.9.2024")
    anna.note("A1", "prüfen")
    api.batch({"updateCells": {"start": {}, "rows": [{"values": [{}]}], "fields": "userEnteredValue"}})

    assert anna.rows() == []
    assert anna.cell("A1").note == "prüfen"
    assert anna.cell("A1").number_format["type"] == "DATE"


def test_update_cells_clears_the_rest_of_its_range(api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    update = {"range": box(0, 4, 0, 1), "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}
    api.batch({"updateCells": update})

    assert anna.rows() == [["x", "Ort"], [None, "A"], [None, "B"], [None, "C"]]


def test_formats_are_merged_by_mask(api: Api, anna: Person) -> None:
    anna.type("A1", "1.9.2024")
    bold = {"userEnteredFormat": {"textFormat": {"bold": True}}}
    api.batch({"repeatCell": {"range": box(0, 1, 0, 1), "cell": bold, "fields": "userEnteredFormat.textFormat.bold"}})

    assert set(anna.cell("A1").format) == {"numberFormat", "textFormat"}


def test_what_is_written_behind_the_corner_of_a_merge_is_not_kept(api: Api, anna: Person) -> None:
    anna.paste("A1", [["a", "b"]])
    anna.merge("A1:B1")
    update = {"start": {"columnIndex": 1}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}
    api.batch({"updateCells": update})

    assert anna.rows() == [["a"]]
    assert api.get()["sheets"][0]["merges"] == [box(0, 1, 0, 2)]


def test_append_cells_goes_behind_the_last_row_of_the_sheet(api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    anna.type("F9", "Notiz")
    api.batch({"appendCells": {"sheetId": 0, "rows": [{"values": [text("neu")]}], "fields": "userEnteredValue"}})

    assert anna.rows()[9] == ["neu"]


# Batches


def test_a_batch_is_applied_whole_or_not_at_all_and_names_the_place(api: Api, anna: Person) -> None:
    write = {"updateCells": {"start": {}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}}

    assert api.refused(write, {"deleteSheet": {"sheetId": 7}}) == (
        "Invalid requests[1].deleteSheet: No grid with id: 7"
    )
    assert anna.rows() == []


def test_a_batch_sees_its_own_earlier_requests(server: SheetsServer, api: Api, anna: Person) -> None:
    """The grid grown, a cell on the new row, a title: one reply each, one write."""
    write = {"start": {"rowIndex": 1000}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}
    replies = api.batch(
        {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 1}},
        {"updateCells": write},
        {"addSheet": {"properties": {"sheetId": 5, "title": "Zweites"}}},
    )

    assert [list(reply) for reply in replies] == [[], [], ["addSheet"]]
    assert replies[2]["addSheet"]["properties"]["sheetId"] == 5
    assert anna.rows()[1000] == ["x"]
    assert server.counts() == {"write": 1}


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"deleteDimension": {"range": lines(0, 1000)}}, "You can't delete all the rows on the sheet."),
        ({"deleteSheet": {"sheetId": 0}}, "You can't remove all the visible sheets in a document."),
        ({"addSheet": {"properties": {"title": "TABELLE1"}}}, 'name "TABELLE1" already exists'),
        ({"addSheet": {"properties": {"sheetId": 0}}}, "already exists"),
        (
            {"updateSheetProperties": {"properties": {"hidden": True}, "fields": "hidden"}},
            "You can't hide all the sheets in a document.",
        ),
        ({"updateCells": {"start": {}, "rows": []}}, "At least one field must be listed in 'fields'."),
        ({"updateCells": {"start": {}, "fields": "effectiveValue"}}, "cannot be written"),
        ({"updateCells": {"start": {}, "fields": "userEnteredValue, note"}}, "Invalid field"),
        (
            {"updateCells": {"start": {"rowIndex": 1000}, "rows": [{"values": [{}]}], "fields": "note"}},
            "Attempting to write row: 1000, beyond the last requested row of: 999",
        ),
        ({"appendDimension": {"dimension": "ROWS", "length": 400_000}}, "above the limit of 10000000 cells"),
        ({"repeatCell": {"range": box(0, 1001, 0, 1), "cell": {}, "fields": "note"}}, "is after last row in grid"),
        (
            {"updateCells": {"start": {}, "rows": [{"values": [text("x" * 50_001)]}], "fields": "userEnteredValue"}},
            "more than the maximum of 50000 characters",
        ),
        ({"deleteProtectedRange": {"protectedRangeId": 9}}, "No protected range with id: 9"),
    ],
)
def test_what_google_refuses(api: Api, request_: dict[str, Any], message: str) -> None:
    (kind,) = request_

    refused = api.refused(request_)
    assert refused.startswith(f"Invalid requests[0].{kind}: ")
    assert message in refused


def test_a_batch_must_have_a_request(api: Api) -> None:
    assert api.refused() == "Must specify at least one request."


# Rows and columns


def test_rows_and_columns_are_inserted_deleted_and_moved(api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    api.batch(
        {"insertDimension": {"range": lines(1, 2), "inheritFromBefore": True}},
        {"moveDimension": {"source": lines(4, 5), "destinationIndex": 1}},
        {"deleteDimension": {"range": lines(2, 3)}},
        {"moveDimension": {"source": columns(0, 1), "destinationIndex": 2}},
    )

    assert anna.rows() == [["Ort", "Name"], ["C", "Beispiel"], ["A", "Probe"], ["B", "Muster"]]


def test_inserted_rows_take_over_formats_and_rules(api: Api, anna: Person) -> None:
    anna.format("A1:A2", "TEXT")
    anna.offer("B2", "ja", "nein")
    api.batch({"insertDimension": {"range": lines(2, 3), "inheritFromBefore": True}})

    assert anna.cell("A3").number_format == {"type": "TEXT"}
    assert anna.cell("B3").validation == anna.cell("B2").validation
    assert anna.cell("A4").number_format == {}


def test_sorting_moves_whole_cells_and_knows_no_header(api: Api, anna: Person) -> None:
    anna.paste("A1", [["b", "1"], ["", "2"], ["C", "3"], ["a", "4"], ["5", "5"]])
    anna.note("A1", "Notiz zu b")
    specs = [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]
    api.batch({"sortRange": {"range": box(0, 5, 0, 2), "sortSpecs": specs}})

    assert anna.rows() == [[5.0, 5.0], ["a", 4.0], ["b", 1.0], ["C", 3.0], [None, 2.0]]
    assert anna.cell("A3").note == "Notiz zu b"

    api.batch({"sortRange": {"range": box(0, 5, 0, 2), "sortSpecs": [specs[0] | {"sortOrder": "DESCENDING"}]}})

    assert [row[0] for row in anna.rows()] == ["C", "b", "a", 5.0, None]


def test_a_sorted_formula_points_as_far_as_before(api: Api, anna: Person) -> None:
    anna.put("A1", "b")
    anna.put("A2", "a")
    anna.put("B1", Formula("=A1"))
    specs = [{"dimensionIndex": 0}]
    api.batch({"sortRange": {"range": box(0, 2, 0, 2), "sortSpecs": specs}})

    assert anna.cell("B2").entered == Formula("=A2")


def test_what_hangs_on_rows_and_columns_follows_them(api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    anna.merge("A6:B7")
    anna.filter("A1:B4", B=["A"])
    rule = {"booleanRule": {"condition": {"type": "BLANK"}, "format": {}}, "ranges": [box(1, 4, 0, 1)]}
    api.batch(
        {"addNamedRange": {"namedRange": {"name": "Namen", "range": box(1, 4, 0, 1)}}},
        {"addProtectedRange": {"protectedRange": {"range": {"startColumnIndex": 1, "endColumnIndex": 2}}}},
        {"addConditionalFormatRule": {"rule": rule}},
    )
    anna.insert_row(3)
    anna.insert_column("A")

    sheet = api.get()["sheets"][0]
    assert sheet["merges"] == [box(6, 8, 1, 3)]
    assert sheet["basicFilter"]["range"] == box(0, 5, 1, 3)
    assert sheet["basicFilter"]["filterSpecs"][0]["columnIndex"] == 2
    assert sheet["protectedRanges"][0]["range"] == {"startColumnIndex": 2, "endColumnIndex": 3}
    assert sheet["conditionalFormats"][0]["ranges"] == [box(1, 5, 1, 2)]
    assert api.get("/values/Namen")["range"] == "Tabelle1!B2:B5"

    anna.delete_column("C")

    assert "protectedRanges" not in api.get()["sheets"][0]


def test_frozen_rows_hidden_columns_and_widths(api: Api) -> None:
    frozen = {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}
    api.batch(
        {"updateSheetProperties": {"properties": frozen, "fields": "gridProperties.frozenRowCount"}},
        {
            "updateDimensionProperties": {
                "range": columns(0, 2),
                "properties": {"pixelSize": 180, "hiddenByUser": True},
                "fields": "pixelSize,hiddenByUser",
            }
        },
    )

    sheet = api.get(includeGridData="true", ranges="A1:C1")["sheets"][0]
    assert sheet["properties"]["gridProperties"] == {"rowCount": 1000, "columnCount": 26, "frozenRowCount": 1}
    assert sheet["data"][0]["columnMetadata"] == [
        {"pixelSize": 180, "hiddenByUser": True},
        {"pixelSize": 180, "hiddenByUser": True},
        {"pixelSize": 100},
    ]
    assert "frozen" in api.refused({"deleteDimension": {"range": lines(1, 1000)}})


def test_rewriting_a_rule_wipes_the_colours_of_its_chips(api: Api, anna: Person) -> None:
    """Even an identical rule; the API shows no colours either."""
    anna.offer("B2:B3", "ja", "nein", colours=("grün", "rot"))
    (cell,) = api.get(ranges="B2", includeGridData="true")["sheets"][0]["data"][0]["rowData"][0]["values"]
    api.batch({"setDataValidation": {"range": box(1, 2, 1, 2), "rule": cell["dataValidation"]}})

    assert anna.cell("B2").chips == ()
    assert anna.cell("B3").chips == ("grün", "rot")
    assert anna.cell("B2").validation == anna.cell("B3").validation


def test_rules_do_not_bind_the_api(api: Api, anna: Person) -> None:
    anna.offer("A1", "ja", "nein")
    api.batch({"updateCells": {"start": {}, "rows": [{"values": [text("vielleicht")]}], "fields": "userEnteredValue"}})

    assert anna.rows() == [["vielleicht"]]


def test_conditional_formats_are_addressed_by_an_index_that_shifts(api: Api) -> None:
    def rule(kind: str) -> dict[str, Any]:
        return {"ranges": [box(0, 9, 0, 1)], "booleanRule": {"condition": {"type": kind}, "format": {}}}

    add = [{"addConditionalFormatRule": {"rule": rule(kind), "index": 0}} for kind in ("BLANK", "NOT_BLANK")]
    replies = api.batch(*add, {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})

    assert replies[2]["deleteConditionalFormatRule"]["rule"]["booleanRule"]["condition"]["type"] == "NOT_BLANK"
    assert api.get()["sheets"][0]["conditionalFormats"] == [rule("BLANK")]
    assert "at index: 1" in api.refused({"deleteConditionalFormatRule": {"sheetId": 0, "index": 1}})


def test_sorting_across_a_merge_is_refused(api: Api, anna: Person) -> None:
    anna.merge("A2:A3")

    assert "merge" in api.refused({"sortRange": {"range": box(0, 5, 0, 2), "sortSpecs": [{"dimensionIndex": 0}]}})


def test_the_spreadsheet_comes_along_with_the_replies_when_asked_for(api: Api, anna: Person) -> None:
    write = {"updateCells": {"start": {}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}}
    body = {
        "requests": [write],
        "includeSpreadsheetInResponse": True,
        "responseRanges": ["A1"],
        "responseIncludeGridData": True,
    }
    answer = api.call("POST", ":batchUpdate", json=body).json()

    assert answer["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowData"][0]["values"][0]["formattedValue"] == "x"


def test_properties_of_the_spreadsheet(api: Api, anna: Person) -> None:
    new = {"locale": "en_US", "title": "List"}
    api.batch({"updateSpreadsheetProperties": {"properties": new, "fields": "locale,title"}})
    anna.put("A1", 1.5)

    assert api.drive()["name"] == "List"
    assert anna.shown("A1") == "1.5"


# Protection


def test_protected_cells_refuse_the_whole_batch_in_the_spreadsheets_language(api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    anna.protect("B:B")
    free = {"updateCells": {"start": {}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}}
    held = {"start": {"columnIndex": 1}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}

    message = api.refused(free, {"updateCells": held})
    assert message.startswith("Invalid requests[1].updateCells: Sie versuchen, eine geschützte Zelle")
    assert anna.rows() == PEOPLE
    api.batch(free)
    assert "requestingUserCanEdit" in api.get()["sheets"][0]["protectedRanges"][0]
    assert not api.get()["sheets"][0]["protectedRanges"][0]["requestingUserCanEdit"]

    anna.set_locale("en_US")

    assert "You are trying to edit a protected cell" in api.refused({"updateCells": held})


def test_a_warning_never_stops_the_api(api: Api, anna: Person) -> None:
    anna.protect("B:B", warning_only=True)
    held = {"start": {"columnIndex": 1}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}
    api.batch({"updateCells": held})

    (protection,) = api.get()["sheets"][0]["protectedRanges"]
    assert protection["warningOnly"]
    assert protection["requestingUserCanEdit"]


def test_whoever_protects_is_among_the_editors(api: Api) -> None:
    (reply,) = api.batch(
        {"addProtectedRange": {"protectedRange": {"range": box(0, 1, 0, 1), "description": "von uns"}}}
    )
    protection = reply["addProtectedRange"]["protectedRange"]
    api.batch({"updateCells": {"start": {}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}})

    assert protection["requestingUserCanEdit"]
    assert protection["range"] == box(0, 1, 0, 1)
    changed = {"protectedRangeId": protection["protectedRangeId"], "warningOnly": True}
    api.batch({"updateProtectedRange": {"protectedRange": changed, "fields": "warningOnly"}})
    assert api.get()["sheets"][0]["protectedRanges"][0]["warningOnly"]


def test_a_protected_tab_holds_everything_in_it(api: Api, anna: Person) -> None:
    anna.protect("")
    write = {"updateCells": {"start": {}, "rows": [{"values": [text("x")]}], "fields": "userEnteredValue"}}
    rename = {"updateSheetProperties": {"properties": {"title": "Neu"}, "fields": "title"}}

    for request in (write, rename, {"insertDimension": {"range": lines(3, 4)}}):
        assert "geschützte" in api.refused(request)


def test_growing_the_grid_beside_protected_cells(api: Api, anna: Person) -> None:
    """New rows inside of a protected range are refused, those at its edge and at the end of the grid are not."""
    anna.protect("A2:A4")
    anna.protect("B:B")

    assert "geschützte" in api.refused({"insertDimension": {"range": lines(2, 3)}})
    api.batch({"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 1}})
    anna.unprotect()
    anna.protect("A2:A4")
    api.batch({"insertDimension": {"range": lines(1, 2)}})
