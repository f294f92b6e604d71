"""What people decide holds until a period changes, a mistake for good; the history keeps it all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syncsvc.errors import InvalidAnswer, NotFound
from syncsvc.services.coaching import disclosure, figures, flags
from syncsvc.services.programme import apply_files
from syncsvc.store import coaching, projects
from tests.services.coaching.town import AVGS, MAPPING, OLENA, Town

LONGER = {**AVGS, "measure_period": {"from": "2025-10-01", "to": "2026-12-31"}}
OTHER = {**AVGS, "measure": {"measure": "sgb2_16k", "coaching": "hard"}}


def decide(town: Town, state: str, spoken_with: str = "") -> str:
    return flags.decide(town.rt, town.flag().id, state, actor="frau-berger", spoken_with=spoken_with)


def history(town: Town, flag_id: int) -> list[tuple[str, str, str]]:
    with town.rt.database.read() as session:
        return [(entry.event, entry.spoken_with, entry.actor) for entry in coaching.history(session, flag_id)]


@pytest.mark.parametrize(
    ("state", "change", "after"),
    [
        pytest.param("agreed_parallel", {}, "agreed_parallel", id="agreed, nothing moved"),
        pytest.param("agreed_parallel", LONGER, "open", id="agreed, a period changed"),
        pytest.param("ended", LONGER, "open", id="one was to end, and was prolonged"),
        pytest.param("agreed_parallel", {"postcode": "10115"}, "agreed_parallel", id="agreed, something else changed"),
        pytest.param("mistake", LONGER, "mistake", id="a mistake stays one"),
        pytest.param("discussed", LONGER, "discussed", id="still to be decided"),
    ],
)
def test_a_decision_is_quiet_until_a_period_changes(town: Town, state: str, change: dict[str, Any], after: str) -> None:
    town.has("still", **OLENA, **AVGS)
    decide(town, state, flags.HER if state == flags.DISCUSSED else "")
    town.has("still", **{**OLENA, **AVGS, **change})
    assert town.flag().state == after


def test_a_mistake_is_remembered_for_the_pair_and_for_no_other_measure(town: Town) -> None:
    """Told again only what nobody said anything about."""
    ref = town.has("still", **OLENA, **AVGS)
    decide(town, flags.MISTAKE)
    town.has("still", **OLENA)
    assert town.flags() == []
    town.has("still", **OLENA, **LONGER)
    assert town.flag().state == flags.MISTAKE
    town.has("still", **OLENA, **OTHER)
    assert [(flag.refs[0], flag.state) for flag in town.flags()] == [(ref, flags.OPEN)]


def test_a_mistake_between_two_records_is_one_whatever_their_periods_become(town: Town) -> None:
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    decide(town, flags.MISTAKE)
    town.has("bilden", **{**OLENA, "entry_date": "2026-01-01", "customer_no": "123A000001"})
    town.has("anker", **{**OLENA, "exit_date": "2026-12-31"})
    assert town.flag().state == flags.MISTAKE


def test_the_history_tells_who_said_what_and_what_the_service_noticed(town: Town) -> None:
    town.has("still", **OLENA, **AVGS)
    number = town.flag().id
    decide(town, flags.DISCUSSED, flags.HER)
    decide(town, flags.DISCUSSED, flags.JOBCENTRE)
    decide(town, flags.AGREED)
    town.has("still", **OLENA, **LONGER)
    town.has("still", **OLENA)
    town.has("still", **OLENA, **LONGER)
    assert history(town, number) == [
        ("open", "", ""),
        ("discussed", "her", "frau-berger"),
        ("discussed", "jobcentre", "frau-berger"),
        ("agreed_parallel", "", "frau-berger"),
        ("reopened", "", ""),
        ("gone", "", ""),
        ("back", "", ""),
    ]


def test_a_decision_can_be_taken_back(town: Town) -> None:
    town.has("still", **OLENA, **AVGS)
    decide(town, flags.MISTAKE)
    assert "wieder in die Tabellen" in decide(town, flags.OPEN)
    assert town.flag().state == flags.OPEN


@pytest.mark.parametrize(
    ("state", "spoken_with", "sentence"),
    [("discussed", "", "mit wem"), ("open", "", "schon so"), ("merged", "", "nicht"), ("ended", "nobody", "mit")],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    town: Town, state: str, spoken_with: str, sentence: str
) -> None:
    town.has("still", **OLENA, **AVGS)
    with pytest.raises(InvalidAnswer, match=sentence):
        decide(town, state, spoken_with)
    assert town.flag().state == flags.OPEN


def test_a_project_decides_only_about_what_concerns_it(town: Town) -> None:
    town.has("still", **OLENA, **AVGS)
    with town.rt.database.read() as session:
        stranger = projects.get(session, "anker").id
    with pytest.raises(NotFound):
        flags.decide(town.rt, town.flag().id, flags.ENDED, actor="x", projects_seen=[stranger])


def test_a_project_sees_of_the_other_only_that_there_is_a_coaching_and_whom_to_call(town: Town) -> None:
    """Issue 8: each side learns only "bereits in Begleitung" and whom to call."""
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    view = disclosure.show_flag(town.rt, town.flag().id, project="anker")
    own, other = view.sides
    assert (own.ref, own.project, other.visible, other.ref, other.project, other.start, other.end) == (
        town.ref("anker"), "anker", False, None, None, None, None,
    )  # fmt: skip
    assert (other.call.organisation, other.call.name, other.call.phone) == (
        "Bildungswerk Neudorf", "Sabine Roth", "030 23125-120",
    )  # fmt: skip
    assert view.compared is None
    assert town.ref("bilden") not in str(view.as_json())


def test_whoever_coordinates_sees_both_references_and_no_value_of_either(town: Town) -> None:
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    view = disclosure.show_flag(town.rt, town.flag().id)
    assert [side.ref for side in view.sides] == [town.ref("anker"), town.ref("bilden")]
    assert "Kowalenko" not in str(view.as_json())


def test_no_other_project_sees_the_flag_at_all(town: Town) -> None:
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    assert disclosure.list_flags(town.rt, project="still") == []
    with pytest.raises(NotFound):
        disclosure.show_flag(town.rt, town.flag().id, project="still")


def test_inside_one_project_both_records_stand_side_by_side(town: Town) -> None:
    town.has("verbund", number=1, **OLENA, coach="c-a")
    town.has("verbund", number=2, **{**OLENA, "postcode": "10115"}, coach="c-b")
    compared = disclosure.show_flag(town.rt, town.flag().id).compared
    assert compared is not None
    assert compared["participant_name"] == ("Kowalenko, Olena", "Kowalenko, Olena")
    assert compared["postcode"] == ("01067", "10115")


def test_a_measures_side_names_the_job_centres_liaison(town: Town) -> None:
    town.has("still", **OLENA, **AVGS)
    calls = [side.call for side in disclosure.show_flag(town.rt, town.flag().id).sides]
    assert [(call.organisation, call.name) for call in calls] == [
        ("Bildungswerk Neudorf", "Sabine Roth"),
        ("Jobcenter Beispielstadt", "Elif Öztürk"),
    ]


@pytest.mark.parametrize(
    ("coach", "phone", "expected"),
    [
        (1, 1, ("Träger Anker e. V.", "Leyla Demir", "030 23125-131")),
        (1, 3, ("Träger Anker e. V.", "Leyla Demir", "030 23125")),
        (3, 3, ("Verbund", "", "")),
    ],
)
def test_inside_one_project_the_rows_own_contact_is_named_where_there_is_no_liaison(
    town: Town, tmp_path: Path, coach: int, phone: int, expected: tuple[str, str, str]
) -> None:
    """As far as the mapping's columns let name and direct dial out; without the latter the trunk."""
    columns = f"""
  - {{header: Coach, field: coach, level: {coach}}}
  - {{header: Durchwahl Coach, field: coach_phone, level: {phone}}}
"""
    (tmp_path / "zu.yaml").write_text(
        MAPPING.replace("level: 3", "level: 2").format(key="zu", matching="false") + columns.lstrip("\n"), "utf-8"
    )
    house = "{key: traeger-a, kind: provider, name: Träger Anker e. V., trunk: 030 23125}"
    leyla = "{organisation: traeger-a, key: c-a, family: Demir, given: Leyla, role: coach, phone: 030 23125-131}"
    (tmp_path / "mehr.yaml").write_text(f"organisations: [{house}]\ncontacts: [{leyla}]\n", "utf-8")
    apply_files(town.rt, [tmp_path / "zu.yaml", tmp_path / "mehr.yaml"])
    town.has("verbund", number=1, **OLENA, coach="c-a")
    town.has("verbund", number=2, **OLENA, coach="c-b")
    call = disclosure.show_flag(town.rt, town.flag().id, project="verbund").sides[0].call
    assert (call.organisation, call.name, call.phone) == expected


def test_across_projects_nobody_of_the_row_is_named(town: Town, tmp_path: Path) -> None:
    """Where no liaison is entered, the organisation and its trunk."""
    house = "{key: traeger-a, kind: provider, name: Träger Anker e. V., trunk: 030 23125}"
    (tmp_path / "mehr.yaml").write_text(f"organisations: [{house}]\n", "utf-8")
    apply_files(town.rt, [tmp_path / "mehr.yaml"])
    town.has("anker", **OLENA, coach="c-a")
    town.has("bilden", **OLENA)
    call = disclosure.show_flag(town.rt, town.flag().id, project="bilden").sides[0].call
    assert (call.organisation, call.name, call.phone) == ("Träger Anker e. V.", "", "030 23125")


def test_the_programme_counts_by_month_without_names(town: Town) -> None:
    town.has("still", **OLENA, **AVGS)
    town.clock.pass_by(days=40)
    decide(town, flags.ENDED)
    [april, march] = figures.months(town.rt)
    assert (april.month, april.ended, march.month, march.opened) == ("2026-04", 1, "2026-03", 1)
    assert figures.standing(town.rt) == {}
