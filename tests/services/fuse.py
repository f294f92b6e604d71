"""The process dies at a request to the platform: before it leaves, or when it has been answered."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tests.services.story import Story


class Fuse(HTTPAdapter):
    """Kills the process at the n-th request; "after" may also mean that its answer never came."""

    def __init__(self, story: Story) -> None:
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

    def kill(self, request: int, moment: str) -> None:
        """A run that dies there, and a new process after the dead one's lease ended."""
        self.left, self.moment = request, moment
        killed = self.story.sync() is None
        self.left = 0
        self.story.world.revive()
        assert killed, "the run came to no such request"
