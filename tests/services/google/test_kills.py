"""The process dies before or after any of a run's requests; "after" may also mean that its answer never came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.services.google.story import GoogleStory
from tests.services.google.test_interleavings import DEEDS, LAST


class Fuse(HTTPAdapter):
    """Kills the process at the n-th request to the platform, before it leaves or when it has been answered."""

    def __init__(self, story: GoogleStory) -> None:
        super().__init__()
        self.story, self.left, self.moment = story, 0, ""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.left -= 1
        if self.left == 0 and self.moment == "before":
            self.story.world.die()
        response = super().send(*args, **kwargs)
        if self.left == 0 and self.moment == "after":
            self.story.world.die()
        return response


@pytest.fixture(scope="module", name="fuse")
def _fuse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuse]:
    story = GoogleStory(tmp_path_factory.mktemp("google"))
    fuse = Fuse(story)
    story.google.account.client.session.mount("http://", fuse)
    yield fuse
    story.close()


def kill(fuse: Fuse, request: int, moment: str) -> None:
    """A run that dies there, and a new process after the dead one's lease ended."""
    fuse.left, fuse.moment = request, moment
    assert fuse.story.sync() is None
    fuse.left = 0
    fuse.story.world.revive()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("request_", range(1, LAST + 1))
def test_the_next_run_completes_the_work(fuse: Fuse, request_: int, moment: str) -> None:
    """No row twice, no question: nobody typed meanwhile."""
    fuse.story.rewind()
    kill(fuse, request_, moment)
    fuse.story.sync_until_quiet()
    fuse.story.judge()


@pytest.mark.soak
@pytest.mark.parametrize("request_", range(1, LAST + 1))
def test_killed_twice(fuse: Fuse, request_: int) -> None:
    """The run that should have completed the work dies as well, right after its own write."""
    fuse.story.rewind()
    kill(fuse, request_, "after")
    kill(fuse, 4 if request_ < 4 else 3, "after")
    fuse.story.sync_until_quiet()
    fuse.story.judge()


@pytest.mark.parametrize(
    "request_", [pytest.param(3, marks=pytest.mark.soak), 4, pytest.param(5, marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("deed", ["sort", "insert a row between", "type elsewhere in that row"])
def test_people_go_on_before_the_next_run(fuse: Fuse, deed: str, request_: int) -> None:
    fuse.story.rewind()
    kill(fuse, request_, "after")
    DEEDS[deed].act(fuse.story)
    fuse.story.sync_until_quiet()
    fuse.story.judge()
    assert fuse.story.server.overwritten_by_service() == []
