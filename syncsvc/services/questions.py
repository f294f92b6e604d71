"""Questions as people see them, and what each answer does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core import questions as wording
from syncsvc.core.asked import Asked, Choice
from syncsvc.core.cells import decode
from syncsvc.core.contact_questions import people_of
from syncsvc.core.fields import Context, Field, field_for
from syncsvc.core.fields.people import People
from syncsvc.core.fields.registry import CATALOGUE, STAFF
from syncsvc.core.mapping import REFERENCE_FIELD
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Covered, Formula, Json
from syncsvc.errors import InvalidAnswer
from syncsvc.services.answers import NEXT_RUN, Answer
from syncsvc.services.attempts import bring_forward
from syncsvc.services.coaching import flags
from syncsvc.services.contacts.answers import ContactAnswer
from syncsvc.services.leases import leased
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import load_facts, table_context
from syncsvc.store import projects, questions, tables
from syncsvc.store.models import QuestionState
from syncsvc.store.questions import AskedCell, Question

LEASE_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with its German text and its choices. ``sheet``, ``record``, ``base`` are values in normal form.

    ``hidden``: what the cell holds must not be repeated anywhere, so ``sheet`` is None. ``rows``: all rows of a
    question about contacts ({ref, row, sheet, record, base}), which one answer settles; ``ref`` and ``row`` are the
    first's.
    """

    id: int
    kind: str
    code: str
    table: str | None
    ref: str | None
    row: int | None
    field: str | None
    header: str
    sheet: Json
    record: Json
    base: Json
    proposal: Json
    choices: tuple[Choice, ...]
    text: str
    opened: datetime
    state: str
    choice: str | None
    closed: datetime | None
    hidden: bool
    rows: tuple[Mapping[str, Json], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "code": self.code,
            "table": self.table,
            "ref": self.ref,
            "row": self.row,
            "field": self.field,
            "sheet": self.sheet,
            "record": self.record,
            "base": self.base,
            "proposal": self.proposal,
            "choices": [{"key": choice.key, "text": choice.text} for choice in self.choices],
            "text": self.text,
            "opened": self.opened.isoformat(),
            "state": self.state,
            "choice": self.choice,
            "rows": [dict(row) for row in self.rows],
        }


def list_questions(
    rt: Runtime, *, table: str | None = None, state: str | None = "open", limit: int | None = None
) -> list[QuestionView]:
    """Questions, newest first; of one table or of all. ``state`` is open, answered, obsolete, or None for all.

    Raises ``NotFound`` for an unknown table.
    """
    with rt.database.read() as session:
        table_id = tables.get(session, table).id if table else None
        wanted = QuestionState(state) if state else None
        found = questions.latest(session, state=wanted, table_id=table_id, limit=limit)
        reader = _Reader(rt, session)
        return [reader.view(question) for question in found]


def count_open(rt: Runtime, table: str | None = None) -> int:
    """How many questions are open, of one table or of all. Raises ``NotFound``."""
    with rt.database.read() as session:
        counts = questions.open_counts(session)
        return counts.get(tables.get(session, table).id, 0) if table else sum(counts.values())


def get_question(rt: Runtime, question_id: int) -> QuestionView:
    """One question. Raises ``NotFound``."""
    with rt.database.read() as session:
        return _Reader(rt, session).view(questions.get(session, question_id))


def answer_question(rt: Runtime, question_id: int, choice: str, *, actor: str) -> str:
    """Answer a question; returns what happens now, in one German sentence.

    The table is synced by the next tick, or after its quiet hours, so that the people in it see the answer soon.
    Raises ``NotFound``, ``InvalidAnswer`` for a choice the question does not offer, a question that is not open any
    more or a record that moved since it was asked, ``TableBusy`` while a run holds the table.
    """
    with rt.database.read() as session:
        question = questions.get(session, question_id)
        table = tables.by_id(session, question.table_id) if question.table_id else None
        if question.kind == flags.KIND:
            _check(_Reader(rt, session).view(question), choice)
    if question.kind == flags.KIND:
        return flags.decide_by_question(rt, question_id, choice, actor=actor)
    assert table is not None, "every other question belongs to a table"
    with leased(rt, table.id, wait=LEASE_WAIT) as lease, lease.write() as session:
        facts = load_facts(session, table.key)
        now = rt.clock.now()
        question = questions.get(session, question_id)  # a run may just have closed it
        _check(_Reader(rt, session).view(question), choice)
        questions.answer(session, question_id, choice, by=actor, now=now)
        bring_forward(tables.by_id(session, table.id), now)
        if question.document.get("fingerprint") and question.ref is None:
            projects.bump(session, facts.project.id)
            return "Gemerkt. " + NEXT_RUN
        answer = ContactAnswer if question.kind in ("contact", "handover") else Answer
        message = answer(rt, session, facts, question, actor).carry_out(choice)
        questions.close(session, [question_id], run_id=None, now=now)
        projects.bump(session, facts.project.id)
        return message


def _check(view: QuestionView, choice: str) -> None:
    if view.state != "open":
        raise InvalidAnswer("Diese Klärung ist nicht mehr offen.")
    offered = [item.key for item in view.choices]
    if not offered:
        raise InvalidAnswer(
            "Diese Klärung wird in der Tabelle selbst erledigt.", hint="Sie schließt sich, sobald es dort geändert ist."
        )
    if choice not in offered:
        # Not quoted: whoever pastes a remark here would find it on an error page.
        raise InvalidAnswer(hint=f"Möglich sind: {', '.join(offered)}.")


class _Reader:
    """Turns stored questions into views; loads each table's mapping and each project's directory once."""

    def __init__(self, rt: Runtime, session: Session) -> None:
        self._rt, self._session = rt, session
        self._tables: dict[int, tuple[str, Mapping[str, Field], Mapping[str, str], Context]] = {}

    def view(self, question: Question) -> QuestionView:
        key, fields, headers, context = self._table(question.table_id)
        document: dict[str, Any] = dict(question.document)
        field = fields.get(question.field or "")
        raws = [decode(cell.document["raw"]) for cell in question.cells if "raw" in cell.document]

        people = People(context.contacts)

        def show(value: Json) -> str:
            if value is None:
                return ""
            if field is None or isinstance(value, str):
                readable = _display(field, value, context) if field else ""
                return readable or str(value)
            return _display(field, value, context)

        asked = Asked(
            kind=question.kind,
            code=question.code,
            ref=question.ref or "",
            row=question.row,
            header=headers.get(question.field or "", document.get("header") or ""),
            sheet=show(document.get("sheet")),
            record=show(document.get("record")),
            base=show(document.get("base")),
            proposal=show(document.get("proposal")),
            has_proposal=document.get("proposal") is not None,
            candidates=tuple(document.get("candidates", ())),
            text=document.get("text") or document.get("detail") or "",
            hidden=question.field is not None and "raw" not in document,
            fixed=any(isinstance(cell, Formula | Covered) for cell in raws),
            refs=tuple(cell.ref for cell in question.cells),
            meaning=document.get("meaning"),
            number=headers.get(REFERENCE_FIELD, CATALOGUE[REFERENCE_FIELD].label),
            staff=bool(headers.keys() & STAFF.keys()),
            names={key: people.name(key) for key in people_of(document.get("meaning"))},
        )
        return QuestionView(
            id=question.id,
            kind=question.kind,
            code=question.code,
            table=key or None,
            ref=question.ref,
            row=question.row,
            field=question.field,
            header=asked.header,
            sheet=document.get("sheet"),
            record=document.get("record"),
            base=document.get("base"),
            proposal=document.get("proposal"),
            choices=wording.choices_of(asked),
            text=wording.text_of(asked) if document else wording.THINNED,
            opened=question.opened_at,
            state=question.state.value,
            choice=question.choice,
            closed=question.closed_at,
            hidden=asked.hidden,
            rows=tuple(_row(cell) for cell in question.cells if document.get("rows")),
        )

    def _table(self, table_id: int | None) -> tuple[str, Mapping[str, Field], Mapping[str, str], Context]:
        if table_id is None:
            return "", {}, {}, Context(today=self._rt.today())
        if table_id not in self._tables:
            facts = load_facts(self._session, tables.by_id(self._session, table_id).key)
            context = table_context(self._rt, self._session, facts.project, facts.organisation)
            self._tables[table_id] = (facts.table.key, _fields(facts.mapping), _headers(facts.mapping), context)
        return self._tables[table_id]


def _row(cell: AskedCell) -> dict[str, Json]:
    said = {part: cell.document.get(part) for part in ("sheet", "record", "base")}
    return {"ref": cell.ref, "row": cell.row, **said}


def _fields(mapping: TableMapping) -> dict[str, Field]:
    return {column.field: field_for(column) for column in mapping.columns}


def _headers(mapping: TableMapping) -> dict[str, str]:
    return {column.field: column.header for column in mapping.columns}


def _display(field: Field, value: Json, context: Context) -> str:
    """The value as people read it; an unreadable text that was never a value stays as it is."""
    try:
        return field.display(value, context)
    except (TypeError, ValueError, KeyError, AttributeError):
        return str(value)
