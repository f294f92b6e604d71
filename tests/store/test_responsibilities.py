"""The history of responsibilities and what happened to them, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from syncsvc.store import contact_events, records, responsibilities
from syncsvc.store.database import Database
from syncsvc.store.responsibilities import PLANNED, NewResponsibility
from tests.factories import NOW, make_project, make_record, make_run, make_table

MONDAY, TUESDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 6)
REF, ROLE = "BSP-0137-E", "contact_jc"


def span(contact: str | None, begin: date, end: date | None = None, **more: object) -> NewResponsibility:
    usual = {"ref": REF, "role": ROLE, "side": "jobcentre", "source": "t", "seen_at": NOW}
    return NewResponsibility(contact=contact, valid_from=begin, valid_to=end, **(usual | more))  # type: ignore[arg-type]  # each with its own type


@pytest.fixture
def project(database: Database) -> int:
    """A project with one participant, who went from c-1 to c-2 on Tuesday; c-3 is to take over on Friday."""
    with database.write() as session:
        project = make_project(session)
        records.create(session, project, [make_record(REF)], NOW)
        run = make_run(session, make_table(session, project_id=project))
        rows = [
            span("c-1", MONDAY, MONDAY),
            span("c-2", TUESDAY, run_id=run),
            span("c-3", FRIDAY, source=PLANNED, confirmed_by="lead"),
        ]
        responsibilities.add(session, rows)
    return project


def test_who_is_responsible_depends_on_the_day(database: Database, project: int) -> None:
    """What is only planned is not in force, not even on its day: it is carried out first."""
    with database.read() as session:
        found = {
            day: responsibilities.open_of(session, [REF], day)[REF, ROLE].contact_key
            for day in (MONDAY, TUESDAY, FRIDAY)
        }
        assert found == {MONDAY: "c-1", TUESDAY: "c-2", FRIDAY: "c-2"}
        held = {key: responsibilities.held_by(session, key, FRIDAY) for key in ("c-1", "c-2", "c-3")}
        assert held == {"c-1": set(), "c-2": {(REF, ROLE)}, "c-3": set()}
        assert responsibilities.projects_of(session, ["c-1"], TUESDAY) == []
        assert responsibilities.projects_of(session, ["c-1", "c-2"], TUESDAY) == [project]


def test_a_plan_is_due_on_its_day(database: Database, project: int) -> None:
    with database.read() as session:
        assert responsibilities.due(session, TUESDAY) == []
        assert [row.contact_key for row in responsibilities.due(session, FRIDAY)] == ["c-3"]
        assert [row.contact_key for row in responsibilities.planned_of(session, [REF])] == ["c-3"]


def test_who_was_replaced_by_a_run_is_known_for_a_while(database: Database, project: int) -> None:
    with database.read() as session:
        run = responsibilities.open_of(session, [REF], TUESDAY)[REF, ROLE].run_id
        assert run is not None
        assert responsibilities.replaced_by(session, [run], NOW) == {(REF, ROLE): "c-1"}
        assert responsibilities.replaced_by(session, [run], NOW + timedelta(seconds=1)) == {}
        assert responsibilities.replaced_by(session, [], NOW) == {}


def test_a_vacant_place_says_since_when(database: Database, project: int) -> None:
    with database.write() as session:
        responsibilities.close(responsibilities.open_of(session, [REF], FRIDAY)[REF, ROLE], FRIDAY)
        responsibilities.add(session, [span(None, FRIDAY + timedelta(days=1))])
    with database.read() as session:
        assert responsibilities.vacancies(session, project, FRIDAY) == {}
        assert responsibilities.vacancies(session, project, FRIDAY + timedelta(days=9)) == {
            (REF, ROLE): FRIDAY + timedelta(days=1)
        }


def test_events_are_found_by_group_and_time(database: Database) -> None:
    with database.write() as session:
        table = make_table(session)
        run = make_run(session, table)
        usual = {"kind": "change", "role": ROLE, "from_key": "c-1", "to_key": "c-2", "at": NOW, "day": MONDAY}
        contact_events.add(session, refs=[REF, "BSP-0138-C"], group_key="a", run_id=run, table_id=table, **usual)  # type: ignore[arg-type]  # each with its own type
        contact_events.add(session, refs=["BSP-0137"], group_key="b", **usual)  # type: ignore[arg-type]  # see above
    with database.read() as session:
        assert [event.group_key for event in contact_events.latest(session)] == ["b", "a"]
        assert [event.group_key for event in contact_events.latest(session, limit=1)] == ["b"]
        event = contact_events.latest_of(session, "a", NOW)
        assert event is not None
        assert event.refs == [REF, "BSP-0138-C"]
        assert contact_events.latest_of(session, "a", NOW + timedelta(hours=1)) is None
