"""Bases: what was last agreed, exactly, and honest about fields that never were."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import sqlalchemy as sa

from syncsvc.core.model import BaseRow, Covered, ErrorValue, Flip, Formula, Logical, Overruled, RowState, Unsettled
from syncsvc.errors import SealBroken
from syncsvc.store import bases
from tests.factories import make_table

FIELDS = ("entry_date", "note", "customer_no")
ROW = BaseRow(
    ref="BSP-0137-E",
    raw=(date(2024, 9, 1), " =1+1 ", Formula("=A1", 5.0)),
    agreed=("2024-09-01", "=1+1", None),
    state=RowState.GONE,
    older=("d1", "d2"),
    flips={"note": Flip(None, 2)},
)
NEVER = Unsettled.UNSETTLED


@pytest.fixture
def table(database) -> int:
    with database.write() as session:
        return make_table(session)


def reload(database, table, fields=FIELDS):
    with database.read() as session:
        return bases.load(session, table, fields)


def test_a_new_table_has_an_empty_base(database, table):
    base = reload(database, table)
    assert (base.fields, dict(base.rows), dict(base.positions)) == (FIELDS, {}, {})


def test_rows_come_back_as_they_were(database, table):
    odd = BaseRow("BSP-0138-C", (Logical.TRUE, ErrorValue("#NV"), Covered()), ("yes", {"a": [1, 1.5]}, ""))
    with database.write() as session:
        bases.save(session, table, FIELDS, [ROW, odd])
    assert reload(database, table).rows == {ROW.ref: ROW, odd.ref: odd}


def test_saving_replaces_these_rows_and_leaves_the_others(database, table):
    other = BaseRow("BSP-0138-C", (None, None, None), (None, None, None))
    changed = BaseRow(ROW.ref, (datetime(2024, 9, 1, 8, 30), None, "x"), ("2024-09-01T08:30", None, "x"))  # noqa: DTZ001  # a spreadsheet's moments have no zone
    with database.write() as session:
        bases.save(session, table, FIELDS, [ROW, other])
    with database.write() as session:
        bases.save(session, table, FIELDS, [changed])
    assert reload(database, table).rows == {ROW.ref: changed, other.ref: other}


def test_fields_may_come_in_another_order(database, table):
    with database.write() as session:
        bases.save(session, table, FIELDS, [ROW])
    row = reload(database, table, ("customer_no", "entry_date")).rows[ROW.ref]
    assert (row.raw, row.agreed) == ((ROW.raw[2], ROW.raw[0]), (ROW.agreed[2], ROW.agreed[0]))


def test_a_column_mapped_later_was_never_settled(database, table):
    """Blank would say that both sides agreed on nothing, and a first value would look like an edit."""
    with database.write() as session:
        bases.save(session, table, FIELDS, [ROW])
    row = reload(database, table, ("entry_date", "phone")).rows[ROW.ref]
    assert row.raw == (ROW.raw[0], NEVER)
    assert row.agreed == (ROW.agreed[0], NEVER)


def test_an_unsettled_field_stays_so_and_a_blank_one_stays_blank(database, table):
    row = BaseRow(ROW.ref, (None, NEVER, "x"), (None, NEVER, Overruled.OVERRULED))
    with database.write() as session:
        bases.save(session, table, FIELDS, [row])
    assert reload(database, table).rows == {ROW.ref: row}


@pytest.mark.parametrize(("raw", "agreed"), [(NEVER, "x"), ("x", NEVER)])
def test_a_field_half_settled_is_refused(database, table, raw, agreed):
    with database.write() as session, pytest.raises(ValueError, match="settled"):
        bases.save(session, table, ["note"], [BaseRow(ROW.ref, (raw,), (agreed,))])


def test_a_row_that_does_not_fit_the_fields_is_refused(database, table):
    with database.write() as session, pytest.raises(ValueError, match=r"shorter|longer"):
        bases.save(session, table, FIELDS[:2], [ROW])


def test_forgotten_rows_are_gone_from_this_table_only(database, table):
    with database.write() as session:
        other = make_table(session, "other")
        for number in (table, other):
            bases.save(session, number, FIELDS, [ROW])
        bases.forget(session, table, [ROW.ref, "BSP-0001-X"])
    assert not reload(database, table).rows
    assert reload(database, other).rows == {ROW.ref: ROW}


def test_positions_are_kept_with_the_base(database, table):
    with database.write() as session:
        bases.save_positions(session, table, {"BSP-0137-E": 5, "BSP-0138-C": 2})
    assert reload(database, table).positions == {"BSP-0137-E": 5, "BSP-0138-C": 2}


def test_a_row_moved_to_another_reference_or_table_does_not_open(database, table):
    with database.write() as session:
        other = make_table(session, "other")
        bases.save(session, table, FIELDS, [ROW])
        session.execute(sa.text("UPDATE base_rows SET table_id = :other"), {"other": other})
    with pytest.raises(SealBroken):
        reload(database, other)
