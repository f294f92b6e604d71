"""How fast the pages answer with 150 tables, 30,000 participants and 50,000 questions in the history.

Every page and every answer of the API that is asked for by GET, and the searches, for who leads the programme and who
leads one project, on SQLite and PostgreSQL: median and 95th percentile of one request in this process, its CPU time
(a busy machine is no result) and its statements. Bar: p95 under 100 ms. Shared tables are in memory: how long a
platform takes is its own affair.
``python -m benchmarks.bench_pages FOLDER [sqlite|postgres] [PAGE...]`` measures a part; FOLDER keeps the programme for
the next time.
"""

from __future__ import annotations

import gc
import random
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy as sa
from flask import Flask

from benchmarks.bench_engines import postgres
from benchmarks.big_programme import HEADER, big_programme, books_of, women
from benchmarks.big_year import LEAD, PROJECT_LEAD
from benchmarks.measure import peak_memory, table
from syncsvc.core.tokens import TokenScope
from syncsvc.providers.memory import MemoryBook
from syncsvc.services import tokens
from syncsvc.services.runtime import Runtime
from syncsvc.store.admission import Draft, User
from syncsvc.store.models import Change, CoachingFlag, Contact, Question, QuestionState, Record, Run, Table
from syncsvc.web import create_app, rights
from tests.web.browser import Page

REPEATS, WARM = 20, 3
BAR = 0.1
UNSEEN = {
    "login.start", "login.back", "login.redeem", "login.hint", "login.ask",  # of who has not come in
    "mappingedit.meanwhile", "mappingedit.discard",
}  # fmt: skip
MORE = {
    "overview.show": ("?stand=action", "?suche=Kreis+7"),
    "tables.show": ("?ergebnis=held",),
    "questions.show": ("?stand=beantwortet", "?tabelle=t000", "?projekt=p0", "?art=conflict", "?seite=20"),
    "coaching.show": ("?stand=open",),
    "audit.show": ("?art=anmeldung", "?von=2026-01-01"),
    "participants.show": ("?projekt=p0", "?seite=600"),
    "contacts.vacant": ("?tabelle=t000",),
    "monthly.table": ("?seit=2025-01-01",),
    "api.list_records": ("?limit=500",),
    "api.list_questions": ("?limit=500", "?state=all&limit=500"),
    "api.list_runs": ("?limit=500",),
}
"""Addresses of the same page with filters."""

SEARCHES = {
    "participants.search": {"suche": "Demir", "projekt": "p0"},
    "participants.search full name": {"suche": "Demir-Kaya, Leyla", "projekt": "p0"},
    "contacts.show search": {"search": "Nowak"},
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody's browser, the keys of her drafts, and the token of her project's software."""

    page: Page
    drafts: Mapping[str, str]
    token: str


@contextmanager
def programme(kind: str, folder: Path) -> Iterator[Runtime]:
    if kind == "sqlite":
        yield big_programme(folder)
    else:
        with postgres() as (url, _):
            rt = big_programme(folder, url)
            yield rt
            rt.database.dispose()


def come_in(rt: Runtime, app: Flask, name: str) -> Visitor:
    """She signs in; the first time she begins to connect a table and to change a mapping."""
    page = Page(app.test_client()).come_in(rt, name)
    books_of(rt)[name] = MemoryBook([list(HEADER), *women(random.Random(3), 1, 1, 200)])
    if not _drafts(rt, name):
        _connect(page, name)
        _change_mapping(rt, page, name)
    _, secret = tokens.add_token(rt, "p0", f"{name} {time.time()}", TokenScope, actor=name)
    return Visitor(page, _drafts(rt, name), secret)


def _drafts(rt: Runtime, name: str) -> dict[str, str]:
    """Her two drafts, by the pages that show them."""
    with rt.database.read() as session:
        mine = sa.select(Draft.key).join(User, User.id == Draft.user_id).where(User.name == name)
        kinds = {"connect-": "connect", "mapping-": "mappingedit"}
        return {kinds[key[:8]]: key for key in session.scalars(mine) if key[:8] in kinds}


def _connect(page: Page, name: str) -> None:
    page.open("/tabellen/verbinden").press("Weiter mit Übungstabelle", {"name": name}).follow("Weiter")
    page.press("Blatt lesen und weiter", {"tab": name, "project": "p0", "edited_by": ["project"]}).press("Weiter")
    page.press("Weiter", {"mapping": "*"}).press("Weiter").press("Weiter zum Probelauf", {"rhythm": "0 6 * * *"})


def _change_mapping(rt: Runtime, page: Page, name: str) -> None:
    """She changes the mapping of all tables and has looked at what that does to each; others change a copy."""
    page.client.post("/zuordnungen/entwurf", data={"mapping": "standard", "mode": "edit" if name == LEAD else "copy"})
    address = f"/zuordnungen/entwurf/{_drafts(rt, name)['mappingedit']}"
    page.open(address).press("Weiter: Wirkung ansehen", {"c6-header": "Bemerkung"})
    while any("prüfen" in label for label in page.buttons):
        page.client.post(f"{address}/wirkung")
        page.open(f"{address}/wirkung")


def places(rt: Runtime) -> dict[str, object]:
    """What stands in addresses: keys and numbers of the first project."""
    with rt.database.read() as session:
        t000 = sa.select(Table.id).where(Table.key == "t000").scalar_subquery()
        ref = session.scalar(sa.select(sa.func.min(Record.ref)).where(Record.project_id == 1))
        return {
            "key": "t000", "ref": ref, "project": "p0", "table": "t000", "user_id": 1,
            "run_id": session.scalar(
                sa.select(Change.run_id).where(Change.table_id == t000).group_by(Change.run_id)
                .order_by(sa.func.count().desc()).limit(1)
            ) or session.scalar(sa.select(sa.func.min(Run.id)).where(Run.table_id == t000)),
            "question_id": session.scalar(
                sa.select(sa.func.min(Question.id)).where(
                    Question.table_id == t000, Question.state == QuestionState.OPEN
                )
            ),
            "flag_id": session.scalar(sa.select(sa.func.min(CoachingFlag.id)).where(CoachingFlag.project_a == 1)),
            "contact": session.scalar(sa.select(sa.func.min(Contact.key)).where(Contact.organisation_id == 1)),
        }  # fmt: skip


def requests(app: Flask, visitor: Visitor, values: Mapping[str, object]) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Each page by a name: its address, and what is posted there."""
    special = {"mappings": "standard", "contacts": values["contact"], "monthly.project": "p0", **visitor.drafts}
    served = {*rights.RIGHTS, *rights.WATCHED, *rights.MACHINES} - UNSEEN
    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint in served and "GET" in (rule.methods or ()):
                family = rule.endpoint.partition(".")[0]
                key = special.get(rule.endpoint, special.get(family, values["key"]))
                address = app.url_for(
                    rule.endpoint, **{name: key if name == "key" else values[name] for name in rule.arguments}
                )
                found[rule.endpoint] = (address, {})
                found |= {f"{rule.endpoint} {more}": (address + more, {}) for more in MORE.get(rule.endpoint, ())}
    found |= {name: (found[f"{name.split('.')[0]}.show"][0], data) for name, data in SEARCHES.items()}
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """What the requests of one page took; seconds in order, ``cpu`` of the median, ``statements`` of one."""

    status: int
    seconds: list[float]
    cpu: float
    statements: int
    size: int

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p95(self) -> float:
        return self.seconds[int(len(self.seconds) * 0.95)]


def measure(rt: Runtime, visitor: Visitor, name: str, address: str, data: Mapping[str, str]) -> Taken:
    seconds, cpu, statements, client = [], [], 0, visitor.page.client
    headers = {"Authorization": f"Bearer {visitor.token}"} if name.startswith("api.") else {}

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    for number in range(WARM + REPEATS):
        started, worked = time.perf_counter(), time.process_time()
        if number == WARM + REPEATS - 1:
            sa.event.listen(rt.database.engine, "before_cursor_execute", count)
        response = client.post(address, data=data) if data else client.get(address, headers=headers)
        if number >= WARM:
            seconds.append(time.perf_counter() - started)
            cpu.append(time.process_time() - worked)
    sa.event.remove(rt.database.engine, "before_cursor_execute", count)
    return Taken(response.status_code, sorted(seconds), statistics.median(cpu), statements, len(response.data))


def report(rt: Runtime, kind: str, wanted: list[str]) -> None:
    app = create_app(rt, secret_key="bench")
    app.config["WTF_CSRF_ENABLED"] = False
    process, values = psutil.Process(), places(rt)
    visitors = [come_in(rt, app, name) for name in (LEAD, PROJECT_LEAD)]
    gc.collect()
    gc.freeze()  # the rows of all tables are in this process: a real one has not to look through them
    before = process.memory_info().rss / 2**20
    rows = [["page", *(f"{whose} {what}" for whose in ("programme", "project") for what in ("p50", "p95", "CPU")),
             "statements", "KB", ""]]  # fmt: skip
    asked = [requests(app, visitor, values) for visitor in visitors]
    for name in sorted(asked[0]):
        if wanted and name.split()[0] not in wanted:
            continue
        row, slow, last = [name], "", None
        for visitor, one in zip(visitors, asked, strict=True):
            taken = measure(rt, visitor, name, *one[name])
            if taken.status != 200:
                row += [str(taken.status), "", ""]
                continue
            row += [f"{value * 1000:.0f}" for value in (taken.p50, taken.p95, taken.cpu)]
            slow, last = "above the bar" if taken.p95 > BAR else slow, last or taken
        rows.append([*row, str(last.statements) if last else "", f"{last.size / 1000:.0f}" if last else "", slow])
    table(f"{kind}: milliseconds of {REPEATS} requests each, bar {BAR * 1000:.0f}", rows)
    after = process.memory_info().rss / 2**20
    print(f"memory: {before:.0f} MB before, {after:.0f} MB after all pages, peak {peak_memory():.0f} MB")


def main() -> None:
    folder, *given = sys.argv[1:]
    for kind in [one for one in ("sqlite", "postgres") if one in given] or ["sqlite", "postgres"]:
        with programme(kind, Path(folder)) as rt:
            report(rt, kind, [name for name in given if name not in ("sqlite", "postgres")])


if __name__ == "__main__":
    main()
