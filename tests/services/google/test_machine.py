"""The state machine of the promises over Google: no conditional writes, and nobody can tell whether one landed."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import ClassVar

import pytest

from tests.services.google.place import GooglePlace
from tests.services.test_sync_machine import STEPS, SyncMachine, play
from tests.services.world import Place


class GoogleMachine(SyncMachine):
    """The same over the local Google, every request through gspread and HTTP."""

    found: ClassVar[Counter[str]] = Counter()

    def place(self, folder: Path, *, blind: bool, telling: bool) -> Place:
        return GooglePlace(folder)


def test_promises_hold_over_random_work_at_google() -> None:
    """Whatever people do and wherever the service dies: nothing is lost, misplaced, doubled or overruled in silence."""
    play(GoogleMachine, 3, fixed=True)


@pytest.mark.soak
def test_soak(capsys: pytest.CaptureFixture[str]) -> None:
    """The same for hours; prints how many steps were played and what happened in them."""
    GoogleMachine.found.clear()
    try:
        play(GoogleMachine, int(os.environ.get("SYNCSVC_SOAK_STEPS", "100000")) // (10 * STEPS), fixed=False)
    finally:
        with capsys.disabled():
            print(f"\nGoogleMachine: {GoogleMachine.found['steps']} steps", dict(GoogleMachine.found))  # noqa: T201  # its result
