"""``spreadsheets.values``: reading and writing plain values by A1 notation or data filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from tests.fakes.google import a1, locales, ranges, refusals
from tests.fakes.google.a1 import Block, Box
from tests.fakes.google.computed import Values
from tests.fakes.google.grid import MAX_TEXT, Cell, Entered, Sheet
from tests.fakes.google.ranges import Area
from tests.fakes.google.visit import Visit

Grid = list[list[Any]]
Answer = dict[str, Any]


def get(visit: Visit, path: dict[str, str], query: dict[str, Any], _: Any) -> Answer:
    return _read(visit, ranges.parse(visit.document, path["range"]).within_grid(), query)


def batch_get(visit: Visit, path: dict[str, str], query: dict[str, Any], _: Any) -> Answer:
    areas = [ranges.parse(visit.document, text).within_grid() for text in query.get("ranges", [])]
    return {"spreadsheetId": visit.document.id, "valueRanges": [_read(visit, area, query) for area in areas]}


def batch_get_by_data_filter(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> Answer:
    """Each matched range once, with all the filters that matched it."""
    matched: dict[tuple[int, Box], tuple[Area, list[Answer]]] = {}
    for data_filter in _some(body, "dataFilters"):
        for area in ranges.filtered(visit.document, data_filter, visit.project):
            found = matched.setdefault((area.sheet.id, area.clipped), (area, []))
            found[1].append(data_filter)
    found_ranges = [
        {"valueRange": _read(visit, area.within_grid(), body), "dataFilters": filters}
        for area, filters in matched.values()
    ]
    return {"spreadsheetId": visit.document.id} | ({"valueRanges": found_ranges} if found_ranges else {})


def update(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> Answer:
    area = ranges.parse(visit.document, path["range"])
    if "range" in body and body["range"] != path["range"]:
        raise refusals.invalid(f"Requested writing within range [{path['range']}], but data has range {body['range']}.")
    return _write(visit, area, body, _option(query), _reply_options(query))


def batch_update(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> Answer:
    option = _option(body)
    responses = []
    for number, data in enumerate(body.get("data", [])):
        try:
            if "range" not in data:
                raise refusals.invalid("Must specify a range.")
            area = ranges.parse(visit.document, data["range"])
            responses.append(_write(visit, area, data, option, _reply_options(body)))
        except refusals.Refused as refused:
            raise refused.at(f"data[{number}]") from None
    return _totals(visit, responses)


def batch_update_by_data_filter(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> Answer:
    option, responses = _option(body), []
    for number, data in enumerate(body.get("data", [])):
        try:
            for area in ranges.filtered(visit.document, data.get("dataFilter", {}), visit.project):
                response = _write(visit, area, data, option, _reply_options(body))
                del response["spreadsheetId"]
                responses.append(response | {"dataFilter": data["dataFilter"]})
        except refusals.Refused as refused:
            raise refused.at(f"data[{number}]") from None
    return _totals(visit, responses)


def append(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> Answer:
    """Below the last block of filled cells that reaches into the range, else at the start of the range."""
    area = ranges.parse(visit.document, path["range"]).within_grid()
    option, values = _option(query), body.get("values", [])
    sheet, document = area.sheet, visit.document
    table = _last_block(sheet, area.clipped)
    top, left = (table.bottom, table.left) if table else (area.clipped.top, area.clipped.left)
    answer: Answer = {"spreadsheetId": document.id}
    if table:
        answer["tableRange"] = a1.named(sheet.title, table, len(sheet.rows), len(sheet.columns))
    needed = top + len(values) - len(sheet.rows)
    if query.get("insertDataOption") == "INSERT_ROWS" and table and top < len(sheet.rows):
        visit.guard(sheet, Box(top, top + len(values)))
        document.insert(sheet, "ROWS", top, len(values), like=top - 1)
    elif needed > 0:
        document.insert(sheet, "ROWS", len(sheet.rows), needed, like=len(sheet.rows) - 1)
    wider = left + max(map(len, values), default=0) - len(sheet.columns)
    if wider > 0:
        document.insert(sheet, "COLUMNS", len(sheet.columns), wider)
    document.check_size()
    target = Area(sheet, Box(top, top + 1, left, left + 1), path["range"])
    return answer | {"updates": _write(visit, target, body, option, _reply_options(query))}


def clear(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> Answer:
    return {"spreadsheetId": visit.document.id, "clearedRange": _clear(visit, path["range"])}


def batch_clear(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> Answer:
    cleared = [_clear(visit, text) for text in body.get("ranges", [])]
    return {"spreadsheetId": visit.document.id, "clearedRanges": cleared}


def _clear(visit: Visit, text: str) -> str:
    area = ranges.parse(visit.document, text).within_grid()
    visit.guard(area.sheet, area.clipped)
    for row, column in area.sheet.places(area.box):
        if area.sheet.cell(row, column).entered is not None:
            area.sheet.change(row, column, entered=None)
    return area.name


def _read(visit: Visit, area: Area, options: dict[str, Any]) -> Answer:
    option = options.get("valueRenderOption", "FORMATTED_VALUE")
    dates = options.get("dateTimeRenderOption", "SERIAL_NUMBER")
    values, block, sheet = Values(visit.document), area.clipped, area.sheet
    rows: Grid = []
    for row in range(block.top, block.bottom):
        cells = sheet.rows[row].cells[block.left : block.right]
        visit.shown.update(cell.uid for cell in cells)
        rows.append([values.rendered(sheet, row, block.left + at, option, dates) for at in range(len(cells))])
    dimension = options.get("majorDimension", "ROWS")
    if dimension == "COLUMNS":
        width = max(map(len, rows), default=0)
        rows = [[row[column] if column < len(row) else "" for row in rows] for column in range(width)]
    answer: Answer = {"range": area.name, "majorDimension": dimension}
    return answer | ({"values": cut} if (cut := _cut(rows)) else {})


def _cut(rows: Grid) -> Grid:
    """Without blanks at the end of rows, and blank rows at the end."""
    for row in rows:
        while row and row[-1] == "":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _write(visit: Visit, area: Area, data: dict[str, Any], option: str, reply: dict[str, Any]) -> Answer:
    """Write one ValueRange; ``reply`` says whether and how the answer shows the cells afterwards."""
    area.within_grid()
    rows: Grid = data.get("values", [])
    if data.get("majorDimension") == "COLUMNS":
        height = max(map(len, rows), default=0)
        rows = [[line[at] if at < len(line) else None for line in rows] for at in range(height)]
    target = _target(area, rows)
    visit.guard(area.sheet, target)
    touched = set()
    for row, column, value in _given(target, rows):
        if value is None:
            continue
        touched.add((row, column))
        if not area.sheet.covered(row, column):
            cell = _entered(visit, area.sheet.cell(row, column), value, option, row - target.top, column - target.left)
            area.sheet.put(row, column, cell)
    named = a1.named(area.sheet.title, target, len(area.sheet.rows), len(area.sheet.columns))
    answer: Answer = {"spreadsheetId": visit.document.id, "updatedRange": named}
    if touched:
        answer["updatedRows"] = len({row for row, _ in touched})
        answer["updatedColumns"] = len({column for _, column in touched})
        answer["updatedCells"] = len(touched)
    if reply.pop("includeValuesInResponse", False):
        answer["updatedData"] = _read(visit, Area(area.sheet, target), reply)
    return answer


def _target(area: Area, rows: Grid) -> Block:
    """The block the data covers; a single cell extends by itself, anything else is a bound."""
    block = area.clipped
    height, width = max(len(rows), 1), max(map(len, rows), default=1) or 1
    sheet, single = area.sheet, block.height == block.width == 1 and None not in (area.box.bottom, area.box.right)
    bottom, right = (len(sheet.rows), len(sheet.columns)) if single else (block.bottom, block.right)
    within = f"Requested writing within range [{area.name}], but tried writing to"
    if single:
        within = f"Range ({area.name}) exceeds grid limits. Max rows: {bottom}, max columns: {right}. Tried writing to"
    if block.top + height > bottom:
        raise refusals.invalid(f"{within} row [{bottom + 1}]")
    if block.left + width > right:
        raise refusals.invalid(f"{within} column [{a1.letters(right)}]")
    return Block(block.top, block.top + height, block.left, block.left + width)


def _given(target: Block, rows: Grid) -> Iterator[tuple[int, int, Any]]:
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            yield target.top + r, target.left + c, value


def _entered(visit: Visit, cell: Cell, value: Any, option: str, row: int, column: int) -> Cell:
    if isinstance(value, list | dict):
        kind = "list_value" if isinstance(value, list) else "struct_value"
        raise refusals.invalid(f"Invalid values[{row}][{column}]: {kind}")
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise too_long()
    if isinstance(value, bool):
        return replace(cell, entered=value)
    if isinstance(value, int | float):
        return replace(cell, entered=float(value))
    entered: Entered = value or None
    look = cell.format
    if option == "USER_ENTERED":
        entered, brought = locales.typed(value, visit.document.locale, cell.number_format, visit.today)
        if brought and not cell.number_format:
            look = look | {"numberFormat": brought}
    return replace(cell, entered=entered, format=look)


def too_long() -> refusals.Refused:
    return refusals.invalid(f"Your input contains more than the maximum of {MAX_TEXT} characters in a single cell.")


def _option(options: dict[str, Any]) -> str:
    option: str = options.get("valueInputOption", "INPUT_VALUE_OPTION_UNSPECIFIED")
    if option == "INPUT_VALUE_OPTION_UNSPECIFIED":
        raise refusals.invalid("'valueInputOption' is required but not specified")
    return option


def _reply_options(options: dict[str, Any]) -> dict[str, Any]:
    names = {"responseValueRenderOption": "valueRenderOption", "responseDateTimeRenderOption": "dateTimeRenderOption"}
    reply = {new: options[old] for old, new in names.items() if old in options}
    return reply | {"includeValuesInResponse": options.get("includeValuesInResponse", False)}


def _totals(visit: Visit, responses: list[Answer]) -> Answer:
    """The answer to a batch. Rows and columns that several parts touched count once per part."""
    totals = {
        "totalUpdatedRows": sum(each.get("updatedRows", 0) for each in responses),
        "totalUpdatedColumns": sum(each.get("updatedColumns", 0) for each in responses),
        "totalUpdatedCells": sum(each.get("updatedCells", 0) for each in responses),
        "totalUpdatedSheets": len({each["updatedRange"].rpartition("!")[0] for each in responses}),
    }
    answer = {name: number for name, number in totals.items() if number}
    return {"spreadsheetId": visit.document.id, **answer} | ({"responses": responses} if responses else {})


def _last_block(sheet: Sheet, block: Block) -> Block | None:
    """The last block of filled cells that reaches into ``block``: by its lower edge, then the right one."""
    left = {(row, column) for row, column, _ in sheet.filled()}
    found = []
    while left:
        area = _spread(left, left.pop())
        if area.touches(block):
            found.append(area)
    return max(found, key=lambda area: (area.bottom, area.right), default=None)


def _spread(left: set[tuple[int, int]], start: tuple[int, int]) -> Block:
    """Take the cells that hang together with ``start``, corners included, out of ``left``; the block around them."""
    todo, rows, columns = [start], [start[0]], [start[1]]
    while todo:
        row, column = todo.pop()
        for place in _neighbours(row, column):
            if place in left:
                left.discard(place)
                todo.append(place)
                rows.append(place[0])
                columns.append(place[1])
    return Block(min(rows), max(rows) + 1, min(columns), max(columns) + 1)


def _neighbours(row: int, column: int) -> Iterable[tuple[int, int]]:
    return ((row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0))


def _some(body: dict[str, Any], name: str) -> list[Any]:
    """A list that must not be empty."""
    if not body.get(name):
        raise refusals.invalid(f"Must specify at least one of {name}.")
    return list(body[name])
