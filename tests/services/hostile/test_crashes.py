"""Kill the service at every instruction that matters; the next run completes the work.

A boundary is the moment before, inside and after each writing transaction, and before and after each read and write
of the table. "Killed" means: from here on the process does nothing, its lease runs out, a new process takes over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from syncsvc.errors import TableLocked
from syncsvc.services.sync import sync_table
from tests.services.bench import TABLE, Bench, Killed
from tests.services.hostile.tables import THREE

KNOWS = pytest.mark.parametrize("knows", [True, False], ids=["file", "cloud"])
"""A file refuses a write onto a moved version and can tell later whether a write arrived; a cloud may do neither."""

LAST = 40
"""More boundaries than a run has."""


class Fuse:
    """Kills at the n-th boundary, and at every later one: the dead do nothing."""

    def __init__(self, bench: Bench, at: int) -> None:
        self._left, self.blown = at, False
        bench.database.boundary = self.burn
        book = bench.book
        book.before_read = book.before_write = book.after_write = self.burn

    def burn(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.blown = True
            raise Killed


def kill_at(bench: Bench, boundary: int) -> bool:
    """Start a sync that dies at this boundary; False when it was through before."""
    fuse = Fuse(bench, boundary)
    with suppress(Killed):
        sync_table(bench.rt, TABLE)
    book = bench.book
    book.before_read = book.before_write = book.after_write = lambda: None
    bench.restart()
    return fuse.blown


def work(bench: Bench) -> None:
    """One edit in each direction, a new row, a new record, a wiped reference and a cell nobody can read."""
    bench.given(THREE)
    bench.sync()
    bench.people_type("BSP-0137-E", "Notiz", "neu")
    bench.people_type("BSP-0138-C", "TN-Nr.", "")
    bench.people_type("BSP-0139-A", "Eintritt", "'31.02.2025")
    bench.project_sets("BSP-0139-A", "Notiz", "dienstags")
    bench.people_add("| Name | Eintritt |\n| Novak, Iva | 05.05.2025 |")
    bench.project_has("| TN-Nr. | Name | Eintritt |\n| BSP-0144-G | Klein, Eva | 06.05.2025 |")


DONE = """
    | TN-Nr.     | Name             | Eintritt    | Ansprechperson JC | Notiz     | Hinweis              |
    | BSP-0137-E | Kowalenko, Olena | 01.09.2024  | Müller, Anna      | neu       |                      |
    | BSP-0138-C | Alvarez, Ana     | 03.02.2025  |                   |           |                      |
    | BSP-0139-A | Demir, Ada       | '31.02.2025 | Schulz, Peter     | dienstags | Spalte Eintritt: … |
    | BSP-0145-E | Novak, Iva       | 05.05.2025  |                   |           |                      |
    | BSP-0144-G | Klein, Eva       | 06.05.2025  |                   |           |                      |
"""


def is_done(bench: Bench) -> None:
    """Everything arrived, once, and nothing is asked but what was unreadable."""
    bench.table_is(DONE)
    bench.records_are("""
        | TN-Nr.     | Name             | Eintritt   | Ansprechperson JC | Notiz     |
        | BSP-0137-E | Kowalenko, Olena | 01.09.2024 | Müller, Anna      | neu       |
        | BSP-0138-C | Alvarez, Ana     | 03.02.2025 |                   |           |
        | BSP-0139-A | Demir, Ada       | 17.06.2024 | Schulz, Peter     | dienstags |
        | BSP-0144-G | Klein, Eva       | 06.05.2025 |                   |           |
        | BSP-0145-E | Novak, Iva       | 05.05.2025 |                   |           |
    """)
    bench.questions_are("| Art | TN-Nr. | Spalte |\n| unreadable | BSP-0139-A | Eintritt |")


def kills(bench: Bench, *, knows: bool) -> Iterator[int]:
    """The same work begun again and again, each time killed one boundary later, until a run gets through."""
    bench.book.conditional = bench.book.knows_landed = knows
    rewind = bench.remember()
    for boundary in range(1, LAST):
        rewind()
        if not kill_at(bench, boundary):
            assert boundary > 15, "a run has more boundaries than that"
            return
        yield boundary
    raise AssertionError("the run never gets through")


@KNOWS
def test_38_killed_anywhere_the_next_run_completes_the_work(bench: Bench, knows: bool) -> None:
    """No row twice, no edit undone, no question where the outcome can be known: nobody typed meanwhile."""
    work(bench)
    for _ in kills(bench, knows=knows):
        bench.sync_as_it_is()
        bench.check_second_run()
        is_done(bench)


@KNOWS
def test_38_killed_twice(bench: Bench, knows: bool) -> None:
    """The run that should have repaired dies as well, at another place."""
    work(bench)
    for boundary in kills(bench, knows=knows):
        kill_at(bench, boundary // 2 + 3)
        bench.sync_as_it_is()
        bench.check_second_run()
        is_done(bench)


def sorts(bench: Bench) -> None:
    bench.people_sort_by("Name", reverse=True)


def inserts(bench: Bench) -> None:
    bench.book.insert_row(3)


def types_elsewhere(bench: Bench) -> None:
    bench.people_type("BSP-0137-E", "Ansprechperson JC", "Schulz, Peter")


@pytest.mark.parametrize(
    ("meddle", "knows"), [(sorts, False), (sorts, True), (inserts, False), (types_elsewhere, False)]
)
def test_38_people_go_on_working_between_the_crash_and_the_next_run(
    bench: Bench, meddle: Callable[[Bench], None], knows: bool
) -> None:
    """Sorted, inserted or typed elsewhere: every woman has her own values, and the edit arrives."""
    work(bench)
    for _ in kills(bench, knows=knows):
        meddle(bench)
        bench.sync_as_it_is()
        bench.check_second_run()
        everybody_has_her_own(bench)


def everybody_has_her_own(bench: Bench) -> None:
    """No row twice, nobody missing, no value in another woman's row; the edits are in the records.

    A row that was being appended may be missing where nobody can tell whether it arrived and was deleted since: then a
    person is asked. So may a value that was being written.
    """
    names = {"BSP-0137-E": "Kowalenko, Olena", "BSP-0138-C": "Alvarez, Ana", "BSP-0139-A": "Demir, Ada",
             "BSP-0144-G": "Klein, Eva", "BSP-0145-E": "Novak, Iva"}  # fmt: skip
    notes = {"BSP-0137-E": ["neu"], "BSP-0139-A": ["dienstags"]}
    known, asked = bench.records(), {(question.kind, question.ref) for question in bench.open_questions()}
    if ("conflict", "BSP-0139-A") in asked:
        notes["BSP-0139-A"].append("montags")
    missing = {"BSP-0144-G"} if ("deletion", "BSP-0144-G") in asked else set()
    column = bench.column_of("TN-Nr.")
    rows = [row for row in bench.book.rows[1:] if any(cell is not None for cell in row)]
    assert sorted(str(row[column - 1]) for row in rows) == sorted(names.keys() - missing)
    for ref in names.keys() - missing:
        assert bench.book.get(bench.row_of(ref), bench.column_of("Name")) == names[ref]
        assert bench.book.get(bench.row_of(ref), bench.column_of("Notiz")) in notes.get(ref, [None])
    assert sorted(known) == sorted(names)
    assert known["BSP-0137-E"].values["custom.note"] == "neu"
    assert known["BSP-0139-A"].values["custom.note"] == "dienstags"
    if bench.book.knows_landed:
        assert asked == {("unreadable", "BSP-0139-A")}


@KNOWS
def test_38_a_persons_return_to_the_old_value_after_the_crash_is_not_undone(bench: Bench, knows: bool) -> None:
    """Our write landed, the run died, the person put her value back: taken as her edit or asked, never fought."""
    bench.given(THREE)
    bench.sync()
    bench.project_sets("BSP-0139-A", "Notiz", "dienstags")
    for _ in kills(bench, knows=knows):
        landed = bench.book.get(4, 5) == "dienstags"
        bench.people_type("BSP-0139-A", "Notiz", "montags")
        bench.sync_as_it_is()
        shown, kept = bench.book.get(4, 5), bench.records()["BSP-0139-A"].values["custom.note"]
        if bench.open_questions():
            assert (shown, kept) == ("montags", "dienstags")
            assert landed or not knows
        else:
            assert shown == kept == ("montags" if landed else "dienstags")


@KNOWS
def test_37_a_write_that_never_arrives_is_not_agreed(bench: Bench, knows: bool) -> None:
    """The platform says yes and changes nothing: repeated, not agreed, and the next run writes it."""
    bench.given(THREE)
    bench.sync()
    bench.book.conditional, bench.book.knows_landed = False, knows
    bench.project_sets("BSP-0139-A", "Notiz", "dienstags")

    def swallow() -> None:
        bench.book.set(4, 5, "montags")

    bench.book.after_write = swallow
    bench.sync_as_it_is()
    bench.book.after_write = lambda: None

    bench.sync_as_it_is()

    bench.table_is("""
        | TN-Nr.     | Notiz     |
        | BSP-0137-E | ruft an   |
        | BSP-0138-C |           |
        | BSP-0139-A | dienstags |
    """)
    bench.nothing_is_asked()


def test_39_a_holder_that_lost_its_lease_cannot_write(bench: Bench) -> None:
    """The second worker took the table over while the first one slept: the first one stops."""
    from syncsvc.errors import LeaseLost

    bench.given(THREE)
    bench.sync()
    bench.project_sets("BSP-0139-A", "Notiz", "dienstags")

    def overslept() -> None:
        bench.book.before_read = lambda: None
        bench.restart()
        sync_table(bench.rt, TABLE)

    bench.book.before_read = overslept
    bench.book.revision += 1
    with pytest.raises(LeaseLost):
        sync_table(bench.rt, TABLE)
    bench.check_second_run()
    bench.table_is("""
        | TN-Nr.     | Notiz     |
        | BSP-0137-E | ruft an   |
        | BSP-0138-C |           |
        | BSP-0139-A | dienstags |
    """)


def test_39_a_second_run_waits_for_the_first(bench: Bench) -> None:
    """ "Sync now" during a scheduled run: one lease per table; who cannot have it says so."""
    bench.given(THREE)
    bench.sync()
    bench.book.revision += 1
    seen = []

    def meanwhile() -> None:
        bench.book.before_read = lambda: None
        seen.append(sync_table(bench.rt, TABLE, wait=0).state)

    bench.book.before_read = meanwhile
    assert sync_table(bench.rt, TABLE).state == "ok"
    assert seen == ["held"]


NEW_ROWS = """
    | TN-Nr. | Name             | Eintritt | Notiz |
    |        | Kowalenko, Olena |          |       |
    |        | Alvarez, Ana     |          |       |
    |        | Demir, Ada       |          |       |
"""
"""Rows of which only the name could tell later whose they are."""

FREE = {"Eintritt": {"required": False}}


def everybody_got_one_reference(bench: Bench) -> None:
    shown = [bench.book.get(row, 1) for row in (2, 3, 4)]
    assert sorted(map(str, shown)) == sorted(bench.records())
    assert len(set(shown)) == 3
    bench.nothing_is_asked()


@pytest.mark.parametrize(
    ("knows", "meddle"),
    [
        pytest.param(True, sorts, id="file-sorted"),
        pytest.param(False, lambda bench: None, id="cloud"),
        pytest.param(True, lambda bench: None, id="file", marks=pytest.mark.soak),
        pytest.param(False, sorts, id="cloud-sorted", marks=pytest.mark.soak),
    ],
)
def test_38_killed_before_a_new_row_got_its_reference(
    bench: Bench, knows: bool, meddle: Callable[[Bench], None]
) -> None:
    """The record is there, its reference is not in the table yet: that reference can be nobody else's."""
    bench.given(NEW_ROWS, change=FREE)
    for _ in kills(bench, knows=knows):
        meddle(bench)
        bench.sync_as_it_is()
        bench.check_second_run()
        everybody_got_one_reference(bench)


def test_a_new_row_gets_its_reference_although_its_file_was_open_at_first(bench: Bench) -> None:
    """Somebody sorts the list and saves it, while the reference was given to the row but could not be written."""

    def locked() -> None:
        raise TableLocked

    bench.given(NEW_ROWS, change=FREE)
    bench.book.before_write = locked
    bench.sync_as_it_is()
    sorts(bench)
    bench.book.before_write = lambda: None
    bench.sync_as_it_is()
    bench.check_second_run()
    everybody_got_one_reference(bench)
