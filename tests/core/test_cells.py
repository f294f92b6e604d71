"""Cells as JSON: every kind comes back as itself, and a row's digest tells every difference."""

from __future__ import annotations

import json
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncsvc.core.cells import decode, digest, encode
from syncsvc.core.model import Covered, ErrorValue, Formula, Logical, Unsettled

SHOWN = (
    st.none()
    | st.text(st.characters(exclude_categories=[]))
    | st.floats(allow_nan=False)
    | st.sampled_from(Logical)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.builds(ErrorValue, st.sampled_from(["#REF!", "#NV", "#DIV/0!"]))
)
CELLS = SHOWN | st.builds(Formula, st.text(), SHOWN) | st.builds(Covered)


@given(CELLS)
def test_every_cell_comes_back_as_itself(cell):
    back = decode(json.loads(json.dumps(encode(cell))))
    assert back == cell
    assert type(back) is type(cell)


@given(st.lists(CELLS, max_size=4), st.lists(CELLS, max_size=4))
def test_rows_have_the_same_digest_exactly_when_they_are_equal(one, other):
    assert (digest(one) == digest(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", 1.0),
        (None, ""),
        ("TRUE", Logical.TRUE),
        ("2026-03-01", date(2026, 3, 1)),
        (date(2026, 3, 1), datetime(2026, 3, 1)),  # noqa: DTZ001  # a spreadsheet's moments have no zone
        ("10:30:00", time(10, 30)),
        ("#NV", ErrorValue("#NV")),
        ("=A1", Formula("=A1", None)),
        (Formula("=A1", 1.0), Formula("=A1", "1")),
        (None, Covered()),
        (None, Unsettled.UNSETTLED),
    ],
)
def test_what_only_looks_alike_has_another_digest(one, other):
    assert digest([one]) != digest([other])


def test_a_digest_knows_where_in_the_row_a_cell_stands():
    assert digest(["a", None]) != digest([None, "a"])


@pytest.mark.parametrize("cell", [1, True, b"bytes", ["list"]])
def test_what_is_no_cell_is_refused_instead_of_becoming_blank(cell):
    with pytest.raises(TypeError):
        encode(cell)


@pytest.mark.parametrize(
    "value", [1, ["list"], {}, {"date": 5}, {"logical": "maybe"}, {"formula": ["=A1", {"covered": None}]}]
)
def test_what_was_never_encoded_is_refused(value):
    with pytest.raises(ValueError):
        decode(value)
