"""Somebody changes a table's settings or its mapping while a run is at work: her word stays, and no value is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Snapshot
from syncsvc.core.schema import mapping_from
from syncsvc.errors import PlanMoved
from syncsvc.ports.tables import Table
from syncsvc.providers.memory import MemoryBook
from syncsvc.services.effects import effect
from syncsvc.services.mappings import current_revision, save_mapping
from syncsvc.services.programme import change_table
from syncsvc.services.records import set_values
from syncsvc.services.sync import sync_table
from syncsvc.store import mappings, tables
from tests.services.bench import TABLE, Bench
from tests.services.hostile.tables import THREE

OLENA, ADA = "BSP-0137-E", "BSP-0139-A"


@pytest.fixture
def synced(bench: Bench) -> Bench:
    """Three women in a table; the project has just changed a day of one of them."""
    bench.given(THREE)
    bench.sync()
    bench.project_sets(OLENA, "Eintritt", "05.09.2024")
    return bench


def during(bench: Bench, moment: str, act: Callable[[], object]) -> None:
    """Do it once, at this moment of the next run."""

    def once() -> None:
        setattr(bench.book, moment, lambda: None)
        act()

    setattr(bench.book, moment, once)


def change(bench: Bench, **settings: Any) -> None:
    assert change_table(bench.rt, TABLE, settings, actor="frau-berger") == []


def people_move_to(bench: Bench, name: str) -> MemoryBook:
    """They copied the table, and one of them went on typing there."""
    copy = MemoryBook([list(row) for row in bench.book.rows])
    copy.set(bench.row_of(ADA), bench.column_of("Notiz"), "kommt freitags")
    bench.registry.books[name] = copy
    return copy


def saved(bench: Bench, columns: list[dict[str, Any]], *, released: bool) -> None:
    """A new revision of the mapping, released for the table as somebody looked at it, or not."""
    mapping = mapping_from({"key": "standard", "title": "Liste", "privacy_level": 3, "columns": columns})
    assert isinstance(mapping, TableMapping), mapping
    seen = effect(bench.rt, TABLE, mapping).seen
    assert seen is not None
    number = current_revision(bench.rt, "standard").number
    save_mapping(
        bench.rt, mapping, expect=number, actor="frau-berger", reason="neu", release={TABLE: seen} if released else {}
    )
    bench.columns = columns


def without(bench: Bench, header: str) -> list[dict[str, Any]]:
    return [column for column in bench.columns if column["header"] != header]


@pytest.mark.parametrize("moment", ["before_write", "after_write"])
def test_a_table_that_moves_during_a_run_goes_on_at_its_new_place(
    synced: Bench, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ids of the former place, which that run learns, do not lead back to it; nor does its version hide the new."""
    copy = people_move_to(synced, "umgezogen")
    opened = synced.registry.open

    def with_ids(location: dict[str, str]) -> Table:
        table, here = opened({"provider": "memory", "name": location.get("id", location["name"])}), location["name"]
        read = table.read

        def noting() -> Snapshot:
            return replace(read(), identity={"id": here})

        monkeypatch.setattr(table, "read", noting, raising=False)
        return table

    monkeypatch.setattr(synced.registry, "open", with_ids)
    during(synced, moment, lambda: change(synced, location={"provider": "memory", "name": "umgezogen"}))
    assert sync_table(synced.rt, TABLE).state == "ok"
    copy.revision = synced.book.revision

    with synced.database.read() as session:
        assert tables.is_due(session, tables.get(session, TABLE).id, synced.clock.now())
    sync_table(synced.rt, TABLE)

    assert synced.records()[ADA].values["custom.note"] == "kommt freitags"
    with synced.database.read() as session:
        assert tables.get(session, TABLE).identity == {"id": "umgezogen"}
    copy.revision += 1
    outcome = sync_table(synced.rt, TABLE)
    assert (outcome.state, outcome.cells_written, outcome.records_changed) == ("ok", 0, 0)


def test_a_run_that_still_has_the_former_place_open_writes_nothing(synced: Bench) -> None:
    copy = people_move_to(synced, "umgezogen")
    before = [list(row) for row in synced.book.rows]
    during(synced, "before_read", lambda: change(synced, location={"provider": "memory", "name": "umgezogen"}))

    with pytest.raises(PlanMoved):
        sync_table(synced.rt, TABLE)

    assert synced.book.rows == before
    assert sync_table(synced.rt, TABLE).state == "ok"
    assert copy.get(synced.row_of(OLENA), synced.column_of("Eintritt")) != before[1][2]


def test_another_mapping_chosen_during_a_run_awaits_its_release(synced: Bench) -> None:
    """Both are at their first revision, so the number alone says nothing."""
    with synced.database.write() as session:
        body = dict(mappings.current(session, mappings.get(session, "standard").id).body)
        body |= {"key": "zweite", "columns": without(synced, "Notiz")}
        mappings.add_revision(session, "zweite", title="Zweite", body=body, source="test", now=synced.clock.now())
    during(synced, "before_write", lambda: change(synced, mapping="zweite"))
    assert sync_table(synced.rt, TABLE).state == "ok"

    assert sync_table(synced.rt, TABLE).state == "held"


@pytest.mark.parametrize(("released", "state"), [(True, "ok"), (False, "held")])
def test_a_revision_saved_during_a_run_is_used_as_it_was_released(synced: Bench, released: bool, state: str) -> None:
    during(synced, "before_write", lambda: saved(synced, without(synced, "Notiz"), released=released))
    assert sync_table(synced.rt, TABLE).state == "ok"

    synced.book.revision += 1
    assert sync_table(synced.rt, TABLE).state == state


def test_who_types_there_counts_from_the_next_run_on(synced: Bench) -> None:
    """The job centre's column was the project's to type in too; an edit that waited is read by the new rule."""
    during(synced, "after_write", lambda: change(synced, edited_by=["jobcentre"]))
    sync_table(synced.rt, TABLE)

    assert sync_table(synced.rt, TABLE).requests["read"] == 1, "the table is looked at again though nobody typed"


def test_a_column_taken_out_and_put_back_loses_no_side(synced: Bench) -> None:
    """Meanwhile both sides edited it: what only one of them changed is agreed, what both did is asked."""
    synced.sync()
    columns = list(synced.columns)
    saved(synced, without(synced, "Notiz"), released=True)
    sync_table(synced.rt, TABLE)
    synced.book.set(synced.row_of(OLENA), synced.book.rows[0].index("Notiz") + 1, "aus der Tabelle")
    set_values(synced.rt, OLENA, {"custom.note": "vom Projekt"}, actor="frau-berger")
    set_values(synced.rt, ADA, {"custom.note": "nur vom Projekt"}, actor="frau-berger")
    sync_table(synced.rt, TABLE)
    assert synced.records()[OLENA].values["custom.note"] == "vom Projekt"

    saved(synced, columns, released=True)
    synced.sync()

    synced.table_is("""
        | TN-Nr.     | Notiz           |
        | BSP-0137-E | aus der Tabelle |
        | BSP-0138-C |                 |
        | BSP-0139-A | nur vom Projekt |
    """)
    assert synced.records()[OLENA].values["custom.note"] == "vom Projekt"
    assert [(question.kind, question.ref) for question in synced.open_questions()] == [("conflict", OLENA)]
