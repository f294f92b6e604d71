"""Answering requests with waitress until somebody asks the process to stop."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

from flask import Flask
from waitress.server import create_server

from syncsvc.errors import ConfigurationError

THREADS = 8

LARGEST = 8 * 1024 * 1024
"""Bytes of a request that are taken in at all, from whomever: the pages refuse less, and say so."""

_BEHIND_PROXY = {
    "trusted_proxy": "*",
    "trusted_proxy_count": 1,
    "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
}


def serve(
    app: Flask,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    proxy: bool = False,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve the pages and return, within five seconds, after SIGTERM or SIGINT. Call it in the main thread.

    ``ready`` is called once the address is ours.

    ``proxy``: whoever connects is the one proxy in front; its ``X-Forwarded-For``, ``-Proto`` and ``-Host`` are
    believed, what stood in them before is not. Otherwise such headers never reach the pages.

    Raises ``ConfigurationError`` when the address is taken or not ours.
    """
    try:
        server = create_server(
            app, host=host, port=port, threads=THREADS, ident=None, max_request_body_size=LARGEST,
            **(_BEHIND_PROXY if proxy else {}),
        )  # fmt: skip
    except OSError as error:
        raise ConfigurationError(
            f"Unter {host}:{port} kann der Dienst nicht antworten; vielleicht tut es dort schon ein anderer.",
            hint="Einen anderen Anschluss wählen, zum Beispiel mit --port 8001.",
        ) from error
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        ready()
        server.run()  # ends, after its running requests, on SystemExit and KeyboardInterrupt
    finally:
        server.close()
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
