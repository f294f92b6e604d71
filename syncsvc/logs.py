"""What this process says about itself: one line per event on stderr, of nothing but allowed keys.

Our own code logs through the standard library: a constant sentence, and facts as ``extra`` whose names stand in
``ALLOWED``. Of libraries only the place that spoke is kept, because their sentences quote addresses and values.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

OURS: Final = "syncsvc"
REMOVED: Final = "[entfernt]"
ALLOWED: Final = frozenset({
    "time", "level", "event", "logger", "place", "error", "frames",
    "table", "run", "kind", "state", "fault", "counts", "requests", "seconds",
    "job", "page", "status", "holder", "notices", "attempts",
})  # fmt: skip
"""Keys whose values never come from a cell, a person or an address somebody asked for."""

_FLASK: Final = "syncsvc.web.app"
"""Flask's own logger bears our name and quotes the address asked for."""

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName", "asctime"}
_LEVEL_OF_LIBRARIES: Final = logging.WARNING


def configure(style: str = "auto", *, level: int = logging.WARNING) -> None:
    """Say on stderr what happens from ``level`` on, and of libraries what is a warning or worse.

    ``style`` is json, text, or auto: text if stderr is a terminal. Calling it again replaces what was chosen.
    """
    style = style if style != "auto" else "text" if sys.stderr.isatty() else "json"
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Stderr)]:
        root.removeHandler(handler)
    root.addHandler(_Stderr(style))
    root.setLevel(_LEVEL_OF_LIBRARIES)
    logging.getLogger(OURS).setLevel(level)
    google = logging.getLogger("google")  # else it cuts itself off, and Python prints its sentences as they are
    google.propagate = True
    google.setLevel(_LEVEL_OF_LIBRARIES)
    logging.captureWarnings(capture=True)


def catch_uncaught() -> None:
    """Let no exception that nobody caught, in any thread, print its message: it may quote a value."""
    sys.excepthook = lambda _kind, error, _trace: _uncaught(error)
    threading.excepthook = lambda args: _uncaught(args.exc_value)
    sys.unraisablehook = lambda args: _uncaught(args.exc_value)


def failure(error: BaseException) -> dict[str, Any]:
    """The facts of an unexpected error that may be told: the types of it and its cause, and where it came from.

    For ``extra``: ``{"error": "DatabaseBusy < OperationalError", "frames": ["services/sync.py:sync_table:107", …]}``.
    """
    kind = type(error).__name__
    if error.__cause__ is not None:
        kind += f" < {type(error.__cause__).__name__}"
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": kind, "frames": [f"{_short(frame.filename)}:{frame.name}:{frame.lineno}" for frame in frames]}


def _uncaught(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit | KeyboardInterrupt):
        logging.getLogger(OURS).critical("uncaught", extra=failure(error))


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-2:])


class _Stderr(logging.Handler):
    """Never prints what went wrong while printing, as the standard handlers do: record and traceback hold values."""

    def __init__(self, style: str) -> None:
        super().__init__()
        self._style = style

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self._render(None, record.levelname.lower(), _allowed(_facts(record)))
        except Exception as error:  # noqa: BLE001  # whatever it was, the line is lost and says so
            line = f"line of log lost: {type(error).__name__} ({record.name})"
        with suppress(OSError, ValueError):  # nobody listens any more
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    @cached_property
    def _render(self) -> Any:
        # Late: importing it takes a fifth of a second, and most commands have nothing to say.
        from structlog.dev import ConsoleRenderer, plain_traceback
        from structlog.processors import JSONRenderer

        if self._style == "json":
            return JSONRenderer(ensure_ascii=False)
        return ConsoleRenderer(colors=False, exception_formatter=plain_traceback, timestamp_key="time")


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    ours = record.name.partition(".")[0] == OURS and record.name != _FLASK
    facts: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": str(record.msg) if ours else REMOVED,  # the constant: what would be filled in is not asked for
        "logger": record.name,
    }
    if ours:
        facts |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
    else:
        facts["place"] = f"{_short(record.pathname)}:{record.funcName}:{record.lineno}"
    if record.exc_info and record.exc_info[1]:
        facts |= failure(record.exc_info[1])
    return facts


def _allowed(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) if name in ALLOWED else REMOVED for name, value in facts.items()}


def _plain(value: Any) -> Any:
    """The value, if it is made of words and numbers; the words of a mapping are keys, so only its numbers are kept."""
    match value:
        case None | str() | int() | float():
            return value
        case Mapping():
            return {str(key): item if isinstance(item, int | float) else REMOVED for key, item in value.items()}
        case list() | tuple() if all(isinstance(item, str | int) for item in value):
            return list(value)
        case _:
            return REMOVED
