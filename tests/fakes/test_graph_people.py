"""People between any two requests, faults on the way, and the proof of who wrote what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from tests.fakes.graph import faults
from tests.fakes.graph.client import TAB, Excel
from tests.fakes.graph.people import Person
from tests.fakes.graph_server import GraphServer

ROWS = [["TN-Nr.", "Ort"], ["BSP-0001-A", "B"], ["BSP-0002-B", "A"]]
CELL = f"{TAB}/range(address='B2')"


@pytest.fixture
def excel(graph: GraphServer) -> Iterator[Excel]:
    with (client := Excel(graph, graph.application(), graph.workbook(ROWS, table="Liste"))).session:
        yield client


@pytest.fixture
def anna(graph: GraphServer, excel: Excel) -> Person:
    return graph.person("anna.muster@projekt.example", excel.file)


def test_authorship_follows_a_cell_through_a_sort(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """The fake's own promise: who wrote what, wherever it stands by now."""
    anna.type("B2", "Z")
    graph.before("range.patch", lambda: anna.sort("B"))
    excel.write("B2", "X")

    assert anna.rows() == [ROWS[0], ["BSP-0002-B", "X"], ["BSP-0001-A", "Z"]]
    (edit,) = graph.written()
    assert (edit.tab, edit.row, edit.column, edit.old, edit.new) == ("Tabelle1", 2, 2, "A", "X")
    assert [each.new for each in graph.edits()] == ["Z"]
    assert graph.authored(excel.file) == [("BSP-0002-B", "Ort", "X")]


def test_a_lost_edit_is_one_the_service_had_not_seen(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """Overwriting what an answer had shown is a decision; anything else is a loss."""
    anna.type("B2", "Y")
    excel.values("B2")
    excel.write("B2", "X")
    assert graph.overwritten_by_service() == []

    graph.before("range.patch", lambda: anna.type("B2", "W"))
    excel.write("B2", "V")
    assert [each.human.new for each in graph.overwritten_by_service()] == ["W"]


def test_rows_are_inserted_copied_moved_and_deleted(excel: Excel, anna: Person) -> None:
    """The table goes along; a copied row brings its reference."""
    anna.insert_row(2, "neu")
    anna.copy_row(3, before=5)
    anna.move_row(4, before=2)
    assert anna.rows() == [ROWS[0], ROWS[2], ["neu"], ROWS[1], ROWS[1]]
    assert anna.table() == "A1:B5"

    anna.delete_rows(2, 3)
    anna.cut_row(2, onto=5)
    assert anna.rows() == [ROWS[0], [], ROWS[1], [], ROWS[1]]


def test_undo_takes_back_ones_own_last_act_only(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """As a whole when nothing came after it, else cell by cell."""
    anna.delete_rows(2)
    anna.undo()
    assert anna.rows() == ROWS

    anna.type("B2", "C")
    excel.write("B3", "D")
    anna.undo()
    assert anna.rows() == [ROWS[0], ["BSP-0001-A", "B"], ["BSP-0002-B", "D"]]


def test_an_old_version_comes_back_as_a_whole(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """Version history; sessions on the file end with it."""
    session = excel.call("POST", "/createSession", json={"persistChanges": True}).json()["id"]
    state = anna.state()
    excel.write("B2:B3", "X")
    anna.rename_tab("Alt")
    anna.restore(state)

    assert anna.rows() == ROWS
    assert excel.refused("GET", "/worksheets", headers={"workbook-session-id": session})[0] == 404


def test_work_done_offline_comes_in_later(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """Hostile case 36: old edits arrive after newer ones, wherever the rows stand by then."""
    with anna.offline() as away:
        away.type("B2", "offline")
        excel.write("B2", "X")
        anna.sort("A", descending=True)
        assert anna.rows() == [ROWS[0], ["BSP-0002-B", "A"], ["BSP-0001-A", "X"]]

    assert anna.rows() == [ROWS[0], ["BSP-0002-B", "A"], ["BSP-0001-A", "offline"]]


def test_formulas_follow_rows_and_tabs(excel: Excel, anna: Person) -> None:
    """References move with what they name; deleted ones break."""
    anna.type("D2", "=B3&Tabelle1!A2")
    anna.insert_row(3)
    anna.rename_tab("Neue Liste")
    assert anna.shown("D2") == "ABSP-0001-A"

    anna.delete_rows(4)
    assert anna.shown("D2") == "#REF!"


def test_what_lies_beyond_the_used_cells_follows_too(excel: Excel, anna: Person) -> None:
    """A tab has no edge: references to blank cells and filters on them move like any other."""
    anna.type("D1", "=SUMME(A10:A20)")
    anna.insert_row(2)
    anna.delete_column("B")

    assert excel.values("C1", "formulas") == [["=SUM(A11:A21)"]]


def test_merging_empties_what_it_covers_and_keeps_no_writes(excel: Excel, anna: Person) -> None:
    """The corner's value is all that is left; what is written behind it vanishes."""
    anna.convert_to_range("Liste")
    anna.merge("B2:B3")
    excel.write("B2:B3", [["X"], ["Y"]])

    assert excel.values("B2:B3") == [["X"], [""]]


def test_reads_may_be_haunted(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """Ghost values after bulk deletion, as python-o365 reports."""
    anna.clear("A2:B3")
    graph.haunt(excel.file, reads=2)

    assert [excel.values("B2") for _ in range(3)] == [[["B"]], [["B"]], [[""]]]


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "landed"),
    [
        (faults.throttle(17), 429, False),
        (faults.throttle(), 429, False),
        (faults.error(503, retry_after=5), 503, False),
        (faults.error(500), 500, False),
        (faults.error(502, processed=True), 502, True),
        (faults.error(504, processed=True), 504, True),
        (faults.error(504), 504, False),
        (faults.locked(), 423, False),
        (faults.editing("Anna Muster"), 409, False),
        (faults.expire(), 401, False),
        (faults.session_lost(), 404, False),
        (faults.unwritten(), 200, False),
        (faults.failed(), 200, False),
        (faults.html(), 200, True),
        (faults.truncate(), 200, True),
        (faults.nulls(), 200, True),
        (faults.slow(0.05), 200, True),
    ],
)
def test_faults_answer_as_told_once(
    graph: GraphServer, excel: Excel, anna: Person, fault: faults.Fault, status: int, landed: bool
) -> None:
    """Facts §10; whether the write is there is a matter of its own."""
    graph.fault("write", fault)
    answer = excel.call("PATCH", CELL, json={"values": "X"})

    assert answer.status_code == status
    assert (anna.shown("B2") == "X") == landed
    assert excel.call("PATCH", CELL, json={"values": "X"}).status_code == 200


@pytest.mark.parametrize("processed", [True, False])
def test_connections_break_before_or_after_the_write(
    graph: GraphServer, excel: Excel, anna: Person, processed: bool
) -> None:
    """A client sees the same, and only a look tells."""
    graph.fault("range.patch", faults.drop(processed=processed))
    with pytest.raises(requests.ConnectionError):
        excel.call("PATCH", CELL, json={"values": "X"})

    assert (anna.shown("B2") == "X") == processed
    assert graph.log[-1].status == 0


def test_a_write_may_land_when_nobody_expects_it(graph: GraphServer, excel: Excel, anna: Person) -> None:
    """A 504 says nothing about the write; it may still be under way while the client already looks."""
    graph.fault("write", faults.late(requests=2))
    assert excel.call("PATCH", CELL, json={"values": "X"}).status_code == 504

    assert excel.values("B2") == [["B"]]
    assert excel.values("B2") == [["X"]]


def test_pauses_come_in_seconds_or_as_a_date_and_impatience_is_seen(graph: GraphServer, excel: Excel) -> None:
    """RFC 9110 §10.2.3; "send no follow-up requests before the duration passes" (workbook-error-handling.md)."""
    graph.fault(1, faults.throttle(20))
    graph.fault(3, faults.throttle(datetime(2026, 11, 22, 12, tzinfo=UTC)))

    assert excel.call("GET", "/worksheets").headers["Retry-After"] == "20"
    excel.call("GET", "/worksheets")
    assert excel.call("GET", "/worksheets").headers["Retry-After"] == "Sun, 22 Nov 2026 12:00:00 GMT"
    assert [each.call.number for each in graph.too_early()] == [2, 3]


def test_requests_count_as_the_platform_counts(graph: GraphServer, excel: Excel) -> None:
    """Items are metadata, workbook reads are reads, the rest writes, sessions too; refused ones count as well."""
    excel.graph("GET", excel.item)
    excel.call("POST", "/createSession", json={"persistChanges": True})
    excel.get("/worksheets")
    excel.call("PATCH", CELL, json={"values": [[1, 2]]})

    assert graph.counts() == {"meta": 1, "read": 1, "write": 2}
    assert [each.call.method for each in graph.log] == [
        "item.get",
        "createSession.post",
        "worksheets.get",
        "range.patch",
    ]


def test_large_answers_and_ranges_fail_as_reported(graph: GraphServer, excel: Excel) -> None:
    """Docs issue 15709 and office-js-docs-pr issue 5821."""
    graph.service.max_answer = 1000
    assert excel.refused("GET", f"{TAB}/range(address='A1:Z9')")[1] == "ResponsePayloadSizeLimitExceeded"

    graph.quirks.null_above = 4
    found: Any = excel.get(f"{TAB}/range(address='A1:B9')?$select=values,address")
    assert (found["values"], found["address"]) == (None, "Tabelle1!A1:B9")


def test_what_the_fake_does_not_know_fails_the_test() -> None:
    """An invented answer would prove nothing."""
    server = GraphServer()
    client = Excel(server, server.application(), server.workbook())
    with pytest.raises(NotImplementedError), server, client.session:
        client.graph("PATCH", client.item, json={"name": "Neu.xlsx"})
