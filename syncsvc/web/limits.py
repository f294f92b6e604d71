"""How often something may be tried: counted in the database, so that all processes count together.

Only what is posted is counted; reading a page writes nothing. A limit ends by itself after its minutes, whoever tried:
nobody can lock another one out for good, and a one-time link is still a way in for an account whose name is tried.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import ClassVar, Final

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import gettext
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from limits.storage import Storage

from syncsvc.errors import SyncsvcError
from syncsvc.services.runtime import Runtime
from syncsvc.store import allowances
from syncsvc.web.rights import MACHINES

SIGN_INS: Final = frozenset({"login.enter", "login.redeem", "login.start", "account.set_password"})
"""Where secrets are tried."""

PER_ADDRESS: Final = "30 per 5 minutes"
"""Sign-ins from one address: a whole office may come in behind one in the morning."""

PER_NAME: Final = "10 per 10 minutes"
"""Passwords for one account, right or wrong, wherever they come from."""

PER_PERSON: Final = "300 per minute"
"""All that one person, or somebody unknown from one address, posts."""


class Counters(Storage):
    """What Flask-Limiter counts, in the table ``allowances`` and by the service's clock."""

    STORAGE_SCHEME: ClassVar[list[str]] = ["syncsvc"]  # type: ignore[misc]  # the library's own way to say it

    def __init__(self, uri: str | None = None, *, runtime: Runtime) -> None:
        super().__init__(uri)
        self._rt = runtime

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return SyncsvcError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        with self._rt.database.write() as session:
            return allowances.count(session, key, amount=amount, seconds=expiry, now=self._now())

    def get(self, key: str) -> int:
        with self._rt.database.read() as session:
            return allowances.standing(session, key, self._now())[0]

    def get_expiry(self, key: str) -> float:
        with self._rt.database.read() as session:
            return allowances.standing(session, key, self._now())[1].timestamp()

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        raise NotImplementedError

    def clear(self, key: str) -> None:
        with self._rt.database.write() as session:
            allowances.forget(session, key)

    def _now(self) -> datetime:
        return self._rt.clock.now()


def register(app: Flask, runtime: Runtime) -> None:
    """Count what is posted, and answer what is too much with a page that says when to go on."""
    limiter = Limiter(
        _person,
        storage_uri="syncsvc://",
        storage_options={"runtime": runtime},  # type: ignore[dict-item]  # it reaches ``Counters`` as it is
        application_limits=[
            _limit(PER_ADDRESS, "address", _address, SIGN_INS),
            _limit(PER_NAME, "name", _name, {"login.enter", "account.set_password"}),
            _limit(PER_PERSON, "person", _person, None),
        ],
    )
    limiter.init_app(app)

    def too_much(_error: RateLimitExceeded) -> Response:
        breached = limiter.current_limit
        left = breached.window.reset_time - runtime.clock.now().timestamp() if breached else 0
        seconds = max(1, ceil(left))
        text = gettext(
            "Bitte warten Sie %(minutes)s Minuten und versuchen Sie es dann noch einmal.", minutes=ceil(seconds / 60)
        )
        if seconds <= 60:
            text = gettext("Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.")
        page = render_template("error.html", title=gettext("Zu viele Versuche"), text=text)
        return make_response(page, 429, {"Retry-After": str(seconds)})

    app.register_error_handler(RateLimitExceeded, too_much)


def _limit(
    text: str, scope: str, key: Callable[[], str], endpoints: frozenset[str] | set[str] | None
) -> ApplicationLimit:
    return ApplicationLimit(
        text, key_function=key, scope=scope, methods=["POST"],
        exempt_when=lambda: request.method != "POST"
        or request.endpoint in MACHINES  # those are counted by token
        or (endpoints is not None and request.endpoint not in endpoints),
    )  # fmt: skip


def _address() -> str:
    """Who asks, as far as the network tells: behind our proxy the address it believes. Of IPv6 the network: in it
    anybody has addresses without end."""
    told = request.remote_addr or ""
    with suppress(ValueError):  # a socket of this machine has a name
        address = ip_address(told)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
            told = f"network {int(address) >> 64}"
    return _unreadable(f"address {told}")


def _name() -> str:
    typed = request.form.get("name", "") if request.endpoint == "login.enter" else g.user.name
    return _unreadable(f"name {' '.join(typed.split()).casefold()}")


def _person() -> str:
    return _unreadable(f"user {g.user.id}") if g.user is not None else _address()


def _unreadable(text: str) -> str:
    """Neither the database nor a log learns an address or what somebody typed."""
    secret = str(current_app.secret_key).encode()
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
