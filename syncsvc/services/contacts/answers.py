"""Carry out an answer about contacts: for all rows of the question, and for the directory where it learns something."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from syncsvc.core import asked as keys
from syncsvc.core.cells import decode
from syncsvc.core.contact_questions import ENTRY, HANDOVERS, PROPOSALS, both_of, said
from syncsvc.core.fields import DirectoryContact, field_for
from syncsvc.core.fields.contacts import ContactField
from syncsvc.core.following import LEADS
from syncsvc.core.model import Json
from syncsvc.errors import InvalidAnswer
from syncsvc.services.answers import IN_DIRECTORY, NEXT_RUN, Answer
from syncsvc.services.contacts import directory
from syncsvc.services.runtime import ZONE
from syncsvc.services.situations import table_context
from syncsvc.store import contacts, responsibilities
from syncsvc.store.responsibilities import PLANNED, NewResponsibility


class ContactAnswer(Answer):
    """Carries out one answer about contacts."""

    def decide(self, choice: str) -> str:
        parts = said(self.document.get("meaning"))
        if self.question.code in HANDOVERS:  # what its cells said of this before counts no more
            places = [(cell.ref, self.field) for cell in self.question.cells]
            if any((row.ref, row.role) in places for row in responsibilities.planned_of(self.session, self.refs)):
                self.lasting = "Die Antwort hat eine frühere Vormerkung ersetzt."
            responsibilities.forget_plans(self.session, places)
        if self.question.code == ENTRY and choice == keys.YES:
            return self._learn(parts)
        if choice in (keys.LEFT, keys.ABSENT):
            return self._note(choice, str(parts["contact"]))
        if choice == keys.PLANNED:
            return self._plan(parts)
        if choice == keys.NEW:
            parts["contact"] = self._create(parts["create"])
        told = ""
        for _ in self.each():
            told = self._one(choice, parts)
        return told

    def _one(self, choice: str, parts: dict[str, Any]) -> str:
        """What the choice does in one row."""
        if self.question.code in PROPOSALS:
            return self.take_proposal() if choice == keys.ACCEPT else self.decline_proposal()
        if choice == keys.RECORD:
            return self.overrule()
        if choice == keys.SHEET:
            return self.take_sheet()
        return self.settle(self._person(choice, parts))

    def _person(self, choice: str, parts: dict[str, Any]) -> Json:
        """The value that the choice gives the row."""
        if choice == keys.VACANT:
            return None
        if choice in (keys.NEW, keys.PROPOSAL) and "contact" in parts:
            return self._value(parts["contact"], parts.get("deputy"))
        if self.question.code == "two_contacts":
            one, two = both_of(parts)
            return (
                self._value(one, two) if choice == keys.DEPUTY else self._value(two if choice == keys.SECOND else one)
            )
        if choice == keys.DEPUTY:
            known = self.shown["record"]
            return {**known, "deputy": parts["deputy"]} if isinstance(known, dict) else self._value(parts["deputy"])
        if choice == keys.SECOND:
            return self._value(parts.get("next") or parts["deputy"])
        return self._value(choice)  # one of the candidates

    def _value(self, key: str, deputy: str | None = None) -> Json:
        assert self.column is not None
        field = field_for(self.column)
        assert isinstance(field, ContactField)
        value = field.value(key)
        return {**value, "deputy": deputy} if deputy and isinstance(value, dict) else value

    def _create(self, new: dict[str, Any]) -> str:
        """Add the new person to the directory, with what her rows say of her where they agree."""
        known: dict[str, Any] = {}
        context = table_context(self.rt, self.session, self.facts.project, self.facts.organisation)
        for name, part in LEADS.get(self.field, {}).items():
            column = self.facts.mapping.column(name)
            if column is None or part == "deputy":
                continue
            found = {
                field_for(column).display(reading.value, context) if part != "role" else str(reading.value)
                for cell in self.question.cells
                if (raw := (cell.document.get("beside") or {}).get(name)) is not None  # type: ignore[union-attr]  # written by services/points.py
                and (reading := field_for(column).parse(decode(raw), context)).accepted
                and reading.value is not None
            }
            if len(found) == 1:
                known[part] = found.pop()
        contact = DirectoryContact(
            key=contacts.new_key(),
            organisation=str(new["organisation"]),
            family=str(new["family"]),
            given=str(new.get("given") or ""),
            **known,
        )
        self._enter(contact)
        return contact.key

    def _learn(self, parts: dict[str, Any]) -> str:
        """The directory takes what the cells say of a person; the rows that said it agree at once."""
        assert self.column is not None
        part, value = str(parts["part"]), parts["value"]
        if part == "deputy":
            text = str(value["contact"]) if isinstance(value, dict) and "contact" in value else ""
            if text == parts["contact"]:
                raise InvalidAnswer(
                    "Niemand vertritt sich selbst; das Verzeichnis bleibt, wie es ist.",
                    hint="Bitte die Vertretung in der Zelle berichtigen, oder dort den bisherigen Namen stehen lassen.",
                )
        elif part == "role" or value is None:
            text = str(value or "")
        else:
            context = table_context(self.rt, self.session, self.facts.project, self.facts.organisation)
            text = field_for(self.column).display(value, context)
        for _ in self.each():
            self.settle(value)
        self.save()
        learned: dict[str, Any] = {part: text}
        self._enter(replace(self._known(str(parts["contact"])), **learned))
        return "Im Verzeichnis vermerkt; es gilt für alle Zeilen dieser Person. " + NEXT_RUN

    def _note(self, choice: str, key: str) -> str:
        """Somebody left or is absent: the directory says so, and the rows keep her until somebody else is named."""
        for _ in self.each():
            self.move_base(self.shown["record"])
        known, today = self._known(key), self._today
        if choice == keys.ABSENT:
            self._enter(replace(known, absent_from=today, absent_to=None))
        elif not known.has_left(today):
            self._enter(replace(known, left_on=today - timedelta(days=1)))
        return "Im Verzeichnis vermerkt. Die Zeilen bitten um eine neue Ansprechperson oder nennen die Vertretung."

    def _plan(self, parts: dict[str, Any]) -> str:
        """Somebody takes over on a day: until then all stays, on that day the service writes her in."""
        start = date.fromisoformat(parts["valid_from"])
        if start <= self._today:
            for _ in self.each():
                self.settle(self._value(parts["next"]))
            return "Übernommen; die Zelle bleibt, wie sie geschrieben ist."
        planned = []
        assert self.column is not None
        for _ in self.each():
            self.move_base(self.shown["record"])
            planned.append(
                NewResponsibility(
                    ref=self.ref, role=self.field, side=self.column.owner, contact=str(parts["next"]), valid_from=start,
                    source=PLANNED, confirmed_by=self.actor, seen_at=self.now,
                )
            )  # fmt: skip
        responsibilities.add(self.session, planned)
        return f"Vorgemerkt: Am {start:%d.%m.%Y} trägt der Dienst die neue Ansprechperson ein."

    def _known(self, key: str) -> DirectoryContact:
        known = contacts.find(self.session, key)
        assert known is not None, "nobody is ever taken out of the directory"
        return known

    def _enter(self, contact: DirectoryContact) -> None:
        """Put the entry into the directory, with all that follows from it."""
        self.lasting = IN_DIRECTORY
        directory.save(self.rt, self.session, [contact], self.origin)

    @property
    def _today(self) -> date:
        return self.now.astimezone(ZONE).date()
