"""Plan the rows of one table: find out whose each row is, and have it planned as what it is."""

from __future__ import annotations

from syncsvc.core.actions import Situation
from syncsvc.core.binding import Binding
from syncsvc.core.identity import Identities, RowView
from syncsvc.core.model import RowState
from syncsvc.core.rows.absent import AbsentRows
from syncsvc.core.rows.decisions import Decisions
from syncsvc.core.rows.directory import Directory
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid
from syncsvc.core.rows.known import KnownRows
from syncsvc.core.rows.new import NewRows
from syncsvc.core.rows.pen import Pen
from syncsvc.core.rows.reader import RowReader


class RowPlanner:
    """Plans the rows of one bound table into ``draft``. Used once."""

    def __init__(self, situation: Situation, binding: Binding) -> None:
        self.s = situation
        self.grid = Grid(situation, binding)
        self.draft = Draft(next_number=situation.table.next_number)
        self._reader = RowReader(self.grid)
        self._pen, self._decisions = Pen(self.grid, self.draft), Decisions(self.grid)
        self._directory = Directory(self.grid, self.draft, self._decisions)
        self._known = KnownRows(self.grid, self.draft, self._pen, self._decisions, self._directory)
        self._absent = AbsentRows(self.grid, self.draft, self._pen, self._directory)

    def plan(self) -> None:
        """Plan every row the table has, and those it should have."""
        views = self._reader.views()
        self.draft.rows = len(views)
        decided = self._answers(views)
        identities = self._reader.identities(views, decided)
        new = NewRows(
            self.grid, self.draft, self._reader, self._pen, self._decisions, self._directory, self._known, decided
        )
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

    def _answers(self, views: list[RowView]) -> dict[int, str | None]:
        """The answers about rows without a reference, by row number: of several alike the first takes it."""
        if not self.s.decided:
            return {}
        rows = {self.grid.fingerprint(view): view.number for view in reversed(views)}
        return {rows[name]: answer for name, answer in self.s.decided.items() if name in rows}

    def _candidates(self, identities: Identities) -> frozenset[str]:
        return frozenset(ref for doubtful in identities.doubtful for ref in doubtful.candidates) | frozenset(
            ref for point in self.draft.points for ref in point.candidates
        )
