"""A viewer's session finds what her grants reach, whoever wrote the query, and opens nothing she may not open."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased, with_loader_criteria

from syncsvc.core.access import Right, Role, Viewer, viewer
from syncsvc.core.fields import DirectoryContact
from syncsvc.core.model import RowState
from syncsvc.errors import Forbidden, NotFound
from syncsvc.providers.memory import MemoryBook
from syncsvc.services import entitlement, questions, records, tables
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import sync_table
from syncsvc.store import admission, changes, contacts, models, organisations, projects, scope
from syncsvc.store.changes import Change, Where
from syncsvc.store.database import Database
from syncsvc.store.models import Model
from tests.conftest import KINDS
from tests.example import HEADER, Example, make_example, open_example
from tests.factories import make_vault

SECOND = """
projects: [{key: zwei, prefix: ZWE, name: Zweites Projekt}]
tables:
  - {key: zwei-beispielstadt, project: zwei, jobcentre: jc-beispielstadt, mapping: standard,
     location: {provider: memory, name: zwei}}
"""
BOOKS = {"beispielstadt": "bsp-beispielstadt", "musterkreis": "bsp-musterkreis", "zwei": "zwei-beispielstadt"}
STAFF_LIST = """
tables:
  - {key: staff, directory: jc-beispielstadt, mapping: verzeichnis, location: {provider: memory, name: staff}}
"""
SHIPPED = Path(__file__).parents[2] / "mappings"
EVERYTHING = {"bsp-beispielstadt", "bsp-musterkreis", "zwei-beispielstadt"}


Original = tuple[str, dict[str, MemoryBook]]
"""The URL of a database and the tables' contents, to copy."""


@pytest.fixture(scope="module", params=KINDS)
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Original]:
    """Two projects, two job centres, three synced tables with a woman each: nearly all of a test's time."""
    folder = tmp_path_factory.mktemp("town")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "town.db")
        yield settle(f"sqlite:///{folder / 'town.db'}", folder)
    else:
        server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
        with server.database(template) as url:
            yield settle(url, folder)


def settle(url: str, folder: Path) -> Original:
    database = Database(url, make_vault())
    made = make_example(database, folder)
    (folder / "second.yaml").write_text(SECOND, "utf-8")
    apply_files(made.runtime, [folder / "second.yaml"])
    for name, key in BOOKS.items():
        made.books[name] = MemoryBook([list(HEADER), [None, f"Demir, {name}", "01.09.2024", "unlesbar", None]])
        sync_table(made.runtime, key)
    database.dispose()
    return url, dict(made.books)


@pytest.fixture
def town(original: Original, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Example]:
    """The test's own."""
    url, books = original
    with ExitStack() as stack:
        found = sa.make_url(url)
        if found.drivername == "sqlite":
            url = f"sqlite:///{shutil.copy(str(found.database), tmp_path)}"
        else:
            url = stack.enter_context(request.getfixturevalue("postgres").database(str(found.database)))
        database = Database(url, make_vault())
        stack.callback(database.dispose)
        made = open_example(database, tmp_path)
        made.books.update(copy.deepcopy(books))
        yield made


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
        rows = set(session.scalars(sa.select(models.BaseRow.ref)))
        count = session.scalar(sa.select(sa.func.count()).select_from(models.Record))
    assert shown == found
    assert refs == rows
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


R, RECORDS = models.Record, cast("sa.Table", models.Record.__table__)
HOUSE = models.Organisation.key
SAFE: dict[str, Callable[[], sa.Executable]] = {
    "count": lambda: sa.select(sa.func.count(R.id)),
    "named in the condition only": lambda: sa.select(sa.func.count()).where(R.ref.startswith("BSP")),
    "exists": lambda: sa.select(HOUSE).where(sa.exists().where(R.ref.startswith("BSP"))),
    "exists of a literal": lambda: sa.select(HOUSE).where(
        sa.exists(sa.select(sa.literal(1)).select_from(R).where(R.ref.startswith("BSP")))
    ),
    "a number beside": lambda: sa.select(HOUSE, sa.select(sa.func.count(R.id)).scalar_subquery()),
    "subquery": lambda: sa.select(sa.select(R.ref).subquery().c.ref),
    "count of a subquery": lambda: sa.select(sa.func.count()).select_from(sa.select(R.id).subquery()),
    "common table expression": lambda: sa.select(sa.select(R.ref).cte().c.ref),
    "union": lambda: sa.union_all(sa.select(R.ref), sa.select(models.BaseRow.ref)),
    "statement for entities": lambda: sa.select(R).from_statement(sa.union_all(sa.select(R), sa.select(R))),
    "join": lambda: sa.select(R.ref).join(models.Table, models.Table.project_id == R.project_id),
    "outer join": lambda: sa.select(HOUSE, R.ref).outerjoin(R, R.id > 0),
    "pairs": lambda: sa.select(R.ref).where(sa.tuple_(R.id, R.project_id).in_(sa.select(R.id, R.project_id))),
    "case": lambda: sa.select(
        HOUSE, sa.case((sa.exists(sa.select(R.id).where(R.ref.startswith("BSP"))), "BSP"), else_="")
    ),
    "own criteria": lambda: sa.select(R.ref).options(with_loader_criteria(R, sa.true())),
    "in parts": lambda: sa.select(R.ref).execution_options(yield_per=1),
}


@pytest.mark.parametrize("shape", SAFE)
def test_no_shape_of_a_query_finds_more(town: Example, shape: str) -> None:
    """The second project's admin: her one woman, and no sign of the two others."""
    seen = entitlement.seen_by(town.runtime, person(town.runtime, Role.PROJECT, project="zwei"))
    with seen.database.read() as session:
        found = {getattr(value, "ref", value) for row in session.execute(SAFE[shape]()) for value in row}

    assert not any(isinstance(value, str) and value.startswith("BSP") for value in found)
    assert all(value in (0, 1) for value in found if isinstance(value, int))
    assert "jc-beispielstadt" not in found or "exists" not in shape


ESCAPES: dict[str, Callable[[], sa.Executable]] = {
    "text": lambda: sa.text("SELECT ref FROM records"),
    "text for entities": lambda: sa.select(R).from_statement(sa.text("SELECT * FROM records")),
    "text beside": lambda: sa.select(HOUSE, sa.text("(SELECT max(ref) FROM records)")),
    "text as a condition": lambda: sa.select(HOUSE).where(sa.text("EXISTS (SELECT 1 FROM records)")),
    "literal column": lambda: sa.select(HOUSE, sa.literal_column("(SELECT max(ref) FROM records)")),
    "a table": lambda: sa.select(RECORDS.c.ref),
    "a table beside": lambda: sa.select(HOUSE, RECORDS.c.ref).join(RECORDS, RECORDS.c.id > 0),
    "a table in a condition": lambda: sa.select(HOUSE).where(models.Organisation.id.in_(sa.select(RECORDS.c.id))),
    "a joined alias": lambda: sa.select(HOUSE, (other := aliased(R)).ref).join(other, other.id > 0),
}


@pytest.mark.parametrize("shape", ESCAPES)
def test_a_query_that_no_condition_reaches_is_refused(town: Example, shape: str) -> None:
    seen = entitlement.seen_by(town.runtime, person(town.runtime, Role.PROJECT, project="bsp"))
    with seen.database.read() as session, pytest.raises(LookupError):
        session.execute(ESCAPES[shape]())


def test_there_is_no_connection_past_the_session(town: Example) -> None:
    seen = entitlement.seen_by(town.runtime, person(town.runtime, Role.PROJECT, project="bsp"))
    with seen.database.read() as session, pytest.raises(LookupError):
        session.connection()


def test_who_audits_everything_and_leads_one_project_opens_no_question_of_another(town: Example) -> None:
    """Two roles add up to what each allows, not to more."""
    for name, key in BOOKS.items():
        town.books[name].set(2, 3, "bald")
        sync_table(town.runtime, key)
    with town.runtime.database.read() as session:
        second = projects.get(session, "zwei").id
    both = viewer(1, "frau-berger", [(Role.AUDITOR, None, None), (Role.PROJECT, second, None)])
    seen = entitlement.seen_by(town.runtime, both)

    assert {view.key for view in tables.list_tables(seen)} == EVERYTHING
    assert {one.table for one in questions.list_questions(seen)} == {"zwei-beispielstadt"}
    assert {one["project"] for one in records.list_records(seen)} == {"zwei"}


@pytest.mark.parametrize(
    "held",
    [
        (Role.PROGRAMME, 1, None), (Role.PROGRAMME, None, 1), (Role.PROJECT, None, 1), (Role.PROJECT, None, None),
        (Role.JOBCENTRE, 1, None), (Role.JOBCENTRE, None, None),
    ],
)  # fmt: skip
def test_a_role_given_for_what_it_is_not_for_reaches_nobody(held: tuple[Role, int | None, int | None]) -> None:
    assert not any(viewer(1, "x", [held]).may(right) for right in Right)


def test_whoever_ended_in_a_table_is_no_longer_seen_through_it(town: Example) -> None:
    """The job centre that had her; the project keeps her record."""
    with town.runtime.database.write() as session:
        session.execute(
            sa.update(models.BaseRow).values(state=RowState.ENDED).where(models.BaseRow.ref.startswith("ZWE"))
        )
    at = person(town.runtime, Role.JOBCENTRE, jobcentre="jc-beispielstadt")
    leads = person(town.runtime, Role.PROJECT, project="zwei")
    found = []
    for who in (at, leads):
        with entitlement.seen_by(town.runtime, who).database.read() as session:
            found.append({ref[:3] for ref in session.scalars(sa.select(R.ref))})

    assert found == [{"BSP"}, {"ZWE"}]


def test_a_list_of_staff_is_the_programmes_alone(town: Example, tmp_path: Path) -> None:
    """Also the house's own readers do not find it: direct dials are for the projects' people."""
    (tmp_path / "list.yaml").write_text(STAFF_LIST, "utf-8")
    apply_files(town.runtime, [SHIPPED / "verzeichnis.yaml", tmp_path / "list.yaml"])
    found = [
        {view.key for view in tables.list_tables(entitlement.seen_by(town.runtime, who))} - EVERYTHING
        for who in (
            person(town.runtime, Role.PROGRAMME),
            person(town.runtime, Role.JOBCENTRE, jobcentre="jc-beispielstadt"),
            person(town.runtime, Role.PROJECT, project="bsp"),
        )
    ]

    assert found == [{"staff"}, set(), set()]


def test_a_project_admin_reads_how_her_contacts_changed(town: Example) -> None:
    """Those of the offices she works with, as the programme does; nobody else's."""
    with town.runtime.database.write() as session:
        for key, house in (("c-near", "jc-musterkreis"), ("c-far", "jc-fern")):
            if house == "jc-fern":
                session.add(
                    models.Organisation(key=house, kind="jobcentre", name="Fern", aliases=[], trunk="", mail_domains=[])
                )
                session.flush()
            contacts.upsert(session, DirectoryContact(key, house, "Weiß", "Eva"))
            moment = datetime(2026, 3, 2, tzinfo=UTC)
            changes.append(session, [Change(moment, key, "team", Where.DIRECTORY, "web", "frau-berger", None, "M 2")])
    seen = entitlement.seen_by(town.runtime, person(town.runtime, Role.PROJECT, project="bsp"))
    with seen.database.read() as session:
        assert [one.key for one in contacts.directory(session)] == ["c-near"]
        assert [one.new for one in changes.of_record(session, "c-near")] == ["M 2"]
        assert changes.of_record(session, "c-far") == []


def test_every_table_of_the_database_is_narrowed_or_said_to_be_open() -> None:
    """A model that comes later has to be decided on."""
    nobody = viewer(1, "x", [(Role.PROJECT, None, None)])
    reach = nobody.reach
    narrowed = set(scope._conditions(scope.Scope(*(reach(right) for right in ("structure", "cells", "records")))))
    everything = {mapper.class_ for mapper in Model.registry.mappers}

    assert admission.User in everything
    assert narrowed | scope.OPEN == everything
    assert not narrowed & scope.OPEN
