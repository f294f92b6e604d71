"""Which assignments of one woman collide: the rule of two accompaniments at the same time, case by case."""

from __future__ import annotations

from datetime import date

import pytest

from syncsvc.core.coaching import Assignment, Coaching, Weight, collision, collisions
from syncsvc.core.coaching.cells import AssignmentCells, AssignmentReader
from syncsvc.core.fields import Context
from syncsvc.services import vocabularies

HARD, SOFT, NONE = Coaching
READER = AssignmentReader(Context(today=date(2026, 11, 22), vocabularies=vocabularies.load()))


def assigned(text: str, provider: str = "") -> Assignment:
    """``hard 2026-01-01 2026-06-30``; a dash is open."""
    kind, start, end = text.split()
    days = [None if day == "-" else date.fromisoformat(day) for day in (start, end)]
    return Assignment("w", provider, Coaching(kind), *days)


@pytest.mark.parametrize(
    ("one", "other", "weight"),
    [
        ("hard 2026-01-01 2026-06-30", "hard 2026-05-01 2026-09-30", Weight.CLARIFY),
        ("hard 2026-01-01 -", "hard 2026-05-01 -", Weight.CLARIFY),
        ("hard - 2026-06-30", "hard 2026-05-01 -", Weight.CLARIFY),
        ("hard - -", "hard - -", Weight.CLARIFY),
        ("hard 2026-01-01 2026-06-30", "soft 2026-05-01 2026-09-30", Weight.HINT),
        ("hard 2026-01-01 2026-06-30", "hard 2026-06-17 2026-09-30", Weight.HANDOVER),  # 17. to 30.: fourteen days
        ("hard 2026-01-01 2026-06-30", "hard 2026-06-16 2026-09-30", Weight.CLARIFY),
        ("hard 2026-01-01 2026-06-30", "soft 2026-06-25 -", Weight.HANDOVER),
        ("hard 2026-01-01 2026-06-30", "hard 2026-06-30 2026-09-30", None),  # one ends as the other begins
        ("hard 2026-01-01 2026-06-30", "hard 2026-07-01 -", None),
        ("soft 2026-01-01 -", "soft 2026-01-01 -", None),
        ("hard 2026-01-01 -", "none 2026-01-01 -", None),
    ],
)
def test_two_assignments(one: str, other: str, weight: Weight | None) -> None:
    for a, b in ((one, other), (other, one)):
        found = collision(assigned(a), assigned(b))
        assert (found and found.weight) == weight


def test_the_same_provider_twice_is_a_doubled_row() -> None:
    found = collision(assigned("hard 2026-01-01 -", "p1"), assigned("hard 2026-02-01 -", "p1"))

    assert found is not None
    assert found.weight is Weight.DOUBLED


def test_days_in_common_are_counted_with_both_ends() -> None:
    found = collision(assigned("hard 2026-01-01 2026-06-30"), assigned("hard 2026-06-01 -"))

    assert found is not None
    assert (found.first, found.last, found.days) == (date(2026, 6, 1), date(2026, 6, 30), 30)


def test_only_entries_of_one_woman_collide() -> None:
    entries = [Assignment(person, person, HARD) for person in "abc"]

    assert [(one.a.person, one.b.person) for one in collisions(entries, [("a", "c")])] == [("a", "c")]


@pytest.mark.parametrize(
    ("measure", "project", "coaching"),
    [
        ("Projektcoaching", "Projekt 1", HARD),
        ("", "Projekt 1", HARD),
        (None, "", HARD),
        ("", "", NONE),
        ("AVGS-Coaching §45 SGB III", "", HARD),
        ("Ganzheitliche Betreuung §16k SGB II", "", HARD),
        ("16k", "", HARD),
        ("AVGS", "", SOFT),  # it is not said which of the three kinds
        ("Bewerbungstraining", "", SOFT),
        ("Sprachkurs", "", NONE),
        ("Integrationskurs", "Projekt 1", NONE),
        ("FbW", "", NONE),
        ("Umschulung", "", NONE),
        ("MAG", "", NONE),
        ("Suchtberatung", "", NONE),
        ("etwas ganz anderes", "", NONE),
    ],
)
def test_the_class_of_a_measure_as_typed(measure: str | None, project: str, coaching: Coaching) -> None:
    assert READER.coaching(measure, bool(project)) is coaching


@pytest.mark.parametrize(
    ("cells", "start", "end"),
    [
        ({"begin": "01.05.2026", "end": "30.06.2026"}, "2026-05-01", "2026-06-30"),
        ({"begin": "2026-05-01", "end": "30.06.2026", "exit": "15.06.2026"}, "2026-05-01", "2026-06-15"),
        ({"begin": "ab Juni"}, "2026-06-01", None),
        ({"begin": "ab Juni 2025", "end": "laufend"}, "2025-06-01", None),
        ({"begin": "01.10.2026", "end": "bis 31.03."}, "2026-10-01", "2027-03-31"),
        ({"end": "bis 30.09."}, None, "2027-09-30"),  # an end to come
        ({"begin": "1.5.26", "end": "Juni 2026"}, "2026-05-01", "2026-06-30"),
        ({"period": "01.05.2026 - 31.07.2026"}, "2026-05-01", "2026-07-31"),
        ({"begin": "demnächst", "end": ""}, None, None),
    ],
)
def test_days_as_staff_type_them(cells: dict[str, str], start: str | None, end: str | None) -> None:
    found = READER.assignment("w", AssignmentCells(**cells))

    assert (found.start and found.start.isoformat(), found.end and found.end.isoformat()) == (start, end)
