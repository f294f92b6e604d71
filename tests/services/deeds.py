"""What people do while the service works, at any point of a run; and how a run they disturb has to end.

No platform here has a conditional write, so a cell lands where its row was when we last read. What has to hold whatever
people do: everybody's values in her own row and record, no row twice, no edit lost but one that nobody could know of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.services.story import ENTRY, PLAN, REMARK, TITLE, Story, values
from tests.services.world import FIELDS, MARK


def types_into_the_very_cell(story: Story) -> None:
    """The service is about to write another text there."""
    story.type("w2", PLAN, f"gerade getippt {len(story.tokens())}")


def types_elsewhere_in_that_row(story: Story) -> None:
    story.type("w2", REMARK, f"gerade getippt {len(story.tokens())}")


def sorts(story: Story) -> None:
    if letter := story.letter(FIELDS[ENTRY].header):
        first = story.sheet()
        assert first.header is not None
        up = first.data[0:1] and first.get(first.data[0], MARK) == "w1"
        story.sort(letter, below=first.header + 1, descending=bool(up))


def sorts_the_header_too(story: Story) -> None:
    if letter := story.letter(FIELDS[ENTRY].header):
        story.sort(letter, below=0, descending=True)


def puts_the_header_back(story: Story) -> None:
    header = story.sheet().header
    assert header is not None
    if header:
        story.anna.move_row(header + 1, 1)


def inserts_a_row_above(story: Story) -> None:
    header = story.sheet().header
    assert header is not None
    story.anna.insert_row(header + 2)


def inserts_a_row_between(story: Story) -> None:
    if row := story.row("w6"):
        story.anna.insert_row(row)


def inserts_a_title(story: Story) -> None:
    story.anna.insert_row(1, TITLE)


def deletes(who: str) -> Callable[[Story], None]:
    def act(story: Story) -> None:
        if row := story.row(who):
            story.anna.delete_rows(row)
            story.gone.add(who)

    return act


def cuts_and_pastes(story: Story) -> None:
    if row := story.row("w2"):
        story.anna.cut_row(row, len(story.sheet().rows) + 2)


def drags_a_row(story: Story) -> None:
    if row := story.row("w2"):
        story.anna.move_row(row, len(story.sheet().rows) + 1)


def types_a_row_below(story: Story) -> None:
    if story.row("w11") is None:
        sheet = story.sheet()
        row = len(sheet.rows) + 1
        new = {MARK: "w11"} | {FIELDS[name].header: value for name, value in values("w11").items()}
        for name, value in new.items():
            if letter := story.letter(name):
                story.anna.put(f"{letter}{row}", value)
        story.newcomers.add("w11")


def inserts_a_column(story: Story) -> None:
    if letter := story.letter(FIELDS[PLAN].header):
        story.anna.insert_column(letter)


def inserts_a_column_before_all(story: Story) -> None:
    story.anna.insert_column("A")


def moves_a_column(story: Story) -> None:
    plan, entry = story.letter(FIELDS[PLAN].header), story.letter(FIELDS[ENTRY].header)
    if plan and entry:
        story.anna.move_column(*((plan, entry) if plan > entry else (entry, plan)))


def deletes_a_column(story: Story) -> None:
    if letter := story.letter(FIELDS[REMARK].header):
        story.anna.delete_column(letter)
        story.lost.add(REMARK)


def renames_a_header(story: Story) -> None:
    sheet = story.sheet()
    if letter := story.letter(FIELDS[PLAN].header):
        assert sheet.header is not None
        story.anna.put(f"{letter}{sheet.header + 1}", "Wie geht es weiter?")


def names_it_as_before(story: Story) -> None:
    sheet = story.sheet()
    assert sheet.header is not None
    if column := sheet.column.get("Wie geht es weiter?"):
        sheet.rows[sheet.header][column] = FIELDS[PLAN].header
        story.place.save(sheet.rows)


def renames_tab_and_file(story: Story) -> None:
    story.anna.rename_tab(f"Frauen {len(story.server.log)}")
    story.anna.rename_file("Frauen.xlsx")


def copies_a_row(story: Story) -> None:
    if (row := story.row("w2")) and not story.twins:
        story.anna.copy_row(row, row + 2)
        story.anna.put(f"{story.letter(MARK)}{row + 2}", "w2 (Kopie)")
        story.twins.add("w2 (Kopie)")


def merges(story: Story) -> None:
    plan, remark = story.cell("w2", FIELDS[PLAN].header), story.cell("w2", FIELDS[REMARK].header)
    if plan and remark:
        story.anna.merge(f"{plan}:{remark}")
        story.typed["w2", REMARK].append(None)  # what the corner covers is gone, by her hand


def unmerges(story: Story) -> None:
    story.anna.unmerge("A1:Z99")


def nothing(story: Story) -> None:
    """People need not put anything right."""


@dataclass(frozen=True)
class Deed:
    """What people do. ``heal`` is what they do about it later; until then some of the work has to wait.

    ``reads`` and ``writes`` are those that it may cost beyond those of a run and of a repair.
    """

    act: Callable[[Any], None]  # any story: some deeds are possible at one platform only
    heal: Callable[[Any], None] = nothing
    reads: int = 0
    writes: int = 0


DEEDS: Mapping[str, Deed] = {
    "type into the very cell": Deed(types_into_the_very_cell),
    "type elsewhere in that row": Deed(types_elsewhere_in_that_row),
    "type a row below": Deed(types_a_row_below),
    "sort": Deed(sorts),
    "sort header and all": Deed(sorts_the_header_too, puts_the_header_back),
    "insert a row above": Deed(inserts_a_row_above),
    "insert a row between": Deed(inserts_a_row_between),
    "insert a title row": Deed(inserts_a_title),
    "delete the row to be written": Deed(deletes("w2")),
    "delete the row just edited": Deed(deletes("w1")),
    "cut and paste a row": Deed(cuts_and_pastes),
    "drag a row": Deed(drags_a_row),
    "copy a row": Deed(copies_a_row),
    "insert a column": Deed(inserts_a_column),
    "insert a column before all": Deed(inserts_a_column_before_all),
    "move a column": Deed(moves_a_column),
    "delete a column": Deed(deletes_a_column),
    "rename a header": Deed(renames_a_header, names_it_as_before),
    "rename tab and file": Deed(renames_tab_and_file, reads=2),
    "merge": Deed(merges, unmerges),
}


@dataclass(frozen=True)
class Point:
    """Before or after a request takes effect: the n-th of the run, or those of a kind."""

    request: int | str
    moment: str
    times: int = 1


def unknowable(story: Story, points: list[tuple[int, str]]) -> bool:
    """Whether a write took effect after one of these points and before anything was read again."""
    log = [each.call.kind for each in story.server.log]
    for request, moment in points:
        later = [kind for kind in log[request - (moment == "before") :] if kind != "meta"]
        if later[:1] == ["write"]:
            return True
    return False


def disturb(story: Story, *what: tuple[Deed, Point]) -> None:
    """A run with these deeds at their points, then what people do about it, and undisturbed runs until quiet."""
    points: list[tuple[int, str]] = []

    def at(deed: Deed, point: Point) -> None:
        def act() -> None:
            points.append((len(story.server.log) + 1, point.moment))
            deed.act(story)

        hook = story.server.before if point.moment == "before" else story.server.after
        hook(point.request, act, times=point.times)

    for deed, point in what:
        at(deed, point)
    outcome = story.sync()
    assert outcome is not None
    assert outcome.receipt["lost"] == 0
    counts, again = story.server.counts(), max(len(points) - 1, 0)
    for kind, name_ in (("read", "reads"), ("write", "writes")):
        once, repair = story.costs[kind]
        more = sum(getattr(deed, name_) for deed, _ in what)
        assert counts[kind] <= once + repair * (1 + again) + more, counts
    lost = story.server.overwritten_by_service()
    typed = [each for each in lost if each.human.new in story.typed["w2", PLAN]]
    assert len(typed) == len(lost) or story.twins, "an edit elsewhere is lost"  # a copy is no edit
    assert not lost or unknowable(story, points), "an edit is lost that could have been known"
    for deed, _ in what:
        deed.heal(story)
    story.sync_until_quiet()
    assert story.server.overwritten_by_service() == lost, "a quiet run wrote over an edit"
    story.judge()


BLIND = Point("write", "before")
"""Where positions have gone stale: people act after we read, and before our write takes effect."""

UNREAD = Point("write", "after")
"""What we wrote has landed, and we did not look yet."""


def name(point: Point) -> str:
    return f"{point.moment} {point.request}" + (f" x{point.times}" if point.times > 1 else "")
