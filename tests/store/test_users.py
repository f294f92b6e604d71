"""Users and their one-time links."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.errors import NotFound, UsageError
from syncsvc.store import users
from tests.factories import NOW

IN_TIME, TOO_LATE = NOW + timedelta(minutes=14), NOW + timedelta(minutes=15)


def add_lead(session):
    return users.add(session, "lead", now=NOW)


def test_a_user_is_found_by_name_and_id(database):
    with database.write() as session:
        lead = add_lead(session)
    with database.read() as session:
        assert users.get(session, "lead").name == "lead"
        assert users.by_id(session, lead.id).name == "lead"
        assert users.find(session, "nobody") is None
        assert users.by_id(session, 999) is None
        with pytest.raises(NotFound, match="nobody"):
            users.get(session, "nobody")


def test_a_name_belongs_to_one_user(database):
    with database.write() as session:
        add_lead(session)
        with pytest.raises(UsageError, match="lead"):
            add_lead(session)
        assert [user.name for user in users.all_users(session)] == ["lead"]


def test_a_link_lets_in_once(database):
    with database.write() as session:
        users.add_link(session, add_lead(session).id, b"digest", TOO_LATE)
    with database.write() as session:
        assert users.use_link(session, b"digest", IN_TIME).name == "lead"
    with database.write() as session:
        assert users.use_link(session, b"digest", IN_TIME) is None


@pytest.mark.parametrize(("digest", "now"), [(b"digest", TOO_LATE), (b"another", IN_TIME)])
def test_a_late_or_unknown_link_lets_nobody_in(database, digest, now):
    with database.write() as session:
        users.add_link(session, add_lead(session).id, b"digest", TOO_LATE)
        assert users.use_link(session, digest, now) is None


def test_ending_sessions_is_visible_in_the_user(database):
    with database.write() as session:
        lead = add_lead(session)
        users.end_sessions(session, lead.id)
    with database.read() as session:
        assert users.get(session, "lead").session_epoch == 1
