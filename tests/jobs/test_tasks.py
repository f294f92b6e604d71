"""What recurs: when it runs again, and what a failure of it does not stop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncsvc.jobs import tasks
from syncsvc.services.runtime import Runtime
from tests.example import Example


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A job a day; its runs are noted here, and it fails while the list ends with a wish for that."""
    done: list[str] = []

    def tidy(rt: Runtime) -> None:
        if done and done[-1] == "fail":
            done.pop()
            raise OSError("Demir, Leyla")
        done.append("ran")

    monkeypatch.setattr(tasks, "PERIODIC", {"tidy": tasks.Job(timedelta(days=1), tidy)})
    return done


def test_it_runs_once_in_its_time_whoever_calls_and_however_often(example: Example, runs: list[str]) -> None:
    for _ in range(49):
        tasks.recur(example.runtime, "tidy")
        example.clock.pass_by(hours=1)

    assert runs == ["ran"] * 3


def test_a_failure_is_tried_again_at_the_next_call_and_tells_no_value(
    example: Example, runs: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    runs.append("fail")
    tasks.recur(example.runtime, "tidy")
    assert runs == []
    assert "Demir" not in caplog.text

    tasks.recur(example.runtime, "tidy")

    assert runs == ["ran"]


def test_a_clock_set_back_does_not_put_it_to_sleep(example: Example, runs: list[str]) -> None:
    tasks.recur(example.runtime, "tidy")
    example.clock.pass_by(days=-365)

    tasks.recur(example.runtime, "tidy")

    assert runs == ["ran", "ran"]
