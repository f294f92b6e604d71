"""What a viewer's queries can find: every read of hers carries these conditions, whoever wrote the query.

A condition is added to each statement that a narrowed session runs, so that a forgotten filter shows nothing instead
of everything. Whoever lacks ``Right.CELLS`` reads without the key besides: sealed documents stay closed to her.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from syncsvc.core.access import Reach
from syncsvc.store import models
from syncsvc.store.admission import (
    Allowance,
    ApiCreation,
    ApiToken,
    AuditEntry,
    Draft,
    LoginLink,
    Membership,
    Reading,
    User,
)
from syncsvc.store.models import Model

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Scope:
    """``structure``: whose tables, runs and counts; ``cells``: of whose rows also the content; ``records``: whose
    whole records and double coachings."""

    structure: Reach
    cells: Reach
    records: Reach

    @property
    def whole(self) -> bool:
        """It hides nothing."""
        return self.structure.whole and self.cells.whole and self.records.whole


def narrow(session: Session, scope: Scope) -> None:
    """Let this session's queries find only what the scope holds. They must be queries of the ORM."""
    if not scope.cells:
        session.info["vault"] = None
    if scope.whole:
        return
    options = tuple(
        with_loader_criteria(model, condition, include_aliases=True) for model, condition in _conditions(scope).items()
    )

    def add(state: ORMExecuteState) -> None:
        if not state.is_orm_statement:
            raise LookupError("a narrowed session runs queries of the ORM only")
        if not state.is_column_load and not state.is_relationship_load:
            state.statement = state.statement.options(*options)

    sa.event.listen(session, "do_orm_execute", add)


OPEN: frozenset[type[Model]] = frozenset(
    {
        *(models.Meta, models.Heartbeat, models.Pause, models.Writer, Allowance),  # the service's own
        *(models.Organisation, models.Mapping, models.MappingRevision),  # names of offices and columns, no people
        *(User, Membership, LoginLink, Draft),  # found by whose they are; the pages about others ask for ADMINISTER
    }
)
"""What every session finds. All other models have a condition."""


def _table(model: type[Model]) -> sa.Table:
    return cast("sa.Table", model.__table__)


def _columns(model: type[Model]) -> Any:
    return _table(model).c


def _conditions(scope: Scope) -> dict[type[Model], Condition]:
    structure, cells, records = scope.structure, scope.cells, scope.records
    table, project = _columns(models.Table), _columns(models.Project)
    question, flag = _columns(models.Question), _columns(models.CoachingFlag)
    flags = _flags(records)
    found = {
        models.Table: _tables(structure),
        models.Project: project.id.in_(structure.projects)
        | project.id.in_(sa.select(table.project_id).where(_tables(structure))),
        models.Run: _in_tables(_columns(models.Run).table_id, structure),
        models.Notice: _in_tables(_columns(models.Notice).table_id, structure),
        models.Confirmation: _in_tables(_columns(models.Confirmation).table_id, structure),
        models.Question: _in_tables(question.table_id, structure)
        | (question.table_id.is_(None) & question.id.in_(sa.select(flag.question_id).where(flags))),
        models.Intent: _in_tables(_columns(models.Intent).table_id, cells),
        models.BaseRow: _in_tables(_columns(models.BaseRow).table_id, cells),
        models.ContactEvent: _in_tables(_columns(models.ContactEvent).table_id, cells),
        models.Record: _refs(_columns(models.Record).ref, cells),
        models.RecordIndex: _refs(_columns(models.RecordIndex).ref, cells),
        models.Responsibility: _refs(_columns(models.Responsibility).ref, cells),
        models.Change: _refs(_columns(models.Change).ref, records)
        | _in_tables(_columns(models.Change).table_id, cells),
        models.Contact: _contacts(cells),
        models.Subscription: _columns(models.Subscription).contact_key.in_(
            sa.select(_columns(models.Contact).key).where(_contacts(records))
        ),
        models.CoachingKey: _refs(_columns(models.CoachingKey).ref, records),
        models.CoachingFlag: flags,
        models.CoachingDecision: _columns(models.CoachingDecision).flag_id.in_(sa.select(flag.id).where(flags)),
        Reading: _refs(_columns(Reading).ref, records),
        ApiToken: _columns(ApiToken).project_id.in_(structure.projects),
        ApiCreation: _columns(ApiCreation).project_id.in_(structure.projects),
        AuditEntry: _columns(AuditEntry).project_id.in_(structure.projects),
    }
    # Where one right reaches the whole programme and another does not, the first hides nothing.
    whole = {reach for reach in (structure, cells, records) if reach.whole}
    return {model: condition for model, condition in found.items() if _reach_of(model, scope) not in whole}


def _reach_of(model: type[Model], scope: Scope) -> Reach:
    if model in _STRUCTURE:
        return scope.structure
    return scope.records if model in _RECORDS else scope.cells


_STRUCTURE = frozenset(
    {
        *(models.Table, models.Project, models.Run, models.Notice, models.Confirmation, models.Question),
        *(ApiToken, ApiCreation, AuditEntry),
    }
)
_RECORDS = frozenset(
    {
        *(models.Change, models.Subscription, models.CoachingKey, models.CoachingFlag, models.CoachingDecision),
        Reading,
    }
)


def _tables(reach: Reach) -> Condition:
    """Tables within reach. Lists of staff are no project's, so only the whole programme finds them."""
    table = _columns(models.Table)
    return cast("Condition", table.project_id.in_(reach.projects) | table.jobcentre_id.in_(reach.jobcentres))


def _in_tables(column: Any, reach: Reach) -> Condition:
    """What belongs to a table within reach."""
    return cast("Condition", column.in_(sa.select(_columns(models.Table).id).where(_tables(reach))))


def _refs(column: Any, reach: Reach) -> Condition:
    """Participants of these projects, and those who stand in a table of these job centres."""
    record, row, table = _columns(models.Record), _columns(models.BaseRow), _columns(models.Table)
    shown = sa.select(row.ref).join(_table(models.Table), table.id == row.table_id)
    mine = column.in_(sa.select(record.ref).where(record.project_id.in_(reach.projects)))
    return cast("Condition", mine | column.in_(shown.where(table.jobcentre_id.in_(reach.jobcentres))))


def _contacts(reach: Reach) -> Condition:
    """Staff of the offices and providers that share a table within reach, and whoever is responsible in one."""
    contact, table, project = _columns(models.Contact), _columns(models.Table), _columns(models.Project)
    held = _columns(models.Responsibility)
    tables = _tables(reach)
    projects = project.id.in_(reach.projects) | project.id.in_(sa.select(table.project_id).where(tables))
    return cast(
        "Condition",
        contact.organisation_id.in_(sa.select(table.jobcentre_id).where(tables))
        | contact.organisation_id.in_(reach.jobcentres)
        | contact.organisation_id.in_(sa.select(project.organisation_id).where(projects))
        | contact.key.in_(sa.select(held.contact_key).where(_refs(held.ref, reach))),
    )


def _flags(reach: Reach) -> Condition:
    flag = _columns(models.CoachingFlag)
    return cast("Condition", flag.project_a.in_(reach.projects) | flag.project_b.in_(reach.projects))
