"""Promises 1 to 8 of the design against random people: edits on both sides, sorts, copies, crashes, lost writes.

``SYNCSVC_SOAK_STEPS`` is the number of steps of the soak (``make soak``); the suite runs a few hundred.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from syncsvc.core.model import Cell, ErrorValue, Formula
from syncsvc.core.references import make_reference, usable
from syncsvc.errors import PlatformBusy, TableLocked, UsageError
from syncsvc.services.outcomes import Outcome
from syncsvc.services.questions import answer_question, list_questions
from syncsvc.services.runs import list_runs, undo_run
from syncsvc.services.sync import preview_table, sync_table
from syncsvc.services.tables import release_table
from tests.services.witness import ANYTHING, Token, Witness, token
from tests.services.world import (
    COLUMNS,
    KEY,
    MARK,
    NOTE,
    REFERENCE,
    Kept,
    Killed,
    MemoryPlace,
    Picture,
    Place,
    Rows,
    Sheet,
    WorkbookPlace,
    World,
)

STEPS = 40
SPOILED = "BSP-99"
PICK = st.integers(0, 999)
COLUMN = st.sampled_from(COLUMNS)
TYPED = ["new", "new", "new", "old", "blank", "odd", "bad", "error", "formula"]
RACES = ["sort", "insert", "type", "delete", "copy", "title"]


class SyncMachine(RuleBasedStateMachine):
    """A table in memory, the project's records, and everybody who works with them."""

    found: ClassVar[Counter[str]] = Counter()

    def place(self, folder: Path, *, blind: bool, telling: bool) -> Place:
        return MemoryPlace(blind=blind, telling=telling)

    @initialize(
        edited_by=st.sampled_from([("project", "jobcentre"), ("project", "jobcentre"), ("project",), ("jobcentre",)]),
        blind=st.booleans(),
        telling=st.booleans(),
        rows=st.integers(0, 6),
        records=st.integers(0, 3),
    )
    def begin(self, edited_by: tuple[str, ...], blind: bool, telling: bool, rows: int, records: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="syncsvc-machine-"))
        self.world = World(self.folder, self.place(self.folder, blind=blind, telling=telling), edited_by=edited_by)
        self.witness = Witness(edited_by)
        self.count, self.women = 0, 0
        self.earlier: list[Rows] = []
        self.raced = False
        header: list[Cell] = [REFERENCE, MARK, *(column.header for column in COLUMNS), NOTE]
        self.world.place.save([header])
        for _ in range(rows):
            self.type_new_row(True, 0)
        for _ in range(records):
            self.add_record()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- values and places -------------------------------------------------------------------------------------

    def fresh(self, who: str, column: Kept, *, odd: bool = False) -> Cell:
        """A value nobody ever typed before, so that it is known wherever it turns up."""
        self.count += 1
        if column.type == "date":
            day = date(2020, 1, 1) + timedelta(self.count % 27 + 28 * (self.count // 27))
            return f"{day:%d.%m.%Y}" if odd and day.day <= 28 else day
        if column.type == "number":
            return str(self.count) if odd else float(self.count)
        prefix = ["=", "+49 ", "-", "@", "0", "  ", "'", "\t"][self.count % 8] if odd else ""
        return f"{prefix}{who} {column.header} {self.count}"

    def value(self, who: str, column: Kept, kind: str) -> Cell:
        """What a person types of this kind."""
        if kind == "old":
            known = sorted(self.witness.typed[self.witness.family[who], column.field], key=repr)
            known = [value for value in known if not isinstance(value, tuple)]
            if known:
                return self.cell(column, known[self.count % len(known)])
        if kind == "blank":
            return None
        if kind == "bad" and column.type != "text":
            self.count += 1
            return f"{who} weiß nicht {self.count}"
        if kind == "bad":
            self.count += 1
            return float(self.count)
        if kind == "error":
            return ErrorValue("#REF!")
        if kind == "formula":
            self.count += 1
            return Formula(f"=A1+{self.count}", self.fresh(who, column) if self.world.place.computes else None)  # type: ignore[arg-type]
        return self.fresh(who, column, odd=kind == "odd")

    def cell(self, column: Kept, value: Token) -> Cell:
        if column.type == "date" and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                return value
        return float(value) if isinstance(value, int) else str(value)

    def edit(self, change: Callable[[Sheet], None]) -> None:
        """A person opens the table, changes something and saves it; what vanishes vanishes by her will."""
        rows = self.world.place.load()
        before = [Sheet(rows).picture(index) for index in Sheet(rows).data]
        if all(row.who for row in before):  # else the service just appended a row, whose mark is still missing
            self.earlier.append([list(row) for row in rows])
        sheet = Sheet(rows)
        change(sheet)
        self.world.place.save(sheet.rows)
        after = Sheet(sheet.rows)
        now = {picture.who: picture for picture in map(after.picture, after.data)}
        seen = self.world.picture()
        for row in before:
            for name, cell in row.cells.items():
                value = token(name, cell)
                kept = now.get(row.who)
                if value is not None and (kept is None or token(name, kept.cells[name]) != value) and row.who:
                    self.witness.takes_away(row.who, name, value, seen)

    def some_row(self, pick: int) -> int | None:
        sheet = Sheet(self.world.place.load())
        data = [index for index in sheet.data if sheet.get(index, MARK)]
        return data[pick % len(data)] if data else None

    def somebody(self) -> str:
        self.women += 1
        who = f"w{self.women}"
        self.witness.meet(who)
        return who

    # -- people ------------------------------------------------------------------------------------------------

    @rule(pick=PICK, column=COLUMN, kind=st.sampled_from(TYPED))
    def type_cell(self, pick: int, column: Kept, kind: str) -> None:
        index = self.some_row(pick)
        if index is None:
            return

        def change(sheet: Sheet) -> None:
            who = str(sheet.get(index, MARK))
            cell = self.value(who, column, kind)
            self.witness.types(who, column.field, token(column.field, cell))
            sheet.set(index, column.header, cell)

        self.edit(change)

    @rule(full=st.booleans(), pick=PICK)
    def type_new_row(self, full: bool, pick: int) -> None:
        def change(sheet: Sheet) -> None:
            if sheet.header is None:
                return
            who = self.somebody()
            at = min(sheet.header + 1 + pick % 5, len(sheet.rows))
            sheet.rows.insert(at, [])
            sheet.set(at, MARK, who)
            for number, column in enumerate(COLUMNS):
                if full or (pick + number) % 3 == 0:
                    cell = self.value(who, column, "odd" if (pick + number) % 11 == 7 else "new")
                    self.witness.types(who, column.field, token(column.field, cell))
                    sheet.set(at, column.header, cell)

        self.edit(change)

    @rule(pick=PICK, column=COLUMN, kind=st.sampled_from(["new", "new", "odd", "blank", "old"]))
    def edit_record(self, pick: int, column: Kept, kind: str) -> None:
        known = sorted(
            set(self.witness.refs.items()) - {(w, r) for w, r in self.witness.refs.items() if r in self.witness.void}
        )
        if not known:
            return
        who, ref = known[pick % len(known)]
        if column.required and kind == "blank":
            return
        cell = self.value(who, column, kind)
        text = (
            ""
            if cell is None
            else f"{cell:%d.%m.%Y}"
            if isinstance(cell, date)
            else str(token(column.field, cell))
            if isinstance(cell, float)
            else str(cell)
        )
        try:
            self.world.set(ref, column.field, text)
        except UsageError:
            return  # an old value that only the table may show
        self.witness.types(who, column.field, token(column.field, cell))

    @rule()
    def add_record(self) -> None:
        who, number = self.somebody(), self.world.next_reference()
        while not usable("BSP", number):
            number += 1
        ref = make_reference("BSP", number)
        values = {column.field: token(column.field, self.fresh(who, column)) for column in COLUMNS}
        for name, value in values.items():
            self.witness.types(who, name, value)
        self.witness.binds(who, ref)
        self.world.create(ref, values, number)  # type: ignore[arg-type]  # tokens of fresh values are plain JSON

    @rule(column=COLUMN, reverse=st.booleans())
    def sort(self, column: Kept, reverse: bool) -> None:
        def change(sheet: Sheet) -> None:
            if sheet.header is not None:
                top = sheet.header + 1
                order = sorted(
                    range(top, len(sheet.rows)), key=lambda i: str(sheet.get(i, column.header)), reverse=reverse
                )
                sheet.rows[top:] = [sheet.rows[i] for i in order]

        self.edit(change)

    @rule(pick=PICK, to=PICK)
    def cut_and_paste(self, pick: int, to: int) -> None:
        index = self.some_row(pick)
        if index is not None:

            def change(sheet: Sheet) -> None:
                assert sheet.header is not None
                row = sheet.rows.pop(index)
                sheet.rows.insert(sheet.header + 1 + to % (len(sheet.rows) - sheet.header), row)

            self.edit(change)

    @rule(pick=PICK, kind=st.sampled_from(["row", "title", "column"]))
    def insert(self, pick: int, kind: str) -> None:
        def change(sheet: Sheet) -> None:
            if sheet.header is None:
                return
            if kind == "column":
                if len(sheet.rows[sheet.header]) < 14:
                    at = pick % (len(sheet.rows[sheet.header]) + 1)
                    for row in sheet.rows:
                        row.extend([None] * (at - len(row)))
                        row.insert(at, None)
            elif kind == "title":
                if sheet.header < 6:
                    sheet.rows.insert(pick % (sheet.header + 1), ["Liste der Teilnehmerinnen"])
            else:
                sheet.rows.insert(sheet.header + 1 + pick % (len(sheet.rows) - sheet.header), [])

        self.edit(change)

    @rule(pick=PICK, to=PICK)
    def copy_row(self, pick: int, to: int) -> None:
        index = self.some_row(pick)
        if index is None:
            return

        def change(sheet: Sheet) -> None:
            assert sheet.header is not None
            who, copy = str(sheet.get(index, MARK)), self.somebody()
            self.witness.join(copy, who)
            self.witness.knows_nothing(who)
            row = list(sheet.rows[index])
            at = sheet.header + 1 + to % (len(sheet.rows) - sheet.header)
            sheet.rows.insert(at, row)
            sheet.set(at, MARK, copy)

        self.edit(change)

    @rule(pick=PICK)
    def delete_row(self, pick: int) -> None:
        index = self.some_row(pick)
        if index is not None:
            self.edit(lambda sheet: sheet.rows.__delitem__(index))

    @rule(pick=PICK, other=PICK, kind=st.sampled_from(["wiped", "mistyped", "other"]))
    def spoil_reference(self, pick: int, other: int, kind: str) -> None:
        index, second = self.some_row(pick), self.some_row(other)
        if index is None or second is None:
            return

        def change(sheet: Sheet) -> None:
            old = sheet.get(index, REFERENCE)
            new: Cell = None
            if kind == "mistyped":
                new = old[:-1] + ("A" if old[-1] != "A" else "B") if isinstance(old, str) and old else SPOILED
            if kind == "other":
                new = sheet.get(second, REFERENCE)
                one, two = str(sheet.get(index, MARK)), str(sheet.get(second, MARK))
                if new is not None and one != two:
                    self.witness.join(one, two)
                    self.witness.knows_nothing(one)
                    self.witness.knows_nothing(two)
            sheet.set(index, REFERENCE, new)

        self.edit(change)

    @precondition(lambda self: self.earlier)
    @rule(back=PICK, pick=PICK)
    def undo_by_hand(self, back: int, pick: int) -> None:
        """A person puts some cells of a row back to what they once were."""
        old = Sheet(self.earlier[-1 - back % min(len(self.earlier), 12)])
        was = {row.who: row for row in map(old.picture, old.data)}
        index = self.some_row(pick)

        def change(sheet: Sheet) -> None:
            assert index is not None
            row = was.get(str(sheet.get(index, MARK)))
            for number, column in enumerate(COLUMNS):
                if row is not None and (pick + number) % 2:
                    sheet.set(index, column.header, row.cells[column.field])

        if index is not None:
            self.edit(change)

    @precondition(lambda self: self.earlier)
    @rule(back=PICK)
    def restore_file(self, back: int) -> None:
        """Somebody restores an old version of the whole file."""
        old = self.earlier[-1 - back % min(len(self.earlier), 15)]
        self.edit(lambda sheet: setattr(sheet, "rows", [list(row) for row in old]))

    @rule()
    def clear_sheet(self) -> None:
        self.edit(lambda sheet: setattr(sheet, "rows", []))

    # -- the service -------------------------------------------------------------------------------------------

    @rule(previewed=st.booleans())
    def sync(self, previewed: bool) -> None:
        """A run that nothing disturbs; with ``previewed`` it carries out exactly what a preview showed."""
        before = self.look()
        preview = preview_table(self.world.rt, KEY) if previewed else None
        outcome = self.run(expect=preview.plan or None if preview else None)
        assert outcome is not None
        after = self.world.picture()
        if preview is not None and outcome.state == "ok":
            for name in ("cells_written", "rows_added", "records_changed", "records_created", "questions_opened"):
                assert getattr(preview, name) == getattr(outcome, name), f"the preview promised another {name}"
        self.judge(before, after, outcome)
        if outcome.state != "held":
            self.world.place.save(self.world.place.load())  # a new version, so that everything is looked at again
            again = preview_table(self.world.rt, KEY)
            did = (again.cells_written, again.rows_added, again.records_changed, again.records_created)
            assert did == (0, 0, 0, 0), f"a second run would do something: {again.actions}"
            assert (again.questions_opened, again.questions_closed) == (0, 0), "a second run would ask again"

    @rule(boundary=st.integers(1, 20), where=st.sampled_from(["database", "database", "before", "after", "during"]))
    def die(self, boundary: int, where: str) -> None:
        """The process is killed at some boundary, and a new one starts later."""
        before = self.look()
        place = self.world.place
        if where == "database":
            self.world.kill_at(boundary)
        elif where != "during":
            self.world.hooks[where] = self.world.die
        elif isinstance(place, MemoryPlace) and not self.world.place.telling:
            place.book.during = self.world.die  # part of the cells landed, and nobody can tell which
        outcome = self.run()
        self.world.revive()
        self.found["killed" if outcome is None else "survived"] += 1
        self.after_disturbance(before, outcome)

    @rule(error=st.sampled_from([TableLocked, PlatformBusy]))
    def fail_to_write(self, error: type[Exception]) -> None:
        """The table cannot be written right now."""

        def refuse() -> None:
            raise error

        before = self.look()
        self.world.hooks["before"] = refuse
        outcome = self.run()
        self.world.revive()
        assert outcome is not None
        after = self.world.picture()
        if outcome.state == "held":
            assert after.grid == before.grid, "a write that failed left something in the table"
        self.after_disturbance(before, outcome, doubtful=False)

    @rule(kind=st.sampled_from(RACES), pick=PICK, column=COLUMN, moment=st.sampled_from(["before", "during", "after"]))
    def race(self, kind: str, pick: int, column: Kept, moment: str) -> None:
        """Somebody works in the table while the service writes."""
        edits: dict[str, Callable[[], None]] = {
            "sort": lambda: self.sort(column, pick % 2 == 0),
            "insert": lambda: self.insert(pick, "row"),
            "type": lambda: self.type_cell(pick, column, "new"),
            "delete": lambda: self.delete_row(pick),
            "copy": lambda: self.copy_row(pick, 0),
            "title": lambda: self.insert(pick, "title"),
        }
        before = self.look()
        place = self.world.place
        if moment == "during" and isinstance(place, MemoryPlace) and self.world.place.blind:

            def once() -> None:
                place.book.during = lambda: None
                edits[kind]()

            place.book.during = once
        else:
            self.world.hooks["after" if moment == "after" else "before"] = edits[kind]
        outcome = self.run()
        self.world.revive()
        self.after_disturbance(before, outcome, raced=True, doubtful=False)

    @rule(pick=PICK, choice=PICK)
    def answer(self, pick: int, choice: int) -> None:
        """A person answers one of the open questions."""
        offered = [question for question in list_questions(self.world.rt, table=KEY) if question.choices]
        if not offered:
            return
        question = offered[pick % len(offered)]
        chosen = question.choices[choice % len(question.choices)].key
        self.look()
        answer_question(self.world.rt, question.id, chosen, actor="admin")
        self.found[f"{question.kind} {chosen}"] += 1
        if question.ref is not None:
            who = self.witness.who_has(question.ref)
            if who is not None:
                self.witness.knows_nothing(who, question.field)
            if question.kind == "deletion" or question.code == "row_copied":
                self.witness.settled.add(question.ref)
            if chosen in ("mistake", "same"):
                self.witness.void.add(question.ref)
        else:
            for who in self.witness.family:
                self.witness.knows_nothing(who)
        self.check(self.world.picture())

    @rule()
    def release(self) -> None:
        """An admin approves what stopped the table."""
        try:
            release_table(self.world.rt, KEY, actor="admin")
        except UsageError:
            return
        for who in self.witness.family:
            self.witness.knows_nothing(who)

    @rule(pick=PICK)
    def take_back(self, pick: int) -> None:
        """An admin undoes one of the last runs."""
        done = [run for run in list_runs(self.world.rt, table=KEY, limit=6) if run.state == "ok" and not run.undone_by]
        if not done:
            return
        before = self.look()
        result = undo_run(self.world.rt, done[pick % len(done)].id, actor="admin")
        self.found["undone"] += 1
        after = self.world.picture()
        self.check(after)
        self.settle(before, after, clean=False)
        for change in result.changes:
            who = self.witness.who_has(change["ref"])
            if who is not None and self.witness.bases.get((who, change["field"])) is not None:
                self.witness.bases[who, change["field"]].add(ANYTHING)

    # -- judgement ---------------------------------------------------------------------------------------------

    def look(self) -> Picture:
        """What both sides show when a run starts: from here on it is the service's to keep."""
        picture = self.world.picture()
        self.witness.looks(picture)
        return picture

    def run(self, expect: str | None = None) -> Outcome | None:
        """One sync; None when it was killed."""
        self.world.clock.moment += timedelta(minutes=1)
        try:
            outcome = sync_table(self.world.rt, KEY, expect=expect, wait=0)
        except Killed:
            return None
        receipt = outcome.receipt
        assert receipt["lost"] == 0, f"the receipt itself says that something is lost: {receipt}"
        assert receipt["before"] == sum(count for name, count in receipt.items() if name != "before"), receipt
        self.found[outcome.state] += 1
        return outcome

    def judge(self, before: Picture, after: Picture, outcome: Outcome) -> None:
        if outcome.state == "held":
            assert after.grid == before.grid, "a held run wrote into the table"
            assert after.records == before.records, "a held run changed records"
            assert sum(question.kind == "held" for question in after.questions) == 1
        elif outcome.state == "unchanged":
            assert (after.grid, after.records) == (before.grid, before.records)
        else:
            assert outcome.state == "ok", outcome.message
            self.judge_writing(before, after, outcome)
            self.witness.judges(before, after)
        self.check(after)
        self.settle(before, after, clean=outcome.state != "held")

    def judge_writing(self, before: Picture, after: Picture, outcome: Outcome) -> None:
        """Only mapped cells changed, and exactly as many as the run says it wrote."""
        width = max((len(row) for row in [*before.grid, *after.grid]), default=0)
        old, new = ([[*row, *[None] * (width - len(row))] for row in grid] for grid in (before.grid, after.grid))
        mapped = {index for name, index in Sheet(before.grid).column.items() if name != MARK}
        while len(new) > len(old):
            old.append([None] * width)
        differ = [(r, c) for r, row in enumerate(new) for c, cell in enumerate(row) if cell != old[r][c]]
        header = Sheet(before.grid).header
        if header is None:
            assert not any(before.grid), "only an empty sheet is written anew"
            return
        assert all(r > header and c in mapped for r, c in differ), "a cell was written that is not ours to write"
        assert len(differ) == outcome.cells_written, (
            f"{len(differ)} cells differ, {outcome.cells_written} were reported"
        )
        assert len(before.records) + outcome.records_created == len(after.records)

    def after_disturbance(
        self, before: Picture, outcome: Outcome | None, *, raced: bool = False, doubtful: bool = True
    ) -> None:
        after = self.world.picture()
        self.adopt(after)
        if doubtful and not self.world.place.telling:
            self.witness.doubts(before)
        self.check(after)
        self.settle(before, after, clean=False, raced=raced)

    def adopt(self, after: Picture) -> None:
        """Learn which references a disturbed run gave to new rows."""
        claimed = Counter(row.ref for row in after.rows)
        for row in after.rows:
            if not row.who or row.who in self.witness.refs or row.ref not in after.records:
                continue
            if claimed[row.ref] == 1 and self.witness.who_has(str(row.ref)) is None:
                self.witness.binds(row.who, str(row.ref))

    def settle(self, before: Picture, after: Picture, *, clean: bool, raced: bool = False) -> None:
        """Write the women's marks into the rows the service appended, and move what counts as agreed."""
        strangers = [row for row in after.rows if not row.who and row.ref is not None]
        if strangers:
            rows = self.world.place.load()
            sheet = Sheet(rows)
            for row in strangers:
                who = self.witness.who_has(str(row.ref))
                if who is not None:
                    sheet.set(row.number - 1, MARK, who)
            self.world.place.save(rows)
            after = self.world.picture()
        self.witness.remembers(before, after, clean=clean, raced=raced)

    def check(self, picture: Picture) -> None:
        self.witness.nothing_lost(picture, self.world.history)
        self.witness.nothing_misplaced(picture)

    @invariant()
    def count_steps(self) -> None:
        self.found["steps"] += 1


class WorkbookMachine(SyncMachine):
    """The same over a real .xlsx file, edited with openpyxl."""

    found: ClassVar[Counter[str]] = Counter()

    def place(self, folder: Path, *, blind: bool, telling: bool) -> Place:
        return WorkbookPlace(folder)


def play(machine: type[SyncMachine], examples: int, *, fixed: bool) -> None:
    profile = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=fixed,
        database=None,
        print_blob=False,
        phases=[Phase.generate] if fixed else [Phase.generate, Phase.shrink],  # a failure of the suite shows at once
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=profile)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(("machine", "examples"), [(SyncMachine, 8), (WorkbookMachine, 2)])
def test_promises_hold_over_random_work(machine: type[SyncMachine], examples: int) -> None:
    """Whatever people do and wherever the service dies: nothing is lost, misplaced, doubled or overruled in silence."""
    play(machine, examples, fixed=True)


@pytest.mark.soak
@pytest.mark.parametrize(("machine", "share"), [(SyncMachine, 0.9), (WorkbookMachine, 0.1)])
def test_soak(machine: type[SyncMachine], share: float, capsys: pytest.CaptureFixture[str]) -> None:
    """The same for hours; prints how many steps were played and what happened in them."""
    steps = int(int(os.environ.get("SYNCSVC_SOAK_STEPS", "100000")) * share)
    machine.found.clear()
    try:
        play(machine, steps // STEPS, fixed=False)
    finally:
        with capsys.disabled():
            print(f"\n{machine.__name__}: {machine.found['steps']} steps", dict(machine.found))  # noqa: T201  # its result
