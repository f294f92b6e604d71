from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

SERVER = """
import sys
from flask import Flask, request
from syncsvc.web import serve
app = Flask("test")
app.add_url_rule("/", "there", lambda: "da")
app.add_url_rule("/who", "who", lambda: f"{request.remote_addr} {request.scheme} {request.host}")
serve(app, port=int(sys.argv[1]), proxy=sys.argv[2:] == ["proxy"])
print("ended")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(port: int) -> str:
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as response:
                return str(response.read(), "utf-8")
        except OSError:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_asked_to_stop_and_returns(number: signal.Signals) -> None:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE, text=True)
    assert answer(port) == "da"

    server.send_signal(number)

    assert server.communicate(timeout=10)[0] == "ended\n"
    assert server.returncode == 0


def test_a_taken_port_is_said_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = subprocess.run([sys.executable, "-c", SERVER, str(port)], capture_output=True, text=True, check=False)

    assert f"ConfigurationError: Unter 127.0.0.1:{port} kann der Dienst nicht antworten" in server.stderr


FORGED = {
    "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "sync.example",
}


@pytest.mark.parametrize("words", [[], ["proxy"]], ids=["alone", "behind a proxy"])
def test_forwarded_headers_count_only_from_the_configured_proxy(words: list[str]) -> None:
    """And only what that proxy added itself: whatever a stranger had put in front of it is not believed."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port), *words], stdout=subprocess.PIPE, text=True)
    try:
        assert answer(port) == "da"
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/who", headers=FORGED)
        with urllib.request.urlopen(asked) as response:
            who = response.read().decode()
    finally:
        server.terminate()
        server.communicate(timeout=10)

    assert who == ("203.0.113.9 https sync.example" if words else f"127.0.0.1 http 127.0.0.1:{port}")
