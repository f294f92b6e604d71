"""The lease that lets one run at a time work on a table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.store import leases
from syncsvc.store.database import Database
from syncsvc.store.models import Table
from tests.factories import NOW, make_table, make_vault


@pytest.fixture
def table(database) -> int:
    with database.write() as session:
        return make_table(session)


def acquire(database, table, holder):
    with database.write() as session:
        return leases.acquire(session, table, holder, NOW)


def holds(database, table, fence):
    with database.read() as session:
        return leases.holds(session, table, fence)


def let_pass(database, table, seconds):
    """Time goes by, on the server's clock too: the end of the lease comes nearer."""
    with database.write() as session:
        session.get_one(Table, table).lease_until -= timedelta(seconds=seconds)


def test_one_holder_at_a_time(database, table):
    fence = acquire(database, table, "first")
    assert holds(database, table, fence)
    let_pass(database, table, 55)
    assert acquire(database, table, "second") is None
    assert acquire(database, table, "first") is None


def test_another_table_is_another_lease(database, table):
    with database.write() as session:
        other = make_table(session, "other")
    assert acquire(database, table, "first") is not None
    assert acquire(database, other, "second") is not None


def test_after_sixty_seconds_a_dead_holders_lease_is_taken(database, table):
    dead = acquire(database, table, "first")
    let_pass(database, table, 60)
    with database.read() as session:
        assert leases.has_ended(session, table, NOW)
    fence = acquire(database, table, "second")
    assert fence > dead
    assert holds(database, table, fence)
    assert not holds(database, table, dead)


def test_renewing_prolongs(database, table):
    fence = acquire(database, table, "first")
    let_pass(database, table, 50)
    with database.write() as session:
        assert leases.renew(session, table, fence, NOW)
    let_pass(database, table, 55)
    assert acquire(database, table, "second") is None
    let_pass(database, table, 5)
    assert acquire(database, table, "second") is not None


def test_an_ended_lease_nobody_took_can_be_renewed(database, table):
    """The holder was slow, not dead, and nobody wrote meanwhile."""
    fence = acquire(database, table, "first")
    let_pass(database, table, 300)
    with database.write() as session:
        assert leases.renew(session, table, fence, NOW)
    assert holds(database, table, fence)


def test_who_lost_the_lease_can_neither_renew_nor_release_it(database, table):
    dead = acquire(database, table, "first")
    let_pass(database, table, 60)
    fence = acquire(database, table, "second")
    with database.write() as session:
        assert not leases.renew(session, table, dead, NOW)
        leases.release(session, table, dead)
    assert holds(database, table, fence)


def test_a_released_lease_is_free_and_gone(database, table):
    fence = acquire(database, table, "first")
    with database.write() as session:
        leases.release(session, table, fence)
        assert not leases.renew(session, table, fence, NOW)
        assert leases.has_ended(session, table, NOW)
    assert not holds(database, table, fence)
    assert acquire(database, table, "second") > fence


def test_the_lease_of_a_holder_known_to_be_dead_is_taken_over_at_once(database, table):
    dead = acquire(database, table, "first")
    with database.write() as session:
        assert leases.holder(session, table) == "first"
        assert leases.take_over(session, table, "somebody", "second", NOW) is None
        fence = leases.take_over(session, table, "first", "second", NOW)
    assert fence > dead
    assert holds(database, table, fence)
    assert not holds(database, table, dead)


def test_a_lease_that_ends_later_than_any_does_has_ended(database, table):
    """The clock was set back since it was given."""
    acquire(database, table, "first")
    let_pass(database, table, -3600)
    assert acquire(database, table, "second") is not None


@pytest.mark.postgres
def test_postgresql_measures_leases_with_its_own_clock(postgres, postgres_template):
    """A machine whose clock is a year fast neither gets a lease that never ends nor ends that of another."""
    with postgres.database(postgres_template) as url:
        database = Database(url, make_vault())
        with database.write() as session:
            table = make_table(session)
        with database.write() as session:
            assert leases.acquire(session, table, "first", NOW) is not None
            assert leases.acquire(session, table, "fast", NOW + timedelta(days=365)) is None
        database.dispose()
