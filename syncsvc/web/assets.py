"""Addresses of static files. They change with the content, so that browsers may keep the files for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

FOLDER = Path(__file__).parent / "static"

MAX_AGE = 365 * 24 * 3600
"""How long browsers keep a file, in seconds."""


def register(app: Flask) -> None:
    """Serve the files below ``static/``, and let templates write ``{{ asset("app.css") }}``."""
    app.jinja_env.globals["asset"] = address
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # the way Flask documents to add WSGI middleware
        app.wsgi_app, root=FOLDER, prefix="static/", max_age=MAX_AGE, add_headers_function=_harden
    )


@cache
def address(name: str) -> str:
    """The address of a file below ``static/``."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def _harden(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
