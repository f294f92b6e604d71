"""What goes wrong on the way to Graph: scripted for the requests a test means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from tests.fakes.google.faults import Answer, Call, Fault, Script, When, cut, drop, slow, truncate
from tests.fakes.graph import refusals
from tests.fakes.graph.refusals import Refused

__all__ = ["Answer", "Call", "Fault", "Script", "When", "cut", "drop", "slow", "truncate"]
_AT = datetime(2026, 1, 7)  # noqa: DTZ001  # a scripted refusal names some moment


@dataclass(frozen=True)
class Unkept(Fault):
    """The request is worked on and answered, and then its effect is thrown away."""


@dataclass(frozen=True)
class Late(Fault):
    """The request takes effect so many requests later, when nobody expects it any more."""

    requests: int = 1


def error(status: int, *, processed: bool = False, retry_after: int | str | datetime | None = None) -> Fault:
    """500, 502 (a page in HTML), 503 or 504 as Graph words them; 504 usually after the write landed."""
    if status == 502:
        page = Answer(502, refusals.HTML_502.encode(), "text/html; charset=utf-8", _later(retry_after))
        return Fault(processed, lambda _: page)
    refused = {
        500: Refused(500, "internalServerError", "An error has occurred.", "internalServerErrorUncategorized"),
        503: Refused(503, "serviceUnavailable", "The service is not available.", "serviceUnavailableUncategorized"),
        504: Refused(504, "MaxRequestDurationExceeded", "It took too long.", "gatewayTimeoutUncategorized"),
    }[status]
    return refuse(refused, processed=processed, retry_after=retry_after)


def throttle(retry_after: int | str | datetime | None = None) -> Fault:
    """429, with the pause in seconds, as a date, or without one."""
    refused = Refused(429, "tooManyRequests", "The app or user has been throttled.", "tooManyRequestsUncategorized")
    return refuse(refused, retry_after=retry_after)


def locked() -> Fault:
    """423: somebody has the file open, and it cannot be replaced or moved."""
    return refuse(refusals.resource_locked())


def editing(who: str = "Anna Muster") -> Fault:
    """409: somebody holds the edit lock."""
    return refuse(refusals.editing(who))


def expire() -> Fault:
    """401, as if the token had run out in the middle; a new one is accepted."""
    return refuse(refusals.expired())


def session_lost(detail: str = "invalidSessionReCreatable") -> Fault:
    """404 for a session that should still be open."""
    return refuse(refusals.no_session(detail))


def refuse(refused: Refused, *, processed: bool = False, retry_after: int | str | datetime | None = None) -> Fault:
    """Any refusal."""
    answer = Answer(
        refused.status,
        refusals.encoded(refused.body(_AT)),
        "application/json",
        refused.headers | _later(retry_after),
    )
    return Fault(processed, lambda _: answer)


def late(requests: int = 1) -> Fault:
    """504 now, and the write lands right before the so-manieth request from now."""
    return Late(processed=False, change=error(504).change, requests=requests)


def unwritten() -> Fault:
    """200 with the answer of a write that is not there afterwards."""
    return Unkept(processed=True, change=lambda answer: answer)


def failed() -> Fault:
    """200 with status ``failed``, as long-running operations end."""
    return answer(200, {"status": "failed", "error": refusals.bad_request("It failed.").body(_AT)["error"]})


def nulls() -> Fault:
    """200 with null for values, as is reported of answers that grew too large."""

    def change(answered: Answer) -> Answer:
        content = refusals.decoded(answered.body)
        grids = {"values", "text", "formulas", "numberFormat", "valueTypes"}
        shown = {name: None if name in grids else value for name, value in content.items()}
        return Answer(answered.status, refusals.encoded(shown), answered.content_type, answered.headers)

    return Fault(processed=True, change=change)


def html(status: int = 200, *, processed: bool = True) -> Fault:
    """A page in HTML, as gateways and proxies give."""
    page = Answer(status, b"<!DOCTYPE html><title>Anmeldung</title><p>Bitte melden Sie sich am Netz an.", "text/html")
    return Fault(processed, lambda _: page)


def answer(status: int, body: dict[str, Any]) -> Fault:
    """An answer that nothing here would give, but somebody else may."""
    given = Answer(status, refusals.encoded(body), "application/json")
    return Fault(processed=False, change=lambda _: given)


def change(with_: Callable[[Answer], Answer | None]) -> Fault:
    """Whatever a test makes of the answer; None breaks the connection."""
    return Fault(processed=True, change=with_)


def _later(retry_after: int | str | datetime | None) -> dict[str, str]:
    if retry_after is None:
        return {}
    text = format_datetime(retry_after, usegmt=True) if isinstance(retry_after, datetime) else str(retry_after)
    return {"Retry-After": text}
