"""Tables (ListObjects): their ranges, and rows that are added, changed and deleted through them."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.fakes.google.a1 import Block
from tests.fakes.google.formulas import Formula
from tests.fakes.graph import columns, odata, ranges, refusals, shifting, sorting, worksheets
from tests.fakes.graph.book import MAX_ROWS, Tab, Table, places
from tests.fakes.graph.odata import Segment
from tests.fakes.graph.ranges import Range
from tests.fakes.graph.requests import Json, Request, Result

Rest = list[Segment]
_NAME = re.compile(r"[^\W\d][\w.]{0,254}|\\[\w.]*")
_READ_ONLY = {"id", "legacyId", "highlightFirstColumn", "highlightLastColumn", "showBandedColumns", "showBandedRows"}


def collection(request: Request, rest: Rest, key: Segment, tab: Tab | None = None) -> Result:
    """``/tables…``, of the workbook or of one tab."""
    tables = [each for each in request.visit.book.tables if tab is None or each.tab == tab.id]
    if key.arguments and set(key.arguments) == {""}:
        return _table(request, _found(tables, str(key.arguments[""])), rest)
    if not rest:
        return request.listed([_resource(each) for each in tables], "Table")
    if rest[0].name.casefold() == "add" and len(rest) == 1:
        request.allow("POST")
        return _add(request, tab)
    if rest[0].name.casefold() == "itemat":
        index = rest[0].takes(index=int)["index"]
        if not 0 <= index < len(tables):
            raise refusals.not_found()
        return _table(request, tables[index], rest[1:])
    return _table(request, _found(tables, rest[0].text), rest[1:])


def _found(tables: list[Table], key: str) -> Table:
    for table in tables:
        if key.casefold() in (table.guid.casefold(), str(table.id), table.name.casefold()):
            return table
    raise refusals.not_found()


def _resource(table: Table) -> Json:
    return {
        "id": table.guid,
        "name": table.name,
        "showHeaders": True,
        "showTotals": table.totals,
        "style": table.style,
        "highlightFirstColumn": False,
        "highlightLastColumn": False,
        "showBandedColumns": False,
        "showBandedRows": True,
        "showFilterButton": True,
        "legacyId": str(table.id),
    }


def _add(request: Request, tab: Tab | None) -> Result:
    visit, body = request.visit, request.body
    odata.properties(body, {"address", "hasHeaders"}, "workbookTable")
    if not isinstance(body.get("hasHeaders", False), bool):
        raise refusals.invalid_argument()
    address = request.text("address")
    title = address.rpartition("!")[0].strip("'").replace("''", "'")
    place = tab or visit.book.titled(title)
    if place is None:
        raise refusals.invalid_argument()
    block = ranges.parse(visit, place, address).block
    table = create(request, place, block, headers=bool(body.get("hasHeaders")))
    return request.one(_resource(table), "Table", status=201)


def create(request: Request, tab: Tab, block: Block, *, headers: bool) -> Table:
    """A table over these cells; without headers it gets a row of them, and the cells make room."""
    book = request.visit.book
    if any(each.tab == tab.id and each.box.touches(block) for each in book.tables):
        raise refusals.insert_delete_conflict()
    if not headers:
        book.shift(tab, replace(block, bottom=MAX_ROWS), 1, 0)
        block = replace(block, bottom=block.bottom + 1)
    if block.height == 1:
        block = replace(block, bottom=block.bottom + 1)
    number = max((each.id for each in book.tables), default=0) + 1
    book.tables.append(Table(number, f"Tabelle{number}", tab.id, block))
    request.visit.changed()
    return book.tables[-1]


def _table(request: Request, table: Table, rest: Rest) -> Result:
    if not rest:
        return _entity(request, table)
    book = request.visit.book
    tab = book.sheet(table.tab)
    head, rest = rest[0], rest[1:]
    name = head.name.casefold().removeprefix("microsoft.graph.")
    if (block := _block(table, name)) is not None:
        return worksheets.area(request, Range(tab, block), rest)
    match name:
        case "rows":
            return _rows(request, table, rest, head)
        case "columns":
            return columns.collection(request, table, rest, head)
        case "worksheet":
            return worksheets.collection(request, rest, Segment("", "", {"": tab.guid}))
        case "sort":
            return _sort(request, table, rest)
    if rest:
        raise refusals.unknown_segment(rest[0].text)
    request.allow("POST")
    return _act(request, table, name)


def _entity(request: Request, table: Table) -> Result:
    request.allow("GET", "PATCH", "DELETE")
    book = request.visit.book
    if request.verb == "DELETE":
        tab = book.sheet(table.tab)
        ranges.guard(tab, table.box)
        for row, column in places(table.box):
            tab.remove(row, column)
        book.tables.remove(table)
        return Result(204)
    if request.verb == "PATCH":
        table = _change(request, table)
    return request.one(_resource(table), "Table")


def _block(table: Table, name: str) -> Block | None:
    """The cells of a range that a table names; None for any other word."""
    if name == "totalrowrange":
        if not table.totals:
            raise refusals.not_found()
        return replace(table.box, top=table.box.bottom - 1)
    return {"range": table.box, "headerrowrange": table.header, "databodyrange": table.body}.get(name)


def _change(request: Request, table: Table) -> Table:
    body, book = request.body, request.visit.book
    writable = {"name", "showTotals", "style", "showHeaders", "showFilterButton"}
    odata.properties(body, writable, "workbookTable", _READ_ONLY)
    if "name" in body:
        name = request.text("name")
        if not _NAME.fullmatch(name) or re.fullmatch(r"[A-Za-z]{1,3}\d+", name):
            raise refusals.invalid_argument()
        if any(each.name.casefold() == name.casefold() for each in book.tables if each is not table):
            raise refusals.Refused(409, "ItemAlreadyExists", "The name is taken.", "itemAlreadyExists")
        table = book.replace_table(table, name=name)
    if "style" in body:
        table = book.replace_table(table, style=request.text("style"))
    return table


def _act(request: Request, table: Table, name: str) -> Result:
    book = request.visit.book
    tab = book.sheet(table.tab)
    match name:
        case "clearfilters":
            columns.show_all(book, table)
        case "reapplyfilters":
            columns.apply(request.visit, table)
        case "converttorange":
            book.tables.remove(table)
            return Result(200, ranges.resource(request.visit, Range(tab, table.box), request.query))
        case _:
            raise refusals.unknown_segment(name)
    return Result(200)


def _sort(request: Request, table: Table, rest: Rest) -> Result:
    if [each.name.casefold() for each in rest] != ["apply"]:
        raise refusals.unknown_segment("sort")
    request.allow("POST")
    sorting.apply(request, request.visit.book.sheet(table.tab), table.body)
    return Result(200)


# Rows


def blank(request: Request, table: Table) -> bool:
    """Whether the table has nothing but its empty insert row, which is no row."""
    tab = request.visit.book.sheet(table.tab)
    cells = (tab.cell(row, column) for row, column in places(table.body))
    return table.body.height == 1 and all(cell.entered is None for cell in cells)


def _rows(request: Request, table: Table, rest: Rest, key: Segment) -> Result:
    rest = rest[1:] if rest and rest[0].text == "$" else rest
    if key.arguments is not None:
        raise refusals.Refused(404, "ApiNotFound", "The API you are trying to use could not be found.")
    if not rest:
        if request.verb == "POST":
            return _append(request, table)
        count = 0 if blank(request, table) else table.body.height
        start, end = request.query.skip, request.query.skip + (request.query.top or count)
        entities = [_row_resource(request, table, index) for index in range(start, min(end, count))]
        request.query = replace(request.query, top=None, skip=0)
        return request.listed(entities, "TableRow")
    head = rest[0]
    if head.name.casefold() == "add" and len(rest) == 1:
        request.allow("POST")
        return _append(request, table)
    if head.name.casefold() != "itemat":  # rows/{n} is documented, and answers so
        raise refusals.Refused(404, "ApiNotFound", "The API you are trying to use could not be found.")
    index = head.takes(index=int)["index"]
    if not 0 <= index < table.body.height or blank(request, table):
        raise refusals.not_found()
    return _row(request, table, index, rest[1:])


def _row_range(request: Request, table: Table, index: int) -> Range:
    top = table.body.top + index
    return Range(request.visit.book.sheet(table.tab), replace(table.body, top=top, bottom=top + 1))


def _row_resource(request: Request, table: Table, index: int) -> Json:
    found = _row_range(request, table, index)
    shown = ranges.resource(request.visit, found, odata.Query(("values",)))
    return {"index": index, "values": shown["values"]}


def _row(request: Request, table: Table, index: int, rest: Rest) -> Result:
    found = _row_range(request, table, index)
    if rest:
        if rest[0].name.casefold() != "range":
            raise refusals.unknown_segment(rest[0].text)
        return worksheets.area(request, found, rest[1:])
    request.allow("GET", "PATCH", "DELETE")
    if request.verb == "DELETE":
        if table.filters:
            raise refusals.filtered_range_conflict()
        shifting.delete(request.visit, found, "Up")
        return Result(204)
    if request.verb == "PATCH":
        odata.properties(request.body, {"values", "index"}, "workbookTableRow", {"index"})
        ranges.update(request.visit, found, {"values": request.body.get("values")})
    return request.one(_row_resource(request, table, index), "TableRow")


def _append(request: Request, table: Table) -> Result:
    """Rows at the end or before ``index``; what stands below moves down, and formats come from the row above."""
    visit, body = request.visit, request.body
    odata.properties(body, {"index", "values"}, "workbookTableRow")
    tab, rows, index = visit.book.sheet(table.tab), body.get("values"), body.get("index")
    if not isinstance(rows, list) or not rows or not (index is None or type(index) is int):
        raise refusals.invalid_argument()
    ranges.shaped(rows, len(rows), table.box.width)
    count = 0 if blank(request, table) else table.body.height
    at = count if index is None else index
    if not 0 <= at <= count:
        raise refusals.invalid_argument()
    if tab.protected:
        raise refusals.locked_cells()
    if not (visit.quirks.filtered_appends_lost and table.filters):
        table = _make_room(request, table, at, len(rows) - (count == 0))
        for offset, row in enumerate(rows):
            _fill(request, table, at + offset, row)
        visit.changed()
    shown = [_row_resource(request, table, at + each)["values"][0] for each in range(len(rows))]
    return request.one({"index": at, "values": shown}, "TableRow", status=201)


def _make_room(request: Request, table: Table, at: int, number: int) -> Table:
    book = request.visit.book
    tab = book.sheet(table.tab)
    strip = Block(table.body.top + at, MAX_ROWS, table.box.left, table.box.right)
    for each in book.tables:
        cut = each.box.left < strip.left or each.box.right > strip.right
        if each.tab == table.tab and each is not table and cut and each.box.touches(strip):
            raise refusals.insert_delete_conflict()
    model = max(table.body.top, table.body.top + at - 1)
    if number:
        book.shift(tab, strip, number, 0)
    looks = [replace(tab.cell(model, column), uid=0, entered=None, note="") for column in _span(table)]
    for row in range(table.body.top + at, table.body.top + at + number):
        for column, look in zip(_span(table), looks, strict=True):
            tab.put(row, column, look)
    return book.replace_table(table, box=replace(table.box, bottom=table.box.bottom + number))


def _fill(request: Request, table: Table, index: int, row: list[object]) -> None:
    """One new row. Cells given as null get what a calculated column has."""
    tab, at = request.visit.book.sheet(table.tab), table.body.top + index
    for column, content in zip(_span(table), row, strict=True):
        if content is not None:
            tab.put(at, column, ranges.written(request.visit, tab.cell(at, column), content))
        elif index and isinstance(tab.cell(at - 1, column).entered, Formula):
            copy = ranges.copied_down(tab.cell(at - 1, column), 1)
            tab.put(at, column, replace(tab.cell(at, column), entered=copy.entered))


def _span(table: Table) -> range:
    return range(table.box.left, table.box.right)
