"""Developer metadata, which knows rows and columns wherever they go: section 4 of the facts about Google Sheets."""

from __future__ import annotations

from typing import Any

from tests.fakes.conftest import Api
from tests.fakes.google.people import Person
from tests.fakes.sheets_server import SheetsServer
from tests.fakes.test_batch import PEOPLE, columns, lines


def entry(key: str, location: dict[str, Any], **more: Any) -> dict[str, Any]:
    content = {"metadataKey": key, "visibility": "DOCUMENT", "location": location, **more}
    return {"createDeveloperMetadata": {"developerMetadata": content}}


def where(api: Api, key: str) -> list[dict[str, Any]]:
    """The locations of all entries with this key."""
    body = {"dataFilters": [{"developerMetadataLookup": {"metadataKey": key}}]}
    found = api.call("POST", "/developerMetadata:search", json=body).json().get("matchedDeveloperMetadata", [])
    return [each["developerMetadata"]["location"] for each in found]


def test_metadata_follows_its_row_and_column_but_not_a_sort_or_a_cut(api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    api.batch(
        entry("zeile", {"dimensionRange": lines(1, 2)}),
        entry("spalte", {"dimensionRange": columns(1, 2)}),
        entry("blatt", {"sheetId": 0}),
    )
    anna.insert_row(2)
    anna.insert_column("A")
    anna.move_row(3, before=6)

    assert where(api, "zeile") == [
        {"locationType": "ROW", "dimensionRange": {"dimension": "ROWS", "startIndex": 4, "endIndex": 5}}
    ]
    assert where(api, "spalte")[0]["dimensionRange"]["startIndex"] == 2
    assert where(api, "blatt") == [{"locationType": "SHEET", "sheetId": 0}]

    anna.sort("B")
    anna.cut_row(5, onto=9)

    assert where(api, "zeile")[0]["dimensionRange"]["startIndex"] == 4

    anna.delete_rows(5)

    assert where(api, "zeile") == []


def test_metadata_ids_are_unique_and_may_be_chosen(api: Api) -> None:
    place = {"dimensionRange": columns(0, 1)}
    replies = api.batch(entry("feld", place, metadataId=7, metadataValue="name"))

    assert replies[0]["createDeveloperMetadata"]["developerMetadata"] == {
        "metadataId": 7,
        "metadataKey": "feld",
        "metadataValue": "name",
        "location": {
            "locationType": "COLUMN",
            "dimensionRange": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1},
        },
        "visibility": "DOCUMENT",
    }
    assert api.get("/developerMetadata/7")["metadataValue"] == "name"
    assert "already exists" in api.refused(entry("feld", place, metadataId=7))
    assert "already exists" in api.refused(entry("anderes", {"spreadsheet": True}, metadataId=7))


def test_metadata_is_changed_and_deleted_through_filters(api: Api) -> None:
    api.batch(entry("feld", {"sheetId": 0}, metadataId=7, metadataValue="alt"))
    lookup = {"developerMetadataLookup": {"metadataId": 7}}
    new = {"metadataValue": "neu"}
    change = {"dataFilters": [lookup], "developerMetadata": new, "fields": "metadataValue"}
    (reply,) = api.batch({"updateDeveloperMetadata": change})

    assert reply["updateDeveloperMetadata"]["developerMetadata"][0]["metadataValue"] == "neu"

    (reply,) = api.batch({"deleteDeveloperMetadata": {"dataFilter": lookup}})

    assert reply["deleteDeveloperMetadata"]["deletedDeveloperMetadata"][0]["metadataId"] == 7
    assert api.batch({"deleteDeveloperMetadata": {"dataFilter": lookup}}) == [{}]


def test_metadata_has_a_budget(api: Api) -> None:
    api.batch(entry("k", {"sheetId": 0}, metadataValue="x" * 29_999))

    assert "limit of 30000 characters" in api.refused(entry("k", {"dimensionRange": lines(0, 1)}))
    api.batch(entry("k", {"spreadsheet": True}, metadataValue="x" * 29_999))


def test_metadata_of_a_project_is_not_shown_to_another(server: SheetsServer, api: Api) -> None:
    api.batch(entry("mein", {"sheetId": 0}, visibility="PROJECT"))

    assert len(where(api, "mein")) == 1
    next(iter(server.tokens.accounts.values())).project = "ein-anderes"
    assert where(api, "mein") == []


def test_metadata_surfaces_on_three_paths_the_rows_only_with_ranges(api: Api) -> None:
    api.batch(
        entry("datei", {"spreadsheet": True}),
        entry("blatt", {"sheetId": 0}),
        entry("s", {"dimensionRange": columns(1, 2)}),
    )
    plain = api.get(includeGridData="true")
    ranged = api.get(includeGridData="true", ranges="A1:B1")

    assert plain["developerMetadata"][0]["metadataKey"] == "datei"
    assert plain["sheets"][0]["developerMetadata"][0]["metadataKey"] == "blatt"
    assert "developerMetadata" not in plain["sheets"][0]["data"][0]["columnMetadata"][1]
    assert ranged["sheets"][0]["data"][0]["columnMetadata"][1]["developerMetadata"][0]["metadataKey"] == "s"


def test_values_are_written_to_the_row_of_their_metadata_wherever_it_went(api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    api.batch(entry("zeile", {"dimensionRange": lines(2, 3)}))
    anna.insert_row(1)
    lookup = {"developerMetadataLookup": {"metadataKey": "zeile"}}
    body = {"valueInputOption": "RAW", "data": [{"dataFilter": lookup, "values": [[None, "neu"]]}]}
    answer = api.call("POST", "/values:batchUpdateByDataFilter", json=body).json()

    assert anna.rows()[3] == ["Muster", "neu"]
    assert answer["totalUpdatedCells"] == 1

    lookup = {"developerMetadataLookup": {"metadataKey": "gibt es nicht"}}
    body = {"valueInputOption": "RAW", "data": [{"dataFilter": lookup, "values": [["neu"]]}]}
    answer = api.call("POST", "/values:batchUpdateByDataFilter", json=body).json()

    assert "totalUpdatedRows" not in answer


def test_a_copied_tab_and_a_copied_file_look_like_the_original(server: SheetsServer, api: Api, anna: Person) -> None:
    anna.paste("A1", PEOPLE)
    api.batch(entry("feld", {"dimensionRange": columns(0, 1)}, metadataId=7))
    copied = server.copy(api.file)
    tab = anna.duplicate_tab("Kopie")

    places = [each["dimensionRange"].get("sheetId", 0) for each in where(api, "feld")]
    assert places == [0, tab]
    twin = Api(api.session, api.url, copied)
    assert twin.get("/developerMetadata/7")["metadataKey"] == "feld"
    assert twin.values("A1:B4") == api.values("A1:B4")
