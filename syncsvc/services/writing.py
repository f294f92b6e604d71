"""Write a plan into its table, read it back, and mend what landed in a wrong row."""

from __future__ import annotations

import secrets

from syncsvc.core.binding import Binding, bind
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import CellWrite, Patch, Snapshot
from syncsvc.core.strays import Look, overrun_rows, stray_cells, stray_rows
from syncsvc.core.verify import Sheet, Verdict, above_data, verify, view, with_cells
from syncsvc.errors import TableChangedMeanwhile, TableMoved, WriteIgnored, WriteUncertain
from syncsvc.services.execution import Execution, sheet_before
from syncsvc.services.history import log_repairs

REPAIR_ROUNDS = 4
"""So often a run mends what people moved under its writes; what is still wrong then is said."""


def write_table(run: Execution) -> None:
    """Second half: write the patch, read it back, mend what landed in a wrong row.

    What did not arrive however often it was written is told by ``run.ignored``. Raises ``TableError``: before
    ``run.written`` is set nothing was written, afterwards the read-back is missing and the intents have to stay. Any
    other exception leaves the outcome open.
    """
    run.held_lease.renew()
    try:
        run.table.write(run.patch, run.held_lease.check)
    except WriteUncertain:
        run.written = True
        raise
    run.written = True
    planned = Look(run.situation.snapshot, run.plan.header_row, run.plan.ref_column)
    put = [(planned, cell) for cell in run.plan.cells]
    for round_ in range(REPAIR_ROUNDS + 1):
        run.after = run.table.read()
        struck = above_data(run.situation.snapshot, run.plan.header_row, run.after, (cell for _, cell in put))
        now = with_cells(run.after, struck)
        binding = bind(run.situation.mapping, now, run.plan.places, run.situation.base)
        if binding is None or REFERENCE_FIELD not in binding.columns:
            raise TableChangedMeanwhile
        beside = _beside(run, now, binding, put)
        run.sheet = _see(run, with_cells(now, beside), binding)
        repairs = [cell for look, cell in put if look is not planned]
        run.verdict = Verdict(frozenset(), astray=run.verdict.astray)
        if run.sheet is not None:
            run.verdict = verify(run.plan, sheet_before(run), run.sheet, run.verdict.astray, repairs)
        cells = (*struck, *beside, *run.verdict.repairs)
        if round_ == REPAIR_ROUNDS or not (cells or run.verdict.appends):
            break
        run.held_lease.renew()
        log_repairs(run, run.verdict)
        header_row, ref_column = binding.header_row, binding.columns[REFERENCE_FIELD]
        put += [(Look(now, header_row, ref_column), cell) for cell in cells]
        patch = Patch(secrets.token_hex(8), run.after.version, header_row, ref_column, cells, run.verdict.appends)
        try:
            run.table.write(patch, run.held_lease.check)
            run.repaired += len(cells)
        except TableMoved:  # people went on: look again
            pass
        except WriteIgnored:  # the rest has to wait
            break
        run.table.settle(patch.token)
    if struck or beside or run.verdict.victims or run.sheet is None:
        raise TableChangedMeanwhile


def _see(run: Execution, snapshot: Snapshot, binding: Binding) -> Sheet | None:
    """The table as it is now; None when one of the plan's columns is gone."""
    if any(name not in binding.columns for name in run.plan.fields):
        return None
    columns = {name: binding.columns[name] for name in run.plan.fields}
    return view(snapshot, binding.header_row, columns, run.plan.fields)


def _beside(
    run: Execution, snapshot: Snapshot, binding: Binding, put: list[tuple[Look, CellWrite]]
) -> tuple[CellWrite, ...]:
    """What puts right what we wrote beside the columns it was meant for; all of it when one of these is gone."""
    plan = run.plan
    before = Look(run.situation.snapshot, plan.header_row, plan.ref_column)
    after = Look(snapshot, binding.header_row, binding.columns[REFERENCE_FIELD])
    columns = {plan.places[name].column: binding.columns[name] for name in plan.fields if name in binding.columns}
    complete = len(columns) == len(plan.fields)
    judged = {binding.columns[name] for name in plan.fields if name != NOTE_FIELD} if complete else set()
    return (
        *stray_cells(before, after, put, judged),
        *stray_rows(after, (new.append for new in plan.new_rows), columns),
        *overrun_rows(before, after, [new.append for new in plan.new_rows], columns if complete else {}),
    )
