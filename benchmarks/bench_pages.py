"""How fast the pages answer with 150 tables, 30,000 participants and 50,000 questions in the history.

Every page that is asked for by GET, for who leads the programme and who leads one project, on SQLite and PostgreSQL:
median and 95th percentile of the wall time of one request in this process. Bar: p95 under 100 ms.
``python -m benchmarks.bench_pages [sqlite|postgres] [PAGE...]`` measures a part.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from benchmarks.bench_engines import postgres
from benchmarks.big_programme import LEAD, PROJECT_LEAD, make_big_programme
from benchmarks.measure import peak_memory, table
from syncsvc.services import users
from syncsvc.services.runtime import Runtime
from syncsvc.store import admission
from syncsvc.store.models import CoachingFlag, Contact, Question, Record, Run, Table
from syncsvc.web import create_app, rights

REPEATS, WARM = 20, 3
BAR = 0.1
PLATFORM = frozenset({"tables.preview", "runs.preview_undo"})
"""Pages that read the shared table: how long that takes is the platform's affair."""


@contextmanager
def programme(kind: str) -> Iterator[Runtime]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield make_big_programme(Path(folder))
        else:
            with postgres() as (url, _):
                yield make_big_programme(Path(folder), url)


def come_in(rt: Runtime, app: Flask, name: str) -> FlaskClient:
    """A browser with a session of this person, who has confirmed what everybody has to."""
    with rt.database.write() as session:
        session.execute(sa.update(admission.User).values(confidential_at=rt.clock.now()))
    client = app.test_client()
    client.post(users.login_link(rt, name, base_url=""))
    return client


def addresses(rt: Runtime, app: Flask) -> dict[str, str]:
    """An address for each page that is asked for by GET, with the keys and numbers of the first project's."""
    with rt.database.read() as session:
        ref = session.scalar(sa.select(sa.func.min(Record.ref)))
        run = session.scalar(sa.select(sa.func.max(Run.id)).join(Table).where(Table.key == "t000"))
        named = {
            "key": "t000", "ref": ref, "run_id": run, "project": "p0",
            "question_id": session.scalar(sa.select(sa.func.min(Question.id))),
            "flag_id": session.scalar(sa.select(sa.func.min(CoachingFlag.id))),
            "contact": session.scalar(sa.select(sa.func.min(Contact.key))),
        }  # fmt: skip
    special = {"mappings": "standard", "contacts": named["contact"], "monthly.project": "p0", "coaching": named["key"]}
    found: dict[str, str] = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            asks = rule.endpoint in rights.RIGHTS and rule.endpoint not in PLATFORM and "GET" in (rule.methods or ())
            values = dict(named)
            values["key"] = special.get(rule.endpoint, special.get(rule.endpoint.partition(".")[0], named["key"]))
            if asks and all(values.get(name) is not None for name in rule.arguments):
                found[rule.endpoint] = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
    return found


def times(client: FlaskClient, address: str) -> tuple[int, list[float]]:
    """The status of the page, and the seconds of each request but the first ones."""
    taken, status = [], 0
    for number in range(WARM + REPEATS):
        started = time.perf_counter()
        status = client.get(address).status_code
        if number >= WARM:
            taken.append(time.perf_counter() - started)
    return status, sorted(taken)


def measure(kind: str, wanted: list[str]) -> None:
    with programme(kind) as rt:
        app = create_app(rt, secret_key="bench")
        app.config["WTF_CSRF_ENABLED"] = False
        rows = [["page", "programme", "p95", "project", "p95", ""]]
        clients = [come_in(rt, app, name) for name in (LEAD, PROJECT_LEAD)]
        for page, address in sorted(addresses(rt, app).items()):
            if wanted and page not in wanted:
                continue
            row, slow = [page], False
            for client in clients:
                status, taken = times(client, address)
                p95 = taken[int(len(taken) * 0.95)]
                slow = slow or (p95 > BAR and status < 400)
                shown = [f"{statistics.median(taken) * 1000:.0f} ms", f"{p95 * 1000:.0f} ms"]
                row += shown if status == 200 else [str(status), ""]
            rows.append([*row, "above the bar" if slow else ""])
        table(f"{kind}: p95 of {REPEATS} requests, bar {BAR * 1000:.0f} ms, peak {peak_memory():.0f} MB", rows)


def main() -> None:
    given = sys.argv[1:]
    kinds = [kind for kind in ("sqlite", "postgres") if kind in given] or ["sqlite", "postgres"]
    for kind in kinds:
        measure(kind, [name for name in given if name not in ("sqlite", "postgres")])


if __name__ == "__main__":
    main()
