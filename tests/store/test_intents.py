"""Intents: every write about to be done, until its outcome is settled."""

from __future__ import annotations

from syncsvc.store import intents
from syncsvc.store.intents import Intent
from tests.factories import NOW, make_run, make_table


def make_intent(token="t1", ref="BSP-0137-E", field="entry_date", **document):
    return Intent(token=token, ref=ref, field=field, version="v1", document=document)


def test_intents_stay_until_their_patch_is_settled(database):
    first = [make_intent(old={"date": "2024-09-01"}, new=None), make_intent(field="note", old="=1+1", new="neu")]
    second = [make_intent("t2", old=None, new=1.5)]
    with database.write() as session:
        table = make_table(session)
        run = make_run(session, table)
        intents.add(session, table, run, first, NOW)
        intents.add(session, table, run, second, NOW)
    with database.write() as session:
        assert intents.open_for(session, table) == first + second
        intents.drop(session, table, "t1")
    with database.read() as session:
        assert intents.open_for(session, table) == second


def test_single_cells_can_be_settled(database):
    kept, settled = make_intent(field="note"), make_intent(field="entry_date")
    same_field_other_row = make_intent(ref="BSP-0138-C", field="entry_date")
    with database.write() as session:
        table = make_table(session)
        intents.add(session, table, make_run(session, table), [kept, settled, same_field_other_row], NOW)
        intents.drop_cells(session, table, [("BSP-0137-E", "entry_date")])
        assert intents.open_for(session, table) == [kept, same_field_other_row]


def test_a_table_has_its_own_intents(database):
    with database.write() as session:
        table, other = make_table(session), make_table(session, "other")
        intents.add(session, table, make_run(session, table), [make_intent()], NOW)
        intents.drop(session, other, "t1")
        assert intents.open_for(session, other) == []
        assert intents.open_for(session, table) == [make_intent()]
