"""Real processes of the service on one database, with .xlsx tables, and people who edit those."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select

from syncsvc.ports.clock import SystemClock
from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.runtime import Runtime
from syncsvc.store import mappings, organisations, projects, runs, tables
from syncsvc.store.database import Database
from syncsvc.store.models import Run, RunState, Table
from tests.factories import KEY, NOW, make_organisation, make_project, make_vault

ROOT = Path(__file__).parent.parent
WORKSHEET = "Teilnehmerinnen"
HEADER = ["TN-Nr.", "Name", "Planung", "Notiz", "Stand JC", "Hinweis"]
COLUMNS = [
    {"header": "TN-Nr.", "field": "participant_ref", "owner": "service"},
    {"header": "Name", "field": "participant_name", "owner": "project", "required": True},
    {"header": "Planung", "field": "custom.plan", "type": "text", "owner": "project"},
    {"header": "Notiz", "field": "custom.note", "type": "text", "owner": "both"},
    {"header": "Stand JC", "field": "custom.stage", "type": "text", "owner": "jobcentre"},
    {"header": "Hinweis", "field": "service_note", "owner": "service"},
]
GIVEN = ["Leyla", "Sabine", "Derya", "Ina", "Elif", "Eva", "Mia", "Ewa", "Olena", "Ada", "Iva", "Lea"]
FAMILIES = ["Demir", "Roth", "Kaya", "Lang", "Arslan", "Weber", "Koch", "Nowak", "Klein", "Bauer"]
PATIENCE = 60.0
"""Seconds; a busy machine takes long to start a process."""


def eventually(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Wait for something other processes do; False if it did not happen in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@dataclass
class Fleet:
    """``rt`` is this process's own view of the database; ``stage`` is where the tables' directions lie."""

    folder: Path
    url: str
    rt: Runtime
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def stage(self) -> Path:
        return self.folder / "stage"

    @property
    def env(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SYNCSVC_")},
            "SYNCSVC_DATABASE_URL": self.url,
            "SYNCSVC_DATA_DIR": str(self.folder / "var"),
            "SYNCSVC_ENCRYPTION_KEYS": base64.b64encode(KEY).decode(),
            "SYNCSVC_SECRET_KEY": "geheim " * 6,
            "PYTHONPATH": str(ROOT),
        }

    def start(self, module: str, *words: str) -> subprocess.Popen[str]:
        """Start ``python -m module words``: ``syncsvc worker``, or ``tests.staged worker`` with directions."""
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words], cwd=self.folder, env=self.env, stdout=log, stderr=log, text=True
            )
        self.processes.append(process)
        return process

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        self.rt.database.dispose()

    def direct(self, key: str, direction: str, value: object = "") -> Path:
        """Let the table do something in every staged process; see tests/staged.py."""
        path = self.stage / f"{key}.{direction}"
        path.write_text(str(value))
        return path

    def add_table(self, key: str, *, project: str, rows: int = 3) -> None:
        """A filled table of a job centre of its own."""
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = WORKSHEET
        sheet.append(HEADER)
        for row in range(rows):
            name = f"{FAMILIES[row // len(GIVEN)]}, {GIVEN[row % len(GIVEN)]}"
            sheet.append([None, name, None, f"Notiz {row}"])
        book.save(self.path(key))
        with self.rt.database.write() as session:
            make_project(session, project, prefix=project.upper())
            make_organisation(session, f"jc-{key}", name=f"Jobcenter {key}")
            body = {"key": "fleet", "title": "Liste", "privacy_level": 3, "columns": COLUMNS}
            mappings.add_revision(session, "fleet", title="Liste", body=body, source="test", now=NOW)
            tables.upsert(
                session,
                key,
                project_id=projects.get(session, project).id,
                jobcentre_id=organisations.get(session, f"jc-{key}").id,
                mapping_id=mappings.get(session, "fleet").id,
                location={"provider": "workbook", "path": str(self.path(key)), "worksheet": WORKSHEET},
            )

    def path(self, key: str) -> Path:
        return self.folder / f"{key}.xlsx"

    def rows(self, key: str) -> list[list[object]]:
        """What a person sees, the header apart."""
        sheet = load_workbook(self.path(key))[WORKSHEET]
        return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True) if any(row)]

    def edit(self, key: str, change: Callable[[Worksheet], object]) -> bool:
        """A person opens the file with an office program, changes something and saves; False if it was not to be had.

        Nobody saves in the instant in which the service replaces the file: that known gap is not for these tests.
        """
        path = self.path(key)
        lock = path.with_name(f"~${path.name}")
        lock.touch()
        try:
            if list(self.folder.glob("~*.tmp")):
                return False
            book = load_workbook(path)
            change(book[WORKSHEET])
            draft = path.with_suffix(".neu")
            book.save(draft)
            draft.replace(path)
        finally:
            lock.unlink()
        return True

    def table(self, key: str) -> Table:
        with self.rt.database.read() as session:
            return tables.get(session, key)

    def runs(self, key: str) -> list[Run]:
        """The table's runs, oldest first."""
        with self.rt.database.read() as session:
            return list(reversed(runs.latest(session, tables.get(session, key).id, limit=100_000)))

    def unwell(self, keys: Iterable[str]) -> dict[str, str]:
        """The tables that are not synced and at rest, by key, and why."""
        with self.rt.database.read() as session:
            found = {row.key: row for row in tables.all_tables(session) if row.key in set(keys)}
            running = set(session.scalars(select(Run.table_id).where(Run.state == RunState.RUNNING)))
        return {
            key: f"{row.state} {row.message}"
            for key, row in found.items()
            if row.state != "ok" or row.lease_holder or row.requested_at or row.id in running or not row.last_agreed_at
        }

    def nothing_is_doubled(self, key: str) -> bool:
        """Every row has a reference, and no two have the same reference or name."""
        seen = [cell for row in self.rows(key) for cell in row[:2]]
        return None not in seen and max(Counter(seen).values()) == 1

    def overlapping_runs(self, key: str) -> int:
        """How many of the table's finished runs began before the one before them had ended."""
        done = [run for run in self.runs(key) if run.seconds is not None]
        ends = [run.started_at + timedelta(seconds=run.seconds or 0) for run in done]
        return sum(run.started_at < end for run, end in zip(done[1:], ends, strict=False))

    def overlaps(self) -> int:
        """How often two runs of one table worked at once, by what the staged processes noted; the dead work no more."""
        found, working = 0, defaultdict(set)
        for _, key, what, who in sorted(line.split() for line in (self.stage / "journal").read_text().splitlines()):
            if what == "work":
                found += bool(working[key] - {who})
                working[key].add(who)
            elif what == "end":
                working[key].discard(who)
            else:
                for others in working.values():
                    others -= {other for other in others if other.startswith(f"{who}:")}
        return found


def make_fleet(folder: Path, url: str) -> Fleet:
    """A fleet without processes or tables on a database that is up to date."""
    database = Database(url, make_vault())
    rt = Runtime(database, Registry(folder / "var"), SystemClock(), vocabularies.load(), "test:1:1")
    fleet = Fleet(folder, url, rt)
    fleet.stage.mkdir()
    return fleet
