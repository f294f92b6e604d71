"""Worksheets and ranges in addresses: which resource a path means, and what may be done with it."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.fakes.google.a1 import Block
from tests.fakes.graph import formats, odata, ranges, refusals, shifting, sorting, tables
from tests.fakes.graph.book import MAX_COLUMNS, MAX_ROWS, Tab, new_tab
from tests.fakes.graph.odata import Segment
from tests.fakes.graph.ranges import Range
from tests.fakes.graph.requests import Json, Request, Result

Rest = list[Segment]
OPTIONS = {
    "allowAutoFilter", "allowDeleteColumns", "allowDeleteRows", "allowFormatCells", "allowFormatColumns",
    "allowFormatRows", "allowInsertColumns", "allowInsertHyperlinks", "allowInsertRows", "allowPivotTables",
    "allowSort",
}  # fmt: skip  # names in a block
_FORBIDDEN = re.compile(r"[:\\/?*\[\]]|^'|'$")


def collection(request: Request, rest: Rest, key: Segment) -> Result:
    """``/worksheets…``; the key may stand in parentheses or in the next segment."""
    if key.arguments and set(key.arguments) == {""}:
        return _tab(request, _found(request, str(key.arguments[""])), rest)
    if not rest:
        if request.verb == "POST":
            return _add(request)
        return request.listed([_resource(each, at) for at, each in enumerate(request.visit.book.tabs)], "Worksheet")
    if rest[0].name.casefold() == "add" and len(rest) == 1:
        request.allow("POST")
        return _add(request)
    if rest[0].text in {"$", "$count"}:
        raise refusals.unknown_segment(rest[0].text)
    return _tab(request, _found(request, rest[0].text), rest[1:])


def _found(request: Request, key: str) -> Tab:
    """By id or by name; neither regards case."""
    for tab in request.visit.book.tabs:
        if key.casefold() in (tab.guid.casefold(), tab.title.casefold()):
            return tab
    raise refusals.not_found()


def _resource(tab: Tab, position: int) -> Json:
    return {
        "id": tab.guid,
        "name": tab.title,
        "position": position,
        "visibility": "Hidden" if tab.hidden else "Visible",
    }


def _add(request: Request) -> Result:
    book = request.visit.book
    odata.properties(request.body, {"name"}, "workbookWorksheet")
    title = _title(request, request.text("name", default=f"Tabelle{len(book.sheets) + 1}"))
    tab = new_tab(max(each.id for each in book.tabs) + 1, title)
    book.sheets.append(tab)
    return request.one(_resource(tab, len(book.sheets) - 1), "Worksheet", status=201)


def _title(request: Request, title: str) -> str:
    if not 1 <= len(title) <= 31 or _FORBIDDEN.search(title):
        raise refusals.invalid_argument()
    if request.visit.book.titled(title):
        raise refusals.Refused(
            409, "ItemAlreadyExists", "A resource with the same name already exists.", "itemAlreadyExists"
        )
    return title


def _tab(request: Request, tab: Tab, rest: Rest) -> Result:
    book = request.visit.book
    if not rest:
        request.allow("GET", "PATCH", "DELETE")
        if request.verb == "DELETE":
            if len(book.sheets) == 1:
                raise refusals.invalid_argument()
            book.sheets.remove(tab)
            book.tables = [each for each in book.tables if each.tab != tab.id]
            return Result(204)
        if request.verb == "PATCH":
            _change(request, tab)
        return request.one(_resource(tab, book.tabs.index(tab)), "Worksheet")
    head, rest = rest[0], rest[1:]
    match head.name.casefold():
        case "range":
            return area(request, _range(request, tab, head), rest)
        case "usedrange":
            return area(request, _used(tab, head), rest)
        case "cell":
            return area(request, _cell(tab, head, Block(0, MAX_ROWS, 0, MAX_COLUMNS)), rest)
        case "tables":
            return tables.collection(request, rest, head, tab)
        case "protection":
            return _protection(request, tab, rest)
        case "names":
            return request.listed([], "NamedItem")
        case "charts" | "pivottables":
            return request.listed([], "Chart" if head.name == "charts" else "PivotTable")
    raise refusals.unknown_segment(head.text)


def _change(request: Request, tab: Tab) -> None:
    odata.properties(request.body, {"name", "position", "visibility"}, "workbookWorksheet", {"id"})
    book = request.visit.book
    if "name" in request.body and request.body["name"] != tab.title:
        old, tab.title = tab.title, _title(request, request.text("name"))
        sorting.renamed(book, old, tab.title)
    if "visibility" in request.body:
        tab.hidden = request.text("visibility", choices=("Visible", "Hidden", "VeryHidden")) != "Visible"
    if isinstance(position := request.body.get("position"), int):
        book.sheets.remove(tab)
        book.sheets.insert(position, tab)


def _range(request: Request, tab: Tab, segment: Segment) -> Range:
    if segment.arguments is None:  # range() without an address is the whole sheet
        return Range(tab, Block(0, MAX_ROWS, 0, MAX_COLUMNS), "columns")
    return ranges.parse(request.visit, tab, segment.takes(address=str)["address"])


def _used(tab: Tab, segment: Segment, within: Block | None = None) -> Range:
    """From the first used cell to the last; an empty sheet answers its first cell."""
    values_only = bool(segment.arguments) and bool(segment.takes(valuesOnly=bool)["valuesOnly"])
    block = tab.used(values_only=values_only)
    if within is not None and block is not None:
        block = Block(
            max(block.top, within.top),
            min(block.bottom, within.bottom),
            max(block.left, within.left),
            min(block.right, within.right),
        )
        block = block if block.height > 0 and block.width > 0 else None
    if block is None and within is not None:
        raise refusals.not_found()
    return Range(tab, block or Block(0, 1, 0, 1))


def _cell(tab: Tab, segment: Segment, within: Block) -> Range:
    given = segment.takes(row=int, column=int)
    row, column = within.top + given["row"], within.left + given["column"]
    if not (0 <= row < MAX_ROWS and 0 <= column < MAX_COLUMNS):
        raise refusals.invalid_argument()
    return Range(tab, Block(row, row + 1, column, column + 1))


def area(request: Request, found: Range, rest: Rest) -> Result:
    """A range and what hangs on it."""
    visit = request.visit
    if not rest:
        request.allow("GET", "PATCH")
        if request.verb == "PATCH":
            ranges.update(visit, found, request.body)
        return Result(200, ranges.resource(visit, found, request.query))
    head, rest = rest[0], rest[1:]
    name = head.name.casefold().removeprefix("microsoft.graph.")
    if name in {"insert", "delete", "clear", "merge", "unmerge"} and not rest:
        request.allow("POST")
        return _act(request, found, name)
    if name == "sort" and [each.name.casefold() for each in rest] == ["apply"]:
        request.allow("POST")
        sorting.apply(request, found.tab, found.block)
        return Result(200)
    if name == "format":
        return formats.answer(request, found, rest)
    if name == "worksheet":
        return _tab(request, found.tab, rest)
    if name == "visibleview" and not rest:
        request.allow("GET")
        return _visible(request, found)
    return area(request, _related(found, head, name), rest)


def _related(found: Range, head: Segment, name: str) -> Range:
    """A range told by another one."""
    block, tab = found.block, found.tab
    match name:
        case "cell":
            return _cell(tab, head, block)
        case "usedrange":
            return _used(tab, head, block)
        case "row":
            row = block.top + head.takes(row=int)["row"]
            return Range(tab, replace(block, top=row, bottom=row + 1))
        case "column":
            column = block.left + head.takes(column=int)["column"]
            return Range(tab, replace(block, left=column, right=column + 1))
        case "lastrow":
            return Range(tab, replace(block, top=block.bottom - 1))
        case "lastcolumn":
            return Range(tab, replace(block, left=block.right - 1))
        case "lastcell":
            return Range(tab, Block(block.bottom - 1, block.bottom, block.right - 1, block.right))
        case "entirerow":
            return Range(tab, replace(block, left=0, right=MAX_COLUMNS), "rows")
        case "entirecolumn":
            return Range(tab, replace(block, top=0, bottom=MAX_ROWS), "columns")
        case "resizedrange":
            given = head.takes(deltaRows=int, deltaColumns=int)
            bottom, right = block.bottom + given["deltaRows"], block.right + given["deltaColumns"]
            return _checked(tab, replace(block, bottom=bottom, right=right))
        case "offsetrange":
            given = head.takes(rowOffset=int, columnOffset=int)
            down, along = given["rowOffset"], given["columnOffset"]
            return _checked(tab, Block(block.top + down, block.bottom + down, block.left + along, block.right + along))
    raise refusals.unknown_segment(head.text)


def _checked(tab: Tab, block: Block) -> Range:
    if block.height < 1 or block.width < 1 or min(block.top, block.left) < 0 or block.bottom > MAX_ROWS:
        raise refusals.invalid_argument()
    return Range(tab, block)


def _act(request: Request, found: Range, name: str) -> Result:
    visit = request.visit
    if name == "insert":
        odata.properties(request.body, {"shift"}, "workbookRange")
        made = shifting.insert(visit, found, request.text("shift", choices=("Down", "Right")))
        return Result(200, ranges.resource(visit, made, request.query))
    if name == "delete":
        odata.properties(request.body, {"shift"}, "workbookRange")
        shifting.delete(visit, found, request.text("shift", choices=("Up", "Left")))
    elif name == "clear":
        odata.properties(request.body, {"applyTo"}, "workbookRange")
        what = request.text("applyTo", default="All", choices=("All", "Formats", "Contents"))
        ranges.clear(visit, found, what)
    elif name == "merge":
        odata.properties(request.body, {"across"}, "workbookRange")
        ranges.guard(found.tab, found.block)
        sorting.merge(found.tab, found.block)
    else:
        found.tab.merges = [each for each in found.tab.merges if not each.touches(found.block)]
    visit.changed()
    return Result(200)


def _visible(request: Request, found: Range) -> Result:
    """What a filter leaves of a range."""
    visit, tab, block = request.visit, found.tab, found.block
    rows = [row for row in range(block.top, block.bottom) if not tab.row_hidden(row)]
    columns = [column for column in range(block.left, block.right) if not tab.column_hidden(column)]
    visit.shown |= {tab.cell(row, column).uid for row in rows for column in columns} - {0}
    values = [[ranges.value(visit, tab, row, column) for column in columns] for row in rows]
    view = {"index": 0, "rowCount": len(rows), "columnCount": len(columns), "values": values}
    return request.one(view, "RangeView")


def _protection(request: Request, tab: Tab, rest: Rest) -> Result:
    """Protecting a tab that is protected, or taking away what is not there, is refused."""
    if not rest:
        request.allow("GET")
        options = {each: each in tab.allowed for each in sorted(OPTIONS)} if tab.protected else None
        return request.one({"protected": tab.protected, "options": options}, "WorksheetProtection")
    name = rest[0].name.casefold()
    if len(rest) > 1 or name not in {"protect", "unprotect"}:
        raise refusals.unknown_segment(rest[-1].text)
    request.allow("POST")
    protects = name == "protect"
    odata.properties(request.body, {"options"} if protects else {"password"}, "workbookWorksheetProtection")
    options = request.body.get("options") or {}
    odata.properties(options, OPTIONS, "workbookWorksheetProtectionOptions")
    if tab.protected == protects:
        raise refusals.Refused(403, "AccessDenied", "You cannot perform the requested operation.", "accessDenied")
    tab.protected, tab.allowed = protects, frozenset(each for each, given in options.items() if given)
    return Result(200)
