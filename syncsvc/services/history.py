"""What a run tells the history: its changes of records and table, and what only an open question remembered."""

from __future__ import annotations

from datetime import datetime

from syncsvc.core.cells import decode, encode
from syncsvc.core.fields.sensitive import sensitive_code
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Cell, CellWrite, Json
from syncsvc.core.verify import Verdict
from syncsvc.services.execution import WHOLE_ROW, Execution, sheet_before
from syncsvc.store import changes
from syncsvc.store.changes import Change, Where
from syncsvc.store.questions import AskedCell


def planned_history(run: Execution) -> list[Change]:
    """The change log entries the plan will write."""
    now = run.rt.clock.now()
    return [*record_history(run, now), *table_history(run, now)]


def record_history(run: Execution, now: datetime) -> list[Change]:
    """What the plan changes in records."""
    created = [
        _entry(run, now, record.ref, name, Where.RECORD, None, value)
        for record in run.plan.new_records
        for name, value in record.values.items()
    ]
    changed = [
        _entry(run, now, change.ref, change.field, Where.RECORD, change.old, change.new, change.source)
        for change in run.plan.record_changes
    ]
    return [*created, *changed]


def table_history(run: Execution, now: datetime) -> list[Change]:
    """What the plan changes in the table; logged once the patch was written."""
    plan, entries = run.plan, []

    def entry(ref: str, name: str, old: Json, new: Json) -> None:
        entries.append(_entry(run, now, ref, name, Where.TABLE, old, new))

    for write in plan.writes:
        entry(write.ref, write.field, encode(write.cell.old), encode(write.cell.new))
    for new in plan.new_rows:
        entry(new.append.ref, REFERENCE_FIELD, None, encode(new.append.ref))
        for name in new.values:
            entry(new.append.ref, name, None, encode(new.append.cells[plan.places[name].column]))
    for reference in plan.references:
        if reference.old is not None:
            entry(str(reference.new), REFERENCE_FIELD, _told(run, reference.old), encode(reference.new))
    for note in plan.notes:
        if note.old is not None and not _is_our_note(run, note):
            entry(note.ref or "", NOTE_FIELD, _told(run, note.old), encode(note.new))
    return entries


def recovered_history(run: Execution, now: datetime) -> list[Change]:
    """What an interrupted run changed in the table and could not log any more."""
    return [
        _entry(
            run, now, intent.ref, intent.field, Where.TABLE,
            _told(run, decode(intent.document["old"])), intent.document["new"],
        )
        for intent in run.recovered
        if intent.field != WHOLE_ROW and intent.document["old"] is not None
    ]  # fmt: skip


def remembered(run: Execution, now: datetime) -> list[Change]:
    """Cells as only an open question remembers them: they go into the history when the question changes or closes."""
    assert run.agenda is not None
    dropped = {*run.agenda.changed, *run.agenda.obsolete}
    asked = [question for question in run.facts.open if question.id in dropped and question.document.get("raw")]
    if not asked:
        return []
    sheet, table = sheet_before(run), run.facts.table
    rows = {row.number: row for found in (*sheet.rows.values(), sheet.nameless) for row in found}
    entries = []
    for question in asked:
        if question.field not in sheet.fields:
            continue
        for cell in question.cells:
            row = rows.get(run.plan.seen.get(cell.ref, 0))
            was = {question.field: cell.document.get("raw"), **_beside_cells(cell)}
            for name, old in was.items():
                new = encode(row.cells[sheet.fields.index(name)]) if row and name in sheet.fields else None
                if old not in (None, new):
                    entries.append(Change(now, cell.ref, name, Where.TABLE, table.key, "", old, new, None, table.id))
    return entries


def log_repairs(run: Execution, verdict: Verdict) -> None:
    """Cells of wrong rows that are about to be put right: what stands there goes into the history first."""
    if not verdict.victims or run.sheet is None:
        return
    now, table = run.rt.clock.now(), run.facts.table
    names = {column: name for name, column in run.sheet.columns.items()}
    entries = [
        Change(
            now, repair.ref, names[repair.column], Where.TABLE, table.key, "repair", _told(run, repair.old),
            _told(run, repair.new), run.run_id, table.id,
        )
        for repair in verdict.repairs
        if repair.ref is not None and (repair.ref, names[repair.column]) in verdict.victims
    ]  # fmt: skip
    with run.held_lease.write() as session:
        changes.append(session, entries)


def _beside_cells(cell: AskedCell) -> dict[str, Json]:
    """The cells, by field, that wait with a question about a contact."""
    beside = cell.document.get("beside")
    return beside if isinstance(beside, dict) else {}


def _told(run: Execution, cell: Cell) -> Json:
    """A cell for the history: what must not be repeated anywhere leaves only the fact that it stood there."""
    if isinstance(cell, str) and sensitive_code(cell, run.situation.context):
        return encode("(nicht wiedergegeben)")
    return encode(cell)


def _is_our_note(run: Execution, note: CellWrite) -> bool:
    """Whether the text to be replaced is known to be the service's own: only then it needs no place in the history."""
    row = run.situation.base.rows.get(note.ref or "")
    return row is not None and row.raw[run.situation.base.fields.index(NOTE_FIELD)] == note.old


def _entry(
    run: Execution, now: datetime, ref: str, name: str, side: Where, old: Json, new: Json, source: str = ""
) -> Change:
    table = run.facts.table
    return Change(now, ref, name, side, source or table.key, run.actor, old, new, run_id=run.run_id, table_id=table.id)
