"""Two states of a mapping: what differs, and how the changes of two people go together."""

from __future__ import annotations

from typing import Any

import pytest

from syncsvc.core.mappingchanges import Difference, differences, merged

NUMBER = {"header": "TN-Nr.", "field": "participant_ref", "owner": "service"}
ENTRY = {"header": "Eintritt", "field": "entry_date", "owner": "project"}
STATUS = {"header": "Status", "field": "status", "owner": "project"}
COURSE = {"header": "Sprachkurs", "field": "language_course", "owner": "both"}


def body(*columns: dict[str, Any], **whole: Any) -> dict[str, Any]:
    return {"key": "standard", "title": "Liste", "privacy_level": 2, **whole, "columns": list(columns)}


BASE = body(NUMBER, ENTRY, STATUS)


def test_every_part_that_differs_is_told_once() -> None:
    new = body(NUMBER, {**STATUS, "owner": "both"}, {**ENTRY, "header": "Beginn", "required": True}, COURSE,
               privacy_level=3, guards={"missing_rows": 0.2})  # fmt: skip

    assert differences(BASE, new) == [
        Difference("", "", "privacy_level", 2, 3),
        Difference("", "", "guards.missing_rows", None, 0.2),
        Difference("status", "Status", "owner", "project", "both"),
        Difference("entry_date", "Beginn", "header", "Eintritt", "Beginn"),
        Difference("entry_date", "Beginn", "required", None, True),
        Difference("language_course", "Sprachkurs", "", None, COURSE),
        Difference("", "", "order", ["participant_ref", "entry_date", "status"],
                   ["participant_ref", "status", "entry_date"]),
    ]  # fmt: skip
    assert differences(new, BASE)[-2] == Difference("language_course", "Sprachkurs", "", COURSE, None)
    assert differences(BASE, BASE) == []


def test_changes_in_different_places_are_both_kept() -> None:
    mine = body(NUMBER, {**ENTRY, "required": True}, STATUS, COURSE, guards={"missing_rows": 0.2})
    theirs = body(NUMBER, {**ENTRY, "header": "Beginn"}, title="Liste Süd", guards={"changed_column": 0.5})

    assert merged(BASE, mine, theirs) == (
        body(NUMBER, {**ENTRY, "header": "Beginn", "required": True}, COURSE, title="Liste Süd",
             guards={"missing_rows": 0.2, "changed_column": 0.5}),
        [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "theirs", "clash"),
    [
        ({"owner": "both"}, {"owner": "jobcentre"}, Difference("status", "Status", "owner", "jobcentre", "both")),
        ({"level": 3}, None, Difference("status", "Status", "", None, {**STATUS, "level": 3})),
        (None, {"level": 3}, Difference("status", "Status", "", {**STATUS, "level": 3}, None)),
    ],
)
def test_where_both_changed_the_same_mine_stays_and_it_is_told(mine: Any, theirs: Any, clash: Difference) -> None:
    """The column changed by one and taken out by the other is such a case too."""

    def changed(part: dict[str, Any] | None) -> dict[str, Any]:
        return body(NUMBER, ENTRY) if part is None else body(NUMBER, ENTRY, {**STATUS, **part})

    assert merged(BASE, changed(mine), changed(theirs)) == (changed(mine), [clash])


def test_the_same_change_by_two_is_no_clash() -> None:
    both = body(NUMBER, ENTRY, {**STATUS, "owner": "both"}, COURSE)

    assert merged(BASE, both, both) == (both, [])
    assert merged(BASE, body(NUMBER, ENTRY), body(NUMBER, ENTRY)) == (body(NUMBER, ENTRY), [])
