"""Bases: what both sides of a table last agreed on, one sealed document per row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from syncsvc.core.cells import decode, encode
from syncsvc.core.model import Base, Flip, Json, Overruled, RowState, Unsettled
from syncsvc.core.model import BaseRow as Row
from syncsvc.store.bulk import chunks, upsert
from syncsvc.store.models import BaseRow, Table
from syncsvc.store.vault import Vault, vault_of


def load(session: Session, table_id: int, fields: Sequence[str], ref: str | None = None) -> Base:
    """The table's base with every row's values in the order of ``fields``; with ``ref`` only that row.

    A field that a row's last save did not have is ``UNSETTLED`` there; one that ``fields`` leaves out is left out.
    Empty for a table that is not stored.
    """
    vault = vault_of(session)
    query = select(BaseRow.ref, BaseRow.document, BaseRow.state).where(BaseRow.table_id == table_id)
    rows = session.execute(query if ref is None else query.where(BaseRow.ref == ref))
    return Base(
        fields=tuple(fields),
        rows={
            ref: _row(ref, cast("dict[str, Any]", vault.open(document, _aad(table_id, ref))), state, fields)
            for ref, document, state in rows
        },
        positions=session.scalar(select(Table.positions).where(Table.id == table_id)) or {},
    )


def save(session: Session, table_id: int, fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Store these rows whole, in place of what was stored under their references; other rows stay.

    ``fields`` names the values of every row, in order.
    """
    vault = vault_of(session)
    upsert(
        session,
        BaseRow,
        [
            {
                "table_id": table_id,
                "ref": row.ref,
                "document": vault.seal(_document(row, fields), _aad(table_id, row.ref)),
                "state": row.state,
            }
            for row in rows
        ],
    )


def contents(session: Session, table_id: int, refs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What is stored about these rows, as plain JSON: cells, older, flips and state."""
    vault = vault_of(session)
    found: dict[str, dict[str, Any]] = {}
    for some in chunks(refs):
        query = select(BaseRow.ref, BaseRow.document, BaseRow.state).where(
            BaseRow.table_id == table_id, BaseRow.ref.in_(some)
        )
        for ref, document, state in session.execute(query):
            content = cast("dict[str, Any]", vault.open(document, _aad(table_id, ref)))
            found[ref] = {**content, "state": state.value}
    return found


def put_contents(session: Session, table_id: int, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Store rows as ``contents`` gave them."""
    vault = vault_of(session)
    stored = []
    for ref, row in rows.items():
        content = {name: value for name, value in row.items() if name != "state"}
        document = vault.seal(content, _aad(table_id, ref))
        stored.append({"table_id": table_id, "ref": ref, "document": document, "state": RowState(row["state"])})
    upsert(session, BaseRow, stored)


def states(session: Session, table_id: int) -> dict[str, RowState]:
    """How each reference stands in the table."""
    return dict(session.execute(select(BaseRow.ref, BaseRow.state).where(BaseRow.table_id == table_id)).all())


def tables_of(session: Session, refs: Sequence[str]) -> dict[str, set[int]]:
    """The ids of the tables in which each reference has a row, or had one that is not known to have ended."""
    found: dict[str, set[int]] = {}
    for some in chunks(refs):
        query = select(BaseRow.ref, BaseRow.table_id).where(BaseRow.ref.in_(some), BaseRow.state != RowState.ENDED)
        for ref, table_id in session.execute(query):
            found.setdefault(ref, set()).add(table_id)
    return found


def forget(session: Session, table_id: int, refs: Sequence[str]) -> None:
    """Drop the rows of these references."""
    for some in chunks(refs):
        session.execute(delete(BaseRow).where(BaseRow.table_id == table_id, BaseRow.ref.in_(some)))


def save_positions(session: Session, table_id: int, positions: Mapping[str, int]) -> None:
    """Store the row number of every reference, as last read."""
    session.execute(update(Table).where(Table.id == table_id).values(positions=dict(positions)))


def resealed(vault: Vault, row: BaseRow) -> dict[str, object]:
    """The columns of this row as the key in force seals them."""
    return {"document": vault.reseal(row.document, _aad(row.table_id, row.ref))}


def _document(row: Row, fields: Sequence[str]) -> Json:
    """The sealed content of a row: cell and value by field, only the cell where the value is overruled."""
    cells: dict[str, Json] = {}
    for field, raw, agreed in zip(fields, row.raw, row.agreed, strict=True):
        if isinstance(raw, Unsettled) or isinstance(agreed, Unsettled):
            if raw is not agreed:
                raise ValueError("a field is settled for its cell and its value, or for neither")
        else:
            cells[field] = [encode(raw)] if isinstance(agreed, Overruled) else [encode(raw), agreed]
    flips: Json = {field: [flip.old, flip.count] for field, flip in row.flips.items()}
    return {"cells": cells, "older": [*row.older], "flips": flips}


def _row(ref: str, document: dict[str, Any], state: RowState, fields: Sequence[str]) -> Row:
    cells = [document["cells"].get(field) for field in fields]
    return Row(
        ref=ref,
        raw=tuple(Unsettled.UNSETTLED if cell is None else decode(cell[0]) for cell in cells),
        agreed=tuple(
            Unsettled.UNSETTLED if cell is None else Overruled.OVERRULED if len(cell) == 1 else cell[1]
            for cell in cells
        ),
        state=state,
        older=tuple(document["older"]),
        flips={field: Flip(old, count) for field, (old, count) in document["flips"].items()},
    )


def _aad(table_id: int, ref: str) -> str:
    return f"base_rows.document:{table_id}:{ref}"
