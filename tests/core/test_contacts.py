"""What happened to responsibilities, told from records before and after."""

from __future__ import annotations

from datetime import date

import pytest

from syncsvc.core.contacts import Event, Kind, asked, events, holders, joined, moves
from syncsvc.core.fields import DirectoryContact
from syncsvc.core.model import Json, Record, RecordState

TODAY = date(2026, 3, 2)
LEFT = DirectoryContact("gone", "jc", "Müller", left_on=date(2026, 2, 20))


def record(ref: str, who: Json, **more: Json) -> Record:
    return Record(ref, {"contact_jc": who, **more})


def told(before: list[Record], after: list[Record], *vacant: str) -> list[Event]:
    found = [move for move in moves({r.ref: r for r in before}, after) if move.ref in {r.ref for r in before}]
    return events(found, {"gone": LEFT}, TODAY, frozenset((ref, "contact_jc") for ref in vacant))


def person(key: str, deputy: str = "") -> Json:
    return {"contact": key, "deputy": deputy} if deputy else {"contact": key}


@pytest.mark.parametrize(
    ("old", "new", "vacant", "kinds"),
    [
        # who was it, who is it now, was the place vacant: what happened
        (person("a"), person("a"), False, []),
        (person("a"), person("b"), False, ["change"]),
        (person("a"), None, False, ["vacancy"]),
        (None, person("b"), True, ["filled"]),
        (None, person("b"), False, []),  # the first person ever named is nobody's successor
        (person("a"), person("a", "d"), False, ["deputy"]),
        (person("a", "d"), person("a"), False, ["deputy"]),
        (person("a", "d"), person("b", "e"), False, ["change"]),  # a deputy goes with her principal
        (person("gone"), person("b"), False, ["change", "gap"]),  # her last day was ten days ago
        ({"name": "Müller"}, {"name": "Schulz"}, False, []),  # without a directory nobody can be told from a spelling
    ],
)
def test_one_row_tells_what_happened(old: Json, new: Json, vacant: bool, kinds: list[str]) -> None:
    found = told([record("r", old)], [record("r", new)], *(["r"] if vacant else []))
    assert [event.kind for event in found] == kinds


@pytest.mark.parametrize(("rows", "kind"), [(1, "change"), (2, "change"), (3, "handover"), (40, "handover")])
def test_three_rows_with_the_same_change_are_one_hand_over(rows: int, kind: str) -> None:
    refs = [f"r{number:02d}" for number in range(rows)]
    found = told([record(ref, person("a")) for ref in refs], [record(ref, person("b")) for ref in refs])
    assert found == [Event(Kind(kind), "contact_jc", "a", "b", tuple(refs))]


def test_different_changes_are_different_events() -> None:
    """Two go from a to b, two from a to c, and two coaches change: three events, none of them a hand-over."""
    before = [record(ref, person("a"), coach="x") for ref in ("1", "2", "3", "4")]
    after = [record(ref, person("b"), coach="x") for ref in ("1", "2")]
    after += [record(ref, person("c"), coach="y") for ref in ("3", "4")]
    assert sorted((event.kind, event.role, event.to_key) for event in told(before, after)) == [
        ("change", "coach", "y"),
        ("change", "contact_jc", "b"),
        ("change", "contact_jc", "c"),
    ]


def test_rows_that_join_later_make_a_change_a_hand_over() -> None:
    assert [joined(Kind.CHANGE, 2), joined(Kind.CHANGE, 3), joined(Kind.VACANCY, 9)] == [
        "change",
        "handover",
        "vacancy",
    ]


def test_a_new_record_opens_places_and_a_void_one_ends_them() -> None:
    known = record("r", person("a", "d"))
    assert [(m.role, m.old, m.new) for m in moves({}, [known])] == [
        ("contact_jc", None, "a"),
        ("contact_jc.deputy", None, "d"),
    ]
    void = Record("r", known.values, state=RecordState.VOID)
    assert {(m.role, m.new) for m in moves({"r": known}, [void])} == {("contact_jc", None), ("contact_jc.deputy", None)}


def test_holders_are_named_by_field_and_part() -> None:
    values: dict[str, Json] = {"contact_jc": person("a", "d"), "coach": "x", "contact_jc_deputy": person("e")}
    assert holders(values) == {"contact_jc": "a", "contact_jc.deputy": "d", "coach": "x", "contact_jc_deputy": "e"}


@pytest.mark.parametrize(
    ("code", "meaning", "kinds"),
    [
        ("contact_unknown", {"create": {"family": "Yilmaz"}}, ["unknown"]),
        ("contact_of_other_organisation", {"contact": "b", "organisation": "jc-2"}, ["other_organisation"]),
        ("contact_left", {"contact": "a", "state": "left"}, ["left"]),
        ("contact_absent_no_deputy", {"contact": "a", "state": "absent"}, ["absent"]),
        ("contact_flip", {"contact": "b"}, ["flip_flop"]),
        ("contact_similar", {"contact": "b"}, []),  # a slip of the finger is nothing that happened
        ("handover_planned", {"valid_to": "2026-03-31", "next": "b", "valid_from": "2026-04-01"}, []),
        ("handover_planned", {"valid_to": "2026-03-31", "next": "b", "valid_from": "2026-04-15"}, ["gap"]),
        ("handover_planned", {"valid_to": "2026-03-31", "next": "b", "valid_from": "2026-03-16"}, ["overlap"]),
    ],
)
def test_what_a_question_tells_beside_what_it_asks(code: str, meaning: Json, kinds: list[str]) -> None:
    assert [event.kind for event in asked(code, meaning, "contact_jc", person("a"), ("r",))] == kinds
