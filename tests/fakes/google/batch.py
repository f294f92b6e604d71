"""``spreadsheets.batchUpdate``: requests in order, all or none, one reply each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes.google import cells, dimensions, entries, furniture, ranges, refusals, tabs
from tests.fakes.google.masks import ALL
from tests.fakes.google.resource import Viewer
from tests.fakes.google.visit import Visit

HANDLERS: dict[str, Callable[[Visit, dict[str, Any]], dict[str, Any]]] = {
    "updateCells": cells.update,
    "appendCells": cells.append,
    "repeatCell": cells.repeat,
    "sortRange": cells.sort_range,
    "setDataValidation": cells.set_data_validation,
    "mergeCells": cells.merge,
    "unmergeCells": cells.unmerge,
    "appendDimension": dimensions.append,
    "insertDimension": dimensions.insert,
    "deleteDimension": dimensions.delete,
    "moveDimension": dimensions.move,
    "updateDimensionProperties": dimensions.update_properties,
    "autoResizeDimensions": dimensions.auto_resize,
    "addSheet": tabs.add,
    "deleteSheet": tabs.delete,
    "duplicateSheet": tabs.duplicate,
    "updateSheetProperties": tabs.update_properties,
    "updateSpreadsheetProperties": tabs.update_spreadsheet,
    "addProtectedRange": furniture.add_protected_range,
    "updateProtectedRange": furniture.update_protected_range,
    "deleteProtectedRange": furniture.delete_protected_range,
    "addNamedRange": furniture.add_named_range,
    "deleteNamedRange": furniture.delete_named_range,
    "setBasicFilter": furniture.set_basic_filter,
    "clearBasicFilter": furniture.clear_basic_filter,
    "addConditionalFormatRule": furniture.add_rule,
    "deleteConditionalFormatRule": furniture.delete_rule,
    "createDeveloperMetadata": entries.create,
    "updateDeveloperMetadata": entries.update,
    "deleteDeveloperMetadata": entries.delete,
}


class Missing(NotImplementedError):
    """The fake does not do this, though Google does: extend it rather than believe its answer."""


def batch_update(visit: Visit, path: dict[str, str], query: dict[str, Any], body: Any) -> dict[str, Any]:
    requests = body.get("requests")
    if not requests:
        raise refusals.invalid("Must specify at least one request.")
    replies = []
    for number, request in enumerate(requests):
        if len(request) != 1:
            raise refusals.invalid(f"Invalid requests[{number}]: exactly one kind of request must be set.")
        ((kind, given),) = request.items()
        if kind not in HANDLERS:
            raise Missing(kind)
        try:
            reply = HANDLERS[kind](visit, given)
        except refusals.Refused as refused:
            raise refused.at(f"requests[{number}].{kind}") from None
        replies.append({kind: reply} if reply else {})
    answer: dict[str, Any] = {"spreadsheetId": visit.document.id, "replies": replies}
    if body.get("includeSpreadsheetInResponse"):
        areas = [ranges.parse(visit.document, text) for text in body.get("responseRanges", [])] or None
        grid = body.get("responseIncludeGridData", False)
        answer["updatedSpreadsheet"] = Viewer(visit).resource(areas, mask=ALL, grid=grid)
    return answer
