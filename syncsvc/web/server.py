"""Answering requests with waitress until somebody asks the process to stop."""

from __future__ import annotations

import signal
from types import FrameType

from flask import Flask
from waitress.server import create_server

from syncsvc.errors import ConfigurationError

THREADS = 8


def serve(app: Flask, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the pages and return, within five seconds, after SIGTERM or SIGINT. Call it in the main thread.

    Raises ``ConfigurationError`` when the address is taken or not ours.
    """
    try:
        server = create_server(app, host=host, port=port, threads=THREADS, ident=None)
    except OSError as error:
        raise ConfigurationError(
            f"Unter {host}:{port} kann der Dienst nicht antworten: {error.strerror}.",
            hint="Einen anderen Anschluss wählen, zum Beispiel mit --port 8001.",
        ) from error
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        server.run()  # ends, after its running requests, on SystemExit and KeyboardInterrupt
    finally:
        server.close()
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
