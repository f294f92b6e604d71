"""What ``tables setup`` can do for a workbook on SharePoint: number formats, and only where nobody has set any.

Microsoft Graph v1.0 can neither freeze a header nor offer choices nor protect single columns for single people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from syncsvc.core.layout import Layout, LayoutColumn, Shape
from syncsvc.providers.a1 import Range
from syncsvc.providers.formats import GENERAL, TEXT_FORMAT
from syncsvc.providers.sharepoint.api import Api
from syncsvc.providers.sharepoint.cells import DAY, MOMENT
from syncsvc.providers.sharepoint.places import Place
from syncsvc.providers.sharepoint.ranges import range_path
from syncsvc.providers.sharepoint.sheet import Sheet

AHEAD = 200
"""Rows below the last one that are formatted, too: where people will type next."""

_FORMATS: Final = {Shape.TEXT: TEXT_FORMAT, Shape.DAY: DAY, Shape.MOMENT: MOMENT}
_NAMED = 6

_BY_HAND = (
    "Von Hand in Excel: die Kopfzeile fixieren („Ansicht › Fenster fixieren“) und Auswahllisten anlegen "
    "(„Daten › Datenüberprüfung“); über Microsoft Graph geht beides nicht."
)


def set_up(api: Api, place: Place, sheet: Sheet, layout: Layout, permit: Callable[[], None]) -> list[str]:
    """Format the columns that have no number format yet; what was done and what is left, in sentences.

    Text columns become text, so that nothing typed there turns into a number or a date, days and moments look alike.
    """
    last = max(len(sheet.cells), layout.header_row)
    wanted = [column for column in layout.columns if column.shape in _FORMATS]
    new = [column for column in wanted if _is_free(sheet, layout, column)]
    for column in new:
        area = Range(layout.header_row + 1, column.number, last + AHEAD, column.number)
        formats = [[_FORMATS[column.shape]]] * area.size
        api.patch(range_path(place, area), {"numberFormat": formats}, permit, lambda: None)
    done = [f"Zellformate eingerichtet: {_listed(new)}."] if new else ["Es war schon alles eingerichtet."]
    if new and (old := [column for column in wanted if column not in new]):
        done.append(f"Zellformate bleiben, wie sie sind: {_listed(old)}.")
    return [*done, _BY_HAND]


def _is_free(sheet: Sheet, layout: Layout, column: LayoutColumn) -> bool:
    """Whether the column has no number format, and no value that would look different under one."""
    rows = range(layout.header_row + 1, max(len(sheet.cells), sheet.grid.area.bottom) + 1)
    return all(
        sheet.format(row, column.number) == GENERAL and isinstance(sheet.cell(row, column.number), str | None)
        for row in rows
    )


def _listed(columns: list[LayoutColumn]) -> str:
    return ", ".join(c.header for c in columns) if len(columns) <= _NAMED else f"{len(columns)} Spalten"
