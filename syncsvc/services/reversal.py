"""Take an answer back: what it replaced stands again, as new entries of the history, unless something moved since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from syncsvc.core.asked import ACCEPT, DECLINE, PLANNED
from syncsvc.core.model import Record, RecordState, Side
from syncsvc.errors import InvalidAnswer
from syncsvc.services import consequences
from syncsvc.services.answers import SOURCE, Answer
from syncsvc.services.contacts.events import Origin
from syncsvc.services.situations import Facts
from syncsvc.store import bases, changes, records, responsibilities
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import QuestionState, Table
from syncsvc.store.questions import Question

MOVED = "Seit der Antwort hat sich etwas geändert."


class Standing:
    """What an answer may replace, as it stands before it: records, rows of the base, places of columns.

    ``replaced`` compares it with what stands afterwards.
    """

    def __init__(self, session: Session, facts: Facts, refs: Sequence[str]) -> None:
        self._session, self._facts, self._refs = session, facts, refs
        self._before = self._look()

    def replaced(self, answer: Answer) -> dict[str, Any]:
        """What the carried out answer changed, before and after by place, as JSON (``questions.remember``)."""
        if answer.lasting:
            return {"lasting": answer.lasting}
        before, after = self._before, self._look()
        return {part: _difference(before[part], after[part]) for part in before}

    def _look(self) -> dict[str, dict[str, Any]]:
        session, facts = self._session, self._facts
        session.refresh(facts.table, ["binding"])
        return {
            "records": {
                ref: {
                    "values": dict(record.values),
                    "by": {name: str(side) for name, side in record.by.items()},
                    "state": str(record.state),
                }
                for ref, record in records.some(session, self._refs).items()
            },
            "rows": bases.contents(session, facts.table.id, self._refs),
            "binding": {"": dict(facts.table.binding)},
        }


def reason_against(question: Question) -> str:
    """Why this answer cannot be taken back whatever happened since, in one German sentence; empty where it can."""
    if question.state is QuestionState.OPEN:
        return "Diese Klärung ist schon wieder offen."
    if question.state is not QuestionState.ANSWERED:
        return "Diese Klärung hat niemand beantwortet; sie hat sich erledigt."
    if question.kind == "held":
        return "Eine Freigabe lässt sich nicht zurücknehmen, der Abgleich danach schon: auf seiner Seite."
    if question.closed_by is not None:
        return "Der Abgleich hat die Antwort schon ausgeführt."
    if question.closed_at is None or question.table_id is None:  # no run has looked at it yet; a double coaching
        return ""
    if question.replaced is None:
        return "Was die Antwort ersetzt hat, ist nicht mehr bekannt."
    return str(question.replaced.get("lasting", ""))


def put_back(session: Session, facts: Facts, question: Question, *, actor: str, now: datetime) -> None:
    """Let everything stand again as it did before this answer, in the caller's transaction, under the table's lease.

    Raises ``InvalidAnswer`` if any of it is not as the answer left it.
    """
    replaced: Mapping[str, Any] = question.replaced or {}
    _put_back_records(session, facts, question, replaced.get("records", {}), actor, now)
    _put_back_rows(session, facts, replaced.get("rows", {}))
    for change in replaced.get("binding", {}).values():
        binding = _restored(dict(facts.table.binding), change)
        session.execute(update(Table).where(Table.id == facts.table.id).values(binding=binding))
    if question.choice == PLANNED:
        _forget_plans(session, question)


def _put_back_rows(session: Session, facts: Facts, changed: Mapping[str, Any]) -> None:
    now = bases.contents(session, facts.table.id, sorted(changed))
    restored = {ref: _restored(now.get(ref), change) for ref, change in changed.items()}
    bases.put_contents(session, facts.table.id, {ref: row for ref, row in restored.items() if row is not None})
    bases.forget(session, facts.table.id, [ref for ref, row in restored.items() if row is None])


def _put_back_records(
    session: Session, facts: Facts, question: Question, changed: Mapping[str, Any], actor: str, now: datetime
) -> None:
    column = question.field or ""
    refs = sorted({*changed, *(cell.ref for cell in question.cells)})
    before = records.some(session, refs)
    after = {ref: _record(before.get(ref), change) for ref, change in changed.items()}
    entries = [
        Change(
            now, ref, name, Where.RECORD, SOURCE, actor, before[ref].values.get(name), record.values.get(name), None,
            facts.table.id,
        )
        for ref, record in after.items()
        for name in sorted({*before[ref].values, *record.values})
        if before[ref].values.get(name) != record.values.get(name)
    ]  # fmt: skip
    records.save(session, facts.project.id, after.values(), now)
    changes.append(session, entries)
    stood = {**before, **after}
    if question.code == "proposal_record" and question.choice in (ACCEPT, DECLINE):
        # As long as a proposal is open, the table's value is in force, whatever the record says.
        shown = {cell.ref: cell.document.get("sheet") for cell in question.cells}
        stood = {ref: replace(one, values={**one.values, column: shown.get(ref)}) for ref, one in stood.items()}
    elif not after:
        return
    origin = Origin(SOURCE, actor, table_id=facts.table.id, undoes=question.answered_at)
    consequences.draw(session, facts.project.id, before, stood.values(), origin, now=now)


def _forget_plans(session: Session, question: Question) -> None:
    places = {(cell.ref, question.field or "") for cell in question.cells}
    noted = responsibilities.planned_of(session, sorted({ref for ref, _ in places}))
    if not places <= {(row.ref, row.role) for row in noted}:
        raise InvalidAnswer(MOVED)
    responsibilities.forget_plans(session, places)


def _record(now: Record | None, change: Sequence[Any]) -> Record:
    if now is None:
        raise InvalidAnswer(MOVED)
    known = {"values": dict(now.values), "by": {name: str(side) for name, side in now.by.items()}, "state": now.state}
    back = _restored(known, change)
    assert back is not None, "no answer makes a record"
    by = {name: Side(side) for name, side in back["by"].items()}
    return Record(now.ref, back["values"], by, RecordState(back["state"]))


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What differs, by key: ``[before, after]``, each cut down to the parts that differ; None: it was not there."""
    found: dict[str, Any] = {}
    for key in before.keys() | after.keys():
        was, now = before.get(key), after.get(key)
        if was != now:
            found[key] = [was, now] if was is None or now is None else [_cut(was, now), _cut(now, was)]
    return found


def _cut(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What of the one differs from the other, part by part; None: it has no such part."""
    parts: dict[str, Any] = {}
    for name in _names(one, other):
        mine, theirs = one.get(name), other.get(name)
        if isinstance(mine, dict) and isinstance(theirs, dict):
            inner = _names(mine, theirs)
            mine = {part: mine.get(part) for part in inner if mine.get(part) != theirs.get(part)}
            theirs = {part: theirs.get(part) for part in mine}
        if mine != theirs:
            parts[name] = mine
    return parts


def _names(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return sorted({*one, *other} - {"older"})  # a memory of earlier rows that only grows


def _restored(now: dict[str, Any] | None, change: Sequence[Any]) -> dict[str, Any] | None:
    """What stood before the change. Raises ``InvalidAnswer`` where not all of it is as the change left it."""
    before, after = change
    if before is None or after is None:
        same = (now is None) == (after is None) and (now is None or _cut(now, after) == {})
        if not same:
            raise InvalidAnswer(MOVED)
        return None if before is None else dict(before)
    if now is None:
        raise InvalidAnswer(MOVED)
    back = dict(now)
    for name, left in after.items():
        was = before[name]
        if isinstance(left, dict) and isinstance(was, dict) and isinstance(now.get(name), dict):
            if any(now[name].get(inner) != value for inner, value in left.items()):
                raise InvalidAnswer(MOVED)
            merged = {**now[name], **was}
            back[name] = {inner: value for inner, value in merged.items() if value is not None}
        elif now.get(name) != left:
            raise InvalidAnswer(MOVED)
        else:
            back[name] = was
    return {name: value for name, value in back.items() if value is not None}
