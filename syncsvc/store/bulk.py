"""Many rows in few statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from syncsvc.store.models import Model

_PARAMETERS = 5000  # below what any of our databases takes in one statement

T = TypeVar("T")


def insert(session: Session, model: type[Model], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert the rows, past the ORM: it would spend most of the time on bookkeeping."""
    if rows:
        session.connection().execute(sa.insert(model), rows)


def insert_numbered(session: Session, model: type[Model], rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Insert the rows as ``insert`` does, and return the ids they got, in their order."""
    if not rows:
        return []
    table, connection = cast("sa.Table", model.__table__), session.connection()
    if connection.dialect.name != "sqlite":
        statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(connection.execute(statement, rows).scalars())
    # SQLite returns ids in no order it promises; but we are its only writer, and it numbers rows one by one.
    last = connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
    insert(session, model, rows)
    return list(connection.scalars(sa.select(table.c.id).where(table.c.id > last).order_by(table.c.id)))


def upsert(session: Session, model: type[Model], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert the rows; where a row with the same primary key exists, replace its other columns."""
    if not rows:
        return
    table = cast("sa.Table", model.__table__)
    keys = [column.name for column in table.primary_key]
    statement = sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)
    rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    session.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), rows)


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in pieces small enough for an ``IN``."""
    for start in range(0, len(items), _PARAMETERS):
        yield items[start : start + _PARAMETERS]
