"""What a changed mapping would do to a table that uses it, before the change is stored."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.schema import mapping_to
from syncsvc.errors import TableError
from syncsvc.services.attempts import state_of
from syncsvc.services.outcomes import Outcome
from syncsvc.services.run import Run
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts, load_facts
from syncsvc.store import tables
from syncsvc.store.models import MappingRevision


@dataclass(frozen=True, slots=True)
class Seen:
    """A table at the moment it was looked at: its version, and how often its project had changed."""

    version: str
    project: int


@dataclass(frozen=True, slots=True)
class Effect:
    """``outcome`` is what a preview would say once the changed mapping is approved; ``seen`` is None for a table that
    could not be read."""

    outcome: Outcome
    seen: Seen | None

    @property
    def counts(self) -> dict[str, int]:
        """What would happen, in numbers: the preview's own counts, and ``notes``, the rows that would say something."""
        names = ("cells_written", "rows_added", "records_created", "records_changed", "questions_opened",
                 "questions_closed")  # fmt: skip
        said = [a for a in self.outcome.actions or () if a["reason"] == "note" and a["to"] is not None]
        return {**{name: getattr(self.outcome, name) for name in names}, "notes": len(said)}

    @property
    def columns(self) -> dict[str, str]:
        """The columns that the run would leave alone because they cannot be found: why, by header."""
        actions = self.outcome.actions or ()
        codes = {"column_doubled", "column_missing", "column_renamed", "column_swapped"}
        return {str(action["column"]): str(action["reason"]) for action in actions if action["reason"] in codes}


def effect(rt: Runtime, key: str, mapping: TableMapping) -> Effect:
    """What the next run of the table would do with this mapping, approved. Reads the table once, writes nothing.

    A table that cannot be read is an outcome too (``failed`` or ``held``). Raises ``NotFound`` for an unknown table.
    """
    started = time.monotonic()
    with rt.database.read() as session:
        facts = load_facts(session, key)
    table = rt.tables.open(tables.whereabouts(facts.table))

    def changed(session: Session) -> Facts:
        """The facts as if this mapping were the approved one."""
        facts = load_facts(session, key)
        approved = facts.table.approved_revision
        number = facts.revision.number if approved is None else approved
        return replace(facts, mapping=mapping, revision=MappingRevision(number=number, body=mapping_to(mapping)))

    try:
        seen = Seen(table.version(), facts.project.revision)  # before the read: a change between the two is one after
        return Effect(Run(rt, key, table, "preview", None, started, load=changed).preview(), seen)
    except TableError as error:
        return Effect(
            Outcome(key, state_of(error).value, error.message, requests=asdict(table.requests), actions=()), None
        )


def has_moved(rt: Runtime, key: str, seen: Seen) -> bool:
    """Whether the table or its project changed since it was looked at; also when it cannot be told.

    One request for the table's version, as cheap as its platform has it. Raises ``NotFound``.
    """
    with rt.database.read() as session:
        facts = load_facts(session, key)
    try:
        version = rt.tables.open(tables.whereabouts(facts.table)).version()
    except TableError:
        return True
    return Seen(version, facts.project.revision) != seen


def as_json(found: Effect, *, limit: int) -> dict[str, Any]:
    """The effect as plain data, with its first ``limit`` actions."""
    outcome = found.outcome
    return {
        "table": outcome.table, "state": outcome.state, "message": outcome.message, "counts": found.counts,
        "columns": found.columns, "actions": [dict(action) for action in (outcome.actions or ())[:limit]],
        "of": len(outcome.actions or ()), "seen": asdict(found.seen) if found.seen else None,
    }  # fmt: skip


def seen_in(data: Mapping[str, Any]) -> Seen | None:
    """What ``as_json`` kept of when the table was looked at."""
    return Seen(**data["seen"]) if data.get("seen") else None
