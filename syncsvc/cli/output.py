"""What commands print: JSON for scripts, aligned columns for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click

from syncsvc.errors import UsageError
from syncsvc.services.runtime import ZONE

T = TypeVar("T")

json_option = click.option("--json", "as_json", is_flag=True, help="Als JSON ausgeben, für Skripte.")


def write_json(data: Any) -> None:
    """Print data as JSON; moments in ISO 8601."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))


def write_columns(headers: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print rows below their headers, aligned; the sentence ``empty`` where there is none."""
    if not rows:
        click.echo(empty)
        return
    widths = [max(len(line[index]) for line in (headers, *rows)) for index in range(len(headers))]
    for line in (headers, *rows):
        click.echo("  ".join(f"{text:{width}}" for text, width in zip(line, widths, strict=True)).rstrip())


def moment(time: datetime | None) -> str:
    """A moment as people read it: ``02.03.2026 09:00``, a dash for none."""
    return f"{time.astimezone(ZONE):%d.%m.%Y %H:%M}" if time else "–"


def text(value: Any) -> str:
    """A value of a record or a cell on one line; ``(leer)`` for a blank."""
    if value in (None, ""):
        return "(leer)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def assignments(words: Sequence[str], form: str, example: str) -> dict[str, str]:
    """``NAME=VALUE`` words as a dictionary. Raises ``UsageError`` naming their ``form``."""
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise UsageError(f"Jede Angabe hat die Form {form}.", hint=f"Zum Beispiel: {example}")
        if name in found:
            raise UsageError(f"{name} ist zweimal angegeben.")
        found[name] = value
    return found


def progress(items: Sequence[T], label: str) -> Iterator[T]:
    """The items one by one, with a bar on a terminal."""
    bar: Iterable[T]
    with click.progressbar(items, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield from bar


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
