"""People at work at every point of a run at SharePoint: before and after each of its requests, once and twice."""

from __future__ import annotations

import pytest

from tests.services import deeds
from tests.services.deeds import BLIND, UNREAD, Deed, Point, disturb, name
from tests.services.sharepoint.story import TABLE_FIRST, GraphStory
from tests.services.story import PLAN, REMARK
from tests.services.world import FIELDS, MARK

LAST = 8
"""The requests of an undisturbed run: metadata, read, look, room in an Excel table, formats, values, metadata, read."""


def filters(story: GraphStory) -> None:
    if letter := story.letter(MARK):
        story.anna.filter(letter, "w2", "w6")


def shows_all(story: GraphStory) -> None:
    story.anna.unfilter()


def filters_while_excel_drops_writes(story: GraphStory) -> None:
    """Reported of Excel: a write into a hidden row is answered with 200 and is not there."""
    story.server.quirks.filtered_writes_lost = True
    filters(story)


def filters_while_excel_misplaces_writes(story: GraphStory) -> None:
    """Reported as well: it is found in the next row that shows."""
    story.server.quirks.filtered_writes_misplaced = True
    filters(story)


def hides_a_row(story: GraphStory) -> None:
    if row := story.row("w2"):
        story.anna.hide_row(row)


def hides_a_column(story: GraphStory) -> None:
    if letter := story.letter(FIELDS[PLAN].header):
        story.anna.hide_column(letter)


def protects_the_tab(story: GraphStory) -> None:
    story.anna.protect()


def protects_all_but_a_column(story: GraphStory) -> None:
    if letter := story.letter(FIELDS[PLAN].header):
        story.anna.protect(f"{letter}1:{letter}40")


def lifts_the_protection(story: GraphStory) -> None:
    story.anna.unprotect()


def checks_out(story: GraphStory) -> None:
    story.anna.check_out()


def checks_in(story: GraphStory) -> None:
    story.anna.check_in()


def opens_exclusively(story: GraphStory) -> None:
    story.anna.open_exclusively()


def opens_exclusively_for_writing(story: GraphStory) -> None:
    story.anna.open_exclusively(reads=True)


def opens_with_others(story: GraphStory) -> None:
    story.anna.open()


def closes(story: GraphStory) -> None:
    story.anna.close()


def converts(story: GraphStory) -> None:
    """A table becomes a plain list, or the other way round."""
    if story.anna.table():
        story.anna.convert_to_range(story.table or "Frauen")
    else:
        rows = story.place.load()
        header = story.sheet().header
        assert header is not None
        story.anna.make_table(f"A{header + 1}:H{len(rows)}", "Frauen")


def renames_the_table(story: GraphStory) -> None:
    if story.table and story.anna.table():
        number = len(story.server.log)
        story.anna.rename_table(story.file.document.tables[0].name, f"Frauen{number}")


def moves_the_file(story: GraphStory) -> None:
    story.anna.move_file(f"Ablage {len(story.server.log)}")


def duplicates_the_tab(story: GraphStory) -> None:
    story.anna.duplicate_tab(f"Kopie {len(story.server.log)}")


def pastes_over(story: GraphStory) -> None:
    """Three remarks at once, over cells that nothing is written to."""
    for who in ("w2", "w5", "w6"):
        story.type(who, REMARK, f"eingefügt {who} {len(story.tokens())}")


def takes_back_her_last_act(story: GraphStory) -> None:
    story.in_doubt = True
    story.anna.undo()


def restores_the_morning(story: GraphStory) -> None:
    """The whole file as it was when the run began."""
    story.in_doubt = True
    story.anna.restore(story.first)


def restores_yesterday(story: GraphStory) -> None:
    """The whole file as it was before anybody edited anything this morning."""
    story.in_doubt = True
    story.anna.restore(story.agreed)


def deletes_the_file(story: GraphStory) -> None:
    story.anna.delete_file()


def brings_it_back(story: GraphStory) -> None:
    story.anna.bring_back()


ALSO_AT_GOOGLE = {name: deed for name, deed in deeds.DEEDS.items() if name != "sort header and all"}
DEEDS = {
    **ALSO_AT_GOOGLE,
    "filter": Deed(filters, shows_all, reads=3, writes=20),
    "filter, writes are dropped": Deed(filters_while_excel_drops_writes, shows_all, reads=3, writes=20),
    "filter, writes are misplaced": Deed(filters_while_excel_misplaces_writes, shows_all, reads=3, writes=20),
    "hide a row": Deed(hides_a_row, writes=20),
    "hide a column": Deed(hides_a_column),
    "protect the tab": Deed(protects_the_tab, lifts_the_protection, reads=9),
    "protect all but a column": Deed(protects_all_but_a_column, lifts_the_protection, reads=9),
    "check out": Deed(checks_out, checks_in),
    "open exclusively": Deed(opens_exclusively, closes),
    "open exclusively, others read": Deed(opens_exclusively_for_writing, closes),
    "open with others": Deed(opens_with_others, closes),
    "convert": Deed(converts),
    "rename the table": Deed(renames_the_table),
    "move the file": Deed(moves_the_file),
    "duplicate the tab": Deed(duplicates_the_tab),
    "paste": Deed(pastes_over),
    "undo": Deed(takes_back_her_last_act),
    "restore the morning": Deed(restores_the_morning),
    "restore yesterday": Deed(restores_yesterday),
    "delete the file": Deed(deletes_the_file, brings_it_back),
}


def test_an_undisturbed_run_does_all_of_the_work(story: GraphStory) -> None:
    outcome = story.sync()
    assert outcome is not None
    assert (outcome.state, outcome.rows_added) == ("ok", 1)
    story.sync_until_quiet()
    story.judge()


@pytest.mark.parametrize("deed", ["restore the morning", "restore yesterday"])
def test_a_file_restored_after_the_run_stops_the_next_ones(story: GraphStory, deed: str) -> None:
    """Hostile case 32: neither do old values reach the records, nor is what people restored written over."""
    story.sync()
    records = story.world.picture().records
    DEEDS[deed].act(story)
    restored = story.place.load()
    for _ in range(2):
        outcome = story.sync()
        assert outcome is not None
        assert (outcome.state, outcome.cells_written) == ("held", 0)
        assert "Datei zurückgesetzt?" in outcome.message
    picture = story.world.picture()
    assert (picture.records, story.place.load()) == (records, restored)
    assert [question.kind for question in picture.questions].count("held") == 1


EVERYWHERE = [Point(request, moment) for request in range(1, LAST + 1) for moment in ("before", "after")]


VALUES = {"": 5, "Liste": 6}
"""The request that puts the values. What people do right before it, nobody could see."""

AROUND_TWO = (
    "sort", "insert a row above", "drag a row", "insert a column", "copy a row", "type into the very cell", "undo",
)  # fmt: skip

UNSEEN = "type a row below"
"""Typed there in that very moment, it is where our new row goes: only the file's version history has it then."""


TWINS = {
    "type elsewhere in that row", "insert a row between", "delete the row just edited", "insert a column before all",
    "rename tab and file", "filter", "hide a column", "protect all but a column", "open exclusively, others read",
    "open with others", *AROUND_TWO,
}  # fmt: skip
"""For the soak: what is like another deed, or is done in the normal suite around two writes."""


@TABLE_FIRST
@pytest.mark.parametrize(
    "deed",
    [pytest.param(deed, marks=pytest.mark.soak if deed in TWINS else ()) for deed in DEEDS if deed != UNSEEN],
)
def test_nothing_people_do_before_the_values_moves_or_loses_a_value(story: GraphStory, deed: str) -> None:
    disturb(story, (DEEDS[deed], Point(VALUES[story.table], "before")))


def skip_unseen(story: GraphStory, deed: str, point: Point) -> None:
    values = VALUES[story.table]
    if deed == UNSEEN and name(point) in (f"before {values}", f"after {values - 1}"):
        pytest.skip("nobody can know of what was typed there")


@pytest.mark.soak
@pytest.mark.parametrize("point", [BLIND, UNREAD], ids=["blind", "unread"])
@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_people_do_around_our_write_moves_or_loses_a_value(story: GraphStory, deed: str, point: Point) -> None:
    disturb(story, (DEEDS[deed], point))


@TABLE_FIRST
@pytest.mark.parametrize("deed", AROUND_TWO)
def test_nothing_people_do_around_two_writes_in_a_row_moves_or_loses_a_value(story: GraphStory, deed: str) -> None:
    """Around number formats and values; or at what the service does about the first."""
    disturb(story, (DEEDS[deed], Point("write", "before", times=2)))


@pytest.mark.soak
@pytest.mark.parametrize("point", EVERYWHERE, ids=name)
@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_people_do_at_any_point_moves_or_loses_a_value(story: GraphStory, deed: str, point: Point) -> None:
    skip_unseen(story, deed, point)
    disturb(story, (DEEDS[deed], point))


@pytest.mark.soak
@pytest.mark.parametrize("point", [*EVERYWHERE, Point("write", "before", 2), Point("write", "before", 3)], ids=name)
@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_people_do_twice_in_a_row_moves_or_loses_a_value(story: GraphStory, deed: str, point: Point) -> None:
    """At a request and at the next one; and at our writes and what we do about it."""
    if point.times > 1:
        disturb(story, (DEEDS[deed], point))
        return
    skip_unseen(story, deed, point)
    assert isinstance(point.request, int)
    disturb(story, (DEEDS[deed], point), (DEEDS[deed], Point(point.request + 1, point.moment)))
