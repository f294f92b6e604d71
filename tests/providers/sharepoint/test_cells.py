"""Graph's cells and ours mean the same: what Microsoft's pages on Range and graph-excel.md say, against the model."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Logical
from syncsvc.errors import PlatformBusy, TableError
from syncsvc.providers.sharepoint.cells import comes_back, needed_format, new_format, read_cell, same, written


@pytest.mark.parametrize(
    ("value", "formula", "code", "cell"),
    [
        ("", "", "General", None),
        ("01067", "01067", "@", "01067"),
        ("=1+1", "=1+1", "@", "=1+1"),  # literal text: both show the same
        (2, "=1+1", "General", Formula("=1+1", 2.0)),
        ("", '=""', "General", Formula('=""', None)),
        ("#REF!", "=A1", "General", Formula("=A1", ErrorValue("#REF!"))),
        (46054, "=TODAY()", "dd.mm.yyyy", Formula("=TODAY()", date(2026, 2, 1))),
        ("#N/A", "#N/A", "General", ErrorValue("#N/A")),
        ("#N/A", "#N/A", "@", "#N/A"),
        ("#NV", "#NV", "General", "#NV"),  # Graph names errors in English
        ("#1 Kurs", "#1 Kurs", "General", "#1 Kurs"),
        (True, True, "General", Logical.TRUE),
        (False, False, "General", Logical.FALSE),
        (1, 1, "General", 1.0),
        (0.5, 0.5, "0%", 0.5),
        (46054, 46054, "General", 46054.0),
        (46054, 46054, "dd.mm.yyyy", date(2026, 2, 1)),
        (46054, 46054, "m/d/yyyy", date(2026, 2, 1)),  # built-in format 14, as it always reads
        (46054, 46054, "TT.MM.JJJJ", date(2026, 2, 1)),
        (46054.5, 46054.5, "dd.mm.yyyy", datetime.fromisoformat("2026-02-01T12:00")),
        (46054, 46054, "[$-407]d. mmmm yyyy;@", date(2026, 2, 1)),
        (59, 59, "dd.mm.yyyy", date(1900, 2, 28)),
        (60, 60, "dd.mm.yyyy", 60.0),  # the 29 February 1900 that never was
        (61, 61, "dd.mm.yyyy", date(1900, 3, 1)),
        (0.75, 0.75, "hh:mm", time(18)),
        (1.25, 1.25, "[h]:mm", 1.25),  # thirty hours are no time of day
        (46054, 46054, "@", 46054.0),
    ],
)
def test_a_cell_is_read_with_its_type(value: object, formula: object, code: str, cell: Cell) -> None:
    """The number format alone makes a number a day."""
    assert read_cell(value, formula, code) == cell
    assert type(read_cell(value, formula, code)) is type(cell)


@pytest.mark.parametrize("value", [None, [], {"x": 1}])
def test_a_cell_that_is_missing_in_an_answer_is_no_blank(value: object) -> None:
    """Null stands where Graph left something out."""
    with pytest.raises(PlatformBusy):
        read_cell(value, "", "General")


@pytest.mark.parametrize(
    ("cell", "sent", "shown"),
    [
        (None, "", ""),
        ("=1+1", "=1+1", "=1+1"),
        ("'x", "''x", "'x"),  # the first apostrophe is Excel's mark of a text
        (3.0, 3.0, 3.0),
        (Logical.TRUE, True, True),
        (date(2026, 2, 1), 46054, 46054),
        (date(1900, 3, 1), 61, 61),
        (datetime.fromisoformat("2026-02-01T12:00"), 46054.5, 46054.5),
        (time(18), 0.75, 0.75),
    ],
)
def test_a_value_is_sent_so_that_it_comes_back(cell: Cell, sent: object, shown: object) -> None:
    """Numbers, truth values and days never as strings, which would be typed."""
    assert written(cell) == sent
    assert type(written(cell)) is type(sent) or isinstance(sent, int)
    assert comes_back(written(cell)) == shown


@pytest.mark.parametrize(
    "cell", ["x" * 32_768, "😀" * 16_384, float("nan"), date(1899, 12, 31), Formula("=1", 1.0), Covered()]
)
def test_what_no_cell_can_hold_is_refused_in_a_sentence(cell: Cell) -> None:
    """Before any request, not by a refusal."""
    with pytest.raises(TableError, match=r"\.$"):
        written(cell)


TEXTS = ["01067", "=1+1", "+49 30", "-", "@x", "\tx", "1/2/2026", "1e5", "TRUE", "wahr", "MARCH1", "12 %", "#N/A", " x"]


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_could_be_anything_else_gets_the_text_format_first(text: str) -> None:
    """Excel reads strings as if typed in the United States, whatever they are to us."""
    assert needed_format(text, "General") == needed_format(text, "dd.mm.yyyy") == "@"
    assert needed_format(text, "@") is None
    assert new_format(text, "General") == new_format(text, "@") == "@"


@pytest.mark.parametrize(
    ("cell", "code", "wanted"),
    [
        ("Probe, Katya", "General", None),  # letters without digits are never anything but text
        ("Übung", "dd.mm.yyyy", None),
        ("'x", "@", "General"),  # whether the mark is taken off under @ is nowhere said
        ("'x", "General", None),
        (None, "dd.mm.yyyy", None),
        (date(2026, 1, 1), "General", "dd.mm.yyyy"),
        (date(2026, 1, 1), "@", "dd.mm.yyyy"),
        (date(2026, 1, 1), "yyyy-mm-dd", None),  # people's own format stays
        (datetime.fromisoformat("2026-01-01T09:00"), "General", "dd.mm.yyyy hh:mm"),
        (datetime.fromisoformat("2026-01-01T09:00"), "dd.mm.yyyy", None),
        (time(9), "General", "hh:mm"),
        (time(9, 0, 5), "General", "hh:mm:ss"),
        (3.0, "0.00", None),
        (3.0, "dd.mm.yyyy", "General"),
        (3.0, "@", "General"),
        (Logical.TRUE, "@", "General"),
        (Logical.TRUE, "dd.mm.yyyy", None),
    ],
)
def test_a_format_changes_only_where_the_value_would_be_misread(cell: Cell, code: str, wanted: str | None) -> None:
    """Formats are people's."""
    assert needed_format(cell, code) == wanted


@pytest.mark.parametrize(
    ("cell", "above", "wanted"),
    [
        ("Probe, Katya", "@", None),
        (None, "General", None),
        (date(2026, 1, 1), "yyyy-mm-dd", "yyyy-mm-dd"),
        (date(2026, 1, 1), "General", "dd.mm.yyyy"),
        (3.0, "0.00", "0.00"),
        (3.0, "@", "General"),
    ],
)
def test_a_new_row_looks_like_the_one_above(cell: Cell, above: str, wanted: str | None) -> None:
    """Its own formats are not known, so whatever matters is said."""
    assert new_format(cell, above) == wanted


def test_content_is_compared_as_content() -> None:
    """JSON has one kind of number, Excel keeps some fifteen digits, and true is not one."""
    assert same(3, 3.0)
    assert same(0.1 + 0.2, 0.3)
    assert same("", "")
    assert not same(True, 1)
    assert not same("1", 1)
    assert not same("", 0)
