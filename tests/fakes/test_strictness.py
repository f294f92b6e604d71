"""Requests must fit the discovery documents, and so must the answers of the fake."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.conftest import Api
from tests.fakes.google import discovery, masks
from tests.fakes.google.batch import Missing
from tests.fakes.google.people import Person
from tests.fakes.sheets_server import SheetsServer


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"updateSheetProperties": {"properties": {"headerValues": 1}, "fields": "title"}},
            (
                'Invalid JSON payload received. Unknown name "headerValues" at '
                "'requests[0].update_sheet_properties.properties': Cannot find field."
            ),
        ),
        (
            {"appendDimension": {"dimension": "ROW"}},
            (
                "Invalid value at 'requests[0].append_dimension.dimension' "
                '(type.googleapis.com/google.apps.sheets.v4.Dimension), "ROW"'
            ),
        ),
        (
            {"appendDimension": {"length": "fünf"}},
            "Invalid value at 'requests[0].append_dimension.length' (TYPE_INT32), \"fünf\"",
        ),
        ({"appendDimension": {"length": 1.5}}, "(TYPE_INT32), 1.5"),
        ({"updateCells": {"rows": {}}}, "Invalid value at 'requests[0].update_cells.rows' (TYPE_LIST), {}"),
        (
            {"updateCells": {"rows": [{"values": [{"userEnteredValue": {"stringValue": 5}}]}]}},
            "'requests[0].update_cells.rows[0].values[0].user_entered_value.string_value' (TYPE_STRING), 5",
        ),
        (
            {"updateCells": {"rows": [{"values": [{"userEnteredValue": {"stringValue": "x", "numberValue": 1}}]}]}},
            "oneof field is already set",
        ),
        ({"erfunden": {}}, "Unknown name \"erfunden\" at 'requests[0]': Cannot find field."),
    ],
)
def test_bodies_are_checked_to_the_last_field(api: Api, request_: dict[str, Any], message: str) -> None:
    assert message in api.refused(request_)


def test_null_means_absent(api: Api) -> None:
    api.batch({"appendDimension": {"sheetId": None, "dimension": "ROWS", "length": 1}})


def test_an_unknown_field_at_the_top_has_no_place(api: Api) -> None:
    response = api.call("POST", ":batchUpdate", json={"request": []})

    message = 'Invalid JSON payload received. Unknown name "request": Cannot find field.'
    assert response.json()["error"]["message"] == message


def test_a_body_that_is_no_json_is_refused(api: Api) -> None:
    address = f"{api.url}/v4/spreadsheets/{api.file.document.id}:batchUpdate"
    headers = {"Content-Type": "application/json"}

    assert api.session.post(address, data="{", headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"feld": "x"}, "Field 'feld' could not be found in request message."),
        ({"includeGridData": "vielleicht"}, "(TYPE_BOOL)"),
        ({"includeGridData": ["true", "false"]}, "not repeating"),
    ],
)
def test_query_parameters_are_checked(api: Api, query: dict[str, Any], message: str) -> None:
    response = api.call("GET", "", **query)

    assert response.status_code == 400
    assert message in response.json()["error"]["message"]


def test_unknown_addresses_are_pages_in_html(api: Api) -> None:
    response = api.session.get(f"{api.url}/v4/tabellen", timeout=5)

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


def test_what_google_does_and_the_fake_does_not_fails_the_test(server: SheetsServer, api: Api) -> None:
    response = api.call("POST", ":batchUpdate", json={"requests": [{"addTable": {}}]})

    assert response.status_code == 501
    assert isinstance(server.service.troubles.pop(), Missing)


# Field masks


def test_a_mask_leaves_only_what_it_names(api: Api, anna: Person) -> None:
    anna.paste("A1", [["a", "b"]])

    assert api.get(fields="sheets.properties(sheetId,title)") == {
        "sheets": [{"properties": {"sheetId": 0, "title": "Tabelle1"}}]
    }
    assert api.get(fields="sheets/data/rowData/values/formattedValue,properties.locale") == {
        "properties": {"locale": "de_DE"},
        "sheets": [{"data": [{"rowData": [{"values": [{"formattedValue": "a"}, {"formattedValue": "b"}]}]}]}],
    }


def test_a_mask_overrides_include_grid_data(api: Api, anna: Person) -> None:
    anna.paste("A1", [["a"]])

    assert "data" in api.get(fields="sheets.data.rowData.values.note", includeGridData="false")["sheets"][0]
    assert "data" not in api.get(includeGridData="false")["sheets"][0]


@pytest.mark.parametrize(
    ("mask", "path"), [("sheets.sheetProperties", "sheets.sheetProperties"), ("properties(titel)", "properties.titel")]
)
def test_a_mask_with_an_unknown_path_is_refused(api: Api, mask: str, path: str) -> None:
    response = api.call("GET", "", fields=mask)
    error = response.json()["error"]

    assert (response.status_code, error["message"]) == (400, "Request contains an invalid argument.")
    text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
    assert error["details"][0]["fieldViolations"] == [{"field": mask, "description": text}]


def test_a_blank_behind_a_comma_is_an_error_in_sheets_and_not_in_drive(api: Api) -> None:
    assert api.call("GET", "", fields="spreadsheetId, properties.title").status_code == 400
    assert set(api.drive(fields="id, name")) == {"id", "name"}


@pytest.mark.parametrize(
    ("mask", "paths"),
    [
        ("a.b,c(d,e/f)", {("a", "b"), ("c", "d"), ("c", "e", "f")}),
        ("a(b(c,d)),a.e", {("a", "b", "c"), ("a", "b", "d"), ("a", "e")}),
        ("a,a.b", {("a",)}),
        ("a.b,a", {("a",)}),
        ("a.*", {("a",)}),
    ],
)
def test_masks_are_read_in_every_notation(mask: str, paths: set[tuple[str, ...]]) -> None:
    assert set(masks.paths(masks.parse(mask, spaces=False))) == paths


def test_answers_of_the_fake_are_checked_too() -> None:
    with pytest.raises(AssertionError, match="no Spreadsheet"):
        discovery.load("sheets").answer("Spreadsheet", {"sheets": [{"properties": {"sheetId": "0"}}]})
