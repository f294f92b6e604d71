"""Carry out an answer: records move, or the next run may write over what it was not allowed to before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from syncsvc.core import asked as keys
from syncsvc.core.cells import decode
from syncsvc.core.fields import field_for
from syncsvc.core.following import DIRECTORY, Following, side_of
from syncsvc.core.mapping import ENDED_STATUS, STATUS_FIELD
from syncsvc.core.model import OVERRULED, Json, Overruled, Record, RecordState, RowState, Side
from syncsvc.core.staff import LEFT_ON
from syncsvc.errors import InvalidAnswer
from syncsvc.services import consequences
from syncsvc.services.columns import house_of
from syncsvc.services.contacts.events import Origin
from syncsvc.services.contacts.stafflist import take
from syncsvc.services.ledger import Ledger
from syncsvc.services.runtime import Runtime
from syncsvc.services.situations import Facts, table_context
from syncsvc.store import bases, changes, intents, records
from syncsvc.store.changes import Change, Where
from syncsvc.store.models import Table
from syncsvc.store.questions import AskedCell, Question

SOURCE = "answer"
NEXT_RUN = "Der nächste Abgleich schreibt es in die Tabelle."
IN_DIRECTORY = "Die Antwort steht im Verzeichnis der Ansprechpersonen; bitte dort ändern."


class Answer:
    """Carries out one answer, in the caller's transaction; ``cell`` is the one of its cells that it is at.

    ``lasting`` says afterwards why it cannot be taken back, in one German sentence; empty: what it replaced tells all.
    """

    lasting = ""

    def __init__(self, rt: Runtime, session: Session, facts: Facts, question: Question, actor: str) -> None:
        self.rt, self.session, self.facts, self.question, self.actor = rt, session, facts, question, actor
        self.now = rt.clock.now()
        self.document: dict[str, Any] = dict(question.document)
        self.column = facts.mapping.column(question.field or "")
        whole_row = AskedCell(question.ref or "", question.row, self.document)
        self.cell = question.cells[0] if question.cells else whole_row
        self._before: dict[str, Record] = {}
        self._after: dict[str, Record] = {}

    def carry_out(self, choice: str) -> str:
        """Do what the choice says; returns what happens now, in one German sentence. Raises ``InvalidAnswer``."""
        for _ in self.each():
            self._check_record()
        said = self.decide(choice)
        self.save()
        return said

    def decide(self, choice: str) -> str:
        """What the choice does; records are saved afterwards."""
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

    def each(self) -> Iterator[None]:
        """Be at each of its cells in turn, and then at the first again."""
        first = self.cell
        for self.cell in self.question.cells:  # noqa: B020  # the loop's variable is the place it is at
            yield
        self.cell = first

    @property
    def origin(self) -> Origin:
        return Origin(SOURCE, self.actor, table_id=self.facts.table.id)

    @property
    def ref(self) -> str:
        return self.cell.ref

    @property
    def refs(self) -> list[str]:
        """All records it may be about."""
        return sorted({cell.ref for cell in self.question.cells or (self.cell,)})

    @property
    def field(self) -> str:
        assert self.question.field is not None
        return self.question.field

    @property
    def shown(self) -> dict[str, Any]:
        """What the question says of the present cell."""
        return dict(self.cell.document)

    def _check_record(self) -> None:
        """Refuse to decide about a value that the question does not show. Raises ``InvalidAnswer``.

        A kept proposal names one value only, and stands whatever the record says.
        """
        if self.column is None:
            raise InvalidAnswer("Die Spalte dieser Klärung wird nicht mehr abgeglichen.")
        if self.question.code == "proposal_kept":
            return
        key, value = field_for(self.column).key, self.record().values.get(self.field)
        if key(value) != key(self.shown.get("record")):
            raise InvalidAnswer(
                "Der Datensatz hat sich geändert, seit die Klärung gestellt wurde.",
                hint="Der nächste Abgleich stellt sie mit dem neuen Wert.",
            )

    def _conflict(self, choice: str) -> str:
        self._settle_intents()
        return self.take_sheet() if choice == keys.SHEET else self.overrule()

    def _settle_intents(self) -> None:
        """A person decides what an interrupted write left open; what it may have replaced goes into the history."""
        table = self.facts.table
        replaced = [
            Change(
                self.now, self.ref, self.field, Where.TABLE, table.key, "", intent.document["old"],
                self.shown["raw"], None, table.id,
            )
            for intent in self.facts.intents
            if (intent.ref, intent.field) == (self.ref, self.field)
            and intent.document["old"] not in (None, self.shown["raw"])
        ]  # fmt: skip
        if any((intent.ref, intent.field) == (self.ref, self.field) for intent in self.facts.intents):
            self.lasting = "Die Antwort hat einen unterbrochenen Abgleich zu Ende gebracht."
        changes.append(self.session, replaced)
        intents.drop_cells(self.session, table.id, [(self.ref, self.field)])

    def _proposal(self, choice: str) -> str:
        if self.question.code == "proposal_kept":
            return self._take_kept() if choice == keys.ACCEPT else "Es bleibt, wie es ist."
        return self.take_proposal() if choice == keys.ACCEPT else self.decline_proposal()

    def take_proposal(self) -> str:
        """The proposed value counts from now on."""
        if self.question.code != "proposal_record":
            return self.take_sheet()
        record = self.record()
        self._before[record.ref] = replace(record, values={**record.values, self.field: self.shown["sheet"]})
        self._after[record.ref] = record
        return self.overrule()

    def decline_proposal(self) -> str:
        return self.take_sheet() if self.question.code == "proposal_record" else self.overrule()

    def _unreadable(self, choice: str) -> str:
        if choice == keys.RECORD:
            return self.overrule()
        return self.settle(self.shown["proposal"])

    def settle(self, value: Json) -> str:
        """The record takes this value, and the cell as it stands is agreed to mean it."""
        self.set_record(value)
        self.move_base(value)
        return "Übernommen; die Zelle bleibt, wie sie geschrieben ist."

    def take_sheet(self) -> str:
        """The record takes the sheet's value; both sides agree at once."""
        self.settle(self.shown["sheet"])
        return "Der Datensatz hat den Wert der Tabelle übernommen."

    def _take_kept(self) -> str:
        self.set_record(self.shown["proposal"])
        return "Übernommen. " + NEXT_RUN

    def overrule(self) -> str:
        """The next run may write over the cell as it stood when the question was asked."""
        self.move_base(OVERRULED)
        return "Gemerkt. " + NEXT_RUN

    def move_base(self, agreed: Json | Overruled) -> None:
        fields = self.facts.fields
        ledger = Ledger(bases.load(self.session, self.facts.table.id, fields, self.ref), ())
        ledger.move(self.ref, self.field, decode(self.shown["raw"]), agreed)
        bases.save(self.session, self.facts.table.id, fields, ledger.take()[0])

    def set_record(self, value: Json) -> None:
        """Set the field, counted as the column owner's edit, because the answer decides for the owner."""
        assert self.column is not None
        before = self.record().values.get(self.field)
        self._change_record(self.field, value, by=Side.JOBCENTRE if self.column.owner is Side.JOBCENTRE else None)
        if self.field in self._following.leads:
            self._follow(before, value)

    def _follow(self, before: Json, contact: Json) -> None:
        """Let the columns beside a contact say what the directory says of her."""
        values = self.record().values
        taken = self._following.changes(
            self.field, before, contact, values, house_of(values) or self.facts.organisation
        )
        for name, value in taken.items():
            column = self.facts.mapping.column(name)
            assert column is not None, "only columns of the mapping follow"
            self._change_record(name, value, by=side_of(column.owner), source=DIRECTORY)

    @cached_property
    def _following(self) -> Following:
        context = table_context(self.rt, self.session, self.facts.project, self.facts.organisation)
        return Following({column.field: column for column in self.facts.mapping.columns}, context)

    def _change_record(self, name: str, value: Json, by: Side | None = None, source: str = SOURCE) -> None:
        record = self.record()
        values = {key: known for key, known in record.values.items() if key != name}
        if value is not None:
            values[name] = value
        sides = {key: side for key, side in record.by.items() if key != name}
        if by is not None:
            sides[name] = by
        self._store(replace(record, values=values, by=sides))
        entry = Change(
            self.now, self.ref, name, Where.RECORD, source, self.actor, record.values.get(name), value, None,
            self.facts.table.id,
        )  # fmt: skip
        changes.append(self.session, [entry])

    def record(self) -> Record:
        """The present cell's record, as changed so far."""
        return self._after.get(self.ref) or records.get(self.session, self.ref)

    def _store(self, record: Record) -> None:
        self._before.setdefault(record.ref, self.record())
        self._after[record.ref] = record

    def save(self) -> None:
        """Save the records changed so far, and draw what follows from that."""
        project, after = self.facts.project.id, list(self._after.values())
        records.save(self.session, project, after, self.now)
        consequences.draw(self.session, project, self._before, after, self.origin, now=self.now)
        if after and self.facts.project.is_list:
            self.lasting = IN_DIRECTORY
            take(self.rt, self.session, self.facts.project, records.of_project(self.session, project), self.origin)
        self._before.clear()
        self._after.clear()

    def _deletion(self, choice: str) -> str:
        if choice == keys.MISTAKE:
            self._store(replace(self.record(), state=RecordState.VOID))
            bases.forget(self.session, self.facts.table.id, [self.ref])
            return "Der Datensatz ist stillgelegt; seine Geschichte bleibt."
        if choice == keys.ENDED and self.facts.project.is_list:
            self._change_record(LEFT_ON, (self.rt.today() - timedelta(days=1)).isoformat(), by=Side.JOBCENTRE)
        elif choice == keys.ENDED:
            self._change_record(STATUS_FIELD, ENDED_STATUS)
        self._set_row_state(RowState.RESTORE if choice == keys.RESTORE else RowState.ENDED)
        if choice == keys.RESTORE:
            return NEXT_RUN
        ended = "Sie gilt als ausgeschieden" if self.facts.project.is_list else "Die Teilnahme ist beendet"
        return f"{ended}; die Zeile bleibt weg."

    def _set_row_state(self, state: RowState) -> None:
        fields = self.facts.fields
        ledger = Ledger(bases.load(self.session, self.facts.table.id, fields, self.ref), ())
        ledger.state(self.ref, state)
        bases.save(self.session, self.facts.table.id, fields, ledger.take()[0])

    def _doubled(self, choice: str) -> str:
        if choice == keys.SAME:
            self._store(replace(self.record(), state=RecordState.VOID))
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
