"""What every answer tells the browser not to do."""

from __future__ import annotations

from flask import Flask, Response, current_app

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'"
)
"""``data:`` for the icons of the design system, which are masks with data addresses."""

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
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    return response
