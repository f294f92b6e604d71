"""What a run did, or a preview would do: its outcome, its counts, its message, its actions."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, field
from typing import Any

from syncsvc.core.actions import Plan, Point, Situation
from syncsvc.core.binding import column_letter
from syncsvc.core.cells import encode
from syncsvc.core.model import Json
from syncsvc.core.receipt import Receipt
from syncsvc.ports.tables import Requests
from syncsvc.services.execution import WHOLE_ROW
from syncsvc.services.points import Agenda
from syncsvc.services.situations import Facts


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run did, or a preview would do, in the shape of ``sync --json``.

    ``state`` is unchanged, ok, held or failed; ``message`` one German sentence; ``fault`` who has to act
    (``errors.Actor``) where the table could not be read or written. ``actions`` and ``plan`` (the plan's
    fingerprint) only for previews.
    """

    table: str
    state: str
    message: str
    run: int | None = None
    rows: int = 0
    cells_written: int = 0
    rows_added: int = 0
    records_changed: int = 0
    records_created: int = 0
    questions_opened: int = 0
    questions_closed: int = 0
    fault: str | None = None
    requests: Mapping[str, int] = field(default_factory=lambda: asdict(Requests()))
    receipt: Mapping[str, int] = field(default_factory=lambda: Receipt().as_json())
    seconds: float = 0.0
    actions: tuple[Mapping[str, Json], ...] | None = None
    plan: str = ""

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        if self.actions is None:
            del data["actions"], data["plan"]
        return data


def counts_of(plan: Plan, missing: Set[tuple[str, str]] = frozenset()) -> dict[str, int]:
    """What a plan does; ``missing`` (``core/verify.Verdict``) did not arrive in the table."""
    lost = {ref for ref, name in missing if name == WHOLE_ROW}
    added = [new.append for new in plan.new_rows if new.append.ref not in lost]
    return {
        "cells_written": len(plan.cells) - (len(missing) - len(lost)) + sum(len(append.cells) for append in added),
        "rows_added": len(added),
        "records_changed": len({change.ref for change in plan.record_changes}),
        "records_created": len(plan.new_records),
    }


def message_of(plan: Plan, facts: Facts, items: Agenda) -> str:
    """How the run went, in one sentence; ``items`` is what it does to the table's questions."""
    if plan.holds:
        return "Angehalten: " + " ".join(hold.text for hold in plan.holds)
    count = len(facts.open) + items.opened - items.closed
    if count:
        return f"Abgeglichen; {count} {'Klärung ist' if count == 1 else 'Klärungen sind'} offen."
    return "Abgeglichen."


def describe(the_situation: Situation, plan: Plan) -> list[Mapping[str, Json]]:
    """The plan's actions, one line each: {row, ref, field, column, from, to, direction, reason}."""
    headers = {column.field: column.header for column in the_situation.mapping.columns}
    lines: list[Mapping[str, Json]] = []

    def line(
        row: int | None, ref: str | None, name: str | None, old: Json, new: Json, direction: str, reason: str
    ) -> None:
        column = headers.get(name or "", "")
        lines.append(
            {"row": row, "ref": ref, "field": name, "column": column, "from": old, "to": new, "direction": direction,
             "reason": reason}
        )  # fmt: skip

    for created in plan.new_records:
        for name, value in created.values.items():
            line(created.row, created.ref, name, None, value, "to_record", "new_row")
    for change in plan.record_changes:
        reason = "said_by_directory" if change.source else "edited_in_table"
        line(change.row, change.ref, change.field, change.old, change.new, "to_record", reason)
    for write in plan.writes:
        line(write.cell.row, write.ref, write.field, write.before, write.value, "to_table", "changed_in_record")
    for new in plan.new_rows:
        for name, value in new.values.items():
            line(None, new.append.ref, name, None, value, "to_table", "new_record")
    for reason, cells in (("reference", plan.references), ("note", plan.notes), ("header", plan.header)):
        by_column = {place.column: name for name, place in plan.places.items()}
        for cell in cells:
            name = by_column.get(cell.column, column_letter(cell.column))
            line(cell.row, cell.ref, name, encode(cell.old), encode(cell.new), "to_table", reason)
    for point in plan.points:
        line(point.row, point.ref, point.field, point.sheet, _other(point), "question", point.code)
    return lines


def _other(point: Point) -> Json:
    return point.proposal if point.proposal is not None else point.record
