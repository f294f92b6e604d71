"""The database vanishes in the middle of a run and comes back: the same process completes the work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from syncsvc.errors import DatabaseUnreachable
from syncsvc.services.sync import sync_table
from tests.services.bench import TABLE, Bench, MortalDatabase
from tests.services.hostile.test_crashes import is_done, work


@pytest.fixture
def bench(url: str, tmp_path: Path) -> Iterator[Bench]:
    database = MortalDatabase(url)
    yield Bench(tmp_path, database)
    database.dispose()


class Outage:
    """Takes the database away, and gives it back."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._url = bench, bench.database.engine.url

    def begin(self) -> None:
        if self._url.get_backend_name() == "sqlite":
            self._bench.database.dispose()
            file = Path(str(self._url.database))
            file.rename(file.with_suffix(".away"))
        else:
            self._server("ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            self._server("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def end(self) -> None:
        if self._url.get_backend_name() == "sqlite":
            file = Path(str(self._url.database))
            file.with_suffix(".away").rename(file)
        else:
            self._server("ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def _server(self, statement: str) -> None:
        address = make_url(self._url).set(database="postgres", drivername="postgresql")
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as admin:
            admin.execute(statement.format(name=self._url.database))  # type: ignore[arg-type]  # the test's own words


@pytest.mark.parametrize("knows", [True, False], ids=["file", "cloud"])
@pytest.mark.parametrize("moment", ["before_read", "before_write", "after_write"])
def test_a_run_without_its_database_ends_in_a_sentence_and_the_next_one_completes_the_work(bench, moment, knows):
    """The worst moment is after the write: the table shows it, the base does not know it yet."""
    bench.book.conditional = bench.book.knows_landed = knows
    work(bench)
    outage = Outage(bench)
    setattr(bench.book, moment, outage.begin)
    with pytest.raises(DatabaseUnreachable):
        sync_table(bench.rt, TABLE)
    setattr(bench.book, moment, lambda: None)
    with pytest.raises(DatabaseUnreachable):
        sync_table(bench.rt, TABLE)
    outage.end()
    bench.clock.moment += timedelta(minutes=2)  # the lease that could not be given back has ended
    assert sync_table(bench.rt, TABLE).state == "ok"
    is_done(bench)
    again = sync_table(bench.rt, TABLE)
    assert (again.state, again.cells_written) == ("unchanged", 0)
