"""What somebody has begun is hers alone, sealed, and gone a week after she left it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from syncsvc.errors import NotFound
from syncsvc.providers.registry import Registry
from syncsvc.services import drafts, users
from syncsvc.services.retention import tidy
from syncsvc.services.runtime import Runtime
from syncsvc.store.admission import Draft
from syncsvc.store.users import get
from tests.example import FakeClock

ROWS = {"rows": [["Kowalenko, Olena", None]]}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def rt(database, tmp_path, clock) -> Runtime:
    return Runtime(database, Registry(tmp_path), clock, {}, "test")


def person(rt: Runtime, name: str) -> int:
    users.add_user(rt, name)
    with rt.database.read() as session:
        return get(session, name).id


def test_a_draft_comes_back_as_it_was_last_kept_and_only_to_whose_it_is(rt: Runtime) -> None:
    berger, kaya = person(rt, "frau-berger"), person(rt, "frau-kaya")
    key = drafts.new_key("connect")
    drafts.keep(rt, key, berger, {"rows": []})
    drafts.keep(rt, key, berger, ROWS)

    assert drafts.find(rt, key, berger) == ROWS
    with pytest.raises(NotFound):
        drafts.find(rt, key, kaya)
    with pytest.raises(NotFound):
        drafts.keep(rt, key, kaya, {})
    drafts.drop(rt, kaya, key)
    assert drafts.find(rt, key, berger) == ROWS

    drafts.drop(rt, berger, key)
    with pytest.raises(NotFound):
        drafts.find(rt, key, berger)


def test_a_persons_drafts_of_one_kind_are_listed_the_latest_first(rt: Runtime, clock: FakeClock) -> None:
    berger, kaya = person(rt, "frau-berger"), person(rt, "frau-kaya")
    keys = [drafts.new_key(kind) for kind in ("connect", "mapping", "connect")]
    for key in keys:
        drafts.keep(rt, key, berger, {"of": key})
        clock.pass_by(minutes=1)
    drafts.keep(rt, drafts.new_key("connect"), kaya, {})

    found = drafts.begun(rt, berger, "connect")

    assert [(key, document) for key, _, document in found] == [(key, {"of": key}) for key in (keys[2], keys[0])]


def test_the_database_shows_nothing_of_what_a_draft_holds(rt: Runtime) -> None:
    berger = person(rt, "frau-berger")
    drafts.keep(rt, drafts.new_key("connect"), berger, ROWS)

    with rt.database.read() as session:
        assert b"Kowalenko" not in session.scalars(sa.select(Draft.document)).one()


def test_a_draft_goes_a_week_after_its_last_change(rt: Runtime, clock: FakeClock) -> None:
    berger = person(rt, "frau-berger")
    key = drafts.new_key("connect")
    drafts.keep(rt, key, berger, {})
    clock.pass_by(days=6)
    drafts.keep(rt, key, berger, ROWS)
    clock.pass_by(days=6)
    assert tidy(rt).drafts_removed == 0
    assert drafts.find(rt, key, berger) == ROWS

    clock.pass_by(days=2)

    assert tidy(rt).drafts_removed == 1
    with pytest.raises(NotFound):
        drafts.find(rt, key, berger)
