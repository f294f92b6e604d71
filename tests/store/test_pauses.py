"""Accounts that rest, and signs of life."""

from __future__ import annotations

from datetime import timedelta

from syncsvc.store import heartbeats, pauses
from tests.factories import NOW


def later(seconds: float):
    return NOW + timedelta(seconds=seconds)


def test_an_account_rests_until_its_pause_has_ended(database):
    with database.write() as session:
        pauses.put(session, "konto", since=NOW, until=later(30), strikes=1)
        pauses.put(session, "anderes", since=later(-60), until=NOW, strikes=1)
    with database.read() as session:
        assert pauses.standing(session, NOW) == {"konto": later(30)}
        assert pauses.standing(session, later(30)) == {}


def test_a_clock_set_back_wakes_every_account(database):
    with database.write() as session:
        pauses.put(session, "konto", since=NOW, until=later(30), strikes=1)
    with database.read() as session:
        assert pauses.standing(session, later(-3600)) == {}


def test_a_pause_is_prolonged_and_forgotten(database):
    with database.write() as session:
        pauses.put(session, "konto", since=NOW, until=later(30), strikes=1)
    with database.write() as session:
        pauses.put(session, "konto", since=NOW, until=later(90), strikes=2)
    with database.write() as session:
        pause = pauses.get(session, "konto")
        assert (pause.until, pause.strikes) == (later(90), 2)
        pauses.end(session, "konto")
    with database.read() as session:
        assert pauses.get(session, "konto") is None


def test_the_last_sign_of_life_is_kept(database):
    with database.read() as session:
        assert heartbeats.last(session, "dispatch") is None
    for holder, at in (("a:1:1", NOW), ("b:2:2", later(3))):
        with database.write() as session:
            heartbeats.beat(session, "dispatch", holder, at)
    with database.read() as session:
        last = heartbeats.last(session, "dispatch")
        assert (last.holder, last.at) == ("b:2:2", later(3))
