"""What nobody needs any more goes after its term, everything promised stays, and disks stay bounded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from syncsvc.errors import Actor, NotFound
from syncsvc.ports.tables import Keep
from syncsvc.providers.registry import Registry
from syncsvc.providers.workbook.copies import keep_copy
from syncsvc.services import questions as question_service
from syncsvc.services import retention, signin, users
from syncsvc.services.records import set_values
from syncsvc.services.retention import tidy
from syncsvc.services.runs import get_run, run_changes, undo_run
from syncsvc.services.runtime import Retention, Runtime
from syncsvc.services.signin import Refusal
from syncsvc.services.sync import sync_table
from syncsvc.store import audit, changes, intents, notices, questions, runs, tables
from syncsvc.store.admission import LoginLink
from syncsvc.store.changes import Change, Where
from syncsvc.store.database import Database
from syncsvc.store.intents import Intent
from syncsvc.store.models import Notice, Run, RunState
from syncsvc.store.questions import NewQuestion
from tests.example import Example, FakeClock, make_example
from tests.factories import NOW, make_run, make_table, make_vault

TERMS = Retention(quiet_runs_days=30, details_days=400, notices_days=90)
REF = "BSP-0137-E"


@pytest.fixture(name="clock")
def _clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(name="rt")
def _rt(rt: Runtime, clock: FakeClock) -> Runtime:
    return replace(rt, clock=clock, retention=TERMS)


def ended(session: Session, table: int, state: RunState, *, at: datetime = NOW) -> int:
    run = make_run(session, table, now=at)
    runs.finish(session, run, state, at, message="Abgeglichen.", counts={"rows": 3}, receipt={"before": 4, "lost": 0})
    return run


def change(run: int | None = None, *, at: datetime = NOW, new: str = "neu") -> Change:
    return Change(at, REF, "status", Where.RECORD, "web", "lead", "alt", new, run_id=run)


def question(digest: str = "d") -> NewQuestion:
    return NewQuestion(kind="deletion", digest=digest, document={"detail": "gestern noch da"}, ref=REF)


def known_runs(rt: Runtime) -> set[int]:
    with rt.database.read() as session:
        return set(session.scalars(select(Run.id)))


UNREFERENCED = [
    (RunState.OK, 29, True),
    (RunState.OK, 31, False),
    (RunState.UNCHANGED, 31, False),
    (RunState.HELD, 31, True),
    (RunState.FAILED, 399, True),
    (RunState.FAILED, 401, False),
    (RunState.HELD, 401, False),
    (RunState.INTERRUPTED, 401, False),
]


@pytest.mark.parametrize(("state", "age", "stays"), UNREFERENCED)
def test_runs_without_consequences_go_early_and_those_that_went_badly_late(
    rt: Runtime, clock: FakeClock, state: RunState, age: int, stays: bool
) -> None:
    with rt.database.write() as session:
        run = ended(session, make_table(session), state)
    clock.pass_by(days=age)
    tidied = tidy(rt)

    assert (run in known_runs(rt), tidied.runs_removed) == (stays, 0 if stays else 1)


def test_a_run_that_something_refers_to_stays_without_its_details(rt: Runtime, clock: FakeClock) -> None:
    with rt.database.write() as session:
        table = make_table(session)
        changed, asked, closed, meant, undone = (ended(session, table, RunState.OK) for _ in range(5))
        changes.append(session, [change(changed)])
        questions.open_many(session, table, [question()], run_id=asked, now=NOW)
        (opened,) = questions.open_for(session, table)
        questions.close(session, [opened.id], run_id=closed, now=NOW)
        intents.add(session, table, meant, [Intent("t", REF, "status", "v", {"old": None, "new": "x"})], NOW)
        undo = runs.start(session, table, kind="undo", actor="lead", now=NOW, undoes=undone).id
        runs.finish(session, undo, RunState.FAILED, NOW)
    clock.pass_by(days=31)
    tidy(rt)
    assert known_runs(rt) == {changed, asked, closed, meant, undone, undo}

    clock.pass_by(days=370)
    tidied = tidy(rt)

    assert known_runs(rt) == {changed, asked, closed, meant, undone}, "an undo that failed has no consequence"
    assert tidied.runs_thinned == 5
    view = get_run(rt, changed)
    assert (dict(view.counts), dict(view.receipt), view.state) == ({}, {}, "ok")
    assert view.message == "Die Einzelheiten sind nach Ablauf der Aufbewahrung entfernt."
    assert [(line["old"], line["new"]) for line in run_changes(rt, changed)] == [("alt", "neu")]


def test_a_run_that_never_ended_is_left_to_the_next_run(rt: Runtime, clock: FakeClock) -> None:
    with rt.database.write() as session:
        run = make_run(session, make_table(session))
    clock.pass_by(days=1000)
    tidy(rt)

    assert known_runs(rt) == {run}


def test_closed_questions_lose_what_they_quoted_and_open_ones_nothing(rt: Runtime, clock: FakeClock) -> None:
    with rt.database.write() as session:
        table = make_table(session)
        questions.open_many(session, table, [question("open"), question("answered"), question("done")],
                            run_id=None, now=NOW)  # fmt: skip
        open_, answered, done = questions.open_for(session, table)
        for item in (answered, done):
            questions.answer(session, item.id, "ended", by="frau-berger", now=NOW)
        questions.close(session, [done.id], run_id=None, now=NOW)
    clock.pass_by(days=401)
    assert tidy(rt).questions_thinned == 1

    with rt.database.read() as session:
        assert questions.get(session, open_.id).document == {"detail": "gestern noch da"}
        waiting = questions.get(session, answered.id)
        assert waiting.document == {"detail": "gestern noch da"}, "a run still has to carry it out"
        thinned = questions.get(session, done.id)
        assert (thinned.document, thinned.digest) == ({}, "")
        assert (thinned.choice, thinned.answered_by, thinned.kind, thinned.ref) == (
            "ended", "frau-berger", "deletion", REF,
        )  # fmt: skip
    view = question_service.get_question(rt, done.id)
    assert view.text == "Die Einzelheiten dieser Klärung sind nach Ablauf der Aufbewahrung entfernt."


def test_notices_and_login_links_go_after_their_time(rt: Runtime, clock: FakeClock) -> None:
    users.add_user(rt, "frau-berger")
    old = users.login_link(rt, "frau-berger", base_url="")
    with rt.database.write() as session:
        for name in ("settled", "waiting"):
            notices.add(session, audience=Actor.OPERATOR, code=name, text="Bitte nachsehen.", now=NOW)
        (settled,) = session.scalars(select(Notice.id).where(Notice.code == "settled"))
        notices.settle(session, [settled], NOW)
    clock.pass_by(days=91)
    fresh = users.login_link(rt, "frau-berger", base_url="")
    tidied = tidy(rt)

    assert (tidied.notices_removed, tidied.login_links_removed) == (1, 1)
    with rt.database.read() as session:
        assert session.scalars(select(Notice.code)).all() == ["waiting"], "nobody has read it yet"
    assert signin.by_link(rt, old.rpartition("/")[2]) is Refusal.LINK
    assert isinstance(signin.by_link(rt, fresh.rpartition("/")[2]), int)

    clock.pass_by(days=310)
    assert tidy(rt).notices_removed == 1, "after thirteen months it is news to nobody"


def test_who_looked_at_whom_is_known_for_six_months(rt: Runtime, clock: FakeClock) -> None:
    """Over a year, with a look every week: half a year of them is there at any time, and no day more."""
    for _ in range(53):
        with rt.database.write() as session:
            audit.note_readings(session, "participants.one", ["BSP-0001-9"], actor="frau-berger", now=clock.now())
        tidy(rt)
        with rt.database.read() as session:
            oldest = audit.readings_of(session, "BSP-0001-9", limit=60)[-1].at
        assert clock.now() - oldest <= timedelta(days=183)
        clock.pass_by(days=7)

    with rt.database.read() as session:
        assert len(audit.readings_of(session, "BSP-0001-9", limit=60)) == 27


def test_tidying_again_finds_nothing_to_do(rt: Runtime, clock: FakeClock) -> None:
    _fill(rt, 7)
    clock.pass_by(days=500)
    tidy(rt)

    assert not any(vars_of(tidy(rt)).values())


def test_a_tidying_cut_short_anywhere_is_completed_by_the_next(
    rt: Runtime, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after each of its transactions in turn, it leaves what one without a kill leaves."""
    monkeypatch.setattr(retention, "BATCH", 2)
    mortal = Mortal(rt.database)
    kept = _fill(rt, 5)
    clock.pass_by(days=500)
    kills = 0
    while True:
        mortal.lives = 2
        try:
            tidy(replace(rt, database=mortal))  # type: ignore[arg-type]  # it has what tidying uses
            break
        except Killed:
            kills += 1

    assert kills > 4
    assert known_runs(rt) == kept
    assert not any(vars_of(tidy(rt)).values())


class Killed(BaseException):
    """The process ends here; no handler of ours runs in a real kill."""


class Mortal:
    """A database whose process dies in its n-th writing transaction."""

    def __init__(self, real: Database) -> None:
        self._real, self.lives, self.engine = real, 0, real.engine

    def read(self) -> Any:
        return self._real.read()

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.lives -= 1
        with self._real.write() as session:
            yield session
            if self.lives == 0:
                raise Killed


def vars_of(tidied: retention.Tidied) -> dict[str, int]:
    return {name: getattr(tidied, name) for name in tidied.__slots__}


def _fill(rt: Runtime, count: int) -> set[int]:
    """As many runs, questions, notices and links of each kind; the runs that a change refers to."""
    users.add_user(rt, "frau-berger")
    with rt.database.write() as session:
        table = make_table(session)
        changed = [ended(session, table, RunState.OK) for _ in range(count)]
        for run in changed:
            ended(session, table, RunState.FAILED)
            changes.append(session, [change(run)])
            questions.open_many(session, table, [question(str(run))], run_id=None, now=NOW)
            notices.add(session, audience=Actor.TABLE, code="x", text="Bitte nachsehen.", now=NOW)
        questions.close(session, [item.id for item in questions.open_for(session, table)], run_id=None, now=NOW)
    for _ in range(count):
        users.login_link(rt, "frau-berger", base_url="")
    return set(changed)


# -- a year ----------------------------------------------------------------------------------------------------------

TABLES = 2
SHORT = Retention(quiet_runs_days=30, details_days=60, notices_days=30)
"""Terms that pass several times in a year."""


class Year:
    """A programme of five tables, lived day by day: every table has a run that changes values, asks and is answered,
    quiet runs and failing ones; notices, logins, and copies of a file that one table stops making in spring.
    """

    def __init__(self, folder: Path, template: Path) -> None:
        shutil.copy(template, folder / "syncsvc.db")
        self.folder, self.database = folder, Database(f"sqlite:///{folder / 'syncsvc.db'}", make_vault())
        with self.database.write() as session:
            self.tables = [make_table(session, f"bsp-{number}") for number in range(TABLES)]
        self.example: Example = make_example(self.database, folder)
        registry = Registry(folder, Keep(days=120))
        registry.books = self.example.books
        self.rt = replace(self.example.runtime, tables=registry, retention=SHORT)
        users.add_user(self.rt, "frau-berger")
        self.asked: list[int] = []

    def day(self, number: int) -> None:
        now = self.example.clock.now()
        with self.database.write() as session:
            questions.close(session, self.asked, run_id=None, now=now)
            changed = [self._run(table, RunState.OK, now) for table in self.tables]
            session.add_all(changed)
            session.add_all(self._run(table, RunState.OK, now) for table in self.tables * 2)
            if number % 10 == 0:
                session.add_all(self._run(table, RunState.FAILED, now) for table in self.tables)
                notices.add(session, audience=Actor.TABLE, code="x", text="Bitte nachsehen.", now=now)
            session.flush()
            told = [change(run.id, at=now, new=f"Stand {number}, Zelle {n}") for run in changed for n in range(3)]
            changes.append(session, told)
            for run in changed:
                asked = question(f"Tag {number}")
                questions.open_many(session, run.table_id, [asked], run_id=run.id, now=now)
            self.asked = [item.id for item in questions.latest(session, limit=TABLES)]
            notices.settle(session, list(session.scalars(select(Notice.id))), now)
        users.login_link(self.rt, "frau-berger", base_url="")
        for name in ("alive", *(["ended"] if number < 90 else [])):
            if number % 2:
                keep_copy(self.folder / "copies" / name, b"x" * 20_000, ".xlsx", now, Keep(days=120))
        if number % 3 == 2:  # a machine that is switched off for some nights
            tidy(self.rt)
        self.example.clock.pass_by(days=1)

    @staticmethod
    def _run(table: int, state: RunState, now: datetime) -> Run:
        counts, receipt = {"rows": 200, "cells_written": 3}, {"before": 900, "agreed": 897, "changed": 3, "lost": 0}
        return Run(table_id=table, kind="sync", state=state, started_at=now, seconds=1.0, message="Abgeglichen.",
                   counts=counts, receipt=receipt, actor="schedule")  # fmt: skip

    def rows(self) -> dict[str, int]:
        """How much there is of everything that must not grow."""
        counted = {
            "quiet runs": "runs WHERE id NOT IN (SELECT run_id FROM changes WHERE run_id IS NOT NULL)",
            "runs with details": "runs WHERE receipt != '{}'",
            "questions with content": "questions WHERE digest != ''",
            "notices": "notices",
            "login links": "login_links",
        }
        with self.database.read() as session:
            found = {name: session.scalar(text(f"SELECT count(*) FROM {what}")) for name, what in counted.items()}
        return found | {"copies": sum(path.is_file() for path in (self.folder / "copies").rglob("*"))}

    def history_bytes(self) -> int:
        """What may grow: the change log, and the runs and closed questions it is read with."""
        with self.database.read() as session:
            log = session.scalar(text("SELECT sum(length(document) + 150) FROM changes"))
            lean = session.scalar(text("SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM questions)"))
        return int(log) + 400 * int(lean)

    def file_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.glob("syncsvc.db*"))


def test_a_year_of_runs_leaves_what_is_promised_and_bounded_files(sqlite_template: Path, tmp_path: Path) -> None:
    """Between the fourth and the twelfth month only the history grows: the change log, one lean row for each run and
    each closed question it is read with.
    """
    year = Year(tmp_path, sqlite_template)
    rt, key, book = year.rt, "bsp-beispielstadt", year.example.books["beispielstadt"]
    first = sync_table(rt, key).run
    assert first is not None
    then = run_changes(rt, first)
    book.set(2, 3, "31.02.2026")  # a question that nobody answers all year
    sync_table(rt, key)
    with rt.database.read() as session:
        (asked,) = questions.open_for(session, tables.get(session, key).id)
        history = changes.of_record(session, str(asked.ref))
    (unanswered,) = (view for view in question_service.list_questions(rt, table=key))
    marks = {}
    for number in range(360):
        year.day(number)
        if number + 1 in (120, 360):
            marks[number + 1] = (year.rows(), year.history_bytes(), year.file_bytes())

    (rows4, history4, file4), (rows12, history12, file12) = marks[120], marks[360]
    assert all(rows12[name] <= rows4[name] * 1.1 for name in rows4), (rows4, rows12)
    assert file12 - file4 <= history12 - history4 + 200_000
    assert rows12["copies"] <= 2 + 15 + 4, "of the last 48 hours, of each day, of each month; none of the ended table"

    with rt.database.read() as session:
        assert changes.of_record(session, str(asked.ref)) == history
        kept = [entry for entry in changes.of_record(session, REF) if entry.new == "Stand 0, Zelle 0"]
        assert len(kept) == TABLES
        assert len(changes.of_record(session, REF)) == 360 * TABLES * 3
    assert run_changes(rt, first) == then
    assert get_run(rt, first).message == runs.THINNED
    assert question_service.get_question(rt, asked.id) == unanswered

    set_values(rt, str(asked.ref), {"custom.note": "neu"}, actor="lead")
    recent = sync_table(rt, key).run
    assert recent is not None
    assert book.get(2, 4) == "neu"
    tidy(rt)
    undo_run(rt, recent, actor="lead")
    assert book.get(2, 4) is None


def test_an_unknown_run_says_so_after_it_was_removed(rt: Runtime, clock: FakeClock) -> None:
    with rt.database.write() as session:
        run = ended(session, make_table(session), RunState.OK)
    clock.pass_by(days=31)
    tidy(rt)

    with pytest.raises(NotFound):
        get_run(rt, run)


def test_links_still_valid_stay(rt: Runtime, clock: FakeClock) -> None:
    users.add_user(rt, "frau-berger")
    users.login_link(rt, "frau-berger", base_url="")
    clock.pass_by(minutes=14)
    tidy(rt)

    with rt.database.read() as session:
        assert len(session.scalars(select(LoginLink.id)).all()) == 1
