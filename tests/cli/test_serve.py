"""The serving processes, as processes: one per data folder, and gone in time when asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from syncsvc import settings, wiring
from syncsvc.store import heartbeats
from tests.cli.conftest import Shell

PATIENCE = 60.0
"""Seconds; a busy machine takes long to start a process."""


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "syncsvc", *words],
        env={**os.environ, "SYNCSVC_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def serving(own_example: Shell) -> Iterator[tuple[Shell, subprocess.Popen[str], str]]:
    """``syncsvc serve`` on the example project, its process and its address."""
    port = str(20_000 + os.getpid() % 10_000)
    process = start(own_example.folder, "serve", "--port", port)
    assert process.stdout is not None
    assert "antworten unter" in process.stdout.readline()
    yield own_example, process, f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()
    process.stdout.close()
    assert process.stderr is not None
    process.stderr.close()


def answers(address: str) -> int:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_serve_answers_syncs_by_itself_refuses_a_twin_and_ends_when_asked(
    serving: tuple[Shell, subprocess.Popen[str], str],
) -> None:
    shell, process, address = serving
    assert answers(f"{address}/anmelden") == 200

    twin = start(shell.folder, "scheduler")
    _, complaint = twin.communicate(timeout=PATIENCE)
    assert (twin.returncode, "läuft schon" in complaint) == (2, True)

    path = shell.folder / "tabellen" / "Neudorf.xlsx"
    book = openpyxl.load_workbook(path)
    book["Teilnehmerinnen"]["K6"] = "aus der Tabelle"
    ref = str(book["Teilnehmerinnen"]["A6"].value)
    book.save(path)
    deadline = time.monotonic() + PATIENCE
    while shell.json("records", "show", ref)["fields"].get("custom.note") != "aus der Tabelle":
        assert time.monotonic() < deadline, "an edit in the file never arrived"
        time.sleep(0.5)

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 0


def test_a_scheduler_says_when_another_machine_is_at_work_already(own_example: Shell) -> None:
    """On one PostgreSQL; the other machine gave a sign of life a moment ago."""
    with wiring.build(settings.load(own_example.folder)).database.write() as session:
        heartbeats.beat(session, heartbeats.TICK, "anderswo:17:1", datetime.now(UTC))

    process = start(own_example.folder, "scheduler")
    assert process.stdout is not None
    assert "Auf „anderswo“ läuft der Abgleich schon" in process.stdout.readline()

    process.kill()
    process.communicate(timeout=PATIENCE)
