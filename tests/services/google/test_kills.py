"""The process dies before or after any of a run's requests; "after" may also mean that its answer never came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.fuse import Fuse
from tests.services.google.story import GoogleStory
from tests.services.google.test_interleavings import DEEDS, LAST


@pytest.fixture(scope="module", name="fuse")
def _fuse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuse]:
    story = GoogleStory(tmp_path_factory.mktemp("google"))
    fuse = Fuse(story)
    story.google.account.client.session.mount("http://", fuse)
    yield fuse
    story.close()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("request_", range(1, LAST + 1))
def test_the_next_run_completes_the_work(fuse: Fuse, request_: int, moment: str) -> None:
    """No row twice, no question: nobody typed meanwhile."""
    fuse.story.rewind()
    fuse.kill(request_, moment)
    fuse.story.sync_until_quiet()
    fuse.story.judge()


@pytest.mark.soak
@pytest.mark.parametrize("request_", range(1, LAST + 1))
def test_killed_twice(fuse: Fuse, request_: int) -> None:
    """The run that should have completed the work dies as well, right after its own write."""
    fuse.story.rewind()
    fuse.kill(request_, "after")
    fuse.kill(4 if request_ < 4 else 3, "after")
    fuse.story.sync_until_quiet()
    fuse.story.judge()


@pytest.mark.parametrize(
    "request_", [pytest.param(3, marks=pytest.mark.soak), 4, pytest.param(5, marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("deed", ["sort", "insert a row between", "type elsewhere in that row"])
def test_people_go_on_before_the_next_run(fuse: Fuse, deed: str, request_: int) -> None:
    fuse.story.rewind()
    fuse.kill(request_, "after")
    DEEDS[deed].act(fuse.story)
    fuse.story.sync_until_quiet()
    fuse.story.judge()
    assert fuse.story.server.overwritten_by_service() == []
