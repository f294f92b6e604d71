"""Developer metadata: entries on the spreadsheet, a sheet, a row or a column, and looking them up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.fakes.google import refusals
from tests.fakes.google.grid import Metadata, Spreadsheet

BUDGET = 30_000
"""Characters of keys and values on one sheet with its rows and columns, and on the spreadsheet itself."""

Place = tuple[int | None, str | None, int]
"""Sheet, dimension and uid of the line; None and 0 for what does not apply."""


def position(document: Spreadsheet, entry: Metadata) -> int:
    """Where the row or column of an entry is now, from 0."""
    assert entry.sheet is not None
    assert entry.dimension is not None
    lines = document.lines(document.sheet(entry.sheet), entry.dimension)
    return next(at for at, line in enumerate(lines) if line.uid == entry.line)


def shown(document: Spreadsheet, entry: Metadata) -> dict[str, Any]:
    """The entry as the API's DeveloperMetadata."""
    location: dict[str, Any] = {"locationType": entry.location}
    if entry.sheet is None:
        location["spreadsheet"] = True
    elif entry.dimension is None:
        location["sheetId"] = entry.sheet
    else:
        at = position(document, entry)
        span = {"dimension": entry.dimension, "startIndex": at, "endIndex": at + 1}
        location["dimensionRange"] = ({"sheetId": entry.sheet} if entry.sheet else {}) | span
    content = {"metadataId": entry.id, "metadataKey": entry.key}
    if entry.value:
        content["metadataValue"] = entry.value
    return content | {"location": location, "visibility": entry.visibility}


def visible(document: Spreadsheet, project: str) -> list[Metadata]:
    """What a Google Cloud project may see: DOCUMENT entries, and its own."""
    return [each for each in document.metadata if each.visibility == "DOCUMENT" or each.project == project]


def matching(document: Spreadsheet, lookup: dict[str, Any], project: str) -> list[Metadata]:
    """The visible entries a DeveloperMetadataLookup selects."""
    if not lookup:
        raise refusals.invalid("Developer metadata lookup must have at least one criterion.")
    exact = lookup.get("locationMatchingStrategy") == "EXACT_LOCATION"
    if "locationMatchingStrategy" in lookup and "metadataLocation" not in lookup:
        raise refusals.invalid("locationMatchingStrategy requires a metadataLocation.")
    if exact and "locationType" in lookup:
        raise refusals.invalid("locationType must be left unspecified with EXACT_LOCATION.")
    found = visible(document, project)
    for name, attribute in (
        ("metadataId", "id"),
        ("metadataKey", "key"),
        ("metadataValue", "value"),
        ("visibility", "visibility"),
        ("locationType", "location"),
    ):
        if name in lookup:
            found = [entry for entry in found if getattr(entry, attribute) == lookup[name]]
    if "metadataLocation" in lookup:
        place = _place(document, lookup["metadataLocation"])
        found = [entry for entry in found if _at(entry, place, exact=exact)]
    return found


def _at(entry: Metadata, place: Place, *, exact: bool) -> bool:
    """On exactly this place or, unless ``exact``, on one that crosses it."""
    own: Place = (entry.sheet, entry.dimension, entry.line)
    if exact or own == place or None in (entry.sheet, place[0]):
        return own == place
    if entry.sheet != place[0]:
        return False
    return None in (entry.dimension, place[1]) or entry.dimension != place[1]


def _place(document: Spreadsheet, location: dict[str, Any]) -> Place:
    if "dimensionRange" in location:
        span = location["dimensionRange"]
        sheet = document.sheet(span.get("sheetId", 0))
        start, end = span.get("startIndex"), span.get("endIndex")
        if start is None or end != start + 1 or span.get("dimension") not in ("ROWS", "COLUMNS"):
            raise refusals.invalid("The dimensionRange must represent a single row or column.")
        lines = document.lines(sheet, span["dimension"])
        if not 0 <= start < len(lines):
            raise refusals.invalid(f"dimensionRange.startIndex[{start}] is after the last in grid[{len(lines)}]")
        return sheet.id, span["dimension"], lines[start].uid
    if location.get("spreadsheet"):
        return None, None, 0
    if "sheetId" in location:
        return document.sheet(location["sheetId"]).id, None, 0
    raise refusals.invalid("A location must be specified.")


def create(document: Spreadsheet, given: dict[str, Any], project: str, new_id: int) -> Metadata:
    """Add an entry; refused when its id is taken, its key or visibility is missing, or the budget is used up."""
    if not given.get("metadataKey"):
        raise refusals.invalid("Developer metadata must have a key.")
    if given.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise refusals.invalid("Developer metadata must have a visibility.")
    wanted = given.get("metadataId", new_id)
    if wanted <= 0:
        raise refusals.invalid("Developer metadata id must be positive.")
    if any(each.id == wanted for each in document.metadata):
        raise refusals.invalid(f"Developer metadata with id {wanted} already exists.")
    sheet, dimension, line = _place(document, given.get("location", {}))
    entry = Metadata(
        wanted,
        given["metadataKey"],
        given.get("metadataValue", ""),
        given["visibility"],
        project,
        sheet,
        dimension,  # type: ignore[arg-type]  # _place has looked that it is ROWS or COLUMNS
        line,
    )
    document.metadata.append(entry)
    _check_budget(document, entry.sheet)
    return entry


def update(document: Spreadsheet, entry: Metadata, given: dict[str, Any], names: set[str]) -> Metadata:
    """Change the masked fields of an entry; moving it means giving a new location."""
    changes: dict[str, Any] = {}
    if "metadataKey" in names:
        changes["key"] = given.get("metadataKey")
    if "metadataValue" in names:
        changes["value"] = given.get("metadataValue", "")
    if "visibility" in names:
        changes["visibility"] = given.get("visibility")
    if "location" in names:
        changes["sheet"], changes["dimension"], changes["line"] = _place(document, given.get("location", {}))
    if not changes.get("key", entry.key) or not changes.get("visibility", entry.visibility):
        raise refusals.invalid("Developer metadata must have a key and a visibility.")
    changed = replace(entry, **changes)
    document.metadata = [changed if each.id == entry.id else each for each in document.metadata]
    _check_budget(document, changed.sheet)
    return changed


def _check_budget(document: Spreadsheet, sheet: int | None) -> None:
    used = sum(len(each.key) + len(each.value) for each in document.metadata if each.sheet == sheet)
    if used > BUDGET:
        raise refusals.invalid(f"The developer metadata would exceed the limit of {BUDGET} characters.")
