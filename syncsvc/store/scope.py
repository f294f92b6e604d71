"""What a viewer's queries can find: every read of hers carries these conditions, whoever wrote the query.

A condition is added to each statement that a narrowed session runs, so that a forgotten filter shows nothing instead
of everything; what no condition can be added to is refused. Whoever lacks ``Right.CELLS`` reads without the key
besides: sealed documents stay closed to her.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Set
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.visitors import ExternallyTraversible, iterate

from syncsvc.core.access import Reach
from syncsvc.core.model import RowState
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
from syncsvc.store.models import LIST_KEY, Model

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
    """Let this session's queries find only what the scope holds.

    They must be queries of the ORM over the models themselves: others raise ``LookupError``, because no condition could
    be added to them, or to a part of them.
    """
    if not scope.cells:
        session.info["vault"] = None
    if scope.whole:
        return
    conditions = _conditions(scope)
    options = {
        model: with_loader_criteria(model, condition, include_aliases=True) for model, condition in conditions.items()
    }

    def add(state: ORMExecuteState) -> None:
        if not state.is_column_load and not state.is_relationship_load:
            named = _models_of(state, conditions.keys())
            state.statement = state.statement.options(*(options[model] for model in options if model in named))

    sa.event.listen(session, "do_orm_execute", add)
    session.connection = _no_connection  # type: ignore[method-assign]  # of this one session only


_COUNTED = frozenset({"*", "1"})
"""Texts that SQLAlchemy itself writes into a count or an EXISTS."""


def _models_of(state: ORMExecuteState, narrowed: Set[type[Model]]) -> Set[type[Model]]:
    """Those of the narrowed models that a statement names anywhere; all of them where that cannot be told.

    Raises ``LookupError`` for a statement with a part that criteria do not reach: SQL as text, a column of a table
    instead of a model's, and aliases, whose joins would get the condition of the model beside them.
    """
    if _by_key(state):
        return narrowed
    named, escapes = set(), not state.is_orm_statement
    for part in iterate(cast("sa.Select[Any]", state.statement)):
        entity: Any = part._annotations.get("parententity") if isinstance(part, sa.ClauseElement) else None
        if entity is not None:
            named.add(entity.mapper.class_)
            escapes |= entity.is_aliased_class and entity.mapper.class_ in narrowed
        escapes |= _is_plain(part)
    if escapes:
        raise LookupError("a narrowed session runs queries of the ORM over models only")
    return named if isinstance(state.statement, sa.Select) else narrowed


def _is_plain(part: ExternallyTraversible) -> bool:
    """Whether this part of a statement is text, or a table's and no model's."""
    match part:
        case sa.Column():
            return "parententity" not in part._annotations and isinstance(cast("object", part.table), sa.Table)
        case sa.ColumnClause():
            return part.is_literal and part.name not in _COUNTED
        case _:
            return isinstance(part, sa.TextClause)


def _by_key(state: ORMExecuteState) -> bool:
    """Whether this is ``Session.get``, which asks by the table's own columns and takes criteria all the same."""
    mapper = state.bind_mapper
    asked: tuple[Any, ...] = getattr(state.statement, "_where_criteria", ())
    return mapper is not None and len(asked) == 1 and asked[0] is mapper._get_clause[0]


def _no_connection(*_: Any, **__: Any) -> NoReturn:
    raise LookupError("a narrowed session gives no way past the ORM")


OPEN: frozenset[type[Model]] = frozenset(
    {
        *(models.Meta, models.Heartbeat, models.Pause, models.Writer, Allowance),  # the service's own
        *(models.Organisation, models.Mapping, models.MappingRevision),  # names of offices and columns, no people
        *(User, Membership, LoginLink, Draft),  # found by whose they are; the pages about others ask for ADMINISTER
    }
)
"""What every session finds. All other models have a condition."""


def _conditions(scope: Scope) -> dict[type[Model], Condition]:
    """The condition of every model whose reach is not the whole programme.

    Outside are the models' own columns; inside subqueries stand tables under other names, which criteria leave alone.
    """
    return {model: _CONDITIONS[model](reach) for model, reach in _reaches(scope).items() if not reach.whole}


def _reaches(scope: Scope) -> dict[type[Model], Reach]:
    """Which part of the scope each model asks. What a question quotes is content as soon as anything can be opened."""
    structure, cells, records = scope.structure, scope.cells, scope.records
    asked = cells or structure
    return {
        **dict.fromkeys((models.Table, models.Project, models.Run, models.Notice, models.Confirmation), structure),
        **dict.fromkeys((ApiToken, ApiCreation, AuditEntry), structure),
        models.Question: asked,
        **dict.fromkeys((models.Intent, models.BaseRow, models.ContactEvent, models.Contact), cells),
        **dict.fromkeys((models.Record, models.RecordIndex, models.Responsibility), cells),
        models.Change: cells,
        **dict.fromkeys((models.Subscription, models.CoachingKey, Reading), records),
        **dict.fromkeys((models.CoachingFlag, models.CoachingDecision), records),
    }


def _inside(model: type[Model]) -> Any:
    """The model's table for a subquery of a condition, under a name that no query has."""
    return cast("sa.Table", model.__table__).alias(f"reach_{model.__tablename__}")


_TABLE, _PROJECT, _RECORD = _inside(models.Table), _inside(models.Project), _inside(models.Record)
_ROW, _HELD, _CONTACT = _inside(models.BaseRow), _inside(models.Responsibility), _inside(models.Contact)
_FLAG = _inside(models.CoachingFlag)


def _any(*conditions: Condition | None) -> Condition:
    """Any of those there are: a part that reaches nobody would cost the database its indexes."""
    return sa.or_(sa.false(), *(one for one in conditions if one is not None))


def _among(column: Any, ids: Collection[int]) -> Condition | None:
    return column.in_(sorted(ids)) if ids else None


def _shared(table: Any, reach: Reach) -> Condition | None:
    """Tables that a job centre within reach shares. Its list of staff is no project's, so none but the whole
    programme finds it."""
    at = _among(table.jobcentre_id, reach.jobcentres)
    lists = sa.select(_PROJECT.c.id).where(_PROJECT.c.key.startswith(LIST_KEY, autoescape=True))
    return None if at is None else at & table.project_id.not_in(lists)


def _tables(table: Any, reach: Reach) -> Condition:
    return _any(_among(table.project_id, reach.projects), _shared(table, reach))


def _in_tables(column: Any, reach: Reach) -> Condition:
    """What belongs to a table within reach."""
    return cast("Condition", column.in_(sa.select(_TABLE.c.id).where(_tables(_TABLE.c, reach))))


def _projects(project: Any, reach: Reach) -> Condition:
    """Projects within reach, and those a job centre within reach shares a table with."""
    shared = _shared(_TABLE.c, reach)
    with_it = None if shared is None else project.id.in_(sa.select(_TABLE.c.project_id).where(shared))
    return _any(_among(project.id, reach.projects), with_it)


def _shown(column: Any, reach: Reach) -> Condition | None:
    """Participants who stand in a table that a job centre within reach shares, until they have ended there."""
    shared = _shared(_TABLE.c, reach)
    if shared is None:
        return None
    there = _ROW.c.table_id.in_(sa.select(_TABLE.c.id).where(shared))
    return cast("Condition", column.in_(sa.select(_ROW.c.ref).where(there, _ROW.c.state != RowState.ENDED)))


def _of_projects(column: Any, reach: Reach) -> Condition | None:
    """Participants of these projects."""
    mine = _among(_RECORD.c.project_id, reach.projects)
    return None if mine is None else column.in_(sa.select(_RECORD.c.ref).where(mine))


def _refs(column: Any, reach: Reach) -> Condition:
    return _any(_of_projects(column, reach), _shown(column, reach))


def _contacts(contact: Any, reach: Reach) -> Condition:
    """Staff of the offices and providers that share a table within reach, and whoever is responsible in one."""
    tables = _tables(_TABLE.c, reach)
    providers = sa.select(_PROJECT.c.organisation_id).where(_projects(_PROJECT.c, reach))
    return _any(
        contact.organisation_id.in_(sa.select(_TABLE.c.jobcentre_id).where(tables)),
        _among(contact.organisation_id, reach.jobcentres),
        contact.organisation_id.in_(providers),
        contact.key.in_(sa.select(_HELD.c.contact_key).where(_refs(_HELD.c.ref, reach))),
    )


def _contact_keys(column: Any, reach: Reach) -> Condition:
    return cast("Condition", column.in_(sa.select(_CONTACT.c.key).where(_contacts(_CONTACT.c, reach))))


def _flags(flag: Any, reach: Reach) -> Condition:
    return _any(_among(flag.project_a, reach.projects), _among(flag.project_b, reach.projects))


def _questions(question: type[models.Question], reach: Reach) -> Condition:
    """Those of tables within reach, and those about double coachings of these projects, which have no table."""
    flags = sa.select(_FLAG.c.question_id).where(_flags(_FLAG.c, reach))
    tableless = question.table_id.is_(None) & question.id.in_(flags) if reach.projects else None
    return _any(_in_tables(question.table_id, reach), tableless)


def _changes(change: type[models.Change], reach: Reach) -> Condition:
    """What changed about a project's participants and contacts; for a job centre what its own tables told."""
    contacts = _contact_keys(change.ref, Reach(projects=reach.projects)) if reach.projects else None
    shared = _in_tables(change.table_id, Reach(jobcentres=reach.jobcentres)) if reach.jobcentres else None
    return _any(_of_projects(change.ref, reach), contacts, shared)


_CONDITIONS: dict[type[Model], Callable[[Reach], Condition]] = {
    models.Table: lambda reach: _tables(models.Table, reach),
    models.Project: lambda reach: _projects(models.Project, reach),
    models.Run: lambda reach: _in_tables(models.Run.table_id, reach),
    models.Notice: lambda reach: _in_tables(models.Notice.table_id, reach),
    models.Confirmation: lambda reach: _in_tables(models.Confirmation.table_id, reach),
    models.Question: lambda reach: _questions(models.Question, reach),
    models.Intent: lambda reach: _in_tables(models.Intent.table_id, reach),
    models.BaseRow: lambda reach: _in_tables(models.BaseRow.table_id, reach),
    models.ContactEvent: lambda reach: _in_tables(models.ContactEvent.table_id, reach),
    models.Record: lambda reach: _any(
        _among(models.Record.project_id, reach.projects), _shown(models.Record.ref, reach)
    ),
    models.RecordIndex: lambda reach: _refs(models.RecordIndex.ref, reach),
    models.Responsibility: lambda reach: _refs(models.Responsibility.ref, reach),
    models.Change: lambda reach: _changes(models.Change, reach),
    models.Contact: lambda reach: _contacts(models.Contact, reach),
    models.Subscription: lambda reach: _contact_keys(models.Subscription.contact_key, reach),
    models.CoachingKey: lambda reach: _refs(models.CoachingKey.ref, reach),
    models.CoachingFlag: lambda reach: _flags(models.CoachingFlag, reach),
    models.CoachingDecision: lambda reach: models.CoachingDecision.flag_id.in_(
        sa.select(_FLAG.c.id).where(_flags(_FLAG.c, reach))
    ),
    Reading: lambda reach: _refs(Reading.ref, reach),
    ApiToken: lambda reach: _any(_among(ApiToken.project_id, reach.projects)),
    ApiCreation: lambda reach: _any(_among(ApiCreation.project_id, reach.projects)),
    AuditEntry: lambda reach: _any(_among(AuditEntry.project_id, reach.projects)),
}
