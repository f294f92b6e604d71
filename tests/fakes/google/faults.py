"""What goes wrong on the way: scripted for the requests a test means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from tests.fakes.google import refusals


@dataclass(frozen=True)
class Call:
    """One request to the API as it arrives. ``method`` is Google's id of it, as ``sheets.spreadsheets.get``."""

    number: int
    kind: str
    method: str
    verb: str
    path: str


@dataclass(frozen=True)
class Answer:
    """What goes back. ``cut`` promises more bytes than it sends; ``wait`` seconds pass before it leaves."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    cut: bool = False


@dataclass(frozen=True)
class Fault:
    """``processed`` says whether the request takes effect first; ``change`` makes the answer that leaves.

    ``change`` gets the answer of the processed request, or an empty one; None breaks the connection.
    """

    processed: bool
    change: Callable[[Answer], Answer | None]


def drop(*, processed: bool) -> Fault:
    """The connection breaks without an answer."""
    return Fault(processed, lambda _: None)


def error(status: int, *, processed: bool = False, retry_after: int | None = None) -> Fault:
    """500, 503 or 504 as the API words them; 502 is a page in HTML."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if status == 502:
        answer = Answer(502, refusals.HTML_502.encode(), "text/html; charset=UTF-8", headers)
        return Fault(processed, lambda _: answer)
    messages = {
        500: "Internal error encountered.",
        503: "The service is currently unavailable.",
        504: "Deadline expired before operation could complete.",
    }
    return refuse(refusals.Refused(status, messages[status]), processed=processed, retry_after=retry_after)


def throttle(kind: str = "Read", *, retry_after: int | None = None) -> Fault:
    """429 although the account has quota left: others of the project used it."""
    return refuse(refusals.quota_exceeded(kind, 300), retry_after=retry_after)


def refuse(
    refused: refusals.Refused, *, drive: bool = False, processed: bool = False, retry_after: int | None = None
) -> Fault:
    """Any of Google's refusals, as ``refusals.service_disabled(…)``, ``refusals.forbidden()``."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = refusals.encoded(refused.body(drive=drive))
    return Fault(processed, lambda _: Answer(refused.code, body, headers=headers))


def answer(status: int, body: dict[str, Any]) -> Fault:
    """An answer that nothing here would give, but somebody else may."""
    return Fault(processed=False, change=lambda _: Answer(status, refusals.encoded(body)))


def expire() -> Fault:
    """401, as if the token had run out in the middle; a new one is accepted."""
    return refuse(refusals.unauthenticated())


def usage_limits() -> Fault:
    """Drive's own throttling: 403 with the domain usageLimits."""
    refused = refusals.Refused(403, "User Rate Limit Exceeded", reason="userRateLimitExceeded")
    return refuse(refused, drive=True)


def truncate() -> Fault:
    """Half of the JSON, as if that were all."""
    return Fault(processed=True, change=lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]))


def cut() -> Fault:
    """Half of the JSON, then the connection breaks."""
    return Fault(processed=True, change=lambda answer: replace(answer, cut=True))


def html(*, processed: bool = True) -> Fault:
    """A page in HTML with status 200, as proxies give."""
    page = Answer(200, b"<!DOCTYPE html><title>Anmeldung</title><p>Bitte melden Sie sich am Netz an.", "text/html")
    return Fault(processed, lambda _: page)


def slow(seconds: float, *, processed: bool = True) -> Fault:
    """The answer is right, but late."""
    return Fault(processed=processed, change=lambda answer: replace(answer, wait=seconds))


T = TypeVar("T")
When = int | str | Callable[[Call], bool]
"""Which requests: the n-th to an API from now; all of a kind (read, write, meta, token) or method id; or what a
function says."""


@dataclass
class _Entry(Generic[T]):
    when: When
    what: T
    left: int | None
    seen: int = 0

    def meets(self, call: Call) -> bool:
        if isinstance(self.when, int):
            self.seen += call.kind != "token"
            return call.kind != "token" and self.seen == self.when
        if self.left == 0:
            return False
        if isinstance(self.when, str):
            return self.when in (call.kind, call.method)
        return self.when(call)


class Script(Generic[T]):
    """What is to happen at which requests, in the order it was written down."""

    def __init__(self) -> None:
        self._entries: list[_Entry[T]] = []

    def add(self, when: When, what: T, times: int | None) -> None:
        """``times`` None: from now on."""
        self._entries.append(_Entry(when, what, times))

    def clear(self) -> None:
        self._entries.clear()

    def due(self, call: Call) -> list[T]:
        """What is to happen at this request; it counts as done."""
        met = [entry for entry in self._entries if entry.meets(call)]
        for entry in met:
            if entry.left is not None:
                entry.left -= 1
        return [entry.what for entry in met]
