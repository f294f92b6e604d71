"""Plan the rows of one table: find out whose each row is, and have it planned as what it is."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter

from syncsvc.core.actions import Situation
from syncsvc.core.binding import Binding
from syncsvc.core.cells import shown_text
from syncsvc.core.identity import Identities, RowView, identify
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Cell, RowState
from syncsvc.core.rows.absent import AbsentRows
from syncsvc.core.rows.decisions import Decisions
from syncsvc.core.rows.directory import Directory
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid
from syncsvc.core.rows.known import KnownRows
from syncsvc.core.rows.new import NewRows
from syncsvc.core.rows.pen import Pen


class RowPlanner:
    """Plans the rows of one bound table into ``draft``. Used once."""

    def __init__(self, situation: Situation, binding: Binding) -> None:
        self.s = situation
        self.grid = Grid(situation, binding)
        self.draft = Draft(next_number=situation.table.next_number)
        self._pen, self._decisions = Pen(self.grid, self.draft), Decisions(self.grid)
        self._directory = Directory(self.grid, self.draft, self._decisions)
        self._known = KnownRows(self.grid, self.draft, self._pen, self._decisions, self._directory)
        self._absent = AbsentRows(self.grid, self.draft, self._pen, self._directory)

    def plan(self) -> None:
        """Plan every row the table has, and those it should have."""
        views = self._views()
        self.draft.rows = len(views)
        decided = self._answers(views)
        identities = self._identify(views, decided)
        new = NewRows(self.grid, self.draft, self._pen, self._decisions, self._directory, self._known, decided)
        for ref, view in identities.known.items():
            self._named(ref, view, new)
        for restored in identities.restored:
            self._pen.reference(restored.row, restored.ref)
            self._named(restored.ref, restored.row, new)
        for view, ref in identities.copies:
            new.copy(view, ref)
        for doubtful in identities.doubtful:
            new.doubtful(doubtful)
        for view in identities.fresh:
            new.fresh(view)
        for ref in sorted(identities.missing):
            self._absent.missing(ref)
        self._absent.append_records(self._candidates(identities))

    def rebuild(self) -> None:
        """Plan all rows anew for an emptied table."""
        for ref, row in self.grid.base.rows.items():
            if row.state is not RowState.ENDED:
                self._absent.append(ref)
        self._absent.append_records(frozenset())

    def _named(self, ref: str, view: RowView, new: NewRows) -> None:
        record = self.s.records.get(ref)
        if record is None:
            new.adopt(ref, view)
        else:
            self._known.plan(ref, view, record)

    def _views(self) -> list[RowView]:
        """The data rows below the header: those with content in a mapped column that is not ours alone."""
        columns = [self.grid.binding.columns[name] - 1 for name in self.grid.fields]
        pick = itemgetter(*columns) if len(columns) > 1 else lambda cells: (cells[columns[0]],)
        content = slice(2 if NOTE_FIELD in self.grid.index else 1, None)
        base_rows, header_row, views = self.grid.base.rows, self.grid.binding.header_row, []
        for row in self.s.snapshot.rows:
            if row.number <= header_row:
                continue
            raw = pick(row.cells)
            ref = raw[0]
            if isinstance(ref, str) and ref in base_rows:
                views.append(RowView(row.number, ref, "", raw, row.witness))
            elif ref is not None or any(cell is not None for cell in raw[content]):
                views.append(self._view(row.number, raw, row.witness))
        return views

    def _view(self, number: int, raw: tuple[Cell, ...], witness: str | None) -> RowView:
        if raw[0] is None:
            return RowView(number, None, "", raw, witness)
        reading = self.grid.field[REFERENCE_FIELD].parse(raw[0], self.s.context)
        ref = reading.value if reading.accepted else None
        if isinstance(ref, str) and self._belongs(ref):
            return RowView(number, ref, "", raw, witness)
        return RowView(number, None, shown_text(raw[0]) or "?", raw, witness)

    def _belongs(self, ref: str) -> bool:
        """Known to the project, or free and with the project's prefix."""
        return ref in self.grid.base.rows or ref in self.s.records or ref.startswith(f"{self.s.table.prefix}-")

    def _answers(self, views: list[RowView]) -> dict[int, str | None]:
        """The answers about rows without a reference, by row number: of several alike the first takes it."""
        if not self.s.decided:
            return {}
        rows = {self.grid.fingerprint(view): view.number for view in reversed(views)}
        return {rows[name]: answer for name, answer in self.s.decided.items() if name in rows}

    def _identify(self, views: list[RowView], decided: Mapping[int, str | None]) -> Identities:
        ignore = frozenset(name for name in self.grid.fields if name not in self.grid.data)
        return identify(views, self.grid.base, ignore=ignore, decided=decided, same=self._same)

    def _same(self, name: str, left: Cell, right: Cell) -> bool:
        if left == right:
            return True
        field = self.grid.field[name]
        one, two = (field.parse(cell, self.s.context) for cell in (left, right))
        return one.accepted and two.accepted and field.key(one.value) == field.key(two.value)

    def _candidates(self, identities: Identities) -> frozenset[str]:
        return frozenset(ref for doubtful in identities.doubtful for ref in doubtful.candidates) | frozenset(
            ref for point in self.draft.points for ref in point.candidates
        )
