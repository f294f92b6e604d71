"""CellData and our cells mean the same: the discovery document's words on the left, the model's on the right."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from syncsvc.core.model import Cell, Covered, ErrorValue, Formula, Logical
from syncsvc.errors import TableError
from syncsvc.providers.google.cells import kind_of, needed_format, read_cell, written


def entered(**value: Any) -> dict[str, Any]:
    return {"userEnteredValue": value, "effectiveValue": value}


def computed(formula: str, **value: Any) -> dict[str, Any]:
    return {"userEnteredValue": {"formulaValue": formula}, "effectiveValue": value}


@pytest.mark.parametrize(
    ("data", "kind", "cell"),
    [
        ({}, "", None),
        (entered(stringValue=""), "", None),
        (entered(stringValue="01067"), "", "01067"),
        (entered(stringValue="=1+1"), "", "=1+1"),
        (entered(stringValue="01.09.2024"), "DATE", "01.09.2024"),
        (entered(numberValue=3), "", 3.0),
        (entered(numberValue=0.5), "PERCENT", 0.5),
        (entered(boolValue=True), "", Logical.TRUE),
        (entered(boolValue=False), "", Logical.FALSE),
        (entered(numberValue=45536), "", 45536.0),
        (entered(numberValue=45536), "DATE", date(2024, 9, 1)),  # as typed in de_DE
        (entered(numberValue=43831), "DATE_TIME", date(2020, 1, 1)),  # seen in recorded traffic
        (entered(numberValue=43831.5), "DATE", datetime.fromisoformat("2020-01-01T12:00")),
        (entered(numberValue=1), "DATE", date(1899, 12, 31)),
        (entered(numberValue=0.75), "TIME", time(18)),
        (entered(numberValue=1e12), "DATE", 1e12),
        (computed("=1+1", numberValue=2), "", Formula("=1+1", 2.0)),
        (computed("=HEUTE()", numberValue=45536), "DATE", Formula("=HEUTE()", date(2024, 9, 1))),
        (computed("=A1", errorValue={"type": "REF"}), "", Formula("=A1", ErrorValue("#REF!"))),
        (computed('=""', stringValue=""), "", Formula('=""', None)),
        (entered(errorValue={"type": "N_A", "message": "geheim"}), "", ErrorValue("#N/A")),
        ({"effectiveValue": {"stringValue": "x"}}, "", Formula("=…", "x")),
    ],
)
def test_a_cell_is_read_with_its_type(data: dict[str, Any], kind: str, cell: Cell) -> None:
    assert read_cell(data, kind) == cell
    assert type(read_cell(data, kind)) is type(cell)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({}, ""),
        ({"userEnteredFormat": {"numberFormat": {"type": "DATE"}}}, "DATE"),
        ({"effectiveFormat": {"numberFormat": {"type": "TEXT"}}}, "TEXT"),
        ({"userEnteredFormat": {}, "effectiveFormat": {"numberFormat": {"type": "TIME"}}}, "TIME"),
    ],
)
def test_the_number_format_makes_a_date(data: dict[str, Any], kind: str) -> None:
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (None, {}),
        ("=1+1", {"stringValue": "=1+1"}),
        ("'x", {"stringValue": "'x"}),
        (3.0, {"numberValue": 3.0}),
        (Logical.FALSE, {"boolValue": False}),
        (date(2024, 9, 1), {"numberValue": 45536.0}),
        (datetime.fromisoformat("2020-01-01T12:00"), {"numberValue": 43831.5}),
        (time(18), {"numberValue": 0.75}),
    ],
)
def test_a_value_is_written_as_what_it_is(cell: Cell, value: dict[str, Any]) -> None:
    assert written(cell) == value


@pytest.mark.parametrize("cell", ["x" * 50_001, "😀" * 25_001, float("nan"), Formula("=1", 1.0), Covered()])
def test_what_no_cell_can_hold_is_refused_in_a_sentence(cell: Cell) -> None:
    with pytest.raises(TableError, match=r"\.$"):
        written(cell)


def test_the_longest_text_is_taken() -> None:
    assert written("ü" * 50_000) == {"stringValue": "ü" * 50_000}


DAY, MOMENT = {"type": "DATE", "pattern": "dd.mm.yyyy"}, {"type": "DATE_TIME", "pattern": "dd.mm.yyyy hh:mm"}


@pytest.mark.parametrize(
    ("cell", "kind", "wanted"),
    [
        ("x", "TEXT", None),
        ("01067", "NUMBER", None),
        (None, "DATE", None),
        (date(2026, 1, 1), "", DAY),
        (date(2026, 1, 1), "TEXT", DAY),
        (date(2026, 1, 1), "DATE", None),
        (date(2026, 1, 1), "DATE_TIME", None),
        (datetime.fromisoformat("2026-01-01T09:00"), "DATE", MOMENT),
        (datetime.fromisoformat("2026-01-01T09:00"), "DATE_TIME", None),
        (time(9), "DATE", {"type": "TIME", "pattern": "hh:mm"}),
        (3.0, "", None),
        (3.0, "CURRENCY", None),
        (3.0, "DATE", {}),
        (3.0, "TEXT", {}),
        (Logical.TRUE, "TEXT", {}),
    ],
)
def test_a_format_changes_only_where_the_value_would_be_misread(cell: Cell, kind: str, wanted: object) -> None:
    assert needed_format(cell, kind) == wanted
