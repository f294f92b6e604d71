"""Which texts are schedules, by the rules of crontab(5)."""

from __future__ import annotations

import pytest

from syncsvc.core.schedules import is_schedule


@pytest.mark.parametrize(
    "text",
    ["*/30 6-19 * * mon-fri", "0 7,12,17 * * *", "5 4 1 jan,jul 0", "0 0 * * 7", "0-59/5 * * * MON", "* * * * *"],
)
def test_schedules(text: str) -> None:
    assert is_schedule(text)


@pytest.mark.parametrize(
    "text",
    [
        "täglich",
        "0 7 * *",
        "0 7 * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "* * * * montag",
        "19-6 * * * *",
        "*/0 * * * *",
        "1- * * * *",
        ",1 * * * *",
        "@daily",
        "",
    ],
)
def test_no_schedules(text: str) -> None:
    assert not is_schedule(text)
