"""Each side confirms its part of a table month by month; who is silent for too long is asked after, once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from syncsvc.core.confirmation import Confirmed, is_silent, named_contacts, typed_month
from syncsvc.core.model import Cell, Json, Side
from syncsvc.errors import UsageError
from syncsvc.providers.memory import MemoryBook
from syncsvc.services.contacts import confirmation
from syncsvc.services.contacts.confirmation import confirm, remind
from syncsvc.services.notices import unread
from syncsvc.services.programme import apply_files
from syncsvc.services.sync import sync_table
from syncsvc.store import contacts, projects, records, responsibilities
from syncsvc.store.database import Database
from syncsvc.store.responsibilities import NewResponsibility
from tests.example import Example, make_example
from tests.factories import NOW, make_contact, make_project, make_record, make_vault

TABLE = "bsp-beispielstadt"
MAPPING = """
key: standard
title: Teilnehmerinnenliste
columns:
  - {header: TN-Nr., field: participant_ref, owner: service}
  - {header: Eintritt, field: entry_date, owner: project, required: true}
  - {header: Ansprechperson JC, field: contact_jc, owner: jobcentre}
  - {header: Stand bestätigt (JC), field: confirmed_jc, owner: jobcentre}
"""
HEADER = ["TN-Nr.", "Eintritt", "Ansprechperson JC", "Stand bestätigt (JC)"]
DAY, CONTACT, CONFIRMED = 2, 3, 4
TODAY = date(2026, 3, 2)
"""The day of ``factories.NOW``."""


@pytest.fixture
def example(sqlite_template: Path, tmp_path: Path) -> Iterator[Example]:
    """Twelve women in one table, all with Anna Müller; the table is in step."""
    shutil.copy(sqlite_template, tmp_path / "syncsvc.db")
    database = Database(f"sqlite:///{tmp_path / 'syncsvc.db'}", make_vault())
    example = make_example(database, tmp_path)
    (tmp_path / "columns.yaml").write_text(MAPPING, "utf-8")
    apply_files(example.runtime, [tmp_path / "columns.yaml"])
    with database.write() as session:
        contacts.upsert(session, make_contact())
    rows: list[list[Cell]] = [[None, f"{day:02d}.09.2024", "Müller, Anna", None] for day in range(1, 13)]
    example.books["beispielstadt"] = MemoryBook([list(HEADER), *rows])
    example.runtime.tables.books["beispielstadt"] = example.books["beispielstadt"]  # type: ignore[attr-defined]  # the registry's
    assert sync_table(example.runtime, TABLE).state == "ok"
    yield example
    database.dispose()


def pull_down(example: Example, text: str, rows: int = 12) -> str:
    """Somebody types this into the first rows of the column; how the next run ends."""
    for row in range(2, 2 + rows):
        example.books["beispielstadt"].set(row, CONFIRMED, text)
    return sync_table(example.runtime, TABLE).state


def last(example: Example, side: Side = Side.JOBCENTRE) -> Confirmed | None:
    return next(one.last for one in confirmation.standings(example.runtime)[TABLE] if one.side is side)


def confirmed_on(example: Example) -> date | None:
    with example.runtime.database.read() as session:
        anna = contacts.find(session, "c-1")
    assert anna is not None
    return anna.confirmed_on


@pytest.mark.parametrize(
    ("months", "confirmed"),
    [
        (["2026-02", "2026-02"], "2026-02"),
        (["2026-02", "2026-01"], "2026-01"),  # only what every row has reached
        (["2026-02", None], None),
        (["2026-04", "2026-05"], "2026-03"),  # a month that has not begun cannot be confirmed
        ([], None),
    ],
)
def test_a_side_has_confirmed_the_month_that_every_row_has_reached(
    months: list[str | None], confirmed: str | None
) -> None:
    """From the project's handbook: a month counts for the table, not for a row."""
    rows = [{"confirmed_jc": month} for month in months]
    assert typed_month(rows, Side.JOBCENTRE, TODAY) == confirmed


def test_a_side_answers_for_the_people_it_names() -> None:
    """The job centre for contact and deputy, the project for its coach; a name without a person is nobody."""
    rows: list[dict[str, Json]] = [
        {"contact_jc": {"contact": "a", "deputy": "b"}, "coach": "c"},
        {"contact_jc": {"name": "Neu, Nina"}, "contact_jc_deputy": {"contact": "d"}},
    ]
    assert named_contacts(rows, Side.JOBCENTRE) == {"a", "b", "d"}
    assert named_contacts(rows, Side.PROJECT) == {"c"}


@pytest.mark.parametrize(("days", "silent"), [(35, False), (36, True)])
def test_more_than_35_days_are_silence(days: int, silent: bool) -> None:
    """Counted from the last confirmation, else from the table's beginning; without either nobody is silent."""
    then = NOW - timedelta(days=days)
    assert is_silent(Confirmed("2026-01", then, ""), None, NOW) is silent
    assert is_silent(None, then, NOW) is silent
    assert not is_silent(None, None, NOW)


def test_a_month_pulled_down_over_all_rows_holds_nothing_and_confirms(example: Example) -> None:
    """Twelve cells of one column at once would else hold the table; and the people named there are confirmed."""
    assert confirmed_on(example) is None

    assert pull_down(example, "03/2026") == "ok"

    assert last(example) == Confirmed("2026-03", NOW, "")
    assert confirmed_on(example) == TODAY


def test_what_looks_like_a_month_pulled_down_but_goes_back_is_held(example: Example) -> None:
    """An older month in every row is no confirmation: somebody put an old list over the new one."""
    pull_down(example, "02/2026")
    assert pull_down(example, "12/2025") == "held"


def test_rows_that_say_nothing_confirm_nothing(example: Example) -> None:
    """Until the last of them says so too."""
    pull_down(example, "03/2026", rows=11)
    assert last(example) is None

    pull_down(example, "03/2026")
    assert last(example) == Confirmed("2026-03", NOW, "")


def test_the_same_month_is_taken_down_once(example: Example) -> None:
    """Later runs do not make an old confirmation look fresh."""
    pull_down(example, "03/2026")
    example.clock.pass_by(days=10)
    example.books["beispielstadt"].set(2, DAY, "05.09.2024")
    sync_table(example.runtime, TABLE)

    assert last(example) == Confirmed("2026-03", NOW, "")


def test_one_click_confirms_for_a_side(example: Example) -> None:
    """The present month, or the one that is named as people name it."""
    said = confirm(example.runtime, TABLE, Side.JOBCENTRE, actor="frau-berger")

    assert (
        said == "Das Jobcenter bestätigt den Stand 03/2026 der Tabelle „bsp-beispielstadt“, und damit 1 Ansprechperson."
    )
    assert last(example) == Confirmed("2026-03", NOW, "frau-berger")
    assert confirmed_on(example) == TODAY
    assert last(example, Side.PROJECT) is None

    confirm(example.runtime, TABLE, Side.PROJECT, month="Februar 2026", actor="frau-berger")
    assert last(example, Side.PROJECT) == Confirmed("2026-02", NOW, "frau-berger")


@pytest.mark.parametrize("month", ["bald", "13/2026", "04/2026", ""])
def test_a_month_that_is_none_or_has_not_begun_is_refused(example: Example, month: str) -> None:
    """With a sentence, and nothing is noted."""
    with pytest.raises(UsageError):
        confirm(example.runtime, TABLE, Side.PROJECT, month=month, actor="frau-berger")
    assert last(example, Side.PROJECT) is None


def test_a_silent_side_is_asked_after_once_a_month(example: Example) -> None:
    """The job centre has a column and never typed in it. The project has none and never clicked: nobody waits."""
    example.clock.pass_by(days=35)
    remind(example.runtime)
    assert unread(example.runtime) == []

    example.clock.pass_by(days=1)  # 7 April
    remind(example.runtime)
    remind(example.runtime)
    (notice,) = unread(example.runtime)
    assert notice.table == TABLE
    assert notice.text == (
        "Tabelle „bsp-beispielstadt“: Das Jobcenter hat den Stand seit über 35 Tagen nicht bestätigt (noch nie). "
        "Bitte nachfragen, zum Beispiel beim nächsten Monatsabgleich."
    )

    example.clock.pass_by(days=20)
    remind(example.runtime)
    assert len(unread(example.runtime)) == 1, "27 April: still the same month"
    example.clock.pass_by(days=4)
    remind(example.runtime)
    assert len(unread(example.runtime)) == 2, "1 May"


def test_a_side_that_once_confirmed_is_asked_after_too(example: Example) -> None:
    """And no more once it has confirmed again."""
    confirm(example.runtime, TABLE, Side.PROJECT, actor="frau-berger")
    confirm(example.runtime, TABLE, Side.JOBCENTRE, actor="frau-berger")
    example.clock.pass_by(days=40)
    confirm(example.runtime, TABLE, Side.JOBCENTRE, actor="frau-berger")

    remind(example.runtime)

    (notice,) = unread(example.runtime)
    assert "Das Projekt" in notice.text
    assert "(zuletzt am 02.03.2026)" in notice.text


def test_a_confirmation_reaches_the_rows_of_other_projects_with_the_same_people(example: Example) -> None:
    """Job centres serve several projects: what their rows say of a contact who was not confirmed goes there too."""
    with example.runtime.database.write() as session:
        other = make_project(session, key="abc", prefix="ABC")
        records.create(session, other, [make_record("ABC-0001-3")], NOW)
        place = {"ref": "ABC-0001-3", "role": "contact_jc", "side": "jobcentre", "contact": "c-1"}
        responsibilities.add(session, [NewResponsibility(**place, valid_from=TODAY, source="test", seen_at=NOW)])  # type: ignore[arg-type]  # all texts
        before = projects.by_id(session, other).revision
    confirm(example.runtime, TABLE, Side.JOBCENTRE, actor="frau-berger")
    with example.runtime.database.read() as session:
        assert projects.by_id(session, other).revision > before
