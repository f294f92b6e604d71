"""Load everything one run of one table depends on, from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from syncsvc.core.actions import Situation, TableFacts
from syncsvc.core.bases import base_fields
from syncsvc.core.binding import Place
from syncsvc.core.cells import decode
from syncsvc.core.contact_questions import FLIP, said
from syncsvc.core.contact_remarks import ContactRemarks, contact_remarks
from syncsvc.core.contacts import PEOPLE
from syncsvc.core.fields import Context
from syncsvc.core.mapping import NOTE_FIELD
from syncsvc.core.mapping import Mapping as TableMapping
from syncsvc.core.model import Base, Cell, Record, Side, Snapshot
from syncsvc.core.schema import mapping_from
from syncsvc.errors import ConfigurationError
from syncsvc.services.remarks import remarks
from syncsvc.services.runtime import Runtime
from syncsvc.store import (
    bases,
    contacts,
    intents,
    mappings,
    organisations,
    projects,
    questions,
    records,
    responsibilities,
    runs,
    tables,
)
from syncsvc.store.intents import Intent
from syncsvc.store.models import MappingRevision, Project, Table
from syncsvc.store.questions import Question

STANDING = frozenset({"proposal_kept", "row_copied"})
"""Questions that no state shows: they stay open until a person answers."""

FLIP_RUNS = 2
FLIP_TIME = timedelta(days=3)
"""Back to the former contact within so many runs and so short a time: probably people correct each other."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows about a table at one moment.

    ``seen`` is (version, project revision) of the last complete agreement; ``restless``: something of ours is left to
    do although neither side moved.
    """

    table: Table
    project: Project
    organisation: str | None
    mapping: TableMapping
    revision: MappingRevision
    intents: tuple[Intent, ...]
    open: tuple[Question, ...]
    answered: tuple[Question, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The order in which this table's base keeps its values."""
        return base_fields(self.mapping)

    @property
    def mapping_approved(self) -> bool:
        """A mapping needs an approval when it changed after the table was first synced."""
        return self.table.approved_revision in (None, self.revision.number)

    def is_unchanged(self, version: str, *, lags: bool, now: datetime) -> bool:
        """Whether neither side moved since the last complete run, and nothing of ours is left to do.

        A version that ``lags`` is believed no longer than the mapping says after the table was last read whole.
        """
        read = self.table.read_at
        stale = read is None or not timedelta() <= now - read < timedelta(seconds=self.mapping.full_read_every)
        return (
            self.table.seen_version == version
            and not (lags and stale)
            and self.table.seen_revision == self.project.revision
            and self.mapping_approved
            and not self.intents
            and not self.answered
            and not self.table.release
        )


def load_facts(session: Session, key: str) -> Facts:
    """The facts about a table. Raises ``NotFound``, or ``ConfigurationError`` for a mapping that no longer reads."""
    table = tables.get(session, key)
    project = projects.by_id(session, table.project_id)
    revision = mappings.current(session, table.mapping_id)
    return Facts(
        table,
        project,
        organisations.key_of(session, table.jobcentre_id),
        mapping_of(table, revision),
        revision,
        tuple(intents.open_for(session, table.id)),
        tuple(questions.open_for(session, table.id)),
        tuple(questions.answered_for(session, table.id)),
    )


def mapping_of(table: Table, revision: MappingRevision) -> TableMapping:
    """What this revision says for the table. Raises ``ConfigurationError`` for one that no longer reads."""
    mapping = mapping_from(revision.body)
    if not isinstance(mapping, TableMapping):
        raise ConfigurationError(f"Die Zuordnung der Tabelle „{table.key}“ ist nicht gültig: {mapping[0].message}")
    return mapping


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The larger part of a situation: base, records, directory, what rows are to say, who was replaced lately."""

    base: Base
    records: Mapping[str, Record]
    context: Context
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lately: Mapping[tuple[str, str], str] = field(default_factory=dict)
    of_contacts: ContactRemarks = field(default_factory=ContactRemarks)


def load_knowledge(rt: Runtime, session: Session, facts: Facts) -> Knowledge:
    """Base, records and directory for one table."""
    known = records.of_project(session, facts.project.id)
    context = table_context(rt, session, facts.project, facts.organisation)
    return Knowledge(
        bases.load(session, facts.table.id, facts.fields),
        known,
        context,
        remarks(session, facts.table, facts.mapping, known, context),
        _lately(session, facts, rt.clock.now()),
        _of_contacts(session, facts, context),
    )


def _of_contacts(session: Session, facts: Facts, context: Context) -> ContactRemarks:
    """What rows say of their contacts; nothing where the table has no column to say it in.

    It depends on the day: ``services/contacts/daily.py`` has tables looked at on the days on which it changes.
    """
    headers = {column.field: column.header for column in facts.mapping.columns if column.field in facts.mapping.shown}
    if facts.mapping.column(NOTE_FIELD) is None or not any(name in headers for name in PEOPLE):
        return ContactRemarks()
    vacant = responsibilities.vacancies(session, facts.project.id, context.today)
    return contact_remarks(context.contacts, vacant, headers, context.today)


def _lately(session: Session, facts: Facts, now: datetime) -> dict[tuple[str, str], str]:
    """Who was responsible until the last two runs; while a question about that is open, it stays as it was."""
    last = [run.id for run in runs.latest(session, facts.table.id, limit=FLIP_RUNS)]
    found = responsibilities.replaced_by(session, last, now - FLIP_TIME)
    for question in facts.open:
        if question.code == FLIP and question.field is not None:
            back = str(said(question.document.get("meaning"))["contact"])
            found |= {(cell.ref, question.field): back for cell in question.cells}
    return found


def table_context(rt: Runtime, session: Session, project: Project, organisation: str | None) -> Context:
    """What a field needs to read a cell of this project's rows."""
    return Context(
        today=rt.today(),
        prefix=project.prefix,
        organisation=organisation,
        project_organisation=organisations.key_of(session, project.organisation_id),
        organisations=organisations.directory(session),
        contacts=contacts.directory(session),
        vocabularies=rt.vocabularies,
    )


def situation(
    facts: Facts,
    knowledge: Knowledge,
    snapshot: Snapshot,
    base: Base,
    *,
    contested: frozenset[tuple[str, str]] = frozenset(),
    suspects: Mapping[str, frozenset[Cell]] | None = None,
) -> Situation:
    """Put facts, knowledge and the snapshot together; ``base`` is the knowledge's, moved by what recovery found."""
    release: dict[str, Any] = facts.table.release or {}
    standing: dict[str, list[tuple[str, str]]] = defaultdict(list)
    asked: dict[tuple[str, str], Cell] = {}
    for question in facts.open:
        if question.ref is None:
            continue
        if question.code in STANDING:
            standing[question.ref].append((question.code, question.field or ""))
        elif question.field is not None and "raw" in question.document:
            for cell in question.cells:
                beside: Any = cell.document.get("beside") or {}
                cells: dict[str, Any] = {question.field: cell.document["raw"], **beside}
                asked.update({(cell.ref, name): decode(raw) for name, raw in cells.items()})
    return Situation(
        mapping=facts.mapping,
        table=TableFacts(
            facts.table.key,
            facts.project.prefix,
            facts.organisation,
            frozenset(Side(side) for side in facts.table.edited_by),
            facts.project.next_number,
        ),
        snapshot=snapshot,
        places={name: Place(place["header"], place["column"]) for name, place in facts.table.binding.items()},
        base=base,
        records=knowledge.records,
        context=knowledge.context,
        decided={
            str(question.document["fingerprint"]): None if question.choice == "new" else question.choice
            for question in facts.answered
            if question.document.get("fingerprint")
        },
        contested=contested,
        suspects=suspects or {},
        asked=asked,
        standing={ref: tuple(sorted(items)) for ref, items in standing.items()},
        remarks=knowledge.remarks,
        lately=knowledge.lately,
        of_contacts=knowledge.of_contacts,
        approved=release.get("approved", {}),
        rebuild=bool(release.get("rebuild")),
    )
