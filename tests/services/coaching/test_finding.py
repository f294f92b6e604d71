"""Which collisions are found: in one row, between providers of a project, between projects that permit it."""

from __future__ import annotations

from typing import Any

import pytest

from syncsvc.services.coaching import flags, matching
from syncsvc.store import matchkeys, records
from tests.services.coaching.town import AVGS, OLENA, Town

Values = dict[str, Any]


@pytest.mark.parametrize(
    ("values", "weight"),
    [
        pytest.param({**AVGS}, "clarify", id="two individual coachings"),
        pytest.param({**AVGS, "measure": {"measure": "sgb2_16i", "coaching": "soft"}}, "hint", id="one contains some"),
        pytest.param({**AVGS, "measure": {"measure": "aufenthg_43", "coaching": "none"}}, None, id="language course"),
        pytest.param({**AVGS, "exit_date": "2025-10-10"}, "handover", id="ten days: a hand-over"),
        pytest.param({**AVGS, "exit_date": "2025-10-14"}, "handover", id="fourteen days: still a hand-over"),
        pytest.param({**AVGS, "exit_date": "2025-10-15"}, "clarify", id="fifteen days"),
        pytest.param({**AVGS, "exit_date": "2025-10-01"}, None, id="one ends as the other begins"),
        pytest.param({**AVGS, "exit_date": "2025-09-30"}, None, id="one after the other"),
        pytest.param({**AVGS, "status": "waiting"}, None, id="she still waits"),
        pytest.param({**AVGS, "status": {"status": "paused", "reason": None}}, "clarify", id="paused is not ended"),
        pytest.param({"measure": AVGS["measure"]}, "clarify", id="a measure without dates runs from its entry"),
        pytest.param({"measure": AVGS["measure"], "measure_from": "2025-11-01"}, "clarify", id="dates in two columns"),
        pytest.param(
            {**AVGS, "measure": {"measure": "esf_other", "coaching": "hard", "note": "bei Bildungswerk Neudorf"}}, None,
            id="the project's own provider is named as the measure's",
        ),
        pytest.param(
            {**AVGS, "measure_period": {"from": "2024-01-01", "to": "2025-02-01"}, "entry_date": "2024-01-01"}, None,
            id="over for more than a year",
        ),
    ],
)  # fmt: skip
def test_a_project_and_a_measure_in_one_row_need_no_matching(town: Town, values: Values, weight: str | None) -> None:
    """domain.md 2.4 and 2.5; today is 2 March 2026."""
    ref = town.has("still", **{"jobcenter": "jc", "entry_date": "2025-09-01", "status": "active", **values})
    found = [(flag.refs, flag.weight, flag.grade) for flag in town.flags()]
    assert found == ([((ref, ref), weight, "certain")] if weight else [])


def test_the_overlap_begins_where_both_run(town: Town) -> None:
    town.has("still", **OLENA, **AVGS)
    document = town.flag().document
    assert (document["first"], document["last"]) == ("2025-10-01", "2026-06-30")


def test_an_end_without_its_day_is_the_day_the_status_said_so(town: Town) -> None:
    """She was active until today; the measure overlaps until today."""
    town.has("still", **OLENA, **AVGS)
    town.has("still", **{**OLENA, **AVGS, "status": "ended"})
    assert town.flag().document["last"] == "2026-03-02"


@pytest.mark.parametrize(
    ("other", "grade"),
    [
        pytest.param({}, "certain", id="everything equal"),
        pytest.param({"participant_name": {"family": "Kovalenko", "given": "Olena"}}, "certain", id="another spelling"),
        pytest.param({"participant_name": {"family": "Olena", "given": "Kowalenko"}}, "certain", id="order swapped"),
        pytest.param({"customer_no": None}, "certain", id="no number"),
        pytest.param(
            {"customer_no": None, "birth_date": "1988-03-15", "postcode": "01067"}, "probable", id="a day mistyped"
        ),
        pytest.param(
            {"customer_no": None, "postcode": None, "participant_name": {"family": "Petrova", "given": "Olena"}},
            "possible", id="perhaps married",
        ),
        pytest.param(
            {"customer_no": None, "participant_name": {"family": "Kowalenko", "given": "Iryna"},
             "birth_date": "1990-07-02"}, None, id="a sister",
        ),
        pytest.param(
            {"customer_no": "999Z999999", "postcode": "99999", "jobcenter": None, "birth_date": "1991-01-01"}, None,
            id="a namesake",
        ),
    ],
)  # fmt: skip
def test_between_projects_one_woman_is_known_again_by_hashes(town: Town, other: Values, grade: str | None) -> None:
    a = town.has("anker", **OLENA)
    b = town.has("bilden", **{name: value for name, value in {**OLENA, **other}.items() if value is not None})
    assert [(flag.refs, flag.grade) for flag in town.flags()] == ([((a, b), grade)] if grade else [])


def test_two_namesakes_of_the_first_of_january_are_not_held_to_be_one(town: Town) -> None:
    """Only the year of such a date is known, and half the town has the same job centre."""
    namesake: Values = {**OLENA, "birth_date": "1988-01-01"}
    del namesake["customer_no"], namesake["postcode"]
    town.has("anker", **namesake)
    town.has("bilden", **namesake)
    assert town.flags() == []


@pytest.mark.parametrize(
    ("anker", "bilden", "found"),
    [
        pytest.param(None, None, True, id="nothing recorded: the mapping decides"),
        pytest.param({"consent": "given", "date": "2025-09-01"}, None, True, id="given"),
        pytest.param({"consent": "refused", "date": None}, None, False, id="refused"),
        pytest.param(None, {"consent": "withdrawn", "date": "2025-12-01"}, False, id="withdrawn"),
        pytest.param({"consent": "given", "date": None, "scopes": ["course"]}, None, False, id="for other things"),
        pytest.param({"consent": "given", "date": None, "scopes": ["matching"]}, None, True, id="for this"),
    ],
)
def test_the_woman_herself_decides_too(town: Town, anker: Values | None, bilden: Values | None, found: bool) -> None:
    town.has("anker", **OLENA, consent=anker)
    town.has("bilden", **OLENA, consent=bilden)
    assert bool(town.flags()) is found


def test_a_project_whose_mapping_does_not_permit_it_stores_no_key_and_finds_nothing(town: Town) -> None:
    for project in ("anker", "still"):
        town.has(project, **OLENA)
    assert town.flags() == []
    with town.rt.database.read() as session:
        [record] = records.some(session, [town.ref("still")]).values()
        held = {ref for refs in matchkeys.holders(session, matchkeys.digests(session, record)).values() for ref in refs}
    assert held == {town.ref("anker")}


def test_a_withdrawal_takes_keys_and_flag_away_at_once(town: Town) -> None:
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    assert len(town.flags()) == 1
    town.has("bilden", **OLENA, consent={"consent": "withdrawn", "date": "2026-03-02"})
    assert town.flags() == []
    with town.rt.database.read() as session:
        [record] = records.some(session, [town.ref("bilden")]).values()
        held = {ref for refs in matchkeys.holders(session, matchkeys.digests(session, record)).values() for ref in refs}
    assert held == {town.ref("anker")}


def test_two_providers_of_one_project_are_compared_in_plain(town: Town) -> None:
    a = town.has("verbund", number=1, **OLENA, coach="c-a")
    b = town.has("verbund", number=2, **OLENA, coach="c-b")
    flag = town.flag()
    assert (flag.refs, flag.weight) == ((a, b), "clarify")


def test_one_provider_twice_is_no_double_coaching(town: Town) -> None:
    """A row entered twice is asked about as such."""
    town.has("verbund", number=1, **OLENA, coach="c-a")
    town.has("verbund", number=2, **OLENA, coach="c-a")
    assert town.flags() == []


def test_what_is_void_or_over_is_in_nobodys_way(town: Town) -> None:
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    assert len(town.flags()) == 1
    town.has("bilden", void=True, **OLENA)
    assert town.flags() == []


def test_reasons_between_projects_hold_no_value_of_either(town: Town) -> None:
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    told = " ".join(town.flag().document["reasons"])
    assert "gleiche Kundennummer" in told
    for value in ("Kowalenko", "Olena", "1988", "14.03", "123A000001", "01067"):
        assert value not in told


def test_what_too_many_share_is_looked_at_again_once_they_are_fewer(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two women in one project and one in another share every key; three are too many here."""
    monkeypatch.setattr(matching, "HOLDERS", 2)
    monkeypatch.setattr(flags, "HOLDERS", 2)
    a, b = town.has("anker", **OLENA), town.has("bilden", **OLENA)
    assert [flag.refs for flag in town.flags()] == [(a, b)]
    town.has("bilden", number=2, **OLENA)
    assert town.flags() == []
    town.has("bilden", number=2, entry_date="2025-09-01")
    assert [flag.refs for flag in town.flags()] == [(a, b)]
