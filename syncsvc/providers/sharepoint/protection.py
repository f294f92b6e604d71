"""Which cells of a protected sheet the service must not write. Asked only after Graph refused a write."""

from __future__ import annotations

from syncsvc.core.model import Patch
from syncsvc.errors import TableNotFound
from syncsvc.providers.a1 import Range
from syncsvc.providers.sharepoint.api import Api
from syncsvc.providers.sharepoint.errors import Rejected
from syncsvc.providers.sharepoint.places import Place
from syncsvc.providers.sharepoint.ranges import range_path
from syncsvc.providers.sharepoint.sheet import Sheet

QUESTIONS = 64
"""Requests after which the rest of a column that is locked in places counts as locked."""


def is_protected(api: Api, place: Place) -> bool:
    return bool(api.hint(f"{place.sheet_path}/protection", "read").get("protected"))


def locked_cells(api: Api, place: Place, sheet: Sheet, patch: Patch) -> frozenset[tuple[int, int]]:
    """The locked cells (row, column) of the columns that the patch writes to, from its header down to the row below the
    last one; empty where the sheet is not protected, or Graph does not tell.

    One request for a column that is locked throughout or not at all, more where it is mixed.
    """
    if not is_protected(api, place):
        return frozenset()
    columns = {write.column for write in patch.writes} | {n for append in patch.appends for n in append.cells}
    top = min([max(patch.header_row, 1), *(write.row for write in patch.writes)])
    bottom = max([len(sheet.cells) + 1, *(write.row for write in patch.writes)])
    locked: set[tuple[int, int]] = set()
    left = QUESTIONS
    open_ = [Range(top, column, bottom, column) for column in sorted(columns)]
    while open_:
        area = open_.pop(0)
        state = None
        if left > 0:
            left -= 1
            path = f"{range_path(place, area)}/format/protection"
            try:
                state = api.get(path, "read", {"$select": "locked"}).get("locked")
            except (TableNotFound, Rejected):
                return frozenset()
        if state is None and left > 0 and area.bottom > area.top:
            middle = (area.top + area.bottom) // 2
            open_ += [area.down_to(middle), Range(middle + 1, area.left, area.bottom, area.right)]
        elif state is not False:
            locked |= {(row, area.left) for row in range(area.top, area.bottom + 1)}
    return frozenset(locked)
