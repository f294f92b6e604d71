"""The process dies before or after any of a run's requests; "after" may also mean that its answer never came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.services.fuse import Fuse
from tests.services.sharepoint.story import TABLE_FIRST, GraphStory
from tests.services.sharepoint.test_interleavings import DEEDS

MOST = 9


@pytest.fixture(name="fuse")
def _fuse(story: GraphStory) -> Iterator[Fuse]:
    session, fuse = story.graph.account.requests, Fuse(story)
    known = session.adapters["https://"]
    session.mount("https://", fuse)
    yield fuse
    session.mount("https://", known)


TORN = {"": [(5, "after"), (6, "before")], "Liste": [(5, "after"), (6, "before"), (6, "after"), (7, "before")]}
"""Formats or empty rows are there and moved the file's tag, the values are not: nothing at Graph could tell."""


def kill(fuse: Fuse, story: GraphStory, request: int, moment: str) -> None:
    if request == 9 and not story.table:
        pytest.skip("a plain list takes no room for rows")
    fuse.kill(request, moment)
    story.in_doubt = (request, moment) in TORN[story.table]


@TABLE_FIRST
@pytest.mark.parametrize(
    ("request_", "moment"),
    [
        pytest.param(at, moment, marks=() if moment == "after" or at in (4, 6) else pytest.mark.soak)
        for at in range(1, MOST + 1)
        for moment in ("before", "after")
    ],
)
def test_the_next_run_completes_the_work(fuse: Fuse, story: GraphStory, request_: int, moment: str) -> None:
    """No row twice, no question unless nobody can tell: nobody typed meanwhile."""
    kill(fuse, story, request_, moment)
    story.sync_until_quiet()
    story.judge()


def test_a_run_that_comes_too_early_waits(fuse: Fuse, story: GraphStory) -> None:
    """The file's tag may lag: that it did not move proves only later that nothing was written."""
    fuse.kill(4, "after")
    story.world.clock.moment -= timedelta(minutes=4)
    early = story.sync()
    assert early is not None
    assert (early.state, early.cells_written) == ("held", 0)
    assert early.message.startswith("Ob die letzte Änderung in der Tabelle angekommen ist")

    story.sync_until_quiet()
    story.judge()


@pytest.mark.soak
@pytest.mark.parametrize("request_", range(1, MOST + 1))
def test_killed_twice(fuse: Fuse, story: GraphStory, request_: int) -> None:
    """The run that should have completed the work dies as well, right after its look."""
    kill(fuse, story, request_, "after")
    fuse.kill(2, "after")
    story.sync_until_quiet()
    story.judge()


@TABLE_FIRST
@pytest.mark.parametrize(
    "request_", [pytest.param(4, marks=pytest.mark.soak), 6, pytest.param(7, marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("deed", ["sort", "insert a row between", "type elsewhere in that row"])
def test_people_go_on_before_the_next_run(fuse: Fuse, story: GraphStory, deed: str, request_: int) -> None:
    fuse.kill(request_, "after")
    story.in_doubt = True
    DEEDS[deed].act(story)
    story.sync_until_quiet()
    story.judge()
    assert story.server.overwritten_by_service() == []
