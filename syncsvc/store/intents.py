"""Intents: writes to a table that are about to be done, stored before they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as part
from datetime import datetime
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from syncsvc.core.model import Json
from syncsvc.store.bulk import chunks, insert
from syncsvc.store.models import Intent as Row
from syncsvc.store.vault import Vault, vault_of


@dataclass(frozen=True, slots=True)
class Intent:
    """One cell about to be written by the patch ``token``, planned from the table's ``version``.

    ``document`` is sealed: old and new, and what else settling it needs. ``created`` is known once it is stored.
    """

    token: str
    ref: str
    field: str
    version: str
    document: Mapping[str, Json]
    created: datetime | None = part(default=None, compare=False)


def add(session: Session, table_id: int, run_id: int, intents: Iterable[Intent], now: datetime) -> None:
    """Store the intents of a run."""
    vault = vault_of(session)
    rows = [
        {
            "table_id": table_id,
            "run_id": run_id,
            "token": intent.token,
            "ref": intent.ref,
            "field": intent.field,
            "version": intent.version,
            "document": vault.seal(dict(intent.document), _aad(table_id, intent.ref, intent.field)),
            "created_at": now,
        }
        for intent in intents
    ]
    insert(session, Row, rows)


def open_for(session: Session, table_id: int) -> list[Intent]:
    """The table's intents whose outcome is not settled, oldest first."""
    vault = vault_of(session)
    return [
        Intent(
            token=row.token,
            ref=row.ref,
            field=row.field,
            version=row.version,
            document=cast("dict[str, Json]", vault.open(row.document, _aad(table_id, row.ref, row.field))),
            created=row.created_at,
        )
        for row in session.scalars(select(Row).where(Row.table_id == table_id).order_by(Row.id))
    ]


def tokens(session: Session) -> set[str]:
    """The tokens of all writes whose outcome is not settled."""
    return set(session.scalars(select(Row.token).distinct()))


def drop(session: Session, table_id: int, token: str) -> None:
    """The outcome of this patch is settled, cell by cell, in the base or in questions: forget its intents."""
    session.execute(delete(Row).where(Row.table_id == table_id, Row.token == token))


def drop_cells(session: Session, table_id: int, cells: Iterable[tuple[str, str]]) -> None:
    """Forget the intents of these cells, (reference, field), whichever patch they were part of."""
    wanted = set(cells)
    rows = session.execute(select(Row.id, Row.ref, Row.field).where(Row.table_id == table_id))
    ids = [number for number, ref, field in rows if (ref, field) in wanted]
    for some in chunks(ids):
        session.execute(delete(Row).where(Row.id.in_(some)))


def resealed(vault: Vault, row: Row) -> dict[str, object]:
    """The columns of this row as the key in force seals them."""
    return {"document": vault.reseal(row.document, _aad(row.table_id, row.ref, row.field))}


def _aad(table_id: int, ref: str, field: str) -> str:
    return f"intents.document:{table_id}:{ref}:{field}"
