"""Snapshot, base, records and mapping in; a plan out: everything one run would do, as data. Guards stop a run here.

Nothing here writes. The same situation always gives the same plan, so a preview can be compared with what a run does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from syncsvc.core.actions import Hold, Plan, Point, Situation
from syncsvc.core.binding import Binding, HeldColumn, bind
from syncsvc.core.contacts import HANDOVER_ROWS
from syncsvc.core.following import LEAD
from syncsvc.core.mapping import REFERENCE_FIELD, Column
from syncsvc.core.model import CellWrite, Json, RowState, Snapshot
from syncsvc.core.rows.draft import Draft
from syncsvc.core.rows.grid import Grid
from syncsvc.core.rows.planner import RowPlanner

Edit: TypeAlias = tuple[Json, Json]
"""What was agreed for a cell, and what stands there now."""

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def make_plan(situation: Situation) -> Plan:
    """Plan one run. Raises nothing: what stops a run is in ``holds``, and a plan with holds carries no action."""
    binding = bind(situation.mapping, situation.snapshot, situation.places, situation.base)
    if situation.rebuild and _is_empty(situation.snapshot):
        return _rebuild(situation)
    if binding is None:
        code = "table_empty" if _is_empty(situation.snapshot) else "header_missing"
        return _held(situation, Hold(code, 1, header_sentence(situation.snapshot)))
    lost = next((held for held in binding.held if held.field == REFERENCE_FIELD), None)
    if lost is not None:
        return _held(situation, Hold("reference_column", 1, column_sentence(lost)))
    planner = RowPlanner(situation, binding)
    planner.plan()
    plan = _assemble(situation, binding, planner)
    holds = tuple(hold for hold in _guards(situation, planner) if hold.extent > situation.approved.get(hold.code, 0))
    return replace(_held(situation, *holds), rows=plan.rows) if holds else plan


def _held(situation: Situation, *holds: Hold) -> Plan:
    return Plan(situation.snapshot.version, holds=holds, next_number=situation.table.next_number)


def _is_empty(snapshot: Snapshot) -> bool:
    return all(cell is None for row in snapshot.rows for cell in row.cells)


def header_sentence(snapshot: Snapshot) -> str:
    """Why no header was found, in one German sentence."""
    if _is_empty(snapshot):
        return "Das Blatt ist leer: Auch die Kopfzeile fehlt."
    return "Kopfzeile nicht gefunden: Die Spaltenüberschriften fehlen oder stehen mehrfach da."


def column_sentence(held: HeldColumn) -> str:
    """What is wrong with a held column, in one German sentence."""
    match held.code:
        case "doubled":
            return f"Spalte „{held.header}“ gibt es mehrfach ({', '.join(held.letters)}): bitte eine davon umbenennen."
        case "renamed":
            return f"Spalte „{held.header}“ fehlt; ist „{held.proposal}“ (Spalte {held.letters[0]}) gemeint?"
        case "swapped":
            return f"Die Überschrift „{held.header}“ steht jetzt über anderen Daten (Spalte {held.letters[0]})."
    return f"Spalte „{held.header}“ fehlt in der Tabelle."


def _rebuild(situation: Situation) -> Plan:
    """Write header and rows into an emptied table, because a person asked for it."""
    columns = {column.field: number for number, column in enumerate(situation.mapping.columns, start=1)}
    headers = {column.field: column.header for column in situation.mapping.columns}
    binding = Binding(1, columns, headers)
    planner = RowPlanner(situation, binding)
    planner.rebuild()
    header = tuple(CellWrite(None, 1, column, None, headers[name]) for name, column in columns.items())
    return replace(_assemble(situation, binding, planner), header=header)


def _assemble(situation: Situation, binding: Binding, planner: RowPlanner) -> Plan:
    draft = planner.draft
    columns = tuple(
        Point(
            "column",
            f"column_{held.code}",
            field=held.field,
            header=held.header,
            proposal=held.proposal or None,
            detail=column_sentence(held),
        )
        for held in binding.held
    )
    return Plan(
        version=situation.snapshot.version,
        header_row=binding.header_row,
        ref_column=binding.columns[REFERENCE_FIELD],
        fields=planner.grid.fields,
        new_records=tuple(draft.new_records),
        record_changes=tuple(draft.record_changes),
        settled=tuple(draft.settled),
        writes=tuple(draft.writes),
        notes=tuple(draft.notes),
        references=tuple(draft.references),
        new_rows=tuple(draft.new_rows),
        points=(*draft.points, *columns),
        states=draft.states,
        forget=frozenset(draft.forget),
        seen=draft.seen,
        places=binding.places(situation.places),
        rows=draft.rows,
        touched=frozenset(draft.touched),
        untouched=draft.untouched,
        untouched_values=draft.untouched_values,
        waiting_values=draft.waiting_values,
        waiting=frozenset(draft.waiting),
        next_number=draft.next_number,
    )


def _guards(situation: Situation, planner: RowPlanner) -> list[Hold]:
    """The reasons to stop before writing: what people did since the last run against the mapping's limits."""
    guards, draft = situation.mapping.guards, planner.draft
    present = sum(1 for row in planner.grid.base.rows.values() if row.state is RowState.PRESENT)
    holds = []
    if situation.snapshot.exposed:
        holds.append(
            Hold("exposed", 1, "Die Tabelle ist für alle mit dem Link lesbar: bitte die Freigabe einschränken.")
        )
    many = max(guards.missing_rows_minimum, guards.missing_rows * present)
    if draft.vanished > many or 0 < draft.vanished == present:
        text = f"{draft.vanished} von {present} Zeilen sind verschwunden."
        holds.append(Hold("rows_missing", draft.vanished, text))
    if (strangers := _strangers(planner.grid, draft)) >= 2:
        number = planner.grid.column[REFERENCE_FIELD].header
        text = f"{number} vertauscht? {strangers} Zeilen zeigen die Angaben einer anderen {number}."
        holds.append(Hold("references_moved", strangers, text))
    holds += _column_guards(situation, planner, present)
    if _looks_restored(draft, present, guards.changed_column, guards.changed_column_minimum):
        text = f"Datei zurückgesetzt? {draft.older_rows} Zeilen zeigen wieder einen älteren Stand."
        holds.append(Hold("file_restored", draft.older_rows, text))
    return holds


def _strangers(grid: Grid, draft: Draft) -> int:
    """How many edited rows show exactly what another reference showed: the references moved, not the data."""
    edited = draft.edited
    if len(edited) < 2:
        return 0
    owner = {
        tuple(grid.base.rows[ref].raw[index] for _, index in grid.places): ref
        for ref in edited
        if ref in grid.base.rows
    }
    return sum(
        1
        for ref, cells in edited.items()
        if owner.get(cells, ref) != ref and sum(cell is not None for cell in cells) >= 2
    )


def _column_guards(situation: Situation, planner: RowPlanner, present: int) -> list[Hold]:
    guards, holds = situation.mapping.guards, []
    for name in planner.grid.data:
        edits = planner.draft.edits.get(name, [])
        if not edits:
            continue
        column = planner.grid.column[name]
        edits = _accidents(column, edits)
        count = len(edits)
        if count < guards.changed_column_minimum or count <= guards.changed_column * present:
            continue
        emptied = sum(1 for _, new in edits if new is None)
        verb = "geleert" if emptied == count else "geändert"
        text = f"Spalte „{column.header}“: {count} von {present} Zeilen wurden auf einmal {verb}."
        holds.append(Hold(f"column_changed:{name}", count, text))
    return holds


def _accidents(column: Column, edits: Sequence[Edit]) -> list[Edit]:
    """The edits but for those that tell one thing in many rows: a hand-over, or the month they have reached."""
    if column.type == "month":
        _, new = edits[0]
        one = isinstance(new, str) and _MONTH.fullmatch(new) is not None
        return [] if one and all(later == new and str(old or "") < str(new) for old, later in edits) else list(edits)
    if column.type != "contact" and column.field not in LEAD:
        return list(edits)
    count = Counter(repr(edit) for edit in edits)
    olds, news = {repr(old) for old, _ in edits}, {repr(new) for _, new in edits}

    def handed_over(edit: Edit) -> bool:
        """The same change in several rows. A column sorted alone has it too, but there all come and go."""
        old, new = edit
        return (
            new is not None and count[repr(edit)] >= HANDOVER_ROWS and repr(old) not in news and repr(new) not in olds
        )

    return [edit for edit in edits if not handed_over(edit)]


def _looks_restored(draft: Draft, present: int, share: float, minimum: int) -> bool:
    """Most edited rows show an older state again, and there are too many of them for people undoing their work."""
    many = draft.older_rows >= minimum or (draft.older_rows >= 3 and draft.older_rows > share * present)
    return many and 2 * draft.older_rows > len(draft.edited)
