"""Questions as people see them, and what each answer does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from syncsvc.core import questions as wording
from syncsvc.core.cells import decode
from syncsvc.core.fields import Context, Field, field_for
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import OVERRULED, Covered, Formula, Json, Overruled, Record, RecordState, RowState, Side
from syncsvc.core.questions import Asked, Choice
from syncsvc.errors import InvalidAnswer
from syncsvc.services.attempts import bring_forward
from syncsvc.services.coaching import flags
from syncsvc.services.leases import leased
from syncsvc.services.ledger import Ledger
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts, load_facts, table_context
from syncsvc.store import bases, changes, intents, projects, questions, records, tables
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import QuestionState, Table
from syncsvc.store.questions import Question

STATUS_FIELD, ENDED_STATUS = "status", "ended"
LEASE_WAIT = 10.0
NEXT_RUN = "Der nächste Abgleich schreibt es in die Tabelle."


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with its German text and its choices. ``sheet``, ``record``, ``base`` are values in normal form.

    ``hidden``: what the cell holds must not be repeated anywhere, so ``sheet`` is None.
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
        message = _Answer(session, facts, question, actor, now).carry_out(choice)
        if question.ref is not None:
            flags.follow(session, facts.project.id, [question.ref], today=rt.today(), now=now)
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
        raw = decode(document["raw"]) if "raw" in document else None

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
            fixed=isinstance(raw, Formula | Covered),
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
        )

    def _table(self, table_id: int | None) -> tuple[str, Mapping[str, Field], Mapping[str, str], Context]:
        if table_id is None:
            return "", {}, {}, Context(today=self._rt.today())
        if table_id not in self._tables:
            facts = load_facts(self._session, tables.by_id(self._session, table_id).key)
            context = table_context(self._rt, self._session, facts.project, facts.organisation)
            self._tables[table_id] = (facts.table.key, _fields(facts.mapping), _headers(facts.mapping), context)
        return self._tables[table_id]


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


class _Answer:
    """Carries out one answer: moves the record, or lets the next run see what it may overwrite."""

    def __init__(self, session: Session, facts: Facts, question: Question, actor: str, now: datetime) -> None:
        self.session, self.facts, self.question, self.actor, self.now = session, facts, question, actor, now
        self.document: dict[str, Any] = dict(question.document)
        self.column = facts.mapping.column(question.field or "")

    def carry_out(self, choice: str) -> str:
        if self.question.field is not None and self.question.ref is not None:
            self._check_record()
        kind: dict[str, Callable[[str], str]] = {
            "conflict": self._conflict,
            "proposal": self._proposal,
            "unreadable": self._unreadable,
            "deletion": self._deletion,
            "doubled_row": self._doubled,
            "column": self._column,
            "held": self._held,
        }
        return kind[self.question.kind](choice)

    @property
    def ref(self) -> str:
        assert self.question.ref is not None
        return self.question.ref

    @property
    def field(self) -> str:
        assert self.question.field is not None
        return self.question.field

    def _check_record(self) -> None:
        """Refuse to decide about a value that the question does not show. Raises ``InvalidAnswer``.

        A kept proposal names one value only, and stands whatever the record says.
        """
        if self.column is None:
            raise InvalidAnswer("Die Spalte dieser Klärung wird nicht mehr abgeglichen.")
        if self.question.code == "proposal_kept":
            return
        key, value = field_for(self.column).key, records.get(self.session, self.ref).values.get(self.field)
        if key(value) != key(self.document.get("record")):
            raise InvalidAnswer(
                "Der Datensatz hat sich geändert, seit die Klärung gestellt wurde.",
                hint="Der nächste Abgleich stellt sie mit dem neuen Wert.",
            )

    def _conflict(self, choice: str) -> str:
        self._settle_intents()
        return self._take_sheet() if choice == wording.SHEET else self._overrule()

    def _settle_intents(self) -> None:
        """A person decides what an interrupted write left open; what it may have replaced goes into the history."""
        table = self.facts.table
        replaced = [
            Change(
                self.now, self.ref, self.field, Where.TABLE, table.key, "", intent.document["old"],
                self.document["raw"], None, table.id,
            )
            for intent in self.facts.intents
            if (intent.ref, intent.field) == (self.ref, self.field)
            and intent.document["old"] not in (None, self.document["raw"])
        ]  # fmt: skip
        changes.append(self.session, replaced)
        intents.drop_cells(self.session, table.id, [(self.ref, self.field)])

    def _proposal(self, choice: str) -> str:
        code = self.question.code
        if code == "proposal_kept":
            return self._take_kept() if choice == wording.ACCEPT else "Es bleibt, wie es ist."
        if code == "proposal_record":
            return self._overrule() if choice == wording.ACCEPT else self._take_sheet()
        return self._take_sheet() if choice == wording.ACCEPT else self._overrule()

    def _unreadable(self, choice: str) -> str:
        if choice == wording.RECORD:
            return self._overrule()
        self._set_record(self.document["proposal"])
        self._move_base(self.document["proposal"])
        return "Übernommen; die Zelle bleibt, wie sie geschrieben ist."

    def _take_sheet(self) -> str:
        """The record takes the sheet's value; both sides agree at once."""
        self._set_record(self.document["sheet"])
        self._move_base(self.document["sheet"])
        return "Der Datensatz hat den Wert der Tabelle übernommen."

    def _take_kept(self) -> str:
        self._set_record(self.document["proposal"])
        return "Übernommen. " + NEXT_RUN

    def _overrule(self) -> str:
        """The next run may write over the cell as it stood when the question was asked."""
        self._move_base(OVERRULED)
        return "Gemerkt. " + NEXT_RUN

    def _move_base(self, agreed: Json | Overruled) -> None:
        fields = self.facts.fields
        ledger = Ledger(bases.load(self.session, self.facts.table.id, fields, self.ref), ())
        ledger.move(self.ref, self.field, decode(self.document["raw"]), agreed)
        bases.save(self.session, self.facts.table.id, fields, ledger.take()[0])

    def _set_record(self, value: Json) -> None:
        """Set the field, counted as the column owner's edit, because the answer decides for the owner."""
        assert self.column is not None
        self._save_record(self.field, value, by=Side.JOBCENTRE if self.column.owner is Side.JOBCENTRE else None)

    def _save_record(self, name: str, value: Json, by: Side | None = None) -> None:
        record = records.get(self.session, self.ref)
        values = {key: known for key, known in record.values.items() if key != name}
        if value is not None:
            values[name] = value
        sides = {key: side for key, side in record.by.items() if key != name}
        if by is not None:
            sides[name] = by
        self._store(replace(record, values=values, by=sides))
        entry = Change(
            self.now, self.ref, name, Where.RECORD, "answer", self.actor, record.values.get(name), value, None,
            self.facts.table.id,
        )  # fmt: skip
        changes.append(self.session, [entry])

    def _store(self, record: Record) -> None:
        records.save(self.session, self.facts.project.id, [record], self.now)

    def _deletion(self, choice: str) -> str:
        if choice == wording.MISTAKE:
            self._store(replace(records.get(self.session, self.ref), state=RecordState.VOID))
            bases.forget(self.session, self.facts.table.id, [self.ref])
            return "Der Datensatz ist stillgelegt; seine Geschichte bleibt."
        if choice == wording.ENDED:
            self._save_record(STATUS_FIELD, ENDED_STATUS)
        self._set_row_state(RowState.RESTORE if choice == wording.RESTORE else RowState.ENDED)
        return NEXT_RUN if choice == wording.RESTORE else "Die Teilnahme ist beendet; die Zeile bleibt weg."

    def _set_row_state(self, state: RowState) -> None:
        fields = self.facts.fields
        ledger = Ledger(bases.load(self.session, self.facts.table.id, fields, self.ref), ())
        ledger.state(self.ref, state)
        bases.save(self.session, self.facts.table.id, fields, ledger.take()[0])

    def _doubled(self, choice: str) -> str:
        if choice == wording.SAME:
            self._store(replace(records.get(self.session, self.ref), state=RecordState.VOID))
            return f"{self.ref} ist stillgelegt. Die kopierte Zeile kann in der Tabelle gelöscht werden."
        return "Beide Zeilen bleiben."

    def _column(self, _choice: str) -> str:
        table, header = self.facts.table, self.document["proposal"]
        binding = {**table.binding, self.field: {"header": header, "column": 0}}
        self.session.execute(update(Table).where(Table.id == table.id).values(binding=binding))
        return f"Die Spalte heißt jetzt „{header}“ und wird wieder abgeglichen."

    def _held(self, _choice: str) -> str:
        return approve(self.session, self.facts, self.question)


def approve(session: Session, facts: Facts, held: Question) -> str:
    """Let the next run pass the guards that stopped this table, as far as they went and no further."""
    holds: list[dict[str, Any]] = held.document["holds"]  # type: ignore[assignment]  # written by services/points.py
    codes = {hold["code"] for hold in holds}
    values: dict[str, Any] = {
        "release": {"approved": {hold["code"]: hold["extent"] for hold in holds}, "rebuild": "table_empty" in codes},
        "next_due_at": None,
    }
    if "mapping_changed" in codes:
        # The revision that was asked about, not one that came since.
        values["approved_revision"] = next(int(hold["extent"]) for hold in holds if hold["code"] == "mapping_changed")
    session.execute(update(Table).where(Table.id == facts.table.id).values(**values))
    return "Freigegeben. Der nächste Abgleich läuft durch."
