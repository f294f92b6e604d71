"""The embedded database gives back the room it no longer needs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import text

from syncsvc.store.database import Database, upgrade
from syncsvc.store.space import give_back
from tests.factories import make_vault


def test_the_file_and_its_log_shrink_to_what_they_hold(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    upgrade(database)
    fresh = (tmp_path / "syncsvc.db").stat().st_size
    with database.write() as session:
        session.execute(text("CREATE TABLE heap (stuff)"))
        session.execute(text("INSERT INTO heap VALUES (:stuff)"), [{"stuff": "x" * 4000}] * 2000)
    with database.write() as session:
        session.execute(text("DELETE FROM heap"))
    with database.read():
        pass  # the pooled connection was last used for reading: it must be able to write again
    assert (tmp_path / "syncsvc.db-wal").stat().st_size > 5_000_000
    give_back(database)

    assert (tmp_path / "syncsvc.db").stat().st_size < fresh + 20_000
    assert (tmp_path / "syncsvc.db-wal").stat().st_size == 0
    database.dispose()


def test_a_file_made_without_this_in_mind_is_left_as_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.db") as old:
        old.execute("CREATE TABLE heap (stuff)")
        old.execute("INSERT INTO heap VALUES (?)", ["x" * 100_000])
        old.execute("DELETE FROM heap")
    old.close()
    database = Database(f"sqlite:///{tmp_path / 'old.db'}", make_vault())
    give_back(database)
    database.dispose()

    with sqlite3.connect(tmp_path / "old.db") as again:
        assert again.execute("PRAGMA freelist_count").fetchone()[0] > 10, "free pages, which will be used again"
    again.close()
