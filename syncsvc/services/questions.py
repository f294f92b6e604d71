"""Questions as people see them, and what each answer does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core import questions as wording
from syncsvc.core.asked import Asked, Choice
from syncsvc.core.cells import decode
from syncsvc.core.contact_questions import people_of
from syncsvc.core.fields import Context, Field, field_for
from syncsvc.core.fields.people import People
from syncsvc.core.fields.registry import CATALOGUE, STAFF
from syncsvc.core.mapping import REFERENCE_FIELD, Column
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Covered, Formula, Json
from syncsvc.core.schema import mapping_from
from syncsvc.errors import ConfigurationError, InvalidAnswer, SyncsvcError
from syncsvc.services.answers import NEXT_RUN, Answer
from syncsvc.services.attempts import bring_forward
from syncsvc.services.coaching import flags
from syncsvc.services.contacts.answers import ContactAnswer
from syncsvc.services.leases import Lease, leased
from syncsvc.services.reversal import Standing, put_back, reason_against
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import load_facts
from syncsvc.store import audit, contacts, mappings, organisations, projects, questions, tables
from syncsvc.store.models import QuestionState
from syncsvc.store.questions import AskedCell, Question

LEASE_WAIT = 10.0
SECOND_THOUGHTS = timedelta(seconds=20)
"""How long a table waits after an answer before a run carries it on: until then it is taken back without a trace left
in the table."""

_WHOSE = ("identity", "doubled_row")
"""Kinds whose candidates are participants."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of several questions: ``done``, and ``refused`` with the reason of each. ``message``: what happens
    now, in one German sentence; empty if nothing was done."""

    done: tuple[int, ...]
    refused: tuple[tuple[int, str], ...]
    message: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with its German text and its choices. ``sheet``, ``record``, ``base`` are values in normal form.

    ``hidden``: what the cell holds must not be repeated anywhere, so ``sheet`` is None. ``rows``: all rows of a
    question about contacts ({ref, row, sheet, record, base}), which one answer settles; ``ref`` and ``row`` are the
    first's. ``opened_by``: the run that asked. ``lasting``: why its answer cannot be taken back; empty where it may.
    ``refs``: the participants it says something about.
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
    answered: datetime | None = None
    answered_by: str | None = None
    opened_by: int | None = None
    lasting: str = ""
    refs: tuple[str, ...] = ()

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
        reader = Reader(rt, session, found)
        return [reader.view(question) for question in found]


def page_of_tables(
    rt: Runtime, *, table: str | None, state: str | None, limit: int, before: int | None
) -> list[QuestionView]:
    """Questions of one table or of all, as ``list_questions`` has them; none that concerns another project too.

    ``before`` is the number of the last one already shown. Raises ``NotFound`` for an unknown table.
    """
    with rt.database.read() as session:
        table_id = tables.get(session, table).id if table else None
        wanted = QuestionState(state) if state else None
        found = questions.latest(session, state=wanted, table_id=table_id, limit=limit, before=before, of_tables=True)
        reader = Reader(rt, session, found)
        return [reader.view(question) for question in found]


def get_question(rt: Runtime, question_id: int) -> QuestionView:
    """One question. Raises ``NotFound``."""
    with rt.database.read() as session:
        return Reader(rt, session).view(questions.get(session, question_id))


def answer_question(rt: Runtime, question_id: int, choice: str, *, actor: str) -> str:
    """Answer a question; returns what happens now, in one German sentence.

    The table is synced ``SECOND_THOUGHTS`` after the last answer, or after its quiet hours, so that the people in it
    see the answer soon.
    Raises ``NotFound``, ``InvalidAnswer`` for a choice the question does not offer, a question that is not open any
    more or a record that moved since it was asked, ``TableBusy`` while a run holds the table.
    """
    with rt.database.read() as session:
        question = questions.get(session, question_id)
        table_id = question.table_id
        if table_id is None:
            _check(Reader(rt, session).view(question), choice)
    if table_id is None:
        assert question.kind == flags.KIND, "every other question belongs to a table"
        return flags.decide_by_question(rt, question_id, choice, actor=actor)
    with leased(rt, table_id, wait=LEASE_WAIT) as lease:
        return _answer(rt, lease, table_id, question_id, choice, actor, rt.clock.now())


def answer_together(rt: Runtime, ids: Sequence[int], choice: str, *, actor: str) -> Handled:
    """Give these questions the same answer, each with its own checks; says what became of each of them.

    They have to be what the inbox shows as one group: of one table, kind, code, field and topic. Each is answered in a
    transaction of its own; what cannot be answered any more stays as it is. Raises as ``answer_question`` does before
    the first of them is answered, and ``InvalidAnswer`` for questions that do not belong together.
    """
    table_id = _same_matter(rt, ids)
    now = rt.clock.now()  # one moment for all of them: by it they are found again to be taken back together
    with leased(rt, table_id, wait=LEASE_WAIT) as lease:
        return _each(ids, lambda number: _answer(rt, lease, table_id, number, choice, actor, now))


def take_back(rt: Runtime, question_id: int, *, actor: str) -> str:
    """Take an answer back: the question is open again and all stands as before; returns what happens now.

    What the answer changed is changed back by new entries of the history. Raises ``NotFound``, ``InvalidAnswer`` that
    says why where something moved since or nothing can take it back, ``TableBusy`` while a run holds the table.
    """
    with rt.database.read() as session:
        question = questions.get(session, question_id)
    if question.table_id is None:
        return flags.take_back(rt, question_id, actor=actor)
    with leased(rt, question.table_id, wait=LEASE_WAIT) as lease:
        return _take_back(rt, lease, question.table_id, question_id, actor)


def take_back_together(rt: Runtime, question_id: int, *, actor: str) -> Handled:
    """Take back all answers that were given in one go with this question's, as far as that is possible.

    Raises as ``take_back`` does before the first of them is taken back.
    """
    with rt.database.read() as session:
        question = questions.get(session, question_id)
        ids = questions.together(session, question)
    if question.table_id is None or ids in ([], [question_id]):
        return Handled((question_id,), (), take_back(rt, question_id, actor=actor))
    table_id = question.table_id
    with leased(rt, table_id, wait=LEASE_WAIT) as lease:
        return _each(ids, lambda number: _take_back(rt, lease, table_id, number, actor))


def _same_matter(rt: Runtime, ids: Sequence[int]) -> int:
    with rt.database.read() as session:
        found = questions.some(session, ids)
    matters = {(one.table_id, one.kind, one.code, one.field, one.topic) for one in found}
    first = found[0] if found else None
    if first is None or first.table_id is None or len(matters) > 1 or (len(found) > 1 and first.topic is None):
        raise InvalidAnswer("Diese Klärungen lassen sich nicht zusammen beantworten.", hint="Bitte einzeln antworten.")
    return first.table_id


def _each(ids: Sequence[int], act: Callable[[int], str]) -> Handled:
    done: list[int] = []
    refused: list[tuple[int, str]] = []
    told = ""
    for number in dict.fromkeys(ids):
        try:
            told = act(number)
            done.append(number)
        except SyncsvcError as error:  # also a lost lease: then the others are refused for the same reason
            refused.append((number, error.message))
    return Handled(tuple(done), tuple(refused), told)


def _answer(rt: Runtime, lease: Lease, table_id: int, question_id: int, choice: str, actor: str, now: datetime) -> str:
    with lease.write() as session:
        table = tables.by_id(session, table_id)
        facts = load_facts(session, table.key)
        question = questions.get(session, question_id)  # a run may just have closed it
        _check(Reader(rt, session).view(question), choice)
        questions.answer(session, question_id, choice, by=actor, now=now)
        bring_forward(table, now, wait=SECOND_THOUGHTS)
        projects.bump(session, facts.project.id)
        if question.document.get("fingerprint") and question.ref is None:
            return "Gemerkt. " + NEXT_RUN
        kind = ContactAnswer if question.kind in ("contact", "handover") else Answer
        answer = kind(rt, session, facts, question, actor)
        standing = Standing(session, facts, answer.refs)
        message = answer.carry_out(choice)
        questions.remember(session, question_id, standing.replaced(answer))
        questions.close(session, [question_id], run_id=None, now=now)
        return message


def _take_back(rt: Runtime, lease: Lease, table_id: int, question_id: int, actor: str) -> str:
    with lease.write() as session:
        table, now = tables.by_id(session, table_id), rt.clock.now()
        question = questions.get(session, question_id)
        if reason := reason_against(question):
            raise InvalidAnswer(reason)
        questions.reopen(session, question_id)
        facts = load_facts(session, table.key)
        if question.closed_at is not None:
            put_back(session, facts, question, actor=actor, now=now)
        audit.note(
            session, "question.reopened", str(question_id), actor=actor, now=now, project_id=facts.project.id,
            details={"table": table.key, "kind": question.kind, "answered_by": question.answered_by},
        )  # fmt: skip
        bring_forward(table, now)
        projects.bump(session, facts.project.id)
    return "Zurückgenommen: Die Klärung ist wieder offen, und alles steht wie zuvor."


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


class Reader:
    """Turns stored questions into views; loads each table and mapping once.

    ``asked``: the questions to come, if they are known: what they need is loaded at once, and the directory only if one
    of them names somebody.
    """

    def __init__(self, rt: Runtime, session: Session, asked: Sequence[Question] | None = None) -> None:
        self._rt, self._session = rt, session
        self._with_people = asked is None or contacts.any_of(session, {word for one in asked for word in _words(one)})
        self._held = () if asked is None else tables.with_owners(session, {one.table_id for one in asked})
        self._layouts: dict[int | None, Layout] = {None: Layout(None, "", 0, (), {}, Context(today=rt.today()))}
        self._mappings: dict[int, TableMapping] = {}

    def view(self, question: Question, asked: Asked | None = None) -> QuestionView:
        """The question with its text and its answers; ``asked`` is what ``asked`` made of it, if that is there."""
        layout, document = self.layout(question.table_id), question.document
        asked = asked or self.asked(question)
        return QuestionView(
            id=question.id,
            kind=question.kind,
            code=question.code,
            table=layout.key or None,
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
            answered=question.answered_at,
            answered_by=question.answered_by,
            opened_by=question.opened_by,
            lasting=reason_against(question),
            refs=_refs(question, asked),
        )

    def asked(self, question: Question) -> Asked:
        """What is known about the question, its values made readable."""
        layout = self.layout(question.table_id)
        document: dict[str, Any] = dict(question.document)
        raws = [decode(cell.document["raw"]) for cell in question.cells if "raw" in cell.document]

        def show(part: str) -> str:
            return layout.show(question.field, document.get(part))

        return Asked(
            kind=question.kind,
            code=question.code,
            ref=question.ref or "",
            row=question.row,
            header=layout.headers.get(question.field or "", document.get("header") or ""),
            sheet=show("sheet"),
            record=show("record"),
            base=show("base"),
            proposal=show("proposal"),
            has_proposal=document.get("proposal") is not None,
            candidates=tuple(document.get("candidates", ())),
            text=document.get("text") or document.get("detail") or "",
            hidden=question.field is not None and "raw" not in document,
            fixed=any(isinstance(cell, Formula | Covered) for cell in raws),
            refs=tuple(cell.ref for cell in question.cells),
            meaning=document.get("meaning"),
            number=layout.headers.get(REFERENCE_FIELD, CATALOGUE[REFERENCE_FIELD].label),
            staff=bool(layout.headers.keys() & STAFF.keys()),
            names={key: self._people.name(key) for key in people_of(document.get("meaning"))},
        )

    def layout(self, table_id: int | None) -> Layout:
        """How the values of a table's columns are read."""
        if table_id not in self._layouts:
            assert table_id is not None
            table = tables.by_id(self._session, table_id)
            project = projects.by_id(self._session, table.project_id)
            mapping = self._mapping(table.mapping_id)
            context = replace(
                self._context,
                prefix=project.prefix,
                organisation=organisations.key_of(self._session, table.jobcentre_id),
                project_organisation=organisations.key_of(self._session, project.organisation_id),
            )
            fields = {column.field: (column, field_for(column)) for column in mapping.columns}
            self._layouts[table_id] = Layout(table.id, table.key, project.id, tuple(table.edited_by), fields, context)
        return self._layouts[table_id]

    def _mapping(self, mapping_id: int) -> TableMapping:
        if mapping_id not in self._mappings:
            self._mappings[mapping_id] = mapping_of(self._session, mapping_id)
        return self._mappings[mapping_id]

    @cached_property
    def _context(self) -> Context:
        return Context(
            today=self._rt.today(),
            organisations=organisations.directory(self._session),
            contacts=contacts.directory(self._session) if self._with_people else (),
            vocabularies=self._rt.vocabularies,
        )

    @cached_property
    def _people(self) -> People:
        return People(self._context.contacts)


@dataclass(frozen=True)
class Layout:
    """A table's columns by field, as questions about them need them."""

    table_id: int | None
    key: str
    project_id: int
    edited_by: tuple[str, ...]
    fields: Mapping[str, tuple[Column, Field]]
    context: Context

    @cached_property
    def headers(self) -> dict[str, str]:
        return {name: column.header for name, (column, _) in self.fields.items()}

    def show(self, name: str | None, value: Json) -> str:
        """The value as people read it; an unreadable text that was never a value stays as it is, ``""`` is a blank."""
        if value is None:
            return ""
        if (name or "") not in self.fields:
            return str(value)
        field = self.fields[name or ""][1]
        try:
            readable = field.display(value, self.context)
        except (TypeError, ValueError, KeyError, AttributeError):
            readable = ""
        return readable or str(value)


def mapping_of(session: Session, mapping_id: int) -> TableMapping:
    """The mapping as it is now. Raises ``ConfigurationError`` if it no longer reads."""
    revision = mappings.current(session, mapping_id)
    mapping = mapping_from(revision.body)
    if not isinstance(mapping, TableMapping):
        raise ConfigurationError(f"Die Zuordnung ist nicht gültig: {mapping[0].message}")
    return mapping


def _words(question: Question) -> Iterator[str]:
    """Every text in what the question holds: the keys of people are among them."""
    waiting: list[Any] = [question.document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping | list):
            waiting += part.values() if isinstance(part, Mapping) else part


def _refs(question: Question, asked: Asked) -> tuple[str, ...]:
    candidates = asked.candidates if question.kind in _WHOSE else ()
    return tuple(sorted({*asked.refs, *candidates, *([question.ref] if question.ref else [])}))


def _row(cell: AskedCell) -> dict[str, Json]:
    said = {part: cell.document.get(part) for part in ("sheet", "record", "base")}
    return {"ref": cell.ref, "row": cell.row, **said}
