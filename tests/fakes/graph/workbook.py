"""The root of a workbook: where its resources begin."""

from __future__ import annotations

from tests.fakes.graph import names, refusals, tables, worksheets
from tests.fakes.graph.odata import Segment
from tests.fakes.graph.requests import Request, Result


def answer(request: Request, rest: list[Segment]) -> Result:
    """Everything below ``/workbook`` but sessions and operations."""
    if not rest:
        request.allow("GET")
        return Result(200, {"@odata.context": f"{request.visit.context}#workbook", "id": ""})
    head, rest = rest[0], rest[1:]
    match head.name.casefold():
        case "worksheets":
            return worksheets.collection(request, rest, head)
        case "tables":
            return tables.collection(request, rest, head)
        case "names":
            return names.collection(request, rest, head)
        case "application" if [each.name.casefold() for each in rest] == ["calculate"]:
            request.allow("POST")
            return Result(204)
    raise refusals.unknown_segment(head.text)
