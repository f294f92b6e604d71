"""What a log line may say: allowed facts of ours, of libraries only who spoke, of errors only type and place."""

from __future__ import annotations

import ast
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import syncsvc
from syncsvc import logs

CANARY = "Kanarienvogel-Kowalenko"
OURS = logging.getLogger("syncsvc.services.sync")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The process's loggers as they were: other tests count on them."""
    root, ours = logging.getLogger(), logging.getLogger("syncsvc")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
    root.setLevel(level)
    ours.setLevel(our_level)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    """The lines said so far, as JSON."""
    logs.configure("json", level=logging.INFO)
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def fail() -> None:
    try:
        int(CANARY)
    except ValueError as error:
        raise RuntimeError(CANARY) from error


def test_our_facts_are_told_as_they_are(lines: Any) -> None:
    OURS.info("run", extra={"table": "bsp-beispielstadt", "run": 7, "seconds": 0.2, "counts": {"cells_written": 3}})

    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("run", "info", "syncsvc.services.sync")
    assert (line["table"], line["run"], line["seconds"]) == ("bsp-beispielstadt", 7, 0.2)
    assert line["counts"] == {"cells_written": 3}
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("facts", [{"name_of_person": CANARY}, {"counts": {"note": CANARY}}, {"run": object()}])
def test_what_is_not_allowed_is_removed_not_left_out(lines: Any, facts: dict[str, object]) -> None:
    OURS.info("run", extra=facts)

    (line,) = lines()
    assert CANARY not in json.dumps(line)
    assert logs.REMOVED in json.dumps(line, ensure_ascii=False)


def test_every_fact_our_code_logs_is_allowed() -> None:
    """A key that is not would only ever be told as removed."""
    for path in Path(syncsvc.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict):
                keys = {key.value for key in node.value.keys if isinstance(key, ast.Constant)}
                assert keys <= logs.ALLOWED, path


def test_what_would_be_filled_into_a_sentence_is_not(lines: Any) -> None:
    OURS.warning("read %s", CANARY)

    (line,) = lines()
    assert line["event"] == "read %s"
    assert CANARY not in str(line)


@pytest.mark.parametrize(
    "name", ["urllib3.connectionpool", "waitress", "apscheduler.executors.default", "sqlalchemy.engine", "msal",
             "google.auth", "procrastinate.worker", "syncsvc.web.app", "syncsvcx"]
)  # fmt: skip
def test_of_libraries_only_who_spoke_and_where(lines: Any, name: str) -> None:
    """Their sentences quote addresses, parameters and values; Flask's logger bears our name."""
    logging.getLogger(name).warning("Retrying %s", f"https://api.example/{CANARY}", extra={"url": CANARY})

    (line,) = lines()
    assert (line["logger"], line["level"], line["event"]) == (name, "warning", logs.REMOVED)
    assert line["place"].startswith("tests/test_logs.py:test_of_libraries_only_who_spoke_and_where:")
    assert CANARY not in str(line)


def test_libraries_chat_is_not_repeated(lines: Any) -> None:
    logging.getLogger("urllib3").info("Starting new connection")
    logging.getLogger("urllib3").debug("Starting new connection")

    assert lines() == []


@pytest.mark.parametrize("logger", [OURS, logging.getLogger("apscheduler.executors.default")])
def test_of_an_error_only_its_type_its_causes_type_and_its_frames(lines: Any, logger: logging.Logger) -> None:
    try:
        fail()
    except RuntimeError:
        logger.exception("job failed")

    (line,) = lines()
    assert line["error"] == "RuntimeError < ValueError"
    assert line["frames"][-1].startswith("tests/test_logs.py:fail:")
    assert CANARY not in str(line)


def test_text_for_a_terminal_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text", level=logging.INFO)
    try:
        fail()
    except RuntimeError as error:
        OURS.error("sync failed", extra={"table": "bsp-beispielstadt", "secret": CANARY, **logs.failure(error)})

    said = capsys.readouterr().err
    assert "sync failed" in said
    assert "table=bsp-beispielstadt" in said
    assert "RuntimeError < ValueError" in said
    assert CANARY not in said
    assert said.count("\n") == 1


def test_configured_twice_every_line_is_said_once(lines: Any) -> None:
    logs.configure("json", level=logging.INFO)
    OURS.info("run")

    assert len(lines()) == 1


def test_a_line_that_cannot_be_made_says_only_so(capsys: pytest.CaptureFixture[str]) -> None:
    """The standard handlers print the record and the traceback of their own failure."""

    class Nasty(dict[str, object]):
        def items(self) -> Any:
            raise ValueError(CANARY)

    logs.configure("json", level=logging.INFO)
    OURS.info("run", extra={"counts": Nasty()})

    said = capsys.readouterr().err
    assert said == "line of log lost: ValueError (syncsvc.services.sync)\n"


PROGRAM = f"""
import sys, threading, warnings
from syncsvc import logs
logs.configure("json")
logs.catch_uncaught()
class Dies:
    def __del__(self):
        raise ValueError("{CANARY}")
def fail():
    raise ValueError("{CANARY}")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Dies()
warnings.warn("{CANARY}", stacklevel=1)
fail()
"""


def test_nothing_uncaught_prints_its_message() -> None:
    """In a thread, in a finaliser, as a warning, and at the end of the process."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)

    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert CANARY not in done.stderr
    assert [line["event"] for line in said] == ["uncaught", "uncaught", logs.REMOVED, "uncaught"]
    assert all("ValueError" in line["error"] for line in said if line["event"] == "uncaught")
