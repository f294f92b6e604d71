"""Addresses of static files. They change with the content, so that browsers may keep the files for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask

FOLDER = Path(__file__).parent / "static"

MAX_AGE = 365 * 24 * 3600
"""How long browsers keep a file, in seconds."""


def register(app: Flask) -> None:
    """Let templates write ``{{ asset("app.css") }}``."""
    app.jinja_env.globals["asset"] = address


@cache
def address(name: str) -> str:
    """The address of a file below ``static/``."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"
