"""Developer metadata in requests: those of a batch, and the two methods that look it up."""

from __future__ import annotations

from typing import Any

from tests.fakes.google import metadata, ranges, refusals
from tests.fakes.google.changes import mask, needed, new_id
from tests.fakes.google.grid import Metadata
from tests.fakes.google.ranges import Area
from tests.fakes.google.visit import Visit

_FIELDS = {"metadataKey", "metadataValue", "visibility", "location"}


def create(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    entry = metadata.create(visit.document, needed(given, "developerMetadata"), visit.project, new_id())
    return {"developerMetadata": metadata.shown(visit.document, entry)}


def update(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """Every entry the filters match; matching none is no error."""
    tree, content = mask(given, "DeveloperMetadata"), given.get("developerMetadata", {})
    if refused := set(tree) - _FIELDS:
        raise refusals.invalid(f"Field {min(refused)} cannot be written here.")
    found: dict[int, Metadata] = {}
    for data_filter in needed(given, "dataFilters"):
        found |= {entry.id: entry for entry in _matching(visit, data_filter)}
    changed = [metadata.update(visit.document, entry, content, set(tree) or _FIELDS) for entry in found.values()]
    shown = [metadata.shown(visit.document, entry) for entry in changed]
    return {"developerMetadata": shown} if shown else {}


def delete(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    found = _matching(visit, needed(given, "dataFilter"))
    shown = [metadata.shown(visit.document, entry) for entry in found]
    gone = {entry.id for entry in found}
    visit.document.metadata = [each for each in visit.document.metadata if each.id not in gone]
    return {"deletedDeveloperMetadata": shown} if shown else {}


def search(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> dict[str, Any]:
    """Every entry any filter matches, once, with the filters that matched it."""
    matched: dict[int, tuple[Metadata, list[Any]]] = {}
    for data_filter in body.get("dataFilters") or [{}]:
        for entry in _matching(visit, data_filter):
            matched.setdefault(entry.id, (entry, []))[1].append(data_filter)
    found = [
        {"developerMetadata": metadata.shown(visit.document, entry), "dataFilters": filters}
        for entry, filters in matched.values()
    ]
    return {"matchedDeveloperMetadata": found} if found else {}


def get(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> dict[str, Any]:
    for entry in metadata.visible(visit.document, visit.project):
        if str(entry.id) == path["metadataId"]:
            return metadata.shown(visit.document, entry)
    raise refusals.not_found(path["metadataId"], drive=False)


def _matching(visit: Visit, data_filter: dict[str, Any]) -> list[Metadata]:
    """The entries of a lookup, or those on rows, columns and sheets that cross a range."""
    if "developerMetadataLookup" in data_filter:
        return metadata.matching(visit.document, data_filter["developerMetadataLookup"], visit.project)
    (area,) = ranges.filtered(visit.document, data_filter, visit.project)
    return [entry for entry in metadata.visible(visit.document, visit.project) if _crosses(visit, entry, area)]


def _crosses(visit: Visit, entry: Metadata, area: Area) -> bool:
    if entry.sheet != area.sheet.id:
        return False
    if entry.dimension is None:
        return True
    at = metadata.position(visit.document, entry)
    return ranges.span(entry.dimension, at, at + 1).touches(area.box)
