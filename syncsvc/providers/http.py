"""How the service talks to platforms: sessions that trust whom the machine trusts, and one policy for trying again."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import requests

from syncsvc.errors import PlatformBusy, TableError, WriteUncertain

TIMEOUT = (10.0, 60.0)
"""Seconds until a platform has to take a connection, and to go on with its answer."""

LONGEST_PAUSE = 32.0
"""Seconds between two attempts at most, where the platform names none."""

_T = TypeVar("_T")


class Session(requests.Session):
    """A session whose TLS trust comes from ``REQUESTS_CA_BUNDLE``, else ``SSL_CERT_FILE``, else certifi."""

    def __init__(self) -> None:
        super().__init__()
        if bundle := os.environ.get("SSL_CERT_FILE"):  # requests itself looks at the other one only, and prefers it
            self.verify = bundle


class Trouble(Exception):
    """One attempt failed in a way that may pass: ``error`` is what to raise if it does not.

    ``uncertain``: the request may have been carried out all the same.
    """

    def __init__(self, error: PlatformBusy, *, uncertain: bool) -> None:
        super().__init__(error.message)
        self.error = error
        self.uncertain = uncertain


@dataclass(slots=True)
class Patience:
    """How long one run may wait for a platform: ``seconds`` for all its failed attempts and pauses together.

    Enough for the next minute of a quota; longer waits belong to the schedule. Pauses grow from a second, with
    ``spread`` so that many processes do not come back at once; where the platform says how long, that long.
    """

    seconds: float = 70.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    spread: Callable[[], float] = random.random

    def insist(self, attempt: Callable[[], _T], landed: Callable[[], _T | None] | None = None) -> _T:
        """What ``attempt`` returns, tried again while it raises ``Trouble``.

        Give ``landed`` where a repetition does harm (any write): after an attempt whose outcome is open it is asked
        first, and what it returns is the result; None means that the attempt did not land. Raises the trouble's error
        when patience ends, or ``WriteUncertain`` if an attempt at a write was left open.
        """
        pause, uncertain = 1.0, False
        while True:
            started = self.now()
            try:
                if uncertain and landed is not None and (found := landed()) is not None:
                    return found
                return attempt()
            except Trouble as trouble:
                uncertain |= trouble.uncertain
                wait = pause + self.spread() if trouble.error.retry_after is None else trouble.error.retry_after
                spent = self.now() - started
                if spent + wait > self.seconds:
                    self.seconds -= spent
                    raise (WriteUncertain() if uncertain and landed is not None else trouble.error) from None
                self.seconds -= spent + wait
            except TableError:
                if not uncertain or landed is None:
                    raise
                # Refused after an attempt whose outcome is open: perhaps because that one landed.
                if (found := _whether(landed)) is not None:
                    return found
                raise WriteUncertain from None
            self.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)


def _whether(landed: Callable[[], _T | None]) -> _T | None:
    """What ``landed`` says; None where it cannot be asked."""
    try:
        return landed()
    except (Trouble, TableError):
        return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a ``Retry-After`` header asks for, given as a number or a date; None where there is none."""
    text = headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
