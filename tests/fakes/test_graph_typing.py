"""What texts become in Excel: en-US for those the API sends, de-DE for those people type."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.fakes.graph import display, entry
from tests.fakes.graph.client import Excel
from tests.fakes.graph.refusals import Refused
from tests.fakes.graph.serials import serial
from tests.fakes.graph_server import GraphServer

TODAY = date(2026, 11, 22)


def read(text: str, speech: entry.Speech, code: str = "General") -> tuple[Any, str | None]:
    """Value and format; formulas as their text."""
    typed = entry.typed(text, code, speech, TODAY)
    return getattr(typed.entered, "text", typed.entered), typed.format


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("Probe", "Probe", None),
        ("49", 49.0, None),  # resources/excel.md, "Add a table row": "49" comes back as 49
        ("Jan-15-2016", "Jan-15-2016", None),  # as above: stays text
        ("00123", 123.0, None),  # support "Keep leading zeros and large numbers"
        ("1234567890123456", 1234567890123450.0, None),  # "Excel specifications and limits": 15 digits
        ("1e5", 100000.0, "0.00E+00"),
        ("123E4", 1230000.0, "0.00E+00"),
        ("50%", 0.5, "0%"),
        ("12.5%", 0.125, "0.00%"),
        ("$5", 5.0, '"$"#,##0'),
        ("(5)", -5.0, None),
        ("1 1/2", 1.5, "# ?/?"),  # support "Display numbers as fractions"
        ("1,234", 1234.0, "#,##0"),
        ("true", True, None),
        ("#N/A", "#N/A", None),
        ("1/2", serial(date(2026, 1, 2)), "d-mmm"),  # support "Stop automatically changing numbers to dates"
        ("1-2", serial(date(2026, 1, 2)), "d-mmm"),
        ("3/4", serial(date(2026, 3, 4)), "d-mmm"),
        ("MARCH1", serial(date(2026, 3, 1)), "d-mmm"),
        ("SEPT2", serial(date(2026, 9, 2)), "d-mmm"),
        ("1/2/2026", serial(date(2026, 1, 2)), "m/d/yyyy"),
        ("2026-02-01", serial(date(2026, 2, 1)), "m/d/yyyy"),
        ("1/2/29", serial(date(2029, 1, 2)), "m/d/yyyy"),  # support "Change the date system": 00-29 and 30-99
        ("1/2/30", serial(date(1930, 1, 2)), "m/d/yyyy"),
        ("13/5/2026", "13/5/2026", None),
        ("01.02.2026", "01.02.2026", None),
        ("10:30", 0.4375, "h:mm"),
        ("10:30 PM", 0.9375, "h:mm AM/PM"),
        ("=1+1", "=1+1", None),
        ("-A1", "=-A1", None),  # office-js, Range.values: plus, minus or equal sign
        ("@SUM(A1)", "=SUM(A1)", None),
        ("-", "-", None),
        ("'=1+1", "=1+1", None),
        ("+49", 49.0, None),
        (" 5 ", 5.0, None),
        ("", None, None),
    ],
)
def test_the_api_types_as_an_american_would(text: str, value: Any, code: str | None) -> None:
    """Strings in ``values`` are typed with US settings (OfficeDev/office-js issue 1559)."""
    assert read(text, entry.ENGLISH) == (value, code)


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("1,5", 1.5, None),
        ("1.234,56", 1234.56, "#,##0.00"),
        ("1.2", serial(date(2026, 2, 1)), "d-mmm"),
        ("1.2.", serial(date(2026, 2, 1)), "d-mmm"),
        ("1.2.26", serial(date(2026, 2, 1)), "m/d/yyyy"),
        ("01.02.2026", serial(date(2026, 2, 1)), "m/d/yyyy"),
        ("31.02.2026", "31.02.2026", None),
        ("15. Mai 2026", serial(date(2026, 5, 15)), "d-mmm-yy"),
        ("WAHR", True, None),
        ("TRUE", "TRUE", None),
        ("5 €", 5.0, '#,##0 "€"'),
        ("01067", 1067.0, None),
        ("=SUMME(A1;1,5)", "=SUM(A1,1.5)", None),
        ("#NV", "#N/A", None),
    ],
)
def test_people_type_as_germans_do(text: str, value: Any, code: str | None) -> None:
    """What people type is read by their own regional settings."""
    assert read(text, entry.GERMAN) == (value, code)


@pytest.mark.parametrize("text", ["01067", "=1+1", "+49 30", "123E000004", "1-2", "TRUE"])
def test_cells_formatted_as_text_keep_what_is_sent(excel: Excel, text: str) -> None:
    """Support "Format numbers as text": format the cells first, then type."""
    excel.write("A1", "@", "numberFormat")
    excel.write("A1", text)

    assert excel.values("A1") == [[text]]
    assert excel.values("A1", "formulas") == [[text]]


def test_an_apostrophe_makes_text_and_does_not_come_back(excel: Excel) -> None:
    """Office-js, Range.values: a leading apostrophe is not part of the value."""
    excel.write("A1", "'00123")

    assert excel.values("A1") == [["00123"]]
    assert excel.values("A1", "formulas") == [["00123"]]


@pytest.mark.parametrize("text", ["+49 30", "=1+", "=(1"])
def test_what_looks_like_a_formula_and_is_none_is_refused(text: str) -> None:
    """Excel says "There's a problem with this formula"; the API has only InvalidArgument for it."""
    with pytest.raises(Refused, match="InvalidArgument"):
        entry.typed(text, "General", entry.ENGLISH, TODAY)


@pytest.mark.parametrize(("day", "number"), [((1900, 1, 1), 1), ((1900, 2, 28), 59), ((1900, 3, 1), 61)])
def test_dates_count_the_day_that_never_was(day: tuple[int, int, int], number: int) -> None:
    """Support "Excel incorrectly assumes that the year 1900 is a leap year"."""
    assert serial(date(*day)) == number


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (46024.0, "m/d/yyyy", "1/2/2026"),
        (46024.0, "dd.mm.yyyy", "02.01.2026"),
        (46024.4375, "yyyy-mm-dd hh:mm", "2026-01-02 10:30"),
        (46024.0, "[$-407]d. mmm yy;@", "2. Jan 26"),
        (0.5, "0%", "50%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (7.0, "000", "007"),
        (123456789012.0, "General", "1.23457E+11"),
        (True, "General", "TRUE"),
    ],
)
def test_texts_are_shown_in_english(value: Any, code: str, text: str) -> None:
    """Resources/range.md, ``text``; support "Number format codes"."""
    assert display.text(value, code) == text


def test_a_person_and_the_api_read_one_text_differently(graph: GraphServer, excel: Excel) -> None:
    """The first of February for a German at the keyboard, plain text through the API."""
    anna = graph.person("anna.muster@projekt.example", excel.file)
    anna.type("A1", "1.2.")
    excel.write("A2", "1.2.")

    assert excel.values("A1:A2", "valueTypes") == [["Double"], ["String"]]
