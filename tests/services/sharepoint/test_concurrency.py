"""Many tables at once: never more requests on their way than Graph likes, and one writer per workbook."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest

from syncsvc.ports.clock import SystemClock
from syncsvc.providers.registry import Registry
from syncsvc.providers.sharepoint.account import Account
from syncsvc.services import vocabularies
from syncsvc.services.leases import process_name
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import Outcome, sync_table
from syncsvc.services.writers import Writers
from syncsvc.store import tables
from syncsvc.store.database import Database
from tests.factories import make_project, make_table, make_vault
from tests.fakes.graph.items import File
from tests.providers.sharepoint.conftest import Graph
from tests.providers.sharepoint.scene import ANNA

HEADER = ["TN-Nr.", "Eintritt", "Hinweis"]
ROWS = [HEADER, [None, date(2026, 2, 1), None]]
AT_MOST = 5
"""Requests in flight over all tables of an application (issue 6)."""

Process = Callable[[], Runtime]


@pytest.fixture(name="process")
def _process(graph: Graph, sqlite_template: Path, tmp_path: Path) -> Iterator[Process]:
    """Makes what a process of the service has of its own: an account, threads' slots, a connection to the database."""
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    with ExitStack() as stack:

        def start() -> Runtime:
            database, clock = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault()), SystemClock()
            stack.callback(database.dispose)
            given = graph.account
            account = Account(given._given, authority=graph.server.authority, graph_root=given.root)
            stack.callback(account.requests.close)
            registry = Registry(tmp_path, application=account, writers=Writers(database, clock))
            return Runtime(database, registry, clock, vocabularies.load(), process_name())

        yield start


def connect(rt: Runtime, key: str, file: File, tab: str) -> None:
    """A table of a project of its own, so that nothing but SharePoint joins them."""
    with rt.database.write() as session:
        number = len(tables.all_tables(session))
        project = make_project(session, f"p{number}", prefix="ABCDEFGH"[number] * 3)
        table = tables.by_id(session, make_table(session, key, project_id=project))
        location = {"provider": "sharepoint", "drive": file.drive.id, "item": file.id, "worksheet": tab}
        table.location = rt.tables.locate(location, Path())


def sync_all(*runs: tuple[Runtime, str]) -> list[Outcome]:
    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(lambda run: sync_table(run[0], run[1]), runs))


def test_at_most_five_requests_are_in_flight(graph: Graph, process: Process) -> None:
    """Over all workbooks; and one to each workbook, whose second tab is another table."""
    rt = process()
    books = [graph.server.workbook(ROWS, name=f"Liste {number}.xlsx") for number in range(6)]
    for number, book in enumerate(books):
        connect(rt, f"liste-{number}", book, "Tabelle1")
    second = graph.server.person(ANNA, books[0]).duplicate_tab("Zweite")
    assert second
    connect(rt, "zweite", books[0], "Zweite")
    graph.server.service.latency = 0.03
    outcomes = sync_all(*((rt, f"liste-{number}") for number in range(6)), (rt, "zweite"))

    assert [(each.state, each.records_created) for each in outcomes] == [("ok", 1)] * 7
    assert 1 < graph.server.traffic.most <= AT_MOST
    assert set(graph.server.traffic.most_in.values()) == {1}


def test_two_processes_at_two_tabs_of_one_workbook(graph: Graph, process: Process) -> None:
    """They know of each other by the database alone; both complete their work in their first run."""
    one, other = process(), process()
    book = graph.server.workbook(ROWS)
    graph.server.person(ANNA, book).duplicate_tab("Zweite")
    connect(one, "erste", book, "Tabelle1")
    connect(other, "zweite", book, "Zweite")
    graph.server.service.latency = 0.03
    outcomes = sync_all((one, "erste"), (other, "zweite"))

    assert [(each.state, each.records_created) for each in outcomes] == [("ok", 1)] * 2
    shown = [graph.server.person(ANNA, book, tab).rows()[1][0] for tab in ("Tabelle1", "Zweite")]
    assert [str(ref)[:4] for ref in shown] == ["AAA-", "BBB-"]
