"""Two tables of ours at one tab: whatever way each location tells it, the later one is refused before it does harm."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncsvc.errors import TableTaken
from syncsvc.ports.clock import SystemClock
from syncsvc.providers.registry import Registry
from syncsvc.services import vocabularies
from syncsvc.services.leases import process_name
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import Outcome, preview_table, sync_table
from syncsvc.services.tables import check_table, setup_table
from syncsvc.store import tables
from syncsvc.store.database import Database
from tests.factories import make_table, make_vault
from tests.fakes.graph.items import File
from tests.fakes.graph_server import HOST
from tests.providers.sharepoint.conftest import Graph

HEADER = ["TN-Nr.", "Eintritt", "Hinweis"]
SITE = f"{HOST}:/sites/myturn"


@pytest.fixture
def file(graph: Graph) -> File:
    return graph.server.workbook([HEADER])


@pytest.fixture
def rt(graph: Graph, sqlite_template: Path, tmp_path: Path) -> Iterator[Runtime]:
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    registry = Registry(tmp_path, application=graph.account)
    yield Runtime(database, registry, SystemClock(), vocabularies.load(), process_name())
    database.dispose()


def connect(rt: Runtime, key: str, **location: str) -> None:
    with rt.database.write() as session:
        table = tables.by_id(session, make_table(session, key))
        table.location = rt.tables.locate({"provider": "sharepoint", **location}, Path())


def sync(rt: Runtime, key: str) -> Outcome:
    with rt.database.write() as session:
        tables.get(session, key).read_at = None  # so that it is read, and not only looked at
    return sync_table(rt, key, wait=0)


def test_the_later_table_at_a_tab_is_refused(rt: Runtime, file: File) -> None:
    """Also by its preview; the first one goes on."""
    connect(rt, "alt", site=SITE, path="/Listen/BSP.xlsx", worksheet="Tabelle1")
    connect(rt, "neu", link=file.url, worksheet="tabelle1")
    assert sync(rt, "alt").state == "ok"

    refused = sync(rt, "neu")
    assert refused.state == "failed"
    assert refused.message.startswith("An diesem Blatt arbeitet schon die Tabelle „alt“.")
    assert preview_table(rt, "neu").state == "failed"
    assert any(refused.message.startswith(check.text) for check in check_table(rt, "neu") if not check.ok)
    with pytest.raises(TableTaken):
        setup_table(rt, "neu")
    assert sync(rt, "alt").state in ("ok", "unchanged")


def test_other_tabs_and_other_workbooks_are_no_twins(rt: Runtime, graph: Graph, file: File) -> None:
    """A copy of the workbook has tabs of the same ids."""
    copy = graph.server.copy(file, "Kopie.xlsx")
    connect(rt, "alt", drive=file.drive.id, item=file.id, worksheet="Tabelle1")
    connect(rt, "kopie", drive=copy.drive.id, item=copy.id, worksheet="Tabelle1")

    assert [sync(rt, key).state for key in ("alt", "kopie")] == ["ok", "ok"]


def test_a_paused_table_makes_place(rt: Runtime, file: File) -> None:
    connect(rt, "alt", site=SITE, path="/Listen/BSP.xlsx", worksheet="Tabelle1")
    connect(rt, "neu", link=file.url, worksheet="Tabelle1")
    sync(rt, "alt")
    with rt.database.write() as session:
        tables.get(session, "alt").enabled = False

    assert sync(rt, "neu").state == "ok"
