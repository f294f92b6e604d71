"""One file about how the service is, for whoever helps from outside: no person, no secret, no name of anything.

Everything in it is put there by name, below: numbers, words of our own, moments. Tables and accounts are numbered.
"""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc import errors
from syncsvc.core.model import Json
from syncsvc.errors import SyncsvcError
from syncsvc.ports.notify import NullNotifier
from syncsvc.services import health
from syncsvc.services.runtime import Runtime
from syncsvc.store import figures, heartbeats, mappings, runs, tables
from syncsvc.store.models import Question, QuestionState, Run, RunState, Table

RUNS = 200
"""How many of the latest runs it tells of."""

LIBRARIES = ("sqlalchemy", "flask", "marshmallow", "lxml", "cryptography", "requests", "gspread", "msal")

COUNTS = (
    "rows",
    "cells_written",
    "rows_added",
    "records_changed",
    "records_created",
    "questions_opened",
    "questions_closed",
)
"""What of a run's counts is told, beside its requests by kind."""

RECEIPT = ("before", "agreed", "changed", "kept_in_question", "kept_in_history", "lost")

REQUESTS = ("meta", "read", "write")

AGES = (("day", timedelta(days=1)), ("week", timedelta(days=7)), ("month", timedelta(days=30)))
"""How long a question has been open; longer is ``older``."""

_UNEXPECTED = re.compile(r"Unerwarteter Fehler im Dienst \((\w+)\)\.")


def report(rt: Runtime) -> dict[str, Json]:
    """The content of the file, as plain data. Raises a database error."""
    now = rt.clock.now()
    with rt.database.read() as session:
        found = figures.collect(session, now)
        clock = figures.server_clock(session)
        tidied = heartbeats.last(session, heartbeats.TIDY)
        known = sorted(tables.all_tables(session), key=lambda table: table.id)
        numbers = {table.id: number for number, table in enumerate(known, start=1)}
        columns = {of: len(one.body["columns"]) for of, one in mappings.current_of(session, set(_used(known))).items()}
        latest = runs.latest(session, limit=RUNS)
        questions = _questions(session, now, numbers)
        dialect = session.get_bind().dialect
    return {
        "made": now.isoformat(timespec="minutes"),
        "versions": {
            "syncsvc": version("syncsvc"),
            "python": platform.python_version(),
            "platform": sys.platform,
            "database": dialect.name,
            **{name: version(name) for name in LIBRARIES},
        },
        "settings": {
            "variables": list(rt.host.variables),
            "mail": not isinstance(rt.notifier, NullNotifier),
            "digests": rt.digests.on,
            "retention": dict(asdict(rt.retention)),
        },
        "health": {
            "ready": health.look(rt).ready,
            "tick_seconds": _age(found.tick_at, now),
            "tidy_seconds": _age(tidied.at if tidied else None, now),
            "backup_seconds": _age(found.backup_at, now),
            "clock_offset_seconds": _age(clock, now),
            "database_bytes": found.database_bytes,
            "disk_free_bytes": shutil.disk_usage(rt.host.data_dir).free if rt.host.data_dir else None,
            "notices_waiting": found.waiting_notices,
            "notices_failing": found.failing_notices,
            "sign_ins_last_day": dict(found.sign_ins),
        },
        "tables": [_table(rt, table, numbers, columns, now) for table in known],
        "questions": questions,
        "runs_last_day": dict(found.runs),
        "requests_last_day": {name: found.requests[name] for name in REQUESTS},
        "runs": [_run(run, numbers) for run in latest],
        "accounts": [
            {
                "account": number,
                "tables": one.tables,
                "rests_seconds": None if one.rests_until is None else (one.rests_until - now).total_seconds(),
                "strikes": one.strikes,
                "requests_last_hour": one.last_hour,
                "requests_last_day": one.last_day,
            }
            for number, one in enumerate(health.accounts(rt, found), start=1)
        ],
    }


def _used(known: Iterable[Table]) -> Iterator[int]:
    return (table.mapping_id for table in known)


def _table(
    rt: Runtime, table: Table, numbers: Mapping[int, int], columns: Mapping[int, int], now: datetime
) -> dict[str, Json]:
    kinds = {kind.key for kind in rt.tables.kinds()}
    provider = table.location.get("provider", "")
    return {
        "table": numbers[table.id],
        "provider": provider if provider in kinds else "other",
        "state": table.state.value,
        "enabled": table.enabled,
        "error": code_of(table.message),
        "fault": table.fault,
        "failures": table.failures,
        "failing_seconds": _age(table.failing_since, now),
        "agreed_seconds": _age(table.last_agreed_at, now),
        "checked_seconds": _age(table.checked_at, now),
        "due_seconds": None if table.next_due_at is None else (table.next_due_at - now).total_seconds(),
        "scheduled": bool(table.schedule),
        "quiet_hours": bool(table.quiet_hours),
        "edited_by": len(table.edited_by),
        "columns": columns[table.mapping_id],
        "columns_found": len(table.binding),
    }


def _run(run: Run, numbers: Mapping[int, int]) -> dict[str, Json]:
    requests = run.counts.get("requests", {})
    return {
        "run": run.id,
        "table": numbers[run.table_id],
        "kind": run.kind,
        "state": run.state.value,
        "started": run.started_at.isoformat(timespec="seconds"),
        "seconds": run.seconds,
        "error": code_of(run.message) if run.state in (RunState.HELD, RunState.FAILED) else "",
        "counts": {name: run.counts[name] for name in COUNTS if name in run.counts},
        "requests": {name: requests[name] for name in REQUESTS if name in requests},
        "receipt": {name: run.receipt[name] for name in RECEIPT if name in run.receipt},
    }


def _questions(session: Session, now: datetime, numbers: Mapping[int, int]) -> list[Json]:
    """How many are open, by table, kind, reason and age."""
    query = sa.select(Question.table_id, Question.kind, Question.code, Question.opened_at)
    counts: Counter[tuple[int, str, str, str]] = Counter()
    for table_id, kind, code, opened in session.execute(query.where(Question.state == QuestionState.OPEN)):
        age = next((name for name, limit in AGES if now - opened <= limit), "older")
        counts[numbers.get(table_id or 0, 0), kind, code, age] += 1
    return [
        {"table": table or None, "kind": kind, "code": code, "age": age, "open": count}
        for (table, kind, code, age), count in sorted(counts.items())
    ]


def code_of(message: str) -> str:
    """The name of the error that a message begins with, ``held`` for a guard's, ``other`` for what is none of them.

    The message itself may name a file or a heading.
    """
    if not message:
        return ""
    if message.startswith("Angehalten: "):
        return "held"
    if unexpected := _UNEXPECTED.search(message):
        return f"unexpected {unexpected[1]}"
    return max((name for text, name in _errors() if message.startswith(text)), key=len, default="other")


@cache
def _errors() -> tuple[tuple[str, str], ...]:
    """What each error says by itself, with its name."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SyncsvcError)]
    return tuple(((kind.__doc__ or "").strip(), kind.__name__) for kind in kinds if kind is not SyncsvcError)


def _age(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else round((now - moment).total_seconds(), 1)
