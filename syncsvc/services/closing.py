"""The end of a run: what was confirmed becomes the base, what it did the table's state, its counts and its receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.model import Record
from syncsvc.core.receipt import Receipt
from syncsvc.errors import TableError, WriteIgnored
from syncsvc.services.accounts import Accountant
from syncsvc.services.apply import is_complete, settle_table
from syncsvc.services.attempts import Attempt, sentence, state_of
from syncsvc.services.execution import Execution
from syncsvc.services.history import planned_history
from syncsvc.services.outcomes import counts_of, message_of
from syncsvc.store import bases, intents, runs, tables
from syncsvc.store.models import RunState

_SETTINGS = ("location", "mapping_id", "edited_by", "jobcentre_id")
"""What a run goes by: where one of these was changed meanwhile, what it saw tells nothing about the next one."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, in the words of ``Outcome``. ``discarded``: it was not worth an entry among the runs."""

    state: str
    message: str
    counts: Mapping[str, Any]
    receipt: Receipt = field(default_factory=Receipt)
    fault: str | None = None
    discarded: bool = False


class Closing:
    """Closes ``run``, which ends ``attempt``. Used once.

    ``tally`` counts what the run did before the table moved and it was planned anew; ``read_at`` is when it began to
    read the table.
    """

    def __init__(self, run: Execution, attempt: Attempt, tally: Counter[str], read_at: datetime) -> None:
        assert run.agenda is not None, "records are settled before a run is closed"
        self._run, self._agenda, self._attempt, self._tally, self._read_at = run, run.agenda, attempt, tally, read_at

    def close(self, error: TableError | None) -> Ending:
        """The closing transaction: base, receipt, state.

        Without an ``error`` what the read-back confirmed is settled, also where it did not confirm everything.
        """
        run, seen = self._run, error is None
        if error is None and run.ignored:
            error = WriteIgnored()
        ending = Ending(
            state="ok" if error is None else state_of(error).value,
            message=sentence(error) if error else message_of(run.plan, run.facts, self._agenda),
            counts=self._counts(written=seen),
            receipt=self._receipt(written=seen),
            fault=error.actor.value if error else None,
        )
        if error is not None and self._again(error):
            with run.held_lease.write() as session:
                intents.drop(session, run.facts.table.id, run.token)
                runs.discard(session, run.run_id)
                self._attempt.failed(session, error, run.table)
            return replace(ending, discarded=True)
        ending = replace(ending, discarded=error is None and not ending.receipt.lost and self._was_empty())
        with run.held_lease.write() as session:
            if seen:
                settle_table(session, run)
            self._note_run(session, ending)
            if error is None:
                self._attempt.worked(session, run.table)
            else:
                self._attempt.failed(session, error, run.table)
            self._note_table(session, agreed=error is None)
        return ending

    def _note_run(self, session: Session, ending: Ending) -> None:
        run = self._run
        if ending.discarded:
            runs.discard(session, run.run_id)
            return
        counts = {
            **ending.counts,
            "rows": run.plan.rows + len(run.plan.new_rows),
            "repaired": run.repaired,
            "requests": asdict(run.table.requests),
        }
        runs.finish(
            session,
            run.run_id,
            RunState(ending.state),
            run.rt.clock.now(),
            message=ending.message,
            counts=counts,
            receipt=ending.receipt.as_json(),
        )

    def _note_table(self, session: Session, *, agreed: bool) -> None:
        """What the table is known to show now: from it the next run tells whether it has to read at all.

        What somebody decided about the table while the run was at work stays, and is due at once.
        """
        run, facts = self._run, self._run.facts
        version = run.after.version if run.after else run.plan.version
        table = tables.by_id(session, facts.table.id)
        same = all(getattr(table, name) == getattr(facts.table, name) for name in _SETTINGS)
        bases.save_positions(session, table.id, self._positions())
        if table.location == facts.table.location:
            table.identity = dict(run.situation.snapshot.identity)
        if table.mapping_id != facts.table.mapping_id:
            table.approved_revision = 0  # none of the mapping it has now
        elif table.approved_revision == facts.table.approved_revision:  # else another revision was released
            table.approved_revision = facts.revision.number
        table.seen_version = version if agreed and same and is_complete(run) else None
        table.seen_revision, table.read_at = run.revision, self._read_at
        if not same:
            table.next_due_at = None
        if agreed:
            table.release, table.last_agreed_at = None, run.rt.clock.now()

    def _counts(self, *, written: bool) -> dict[str, int]:
        run, items = self._run, self._agenda
        counts = counts_of(run.plan, run.verdict.missing)
        if not written:
            counts = {**counts_of(run.plan), "cells_written": 0, "rows_added": 0}
        counts |= {"questions_opened": items.opened, "questions_closed": items.closed}
        return {name: count + self._tally[name] for name, count in counts.items()}

    def _was_empty(self) -> bool:
        """Whether this run found nothing to do, such as one for a change that concerned a sister table.

        The first one, one that a person released and an undo are worth an entry of their own.
        """
        run, table = self._run, self._run.facts.table
        if run.undoes is not None or table.last_agreed_at is None or table.release:
            return False
        return not (run.patch or run.recovered or self._agenda.done) and self._changed_nothing()

    def _changed_nothing(self) -> bool:
        """Whether records, history and questions are as before the run."""
        run, items = self._run, self._agenda
        return not (run.history or run.plan.new_records or items.new or items.changed or items.obsolete or self._tally)

    def _again(self, error: TableError) -> bool:
        """Whether this run only met the same closed door as the one before; then it is no run of its own."""
        run = self._run
        in_vain = not run.written or (run.ignored and not run.repaired and not run.verdict.confirmed)
        return in_vain and run.facts.table.message == sentence(error) and self._changed_nothing()

    def _positions(self) -> dict[str, int]:
        """Where every reference stands now. While a row waits for its owner all places stay as they were remembered:

        they are witnesses, and the next run has to see the same ones.
        """
        run = self._run
        if any(point.candidates for point in run.plan.points):
            return dict(run.situation.base.positions)
        if run.sheet is None:
            return dict(run.plan.seen)
        return {ref: row.number for ref in run.sheet.rows if (row := run.sheet.one(ref)) is not None}

    def _receipt(self, *, written: bool) -> Receipt:
        run, items = self._run, self._agenda
        if not run.plan.fields:  # an undo that found no header: nothing was looked at
            return Receipt()
        accountant = Accountant(run.situation, run.plan)
        after = accountant.cells_before()
        if written and run.patch:
            after = accountant.cells_of(run.sheet) if run.sheet is not None else accountant.planned()
        closed = {*items.obsolete, *items.done}
        asked = [question for question in run.facts.open if question.id not in closed]
        records: dict[str, Record] = {**run.situation.records, **run.records}
        history = planned_history(run) if run.written else run.history
        return accountant.receipt(after, records, history, [*asked, *items.new, *items.changed.values()])
