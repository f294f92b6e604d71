"""Reading blocks of cells of one tab: at once where Graph can, else in parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from syncsvc.errors import TableMoved, TableNotFound
from syncsvc.providers.a1 import Range
from syncsvc.providers.sharepoint.api import Api, Json
from syncsvc.providers.sharepoint.errors import Rejected, SessionLost, TooLarge
from syncsvc.providers.sharepoint.places import Place
from syncsvc.providers.sharepoint.sheet import (
    CONTENT,
    PLACE,
    Grid,
    Sheet,
    area_of,
    arrays,
    incomplete,
    read_sheet,
    tab_of,
)

PART = 60_000
"""Cells of a part, to begin with: with three entries of ten bytes each far below the five megabytes of an answer."""

_LOOK = ("formulas", "rowHidden")
"""``rowHidden`` is null where some rows are."""


def range_path(place: Place, area: Range) -> str:
    return f"{place.sheet_path}/range(address='{area}')"


def load(api: Api, place: Place) -> Sheet:
    """The tab's used range with values, formulas and number formats: one read, or more where it is too large for one.

    Never a part of it: raises ``TableError``.
    """
    path = f"{place.sheet_path}/usedRange"
    try:
        answer = api.get(path, "read", {"$select": ",".join((*PLACE, *CONTENT))})
        if all(answer.get(name) is not None for name in CONTENT):  # null is what some too large answers have
            area = area_of(answer)
            return read_sheet(area, *arrays(answer, area, CONTENT))
    except TooLarge:
        pass
    except TableNotFound:
        return _load_blank(api, place)
    try:
        return _load_parts(api, place, path)
    except SessionLost:  # whatever was read may be old: from the start
        return _load_parts(api, place, path)


def _load_blank(api: Api, place: Place) -> Sheet:
    """A tab without a used range, which some blank ones have. Raises ``TableNotFound`` for a tab that is gone."""
    api.get(place.sheet_path, "read", {"$select": "id"})
    corner = Range(1, 1, 1, 1)
    sheet = read_sheet(corner, *_parts(api, place, corner, CONTENT))
    if sheet.cells:
        raise incomplete()
    return sheet


def _load_parts(api: Api, place: Place, path: str) -> Sheet:
    """``load`` in parts. A copy of our own, where Graph grants it, keeps them from being moved under us."""
    with api.session(place.file.workbook, persist=False):
        area = area_of(api.get(path, "read", {"$select": ",".join(PLACE)}))
        parts = _parts(api, place, area, CONTENT)
        if area_of(api.get(path, "read", {"$select": ",".join(PLACE)})) != area:
            raise TableMoved
    return read_sheet(area, *parts)


def look(api: Api, place: Place, area: Range, *, once: bool = False) -> Grid:
    """What a block holds now. ``once``: in one attempt, for a ``landed``."""
    ask = api.look if once else api.get
    try:
        return _grid(ask(range_path(place, area), "read", {"$select": ",".join((*PLACE, *_LOOK))}))
    except TooLarge:
        if area.top == area.bottom:
            raise
    middle = (area.top + area.bottom) // 2
    upper = look(api, place, area.down_to(middle), once=once)
    lower = look(api, place, Range(middle + 1, area.left, area.bottom, area.right), once=once)
    return Grid(area, [*upper.formulas, *lower.formulas], hidden=upper.hidden or lower.hidden)


def look_at_table(api: Api, place: Place, *, once: bool = False) -> Grid:
    """What the Excel table holds now, its header row included. Raises ``TableNotFound`` if it is not on this tab."""
    ask = api.look if once else api.get
    path = f"{place.sheet_path}/tables/{place.table_path.rpartition('/')[2]}/range"
    try:
        return _grid(ask(path, "read", {"$select": ",".join((*PLACE, *_LOOK))}))
    except TooLarge:
        return look(api, place, area_of(ask(path, "read", {"$select": ",".join(PLACE)})), once=once)
    except (TableNotFound, Rejected):  # it is gone, or Graph knows it below the workbook only
        answer = ask(f"{place.table_path}/range", "read", {"$select": ",".join(PLACE)})
        if tab_of(answer) != ask(place.sheet_path, "read", {"$select": "name"}).get("name"):
            raise TableNotFound from None
    return look(api, place, area_of(answer), once=once)


def formats(api: Api, place: Place, area: Range) -> list[list[Any]]:
    """The number formats of a block, in one attempt."""
    answer = api.look(range_path(place, area), "read", {"$select": ",".join((*PLACE, "numberFormat"))})
    return arrays(answer, area, ("numberFormat",))[0]


def _grid(answer: Json) -> Grid:
    if answer.get("formulas") is None:  # as some too large answers have it
        raise TooLarge
    area = area_of(answer)
    return Grid(area, arrays(answer, area, ("formulas",))[0], hidden=answer.get("rowHidden", False) is not False)


def _parts(api: Api, place: Place, area: Range, names: Sequence[str]) -> list[list[list[Any]]]:
    """The area's arrays, read in parts of whole rows, smaller ones where Graph still refuses."""
    found: list[list[list[Any]]] = [[] for _ in names]
    height = max(1, PART // (area.right - area.left + 1))
    top = area.top
    while top <= area.bottom:
        part = Range(top, area.left, min(area.bottom, top + height - 1), area.right)
        try:
            answer = api.get(range_path(place, part), "read", {"$select": ",".join((*PLACE, *names))})
            if any(answer.get(name) is None for name in names):
                raise TooLarge
        except TooLarge:
            if height == 1:
                raise
            height //= 2
            continue
        if area_of(answer) != part:
            raise incomplete()
        for lines, new in zip(found, arrays(answer, part, names), strict=True):
            lines += new
        top = part.bottom + 1
    return found
