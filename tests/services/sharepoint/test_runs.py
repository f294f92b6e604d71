"""Whole runs over Graph: what they cost, and that nobody gets a second row however late Graph shows the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from syncsvc.core.model import Json
from syncsvc.core.references import make_reference, usable
from syncsvc.services.outcomes import Outcome
from syncsvc.services.sync import sync_table
from syncsvc.store import tables
from syncsvc.store.changes import Where
from tests.fakes.graph import faults
from tests.fakes.graph_server import GraphServer
from tests.providers.sharepoint.scene import ANNA
from tests.services.sharepoint.place import GraphPlace
from tests.services.world import COLUMNS, KEY, MARK, NOTE, REFERENCE, World

HEADER = [REFERENCE, MARK, *(column.header for column in COLUMNS), NOTE]
WOMEN = ("w1", "w2", "w3")


class Morning:
    """Three women agreed on both sides; then a record changed, another is new, and one was typed in the table."""

    def __init__(self, folder: Path, table: str) -> None:
        self.place = GraphPlace(folder, table=table)
        self.world = World(folder, self.place, edited_by=("project", "jobcentre"))
        rows = [[None, who, date(2025, 1, 1), f"Plan {who}", "", "", 10.0] for who in WOMEN]
        self.place.save([HEADER, *rows])
        self.sync()
        self.sync()
        self.refs = {row.who: str(row.ref) for row in self.world.picture().rows}
        number = self.world.next_reference()
        while not usable("BSP", number):
            number += 1
        self.new = make_reference("BSP", number)

    @property
    def server(self) -> GraphServer:
        return self.place.server

    def work(self) -> None:
        self.world.set(self.refs["w2"], "custom.plan", "Planung 01067")
        self.world.create(self.new, {"entry_date": "2025-02-01", "custom.plan": "neu 1/2"}, int(self.new[4:8]))
        self.server.forget()

    def sync(self) -> Outcome:
        self.world.clock.moment += timedelta(minutes=31)
        return sync_table(self.world.rt, KEY, wait=0)


TABLE_FIRST = pytest.mark.parametrize(
    "morning", [pytest.param("", marks=pytest.mark.soak), "Liste"], ids=["plain", "table"], indirect=True
)
"""The twins with a plain list are for the soak."""


@pytest.fixture(name="morning", params=["", "Liste"], ids=["plain", "table"])
def _morning(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Morning]:
    morning = Morning(tmp_path, request.param)
    yield morning
    morning.world.close()


def test_a_run_stays_within_the_bars(morning: Morning) -> None:
    """Changed: at most 3 metadata requests, 3 reads, 5 writes; unchanged: one metadata request, or a look at it all."""
    morning.work()
    outcome = morning.sync()
    assert (outcome.state, outcome.rows_added, outcome.receipt["lost"]) == ("ok", 1, 0)
    assert outcome.requests == dict(morning.server.counts())
    assert outcome.requests["meta"] <= 3
    assert outcome.requests["read"] <= 3
    assert outcome.requests["write"] <= 3

    assert morning.sync().cells_written == 0
    morning.server.forget()
    morning.world.clock.moment += timedelta(minutes=1)
    assert sync_table(morning.world.rt, KEY, wait=0).state == "unchanged"
    assert dict(morning.server.counts()) == {"meta": 1}


def _ghosts(morning: Morning) -> None:
    morning.server.after("write", lambda: morning.server.haunt(morning.place.file, 1), times=None)


def _many_ghosts(morning: Morning) -> None:
    morning.server.after("write", lambda: morning.server.haunt(morning.place.file, 4), times=None)


def _every_answer_lost(morning: Morning) -> None:
    morning.server.fault("write", faults.drop(processed=True), times=3)


def _late(morning: Morning) -> None:
    morning.server.fault("write", faults.error(504, processed=True), times=None)


def _nothing_written(morning: Morning) -> None:
    morning.server.fault("write", faults.unwritten(), times=2)


def _busy(morning: Morning) -> None:
    morning.server.fault("write", faults.throttle(20), times=2)


@TABLE_FIRST
@pytest.mark.parametrize(
    "trouble",
    [
        _ghosts,
        _every_answer_lost,
        _nothing_written,
        *(pytest.param(trouble, marks=pytest.mark.soak) for trouble in (_many_ghosts, _late, _busy)),
    ],
)
def test_nobody_gets_a_second_row_and_nothing_is_lost(morning: Morning, trouble: Callable[[Morning], None]) -> None:
    """In the run that meets the trouble, and in those after it; and nobody is asked about it."""
    trouble(morning)
    morning.work()
    for _ in range(4):
        assert morning.sync().receipt["lost"] == 0
        references = [row.ref for row in morning.world.picture().rows]
        assert len(references) == len(set(references))
    morning.server.calm()
    morning.world.clock.moment += timedelta(hours=1)
    for _ in range(3):
        morning.sync()

    picture = morning.world.picture()
    assert picture.questions == ()
    rows = {row.ref: row.cells for row in picture.rows}
    assert rows[morning.new]["custom.plan"] == "neu 1/2"
    assert rows[morning.refs["w2"]]["custom.plan"] == "Planung 01067"


def _told(morning: Morning, who: str) -> list[tuple[Json, Json]]:
    """What the history says the service changed in her cell of the table."""
    changes = morning.world.history(morning.refs[who])
    return [(each.old, each.new) for each in changes if each.side is Where.TABLE and each.field == "custom.plan"]


@TABLE_FIRST
def test_what_is_not_kept_is_not_claimed(morning: Morning) -> None:
    """200, but not written, however often: the run says so, counts nothing, and adds no run for the same door."""
    morning.server.fault("write", faults.unwritten(), times=None)
    morning.work()
    first = morning.sync()
    assert (first.state, first.cells_written, first.rows_added, first.receipt["lost"]) == ("held", 0, 0, 0)
    assert first.message.endswith("einblenden.")
    morning.sync()
    with morning.world.database.read() as session:
        table = tables.get(session, KEY)
        assert table.last_agreed_at is not None
        assert table.next_due_at is not None
        assert table.last_agreed_at < table.next_due_at <= morning.world.clock.now() + timedelta(minutes=15)

    morning.server.calm()
    done = morning.sync()
    assert (done.state, done.rows_added) == ("ok", 1)
    assert morning.world.picture().questions == ()


@TABLE_FIRST
@pytest.mark.parametrize("quirk", ["filtered_writes_lost", "filtered_writes_misplaced"])
def test_under_a_filter_everybody_keeps_her_own(morning: Morning, quirk: str) -> None:
    """Whatever Excel makes of a write into a hidden row: it is put right in the same run, and arrives once it shows."""
    anna = morning.server.person(ANNA, morning.place.file)
    setattr(morning.server.quirks, quirk, True)
    morning.work()
    anna.filter("B", "w2")
    for _ in range(2):  # every time that the schedule tries
        held = morning.sync()
        assert (held.state, held.fault, held.receipt["lost"]) == ("held", "table", 0)
        assert held.message.startswith("Ein Teil der Einträge ist in der Tabelle nicht angekommen")
        assert "Filter aufheben" in held.message
        rows = {row.who: row.cells["custom.plan"] for row in morning.world.picture().rows}
        assert (rows["w1"], rows["w2"], rows["w3"]) == ("Plan w1", "Plan w2", "Plan w3")
    assert not _told(morning, "w2")

    anna.unfilter()
    done = morning.sync()
    assert (done.state, done.cells_written) == ("ok", 1)
    assert _told(morning, "w2") == [("Plan w2", "Planung 01067")]
    picture = morning.world.picture()
    assert {row.ref: row.cells["custom.plan"] for row in picture.rows}[morning.refs["w2"]] == "Planung 01067"
    assert picture.questions == ()
