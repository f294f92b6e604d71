"""Whoever changes a record, and by which way, its flags follow at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncsvc.jobs import tasks
from syncsvc.services.coaching import checking
from syncsvc.services.contacts import directory, handover
from syncsvc.services.contacts.daily import new_day
from syncsvc.services.programme import apply_files
from syncsvc.store import heartbeats
from tests.services.coaching.town import MAPPING, OLENA, Town

JOINT: dict[str, Any] = {**OLENA, "coach": "c-a"}


def now(town: Town) -> None:
    handover.hand_over(town.rt, "c-c", "c-b", actor="lead")


def planned(town: Town) -> None:
    handover.hand_over(town.rt, "c-c", "c-b", day="2026-03-03", actor="lead")
    town.clock.pass_by(days=1)
    new_day(town.rt)


@pytest.mark.parametrize("way", [now, planned])
def test_who_coaches_is_followed_whoever_decides_it(town: Town, way: Callable[[Town], None]) -> None:
    """In a project of two providers: two rows of one provider are no case, until a coach of the other takes over."""
    town.has("verbund", number=3, coach="c-b", entry_date="2025-09-01", participant_name={"family": "Berger"})
    directory.add_contact(
        town.rt, {"key": "c-c", "organisation": "traeger-a", "family": "Yıldız", "role": "coach"}, actor="lead"
    )
    town.has("verbund", **JOINT)
    town.has("verbund", number=2, **{**JOINT, "coach": "c-c"})
    assert not town.flags()
    way(town)
    assert len(town.flags()) == 1
    found = checking.check(town.rt)
    assert (found.opened, found.closed) == (0, 0)


def test_a_hand_over_taken_back_takes_its_flags_back(town: Town) -> None:
    town.has("verbund", **JOINT)
    town.has("verbund", number=2, **{**JOINT, "coach": "c-b"})
    assert len(town.flags()) == 1
    done = handover.hand_over(town.rt, "c-b", "c-a", actor="lead")
    assert not town.flags()
    handover.undo_handover(town.rt, done.id, actor="lead")
    assert len(town.flags()) == 1


def test_a_coach_who_changes_house_is_followed_by_the_next_tick(town: Town) -> None:
    directory.add_contact(
        town.rt, {"key": "c-c", "organisation": "traeger-b", "family": "Yıldız", "role": "coach"}, actor="lead"
    )
    town.has("verbund", **JOINT)
    town.has("verbund", number=2, **{**JOINT, "coach": "c-c"})
    tasks.recur(town.rt, heartbeats.COACHING)
    assert len(town.flags()) == 1
    directory.set_details(town.rt, "c-c", {"organisation": "traeger-a"}, actor="lead")
    tasks.recur(town.rt, heartbeats.COACHING)
    assert not town.flags()


def test_a_mapping_that_permits_no_more_is_followed_by_the_next_tick(town: Town, tmp_path: Path) -> None:
    """Not only by the next night's look."""
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    tasks.recur(town.rt, heartbeats.COACHING)
    assert len(town.flags()) == 1
    file = tmp_path / "offen.yaml"
    file.write_text(MAPPING.format(key="offen", matching="false"), "utf-8")
    apply_files(town.rt, [file])
    tasks.recur(town.rt, heartbeats.COACHING)
    assert not town.flags()
