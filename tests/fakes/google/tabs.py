"""Requests of a batch that concern whole sheets, and the properties of the spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes.google import refusals
from tests.fakes.google.changes import mask, new_id
from tests.fakes.google.copies import twin
from tests.fakes.google.grid import Sheet, Spreadsheet, new_columns, new_rows
from tests.fakes.google.masks import Tree
from tests.fakes.google.resource import properties as shown
from tests.fakes.google.visit import Visit

EXTRAS = {"tabColor", "tabColorStyle", "rightToLeft"}


def add(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    document, properties = visit.document, given.get("properties", {})
    grid = properties.get("gridProperties", {})
    sheet_id = properties.get("sheetId", new_id())
    _check_id(document, sheet_id)
    rows, columns = grid.get("rowCount", 1000), grid.get("columnCount", 26)
    if rows < 1 or columns < 1:
        raise refusals.invalid("A sheet must have at least one row and one column.")
    document.check_size(rows * columns)
    title = properties.get("title") or _free_title(document, "Tabellenblatt")
    check_title(document, title)
    sheet = Sheet(sheet_id, title, rows=new_rows(rows), columns=new_columns(columns))
    _freeze(sheet, grid.get("frozenRowCount", 0), grid.get("frozenColumnCount", 0))
    sheet.hidden = properties.get("hidden", False)
    sheet.extras = {name: value for name, value in properties.items() if name in EXTRAS}
    document.sheets.insert(properties.get("index", len(document.sheets)), sheet)
    return {"properties": shown(sheet, document.sheets.index(sheet))}


def delete(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    sheet = visit.document.sheet(given.get("sheetId", 0))
    visit.guard_whole(sheet)
    remove(visit.document, sheet)
    return {}


def remove(document: Spreadsheet, sheet: Sheet) -> None:
    """Take a tab away with its names and metadata; refused for the last visible one."""
    if not any(not each.hidden for each in document.sheets if each is not sheet):
        raise refusals.invalid("You can't remove all the visible sheets in a document.")
    document.sheets = [each for each in document.sheets if each is not sheet]
    document.names = [each for each in document.names if each.sheet != sheet.id]
    document.metadata = [each for each in document.metadata if each.sheet != sheet.id]


def duplicate(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    document, source = visit.document, visit.document.sheet(given.get("sourceSheetId", 0))
    sheet_id = given.get("newSheetId", new_id())
    _check_id(document, sheet_id)
    document.check_size(len(source.rows) * len(source.columns))
    title = given.get("newSheetName") or _free_title(document, f"Kopie von {source.title}")
    copy = duplicated(document, source, sheet_id, title)
    document.sheets.insert(given.get("insertSheetIndex", 0), copy)
    return {"properties": shown(copy, document.sheets.index(copy))}


def duplicated(document: Spreadsheet, source: Sheet, sheet_id: int, title: str) -> Sheet:
    """A tab with the same contents in cells of their own. Its metadata is copied too, under new ids.

    Whether Google copies it is unclear; a client that mistakes the copy for the original must show it here.
    """
    check_title(document, title)
    copy, twins = twin(source, id=sheet_id, title=title)
    copy.protections = [replace(each, id=new_id()) for each in source.protections]
    own = [each for each in document.metadata if each.sheet == source.id]
    document.metadata += [replace(each, id=new_id(), sheet=sheet_id, line=twins[each.line]) for each in own]
    return copy


def update_properties(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    tree, properties = mask(given, "SheetProperties"), given.get("properties", {})
    document, sheet = visit.document, visit.document.sheet(properties.get("sheetId", 0))
    visit.guard_whole(sheet)
    wanted = set(tree) or {"title", "index", "hidden", "gridProperties", *EXTRAS}
    if refused := wanted - {"title", "index", "hidden", "gridProperties", *EXTRAS}:
        raise refusals.invalid(f"Field {min(refused)} cannot be written here.")
    if "title" in wanted:
        rename(document, sheet, properties.get("title", ""))
    if "hidden" in wanted:
        sheet.hidden = properties.get("hidden", False)
        if all(each.hidden for each in document.sheets):
            raise refusals.invalid("You can't hide all the sheets in a document.")
    for name in EXTRAS & wanted:
        sheet.extras = {key: value for key, value in sheet.extras.items() if key != name}
        if name in properties:
            sheet.extras[name] = properties[name]
    if "gridProperties" in wanted:
        _regrid(document, sheet, properties.get("gridProperties", {}), tree.get("gridProperties", {}))
    if "index" in wanted:
        document.sheets = [each for each in document.sheets if each is not sheet]
        document.sheets.insert(properties.get("index", 0), sheet)
    return {}


def _regrid(document: Spreadsheet, sheet: Sheet, grid: dict[str, Any], tree: Tree) -> None:
    """Grow, cut and freeze; a masked field left out of the body is cleared."""
    for dimension, name in (("ROWS", "rowCount"), ("COLUMNS", "columnCount")):
        if not tree or name in tree:
            if (wanted := grid.get(name, 0)) < 1:
                raise refusals.invalid(f"gridProperties.{name} must be at least 1.")
            size = len(sheet.rows if dimension == "ROWS" else sheet.columns)
            if wanted > size:
                other = len(sheet.columns if dimension == "ROWS" else sheet.rows)
                document.check_size((wanted - size) * other)
                document.insert(sheet, "ROWS" if dimension == "ROWS" else "COLUMNS", size, wanted - size)
            elif wanted < size:
                document.delete(sheet, "ROWS" if dimension == "ROWS" else "COLUMNS", wanted, size)
    rows = grid.get("frozenRowCount", 0) if not tree or "frozenRowCount" in tree else sheet.frozen_rows
    columns = grid.get("frozenColumnCount", 0) if not tree or "frozenColumnCount" in tree else sheet.frozen_columns
    _freeze(sheet, rows, columns)


def _freeze(sheet: Sheet, rows: int, columns: int) -> None:
    if rows >= len(sheet.rows) or columns >= len(sheet.columns):
        raise refusals.invalid("You can't freeze all visible rows or columns on the sheet.")
    sheet.frozen_rows, sheet.frozen_columns = rows, columns


def rename(document: Spreadsheet, sheet: Sheet, title: str) -> None:
    """Give a tab a title nobody else has."""
    if title != sheet.title:
        check_title(document, title, own=sheet)
        sheet.title = title


def check_title(document: Spreadsheet, title: str, own: Sheet | None = None) -> None:
    if not title:
        raise refusals.invalid("A sheet must have a title.")
    taken = document.titled(title)
    if taken is not None and taken is not own:
        raise refusals.invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _check_id(document: Spreadsheet, sheet_id: int) -> None:
    if sheet_id < 0 or any(each.id == sheet_id for each in document.sheets):
        raise refusals.invalid(f"Sheet with id {sheet_id} already exists.")


def _free_title(document: Spreadsheet, stem: str) -> str:
    number = 1
    while document.titled(title := f"{stem} {number}" if number > 1 else stem):
        number += 1
    return title


def update_spreadsheet(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    tree, properties = mask(given, "SpreadsheetProperties"), given.get("properties", {})
    known = {"title": "title", "locale": "locale", "timeZone": "time_zone"}
    for name in tree or known:
        if name not in known or not properties.get(name):
            raise refusals.invalid(f"Field {name} cannot be written here.")
        setattr(visit.document, known[name], properties[name])
    return {}
