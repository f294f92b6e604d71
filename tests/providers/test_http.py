"""One policy for trying again: what passes is waited for, but not too long; no write is repeated blindly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from syncsvc.errors import PlatformBusy, PlatformThrottled, TableForbidden, WriteUncertain
from syncsvc.providers.http import Patience, Session, Trouble, retry_after


class Time:
    """A clock that runs only while somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.pauses = 0.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture(name="time")
def _time() -> Time:
    return Time()


@pytest.fixture(name="patience")
def _patience(time: Time) -> Patience:
    return Patience(sleep=time.sleep, now=lambda: time.now, spread=lambda: 0.0)


def busy(*, uncertain: bool = False) -> Trouble:
    return Trouble(PlatformBusy(), uncertain=uncertain)


def failing(*errors: Exception) -> Callable[[], str]:
    """An attempt that fails so, time after time, and then succeeds."""
    left = list(errors)

    def attempt() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return attempt


def test_what_passes_is_tried_again_after_growing_pauses(patience: Patience, time: Time) -> None:
    assert patience.insist(failing(busy(), busy(), busy())) == "done"
    assert time.pauses == [1, 2, 4]


def test_the_platform_says_how_long(patience: Patience, time: Time) -> None:
    throttled = Trouble(PlatformThrottled(retry_after=17), uncertain=False)

    assert patience.insist(failing(throttled)) == "done"
    assert time.pauses == [17]


def test_a_minute_of_quota_is_waited_for_and_not_much_longer(patience: Patience, time: Time) -> None:
    with pytest.raises(PlatformThrottled):
        patience.insist(failing(*[Trouble(PlatformThrottled(), uncertain=False)] * 99))

    assert 60 < time.now <= 70


def test_a_wait_that_is_too_long_is_not_begun(patience: Patience, time: Time) -> None:
    """The schedule waits, not the run: the error tells it how long."""
    with pytest.raises(PlatformThrottled) as raised:
        patience.insist(failing(Trouble(PlatformThrottled(retry_after=300), uncertain=False)))

    assert raised.value.retry_after == 300
    assert time.now == 0


def test_patience_is_one_for_all_requests_of_a_run(patience: Patience, time: Time) -> None:
    slow = [Trouble(PlatformThrottled(retry_after=30), uncertain=False)]
    patience.insist(failing(*slow))
    patience.insist(failing(*slow))
    with pytest.raises(PlatformThrottled):
        patience.insist(failing(*slow))

    assert time.now == 60


def test_attempts_that_hang_use_up_patience(patience: Patience, time: Time) -> None:
    def hang() -> str:
        time.now += 60
        raise busy(uncertain=True)

    with pytest.raises(PlatformBusy):
        patience.insist(hang)

    assert time.now < 130


def test_what_waiting_does_not_help_is_raised_at_once(patience: Patience, time: Time) -> None:
    with pytest.raises(TableForbidden):
        patience.insist(failing(TableForbidden()))

    assert time.pauses == []


@pytest.mark.parametrize("found", ["landed", None])
def test_a_lost_answer_is_asked_about_before_a_write_is_repeated(patience: Patience, found: str | None) -> None:
    asked = []

    def landed() -> str | None:
        asked.append("?")
        return found

    assert patience.insist(failing(busy(uncertain=True)), landed) == (found or "done")
    assert asked == ["?"]


def test_a_write_that_was_refused_is_repeated_without_asking(patience: Patience) -> None:
    def landed() -> str | None:
        raise AssertionError("it cannot have landed")

    assert patience.insist(failing(busy(), busy()), landed) == "done"


def test_a_write_that_stays_open_says_so(patience: Patience) -> None:
    with pytest.raises(WriteUncertain):
        patience.insist(failing(*[busy(uncertain=True)] * 99), lambda: None)


def test_a_look_that_fails_is_repeated_too(patience: Patience) -> None:
    looks = failing(busy(), busy())

    assert patience.insist(failing(busy(uncertain=True)), looks) == "done"


def test_a_refusal_after_an_open_write_may_mean_that_it_landed(patience: Patience) -> None:
    """The first attempt turned up between the look and the repetition, which was refused for that."""
    looks = iter([None, "landed"])
    attempt = failing(busy(uncertain=True), TableForbidden())

    assert patience.insist(attempt, lambda: next(looks)) == "landed"


def test_a_refusal_after_an_open_write_leaves_it_open(patience: Patience) -> None:
    with pytest.raises(WriteUncertain):
        patience.insist(failing(busy(uncertain=True), TableForbidden()), lambda: None)


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("", None), ("bald", None), ("-1", None)])
def test_retry_after_in_seconds(header: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": header}) == seconds


def test_retry_after_as_a_date() -> None:
    found = retry_after({"Retry-After": format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)})

    assert found is not None
    assert 85 < found <= 90


def test_a_date_without_a_zone_is_universal_time() -> None:
    """As HTTP dates are; ``-0000`` says the same."""
    assert retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:00 -0000"}) == 0


def test_trust_comes_from_the_usual_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/own.pem")
    asked = Session().merge_environment_settings("https://sheets.example", {}, False, None, None)
    assert asked["verify"] == "/etc/own.pem"

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/other.pem")
    asked = Session().merge_environment_settings("https://sheets.example", {}, False, None, None)
    assert asked["verify"] == "/etc/other.pem"
