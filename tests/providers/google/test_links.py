"""What people copy from the browser becomes the spreadsheet's id."""

from __future__ import annotations

import pytest

from syncsvc.providers.google.links import place

ID = "1AbCdEf-GhIjKlMnOpQrStUvWxYz_0123456789abcde"


@pytest.mark.parametrize(
    ("typed", "worksheet", "expected"),
    [
        (ID, "Liste", {"spreadsheet": ID, "worksheet": "Liste"}),
        (f" {ID} ", "Liste", {"spreadsheet": ID, "worksheet": "Liste"}),
        (f"https://docs.google.com/spreadsheets/d/{ID}", "Liste", {"spreadsheet": ID, "worksheet": "Liste"}),
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit?usp=sharing", "L", {"spreadsheet": ID, "worksheet": "L"}),
        (f"https://docs.google.com/spreadsheets/u/1/d/{ID}/edit", "L", {"spreadsheet": ID, "worksheet": "L"}),
        (
            f"https://docs.google.com/a/p.example/spreadsheets/d/{ID}/edit",
            "L",
            {"spreadsheet": ID, "worksheet": "L"},
        ),
        (f"docs.google.com/spreadsheets/d/{ID}/edit", "L", {"spreadsheet": ID, "worksheet": "L"}),
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=17", "L", {"spreadsheet": ID, "worksheet": "L"}),
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit?gid=17#gid=17", "", {"spreadsheet": ID, "sheet_id": "17"}),
        (f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0", "", {"spreadsheet": ID, "sheet_id": "0"}),
    ],
)
def test_an_address_or_an_id_is_taken(typed: str, worksheet: str, expected: dict[str, str]) -> None:
    location = {"spreadsheet": typed} | ({"worksheet": worksheet} if worksheet else {})

    assert place(location) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Unsere Liste",
        "https://drive.google.com/drive/folders/1AbC",
        "https://example.org/spreadsheets/d/1",
        "https://docs.google.com/spreadsheets/d/e/2PACX-1vBeispiel/pubhtml",  # a page published for reading
    ],
)
def test_anything_else_is_not(typed: str) -> None:
    assert place({"spreadsheet": typed, "worksheet": "Liste"}) is None
