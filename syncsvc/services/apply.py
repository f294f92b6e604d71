"""Carry out a plan: records, history, questions and intents in one transaction; then the table; then the read-back.

Whatever dies in between, the next run finds the intents and completes the work (``services/recovery.py``).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from syncsvc.core.actions import Plan, Situation
from syncsvc.core.bases import agreed_value
from syncsvc.core.binding import Binding, Place, bind
from syncsvc.core.cells import decode, encode
from syncsvc.core.contact_questions import HANDOVERS
from syncsvc.core.contacts import PEOPLE
from syncsvc.core.fields import field_for
from syncsvc.core.fields.sensitive import sensitive_code
from syncsvc.core.mapping import JOBCENTRE_FIELD, NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Cell, CellWrite, Flip, Json, Patch, Record, RowAppend, Side, Snapshot
from syncsvc.core.references import Reference, read_reference
from syncsvc.core.strays import Look, overrun_rows, stray_cells, stray_rows
from syncsvc.core.verify import Sheet, Verdict, above_data, verify, view, with_cells
from syncsvc.errors import PlanMoved, TableChangedMeanwhile, TableMoved, WriteIgnored, WriteUncertain
from syncsvc.ports.tables import Table as TablePort
from syncsvc.services import consequences
from syncsvc.services.contacts import confirmation, stafflist
from syncsvc.services.contacts.events import Origin, note_questions
from syncsvc.services.leases import Lease
from syncsvc.services.ledger import Ledger
from syncsvc.services.points import Agenda, agenda
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts
from syncsvc.store import bases, changes, intents, projects, questions, records, responsibilities, runs
from syncsvc.store.changes import Change, Where
from syncsvc.store.intents import Intent
from syncsvc.store.models import Table
from syncsvc.store.questions import AskedCell

REPAIR_ROUNDS = 4
"""So often a run mends what people moved under its writes; what is still wrong then is said."""

WHOLE_ROW = ""
"""The field of an intent that stands for a whole appended row."""


@dataclass(slots=True)
class Execution:
    """One run on its way: what it was planned from, and what it has done so far. ``undoes``: the run it takes back."""

    rt: Runtime
    lease: Lease | None
    facts: Facts
    table: TablePort
    situation: Situation
    plan: Plan
    run_id: int
    actor: str
    ledger: Ledger
    undoes: int | None = None
    recovered: tuple[Intent, ...] = ()
    settled_tokens: tuple[str, ...] = ()
    agreed_cells: tuple[tuple[str, str], ...] = ()
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    history: list[Change] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    revision: int = 0
    agenda: Agenda | None = None
    after: Snapshot | None = None
    sheet: Sheet | None = None
    verdict: Verdict = field(default_factory=lambda: Verdict(frozenset()))
    repaired: int = 0
    written: bool = False
    """The patch reached the table, or may have, whatever happened afterwards."""

    @property
    def patch(self) -> Patch:
        plan = self.plan
        appends = tuple(new.append for new in plan.new_rows)
        return Patch(self.token, plan.version, plan.header_row, plan.ref_column, plan.cells, appends)

    @property
    def ignored(self) -> bool:
        """Whether cells that nobody typed into show something else than what was written there."""
        return bool(self.verdict.repairs or self.verdict.appends)

    @property
    def held_lease(self) -> Lease:
        """The lease, which every run but a preview has."""
        assert self.lease is not None
        return self.lease

    def planned_history(self) -> list[Change]:
        """The change log entries the plan will write."""
        now = self.rt.clock.now()
        return [*_record_history(self, now), *_table_history(self, now)]


def planned_records(facts: Facts, situation: Situation, plan: Plan) -> dict[str, Record]:
    """The records as they are once the plan is carried out: the changed and the new ones."""
    changed: dict[str, Record] = {}
    for change in plan.record_changes:
        record = changed.get(change.ref) or situation.records[change.ref]
        by = {name: side for name, side in record.by.items() if name != change.field}
        if change.side is not Side.PROJECT:
            by[change.field] = change.side
        values = {name: value for name, value in record.values.items() if name != change.field}
        if change.new is not None:
            values[change.field] = change.new
        changed[change.ref] = replace(record, values=values, by=by)
    for new in plan.new_records:
        values = dict(new.values)
        if facts.organisation is not None:
            values.setdefault(JOBCENTRE_FIELD, facts.organisation)
        changed[new.ref] = Record(new.ref, values, dict(new.by))
    return changed


def settle_records(run: Execution) -> None:
    """First half of a run, one transaction: records, history, questions, base of what needs no write, intents.

    Raises ``PlanMoved`` when the project's records changed since they were loaded, ``LeaseLost``.
    """
    now, plan = run.rt.clock.now(), run.plan
    with run.held_lease.write() as session:
        project = projects.by_id(session, run.facts.project.id)
        if (project.revision, project.next_number) != (run.facts.project.revision, run.facts.project.next_number):
            raise PlanMoved
        _save_records(session, run, now)
        run.history = [*_record_history(run, now), *_recovered_history(run, now)]
        changes.append(session, run.history)
        _move_base(run)
        _save_base(session, run)
        _note_confirmations(session, run, now)
        _ask(session, run, now)
        _note_contacts(session, run, now)
        for token in run.settled_tokens:
            intents.drop(session, run.facts.table.id, token)
        intents.drop_cells(session, run.facts.table.id, run.agreed_cells)
        intents.add(session, run.facts.table.id, run.run_id, _intents(run), now)
        _remember_places(session, run.facts.table.id, plan.places)


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
            run.verdict = verify(run.plan, _before(run), run.sheet, run.verdict.astray, repairs)
        cells = (*struck, *beside, *run.verdict.repairs)
        if round_ == REPAIR_ROUNDS or not (cells or run.verdict.appends):
            break
        run.held_lease.renew()
        _log_repairs(run, run.verdict)
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


def settle_table(session: Session, run: Execution) -> None:
    """What the read-back confirmed becomes the base; the intents are settled. Call it in the closing transaction."""
    if run.written:
        history, missing = _table_history(run, run.rt.clock.now()), run.verdict.missing
        gone = {ref for ref, name in missing if name == WHOLE_ROW}
        changes.append(session, [c for c in history if (c.ref, c.field) not in missing and c.ref not in gone])
    confirmed = run.verdict.confirmed
    for write in run.plan.writes:
        if (write.ref, write.field) in confirmed:
            run.ledger.move(
                write.ref,
                write.field,
                write.cell.new,
                write.value,
                _flip(run.ledger, write.ref, write.field, write.before),
            )
    for new in run.plan.new_rows:
        if (new.append.ref, WHOLE_ROW) in confirmed:
            _append_base(run.ledger, run.plan, new.append, new.values)
    for note in run.plan.notes:
        if note.ref and (note.ref, NOTE_FIELD) in confirmed:
            run.ledger.move(note.ref, NOTE_FIELD, note.new, None)
    for reference in run.plan.references:
        if (str(reference.new), REFERENCE_FIELD) in confirmed:
            run.ledger.move(str(reference.new), REFERENCE_FIELD, reference.new, None)
    _save_base(session, run)
    intents.drop(session, run.facts.table.id, run.token)


def is_complete(run: Execution) -> bool:
    """Whether the table shows exactly what the plan left there, so that nothing of a person's waits to be read."""
    if not run.patch:
        return not run.plan.partial
    if run.sheet is None or run.plan.partial:
        return False
    writes = {(cell.row, cell.column): cell.new for cell in run.plan.cells}
    columns = [run.sheet.columns[name] for name in run.plan.fields]
    before = _before(run)
    expected = [
        tuple(writes.get((row.number, column), cell) for column, cell in zip(columns, row.cells, strict=True))
        for row in sorted(
            [*before.nameless, *(r for rows in before.rows.values() for r in rows)], key=lambda r: r.number
        )
    ]
    expected += [tuple(new.append.cells.get(column) for column in columns) for new in run.plan.new_rows]
    found = sorted(
        [*run.sheet.nameless, *(r for rows in run.sheet.rows.values() for r in rows)], key=lambda r: r.number
    )
    return [row.cells for row in found] == [cells for cells in expected if any(cell is not None for cell in cells)]


def _append_base(ledger: Ledger, plan: Plan, append: RowAppend, values: Mapping[str, Json]) -> None:
    ledger.forget(append.ref)
    for name in plan.fields:
        ledger.move(append.ref, name, append.cells.get(plan.places[name].column), values.get(name))


def _flip(ledger: Ledger, ref: str, name: str, before: Json) -> Flip:
    """Remember what our write replaced; coming back to the same value again and again is counted."""
    row = ledger.row(ref)
    known = row.flips.get(name) if row else None
    return Flip(before, known.count if known and known.old == before else 0)


def _save_records(session: Session, run: Execution, now: datetime) -> None:
    plan, project = run.plan, run.facts.project
    run.records = planned_records(run.facts, run.situation, plan)
    new = {record.ref for record in plan.new_records}
    run.revision = project.revision
    if plan.next_number > project.next_number:
        projects.skip_numbers(session, project.id, plan.next_number - 1)
    for record in plan.new_records:
        reference = read_reference(record.ref, project.prefix)
        if record.adopted and isinstance(reference, Reference):
            projects.skip_numbers(session, project.id, reference.number)
    if new:
        created = [record for ref, record in run.records.items() if ref in new]
        run.revision = records.create(session, project.id, created, now)
    changed = [record for ref, record in run.records.items() if ref not in new]
    if changed:
        run.revision = records.save(session, project.id, changed, now)


def _entry(
    run: Execution, now: datetime, ref: str, name: str, side: Where, old: Json, new: Json, source: str = ""
) -> Change:
    table = run.facts.table
    return Change(now, ref, name, side, source or table.key, run.actor, old, new, run_id=run.run_id, table_id=table.id)


def _record_history(run: Execution, now: datetime) -> list[Change]:
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


def _table_history(run: Execution, now: datetime) -> list[Change]:
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


def _recovered_history(run: Execution, now: datetime) -> list[Change]:
    """What an interrupted run changed in the table and could not log any more."""
    return [
        _entry(
            run, now, intent.ref, intent.field, Where.TABLE,
            _told(run, decode(intent.document["old"])), intent.document["new"],
        )
        for intent in run.recovered
        if intent.field != WHOLE_ROW and intent.document["old"] is not None
    ]  # fmt: skip


def _told(run: Execution, cell: Cell) -> Json:
    """A cell for the history: what must not be repeated anywhere leaves only the fact that it stood there."""
    if isinstance(cell, str) and sensitive_code(cell, run.situation.context):
        return encode("(nicht wiedergegeben)")
    return encode(cell)


def _is_our_note(run: Execution, note: CellWrite) -> bool:
    """Whether the text to be replaced is known to be the service's own: only then it needs no place in the history."""
    row = run.situation.base.rows.get(note.ref or "")
    return row is not None and row.raw[run.situation.base.fields.index(NOTE_FIELD)] == note.old


def _move_base(run: Execution) -> None:
    for item in run.plan.settled:
        row = run.ledger.row(item.ref)
        index = run.ledger.fields.index(item.field)
        same = row is not None and row.agreed[index] == item.value
        flip = row.flips.get(item.field) if row is not None and same else item.flip
        run.ledger.move(item.ref, item.field, item.raw, item.value, flip)
    for ref, state in run.plan.states.items():
        run.ledger.state(ref, state)
    for ref in run.plan.forget:
        run.ledger.forget(ref)


def _save_base(session: Session, run: Execution) -> None:
    rows, dropped = run.ledger.take()
    bases.save(session, run.facts.table.id, run.ledger.fields, rows)
    bases.forget(session, run.facts.table.id, dropped)


def _note_contacts(session: Session, run: Execution, now: datetime) -> None:
    """Who is responsible from now on, and what people told each other through the table."""
    table, project = run.facts.table, run.facts.project.id
    known, base = run.situation.records, run.situation.base
    before, after = {ref: known[ref] for ref in run.records if ref in known}, dict(run.records)
    for item in run.plan.settled:  # what both sides say by now may have been a proposal until now
        if item.field in PEOPLE and item.ref in known and item.ref in base.rows:
            row, place = base.rows[item.ref], base.fields.index(item.field)
            was = {**before.get(item.ref, known[item.ref]).values, item.field: agreed_value(row.agreed[place])}
            before[item.ref] = replace(known[item.ref], values=was)
            after.setdefault(item.ref, known[item.ref])
    responsibilities.forget_plans(session, _called_off(run))
    undoes = runs.get(session, run.undoes).started_at if run.undoes is not None else None
    origin = Origin(table.key, run.actor, run.run_id, table.id, undoes=undoes)
    consequences.draw(session, project, before, after.values(), origin, now=now)
    if run.facts.project.is_list:
        stafflist.take(run.rt, session, run.facts.project, {**known, **run.records}, origin)
    assert run.agenda is not None
    note_questions(session, project, run.agenda.new, run.facts.open, origin, now=now)


def _called_off(run: Execution) -> set[tuple[str, str]]:
    """Places (reference, field) whose cell announced a hand-over until now, and says something certain instead."""
    base, columns = run.situation.base, {column.field: column for column in run.situation.mapping.columns}
    found = set()
    for item in run.plan.settled:
        if item.field in PEOPLE and item.ref in base.rows:
            raw = base.rows[item.ref].raw[base.fields.index(item.field)]
            announced = isinstance(raw, str) and field_for(columns[item.field]).parse(raw, run.situation.context).code
            if raw != item.raw and announced in HANDOVERS:
                found.add((item.ref, item.field))
    return found


def _note_confirmations(session: Session, run: Execution, now: datetime) -> None:
    known = {**run.situation.records, **run.records}
    states = {ref: row.state for ref, row in run.ledger.base.rows.items()}
    rows = confirmation.present(states, known).values()
    confirmation.note_typed(
        session, run.facts.table, run.situation.mapping, rows, today=run.situation.context.today, now=now
    )


def _ask(session: Session, run: Execution, now: datetime) -> None:
    records_after = {**run.situation.records, **run.records}
    run.agenda = agenda(run.plan, run.facts.open, run.facts.answered, records_after)
    carry_out(session, run.agenda, run.facts.table.id, run.run_id, now)
    changes.append(session, _remembered(run, now))


def _remembered(run: Execution, now: datetime) -> list[Change]:
    """Cells as only an open question remembers them: they go into the history when the question changes or closes."""
    assert run.agenda is not None
    dropped = {*run.agenda.changed, *run.agenda.obsolete}
    asked = [question for question in run.facts.open if question.id in dropped and question.document.get("raw")]
    if not asked:
        return []
    sheet, table = _before(run), run.facts.table
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


def _beside_cells(cell: AskedCell) -> dict[str, Json]:
    """The cells, by field, that wait with a question about a contact."""
    beside = cell.document.get("beside")
    return beside if isinstance(beside, dict) else {}


def carry_out(session: Session, items: Agenda, table_id: int, run_id: int, now: datetime) -> None:
    """Open, change and close questions."""
    questions.close(session, [*items.obsolete, *items.done], run_id=run_id, now=now)
    questions.update(session, table_id, items.changed)
    questions.open_many(session, table_id, items.new, run_id=run_id, now=now)


def _intents(run: Execution) -> list[Intent]:
    plan, version = run.plan, run.plan.version
    items = []
    for write in plan.writes:
        cell: dict[str, Json] = {"old": encode(write.cell.old), "new": encode(write.cell.new)}
        meaning: dict[str, Json] = {"value": write.value, "before": write.before}
        items.append(Intent(run.token, write.ref, write.field, version, cell | meaning))
    for new in plan.new_rows:
        cells: dict[str, Json] = {name: encode(new.append.cells.get(plan.places[name].column)) for name in plan.fields}
        items.append(
            Intent(run.token, new.append.ref, WHOLE_ROW, version, {"cells": cells, "values": dict(new.values)})
        )
    for reference in plan.references:
        document: dict[str, Json] = {"old": encode(reference.old), "new": encode(reference.new)}
        items.append(Intent(run.token, str(reference.new), REFERENCE_FIELD, version, document))
    for note in plan.notes:
        if note.ref:
            document = {"old": encode(note.old), "new": encode(note.new)}
            items.append(Intent(run.token, note.ref, NOTE_FIELD, version, document))
    return items


def _remember_places(session: Session, table_id: int, places: Mapping[str, Place]) -> None:
    binding = {name: {"header": place.header, "column": place.column} for name, place in places.items()}
    session.execute(update(Table).where(Table.id == table_id).values(binding=binding))


def _before(run: Execution) -> Sheet:
    columns = {name: place.column for name, place in run.plan.places.items() if name in run.plan.fields}
    return view(run.situation.snapshot, run.plan.header_row, columns, run.plan.fields)


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


def _log_repairs(run: Execution, verdict: Verdict) -> None:
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
