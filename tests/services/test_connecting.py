"""A table is connected step by step: nothing is stored before the end, and then exactly what was seen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncsvc.core.access import Role, Viewer, viewer
from syncsvc.errors import InvalidFile, NotFound, PlanMoved, TableNotFound, UsageError
from syncsvc.providers.memory import MemoryBook
from syncsvc.providers.registry import Registry
from syncsvc.services import users
from syncsvc.services.connecting import columns, draft, files, places, switching
from syncsvc.services.connecting.draft import Connection
from syncsvc.services.programme import apply_files
from syncsvc.services.runtime import Runtime
from syncsvc.services.sync import preview_table, sync_table
from syncsvc.store import mappings, projects, tables
from syncsvc.store.admission import AuditEntry, Draft
from syncsvc.store.database import Database
from syncsvc.store.models import Mapping, MappingRevision, Model, Table
from syncsvc.store.users import get
from tests.example import Example, make_example
from tests.factories import make_vault
from tests.fakes.sheets_server import SheetsServer
from tests.providers.google.conftest import TAB, make_google

NEW = [
    ["Teilnehmerinnen Neudorf", None, None, None, None],
    ["TN-Nr.", "Name, Vorname", "Eintritt", "Wochentag", "Hinweis"],
    [None, "Kowalenko, Olena", "01.09.2024", "Montag", None],
    [None, "Yılmaz, Ayşe", "31.02.2025", "Dienstag", None],
]


@pytest.fixture
def example(sqlite_template: Path, tmp_path: Path) -> Iterator[Example]:
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    made = make_example(database, tmp_path)
    made.books["neudorf"] = MemoryBook([list(row) for row in NEW])
    users.add_user(made.runtime, "frau-berger")
    yield made
    database.dispose()


@pytest.fixture
def rt(example: Example) -> Runtime:
    return example.runtime


@pytest.fixture
def lead(rt: Runtime) -> Viewer:
    """Leads the programme."""
    return person(rt, Role.PROGRAMME)


def person(rt: Runtime, role: Role, project: str | None = None) -> Viewer:
    with rt.database.read() as session:
        of = projects.get(session, project).id if project else None
        return viewer(get(session, "frau-berger").id, "frau-berger", [(role, of, None)])


def chosen(rt: Runtime, who: Viewer, name: str = "neudorf") -> Connection:
    """As far as the tab of a table in memory."""
    begun = places.begin(rt, who, "memory", {"name": name})
    return places.choose(
        rt, who, begun, name, project="bsp", jobcentre="jc-musterkreis", edited_by=["jobcentre", "project"]
    )


def mapped(rt: Runtime, who: Viewer) -> Connection:
    connection = chosen(rt, who)
    snapshot = draft.snapshot_of(rt, who.id, connection.key)
    return draft.keep(rt, who.id, columns.with_proposal(rt, connection, snapshot))


def counts(rt: Runtime) -> dict[str, int]:
    """How many rows each table of the database has, but drafts and the log."""
    models = {one.class_ for one in Model.registry.mappers} - {Draft, AuditEntry}
    with rt.database.read() as session:
        return {one.__name__: session.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in models}


def test_the_proposal_reads_headers_below_a_title(rt: Runtime, lead: Viewer) -> None:
    connection = chosen(rt, lead)
    snapshot = draft.snapshot_of(rt, lead.id, connection.key)

    rows = columns.header_rows(rt, connection, snapshot)
    proposal = columns.with_proposal(rt, connection, snapshot)

    assert [row.number for row in rows if row.found] == [2]
    assert proposal.body is not None
    assert [(one["header"], one["field"]) for one in proposal.body["columns"]] == [
        ("TN-Nr.", "participant_ref"),
        ("Name, Vorname", "participant_name"),
        ("Eintritt", "entry_date"),
        ("Wochentag", "custom.wochentag"),
        ("Hinweis", "service_note"),
    ]


def test_another_header_row_makes_another_proposal_and_drops_the_one_begun(rt: Runtime, lead: Viewer) -> None:
    connection = mapped(rt, lead)
    snapshot = draft.snapshot_of(rt, lead.id, connection.key)

    moved = columns.with_header(connection, snapshot, 3)

    assert moved.body is None
    assert [row.number for row in columns.header_rows(rt, moved, snapshot) if row.found] == [3]
    assert columns.with_header(replace(connection, header_row=2), snapshot, 2).body == connection.body
    with pytest.raises(UsageError):
        columns.with_header(connection, snapshot, 99)


def test_a_mapping_that_is_there_says_how_well_it_fits(rt: Runtime, lead: Viewer, example: Example) -> None:
    """The shipped one misses "Notiz", and calls the names otherwise."""
    example.books["neudorf"].set(2, 2, "Name")
    connection = chosen(rt, lead)
    snapshot = draft.snapshot_of(rt, lead.id, connection.key)

    (fit,) = columns.fits(rt, snapshot)

    assert (fit.key, fit.found, fit.total, fit.missing, fit.tables) == ("standard", 4, 5, ("Notiz",), 2)
    assert columns.with_mapping(rt, connection, snapshot, "standard").mapping == "standard"
    with pytest.raises(UsageError):
        columns.with_mapping(rt, connection, snapshot, "weg")


def test_until_it_is_switched_on_nothing_is_stored_but_a_draft(rt: Runtime, lead: Viewer, example: Example) -> None:
    before, sheet = counts(rt), [list(row) for row in example.books["neudorf"].rows]

    outcome = switching.dry_run(rt, mapped(rt, lead))

    assert (outcome.state, outcome.records_created) == ("ok", 2)
    assert counts(rt) == before
    assert example.books["neudorf"].rows == sheet


def test_the_dry_run_is_what_the_preview_of_the_connected_table_says(rt: Runtime, lead: Viewer) -> None:
    connection = mapped(rt, lead)
    foreseen = switching.dry_run(rt, connection)

    key = switching.switch_on(rt, lead, connection, seen=foreseen.plan)
    shown = preview_table(rt, key)

    assert key == "bsp-musterkreis-2", "the first one is taken"
    assert shown.actions == foreseen.actions
    assert (shown.plan, shown.message, shown.receipt) == (foreseen.plan, foreseen.message, foreseen.receipt)
    assert sync_table(rt, key, expect=foreseen.plan).records_created == 2


def test_switching_on_is_due_at_once_noted_and_ends_the_draft(rt: Runtime, lead: Viewer) -> None:
    connection = mapped(rt, lead)
    key = switching.switch_on(rt, lead, connection, seen=switching.dry_run(rt, connection).plan)

    with rt.database.read() as session:
        table = tables.get(session, key)
        assert tables.is_due(session, table.id, rt.clock.now())
        revision = mappings.current(session, table.mapping_id)
        (noted,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "table.connected"))
    assert revision.source == "frau-berger"
    assert (noted.target, noted.actor, noted.project_id) == (key, "frau-berger", table.project_id)
    assert "Kowalenko" not in str(noted.details)
    with pytest.raises(NotFound):
        draft.find(rt, lead.id, connection.key)
    with pytest.raises(NotFound):
        draft.snapshot_of(rt, lead.id, connection.key)


def test_switching_on_carries_out_only_what_was_seen(rt: Runtime, lead: Viewer, example: Example) -> None:
    connection = mapped(rt, lead)
    seen = switching.dry_run(rt, connection).plan
    example.books["neudorf"].set(3, 4, "Freitag")
    before = counts(rt)

    with pytest.raises(PlanMoved):
        switching.switch_on(rt, lead, connection, seen=seen)

    assert counts(rt) == before


def test_what_the_first_sync_could_not_carry_out_is_not_switched_on(
    rt: Runtime, lead: Viewer, example: Example
) -> None:
    connection = mapped(rt, lead)
    example.books["neudorf"].clear()
    outcome = switching.dry_run(rt, connection)

    assert outcome.state == "held"
    with pytest.raises(PlanMoved):
        switching.switch_on(rt, lead, connection, seen=outcome.plan)


def test_a_table_that_went_is_said_in_the_dry_run(rt: Runtime, lead: Viewer, example: Example) -> None:
    connection = mapped(rt, lead)
    example.books["neudorf"].gone = True

    outcome = switching.dry_run(rt, connection)

    assert outcome.state == "failed"
    assert "nicht da" in outcome.message


def test_no_access_is_a_check_and_looking_again_finds_it_mended(rt: Runtime, lead: Viewer, example: Example) -> None:
    example.books["neudorf"].gone = True
    begun = places.begin(rt, lead, "memory", {"name": "neudorf"})
    assert [check.ok for check in begun.checks] == [False]

    example.books["neudorf"].gone = False

    assert [check.ok for check in places.look(rt, lead, begun).checks] == [True]


def test_a_tab_that_cannot_be_read_leaves_the_draft_as_it_was(rt: Runtime, lead: Viewer, example: Example) -> None:
    begun = places.begin(rt, lead, "memory", {"name": "neudorf"})
    example.books["neudorf"].gone = True
    with pytest.raises(TableNotFound):
        places.choose(rt, lead, begun, "neudorf", project="bsp", jobcentre="", edited_by=["project"])

    assert draft.find(rt, lead.id, begun.key) == begun


def test_a_tab_has_one_table(rt: Runtime, lead: Viewer) -> None:
    begun = places.begin(rt, lead, "memory", {"name": "beispielstadt"})

    assert places.taken(rt, begun) == {"beispielstadt"}
    with pytest.raises(UsageError, match="schon verbunden"):
        places.choose(rt, lead, begun, "beispielstadt", project="bsp", jobcentre="", edited_by=["project"])


def test_of_two_who_connect_the_same_tab_the_second_is_refused(rt: Runtime, lead: Viewer) -> None:
    first, second = mapped(rt, lead), mapped(rt, lead)
    seen = switching.dry_run(rt, second).plan
    switching.switch_on(rt, lead, first, seen=switching.dry_run(rt, first).plan)

    with pytest.raises((UsageError, PlanMoved)):
        switching.switch_on(rt, lead, second, seen=seen)
    with rt.database.read() as session:
        assert len(tables.all_tables(session)) == 3


def test_who_leads_one_project_connects_for_no_other(rt: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "zwei.yaml"
    path.write_text("projects: [{key: zwei, prefix: ZWE, name: Zweites Projekt}]", "utf-8")
    apply_files(rt, [path])
    other = person(rt, Role.PROJECT, "zwei")
    begun = places.begin(rt, other, "memory", {"name": "neudorf"})

    assert places.projects_of(rt, other) == {"zwei": "Zweites Projekt"}
    with pytest.raises(UsageError):
        places.choose(rt, other, begun, "neudorf", project="bsp", jobcentre="", edited_by=["project"])


def test_a_file_of_another_project_is_not_opened_for_whoever_knows_its_address(rt: Runtime, tmp_path: Path) -> None:
    path = tmp_path / "zwei.yaml"
    path.write_text("projects: [{key: zwei, prefix: ZWE, name: Zweites Projekt}]", "utf-8")
    apply_files(rt, [path])

    with pytest.raises(UsageError, match="anderes Projekt"):
        places.begin(rt, person(rt, Role.PROJECT, "zwei"), "memory", {"name": "beispielstadt"})
    with rt.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def rows_of(rt: Runtime) -> dict[str, object]:
    """What the database says about tables and mappings, without the numbers that it gives by itself."""
    with rt.database.read() as session:
        found = sa.select(Table, Mapping.key, MappingRevision.body).join(Mapping, Mapping.id == Table.mapping_id)
        rows = session.execute(found.join(MappingRevision, MappingRevision.mapping_id == Mapping.id)).all()
        return {
            table.key: (
                key, body, table.location, table.edited_by, table.schedule, table.zone, table.quiet_hours, table.land,
            )
            for table, key, body in rows
        }  # fmt: skip


def test_the_file_makes_the_same_in_an_empty_database(
    rt: Runtime, lead: Viewer, sqlite_template: Path, tmp_path: Path
) -> None:
    times = {"schedule": "0 6-19 * * mon-fri", "quiet_hours": "19:30-06:00", "land": "NW"}
    connection = draft.keep(rt, lead.id, replace(mapped(rt, lead), **times))
    text = switching.as_file(rt, connection)
    key = switching.switch_on(rt, lead, connection, seen=switching.dry_run(rt, connection).plan)

    (tmp_path / "leer").mkdir()
    shutil.copy(sqlite_template, tmp_path / "leer" / "syncsvc.db")
    empty = Database(f"sqlite:///{tmp_path / 'leer' / 'syncsvc.db'}", make_vault())
    (tmp_path / "tabelle.yaml").write_text(text, "utf-8")
    other = replace(rt, database=empty)
    apply_files(other, [tmp_path / "tabelle.yaml"])

    assert rows_of(other)[key] == rows_of(rt)[key]
    assert {change.action.value for change in apply_files(rt, [tmp_path / "tabelle.yaml"])} == {"unchanged"}
    empty.dispose()


def test_a_file_taken_in_is_what_the_steps_would_have_made(rt: Runtime, lead: Viewer) -> None:
    made = draft.keep(rt, lead.id, replace(mapped(rt, lead), schedule="0 7 * * *", land="BE"))
    text = switching.as_file(rt, made)

    taken = files.take_in(rt, lead, "tabelle.yaml", text.encode())

    assert switching.as_file(rt, taken) == text
    assert switching.dry_run(rt, taken).plan == switching.dry_run(rt, made).plan


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "kein gültiges YAML"),
        ("tables: [{key: x}]", "Zeile 1"),
        ("projects: []", "genau eine Tabelle"),
        (
            "tables: [{key: x, project: bsp, mapping: weg, location: {provider: memory, name: neudorf}}]",
            "Zuordnung „weg“",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(rt: Runtime, lead: Viewer, text: str, words: str) -> None:
    with pytest.raises((InvalidFile, UsageError), match=words):
        files.take_in(rt, lead, "tabelle.yaml", text.encode())


def test_who_looked_into_which_file_is_noted(rt: Runtime, lead: Viewer) -> None:
    places.begin(rt, lead, "memory", {"name": "neudorf"})

    with rt.database.read() as session:
        (noted,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "connection.looked"))
    assert (noted.actor, noted.target, noted.details) == ("frau-berger", "neudorf", {"kind": "memory"})


def test_a_google_spreadsheet_is_connected_by_its_address(rt: Runtime, lead: Viewer, tmp_path: Path) -> None:
    """Seen read-only at first: the check names the address to share with. Then the first sync writes the reference."""
    with SheetsServer() as server:
        google = make_google(server, tmp_path)
        header = ["TN-Nr.", "Name", "Eintritt", "Notiz", "Hinweis"]
        file = google.file(header, [None, "Kowalenko, Olena", "01.09.2024", None, None])
        there = replace(rt, tables=Registry(tmp_path, google=google.account))
        typed = {"spreadsheet": f"https://docs.google.com/spreadsheets/d/{file.document.id}/edit#gid=0"}

        begun = places.begin(there, lead, "google", typed)
        assert [check.ok for check in begun.checks] == [True, True]
        connection = places.choose(
            there, lead, begun, TAB, project="bsp", jobcentre="jc-musterkreis", edited_by=["project", "jobcentre"]
        )
        server.forget()
        snapshot = draft.snapshot_of(there, lead.id, connection.key)
        connection = draft.keep(there, lead.id, columns.with_mapping(there, connection, snapshot, "standard"))
        assert server.counts() == {}, "no step asks the platform for what the draft knows"
        key = switching.switch_on(there, lead, connection, seen=switching.dry_run(there, connection).plan)

        assert sync_table(there, key).records_created == 1
        assert google.table(file).read().rows[1].cells[0] == "BSP-0001-9"
        with pytest.raises(UsageError, match="schon verbunden"):
            places.choose(there, lead, begun, TAB, project="bsp", jobcentre="", edited_by=["project"])
        google.account.client.session.close()


def test_a_spreadsheet_that_is_not_shared_names_the_address_to_share_it_with(
    rt: Runtime, lead: Viewer, tmp_path: Path
) -> None:
    with SheetsServer() as server:
        google = make_google(server, tmp_path)
        file = server.spreadsheet([["TN-Nr."]], tab=TAB)
        there = replace(rt, tables=Registry(tmp_path, google=google.account))

        begun = places.begin(there, lead, "google", {"spreadsheet": file.document.id})

        (check,) = begun.checks
        assert not check.ok
        assert google.address in check.hint
        assert not begun.tabs
        google.account.client.session.close()
