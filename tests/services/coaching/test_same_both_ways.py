"""What every change keeps in step is what a look through the whole programme finds."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from syncsvc.services.coaching import checking, flags, matching
from syncsvc.services.programme import apply_files
from syncsvc.store import coaching
from syncsvc.store.coaching import Flag
from syncsvc.store.database import Database
from tests.factories import make_vault
from tests.services.coaching.town import AVGS, MAPPING, OLENA, PROGRAMME, Town, make_town

NAMES: list[dict[str, Any]] = [
    {"participant_name": {"family": "Kowalenko", "given": "Olena"}},
    {"participant_name": {"family": "Kovalenko", "given": "Olena"}},
    {"participant_name": {"family": "Kowalenko", "given": "Iryna"}},
]
CHANGES: dict[str, list[dict[str, Any]]] = {
    "name": NAMES,
    "birth": [{"birth_date": "1988-03-14"}, {"birth_date": "1988-03-15"}, {"birth_date": "1988-01-01"}],
    "number": [{}, {"customer_no": "123A000001"}],
    "house": [{"jobcenter": "jc"}, {}],
    "period": [{"entry_date": "2025-09-01"}, {"entry_date": "2025-09-01", "exit_date": "2025-10-05"}, {}],
    "measure": [{}, dict(AVGS), {**AVGS, "measure_period": {"from": "2025-09-25", "to": None}}],
    "consent": [{}, {"consent": {"consent": "withdrawn", "date": "2026-01-01"}}],
    "coach": [{"coach": "c-a"}, {"coach": "c-b"}],
}

woman = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in CHANGES.items()}).map(
    lambda parts: {name: value for part in parts.values() for name, value in part.items()} | {"status": "active"}
)
step = st.one_of(
    st.tuples(st.sampled_from(["anker", "bilden", "verbund", "still"]), st.integers(1, 3), woman, st.booleans()),
    st.tuples(st.just("decide"), st.integers(0, 5), st.sampled_from(flags.STATES), st.booleans()),
)


def picture(town: Town) -> list[Flag]:
    """Every flag, past ones too."""
    with town.rt.database.read() as session:
        return sorted(coaching.latest(session), key=lambda flag: flag.id)


steps = given(steps=st.lists(step, min_size=2, max_size=12))
unhurried: dict[str, Any] = {
    "deadline": None,
    "phases": [Phase.generate],
    "suppress_health_check": [HealthCheck.too_slow],
}


@settings(max_examples=20, **unhurried)
@steps
def test_after_any_history_a_whole_look_changes_nothing(sqlite_template: Path, steps: list[tuple[Any, ...]]) -> None:
    """Also where a match key is shared by too many: here, by more than two."""
    play(sqlite_template, steps)


@pytest.mark.soak
@settings(max_examples=600, **unhurried)
@steps
def test_after_many_more_histories_too(sqlite_template: Path, steps: list[tuple[Any, ...]]) -> None:
    """The same for longer than anybody waits for."""
    play(sqlite_template, steps)


def play(template: Path, steps: list[tuple[Any, ...]]) -> None:
    """Let these steps happen in a town of their own, then look through the whole programme."""
    folder = Path(tempfile.mkdtemp(prefix="coaching-"))
    shutil.copy(template, folder / "syncsvc.db")
    database = Database(f"sqlite:///{folder / 'syncsvc.db'}", make_vault())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flags, "HOLDERS", 2)
        patch.setattr(matching, "HOLDERS", 2)
        try:
            town = make_town(database, folder)
            for who, number, what, void in steps:
                if who != "decide":
                    town.has(who, number=number, void=void and number == 3, **what)
                elif present := town.flags():
                    flag = present[number % len(present)]
                    if flag.state != what:
                        flags.decide(town.rt, flag.id, what, actor="lead", spoken_with=flags.HER)
            kept = picture(town)
            found = checking.check(town.rt)
            assert (picture(town), found.opened, found.closed) == (kept, 0, 0)
        finally:
            database.dispose()
            shutil.rmtree(folder)


def test_a_mapping_that_permits_no_more_is_followed_by_the_next_look(town: Town, tmp_path: Path) -> None:
    """Also the other way round."""
    town.has("anker", **OLENA)
    town.has("bilden", **OLENA)
    file = tmp_path / "offen.yaml"
    for matching_, count in (("false", 0), ("true", 1)):
        file.write_text(MAPPING.format(key="offen", matching=matching_), "utf-8")
        apply_files(town.rt, [file])
        checking.check(town.rt)
        assert len(town.flags()) == count


def test_from_the_moment_a_table_permits_it_no_more_nobody_is_found_in_it(town: Town, tmp_path: Path) -> None:
    """Not only from the next look on: what was stored of her before is not compared."""
    town.has("anker", **OLENA)
    file = tmp_path / "programm.yaml"
    file.write_text(
        PROGRAMME.replace(
            "project: anker, jobcentre: jc, mapping: offen", "project: anker, jobcentre: jc, mapping: zu"
        ),
        "utf-8",
    )
    apply_files(town.rt, [file])
    town.has("bilden", **OLENA)
    assert town.flags() == []
