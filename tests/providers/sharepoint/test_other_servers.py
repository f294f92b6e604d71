"""Answers that the documents allow and the local Graph does not give: facets left out, paths not known, other forms.

What every server of these documents has to have: sites, drives and items, worksheets, used ranges, ranges by address.
Whatever else is asked for is done without where it is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
import requests

from syncsvc.core.layout import Layout, LayoutColumn, Shape
from syncsvc.core.model import CellWrite, Patch, RowAppend, Snapshot
from syncsvc.errors import PlatformBusy, TableLocked, TableMoved, TableNotFound, TableReadOnly
from syncsvc.providers.sharepoint import writing
from syncsvc.providers.sharepoint.table import SharePointTable
from tests.fakes.graph.items import File
from tests.fakes.graph.people import Person
from tests.fakes.graph_server import HOST
from tests.providers.sharepoint.conftest import Graph
from tests.providers.sharepoint.scene import ANNA, TAB, open_table

HEADER: list[object] = ["TN-Nr.", "Eintritt", "Notiz"]
KATYA: list[object] = ["BSP-0001-A", 46054.0, "ruft an"]

JSON = "application/json; charset=utf-8"
UNKNOWN = 404, json.dumps({"error": {"code": "ApiNotFound", "message": "No such resource.", "innerError": {}}}), JSON
REFUSED = 400, json.dumps({"error": {"code": "badRequest", "message": "Unsupported.", "innerError": {}}}), JSON
UNMADE = 501, json.dumps({"error": {"code": "notImplemented", "message": "Not supported."}}), JSON
PAGE = 404, "<!doctype html><title>404 Not Found</title>", "text/html"
UNMADE_PAGE = 501, "not implemented", "text/plain"
NO = [UNKNOWN, REFUSED, UNMADE_PAGE]
NAMES = ["404", "400", "501"]

Answer = tuple[int, str, str]


class Otherwise:
    """What is between the service and the server: requests it does not know, and answers it gives in another form."""

    def __init__(self, graph: Graph) -> None:
        self.sent: list[tuple[str, Any]] = []
        self._send = graph.account.requests.request
        self._unknown: list[tuple[str, str, Answer]] = []
        self._form: list[tuple[str, Callable[[Any], Any]]] = []
        graph.account.requests.request = self._request  # type: ignore[assignment]  # only what the service sends

    def without(self, method: str, path: str, answer: Answer = UNKNOWN) -> None:
        """Requests whose address (with its query) has this in it are answered so."""
        self._unknown.append((method, path, answer))

    def gives(self, path: str, form: Callable[[Any], Any]) -> None:
        """Answers about such an address look like this."""
        self._form.append((path, form))

    def _request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        self.sent.append((method, kwargs.get("json")))
        target = requests.Request(method, url, params=kwargs.get("params")).prepare().url or ""
        target = unquote(target)
        for verb, path, (status, text, kind) in self._unknown:
            if verb == method and re.search(path, target):
                return answered(status, text, kind)
        response = self._send(method, url, **kwargs)
        for path, form in self._form:
            if re.search(path, target) and response.content:
                given = form(response.json())
                response = answered(response.status_code, "" if given is None else json.dumps(given), JSON)
        return response


def answered(status: int, text: str, kind: str) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = status, text.encode()
    response.headers["Content-Type"] = kind
    return response


def without(*names: str) -> Callable[[Any], Any]:
    return lambda answer: {name: value for name, value in answer.items() if name not in names}


@pytest.fixture(name="wire")
def _wire(graph: Graph) -> Otherwise:
    return Otherwise(graph)


def made(graph: Graph, table: str = "") -> tuple[File, Person]:
    file = graph.server.workbook([HEADER, KATYA], tab=TAB, table=table)
    return file, graph.server.person(ANNA, file)


def change(table: SharePointTable) -> Snapshot:
    """A row more, and another note for Katya: written and read back as a run does it."""
    seen = table.read()
    table.write(
        Patch(
            version=seen.version,
            token="1",
            header_row=1,
            ref_column=1,
            writes=(CellWrite(row=2, column=3, ref="BSP-0001-A", old="ruft an", new="01067"),),
            appends=(RowAppend(ref="BSP-0002-8", cells={1: "BSP-0002-8", 3: "neu"}),),
        )
    )
    return table.read()


def is_changed(anna: Person) -> bool:
    return [[row[0], row[2]] for row in anna.rows()] == [
        ["TN-Nr.", "Notiz"],
        ["BSP-0001-A", "01067"],
        ["BSP-0002-8", "neu"],
    ]


# -- the file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", NO, ids=NAMES)
@pytest.mark.parametrize("path", ["/Listen/BSP.xlsx", "/Dokumente/Listen/BSP.xlsx"])
def test_a_path_is_looked_up_in_the_library_where_sites_have_no_short_cut(
    graph: Graph, wire: Otherwise, answer: Answer, path: str
) -> None:
    """``/sites/{id}/drive/root:/…`` in two steps."""
    file = graph.server.workbook([HEADER, KATYA], tab=TAB)
    wire.without("GET", "/drive/root:", answer)
    table = open_table(graph, file, drive="", item="", site=f"{HOST}:/sites/myturn", path=path)

    assert table.read().identity["item"] == file.id


def test_a_file_is_read_without_facets_that_only_inform(graph: Graph, wire: Otherwise) -> None:
    """Only its ids and its tag are needed."""
    file, anna = made(graph)
    wire.gives("items/[^/]*$|items/[^/]*[?]", without("file", "parentReference", "lastModifiedBy", "shared", "cTag"))
    table = open_table(graph, file)
    before = table.version()
    change(table)

    assert is_changed(anna)
    assert before not in ("", table.version())


@pytest.mark.parametrize("answer", [REFUSED, UNMADE], ids=["400", "501"])
def test_a_file_is_read_where_a_selection_of_facets_is_refused(graph: Graph, wire: Otherwise, answer: Answer) -> None:
    file, anna = made(graph)
    wire.without("GET", r"items/[^/]*\?\$select", answer)
    change(open_table(graph, file))

    assert is_changed(anna)


@pytest.mark.parametrize("missing", [("id",), ("parentReference",), ("cTag", "eTag")])
def test_an_answer_without_ids_or_tag_is_no_file(graph: Graph, wire: Otherwise, missing: tuple[str, ...]) -> None:
    """A file without a tag would count as unchanged for good."""
    file, _ = made(graph)
    wire.gives("/driveItem", without(*missing))
    table = open_table(graph, file, drive="", item="", link=file.url)
    with pytest.raises(PlatformBusy) as raised:
        table.read()

    assert raised.value.message == "Microsoft hat unvollständig geantwortet."


def test_a_folder_is_no_workbook(graph: Graph, wire: Otherwise) -> None:
    file, _ = made(graph)
    wire.gives("items/", lambda answer: without("file")(answer) | {"folder": {"childCount": 1}, "name": "x.xlsx"})

    assert "keine .xlsx-Mappe" in open_table(graph, file).check()[0].text


@pytest.mark.parametrize("answer", [*NO, (403, UNKNOWN[1], JSON)], ids=[*NAMES, "403"])
def test_the_facet_counts_where_permissions_are_not_listed(graph: Graph, wire: Otherwise, answer: Answer) -> None:
    """It is deprecated, and SharePoint's says nothing of links; an application may lack the right to list."""
    file, _ = made(graph)
    wire.without("GET", "/permissions", answer)
    assert not open_table(graph, file).read().exposed

    before = open_table(graph, file).version()
    wire.gives("items/[^/]*[?]", lambda found: found | {"shared": {"scope": "anonymous"}})
    assert open_table(graph, file).version() != before
    assert open_table(graph, file).read().exposed


def test_a_link_for_anyone_is_found_on_the_next_page(graph: Graph, wire: Otherwise) -> None:
    file, _ = made(graph)
    more = f"{graph.server.graph_root}/drives/{file.drive.id}/items/{file.id}/permissions?$skiptoken=2"
    wire.gives("/permissions$", lambda answer: {"value": answer["value"][:1], "@odata.nextLink": more})
    link = {"value": [{"id": "2", "roles": ["read"], "link": {"scope": "anonymous", "type": "view"}}]}
    wire.without("GET", "skiptoken", (200, json.dumps(link), JSON))
    assert open_table(graph, file).read().exposed


# -- the tab and its table -------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", NO, ids=NAMES)
def test_a_tab_is_used_where_its_tables_cannot_be_listed(graph: Graph, wire: Otherwise, answer: Answer) -> None:
    file, anna = made(graph)
    wire.without("GET", "worksheets/[^/]*/tables", answer)
    change(open_table(graph, file))

    assert is_changed(anna)


@pytest.mark.parametrize("answer", NO, ids=NAMES)
@pytest.mark.parametrize("named", [{"table": "Liste", "worksheet": ""}, {"worksheet": TAB}], ids=["table", "tab"])
@pytest.mark.parametrize("missing", ["tables/[^/]*/worksheet", "worksheets/[^/]*/tables"])
def test_new_rows_belong_to_the_excel_table_however_it_is_reached(
    graph: Graph, wire: Otherwise, missing: str, named: dict[str, str], answer: Answer
) -> None:
    """By its name or its tab; below the workbook or below the tab."""
    file, anna = made(graph, "Liste")
    wire.without("GET", missing, answer)
    change(open_table(graph, file, **named))

    assert is_changed(anna)
    assert anna.table() == "A1:C3"


def test_an_excel_table_that_moved_to_another_tab_is_not_this_ones(graph: Graph, wire: Otherwise) -> None:
    """Found below the workbook, it is looked at on which tab it is."""
    file, anna = made(graph, "Liste")
    table = open_table(graph, file)
    table.read()
    wire.without("GET", "worksheets/[^/]*/tables")
    wire.gives("tables/[^/]*/range", lambda answer: answer | {"address": "'Andere'!A1:C2"})
    change(table)

    assert is_changed(anna)
    assert anna.table() == "A1:C2"


def test_a_blank_tab_may_have_no_used_range(graph: Graph, wire: Otherwise) -> None:
    file = graph.server.workbook([], tab=TAB)
    wire.without("GET", "usedRange", UNKNOWN)

    assert open_table(graph, file).read().rows == ()


def test_a_tab_that_is_gone_has_no_used_range_either(graph: Graph, wire: Otherwise) -> None:
    file, _ = made(graph)
    table = open_table(graph, file)
    table.read()
    wire.without("GET", r"worksheets/[^/]*(/usedRange.*)?$")
    with pytest.raises(TableNotFound):
        table.read()


# -- cells -----------------------------------------------------------------------------------------------------


def test_a_block_may_be_told_by_its_address_alone(graph: Graph, wire: Otherwise) -> None:
    file, anna = made(graph)
    wire.gives("ange", without("rowIndex", "columnIndex", "rowCount", "columnCount"))
    change(open_table(graph, file))

    assert is_changed(anna)


def test_numbers_come_in_either_form(graph: Graph, wire: Otherwise) -> None:
    """46054.0 is 46054, as JSON has it; so is a row's index."""

    def turned(answer: Any) -> Any:
        if isinstance(answer, dict):
            return {name: turned(value) for name, value in answer.items()}
        if isinstance(answer, list):
            return [turned(value) for value in answer]
        if isinstance(answer, float) and answer.is_integer():
            return int(answer)
        return float(answer) if isinstance(answer, int) and not isinstance(answer, bool) else answer

    file, anna = made(graph, "Liste")
    wire.gives("/workbook/", turned)
    change(open_table(graph, file))

    assert is_changed(anna)


def test_a_cell_without_a_number_format_has_none(graph: Graph, wire: Otherwise) -> None:
    file, _ = made(graph)
    wire.gives("usedRange", lambda answer: answer | {"numberFormat": [[None] * 3] * 2})

    assert open_table(graph, file).read().rows[1].cells == ("BSP-0001-A", 46054.0, "ruft an")


@pytest.mark.parametrize(
    "form",
    [lambda _: None, lambda answer: {}, lambda answer: {"@odata.context": "x"}, without("formulas", "values")],
    ids=["empty", "nothing", "context", "place"],
)
def test_a_write_may_be_answered_with_little(graph: Graph, wire: Otherwise, form: Callable[[Any], Any]) -> None:
    file, anna = made(graph, "Liste")
    table = open_table(graph, file)
    table.read()
    wire.gives("/rows$", form)
    wire.gives(r"range\(address='[A-Z0-9:]*'\)$", form)
    change(table)

    assert is_changed(anna)
    assert anna.table() == "A1:C3"


@pytest.mark.parametrize("answer", [REFUSED, UNMADE_PAGE], ids=["400", "501"])
def test_a_large_write_is_made_where_its_answer_cannot_be_kept_short(
    graph: Graph, wire: Otherwise, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr(writing, "LARGE", 0)
    file, anna = made(graph)
    wire.without("PATCH", "select", answer)
    change(open_table(graph, file))

    assert is_changed(anna)


def test_rows_that_came_to_stand_elsewhere_are_not_filled(graph: Graph, wire: Otherwise) -> None:
    """An index above the table's end says that rows went away meanwhile: nothing is written into those that moved."""
    file, anna = made(graph, "Liste")
    wire.gives("/rows$", lambda answer: answer | {"index": 0})
    table = open_table(graph, file)
    with pytest.raises(TableMoved):
        change(table)

    assert anna.rows()[1][0] == "BSP-0001-A"


# -- what only some servers have -------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [*NO, (403, UNKNOWN[1], JSON)], ids=[*NAMES, "403"])
def test_a_check_does_without_what_a_server_does_not_know(graph: Graph, wire: Otherwise, answer: Answer) -> None:
    """Protection and sessions; a token that tells of no rights."""
    file, _ = made(graph)
    wire.without("GET", "protection", answer)
    wire.without("POST", "createSession", answer)
    wire.without("GET", "publication", answer)

    found = open_table(graph, file).check()

    assert [check for check in found if not check.ok] == []


@pytest.mark.parametrize("answer", NO, ids=NAMES)
@pytest.mark.parametrize("unknown", ["[^t]/protection", "format/protection"])
def test_a_refused_write_is_told_where_protection_cannot_be_asked_for(
    graph: Graph, wire: Otherwise, unknown: str, answer: Answer
) -> None:
    """Of the tab, or of its cells."""
    file, anna = made(graph)
    anna.protect("A2:A9")
    refused = json.dumps({"error": {"code": "ACCESSDENIED", "message": "…"}})
    wire.without("PATCH", "range", (403, refused, JSON))
    wire.without("GET", unknown, answer)
    with pytest.raises(TableReadOnly):
        change(open_table(graph, file))


@pytest.mark.parametrize("answer", NO, ids=NAMES)
def test_large_lists_are_read_without_sessions(graph: Graph, wire: Otherwise, answer: Answer) -> None:
    file, _ = made(graph)
    wire.without("POST", "createSession", answer)
    wire.gives("usedRange.*values", lambda answer: answer | {"values": None})
    table = open_table(graph, file)

    assert len(table.read().rows) == 2


def test_setting_up_sends_one_format_for_each_cell(graph: Graph, wire: Otherwise) -> None:
    """An array of the block's shape is what every server takes."""
    file, _ = made(graph)
    open_table(graph, file).prepare(Layout(1, (LayoutColumn(3, "Notiz", "note", Shape.TEXT, (), None, 200),)))

    assert [body for method, body in wire.sent if method == "PATCH"] == [{"numberFormat": [["@"]] * 201}]


@pytest.mark.parametrize("code", ["conflict", "Conflict", "EDITMODECANNOTACQUIRELOCK"])
def test_a_conflict_that_says_no_more_is_a_lock(graph: Graph, wire: Otherwise, code: str) -> None:
    """The newer names of the top codes only repeat the status."""
    file, _ = made(graph)
    body = json.dumps({"error": {"code": code, "message": "…", "innererror": {"code": f"{code}Uncategorized"}}})
    wire.without("PATCH", "range", (409, body, JSON))
    with pytest.raises(TableLocked):
        change(open_table(graph, file))
