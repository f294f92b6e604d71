"""Defined names of a workbook, and the ranges they stand for."""

from __future__ import annotations

from tests.fakes.google import a1
from tests.fakes.graph import ranges, refusals, worksheets
from tests.fakes.graph.odata import Segment
from tests.fakes.graph.ranges import Range
from tests.fakes.graph.requests import Json, Request, Result


def collection(request: Request, rest: list[Segment], key: Segment) -> Result:
    """``/names``, ``/names/{name}``, ``/names/{name}/range…``."""
    defined = request.visit.book.defined
    if not rest and not key.arguments:
        return request.listed([_resource(name, text) for name, text in defined.items()], "NamedItem")
    given, rest = (str(key.arguments.get("")), rest) if key.arguments else (rest[0].text, rest[1:])
    name = next((each for each in defined if each.casefold() == given.casefold()), None)
    if name is None:
        raise refusals.not_found()
    if not rest:
        request.allow("GET")
        return request.one(_resource(name, defined[name]), "NamedItem")
    if rest[0].name.casefold() != "range":
        raise refusals.unknown_segment(rest[0].text)
    return worksheets.area(request, _range(request, defined[name]), rest[1:])


def _resource(name: str, text: str) -> Json:
    return {"name": name, "type": "Range", "value": f"={text}", "visible": True, "scope": "Workbook", "comment": ""}


def _range(request: Request, text: str) -> Range:
    title, cells = a1.split(text.replace("$", ""))
    tab = request.visit.book.titled(title or "")
    if tab is None or cells is None:
        raise refusals.not_found()
    return ranges.parse(request.visit, tab, cells)
