"""Settle a run in the database: records, questions and intents before the table is written, the base after it.

Whatever dies in between, the next run finds the intents and completes the work (``services/recovery.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from syncsvc.core.actions import Plan
from syncsvc.core.bases import agreed_value
from syncsvc.core.binding import Place
from syncsvc.core.cells import encode
from syncsvc.core.contact_questions import HANDOVERS
from syncsvc.core.contacts import PEOPLE
from syncsvc.core.fields import field_for
from syncsvc.core.mapping import NOTE_FIELD, REFERENCE_FIELD
from syncsvc.core.model import Flip, Json, RowAppend
from syncsvc.core.references import Reference, read_reference
from syncsvc.errors import PlanMoved
from syncsvc.services import consequences
from syncsvc.services.contacts import confirmation, stafflist
from syncsvc.services.contacts.events import Origin, note_questions
from syncsvc.services.execution import WHOLE_ROW, Execution, planned_records, sheet_before
from syncsvc.services.history import record_history, recovered_history, remembered, table_history
from syncsvc.services.ledger import Ledger
from syncsvc.services.points import Agenda, agenda
from syncsvc.store import bases, changes, intents, projects, questions, records, responsibilities, runs
from syncsvc.store.intents import Intent
from syncsvc.store.models import Table


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
        run.history = [*record_history(run, now), *recovered_history(run, now)]
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


def settle_table(session: Session, run: Execution) -> None:
    """What the read-back confirmed becomes the base; the intents are settled. Call it in the closing transaction."""
    if run.written:
        history, missing = table_history(run, run.rt.clock.now()), run.verdict.missing
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
    before = sheet_before(run)
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
    changes.append(session, remembered(run, now))


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
