"""What every answer tells the browser not to do."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from syncsvc.web import openid

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""``data:`` for the icons of the design system, which are masks with data addresses."""

OWN_FORMS = "; form-action 'self'"
"""Nowhere else does a form send what somebody types. Not where people sign in at a provider: browsers hold this against
every address that the button leads to in the end, and only the provider knows those."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


HTTPS_ONLY = "max-age=31536000"
"""For a year the browser speaks to this host over https only."""


def register(app: Flask) -> None:
    """Send ``HEADERS`` with every page, and ``HTTPS_ONLY`` where people come over https."""
    app.after_request(_harden)


def _harden(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.blueprint != "login" or openid.provider() is None:
        response.headers["Content-Security-Policy"] += OWN_FORMS
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    return response
