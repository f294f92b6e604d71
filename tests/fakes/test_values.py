"""Reading and writing values: sections 1 to 3 of the facts about Google Sheets, with gspread as it comes."""

from __future__ import annotations

from datetime import date

import gspread
import pytest
from gspread.utils import InsertDataOption

from tests.fakes.conftest import Api
from tests.fakes.google.drive import File
from tests.fakes.google.formulas import Formula
from tests.fakes.google.people import Person
from tests.fakes.google.tokens import Account
from tests.fakes.sheets_server import SheetsServer


@pytest.fixture
def tab(client: gspread.Client, file: File) -> gspread.Worksheet:
    return client.open_by_key(file.document.id).sheet1


def fill(person: Person, rows: list[list[str]]) -> None:
    person.paste("A1", rows)


def test_blanks_at_the_end_are_cut_and_blanks_inside_are_kept(api: Api, anna: Person) -> None:
    fill(anna, [["A1", "B1", "", "D1"], ["", "b2"], [], ["A4", "B4", "", "D4"]])

    expected = [["A1", "B1", "", "D1"], ["", "b2"], [], ["A4", "B4", "", "D4"]]
    assert api.values("A1:D5") == expected
    assert "values" not in api.get("/values/F1:G9")


def test_render_options(api: Api, anna: Person) -> None:
    for cell, value in (("A1", 1.5), ("B1", date(2020, 1, 1)), ("C1", True), ("D1", Formula("=A1*2")), ("E1", "x")):
        anna.put(cell, value)

    assert api.values("A1:E1") == [["1,5", "01.01.2020", "WAHR", "3", "x"]]
    assert api.values("A1:E1", valueRenderOption="UNFORMATTED_VALUE") == [[1.5, 43831, True, 3, "x"]]
    assert api.values("A1:E1", valueRenderOption="FORMULA") == [[1.5, 43831, True, "=A1*2", "x"]]
    dates = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
    assert api.values("B1", **dates) == [["01.01.2020"]]


def test_errors_are_strings_among_values(api: Api, anna: Person) -> None:
    anna.type("A1", "=1/0")

    assert api.values("A1", valueRenderOption="UNFORMATTED_VALUE") == [["#DIV/0!"]]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("A1:A", "Tabelle1!A1:A1000"),
        ("2:2", "Tabelle1!A2:Z2"),
        ("D4:A1", "Tabelle1!A1:D4"),
        ("Tabelle1", "Tabelle1!A1:Z1000"),
        ("'Tabelle1'!B2", "Tabelle1!B2"),
        ("A990:C2000", "Tabelle1!A990:C1000"),
        ("Y:AD", "Tabelle1!Y1:Z1000"),
    ],
)
def test_the_answered_range_is_normalised_and_clipped(api: Api, asked: str, answered: str) -> None:
    assert api.get(f"/values/{asked}")["range"] == answered


@pytest.mark.parametrize(
    ("title", "shown"),
    [("D3", "'D3'"), ("Frau's Liste", "'Frau''s Liste'"), ("Übersicht", "'Übersicht'"), ("Liste_1", "Liste_1")],
)
def test_titles_are_quoted_when_they_are_no_plain_word(api: Api, anna: Person, title: str, shown: str) -> None:
    anna.rename_tab(title)
    anna.type("A1", "x")

    quoted = "'" + title.replace("'", "''") + "'"
    assert api.get(f"/values/{quoted}!A1:D1") == {
        "range": f"{shown}!A1:D1",
        "majorDimension": "ROWS",
        "values": [["x"]],
    }


def test_a_stale_title_cannot_be_parsed(api: Api, anna: Person) -> None:
    anna.rename_tab("Neu")
    response = api.call("GET", "/values/'Tabelle1'!A2")

    assert response.status_code == 400
    assert response.json()["error"]["message"] == "Unable to parse range: 'Tabelle1'!A2"


@pytest.mark.parametrize("asked", ["A1001", "AA1:AB2", "1001:1003"])
def test_starting_beyond_the_grid_is_an_error(api: Api, asked: str) -> None:
    response = api.call("GET", f"/values/{asked}")

    assert response.status_code == 400
    message = f"Range (Tabelle1!{asked}) exceeds grid limits. Max rows: 1000, max columns: 26"
    assert response.json()["error"]["message"] == message


def test_hidden_and_filtered_rows_are_read_like_any(api: Api, anna: Person) -> None:
    fill(anna, [["Name"], ["a"], ["b"], ["c"]])
    anna.filter("A1:A4", A=["b"])
    anna.hide_row(4)
    anna.hide_column("A")

    assert api.values("A1:A9") == [["Name"], ["a"], ["b"], ["c"]]
    lines = api.get(fields="sheets.data(rowMetadata,columnMetadata)")["sheets"][0]["data"][0]
    assert [row.get("hiddenByFilter", False) for row in lines["rowMetadata"][:4]] == [False, False, True, False]
    assert lines["rowMetadata"][3]["hiddenByUser"]
    assert lines["columnMetadata"][0]["hiddenByUser"]


def test_only_the_corner_of_merged_cells_has_a_value(api: Api, anna: Person) -> None:
    fill(anna, [["a", "b"], ["c", "d"]])
    anna.merge("A1:B2")

    assert api.values("A1:B2") == [["a"]]


def test_batch_get_answers_in_order_and_costs_one_read(server: SheetsServer, api: Api, anna: Person) -> None:
    fill(anna, [["a", "b"]])
    answer = api.get("/values:batchGet", ranges=["B1", "A1"])

    assert [entry["values"] for entry in answer["valueRanges"]] == [[["b"]], [["a"]]]
    assert server.counts() == {"read": 1}


def test_one_unreadable_range_fails_the_whole_filter_list(api: Api) -> None:
    body = {"dataFilters": [{"a1Range": "A1"}, {"a1Range": "Tabelle7!A1"}]}

    assert api.call("POST", "/values:batchGetByDataFilter", json=body).status_code == 400


def test_each_matched_range_comes_once_with_its_filters(api: Api, anna: Person) -> None:
    fill(anna, [["a"]])
    filters = [{"a1Range": "A1"}, {"gridRange": {"endRowIndex": 1, "endColumnIndex": 1}}]
    answer = api.call("POST", "/values:batchGetByDataFilter", json={"dataFilters": filters}).json()

    assert len(answer["valueRanges"]) == 1
    assert len(answer["valueRanges"][0]["dataFilters"]) == 2


def test_the_input_option_is_required(api: Api) -> None:
    response = api.call("PUT", "/values/A1", json={"values": [["x"]]})

    assert response.json()["error"]["message"] == "'valueInputOption' is required but not specified"


def test_null_skips_a_cell_and_an_empty_text_empties_it(tab: gspread.Worksheet, anna: Person) -> None:
    fill(anna, [["a", "b", "c"]])
    answer = tab.update([[None, "", "neu"]], "A1:C1")

    assert anna.rows() == [["a", None, "neu"]]
    assert (answer["updatedRange"], answer["updatedCells"], answer["updatedColumns"]) == ("Tabelle1!A1:C1", 2, 2)


def test_the_updated_range_covers_the_data_not_what_was_asked(tab: gspread.Worksheet) -> None:
    assert tab.update([["x", "y"]], "A1:B2")["updatedRange"] == "Tabelle1!A1:B1"


def test_a_single_cell_extends_and_a_range_does_not(tab: gspread.Worksheet, anna: Person) -> None:
    tab.update([["a", "b"], ["c", "d"]], "A1")
    with pytest.raises(gspread.exceptions.APIError, match=r"Requested writing within range \[Tabelle1!A1:B1\], but"):
        tab.update([["a", "b"], ["c", "d"]], "A1:B1")

    assert anna.rows() == [["a", "b"], ["c", "d"]]


def test_writing_outside_the_grid_is_refused(tab: gspread.Worksheet) -> None:
    limits = r"Range \(Tabelle1!Y1001\) exceeds grid limits. Max rows: 1000, max columns: 26"
    with pytest.raises(gspread.exceptions.APIError, match=limits):
        tab.update([["x"]], "Y1001")
    with pytest.raises(gspread.exceptions.APIError, match=rf"Invalid data\[0\]: {limits}"):
        tab.batch_update([{"range": "Y1001", "values": [["x"]]}])
    with pytest.raises(gspread.exceptions.APIError, match="exceeds grid limits"):
        tab.update([["x"], ["y"]], "A1000")


def test_a_batch_of_values_is_written_whole_or_not_at_all(tab: gspread.Worksheet, anna: Person) -> None:
    with pytest.raises(gspread.exceptions.APIError):
        tab.batch_update([{"range": "A1", "values": [["x"]]}, {"range": "A1001", "values": [["y"]]}])

    assert anna.rows() == []


def test_a_cell_holds_fifty_thousand_characters(tab: gspread.Worksheet) -> None:
    tab.update([["x" * 50_000]], "A1")
    with pytest.raises(gspread.exceptions.APIError, match="maximum of 50000 characters"):
        tab.update([["x" * 50_001]], "A1")


def test_append_without_a_table_range_goes_below_the_last_block(tab: gspread.Worksheet, anna: Person) -> None:
    """WorksheetTest.test_append_row_with_empty_value: the second append went to C2."""
    tab.append_row(["x", "", "z"])
    tab.append_row(["neu"])

    assert anna.rows() == [["x", None, "z"], [None, None, "neu"]]


def test_append_with_a_table_range_goes_below_that_table(tab: gspread.Worksheet, anna: Person) -> None:
    tab.append_row(["x", "", "z"])
    answer = tab.append_row(["neu"], table_range="A1")

    assert anna.rows() == [["x", None, "z"], ["neu"]]
    assert answer["updates"]["updatedRange"] == "Tabelle1!A2"
    assert answer["tableRange"] == "Tabelle1!A1"


def test_append_overwrites_what_stands_below_unless_rows_are_inserted(tab: gspread.Worksheet, anna: Person) -> None:
    fill(anna, [["a"], [], ["x"]])
    tab.append_rows([["b"], ["c"]], table_range="A1")

    assert anna.rows() == [["a"], ["b"], ["c"]]

    fill(anna, [["a"], [""], ["x"]])
    tab.append_rows([["b"], ["c"]], table_range="A1", insert_data_option=InsertDataOption.insert_rows)

    assert anna.rows() == [["a"], ["b"], ["c"], [], ["x"]]


def test_append_grows_the_grid(server: SheetsServer, account: Account, client: gspread.Client) -> None:
    file = server.spreadsheet([["a"], ["b"]], share=account, size=(2, 1))
    client.open_by_key(file.document.id).sheet1.append_row(["c", "d"], table_range="A1")

    assert server.person("anna.muster@projekt.example", file).rows() == [["a"], ["b"], ["c", "d"]]


def test_clear_empties_values_and_keeps_formats(api: Api, anna: Person) -> None:
    anna.type("A1", "1.9.2024")
    answer = api.call("POST", "/values/A:A:clear", json={}).json()

    assert answer["clearedRange"] == "Tabelle1!A1:A1000"
    assert anna.rows() == []
    assert anna.cell("A1").format


def test_gspread_counts_what_the_facts_say(server: SheetsServer, client: gspread.Client, file: File) -> None:
    """Section 8: one read to open, one for a tab, two writes to insert rows."""
    tab = client.open_by_key(file.document.id).get_worksheet_by_id(0)
    tab.batch_get(["A1", "B1:C2"])
    tab.insert_row(["x"], 1)

    assert server.counts() == {"read": 3, "write": 2}
