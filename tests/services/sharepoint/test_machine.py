"""The state machine of the promises over Graph: no conditional writes, and nobody can tell whether one landed."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import ClassVar

import pytest

from tests.services.sharepoint.place import GraphPlace
from tests.services.test_sync_machine import STEPS, SyncMachine, play
from tests.services.world import Place


class GraphMachine(SyncMachine):
    """The same over the local Graph, every request through msal and HTTPS; half of the lists are Excel tables."""

    found: ClassVar[Counter[str]] = Counter()

    def place(self, folder: Path, *, blind: bool, telling: bool) -> Place:
        return GraphPlace(folder, table="Liste" if telling else "")


def test_promises_hold_over_random_work_at_sharepoint() -> None:
    """Whatever people do and wherever the service dies: nothing is lost, misplaced, doubled or overruled in silence."""
    play(GraphMachine, 2, fixed=True)


@pytest.mark.soak
def test_soak(capsys: pytest.CaptureFixture[str]) -> None:
    """The same for hours; prints how many steps were played and what happened in them."""
    GraphMachine.found.clear()
    try:
        play(GraphMachine, int(os.environ.get("SYNCSVC_SOAK_STEPS", "100000")) // (10 * STEPS), fixed=False)
    finally:
        with capsys.disabled():
            print(f"\nGraphMachine: {GraphMachine.found['steps']} steps", dict(GraphMachine.found))  # noqa: T201  # its result
