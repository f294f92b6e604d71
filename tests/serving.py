"""Pages on a real port, for those who come with a browser or over the network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address under which these pages answer meanwhile."""
    server = create_server(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # In the thread that waits for these sockets: closed by another one they are gone under its hands.
        server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))
        thread.join()
