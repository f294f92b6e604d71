"""A viewer's session finds what her grants reach, whoever wrote the query, and opens nothing she may not open."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from syncsvc.core.access import Role, Viewer, viewer
from syncsvc.errors import Forbidden, NotFound
from syncsvc.providers.memory import MemoryBook
from syncsvc.services import entitlement, questions, records, tables
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store import admission, models, organisations, projects, scope
from syncsvc.store.database import Database
from syncsvc.store.models import Model
from tests.example import HEADER, Example, make_example
from tests.factories import make_vault

SECOND = """
projects: [{key: zwei, prefix: ZWE, name: Zweites Projekt}]
tables:
  - {key: zwei-beispielstadt, project: zwei, jobcentre: jc-beispielstadt, mapping: standard,
     location: {provider: memory, name: zwei}}
"""
BOOKS = {"beispielstadt": "bsp-beispielstadt", "musterkreis": "bsp-musterkreis", "zwei": "zwei-beispielstadt"}
EVERYTHING = {"bsp-beispielstadt", "bsp-musterkreis", "zwei-beispielstadt"}


@pytest.fixture
def town(sqlite_template: Path, tmp_path: Path) -> Iterator[Example]:
    """Two projects, two job centres, three synced tables with a woman each."""
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    made = make_example(database, tmp_path)
    (tmp_path / "second.yaml").write_text(SECOND, "utf-8")
    apply_files(made.runtime, [tmp_path / "second.yaml"])
    for name, key in BOOKS.items():
        made.books[name] = MemoryBook([list(HEADER), [None, f"Demir, {name}", "01.09.2024", "unlesbar", None]])
        sync_table(made.runtime, key)
    yield made
    database.dispose()


def person(rt: Runtime, role: Role, *, project: str | None = None, jobcentre: str | None = None) -> Viewer:
    with rt.database.read() as session:
        of = projects.get(session, project).id if project else None
        at = organisations.get(session, jobcentre).id if jobcentre else None
    return viewer(1, "frau-berger", [(role, of, at)])


WHO = [
    ({"role": Role.PROGRAMME}, EVERYTHING),
    ({"role": Role.PROJECT, "project": "bsp"}, {"bsp-beispielstadt", "bsp-musterkreis"}),
    ({"role": Role.PROJECT, "project": "zwei"}, {"zwei-beispielstadt"}),
    ({"role": Role.PROJECT}, set()),
    ({"role": Role.JOBCENTRE, "jobcentre": "jc-beispielstadt"}, {"bsp-beispielstadt", "zwei-beispielstadt"}),
    ({"role": Role.JOBCENTRE, "jobcentre": "jc-musterkreis"}, {"bsp-musterkreis"}),
    ({"role": Role.JOBCENTRE}, set()),
]


@pytest.mark.parametrize(("grant", "found"), WHO)
def test_each_sees_her_tables_and_whoever_stands_in_them(town: Example, grant: dict, found: set[str]) -> None:
    seen = entitlement.seen_by(town.runtime, person(town.runtime, **grant))

    assert {view.key for view in tables.list_tables(seen)} == found
    with seen.database.read() as session:
        shown = {
            key
            for (key,) in session.execute(
                sa.select(models.Table.key).join(models.BaseRow, models.BaseRow.table_id == models.Table.id)
            )
        }
        refs = set(session.scalars(sa.select(models.Record.ref)))
        again = set(session.scalars(sa.select(aliased(models.Record).ref)))
        rows = set(session.scalars(sa.select(models.BaseRow.ref)))
        count = session.scalar(sa.select(sa.func.count()).select_from(models.Record))
    assert shown == found
    assert refs == again == rows
    assert len(refs) == count == len(found)


def test_what_is_out_of_reach_does_not_exist(town: Example) -> None:
    """Neither by key, nor by number, nor by reference."""
    seen = entitlement.seen_by(town.runtime, person(town.runtime, Role.PROJECT, project="zwei"))
    with town.runtime.database.read() as session:
        mine, theirs = (tables.get_table(town.runtime, key).key for key in ("zwei-beispielstadt", "bsp-musterkreis"))
        foreign = session.scalars(sa.select(models.Record).where(models.Record.ref.startswith("BSP"))).first()

    assert foreign is not None
    assert tables.get_table(seen, mine).key == mine
    with pytest.raises(NotFound):
        tables.get_table(seen, theirs)
    with pytest.raises(NotFound):
        records.show_record(seen, foreign.ref)
    with seen.database.read() as session:
        assert session.get(models.Record, foreign.id) is None


def test_an_auditor_opens_nothing(town: Example) -> None:
    """She finds every table and how many questions there are; documents stay sealed, whatever a page asks for."""
    seen = entitlement.seen_by(town.runtime, person(town.runtime, Role.AUDITOR))

    assert {view.key for view in tables.list_tables(seen)} == EVERYTHING
    with seen.database.read() as session:
        for model in (models.Record, models.BaseRow, models.Change, models.Contact, models.Responsibility):
            assert session.scalars(sa.select(model)).first() is None, model
    with pytest.raises(Forbidden):
        records.list_records(seen)
    with pytest.raises((Forbidden, NotFound)):
        questions.get_question(seen, 1)


@pytest.mark.parametrize("grant", [{"role": Role.PROGRAMME}, {"role": Role.PROJECT, "project": "bsp"}])
def test_what_somebody_sees_is_for_reading(town: Example, grant: dict) -> None:
    """Also where everything is seen: who writes has to say first what entitles her."""
    seen = entitlement.seen_by(town.runtime, person(town.runtime, **grant))

    with pytest.raises(LookupError), seen.database.write():
        pass


def test_a_query_past_the_orm_is_refused(town: Example) -> None:
    seen = entitlement.seen_by(town.runtime, person(town.runtime, Role.PROJECT, project="bsp"))
    with seen.database.read() as session, pytest.raises(LookupError):
        session.execute(sa.text("SELECT ref FROM records"))


def test_every_table_of_the_database_is_narrowed_or_said_to_be_open() -> None:
    """A model that comes later has to be decided on."""
    nobody = viewer(1, "x", [(Role.PROJECT, None, None)])
    reach = nobody.reach
    narrowed = set(scope._conditions(scope.Scope(*(reach(right) for right in ("structure", "cells", "records")))))
    everything = {mapper.class_ for mapper in Model.registry.mappers}

    assert admission.User in everything
    assert narrowed | scope.OPEN == everything
    assert not narrowed & scope.OPEN
