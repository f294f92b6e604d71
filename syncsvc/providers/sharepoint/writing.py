"""One write to a tab: look again, make room, put formats, put values.

Graph knows no condition and no request ids. So right before a write the cells are looked at once more: where anything
that matters moved, nothing is written. Putting values is one request, hence all or nothing; and putting the same cells
again changes nothing, so that a lost answer is repeated once a look shows that nothing arrived and nothing moved. New
rows of an Excel table are made without any content, and filled like the others: twice made, they are empty rows, which
the next write uses, and never the same woman twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from syncsvc.core.model import Patch, RowAppend
from syncsvc.errors import (
    PlatformBusy,
    TableChangedMeanwhile,
    TableError,
    TableMoved,
    TableNotFound,
    TableReadOnly,
    WriteUncertain,
)
from syncsvc.providers.a1 import Range
from syncsvc.providers.sharepoint.api import Api, Json
from syncsvc.providers.sharepoint.cells import Raw, comes_back, same
from syncsvc.providers.sharepoint.errors import Rejected, TooLarge
from syncsvc.providers.sharepoint.patcher import Box, Put, What, boxes, put, put_new
from syncsvc.providers.sharepoint.places import Place
from syncsvc.providers.sharepoint.ranges import formats, look, look_at_table, range_path
from syncsvc.providers.sharepoint.sheet import Grid, Sheet, arrays

LARGE = 20_000
"""Cells from which on a write asks for no more than an address as its answer: five megabytes are its limit, too."""


class Writing:
    """Carries one patch out. ``sheet`` is the tab as the patch's author read it.

    ``sent`` are the cells whose values went out, ``rows`` the new rows' places by reference: what arrived of them is
    open. ``hidden``: some of the rows that were looked at are. ``closed`` is the row (as cells) that a protected Excel
    table does not grow by.
    """

    def __init__(
        self,
        api: Api,
        place: Place,
        sheet: Sheet,
        patch: Patch,
        permit: Callable[[], None],
        *,
        locked: Collection[tuple[int, int]] = (),
    ) -> None:
        self.sent: list[Put] = []
        self.rows: dict[str, int] = {}
        self.hidden = False
        self.closed: frozenset[tuple[int, int]] = frozenset()
        self._api, self._place, self._sheet, self._patch = api, place, sheet, patch
        self._locked, self._permission = locked, permit
        self._puts = [put(sheet, write.row, write.column, write.new) for write in patch.writes]
        for append in patch.appends:
            put_new(sheet, len(sheet.cells) + 1, append.cells, 0)  # raises for what no cell can hold
        self._last = max(len(sheet.cells), patch.header_row)
        self._table: Range | None = None
        self._fresh = self._moved = False

    def carry_out(self, known: Mapping[str, int]) -> None:
        """``known``: the places of rows that this run has put already and did not see; they go nowhere else.

        Raises ``TableMoved`` having written nothing, ``WriteUncertain``, or another ``TableError`` as the port says.
        """
        try:
            self._make_ready(known)
        except WriteUncertain:  # empty rows and number formats are no content: nothing was written
            raise (TableMoved() if self._moved else PlatformBusy()) from None
        for box in boxes(self._puts, "values", hidden=self.hidden, locked=self._locked):
            try:
                self._send("values", box)
            except TableError as error:
                if isinstance(error, WriteUncertain):
                    self.sent += box.puts
                if self.sent:  # a part of it landed
                    raise WriteUncertain from None
                raise
            self.sent += box.puts

    def _make_ready(self, known: Mapping[str, int]) -> None:
        """Rows for the new women, and number formats for what comes."""
        grids = self._look()
        self.hidden = any(grid.hidden for grid in grids)
        new = [append for append in self._patch.appends if not self._stands(append, grids)]
        for append, row in zip(new, self._room(new, grids), strict=True):
            if known.get(append.ref, row) != row and self._is_blank(known[append.ref], grids):
                raise TableChangedMeanwhile  # it may show there yet
            self._puts += put_new(self._sheet, row, append.cells, min(self._last, len(self._sheet.cells)))
            self.rows[append.ref] = row
        boxes(self._puts, "values", hidden=self.hidden, locked=self._locked)  # raises where it would take too many
        for box in boxes(self._puts, "numberFormat", hidden=self.hidden, locked=self._locked):
            answer = self._send("numberFormat", box)
            if isinstance(answer.get("formulas"), list):  # a look for nothing, closer to the write of the values
                self._compare([Grid(box.area, arrays(answer, box.area, ("formulas",))[0])])

    # -- looking -----------------------------------------------------------------------------------------------

    def _look(self, *, once: bool = False) -> list[Grid]:
        """The cells that matter as they are now. Raises ``TableMoved`` if they are not what was read."""
        grids = []
        if self._patch.appends and self._place.table_id is not None:
            grids += self._look_at_table(once=once)
        if not grids or not all((each.row, each.column) in grids[0].area for each in self._puts):
            bottom = max([self._last + (0 if grids else len(self._patch.appends)), *(e.row for e in self._puts)])
            right = max([self._sheet.width, self._patch.ref_column, *self._columns()])
            top = min([max(self._patch.header_row, 1), *(each.row for each in self._puts)])
            grids.append(look(self._api, self._place, Range(top, 1, bottom, right), once=once))
        self._compare(grids)
        self._fresh = True
        return grids

    def _look_at_table(self, *, once: bool) -> list[Grid]:
        """The Excel table, if it is still there and is the list that was read."""
        try:
            grid = look_at_table(self._api, self._place, once=once)
        except TableNotFound:  # people made a plain list of it; then new rows go below it
            return []
        fits = grid.area.top == self._patch.header_row and all(
            grid.area.left <= column <= grid.area.right for column in (self._patch.ref_column, *self._columns())
        )
        self._table = grid.area if fits else None
        return [grid] if fits else []

    def _columns(self) -> list[int]:
        return [column for append in self._patch.appends for column in append.cells] + [e.column for e in self._puts]

    def _compare(self, grids: Sequence[Grid]) -> None:
        """Each cell to write, its row's reference and its header are what was read, or what we put there."""
        ours = {(each.row, each.column): comes_back(each.value) for each in self._puts}
        header, ref, made = self._patch.header_row, self._patch.ref_column, set(self.rows.values())
        watched = {(header, column) for column in {ref, *self._columns()}} | ours.keys()
        watched |= {(each.row, ref) for each in self._puts if each.row <= self._last}
        for row, column in watched:
            for grid in grids:
                if (row, column) not in grid.area:
                    continue
                now, then = grid.raw(row, column), "" if row in made else self._sheet.raw(row, column)
                if not same(now, then) and not same(now, ours.get((row, column))):
                    self._moved = True
                    raise TableMoved

    def _stands(self, append: RowAppend, grids: Sequence[Grid]) -> bool:
        """Whether a row has the new row's reference already: an earlier write arrived after all."""
        column = self._patch.ref_column
        return any(
            grid.raw(row, column) == append.ref
            for grid in grids
            for row in range(self._patch.header_row + 1, grid.area.bottom + 1)
        )

    def _is_blank(self, row: int, grids: Sequence[Grid]) -> bool:
        """Whether nothing is to be seen in a row. What people moved there, or moved from there, did arrive."""
        return all(grid.raw(row, column) == "" for grid in grids for column in range(1, grid.area.right + 1))

    # -- room for new rows -------------------------------------------------------------------------------------

    def _room(self, new: Sequence[RowAppend], grids: Sequence[Grid]) -> list[int]:
        """The numbers of blank rows behind the last one with content."""
        if not new:
            return []
        if self._table is None:
            rows = list(range(self._last + 1, self._last + 1 + len(new)))
            grid = grids[-1]
            if any(grid.raw(row, column) != "" for row in rows for column in range(1, grid.area.right + 1)):
                raise TableMoved
            return rows
        blank = _blank_rows(grids[0], self._taken(new))
        if len(new) > len(blank) == self._table.bottom - self._table.top == 1:
            blank = []  # all there is of an empty table, and for Graph no row
        missing = len(new) - len(blank)
        if missing > 0:
            first = self._lengthen(missing, self._table)
            blank = sorted({*blank, *range(first, first + missing)})
            if len(blank) < len(new):
                raise TableMoved
        return blank[: len(new)]

    def _taken(self, new: Sequence[RowAppend]) -> frozenset[int]:
        """The columns that new rows fill: there not even a formula may stand."""
        return frozenset(column for append in new for column in append.cells)

    def _lengthen(self, rows: int, table: Range) -> int:
        """Give the Excel table more rows, without any content; the number of the first."""

        def made(*, once: bool = True) -> Json | None:
            grid = look_at_table(self._api, self._place, once=once)
            blank = _blank_rows(grid, frozenset(range(grid.area.left, grid.area.right + 1)))
            return {"index": blank[-rows] - table.top - 1} if len(blank) >= rows else None

        blank: list[list[Raw | None]] = [[None] * (table.right - table.left + 1) for _ in range(rows)]
        path = f"{self._place.table_path}/rows"
        try:
            answer = self._api.post(path, {"index": None, "values": blank}, self._permission, made)
        except TableReadOnly:
            self.closed = frozenset((self._last + 1, column) for column in range(table.left, table.right + 1))
            raise
        if "index" not in answer:
            answer = made(once=False) or {}
        index = answer.get("index")
        first = table.top + 1 + int(index) if isinstance(index, int | float) else 0
        if first < table.bottom or any(each.row > table.bottom for each in self._puts):
            raise TableMoved  # rows went meanwhile; or whatever stands below the table may have moved down
        return first

    # -- sending -----------------------------------------------------------------------------------------------

    def _send(self, what: What, box: Box) -> Json:
        """Graph's answer, which shows the block as it is then; empty where that got lost or was too large."""
        self._fresh = True
        path = range_path(self._place, box.area)
        if box.area.size > LARGE:  # Graph answers with all that the block holds, seven times
            try:
                return self._sent(what, box, f"{path}?$select=address")
            except Rejected:
                self._look()  # the option may be what is not accepted; every attempt needs a look
        return self._sent(what, box, path)

    def _sent(self, what: What, box: Box, path: str) -> Json:
        try:
            return self._api.patch(path, dict(box.body), self._permit, lambda: self._arrived(what, box))
        except TooLarge:
            if self._arrived(what, box, once=False) is None:
                raise
            return {}

    def _permit(self) -> None:
        """Every attempt needs a look of its own, because people go on while the platform makes us wait."""
        if not self._fresh:
            raise TableMoved
        self._fresh = False
        self._permission()

    def _arrived(self, what: What, box: Box, *, once: bool = True) -> Json | None:
        """Whether a request without an answer was carried out; None: it was not, and may be sent once more."""
        grids = self._look(once=once)
        if what == "numberFormat":
            found = formats(self._api, self._place, box.area)
            shown = all(found[each.row - box.area.top][each.column - box.area.left] == each.format for each in box.puts)
            return {} if shown else None
        cells = [(grid, each) for each in box.puts for grid in grids if (each.row, each.column) in grid.area]
        shown = all(same(grid.raw(each.row, each.column), comes_back(each.value)) for grid, each in cells)
        return {} if cells and shown else None


def _blank_rows(table: Grid, columns: Collection[int]) -> list[int]:
    """The rows at the end of an Excel table that hold nothing but formulas, and those not in ``columns``."""
    rows: list[int] = []
    for row in range(table.area.bottom, table.area.top, -1):
        for column in range(table.area.left, table.area.right + 1):
            raw = table.raw(row, column)
            if raw != "" and (column in columns or not str(raw).startswith("=")):
                return rows[::-1]
        rows.append(row)
    return rows[::-1]
