"""The processes an operator starts: they begin without side effects, and are gone soon after SIGTERM."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Shell
from tests.cli.test_serve import PATIENCE, answers, start

GRACE = 10.0
"""Seconds from SIGTERM to the end, as the unit files and the manual promise."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to wait for")


@pytest.fixture(name="port")
def _port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def process(shell: Shell, *words: str) -> Iterator[subprocess.Popen[str]]:
    started = start(shell.folder, *words)
    assert started.stdout is not None
    assert started.stdout.readline(), "it says that it is ready"
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def ends_in_time(started: subprocess.Popen[str]) -> bool:
    asked = time.monotonic()
    started.send_signal(signal.SIGTERM)
    started.wait(timeout=PATIENCE)
    return started.returncode == 0 and time.monotonic() - asked < GRACE


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def running(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "syncsvc.db")) as database:
        return bool(database.execute("SELECT count(*) FROM runs WHERE state = 'running'").fetchone()[0])


def test_serve_is_gone_in_time_in_the_middle_of_a_run_which_the_next_completes(own_example: Shell, port: str) -> None:
    path = own_example.folder / "tabellen" / "Neudorf.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["Teilnehmerinnen"]
    ref = str(sheet["A6"].value)
    own_example("records", "set", ref, "custom.note=vom Projekt")
    with ExitStack() as held:
        for lock in (own_example.folder / "locks").iterdir():  # the run waits for these before it writes the file
            holder = held.enter_context(closing(sqlite3.connect(lock, isolation_level=None)))
            holder.execute("BEGIN EXCLUSIVE")
        with process(own_example, "serve", "--port", port) as serving:
            until(lambda: running(own_example.folder))
            assert ends_in_time(serving)

    (outcome,) = own_example.json("sync", "bsp-neudorf")
    assert (outcome["state"], outcome["receipt"]["lost"]) == ("ok", 0)
    assert openpyxl.load_workbook(path)["Teilnehmerinnen"]["K6"].value == "vom Projekt"
    assert own_example.json("sync", "bsp-neudorf")[0]["cells_written"] == 0


def test_web_is_gone_in_time(own_example: Shell, port: str) -> None:
    with process(own_example, "web", "--port", port) as started:
        assert answers(f"http://127.0.0.1:{port}/anmelden") == 200
        assert ends_in_time(started)


def test_a_scheduler_is_gone_in_time(own_example: Shell) -> None:
    with process(own_example, "scheduler") as started:
        assert ends_in_time(started)


QUIET_START = """
import pkgutil, sys, threading
from importlib import import_module
seen = []
WATCHED = {"socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.mkdir", "os.remove"}

def watch(event, args):
    if (event, args[:1]) == ("subprocess.Popen", ("file",)):
        return  # a library of the cluster's queue asks the system how wide its numbers are
    if event == "socket.bind" and args[1][1] == 0:
        return  # urllib3 asks whether there is IPv6, and closes it again
    if event in WATCHED or (event == "open" and args[1] is not None and set(str(args[1])) & set("wax+")):
        seen.append((event, str(args[0])))

sys.addaudithook(watch)
import syncsvc
for module in pkgutil.walk_packages(syncsvc.__path__, "syncsvc."):
    if ".migrations" not in module.name and not module.name.endswith("__main__"):
        import_module(module.name)

from pathlib import Path
from syncsvc.ports.clock import SystemClock
from syncsvc.providers.registry import Registry
from syncsvc.services.runtime import Runtime
from syncsvc.store.database import Database
from syncsvc.store.vault import Vault
from syncsvc.web import create_app
database = Database("postgresql://nobody@127.0.0.1:1/nothing", Vault((b"k" * 32,)))
create_app(Runtime(database, Registry(Path("var")), SystemClock(), {}, "test"), secret_key="x")
print(seen, [thread.name for thread in threading.enumerate()], list(Path().iterdir()))
"""


def test_importing_everything_and_making_the_pages_opens_and_starts_nothing(tmp_path: Path) -> None:
    """So that a command, a test or a second process may do it beside a running service."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", QUIET_START], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[] ['MainThread'] []"
