"""What a changed mapping would do: the same that a preview says once the change is approved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.schema import mapping_from
from syncsvc.errors import PlanMoved, UsageError
from syncsvc.services.effects import Effect, effect, has_moved
from syncsvc.services.mappings import current_revision, revisions, save_mapping
from syncsvc.services.sync import preview_table, sync_table
from syncsvc.store import audit, tables
from tests.services.bench import TABLE, Bench

THREE = """
| TN-Nr.     | Eintritt   | Status | Stunden | Beginn     | Hinweis |
| BSP-0137-E | 01.09.2024 | aktiv  | 20      | 01.10.2024 |         |
| BSP-0138-C | 02.09.2024 | ruht   | viele   | 02.10.2024 |         |
| BSP-0139-A | 03.09.2024 | aktiv  | 10      |            |         |
"""


@pytest.fixture
def synced(bench: Bench) -> Bench:
    """Three women in a table whose hours and beginnings nobody has mapped yet."""
    bench.given(THREE)
    bench.columns = [column for column in bench.columns if column["header"] != "Stunden"]
    bench.map()
    bench.sync()
    return bench


def changed(bench: Bench, *more: dict[str, Any], without: str = "", **options: Any) -> TableMapping:
    columns = [column for column in bench.columns if column["header"] != without]
    body = {"key": "standard", "title": "Liste", "privacy_level": 3, **options, "columns": [*columns, *more]}
    mapping = mapping_from(body)
    assert isinstance(mapping, TableMapping), mapping
    return mapping


HOURS = {"header": "Stunden", "field": "weekly_hours", "owner": "project"}
GONE = {"header": "Sprachkurs", "field": "language_course", "owner": "both"}


@pytest.mark.parametrize(
    "change",
    [
        {"more": [HOURS]},
        {"more": [HOURS, GONE]},
        {"without": "Status"},
        {"privacy_level": 1},
        {"more": [{"header": "Beginn", "field": "custom.beginn", "type": "number", "owner": "project"}]},
        {"new_rows": "ask"},
    ],
    ids=["column", "missing", "removed", "level", "unreadable", "nothing"],
)
def test_the_effect_is_what_the_preview_says_after_the_approval(synced: Bench, change: dict[str, Any]) -> None:
    """Actions, counts, receipt, message, and the very plan; nothing is stored or written on the way."""
    mapping = changed(synced, *change.pop("more", ()), **change)
    sheet, known = [list(row) for row in synced.book.rows], synced.records()

    said = effect(synced.rt, TABLE, mapping).outcome

    assert ([list(row) for row in synced.book.rows], synced.records()) == (sheet, known)
    save_mapping(synced.rt, mapping, expect=_number(synced), actor="frau-berger")
    sync_table(synced.rt, TABLE)
    synced.approve("mapping_changed")
    preview = preview_table(synced.rt, TABLE)
    assert replace(said, seconds=0, requests={}) == replace(preview, seconds=0, requests={})


def _number(bench: Bench) -> int:
    return current_revision(bench.rt, "standard").number


def test_what_would_happen_is_counted(synced: Bench) -> None:
    found = effect(synced.rt, TABLE, changed(synced, HOURS, GONE))

    assert found.counts == {
        "cells_written": 1, "rows_added": 0, "records_created": 0, "records_changed": 2, "questions_opened": 2,
        "questions_closed": 0, "notes": 1,
    }  # fmt: skip
    assert found.columns == {"Sprachkurs": "column_missing"}


def test_one_look_costs_one_read(synced: Bench) -> None:
    assert effect(synced.rt, TABLE, changed(synced, HOURS)).outcome.requests["read"] == 1


def test_a_table_that_cannot_be_read_says_so(synced: Bench) -> None:
    synced.registry.books.clear()

    found = effect(synced.rt, TABLE, changed(synced, HOURS))

    assert (found.outcome.state, found.seen) == ("failed", None)
    assert found.outcome.message


def seen(bench: Bench, mapping: TableMapping) -> Effect:
    found = effect(bench.rt, TABLE, mapping)
    assert found.seen is not None
    return found


def test_a_table_released_with_the_change_is_synced_without_another_look(synced: Bench) -> None:
    """Although neither side moved: the new column is read at the next run."""
    mapping = changed(synced, HOURS)
    look = seen(synced, mapping)

    saved = save_mapping(synced.rt, mapping, expect=_number(synced), actor="frau-berger", release={TABLE: look.seen})
    outcome = sync_table(synced.rt, TABLE)

    assert (saved.released, saved.moved) == ((TABLE,), ())
    assert (outcome.state, outcome.records_changed) == ("ok", look.outcome.records_changed) == ("ok", 2)


def test_without_a_release_the_table_is_held(synced: Bench) -> None:
    saved = save_mapping(synced.rt, changed(synced, HOURS), expect=_number(synced), actor="frau-berger")

    assert saved.released == ()
    assert sync_table(synced.rt, TABLE).state == "held"


def test_a_release_settles_that_an_earlier_change_held_the_table(synced: Bench) -> None:
    save_mapping(synced.rt, changed(synced, HOURS), expect=_number(synced), actor="frau-berger")
    assert sync_table(synced.rt, TABLE).state == "held"
    mapping = changed(synced, HOURS, privacy_level=2)
    look = seen(synced, mapping)

    save_mapping(synced.rt, mapping, expect=_number(synced), actor="frau-berger", release={TABLE: look.seen})

    assert sync_table(synced.rt, TABLE).state == "ok"
    assert [question.kind for question in synced.open_questions() if question.kind == "held"] == []


@pytest.mark.parametrize("who", ["table", "project"])
def test_what_moved_since_the_look_is_saved_but_not_released(synced: Bench, who: str) -> None:
    """Nobody has seen what the change does to it now."""
    mapping = changed(synced, HOURS)
    look = seen(synced, mapping)
    if who == "table":
        synced.people_type("BSP-0137-E", "Status", "ruht")
    else:
        synced.project_sets("BSP-0137-E", "Status", "ruht")

    saved = save_mapping(synced.rt, mapping, expect=_number(synced), actor="frau-berger", release={TABLE: look.seen})

    assert (saved.released, saved.moved) == ((), (TABLE,))
    assert sync_table(synced.rt, TABLE).state == "held"


def test_a_table_out_of_reach_counts_as_moved(synced: Bench) -> None:
    look = seen(synced, changed(synced, HOURS))
    synced.registry.books.clear()

    assert has_moved(synced.rt, TABLE, look.seen)


def test_the_second_of_two_who_edit_is_told_and_nothing_of_the_first_is_lost(synced: Bench) -> None:
    number = _number(synced)
    save_mapping(synced.rt, changed(synced, HOURS), expect=number, actor="frau-berger", reason="Stunden dazu")

    with pytest.raises(PlanMoved):
        save_mapping(synced.rt, changed(synced, privacy_level=1), expect=number, actor="herr-roth")

    newest = revisions(synced.rt, "standard")[0]
    assert (newest.number, newest.source, newest.reason) == (number + 1, "frau-berger", "Stunden dazu")
    assert "weekly_hours" in {column["field"] for column in newest.body["columns"]}


def test_a_change_is_noted_and_saving_the_same_again_is_none(synced: Bench) -> None:
    number = _number(synced)
    mapping = changed(synced, HOURS)
    save_mapping(synced.rt, mapping, expect=number, actor="frau-berger", reason="Stunden dazu")
    save_mapping(synced.rt, mapping, expect=number + 1, actor="frau-berger")

    with synced.database.read() as session:
        (entry,) = audit.entries(session, limit=5)
        assert tables.get(session, TABLE).approved_revision == number
    assert (entry.action, entry.target, entry.actor) == ("mapping.changed", "standard", "frau-berger")
    assert entry.details == {"revision": number + 1, "reason": "Stunden dazu", "released": []}


@pytest.mark.parametrize(
    ("columns", "expect"),
    [([HOURS], 0), ([{"header": "Name", "field": "staff.family", "owner": "both"}], 1)],
    ids=["key taken", "staff"],
)
def test_a_mapping_cannot_take_the_place_of_quite_another(synced: Bench, columns: list[Any], expect: int) -> None:
    number = {"header": "TN-Nr.", "field": "participant_ref", "owner": "service"}
    mapping = mapping_from({"key": "standard", "title": "Liste", "columns": [number, *columns]})
    assert isinstance(mapping, TableMapping)

    with pytest.raises(UsageError):
        save_mapping(synced.rt, mapping, expect=_number(synced) * expect, actor="frau-berger")
