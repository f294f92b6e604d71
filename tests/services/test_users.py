"""Who may come in, and the links that let them in once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncsvc.errors import NotFound, UsageError
from syncsvc.providers.registry import Registry
from syncsvc.services import signin, users, vocabularies
from syncsvc.services.runtime import Runtime
from syncsvc.services.signin import Refusal
from syncsvc.store.admission import LoginLink
from syncsvc.store.database import Database

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass
class Clock:
    time: datetime = MORNING

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rt(database: Database, clock: Clock, tmp_path: Path) -> Runtime:
    return Runtime(database, Registry(tmp_path), clock, vocabularies.load(), "test")


def token(link: str) -> str:
    return link.rsplit("/", 1)[1]


def test_a_link_lets_its_user_in_exactly_once(rt: Runtime) -> None:
    added = users.add_user(rt, "Lead")
    link = users.login_link(rt, "Lead", base_url="https://sync.example/")

    assert link.startswith("https://sync.example/anmelden/")
    assert signin.by_link(rt, token(link)) == added.id
    assert signin.by_link(rt, token(link)) is Refusal.LINK


def test_a_link_ends_after_fifteen_minutes(rt: Runtime, clock: Clock) -> None:
    added = users.add_user(rt, "Lead")
    in_time, late = (token(users.login_link(rt, "Lead", base_url="")) for _ in range(2))

    clock.time = MORNING + timedelta(minutes=14, seconds=59)
    assert signin.by_link(rt, in_time) == added.id
    clock.time = MORNING + timedelta(minutes=15)
    assert signin.by_link(rt, late) is Refusal.LINK


def test_an_invented_link_lets_nobody_in(rt: Runtime) -> None:
    users.add_user(rt, "Lead")
    assert signin.by_link(rt, "not-a-token-of-ours") is Refusal.LINK


def test_the_database_never_holds_the_secret_of_a_link(rt: Runtime) -> None:
    """Whoever reads the database, or a copy of it, cannot log in with what stands there."""
    users.add_user(rt, "Lead")
    secret = token(users.login_link(rt, "Lead", base_url=""))
    with rt.database.read() as session:
        stored = session.query(LoginLink).one().digest

    assert secret.encode() not in stored
    assert signin.by_link(rt, stored.hex()) is Refusal.LINK


@pytest.mark.parametrize("name", ["", "   "])
def test_a_user_needs_a_name(rt: Runtime, name: str) -> None:
    with pytest.raises(UsageError):
        users.add_user(rt, name)


def test_a_name_is_given_once(rt: Runtime) -> None:
    users.add_user(rt, "Lead")
    with pytest.raises(UsageError, match="gibt es schon"):
        users.add_user(rt, " Lead ")


def test_there_is_no_link_for_somebody_unknown(rt: Runtime) -> None:
    with pytest.raises(NotFound):
        users.login_link(rt, "Nobody", base_url="")
