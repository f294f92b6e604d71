"""What SharePoint alone has: ids, an Excel table around the list, races with no condition, answers that get lost."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest

from syncsvc.core.model import Cell, ErrorValue, Formula
from syncsvc.errors import (
    PlatformBusy,
    TableError,
    TableLocked,
    TableMoved,
    TableNotFound,
    TableReadOnly,
    WriteUncertain,
)
from syncsvc.ports.tables import Landed
from tests.fakes.google.formulas import Formula as FakeFormula
from tests.fakes.graph import faults
from tests.fakes.graph.items import File
from tests.fakes.graph.people import Person
from tests.fakes.graph.refusals import Refused
from tests.providers.conformance import Rows, grid, patch
from tests.providers.sharepoint.conftest import Graph
from tests.providers.sharepoint.scene import ANNA, TAB, open_table

HEADER: list[object] = ["TN-Nr.", "Name", "Eintritt"]
KATYA: list[object] = ["BSP-0001-A", "Probe, Katya", date(2026, 3, 1)]
AMINA: list[object] = ["BSP-0002-8", "Muster, Amina", date(2026, 4, 15)]
OLENA: list[object] = ["BSP-0003-6", "Beispiel, Olena"]
NEW: dict[int, Cell] = {1: "BSP-0003-6", 2: "Beispiel, Olena"}


@pytest.fixture(name="file", params=["", "Liste"], ids=["plain", "table"])
def _file(graph: Graph, request: pytest.FixtureRequest) -> File:
    """A list in plain cells, and as an Excel table."""
    return graph.server.workbook([HEADER, KATYA, AMINA], tab=TAB, table=request.param)


@pytest.fixture(name="listed")
def _listed(graph: Graph) -> File:
    return graph.server.workbook([HEADER, KATYA, AMINA], tab=TAB, table="Liste")


@pytest.fixture(name="anna")
def _anna(graph: Graph, file: File) -> Person:
    return graph.server.person(ANNA, file)


def counts(graph: Graph) -> tuple[int, int, int]:
    found = graph.server.counts()
    return found["meta"], found["read"], found["write"]


# Requests


def test_a_look_costs_one_request_and_a_run_stays_within_the_bars(graph: Graph, file: File) -> None:
    """At most three metadata requests, three reads and five writes, counted as the platform's own log counts."""
    ids = open_table(graph, file).read().identity
    graph.server.forget()
    table = open_table(graph, file, **ids)
    table.version()
    assert counts(graph) == (1, 0, 0)

    snapshot = table.read()
    table.write(patch(snapshot, (2, 2, "Neu"), (3, 3, date(2026, 5, 1))))
    table.read()
    assert counts(graph) == (3, 3, 1)
    assert (table.requests.meta, table.requests.read, table.requests.write) == (3, 3, 1)


def test_new_rows_with_text_and_scattered_cells_stay_within_the_bars(graph: Graph, file: File) -> None:
    ids = open_table(graph, file).read().identity
    graph.server.forget()
    table = open_table(graph, file, **ids)
    table.version()
    table.write(patch(table.read(), (2, 2, "01067"), (3, 3, date(2026, 5, 1)), appends=(NEW, {1: "BSP-0004-4"})))
    table.read()

    meta, read, write = counts(graph)
    assert (meta, read) == (3, 3)
    assert write <= 3
    assert not graph.server.overwritten_by_service()


# Reading


def test_the_used_range_need_not_begin_at_a1(graph: Graph) -> None:
    file = graph.server.workbook([[], [], [None, None, *HEADER], [None, None, *KATYA]], tab=TAB)

    assert grid(open_table(graph, file).read()) == [[], [], [None, None, *HEADER], [None, None, *KATYA]]


def test_formulas_and_errors_are_no_values(graph: Graph, file: File, anna: Person) -> None:
    anna.put("B2", FakeFormula("=1+1"))
    anna.put("C2", FakeFormula("=1/0"))

    assert open_table(graph, file).read().rows[1].cells[1:] == (
        Formula("=1+1", 2.0),
        Formula("=1/0", ErrorValue("#DIV/0!")),
    )


def test_hidden_and_filtered_rows_and_hidden_columns_are_read(graph: Graph, file: File, anna: Person) -> None:
    anna.hide_row(2)
    anna.filter("B", "Muster, Amina")
    anna.hide_column("A")

    assert grid(open_table(graph, file).read()) == [HEADER, KATYA, AMINA]


@pytest.mark.parametrize("trouble", ["null", "cut", "short"])
def test_a_part_of_an_answer_is_never_the_table(graph: Graph, file: File, trouble: str) -> None:
    """Null for values, half a body, fewer rows than the range has: never a list with women missing."""
    short = {"rowIndex": 0, "columnIndex": 0, "rowCount": 3, "columnCount": 1,
             "values": [["TN-Nr."]], "formulas": [["TN-Nr."]], "numberFormat": [["General"]]}  # fmt: skip
    fault = {"null": faults.nulls(), "cut": faults.truncate(), "short": faults.answer(200, short)}[trouble]
    table = open_table(graph, file)
    graph.server.fault("read", fault, times=None)
    with pytest.raises(TableError):
        table.read()


@pytest.mark.parametrize("name", ["", "Liste"])
def test_a_list_too_large_for_one_answer_is_written_like_any_other(graph: Graph, name: str) -> None:
    """The look before the write comes in parts, too; the write is one request all the same."""
    people: Rows = [[f"BSP-{number:04}-X", f"Muster {number}"] for number in range(1, 201)]
    file = graph.server.workbook([HEADER, *people], tab=TAB, table=name)
    graph.server.quirks.null_above = 150
    table = open_table(graph, file)
    snapshot = table.read()
    graph.server.forget()
    cells: list[tuple[int, int, Cell]] = [(row, 2, "Neu") for row in range(2, 190, 2)]
    table.write(patch(snapshot, *cells, appends=({1: "BSP-0201-X", 2: "Probe"},)))

    names = [row[1] for row in graph.server.person(ANNA, file).rows()]
    assert names.count("Neu") == len(cells)
    assert names[-1] == "Probe"
    assert counts(graph)[2] <= 3


def test_a_version_asked_before_counts_for_the_next_read_only(graph: Graph, file: File, anna: Person) -> None:
    """It is older than the content, so nothing hides behind it; and what comes after a write is asked for anew."""
    table = open_table(graph, file)
    before = table.version()
    anna.type("B2", "Neu")
    snapshot = table.read()

    assert (snapshot.version, snapshot.rows[1].cells[1]) == (before, "Neu")
    assert table.read().version == table.version() != before


def test_an_answer_that_grew_too_large_is_read_in_parts(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graph says null from some size on; the parts make the whole list."""
    people: Rows = [[f"BSP-{number:04}-X", f"Muster {number}"] for number in range(1, 201)]
    file = graph.server.workbook([HEADER, *people], tab=TAB)
    graph.server.quirks.null_above = 150
    monkeypatch.setattr("syncsvc.providers.sharepoint.ranges.PART", 240)

    assert grid(open_table(graph, file).read()) == [HEADER, *people]


def test_a_session_that_ends_while_parts_are_read_means_reading_again(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before may be old by then."""
    people: Rows = [[f"BSP-{number:04}-X", f"Muster {number}"] for number in range(1, 101)]
    file = graph.server.workbook([HEADER, *people], tab=TAB)
    graph.server.quirks.null_above = 150
    monkeypatch.setattr("syncsvc.providers.sharepoint.ranges.PART", 240)
    table = open_table(graph, file, table_id="")
    graph.server.after(lambda call: "range(address" in call.path, graph.server.sessions.end_all)

    assert grid(table.read()) == [HEADER, *people]
    assert sum(each.call.path.endswith("createSession") for each in graph.server.log) == 2


# Names and ids


def test_whatever_is_renamed_or_moved_is_found_by_its_id(graph: Graph, listed: File) -> None:
    anna = graph.server.person(ANNA, listed)
    ids = open_table(graph, listed).read().identity
    anna.rename_tab("Frauen 'März' 2026")
    anna.rename_table("Liste", "Frauen")
    anna.rename_file("Neu.xlsx")
    anna.move_file("Archiv")
    table = open_table(graph, listed, **ids)
    table.write(patch(table.read(), appends=(NEW,)))

    assert anna.rows() == [HEADER, KATYA, AMINA, OLENA]
    assert anna.table() == "A1:C4"


def test_a_tab_that_is_gone_is_not_replaced_by_its_namesake(graph: Graph, file: File, anna: Person) -> None:
    ids = open_table(graph, file).read().identity
    anna.duplicate_tab("Kopie")
    anna.delete_tab()
    graph.server.person(ANNA, file).rename_tab(TAB)

    with pytest.raises(TableNotFound):
        open_table(graph, file, **ids).read()


def test_a_link_for_anyone_exposes_the_table(graph: Graph, file: File, anna: Person) -> None:
    """Only the list of permissions tells; one request in a run."""
    table = open_table(graph, file)
    assert not table.read().exposed
    table.read()
    assert [each.call.path.rpartition("/")[2] for each in graph.server.log].count("permissions") == 1

    anna.share_with_anyone()
    assert open_table(graph, file).read().exposed


def test_the_last_editor_is_named_unless_it_was_the_service(graph: Graph, file: File, anna: Person) -> None:
    table = open_table(graph, file)
    anna.type("B2", "Neu")
    assert table.read().editor

    table.write(patch(table.read(), (2, 2, "Anders")))
    assert table.read().editor == ""


# Writing


def test_neither_a_formula_nor_what_is_not_in_the_patch_is_touched(graph: Graph, file: File, anna: Person) -> None:
    anna.put("B2", FakeFormula("=1+1"))
    table = open_table(graph, file)
    snapshot = table.read()
    with pytest.raises(TableError):
        table.write(patch(snapshot, (3, 2, "gut"), (2, 2, "schlecht")))
    table.write(patch(table.read(), (3, 2, "gut"), (2, 3, date(2026, 5, 1))))

    assert anna.rows()[1:] == [["BSP-0001-A", 2.0, date(2026, 5, 1)], ["BSP-0002-8", "gut", AMINA[2]]]
    assert anna.cell("B2").entered == FakeFormula("=1+1")


def test_formats_of_people_stay_where_they_can(graph: Graph, file: File, anna: Person) -> None:
    anna.format("C2", "yyyy-mm-dd")
    table = open_table(graph, file)
    table.write(patch(table.read(), (2, 3, date(2026, 5, 1)), (2, 2, "Neu, Katya")))

    assert anna.cell("C2").format["numberFormat"] == "yyyy-mm-dd"
    assert "numberFormat" not in anna.cell("B2").format


@pytest.mark.parametrize(
    "deed",
    [
        lambda anna: anna.sort("B"),
        lambda anna: anna.insert_row(2, "BSP-0009-5", "Neu"),
        lambda anna: anna.delete_rows(2),
        lambda anna: anna.insert_column("A", "Nr."),
        lambda anna: anna.type("B3", "schneller"),
        lambda anna: anna.type("A3", "BSP-0009-5"),
    ],
    ids=["sorted", "row inserted", "row deleted", "column inserted", "cell typed", "reference typed"],
)
def test_nothing_is_written_where_something_moved_since_it_was_read(
    graph: Graph, file: File, anna: Person, deed: object
) -> None:
    """The keys are looked at once more right before the write."""
    anna.type("A2", "BSP-0007-9")
    table = open_table(graph, file)
    snapshot = table.read()
    deed(anna)  # type: ignore[operator]  # a deed takes a person
    moved = anna.rows()
    with pytest.raises(TableMoved):
        table.write(patch(snapshot, (3, 2, "zu spät"), appends=({1: "BSP-0008-7"},)))

    assert anna.rows() == moved


def test_what_the_answer_about_formats_shows_is_not_written_over(graph: Graph, file: File, anna: Person) -> None:
    """Somebody types between the look and the write of the values: the formats' answer tells."""
    table = open_table(graph, file)
    snapshot = table.read()
    graph.server.before("write", lambda: anna.type("B2", "gerade getippt"))
    with pytest.raises(TableMoved):
        table.write(patch(snapshot, (2, 2, "01067")))

    assert anna.rows()[1][1] == "gerade getippt"


def test_an_edit_beside_the_patch_does_not_hold_it_up(graph: Graph, file: File, anna: Person) -> None:
    table = open_table(graph, file)
    snapshot = table.read()
    anna.type("B3", "Muster, Amina Maria")
    table.write(patch(snapshot, (2, 2, "Neu")))

    assert [row[1] for row in anna.rows()] == ["Name", "Neu", "Muster, Amina Maria"]


def test_under_a_filter_each_row_gets_its_own_values(graph: Graph, file: File, anna: Person) -> None:
    """And the filter stays (hostile case 10)."""
    anna.filter("B", "Muster, Amina")
    table = open_table(graph, file)
    table.write(patch(table.read(), (2, 2, "Neu"), (3, 2, "Anders")))

    assert [row[1] for row in anna.rows()] == ["Name", "Neu", "Anders"]


# New rows


def test_new_rows_belong_to_the_excel_table(graph: Graph, listed: File) -> None:
    anna = graph.server.person(ANNA, listed)
    table = open_table(graph, listed)
    table.write(patch(table.read(), (2, 2, "Neu"), appends=(NEW, {1: "BSP-0004-4", 2: "01067"})))

    assert anna.rows()[3:] == [OLENA, ["BSP-0004-4", "01067"]]
    assert anna.table() == "A1:C5"


def test_what_stands_below_the_excel_table_moves_down(graph: Graph, listed: File) -> None:
    anna = graph.server.person(ANNA, listed)
    anna.put("A4", "Stand: März")
    anna.put("B6", "Ende")
    table = open_table(graph, listed)
    table.write(patch(table.read(), appends=(NEW,)))

    assert anna.rows()[3:5] == [OLENA, ["Stand: März"]]


def test_empty_rows_of_the_excel_table_are_filled_first(graph: Graph) -> None:
    """As a lost answer to their making leaves them, and people who prepare rows to type into."""
    file = graph.server.workbook([HEADER, KATYA, [None, None, None], [None]], tab=TAB, table="Liste")
    anna = graph.server.person(ANNA, file)
    table = open_table(graph, file)
    table.write(patch(table.read(), appends=(NEW, {1: "BSP-0004-4"}, {1: "BSP-0005-2"})))

    assert anna.rows()[2:] == [OLENA, ["BSP-0004-4"], ["BSP-0005-2"]]
    assert anna.table() == "A1:C5"


@pytest.mark.parametrize("number", [1, 3])
def test_an_excel_table_without_any_row_gets_its_first(graph: Graph, number: int) -> None:
    file = graph.server.workbook([HEADER], tab=TAB, table="Liste")
    anna = graph.server.person(ANNA, file)
    table = open_table(graph, file)
    new: tuple[dict[int, Cell], ...] = tuple({1: f"BSP-000{each}-X"} for each in range(number))
    table.write(patch(table.read(), appends=new))

    assert anna.rows()[1:] == [[cells[1]] for cells in new]


def test_a_table_turned_into_plain_cells_goes_on(graph: Graph, listed: File) -> None:
    anna = graph.server.person(ANNA, listed)
    ids = open_table(graph, listed).read().identity
    anna.convert_to_range("Liste")
    table = open_table(graph, listed, **ids)
    table.write(patch(table.read(), appends=(NEW,)))

    assert anna.rows()[3:] == [OLENA]


def test_a_row_typed_at_the_end_meanwhile_is_not_written_over(graph: Graph, file: File, anna: Person) -> None:
    """The likeliest race: people and the service both add below the last row."""
    table = open_table(graph, file)
    snapshot = table.read()
    anna.type("B4", "Neu, Frau")
    for _ in range(2):
        try:
            table.write(patch(snapshot, appends=(NEW,)))
            break
        except TableMoved:
            snapshot = table.read()

    assert anna.rows()[3:] == [[None, "Neu, Frau"], OLENA]
    assert not graph.server.overwritten_by_service()


# Answers that get lost


@pytest.mark.parametrize("processed", [True, False], ids=["landed", "not landed"])
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("way", ["dropped", "page", *(pytest.param(w, marks=pytest.mark.soak) for w in ("504", "cut"))])
def test_a_lost_answer_doubles_nothing_and_loses_nothing(
    graph: Graph, file: File, anna: Person, way: str, number: int, *, processed: bool
) -> None:
    """Whichever of the write's requests it hits, the same write finishes, or says that it does not know."""
    lost = {
        "dropped": faults.drop(processed=processed),
        "504": faults.error(504, processed=processed),
        "page": faults.html(502, processed=processed),
        "cut": faults.truncate() if processed else faults.drop(processed=False),
    }[way]
    table = open_table(graph, file)
    snapshot = table.read()
    seen = iter(range(1, 100))
    graph.server.fault(lambda call: call.kind == "write" and next(seen) == number, lost)
    table.write(patch(snapshot, (2, 2, "01067"), appends=({**NEW, 3: date(2026, 6, 1)},)))

    assert anna.rows() == [HEADER, ["BSP-0001-A", "01067", *KATYA[2:]], AMINA, [*OLENA, date(2026, 6, 1)]]
    assert not graph.server.overwritten_by_service()


def test_a_lost_answer_is_not_repeated_onto_rows_that_moved(graph: Graph, file: File, anna: Person) -> None:
    """Whether it landed is open then; the run reads, and puts right what is wrong."""
    anna.type("A2", "BSP-0007-9")
    table = open_table(graph, file)
    ours = patch(table.read(), (2, 2, "Neu"))

    graph.server.fault("write", faults.drop(processed=False))
    graph.server.after("write", lambda: anna.sort("B"))
    with pytest.raises(WriteUncertain):
        table.write(ours)

    assert "Neu" not in [row[1] for row in anna.rows()]
    assert table.landed(ours.token) is Landed.UNKNOWN


def test_while_the_platform_makes_us_wait_people_go_on(graph: Graph, file: File, anna: Person) -> None:
    """A repetition needs a look of its own, though nothing was written yet."""
    table = open_table(graph, file)
    snapshot = table.read()
    graph.server.fault("write", faults.throttle(15))
    with pytest.raises(TableMoved):
        table.write(patch(snapshot, (2, 2, "Neu")))
    table.write(patch(table.read(), (2, 2, "Neu")))

    assert anna.rows()[1][1] == "Neu"
    assert not graph.server.too_early()


def test_what_is_not_shown_yet_is_waited_for_once(graph: Graph, file: File) -> None:
    """Ghost values: reads shortly after a change show the state before it."""
    table = open_table(graph, file)
    table.write(patch(table.read(), (2, 2, "Neu"), appends=(NEW,)))
    graph.server.haunt(file)
    graph.server.forget()
    rows = table.read().rows

    assert rows[1].cells[1] == "Neu"
    assert rows[3].cells[:2] == tuple(OLENA)
    assert counts(graph)[1] == 2


def test_a_row_that_is_not_shown_is_not_added_a_second_time(graph: Graph, file: File, anna: Person) -> None:
    """However long the ghosts stay."""
    table = open_table(graph, file)
    table.write(patch(table.read(), appends=(NEW,)))
    graph.server.haunt(file, reads=3)
    again = patch(table.read(), appends=(NEW,))
    with suppress(WriteUncertain):
        table.write(again)

    assert [row[0] for row in anna.rows()].count("BSP-0003-6") == 1


def test_a_row_that_arrived_meanwhile_is_not_added_a_second_time(graph: Graph, file: File, anna: Person) -> None:
    """An earlier write turned up late: its reference tells."""
    table = open_table(graph, file)
    snapshot = table.read()
    open_table(graph, file).write(patch(snapshot, appends=(NEW,)))
    try:
        table.write(patch(snapshot, appends=(NEW,)))
    except TableMoved:
        table.write(patch(table.read(), appends=(NEW,)))

    assert anna.rows()[3:] == [OLENA]


def test_two_hundred_that_wrote_nothing_are_noticed(graph: Graph, file: File) -> None:
    """The read-back shows what stands there, not what was answered."""
    table = open_table(graph, file)
    snapshot = table.read()
    graph.server.fault("write", faults.unwritten(), times=None)
    table.write(patch(snapshot, (2, 2, "Neu")))

    assert table.read().rows[1].cells[1] == "Probe, Katya"


def test_a_write_that_did_not_show_is_tried_in_a_session(graph: Graph, file: File, anna: Person) -> None:
    """It is reported that Graph drops writes that come without one, and answers 200."""
    table = open_table(graph, file)
    snapshot = table.read()
    graph.server.fault("write", faults.unwritten())
    table.write(patch(snapshot, (2, 2, "Neu")))
    table.write(patch(table.read(), (2, 2, "Neu")))

    assert anna.rows()[1][1] == "Neu"
    assert [each.call.path.rpartition("/")[2] for each in graph.server.log if "Session" in each.call.path] == [
        "createSession",
        "closeSession",
    ]


def test_an_answer_to_a_large_write_may_be_too_large(graph: Graph, file: File, anna: Person) -> None:
    """Whether it was written is told by the cells."""
    too_large = Refused(400, "ResponsePayloadSizeLimitExceeded", "The size of the payload exceeded the limit.")
    table = open_table(graph, file)
    snapshot = table.read()
    graph.server.fault("write", faults.refuse(too_large, processed=True))
    table.write(patch(snapshot, (2, 2, "Neu")))
    assert anna.rows()[1][1] == "Neu"

    snapshot = table.read()
    graph.server.fault("write", faults.refuse(too_large))
    with pytest.raises(TableError):
        table.write(patch(snapshot, (2, 2, "Anders")))


def test_an_answer_of_status_failed_is_a_failure(graph: Graph, file: File) -> None:
    table = open_table(graph, file)
    snapshot = table.read()
    graph.server.fault("write", faults.failed(), times=None)
    with pytest.raises((TableError, PlatformBusy)):
        table.write(patch(snapshot, (2, 2, "Neu")))


# Locks and protection


def test_a_workbook_that_is_locked_waits(graph: Graph, file: File, anna: Person) -> None:
    table = open_table(graph, file)
    snapshot = table.read()
    before = anna.rows()
    graph.server.fault("write", faults.editing(), times=None)
    with pytest.raises(TableLocked):
        table.write(patch(snapshot, (2, 2, "Neu"), appends=(NEW,)))

    assert anna.rows() == before


def test_locked_cells_are_found_out_and_the_rest_is_written(graph: Graph, file: File, anna: Person) -> None:
    """A refused write makes the service ask which cells are locked; the next plan leaves them out."""
    anna.protect("B1:B9")
    table = open_table(graph, file)
    snapshot = table.read()
    with pytest.raises(TableMoved):
        table.write(patch(snapshot, (2, 2, "Neu"), (3, 3, date(2026, 5, 1))))

    snapshot = table.read()
    assert {(2, 3), (3, 3)} <= snapshot.locked
    assert not {(2, 2), (3, 2)} & snapshot.locked
    table.write(patch(snapshot, (2, 2, "Neu"), (3, 2, "Anders")))
    assert [row[1] for row in anna.rows()] == ["Name", "Neu", "Anders"]


def test_a_protected_excel_table_grows_by_no_row(graph: Graph, listed: File) -> None:
    anna = graph.server.person(ANNA, listed)
    anna.protect("A1:C9")
    table = open_table(graph, listed)
    snapshot = table.read()
    with pytest.raises(TableMoved):
        table.write(patch(snapshot, appends=(NEW,)))

    assert {(4, 1), (4, 2), (4, 3)} <= table.read().locked


def test_what_may_only_be_read_says_so(graph: Graph, file: File, anna: Person) -> None:
    """Refused without any protection: the application lacks the right."""
    table = open_table(graph, file)
    snapshot = table.read()
    refused = Refused(403, "AccessDenied", "You cannot perform the requested operation.")
    graph.server.fault("write", faults.refuse(refused), times=None)
    with pytest.raises(TableReadOnly) as error:
        table.write(patch(snapshot, (2, 2, "Neu")))

    assert error.value.hint
    assert anna.rows()[1][1] == "Probe, Katya"
