"""Changing the key: a new one comes into force at once; what others sealed is sealed anew little by little."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from syncsvc.store import bases, changes, coaching, contacts, drafts, intents, matchkeys, notices, questions, records
from syncsvc.store.admission import Draft
from syncsvc.store.bulk import insert, upsert
from syncsvc.store.database import keys_note
from syncsvc.store.models import (
    BaseRow,
    Change,
    CoachingFlag,
    Contact,
    Intent,
    Meta,
    Model,
    Notice,
    Question,
    QuestionState,
    Record,
)
from syncsvc.store.vault import KEY_ID_BYTES, Vault, vault_of

SEALED: Mapping[type[Model], Callable[[Vault, Any], dict[str, object]]] = {
    Record: records.resealed,
    BaseRow: bases.resealed,
    Intent: intents.resealed,
    Question: questions.resealed,
    Contact: contacts.resealed,
    Change: changes.resealed,
    Notice: notices.resealed,
    CoachingFlag: coaching.resealed,
    Draft: drafts.resealed,
}
"""Every table with a sealed ``document``, and the new columns of a row of it."""

_MODELS = {model.__tablename__: model for model in SEALED}

Place: TypeAlias = tuple[Any, ...]
"""A primary key."""

BATCH = 500
"""Rows per transaction: some tens of milliseconds for which other writers wait."""


def put_in_force(session: Session) -> bool:
    """Let the vault's first key seal and index from the next session on, in every process; False if it does already.

    All blind indexes and match keys are made anew here, in the transaction that changes the key: nobody ever looks
    something up with another key than the one it was stored with. A process that does not know the key is refused
    from then on.
    """
    vault = vault_of(session)
    new = vault.using(vault.key_ids[0])
    if new.key_id == vault.key_id:
        return False
    records.index_anew(session, new)
    matchkeys.index_anew(session, new)
    _reseal(session, new, Question, sa.select(Question).where(Question.state == QuestionState.OPEN))
    upsert(session, Meta, [{"name": name, "value": value} for name, value in keys_note(new).items()])
    return True


def key_in_force(session: Session) -> str:
    """The name of the key in force."""
    return vault_of(session).key_id


def waiting(session: Session) -> dict[str, int]:
    """How many rows are sealed with another key than the one in force, by table, where there are any."""
    key_id = vault_of(session).key_id
    counts = {
        name: session.scalar(sa.select(sa.func.count()).select_from(model).where(_sealed_otherwise(model, key_id)))
        for name, model in _MODELS.items()
    }
    return {name: count for name, count in counts.items() if count}


def reseal(session: Session, table: str, after: Place) -> tuple[Place | None, int]:
    """Seal the next ``BATCH`` rows of a table with the key in force: those behind the primary key ``after``.

    Begins with ``()``. Returns the last row's primary key (None: there are no more) and how many rows they were.
    """
    model = _MODELS[table]
    vault, keys = vault_of(session), _primary_key(model)
    query = sa.select(model).where(_sealed_otherwise(model, vault.key_id)).order_by(*keys).limit(BATCH)
    done = _reseal(session, vault, model, query.where(sa.tuple_(*keys) > after) if after else query)
    return done[-1] if len(done) == BATCH else None, len(done)


def retire(session: Session, key_id: str) -> int:
    """Note that nothing needs any key but this one any more, and return how many that frees.

    Only when ``waiting`` is empty since this key is in force: what is sealed later is sealed with it.
    """
    if vault_of(session).key_id != key_id:
        return 0
    others = Meta.name.not_in(["index", key_id])
    return len(session.scalars(sa.delete(Meta).where(others).returning(Meta.name)).all())


def _reseal(session: Session, vault: Vault, model: type[Model], query: sa.Select[Any]) -> list[Place]:
    """Seal these rows anew and return their primary keys."""
    keys, found = _primary_key(model), session.scalars(query).all()
    if not found:
        return []
    done = [tuple(getattr(row, key.name) for key in keys) for row in found]
    sealed = [SEALED[model](vault, row) for row in found]
    names = [f"of_{key.name}" for key in keys]
    update = (
        sa.update(model)
        .where(*(key == sa.bindparam(name) for key, name in zip(keys, names, strict=True)))
        .values({column: sa.bindparam(column) for column in sealed[0]})
    )
    rows = [{**row, **dict(zip(names, of, strict=True))} for row, of in zip(sealed, done, strict=True)]
    if model is Change:  # its trigger lets a document be sealed anew only where this row is: in this transaction
        insert(session, Meta, [{"name": "resealing", "value": b""}])
    session.connection().execute(update, rows)
    if model is Change:
        session.execute(sa.delete(Meta).where(Meta.name == "resealing"))
    return done


def _sealed_otherwise(model: type[Model], key_id: str) -> sa.ColumnElement[bool]:
    document = cast("sa.Table", model.__table__).c.document
    return sa.func.substr(document, 1, KEY_ID_BYTES, type_=sa.LargeBinary) != bytes.fromhex(key_id)


def _primary_key(model: type[Model]) -> tuple[sa.Column[Any], ...]:
    return tuple(cast("sa.Table", model.__table__).primary_key)
