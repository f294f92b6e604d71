"""Columns of tables, and the filters on them."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes.google.a1 import Block
from tests.fakes.graph import display, odata, ranges, refusals, worksheets
from tests.fakes.graph.book import Book, Table, number_format
from tests.fakes.graph.odata import Segment
from tests.fakes.graph.ranges import Range
from tests.fakes.graph.requests import Json, Request, Result
from tests.fakes.graph.visit import Visit

Rest = list[Segment]


def collection(request: Request, table: Table, rest: Rest, key: Segment) -> Result:
    """``/columns…`` by id, by name or by ``itemAt``."""
    span = list(range(table.box.left, table.box.right))
    if key.arguments and set(key.arguments) == {""}:
        return _column(request, table, _found(request, table, str(key.arguments[""])), rest)
    if not rest:
        if request.verb == "POST":
            raise NotImplementedError("adding table columns")
        return request.listed([_resource(request, table, each) for each in span], "TableColumn")
    if rest[0].name.casefold() == "itemat":
        index = rest[0].takes(index=int)["index"]
        if not 0 <= index < len(span):
            raise refusals.not_found()
        return _column(request, table, span[index], rest[1:])
    return _column(request, table, _found(request, table, rest[0].text), rest[1:])


def column_id(book: Book, table: Table, column: int) -> int:
    """The id a column keeps through inserts and renames."""
    return dict(table.ids)[book.sheet(table.tab).columns[column].uid]


def _found(request: Request, table: Table, key: str) -> int:
    book = request.visit.book
    tab = book.sheet(table.tab)
    for column in range(table.box.left, table.box.right):
        name = tab.cell(table.box.top, column).entered
        if key == str(column_id(book, table, column)) or key.casefold() == str(name).casefold():
            return column
    raise refusals.not_found()


def _range(request: Request, table: Table, column: int, block: Block) -> Range:
    return Range(request.visit.book.sheet(table.tab), replace(block, left=column, right=column + 1))


def _resource(request: Request, table: Table, column: int) -> Json:
    whole = _range(request, table, column, table.box)
    return {
        "id": str(column_id(request.visit.book, table, column)),
        "name": str(whole.tab.cell(table.box.top, column).entered),
        "index": column - table.box.left,
        "values": ranges.resource(request.visit, whole, odata.Query(("values",)))["values"],
    }


def _column(request: Request, table: Table, column: int, rest: Rest) -> Result:
    visit = request.visit
    if not rest:
        request.allow("GET", "PATCH")
        if request.verb == "PATCH":
            odata.properties(request.body, {"name", "values"}, "workbookTableColumn", {"id", "index"})
            if "name" in request.body:
                ranges.update(visit, _range(request, table, column, table.header), {"values": request.text("name")})
            if "values" in request.body:
                whole = _range(request, table, column, table.box)
                ranges.update(visit, whole, {"values": request.body["values"]})
        return request.one(_resource(request, table, column), "TableColumn")
    head, rest = rest[0], rest[1:]
    blocks = {"range": table.box, "headerrowrange": table.header, "databodyrange": table.body}
    if (block := blocks.get(head.name.casefold())) is not None:
        return worksheets.area(request, _range(request, table, column, block), rest)
    if head.name.casefold() == "filter":
        return _filter(request, table, column, rest)
    raise refusals.unknown_segment(head.text)


def _filter(request: Request, table: Table, column: int, rest: Rest) -> Result:
    book = request.visit.book
    found = column_id(book, table, column)
    others = tuple(each for each in table.filters if each[0] != found)
    name = rest[0].name.casefold() if len(rest) == 1 else ""
    if not rest:
        request.allow("GET")
        return request.one(
            {"criteria": None if len(others) == len(table.filters) else {"filterOn": "Values"}}, "Filter"
        )
    request.allow("POST")
    if name == "clear":
        apply(request.visit, book.replace_table(table, filters=others))
    elif name in {"apply", "applyvaluesfilter"}:
        criteria = request.body.get("criteria", request.body)
        values = criteria.get("values") if isinstance(criteria, dict) else None
        if not isinstance(values, list):
            raise refusals.invalid_argument()
        hide(request.visit, table, column, shown={str(each) for each in values})
    else:
        raise refusals.unknown_segment(rest[0].text)
    return Result(200)


def hide(visit: Visit, table: Table, column: int, *, shown: set[str]) -> None:
    """Filter a column: rows whose text there is not among ``shown`` are hidden."""
    texts = {_text(visit, table, row, column) for row in range(table.body.top, table.body.bottom)}
    found = column_id(visit.book, table, column)
    others = tuple(each for each in table.filters if each[0] != found)
    apply(visit, visit.book.replace_table(table, filters=(*others, (found, frozenset(texts - shown)))))


def apply(visit: Visit, table: Table) -> None:
    """Hide and show the rows as the filters say now; rows typed later stay visible until then."""
    tab = visit.book.sheet(table.tab)
    columns = {column_id(visit.book, table, each): each for each in range(table.box.left, table.box.right)}
    for row in range(table.body.top, table.body.bottom):
        hidden = any(
            _text(visit, table, row, columns[each]) in texts for each, texts in table.filters if each in columns
        )
        tab.hide_row(row, hidden=hidden)


def show_all(book: Book, table: Table) -> None:
    """Take every filter of a table away."""
    tab = book.sheet(table.tab)
    book.replace_table(table, filters=())
    for row in range(table.body.top, table.body.bottom):
        tab.hide_row(row, hidden=False)


def _text(visit: Visit, table: Table, row: int, column: int) -> str:
    tab = visit.book.sheet(table.tab)
    return display.text(visit.values.effective(tab, row, column), number_format(tab.cell(row, column)))
