"""The change log: what changed, from what to what, by whom. Append-only: there is nothing to update or delete with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from syncsvc.core.model import Json
from syncsvc.store.bulk import chunks, insert
from syncsvc.store.models import Change as Row
from syncsvc.store.vault import Vault, vault_of


class Where(StrEnum):
    """What was changed: a side of the sync, or the directory, where ``ref`` is a contact's key."""

    RECORD = "record"
    TABLE = "table"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that changed. ``old`` and ``new`` are values in normal form on the record's side, and cells as
    ``core/cells.py`` encodes them on the table's.

    ``source`` says where the change came from (``table``, ``import``, ``web``, ``sync``), ``actor`` who made it, as
    far as anybody knows.
    """

    at: datetime
    ref: str
    field: str
    side: Where
    source: str
    actor: str
    old: Json
    new: Json
    run_id: int | None = None
    table_id: int | None = None


def append(session: Session, changes: Iterable[Change]) -> None:
    """Write the changes into the log, in this order."""
    vault = vault_of(session)
    rows = [
        {
            "at": change.at,
            "ref": change.ref,
            "field": change.field,
            "side": change.side,
            "source": change.source,
            "actor": change.actor,
            "document": vault.seal([change.old, change.new], _aad(change.ref, change.field)),
            "run_id": change.run_id,
            "table_id": change.table_id,
        }
        for change in changes
    ]
    insert(session, Row, rows)


def of_record(session: Session, ref: str, *, offset: int = 0, limit: int | None = None) -> list[Change]:
    """Everything that ever changed about a record, oldest first, or a part of it."""
    return _changes(session, select(Row).where(Row.ref == ref).offset(offset or None).limit(limit))


def of_run(session: Session, run_id: int) -> list[Change]:
    """Everything a run changed, in the order it was logged."""
    return _changes(session, select(Row).where(Row.run_id == run_id))


def page_of_run(session: Session, run_id: int, *, limit: int, offset: int, fields: Collection[str]) -> list[Change]:
    """A part of what a run changed in these fields, participant by participant, each in the order it was logged."""
    query = select(Row).where(Row.run_id == run_id, Row.field.in_(fields))
    return _changes(session, query.order_by(Row.ref).offset(offset).limit(limit))


def count_of_run(session: Session, run_id: int, fields: Collection[str]) -> int:
    """How many entries a run left in the log about these fields."""
    query = select(func.count()).select_from(Row).where(Row.run_id == run_id, Row.field.in_(fields))
    return session.scalar(query) or 0


def since(session: Session, refs: Sequence[str], fields: Collection[str], at: datetime) -> list[Change]:
    """What changed in these fields of these records after that moment, on the record's side, oldest first."""
    wanted = (Row.side == Where.RECORD, Row.field.in_(fields), Row.at > at)
    return [
        change for some in chunks(refs) for change in _changes(session, select(Row).where(Row.ref.in_(some), *wanted))
    ]


def of_source(session: Session, source: str) -> list[Change]:
    """Everything that came from this very source, oldest first."""
    return _changes(session, select(Row).where(Row.source == source))


def last_set(session: Session, refs: Sequence[str], fields: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """When each of these fields of these records was last changed, by reference and field."""
    found: dict[tuple[str, str], datetime] = {}
    for some in chunks(refs):
        query = select(Row.ref, Row.field, func.max(Row.at)).where(
            Row.ref.in_(some), Row.field.in_(fields), Row.side == Where.RECORD
        )
        for ref, field, at in session.execute(query.group_by(Row.ref, Row.field)):
            found[ref, field] = at
    return found


@dataclass(frozen=True, slots=True)
class Origin:
    """Who set a value, when, and by which run (None: by none)."""

    at: datetime
    source: str
    actor: str
    run_id: int | None


def origins(session: Session, refs: Sequence[str], fields: Sequence[str]) -> dict[tuple[str, str], Origin]:
    """Where the present value of these fields of these records came from, by reference and field."""
    found: dict[tuple[str, str], Origin] = {}
    for some in chunks(refs):
        last = select(func.max(Row.id)).where(Row.ref.in_(some), Row.field.in_(fields), Row.side == Where.RECORD)
        ids = session.scalars(last.group_by(Row.ref, Row.field)).all()
        query = select(Row.ref, Row.field, Row.at, Row.source, Row.actor, Row.run_id).where(Row.id.in_(ids))
        for ref, field, at, source, actor, run_id in session.execute(query):
            found[ref, field] = Origin(at, source, actor, run_id)
    return found


def resealed(vault: Vault, row: Row) -> dict[str, object]:
    """The columns of this row as the key in force seals them."""
    return {"document": vault.reseal(row.document, _aad(row.ref, row.field))}


def _changes(session: Session, query: Select[Row]) -> list[Change]:
    vault = vault_of(session)
    changes = []
    for row in session.scalars(query.order_by(Row.id)):
        content: Any = vault.open(row.document, _aad(row.ref, row.field))
        old, new = content
        changes.append(
            Change(
                at=row.at,
                ref=row.ref,
                field=row.field,
                side=Where(row.side),
                source=row.source,
                actor=row.actor,
                old=old,
                new=new,
                run_id=row.run_id,
                table_id=row.table_id,
            )
        )
    return changes


def _aad(ref: str, field: str) -> str:
    return f"changes.document:{ref}:{field}"
