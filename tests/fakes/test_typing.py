"""What the window, and USER_ENTERED with it, makes of what people type: section 2 of the facts about Google Sheets."""

from __future__ import annotations

from datetime import date

import pytest

from tests.fakes.conftest import Api
from tests.fakes.google import locales
from tests.fakes.google.formulas import Formula, Wrong
from tests.fakes.google.people import Person
from tests.fakes.sheets_server import SheetsServer

TODAY = date(2026, 11, 22)
FIRST_OF_MAY = (date(2026, 5, 1) - date(1899, 12, 30)).days

# typed, what de_DE makes of it, what en_US makes of it
TABLE = [
    ("01.09.2024", 45536.0, "01.09.2024"),
    ("1,5", 1.5, "1,5"),
    ("1.5", float(FIRST_OF_MAY), 1.5),
    ("1.234", 1234.0, 1.234),
    ("1.123456789", 1123456789.0, 1.123456789),
    ("1234,1234", 1234.1234, 12341234.0),
    ("00123", 123.0, 123.0),
    ("0042", 42.0, 42.0),
    ("12E5", 1200000.0, 1200000.0),
    ("8085807e40", 8085807e40, 8085807e40),
    ("+491701234567", 491701234567.0, 491701234567.0),
    ("+49 170 1234567", Formula("=49 170 1234567"), Formula("=49 170 1234567")),
    ("+/-", Formula("=/-"), Formula("=/-")),
    ("+Dri7", Formula("=Dri7"), Formula("=Dri7")),
    ("=A1", Formula("=A1"), Formula("=A1")),
    ("'123", "123", "123"),
    ("WAHR", True, "WAHR"),
    ("TRUE", True, True),
    ("2024-09-01", 45536.0, 45536.0),
    ("2024-09-01T10:00:00Z", "2024-09-01T10:00:00Z", "2024-09-01T10:00:00Z"),
    ("31.02.2024", "31.02.2024", "31.02.2024"),
    ("1234567890123456789", 1234567890123460000.0, 1234567890123460000.0),
    ("-", "-", "-"),
    ("@x", "@x", "@x"),
    ("Probe, Katya", "Probe, Katya", "Probe, Katya"),
]


@pytest.mark.parametrize(("text", "german", "english"), TABLE)
def test_the_locale_of_the_spreadsheet_decides_what_is_typed(text: str, german: object, english: object) -> None:
    assert locales.typed(text, "de_DE", {}, TODAY)[0] == german
    assert locales.typed(text, "en_US", {}, TODAY)[0] == english


@pytest.mark.parametrize(
    ("text", "locale", "number", "kind"),
    [
        ("5 %", "de_DE", 0.05, "PERCENT"),
        ("5%", "en_US", 0.05, "PERCENT"),
        ("12,50 €", "de_DE", 12.5, "CURRENCY"),
        ("$12.50", "en_US", 12.5, "CURRENCY"),
        ("1.9.2024", "de_DE", 45536, "DATE"),
        ("9/1/2024", "en_US", 45536, "DATE"),
        ("2024-09-01", "de_DE", 45536, "DATE"),
        ("01.09.2024 12:00", "de_DE", 45536.5, "DATE_TIME"),
        ("06:00", "de_DE", 0.25, "TIME"),
    ],
)
def test_a_number_format_comes_along(text: str, locale: str, number: float, kind: str) -> None:
    entered, number_format = locales.typed(text, locale, {}, TODAY)

    assert entered == pytest.approx(number)
    assert (number_format or {})["type"] == kind


def test_seconds_with_a_full_stop_are_a_moment_only_where_it_is_the_decimal_sign() -> None:
    """home-assistant/core#86653: the same text stayed text in a Dutch spreadsheet."""
    text = "2023-01-25 19:08:01.054474"

    assert locales.typed(text, "de_DE", {}, TODAY) == (text, None)
    assert (locales.typed(text, "en_US", {}, TODAY)[1] or {})["type"] == "DATE_TIME"


def test_a_cell_formatted_as_text_keeps_everything(anna: Person) -> None:
    anna.format("A1", "TEXT")
    anna.type("A1", "01067")

    assert anna.rows() == [["01067"]]


def test_a_cell_once_formatted_as_a_date_shows_a_number_as_one(anna: Person) -> None:
    anna.type("A1", "1.9.2024")
    anna.type("A1", "5")

    assert anna.shown("A1") == "04.01.1900"


@pytest.mark.parametrize(
    ("locale", "texts"), [("de_DE", ["1,5", "01.09.2024", "WAHR", "5%"]), ("en_US", ["1.5", "9/1/2024", "TRUE", "5%"])]
)
def test_the_same_values_show_in_the_spreadsheets_own_way(server: SheetsServer, locale: str, texts: list[str]) -> None:
    file = server.spreadsheet([[1.5, date(2024, 9, 1), True]], locale=locale)
    person = server.person("anna.muster@projekt.example", file)
    person.type("D1", "5%")

    assert [person.shown(cell) for cell in ("A1", "B1", "C1", "D1")] == texts


def test_user_entered_through_the_api_is_typing_and_raw_is_not(api: Api, anna: Person) -> None:
    for option, row in (("USER_ENTERED", 1), ("RAW", 2)):
        values = {"values": [["01.09.2024", "0042", "=1+1", "'x", 7, True]]}
        api.call("PUT", f"/values/A{row}:F{row}", json=values, valueInputOption=option).raise_for_status()

    assert api.values("A1:F1", valueRenderOption="UNFORMATTED_VALUE") == [[45536, 42, 2, "x", 7, True]]
    assert api.values("A2:F2", valueRenderOption="UNFORMATTED_VALUE") == [["01.09.2024", "0042", "=1+1", "'x", 7, True]]
    assert anna.cell("A1").format
    assert not anna.cell("A2").format


@pytest.mark.parametrize(
    ("formula", "locale", "value"),
    [
        ("=A1+1", "de_DE", 3.0),
        ("=SUM(A1:A3)*2", "de_DE", 10.0),
        ("=SUMME(A1;1,5)", "de_DE", 3.5),
        ("=SUM(A1,1.5)", "en_US", 3.5),
        ("=SUM(A1,1)", "de_DE", "#ERROR!"),
        ('=HYPERLINK("https://programm.example";"x")', "de_DE", "x"),
        ("=A1/0", "de_DE", "#DIV/0!"),
        ("=B1", "de_DE", "#REF!"),
        ("=A2+1", "de_DE", "#VALUE!"),
        ("=ERFUNDEN(A1)", "de_DE", "#NAME?"),
        ("=49 170 1234567", "de_DE", "#ERROR!"),
        ("=A1&A2", "de_DE", "2x"),
        ('=WENN(A1>1;"ja";"nein")', "de_DE", "ja"),
        ("=NA()", "de_DE", "#N/A"),
    ],
)
def test_formulas_compute_in_the_spreadsheets_own_way(
    server: SheetsServer, formula: str, locale: str, value: object
) -> None:
    """``,`` separates arguments only where it is not the decimal sign; ``=B1`` stands in B1 and refers to itself."""
    file = server.spreadsheet([[2.0, Formula(formula)], ["x"], [3.0]], locale=locale)

    assert server.person("anna.muster@projekt.example", file).rows()[0][1] == value


def test_formulas_follow_the_rows_and_columns_they_name(anna: Person) -> None:
    anna.put("A1", 1.0)
    anna.put("B2", Formula("=A1+SUM($A$1:A2)"))
    anna.insert_row(1)
    anna.insert_column("A")

    assert anna.cell("C3").entered == Formula("=B2+SUM($B$2:B3)")

    anna.delete_rows(2)

    assert anna.cell("C2").entered == Formula("=#REF!+SUM(#REF!:B2)")
    assert anna.rows()[1][2] == Wrong("REF").shown
